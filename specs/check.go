package specs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// check looks for what the schemas cannot see: names that point nowhere, rows that nothing checks.
func (b *builder) check() {
	b.checkUnique()
	cited := map[string]bool{}
	cite := func(id string, at Place) {
		if id == "" {
			return
		}
		cited[id] = true
		if _, ok := b.dialect.Requirement(id); !ok {
			b.fail(at, fmt.Sprintf("there is no requirement %s", id), "add it to x-gonogo/requirements, or use one of those")
		}
	}
	for _, op := range b.dialect.Operations {
		for _, id := range []string{op.Success, op.Refused, op.Authenticated} {
			cite(id, op.At)
		}
		for _, auth := range op.Auth {
			cite(auth.Success, op.At)
		}
		b.checkOperation(op)
	}
	for _, flow := range b.dialect.Flows {
		for _, key := range []string{"requirement", "dead", "practice"} {
			cite(flow.Params[key], flow.At)
		}
		for _, id := range flow.Lists["also_dead"] {
			cite(id, flow.At)
		}
		b.checkFlow(flow)
	}
	for i, item := range b.dialect.Checklist {
		for _, id := range item.Requirements {
			if _, ok := b.dialect.Requirement(id); !ok {
				b.fail(b.src.at(extensionKey, "checklist", fmt.Sprint(i)), fmt.Sprintf("there is no requirement %s", id), "use one of x-gonogo/requirements")
			}
		}
	}
	for _, kind := range b.dialect.Tokens {
		b.checkToken(kind)
	}
	for _, requirement := range b.dialect.Requirements {
		if !cited[requirement.ID] && !strings.HasPrefix(requirement.ID, "ANY-") {
			b.problems = append(b.problems, Problem{Place: requirement.At, Warning: true,
				Message: fmt.Sprintf("nothing checks %s", requirement.ID),
				Fix:     "name it as success or refused of an operation, or in a flow"})
		}
	}
}

func (b *builder) checkUnique() {
	seen := map[string]bool{}
	for _, requirement := range b.dialect.Requirements {
		if seen[requirement.ID] {
			b.fail(requirement.At, fmt.Sprintf("%s is there twice", requirement.ID), "give each requirement an id of its own")
		}
		seen[requirement.ID] = true
	}
	seen = map[string]bool{}
	for _, op := range b.dialect.Operations {
		if seen[op.ID] {
			b.fail(op.At, fmt.Sprintf("two operations have the id %s", op.ID), "give this variant an id of its own")
		}
		seen[op.ID] = true
	}
	if len(b.dialect.ByRole(RoleIssue)) == 0 && len(b.dialect.ByRole(RoleExchange)) == 0 {
		b.fail(b.src.at("paths"), "no operation hands out tokens", "give one the role issue or exchange")
	}
}

func (b *builder) checkOperation(op *Operation) {
	for _, input := range slices.Sorted(maps.Keys(op.Takes)) {
		if _, ok := b.dialect.Token(op.Takes[input]); !ok {
			b.fail(op.At, fmt.Sprintf("%q takes a token of the unknown kind %q", input, op.Takes[input]), "use one of x-gonogo/tokens")
		}
	}
	if op.Yields != "" {
		if _, ok := b.dialect.Token(op.Yields); !ok {
			b.fail(op.At, fmt.Sprintf("it yields a token of the unknown kind %q", op.Yields), "use one of x-gonogo/tokens")
		}
	}
	for _, input := range op.Inputs {
		if input.From.Role != "" {
			if _, ok := b.dialect.Credential(input.From.Role); !ok {
				b.fail(op.At, fmt.Sprintf("%q comes from the unknown role %q", input.Name, input.From.Role), "use one of x-gonogo/credentials")
			}
		}
		if input.Required && input.Fixed == "" && input.From == (Source{}) {
			b.fail(op.At, fmt.Sprintf("nothing says where the required input %q comes from", input.Name), "name it in fixed, takes or from, or give a role a field of that name")
		}
	}
	for _, auth := range op.Auth {
		if _, ok := b.dialect.Token(auth.Carries); auth.Carries != "" && !ok {
			b.fail(op.At, fmt.Sprintf("the security scheme %s carries the unknown token kind %q", auth.Scheme, auth.Carries), "use one of x-gonogo/tokens")
		}
	}
	switch {
	case op.Role == RoleValidate && op.Says == nil:
		b.fail(op.At, "a validate operation must say where its verdict stands", "add says: {valid: /…}")
	case op.Role == RoleAuthorize && op.Yields == "":
		b.fail(op.At, "an authorize operation must say what its redirect carries", "add yields: a token kind")
	case op.Role == RoleUse && len(op.Auth) == 0:
		b.fail(op.At, "an operation of role use has no security scheme with x-gonogo", "add security, and x-gonogo: {carries: access} to the scheme")
	}
}

func (b *builder) checkFlow(flow Flow) {
	if flow.Token != "" {
		kind, ok := b.dialect.Token(flow.Token)
		if !ok {
			b.fail(flow.At, fmt.Sprintf("there is no token kind %q", flow.Token), "use one of x-gonogo/tokens")
		} else if flow.Name == "expiry" && kind.Lifetime.Documented == 0 && kind.Lifetime.Announced == "" {
			b.fail(flow.At, fmt.Sprintf("expiry needs a lifetime, and %q has none", flow.Token), "add lifetime: {documented: …} or {announced: …, unit: …} to the token kind")
		}
	}
	for _, id := range flow.Lists["form"] {
		if !slices.ContainsFunc(b.dialect.Operations, func(op *Operation) bool { return op.ID == id || op.Doc.OperationID == id }) {
			b.fail(flow.At, fmt.Sprintf("there is no operation %q", id), "use an operationId of an operation with x-gonogo")
		}
	}
}

// checkToken looks whether an operation's answer can carry the token where the document says it does.
func (b *builder) checkToken(kind TokenKind) {
	if _, redirected := kind.At.InLocation(); redirected {
		if !slices.ContainsFunc(b.dialect.Operations, func(op *Operation) bool { return op.Yields == kind.Name }) {
			b.fail(b.src.at(extensionKey, "tokens", kind.Name), "no operation yields this token", "add yields: "+kind.Name+" to the operation that redirects with it")
		}
		return
	}
	for _, op := range b.dialect.Operations {
		if op.Role == RoleIssue || op.Role == RoleExchange {
			if answers(op, kind.At) {
				return
			}
		}
	}
	b.fail(b.src.at(extensionKey, "tokens", kind.Name), fmt.Sprintf("no issuing operation's success schema has %s", kind.At), "correct the pointer, or add the property to the schema")
}

func answers(op *Operation, at Pointer) bool {
	for _, response := range op.Doc.Responses.Map() {
		media := response.Value.Content.Get(mediaJSON)
		if media == nil || media.Schema == nil {
			continue
		}
		schema := media.Schema.Value
		found := true
		for _, step := range strings.Split(strings.TrimPrefix(string(at), "/"), "/") {
			property := schema.Properties[step]
			if property == nil {
				found = false
				break
			}
			schema = property.Value
		}
		if found {
			return true
		}
	}
	return false
}
