package specs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// flowRule is what the schema of x-gonogo says of a flow beside its shape.
type flowRule struct {
	operations           []Role   // those that it cannot be checked without
	requirements, tokens []string // its parameters that name such
}

// flowRules are those of the flows of each actor: a client may have one of the same name as a server.
var flowRules = sync.OnceValue(func() map[Actor]map[string]flowRule {
	return map[Actor]map[string]flowRule{"": rulesOf("Flow"), ActorClient: rulesOf("Watch")}
})

// rulesOf are the rules of the definitions whose names end so.
func rulesOf(ending string) map[string]flowRule {
	var schema struct {
		Parts map[string]json.RawMessage `json:"$defs"`
	}
	if err := json.Unmarshal(ExtensionSchema, &schema); err != nil {
		panic("specs: the schema of x-gonogo is not JSON: " + err.Error()) // a broken build, never input
	}
	rules := map[string]flowRule{}
	for name, part := range schema.Parts {
		var declared struct {
			Operations []Role `json:"x-operations"`
			Properties map[string]struct {
				Ref   string   `json:"$ref"`
				Const string   `json:"const"`
				Enum  []string `json:"enum"`
			} `json:"properties"`
		}
		if !strings.HasSuffix(name, ending) {
			continue
		}
		if err := json.Unmarshal(part, &declared); err != nil {
			panic("specs: the schema of x-gonogo, " + name + ": " + err.Error())
		}
		rule := flowRule{operations: declared.Operations, requirements: []string{"requirement"}}
		for _, key := range sortedNames(declared.Properties) {
			switch strings.TrimPrefix(declared.Properties[key].Ref, "#/$defs/") {
			case "id", "ids":
				rule.requirements = append(rule.requirements, key)
			case "tokenKind":
				rule.tokens = append(rule.tokens, key)
			}
		}
		for _, flow := range append(declared.Properties["flow"].Enum, declared.Properties["flow"].Const) {
			rules[flow] = rule
		}
	}
	return rules
}

func (f Flow) rule() flowRule { return flowRules()[f.Actor][f.Name] }

// cites are the requirements that a flow names.
func (f Flow) cites() []string {
	var ids []string
	for _, key := range f.rule().requirements {
		ids = append(append(ids, f.Lists[key]...), f.Params[key])
	}
	return ids
}

// Needs are the roles of operations that a flow cannot be checked without.
func (f Flow) Needs() []Role { return slices.Clone(f.rule().operations) }

// checkFlow wants what a flow stands on to be in the document: without it no case could be made of it, and the
// promise would go unchecked.
func (b *builder) checkFlow(flow Flow) {
	if !b.standsOn(flow) {
		return
	}
	switch flow.Name {
	case "revocation":
		if len(b.dialect.ByRole(RoleUse)) == 0 && len(b.dialect.ByRole(RoleValidate)) == 0 {
			b.fail(flow.At, "the flow revocation needs an operation of role use or validate, and there is neither", "give an operation x-gonogo: {role: use, …}, or remove the flow")
		}
	case "expiry":
		b.checkExpiry(flow)
	case "lifetimes":
		if !slices.ContainsFunc(b.dialect.Tokens, func(k TokenKind) bool { return k.Lifetime.Documented > 0 && k.Lifetime.Announced != "" }) {
			b.fail(flow.At, "the flow lifetimes needs a token kind whose lifetime is documented and announced", "add lifetime: {documented: …, announced: …, unit: …} to one, or remove the flow")
		}
	case "countdown":
		if says := b.dialect.ByRole(RoleValidate)[0].Says; says != nil && says.Remaining == "" {
			b.fail(flow.At, "the flow countdown needs a validate operation that says what remains", "add remaining and unit to its says, or remove the flow")
		}
	case "secret-regeneration":
		b.checkField(flow.At, actingRole, flow.Params["secret"])
	case "state":
		b.checkAuthorizeInput(flow, stateParameter(flow))
	case "popup":
		b.checkAuthorizeInput(flow, flow.Params["parameter"])
	case "redirect-safety":
		op := b.dialect.ByRole(RoleAuthorize)[0]
		if !slices.ContainsFunc(op.Inputs, func(in Input) bool { return in.From.Field != "" && in.Format == "uri" }) {
			b.fail(flow.At, fmt.Sprintf("%s %s has no redirect URI to be safe about", op.Method, op.Path), "give the parameter that carries it format: uri, and a credential field to come from")
		}
	case "placement":
		b.checkPlacement(flow)
	case "envelope":
		for _, key := range []string{"success_at", "data_at"} {
			b.checkAnswered(flow, key)
		}
	case "allow-list":
		if _, ok := b.dialect.Credential(listedRole); !ok {
			b.fail(flow.At, "the flow allow-list needs an account with a list", "add the role "+listedRole+" to credentials")
		}
	}
}

