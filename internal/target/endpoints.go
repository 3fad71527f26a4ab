package target

import (
	"slices"

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
		if name := endpointOf(op); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	r.target.Endpoints = map[string]string{}
	for name, path := range written {
		at := []string{"endpoints", name}
		switch {
		case !slices.Contains(names, name):
			r.fail(at, named(at)+" is no operation of this dialect", spell.Hint(name, names, "its operations are "))
		case path == noEndpoint:
			r.target.Endpoints[name] = ""
		case r.usable(at...):
			r.target.Endpoints[name] = path
		}
	}
}

// endpointOf is what a target file calls an operation, which may have variants: its operationId.
func endpointOf(op *specs.Operation) string {
	if op.Doc != nil && op.Doc.OperationID != "" {
		return op.Doc.OperationID
	}
	return op.ID
}

// Endpoint is the path of an operation at the target; has is false where the target has no such operation.
func (t *Target) Endpoint(op *specs.Operation) (path string, has bool) {
	path, named := t.Endpoints[endpointOf(op)]
	if !named {
		return op.Path, true
	}
	return path, path != ""
}

// Whole is the target as if it had every operation where the document has it, to list what cannot be checked.
func (t *Target) Whole() *Target {
	whole := *t
	whole.Endpoints = nil
	return &whole
}
