package specs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// check looks for what the schemas cannot see: names that point nowhere, promises that no case could be made
// of, rows that nothing checks.
func (b *builder) check() {
	b.checkUnique()
	b.checkProfiles()
	b.checkCited()
	b.checkSchemes()
	for _, op := range b.dialect.Operations {
		b.checkInputs(op)
		b.checkRole(op)
		b.checkSecurity(op)
		b.checkSays(op)
		b.checkMetadata(op)
		b.checkAnswers(op)
	}
	b.checkVariants()
	for _, kind := range b.dialect.Tokens {
		b.checkToken(kind)
	}
	for _, flow := range b.dialect.Flows {
		b.checkFlow(flow)
	}
	b.checkClients()
	b.checkRepeatedFlows()
	b.checkErrors()
	b.checkPublished()
	b.checkThreats()
}

func (b *builder) checkUnique() {
	rows := map[string]Place{}
	for _, requirement := range slices.Backward(slices.Concat(b.dialect.ClientRows, b.dialect.Requirements)) { // those of every dialect first
		if other, twice := rows[requirement.ID]; twice {
			b.fail(requirement.At, fmt.Sprintf("%s is there twice, here and at %s", requirement.ID, other), "give each requirement an id of its own")
		}
		rows[requirement.ID] = requirement.At
	}
	ids := map[string]*Operation{}
	for _, op := range b.dialect.Operations {
		if ids[op.ID] != nil {
			b.fail(op.At, fmt.Sprintf("two operations have the id %s", op.ID), "give this variant an id of its own")
		}
		ids[op.ID] = op
	}
	for _, op := range b.dialect.Operations {
		if other := ids[op.Doc.OperationID]; other != nil && other.Doc != op.Doc {
			b.fail(other.At, fmt.Sprintf("the id %s is the operationId of %s %s too", other.ID, op.Method, op.Path), "rename one of them: flows name operations by either")
			delete(ids, op.Doc.OperationID) // once is enough
		}
	}
	if len(b.dialect.ByRole(RoleIssue)) == 0 && len(b.dialect.ByRole(RoleExchange)) == 0 {
		b.fail(b.src.at("paths"), "no operation hands out tokens", "give one the role issue or exchange")
	}
}

// checkCited wants every requirement that is named to be there, and every one that is there to be named.
func (b *builder) checkCited() {
	cited := map[string]bool{}
	cite := func(id string, at Place) {
		if id == "" {
			return
		}
		cited[id] = true
		if _, ok := b.dialect.Requirement(id); !ok {
			b.missing(at, id, "add it to x-gonogo/requirements, or use one of those")
		}
	}
	for _, op := range b.dialect.Operations {
		cite(op.Success, b.atOp(op, "success"))
		cite(op.Refused, b.atOp(op, "refused"))
		if op.Authenticated != op.Refused {
			cite(op.Authenticated, b.atOp(op, "authenticated"))
		}
		for _, auth := range op.Auth {
			cited[auth.Success] = true
		}
		if op.Also != nil {
			cite(op.Also.Requirement, b.atOp(op, "also", "requirement"))
		}
	}
	refusals := func(said map[Break]Refusal, at ...string) {
		for _, broken := range breaks(said) {
			own := append(slices.Clone(at), string(broken))
			cite(said[broken].Requirement, b.src.at(append(own, "requirement")...))
			cite(said[broken].Manner, b.src.at(append(own, "manner")...))
		}
	}
	refusals(b.dialect.Refusals, extensionKey, "refusals")
	for _, op := range b.dialect.Operations {
		refusals(op.Refusals, append(slices.Clone(op.path), "refusals")...)
		for _, id := range op.OwnRows() {
			cite(id, op.At)
		}
	}
	for _, name := range b.src.keys("components", "securitySchemes") {
		_, ext := b.scheme(name)
		if _, ok := b.dialect.Requirement(ext.Success); ext.Success != "" && !ok {
			cite(ext.Success, b.src.at("components", "securitySchemes", name, extensionKey, "success"))
		}
	}
	for _, flow := range b.dialect.Flows {
		for _, id := range flow.cites() {
			cite(id, flow.At)
		}
	}
	for i, item := range b.dialect.Checklist {
		for _, id := range item.Requirements {
			if _, ok := b.dialect.Requirement(id); !ok {
				b.missing(b.src.at(extensionKey, "checklist", fmt.Sprint(i)), id, "use one of x-gonogo/requirements")
			}
		}
	}
	for _, shared := range common() {
		cited[shared.ID] = true
	}
	for _, requirement := range b.dialect.Requirements {
		if !cited[requirement.ID] && requirement.At.File == b.src.file {
			b.warn(requirement.At, fmt.Sprintf("nothing checks %s", requirement.ID), "name it as success or refused of an operation, or in a flow")
		}
	}
}

