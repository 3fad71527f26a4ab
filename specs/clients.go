package specs

import (
	"fmt"
	"slices"
)

// checkClients wants what a client is watched for to be there: rows that bind the client, and what a watch of them stands
// on. Of a client's row that nothing names a watch says nothing.
func (b *builder) checkClients() {
	watched := map[string]bool{}
	for _, flow := range b.dialect.ClientFlows {
		for _, id := range flow.cites() {
			b.checkClientRow(flow, id)
			watched[id] = true
		}
		if b.standsOn(flow) {
			b.checkClientFlow(flow)
		}
	}
	for _, row := range b.dialect.ClientRows {
		if _, everywhere := shared(row.ID); !watched[row.ID] && !everywhere {
			b.warn(row.At, fmt.Sprintf("no watch looks for %s", row.ID), "name it in x-gonogo/clients")
		}
	}
}

// shared finds a row of every dialect: what is watched for it follows from the roles of operations.
func shared(id string) (Requirement, bool) {
	for _, row := range common() {
		if row.ID == id {
			return row, true
		}
	}
	return Requirement{}, false
}

func (b *builder) checkClientRow(flow Flow, id string) {
	if id == "" {
		return
	}
	if _, ok := b.dialect.ClientRow(id); ok {
		return
	}
	if _, ok := b.dialect.Requirement(id); ok {
		b.fail(flow.At, fmt.Sprintf("%s binds the server, and no watch of a client shows it", id), "name a requirement with actor: client")
		return
	}
	b.fail(flow.At, fmt.Sprintf("there is no requirement %s", id), "add it to x-gonogo/requirements with actor: client, or use one of those")
}

// checkClientFlow wants what a watch would change or look at to be in the document.
func (b *builder) checkClientFlow(flow Flow) {
	access := b.access().Lifetime
	switch flow.Name {
	case "secret":
		b.checkField(flow.At, actingRole, flow.Params["field"])
	case "unit":
		if access.Announced == "" {
			b.fail(flow.At, "the flow unit needs an access token whose lifetime is announced", "add lifetime: {announced: …, unit: …} to it, or remove the flow")
		}
	case "time":
		if access.Unit != RFC3339 {
			b.fail(flow.At, "the flow time needs an access token whose end is announced as a timestamp", "add lifetime: {announced: …, unit: rfc3339} to it, or remove the flow")
		}
	case "state":
		b.checkAuthorizeInput(flow, stateParameter(flow))
	case "popup":
		b.checkAuthorizeInput(flow, flow.Params["parameter"])
	case "envelope":
		b.checkAnswered(flow, "success_at")
	case "proof-key":
		authorize := b.dialect.ByRole(RoleAuthorize)[0]
		if !slices.ContainsFunc(authorize.Inputs, func(in Input) bool { return in.From.Proof == ProofChallenge }) {
			b.fail(flow.At, fmt.Sprintf("%s %s takes no challenge", authorize.Method, authorize.Path), "say generates: {…: challenge} of it, or remove the flow")
		}
	}
}

func (b *builder) access() TokenKind {
	kind, _ := b.dialect.Token("access")
	return kind
}

// stateParameter is the name of the parameter that a redirect brings back.
func stateParameter(flow Flow) string {
	if name := flow.Params["parameter"]; name != "" {
		return name
	}
	return "state"
}

// checkAnswered wants a parameter that is a pointer to point into a success.
func (b *builder) checkAnswered(flow Flow, key string) {
	at := Pointer(flow.Params[key])
	if !slices.ContainsFunc(b.dialect.Operations, func(op *Operation) bool { return op.answerAt(at) != nil }) {
		b.fail(flow.At, fmt.Sprintf("no success schema has %s", at), "correct the pointer, or add the property to the schemas")
	}
}
