package specs

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const (
	mediaJSON = "application/json"
	mediaForm = "application/x-www-form-urlencoded"
)

// inputs lists what a variant sends: query parameters, then the members of its body, each bound to the
// place its value comes from. Parameters that the variant neither needs nor fixes are left out.
func (b *builder) inputs(variant variantExtension, item *openapi3.PathItem, doc *openapi3.Operation, at []string) []Input {
	var inputs []Input
	add := func(name string, in Part, required bool, schema *openapi3.SchemaRef) {
		input := Input{Name: name, In: in, Required: required, Fixed: variant.Fixed[name]}
		if schema != nil && schema.Value != nil {
			input.Format = schema.Value.Format
		}
		if len(variant.Required) > 0 {
			input.Required = slices.Contains(variant.Required, name)
		}
		input.Required = input.Required || input.Fixed != ""
		input.From = b.sourceOf(name, variant)
		if several := variant.Takes[name]; len(several) > 1 {
			input.Also = several[1:]
		}
		inputs = append(inputs, input)
	}
	for _, parameters := range []openapi3.Parameters{item.Parameters, doc.Parameters} {
		for _, parameter := range parameters {
			if parameter.Value.In == openapi3.ParameterInQuery {
				add(parameter.Value.Name, InQuery, parameter.Value.Required, parameter.Value.Schema)
			}
		}
	}
	if schema, in := bodySchema(doc); schema != nil && variant.Role != RoleUse { // whose body is its example
		for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
			add(name, in, slices.Contains(schema.Required, name), schema.Properties[name])
		}
	}
	for _, named := range []struct {
		key   string
		names []string
	}{
		{"required", variant.Required},
		{"fixed", slices.Sorted(maps.Keys(variant.Fixed))},
		{"takes", slices.Sorted(maps.Keys(variant.Takes))},
		{"from", slices.Sorted(maps.Keys(variant.From))},
		{"generates", slices.Sorted(maps.Keys(variant.Generates))},
	} {
		for _, name := range named.names {
			if named.key == "takes" && headerParameter(item, doc, name) != nil {
				continue // what carries it is one of the operation's Auth
			}
			if !slices.ContainsFunc(inputs, func(in Input) bool { return in.Name == name }) {
				b.fail(b.src.at(append(at, named.key, name)...), fmt.Sprintf("the variant speaks of %q, which the operation does not take", name), "add it as a query parameter or a body property, or remove it here")
			}
		}
	}
	if len(variant.Fixed) > 0 && variant.Role != RoleAuthorize { // what one of several variants does not need belongs to its siblings
		inputs = slices.DeleteFunc(inputs, func(in Input) bool { return !in.Required && in.From.Proof == "" })
	}
	return inputs
}

// sourceOf binds an input to a token kind, to a part of a proof key, to a credential field named in the document, or to
// the field of the same name that the acting role has.
func (b *builder) sourceOf(name string, variant variantExtension) Source {
	if part := variant.Generates[name]; part != "" {
		return Source{Proof: part}
	}
	if kinds := variant.Takes[name]; len(kinds) > 0 {
		return Source{Token: kinds[0]}
	}
	if from := variant.From[name]; from != "" {
		if role, field, named := strings.Cut(from, "."); named {
			return Source{Role: role, Field: field}
		}
		return Source{Field: from}
	}
	for _, credential := range b.dialect.Credentials {
		if !credential.Human && slices.Contains(credential.Fields, name) {
			return Source{Field: name}
		}
	}
	return Source{}
}

// exampleBody is the example of an operation's JSON body, nil without one.
func exampleBody(doc *openapi3.Operation) any {
	if doc.RequestBody == nil || doc.RequestBody.Value == nil {
		return nil
	}
	content := doc.RequestBody.Value.Content[mediaJSON]
	if content == nil {
		return nil
	}
	return content.Example
}

// TakesBodyAs reports whether an operation's body may be of the other media type too: a document that does not
// say which lists both, and what it lists first is what is sent unless a target file says otherwise.
func (op *Operation) TakesBodyAs(part Part) bool {
	if op.Doc == nil || op.Doc.RequestBody == nil || op.Doc.RequestBody.Value == nil {
		return false
	}
	media := map[Part]string{InJSON: mediaJSON, InForm: mediaForm}[part]
	return op.Doc.RequestBody.Value.Content[media] != nil
}

