package specs

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// checkInputs wants to know of every input where its value comes from, once.
func (b *builder) checkInputs(op *Operation) {
	var variant variantExtension
	b.read(&variant, op.path...)
	for _, name := range sortedNames(variant.Takes) {
		at := b.atOp(op, "takes", name)
		for _, kind := range variant.Takes[name] {
			if _, ok := b.dialect.Token(kind); !ok {
				b.fail(at, fmt.Sprintf("%q takes a token of the unknown kind %q", name, kind), "use one of "+b.tokenNames())
			}
		}
		if input, ok := op.Input(name); ok && !input.Required {
			b.fail(at, fmt.Sprintf("%q takes a token and is optional, so it would never be sent", name), "make it required in the operation, or list it in required")
		}
		if variant.Fixed[name] != "" {
			b.fail(at, fmt.Sprintf("%q is in takes and in fixed", name), "keep it in one of them")
		}
		if variant.From[name] != "" {
			b.fail(at, fmt.Sprintf("%q is in takes and in from", name), "keep it in one of them")
		}
	}
	for _, name := range sortedNames(variant.Generates) {
		for _, also := range []struct {
			key string
			has bool
		}{{"takes", len(variant.Takes[name]) > 0}, {"from", variant.From[name] != ""}, {"fixed", variant.Fixed[name] != ""}} {
			if also.has {
				b.fail(b.atOp(op, "generates", name), fmt.Sprintf("%q is in generates and in %s", name, also.key), "keep it in one of them")
			}
		}
	}
	for _, name := range sortedNames(variant.From) {
		at := b.atOp(op, "from", name)
		if variant.Fixed[name] != "" {
			b.fail(at, fmt.Sprintf("%q is in from and in fixed", name), "keep it in one of them")
		}
		role, field, named := strings.Cut(variant.From[name], ".")
		if !named {
			role, field = actingRole, role
		}
		b.checkField(at, role, field)
	}
	for _, name := range sortedNames(variant.Fixed) {
		b.checkFixed(op, name, variant.Fixed[name])
	}
	for _, kind := range sortedNames(op.Withholds) {
		if _, ok := b.dialect.Token(kind); !ok {
			b.fail(b.atOp(op, "withholds", kind), fmt.Sprintf("it withholds a token of the unknown kind %q", kind), "use one of "+b.tokenNames())
		}
	}
	if op.Yields != "" {
		if _, ok := b.dialect.Token(op.Yields); !ok {
			b.fail(b.atOp(op, "yields"), fmt.Sprintf("it yields a token of the unknown kind %q", op.Yields), "use one of "+b.tokenNames())
		}
	}
	for _, input := range op.Inputs {
		if input.Required && input.Fixed == "" && input.From == (Source{}) {
			b.fail(op.At, fmt.Sprintf("nothing says where the required input %q comes from", input.Name), "name it in fixed, takes or from, or give a role a field of that name")
		}
	}
	if at := strings.IndexByte(op.Path, '{'); at >= 0 {
		b.fail(op.At, fmt.Sprintf("nothing says what stands for %s in the path", op.Path[at:]), "use an operation whose path has no parameters")
	}
}

// checkFixed wants the value that tells a variant apart to be one that the operation takes: the harness sends
// nothing that the document does not allow.
func (b *builder) checkFixed(op *Operation, name, value string) {
	schema := inputSchema(op, name)
	if schema == nil || len(schema.Enum) == 0 {
		return
	}
	var allowed []string
	for _, one := range schema.Enum {
		allowed = append(allowed, fmt.Sprint(one))
	}
	if !slices.Contains(allowed, value) {
		b.fail(b.atOp(op, "fixed", name), fmt.Sprintf("the operation does not take %s=%s", name, value), "use one of "+strings.Join(allowed, ", "))
	}
}

func inputSchema(op *Operation, name string) *openapi3.Schema {
	for _, parameters := range []openapi3.Parameters{op.Doc.Parameters, op.Item.Parameters} {
		for _, parameter := range parameters {
			if parameter.Value != nil && parameter.Value.In == openapi3.ParameterInQuery && parameter.Value.Name == name && parameter.Value.Schema != nil {
				return parameter.Value.Schema.Value
			}
		}
	}
	if body, _ := bodySchema(op.Doc); body != nil {
		if property := body.Properties[name]; property != nil {
			return property.Value
		}
	}
	return nil
}