// missing is a requirement that is named where one of a server has to be.
func (b *builder) missing(at Place, id, fix string) {
	if slices.ContainsFunc(b.dialect.ClientRows, func(r Requirement) bool { return r.ID == id }) {
		b.fail(at, fmt.Sprintf("%s binds the client, and no case of a server shows it", id), "name a requirement of the server, or remove its actor")
		return
	}
	b.fail(at, fmt.Sprintf("there is no requirement %s", id), fix)
}

// checkToken looks whether an operation's answer can carry the token, and its lifetime, where the document says
// it does.
func (b *builder) checkToken(kind TokenKind) {
	at := b.src.at(extensionKey, "tokens", kind.Name)
	announced := b.src.at(extensionKey, "tokens", kind.Name, "lifetime", "announced")
	if _, redirected := kind.At.InLocation(); redirected {
		if !slices.ContainsFunc(b.dialect.Operations, func(op *Operation) bool { return op.Yields == kind.Name }) {
			b.fail(at, "no operation yields this token", "add yields: "+kind.Name+" to the operation that redirects with it")
		}
		if _, beside := kind.Lifetime.Announced.InLocation(); kind.Lifetime.Announced != "" && !beside {
			b.fail(announced, "a redirect has no body that could announce a lifetime", "announce it at location?…, or remove announced and unit")
		}
		return
	}
	var carriers []*Operation
	for _, op := range b.dialect.Operations {
		if (op.Role == RoleIssue || op.Role == RoleExchange) && op.answerAt(kind.At) != nil {
			carriers = append(carriers, op)
		}
	}
	if len(carriers) == 0 {
		b.fail(at, fmt.Sprintf("no issuing operation's success schema has %s", kind.At), "correct the pointer, or add the property to the schema")
		return
	}
	if kind.Lifetime.Announced == "" {
		return
	}
	for _, op := range carriers {
		if schema := op.answerAt(kind.Lifetime.Announced); schema != nil {
			b.checkUnit(announced, kind.Lifetime.Announced, kind.Lifetime.Unit, schema)
			return
		}
	}
	b.fail(announced, fmt.Sprintf("no success schema with %s has %s beside it", kind.At, kind.Lifetime.Announced), "correct the pointer, or add the property to the schema")
}

// checkSchemes looks at the security schemes with an extension.
func (b *builder) checkSchemes() {
	for _, name := range b.src.keys("components", "securitySchemes") {
		scheme, ext := b.scheme(name)
		at := func(key string) Place { return b.src.at("components", "securitySchemes", name, extensionKey, key) }
		if scheme == nil || ext.Carries == "" && len(ext.Fields) == 0 {
			continue
		}
		if _, ok := authKind(scheme); !ok {
			b.fail(b.src.at("components", "securitySchemes", name), "the harness cannot present this security scheme", "use http bearer, http basic, one with flows, or apiKey in query or header")
		}
		if _, ok := b.dialect.Token(ext.Carries); ext.Carries != "" && !ok {
			b.fail(at("carries"), fmt.Sprintf("the security scheme %s carries the unknown token kind %q", name, ext.Carries), "use one of "+b.tokenNames())
		}
		for _, field := range ext.Fields {
			b.checkField(at("fields"), actingRole, field)
		}
	}
}

// actingRole is whose credentials a request carries that names nobody's.
const actingRole = "primary"

// checkField wants a credential field to be one of a role's.
func (b *builder) checkField(at Place, role, field string) {
	credential, ok := b.dialect.Credential(role)
	if !ok {
		b.fail(at, fmt.Sprintf("there is no role %q", role), "use one of "+strings.Join(b.src.keys(extensionKey, "credentials"), ", "))
		return
	}
	if !slices.Contains(credential.Fields, field) {
		b.fail(at, fmt.Sprintf("%q is no field of the role %s", field, role), fmt.Sprintf("use one of %s, or add it to x-gonogo/credentials/%s", strings.Join(credential.Fields, ", "), role))
	}
}

// atOp is the place of a key of an operation's extension, or of the extension where it has none.
func (b *builder) atOp(op *Operation, key ...string) Place {
	return b.src.at(append(slices.Clone(op.path), key...)...)
}

func (b *builder) tokenNames() string {
	return strings.Join(b.src.keys(extensionKey, "tokens"), ", ")
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
