package target

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"gonogo/internal/spell"
	"gonogo/specs"
)

// NeedOperation is what cases need of operations that the target file declares absent. No list has it: endpoints do.
const NeedOperation Need = "operation"

// noEndpoint is the word for an operation that a target does not have.
const noEndpoint = "none"

// endpoints reads where the target has operations that are elsewhere than the document says.
func (r *reader) endpoints(written map[string]string) {
	if r.dialect == nil || len(written) == 0 {
		return
	}
	var names []string
	for _, op := range r.dialect.Operations {
		for _, name := range endpointOf(op) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	r.target.Endpoints, r.target.Places = map[string]string{}, map[string]*url.URL{}
	for name, place := range written {
		at := []string{"endpoints", name}
		switch {
		case !slices.Contains(names, name):
			r.fail(at, named(at)+" is no operation of this dialect", spell.Hint(name, names, "its operations are "))
		case place == noEndpoint:
			r.target.Endpoints[name] = ""
		case r.usable(at...) && strings.HasPrefix(place, "/"):
			r.target.Endpoints[name] = place
		case r.usable(at...):
			u := r.absolute(place, "https://login.example.com/some/path", httpSchemes, at...)
			if u != nil && u.User != nil {
				r.fail(at, named(at)+" has a user or a password in it", "remove what stands before the @; credentials have a place of their own")
			} else if u != nil {
				r.target.Places[name], r.target.Endpoints[name] = u, cmp.Or(u.Path, "/")
			}
		}
	}
}

// endpointOf is what a target file can call an operation: a variant by its id, all variants by their operationId.
func endpointOf(op *specs.Operation) []string {
	if op.Doc != nil && op.Doc.OperationID != "" && op.Variant {
		return []string{op.ID, op.Doc.OperationID}
	}
	if op.Doc != nil && op.Doc.OperationID != "" {
		return []string{op.Doc.OperationID}
	}
	return []string{op.ID}
}

// EndpointName is what a target file calls an operation, with all of its variants.
func EndpointName(op *specs.Operation) string {
	names := endpointOf(op)
	return names[len(names)-1]
}

// Endpoint is the path of an operation at the target; has is false where the target has no such operation.
func (t *Target) Endpoint(op *specs.Operation) (path string, has bool) {
	for _, name := range endpointOf(op) {
		if path, named := t.Endpoints[name]; named {
			return path, path != ""
		}
	}
	return op.Path, true
}

// Place is the whole address of an operation, where the target file gives one; nil: it is on its server, at its path.
func (t *Target) Place(op *specs.Operation) *url.URL {
	for _, name := range endpointOf(op) {
		if _, named := t.Endpoints[name]; named {
			return t.Places[name]
		}
	}
	return nil
}

// Issuer is who the target says it is in its metadata.
func (t *Target) Issuer() string { return cmp.Or(t.Settings.Issuer, t.BaseURL.String()) }

// Whole is the target as if it had every operation where the document has it, to list what cannot be checked.
func (t *Target) Whole() *Target {
	whole := *t
	whole.Endpoints, whole.Places = nil, nil
	return &whole
}