// checkRole wants an operation to have what its role is about.
func (b *builder) checkRole(op *Operation) {
	takes := func(accept func(TokenKind) bool) bool {
		for _, name := range append(slices.Concat(slices.Collect(maps.Values(op.Takes))...), carried(op)...) {
			if kind, ok := b.dialect.Token(name); !ok || accept(kind) { // an unknown kind has its own problem
				return true
			}
		}
		return false
	}
	named := func(name string) func(TokenKind) bool {
		return func(kind TokenKind) bool { return kind.Name == name }
	}
	switch op.Role {
	case RoleValidate:
		if op.Says == nil {
			b.fail(op.At, "a validate operation must say where its verdict stands", "add says: {valid: /…}")
		}
		if !takes(named("access")) {
			b.fail(op.At, "a validate operation must take the access token that it is asked about", "add takes: {…: access}")
		}
	case RoleAuthorize:
		if op.Yields == "" {
			b.fail(op.At, "an authorize operation must say what its redirect carries", "add yields: a token kind")
		}
		b.checkProof(op, ProofChallenge, RoleExchange, ProofVerifier)
	case RoleUse, RoleRevoke:
		if len(op.Auth) == 0 {
			b.fail(op.At, fmt.Sprintf("an operation of role %s has no security scheme with x-gonogo", op.Role), "add security, and x-gonogo: {carries: access} to the scheme")
		}
		if body := op.Doc.RequestBody; op.Role == RoleUse && op.Body == nil && body != nil && body.Value != nil && body.Value.Required {
			b.fail(op.At, "nothing says what the required body is made of", "give it an example, with ${unique} where a text must be new")
		}
	case RoleRegister:
		if !slices.ContainsFunc(b.dialect.Credentials, func(c Credential) bool {
			return c.Registered && slices.ContainsFunc(op.Inputs, func(in Input) bool { return in.From.Role == c.Role })
		}) {
			b.fail(op.At, "an operation of role register must make the account of a role", "add registered: true to a role of credentials, and from: {…: role.field} here")
		}
	case RoleRefresh:
		if !takes(named("refresh")) {
			b.fail(op.At, "a refresh operation must take a refresh token", "add takes: {…: refresh}, or security with a scheme that carries refresh")
		}
	case RoleExchange:
		if !takes(func(kind TokenKind) bool { _, redirected := kind.At.InLocation(); return redirected }) {
			b.fail(op.At, "an exchange operation must take what a redirect carries", "add takes: with a token kind whose at is location?…")
		}
		b.checkProof(op, ProofVerifier, RoleAuthorize, ProofChallenge)
	}
}

// checkProof wants a proof key to have its other half: whoever shows a challenge has to show its verifier later.
func (b *builder) checkProof(op *Operation, part ProofPart, role Role, other ProofPart) {
	_, has := op.ProofInput(part)
	if has && !slices.ContainsFunc(b.dialect.ByRole(role), func(op *Operation) bool { _, has := op.ProofInput(other); return has }) {
		b.fail(b.atOp(op, "generates"), fmt.Sprintf("it has the %s of a proof key, and no %s operation has the %s", part, role, other), fmt.Sprintf("add generates: {…: %s} there", other))
	}
}

func carried(op *Operation) []string {
	var kinds []string
	for _, auth := range op.Auth {
		if auth.Carries != "" {
			kinds = append(kinds, auth.Carries)
		}
	}
	return kinds
}

// checkSecurity wants alternatives of one scheme each: the model has no way to present two at once.
func (b *builder) checkSecurity(op *Operation) {
	path := []string{"paths", op.Path, strings.ToLower(op.Method), "security"}
	if op.Doc.Security == nil {
		path = path[3:]
	}
	for i, requirement := range b.security(op.Doc) {
		at := b.src.at(append(path, fmt.Sprint(i))...)
		var bound, foreign []string
		for _, name := range sortedNames(requirement) {
			scheme, ext := b.scheme(name)
			switch {
			case scheme == nil:
				b.once(at, fmt.Sprintf("there is no security scheme %q", name), "add it to components/securitySchemes")
			case ext.Carries == "" && len(ext.Fields) == 0:
				foreign = append(foreign, name)
			default:
				bound = append(bound, name)
			}
		}
		switch {
		case len(bound) > 1:
			b.once(at, fmt.Sprintf("the schemes %s are asked for together, and only one can be presented", strings.Join(bound, " and ")), "make them alternatives, or leave x-gonogo out of those that the target file's headers can carry")
		case len(bound) == 1 && len(foreign) > 0:
			b.warnOnce(at, fmt.Sprintf("%s is asked for beside %s and is not presented", strings.Join(foreign, " and "), bound[0]), "put it into headers of the target file")
		case len(requirement) == 0 && op.Role == RoleUse:
			b.once(at, "this alternative is no security at all, so that the operation would need no token", "remove {} from security, or the role use")
		}
	}
}

// once reports a problem of something that several operations share.
func (b *builder) once(at Place, message, fix string) {
	if !slices.ContainsFunc(b.problems, func(p Problem) bool { return p.Place == at && p.Message == message }) {
		b.fail(at, message, fix)
	}
}

func (b *builder) warnOnce(at Place, message, fix string) {
	if !slices.ContainsFunc(b.problems, func(p Problem) bool { return p.Place == at && p.Message == message }) {
		b.warn(at, message, fix)
	}
}

// checkVariants wants the variants of an operation to differ in a fixed value: without one, what refuses the
// one could be the other.
func (b *builder) checkVariants() {
	for i, op := range b.dialect.Operations {
		for _, other := range b.dialect.Operations[:i] {
			if op.Method == other.Method && op.Path == other.Path && !toldApart(op, other) {
				b.fail(op.At, fmt.Sprintf("nothing tells the variants %s and %s apart", other.ID, op.ID), "give both the same input in fixed, with different values")
			}
		}
	}
}

func toldApart(a, b *Operation) bool {
	return slices.ContainsFunc(a.Inputs, func(in Input) bool {
		other, ok := b.Input(in.Name)
		return ok && in.Fixed != "" && other.Fixed != "" && in.Fixed != other.Fixed
	})
}