func bodySchema(doc *openapi3.Operation) (*openapi3.Schema, Part) {
	if doc.RequestBody == nil || doc.RequestBody.Value == nil {
		return nil, ""
	}
	for _, media := range []struct {
		name string
		in   Part
	}{{mediaJSON, InJSON}, {mediaForm, InForm}} {
		if content := doc.RequestBody.Value.Content[media.name]; content != nil && content.Schema != nil {
			return content.Schema.Value, media.in
		}
	}
	return nil, ""
}

// headerParameter is a parameter that an operation, or its path, takes in a header of that name; nil if there is none.
func headerParameter(item *openapi3.PathItem, doc *openapi3.Operation, name string) *openapi3.Parameter {
	for _, parameters := range []openapi3.Parameters{doc.Parameters, item.Parameters} {
		for _, parameter := range parameters {
			if parameter.Value.In == openapi3.ParameterInHeader && strings.EqualFold(parameter.Value.Name, name) {
				return parameter.Value
			}
		}
	}
	return nil
}

// auth lists the security alternatives of an operation in document order; only schemes with an x-gonogo
// take part. A token in a header parameter is presented like one of a scheme of that header.
func (b *builder) auth(variant variantExtension, item *openapi3.PathItem, doc *openapi3.Operation) []Auth {
	var auth []Auth
	for _, name := range slices.Sorted(maps.Keys(variant.Takes)) {
		if headerParameter(item, doc, name) != nil && len(variant.Takes[name]) == 1 {
			auth = append(auth, Auth{Scheme: name, Kind: AuthHeader, Carries: variant.Takes[name][0], Name: name})
		}
	}
	for _, requirement := range b.security(doc) {
		for _, name := range slices.Sorted(maps.Keys(requirement)) {
			scheme, ext := b.scheme(name)
			if scheme == nil || ext.Carries == "" && len(ext.Fields) == 0 {
				continue
			}
			kind, ok := authKind(scheme)
			if !ok {
				continue // checkSchemes says so
			}
			auth = append(auth, Auth{Scheme: name, Kind: kind, Carries: ext.Carries, Fields: ext.Fields, Name: scheme.Name, Success: ext.Success, Setting: ext.Setting, Encoded: ext.Encoded != ""})
		}
	}
	return auth
}

// security is what an operation asks for: its own alternatives, or those of the document.
func (b *builder) security(doc *openapi3.Operation) openapi3.SecurityRequirements {
	if doc.Security != nil {
		return *doc.Security
	}
	return b.doc.Security
}

// scheme is a security scheme with its extension; nil if the document has none of that name.
func (b *builder) scheme(name string) (*openapi3.SecurityScheme, schemeExtension) {
	var ext schemeExtension
	if b.doc.Components == nil {
		return nil, ext
	}
	ref := b.doc.Components.SecuritySchemes[name]
	if ref == nil || ref.Value == nil {
		return nil, ext
	}
	b.read(&ext, "components", "securitySchemes", name, extensionKey)
	return ref.Value, ext
}

func authKind(scheme *openapi3.SecurityScheme) (AuthKind, bool) {
	switch {
	case scheme.Type == "http" && strings.EqualFold(scheme.Scheme, "bearer"):
		return AuthBearer, true
	case scheme.Flows != nil, scheme.OpenIdConnectUrl != "": // how tokens are had is said there, and they are Bearer tokens
		return AuthBearer, true
	case scheme.Type == "http" && strings.EqualFold(scheme.Scheme, "basic"):
		return AuthBasic, true
	case scheme.Type == "apiKey" && scheme.In == "query":
		return AuthQuery, true
	case scheme.Type == "apiKey" && scheme.In == "header":
		return AuthHeader, true
	}
	return "", false
}

// ProofInput is the input that a part of a proof key goes into, if the operation has one.
func (op *Operation) ProofInput(part ProofPart) (Input, bool) {
	for _, input := range op.Inputs {
		if input.From.Proof == part {
			return input, true
		}
	}
	return Input{}, false
}

// RedirectInput is the input of an authorize operation that says where the browser is sent back to: the one that comes
// from the client's credentials and is a URI.
func (op *Operation) RedirectInput() (Input, bool) {
	for _, input := range op.Inputs {
		if input.From.Field != "" && input.Format == "uri" {
			return input, true
		}
	}
	return Input{}, false
}
