package scene

import (
	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// CodeKind is the token kind that consent yields.
func (s *Subject) CodeKind() (specs.TokenKind, bool) {
	if op := s.Ops.First(specs.RoleAuthorize); op != nil {
		return s.Dialect.Token(op.Yields)
	}
	return specs.TokenKind{}, false
}

// Code lets the user approve and takes the code out of the redirect. Without one the case ends.
func (t *Trial) Code(role string) client.Token {
	token, done := t.AskForCode(Ask{Role: role}, false)
	if token.Value == "" {
		t.CouldNotRun("no code could be had to check with: %s ended with %s", done.Sent(), done.Got())
	}
	return token
}

// AskForCode is Ask, with the code that came of it; its value is empty where none did.
func (t *Trial) AskForCode(ask Ask, mayEnd bool) (client.Token, *Consented) {
	kind, ok := t.CodeKind()
	if !ok {
		t.NotApplicable("the document has no code")
	}
	done := t.Ask(ask, mayEnd)
	name, _ := kind.At.InLocation()
	value, ok := done.Param(name)
	if done.Redirect == nil || !ok || value == "" {
		return client.Token{}, done
	}
	return t.FirstSight(client.Token{
		Kind: kind, Value: value, Role: ask.Role, Sent: t.TargetTime(done.SentAt), Received: t.TargetTime(done.ReceivedAt), Lifetime: t.Expected(kind),
	}), done
}

// Exchange trades a code for tokens.
func (t *Trial) Exchange(role, code, doing string) *client.Reply {
	return t.ExchangeArgs(operation.Args{Role: role}, code, doing)
}

// ExchangeArgs is Exchange with something different in the request.
func (t *Trial) ExchangeArgs(args operation.Args, code, doing string) *client.Reply {
	op := t.First(specs.RoleExchange)
	kind, ok := t.CodeKind()
	if op == nil || !ok {
		t.NotApplicable("the document has no exchange operation")
	}
	args.Tokens = map[string]string{kind.Name: code}
	reply := t.Call(op, args, doing)
	if reply.Succeeded() {
		t.Spend(code)
	}
	return reply
}

// GrantByCode gets tokens through the user's consent. Without them the case ends.
func (t *Trial) GrantByCode(role string) *client.Grant {
	code := t.Code(role)
	reply := t.Exchange(role, code.Value, "to get tokens")
	if !reply.Succeeded() || reply.Tokens[client.Access] == "" {
		if t.Proven(role) {
			t.RefusedAtFirst(reply, code.Value)
		}
		t.CouldNotRun("no tokens could be had to check with: %s was answered %s", reply.Op.Name(), reply.Got())
	}
	return t.Collect(role, reply)
}