// standsOn wants the operations and tokens that a flow names to be there.
func (b *builder) standsOn(flow Flow) bool {
	roles := flow.Needs()
	for _, role := range []Role{flow.Grant, Role(flow.Params["role"])} {
		if role != "" {
			roles = append(roles, role)
		}
	}
	for _, role := range roles {
		if len(b.dialect.ByRole(role)) == 0 {
			b.fail(flow.At, fmt.Sprintf("the flow %s needs an operation of role %s, and there is none", flow.Name, role), fmt.Sprintf("give an operation x-gonogo: {role: %s, …}, or remove the flow", role))
			return false
		}
	}
	for _, key := range flow.rule().tokens {
		if kind := flow.Params[key]; kind != "" {
			if _, ok := b.dialect.Token(kind); !ok {
				b.fail(flow.At, fmt.Sprintf("there is no token kind %q", kind), "use one of "+b.tokenNames())
				return false
			}
		}
	}
	return true
}

// listedRole is the account with allow-list entries.
const listedRole = "listed"

func (b *builder) checkExpiry(flow Flow) {
	kind, _ := b.dialect.Token(flow.Token)
	if kind.Lifetime.Documented == 0 && kind.Lifetime.Announced == "" {
		b.fail(flow.At, fmt.Sprintf("expiry needs a lifetime, and %q has none", flow.Token), "add lifetime: {documented: …} or {announced: …, unit: …} to the token kind")
	}
	shown := slices.ContainsFunc(b.dialect.Operations, func(op *Operation) bool {
		switch op.Role {
		case RoleUse:
			return slices.Contains(carried(op), kind.Name)
		case RoleValidate, RoleRefresh, RoleExchange:
			return slices.ContainsFunc(op.Inputs, func(in Input) bool { return in.Takes(kind.Name) }) || slices.Contains(carried(op), kind.Name)
		default:
			return false
		}
	})
	if !shown {
		b.fail(flow.At, fmt.Sprintf("no operation takes a token of the kind %q, so that nobody can see it expire", flow.Token), "add takes: {…: "+flow.Token+"} to an operation, or remove the flow")
	}
}

// checkAuthorizeInput wants the page to take a parameter: what it does not take would not be sent, and its
// absence in the redirect would look like the target's fault.
func (b *builder) checkAuthorizeInput(flow Flow, name string) {
	op := b.dialect.ByRole(RoleAuthorize)[0]
	if _, ok := op.Input(name); !ok {
		b.fail(flow.At, fmt.Sprintf("%s %s takes no parameter %q", op.Method, op.Path, name), "add it to the operation's parameters, or correct the flow's parameter")
	}
	if flow.Name == "popup" {
		if schema := inputSchema(op, name); schema != nil && len(schema.Enum) > 0 && !slices.Contains(schema.Enum, any(flow.Params["value"])) {
			b.fail(flow.At, fmt.Sprintf("%s %s does not take %s=%s", op.Method, op.Path, name, flow.Params["value"]), "correct the flow's value, or add it to the parameter's enum")
		}
	}
}

func (b *builder) checkPlacement(flow Flow) {
	for _, id := range flow.Lists["form"] {
		at := slices.IndexFunc(b.dialect.Operations, func(op *Operation) bool { return op.ID == id || op.Doc.OperationID == id })
		if at < 0 {
			b.fail(flow.At, fmt.Sprintf("there is no operation %q", id), "use an operationId of an operation with x-gonogo")
			continue
		}
		op := b.dialect.Operations[at]
		if input, ok := op.Input(flow.Params["parameter"]); !ok || input.In != InForm {
			b.fail(flow.At, fmt.Sprintf("%s %s takes no %q in a form body", op.Method, op.Path, flow.Params["parameter"]), "add the property to a request body of type "+mediaForm)
		}
	}
}

// checkRepeatedFlows wants no flow twice: its cases would have the same ids.
func (b *builder) checkRepeatedFlows() {
	seen := map[string]int{}
	for _, flow := range slices.Concat(b.dialect.Flows, b.dialect.ClientFlows) {
		key := strings.Join([]string{string(flow.Actor), flow.Name, flow.Token, string(flow.Grant), flow.Params["role"]}, " ")
		if flow.Name == "placement" {
			key += strings.Join(flow.Lists["form"], " ")
		}
		if line := seen[key]; line > 0 {
			b.fail(flow.At, fmt.Sprintf("the flow %s is already declared in line %d", flow.Name, line), "declare it once")
			continue
		}
		seen[key] = flow.At.Line
	}
}
