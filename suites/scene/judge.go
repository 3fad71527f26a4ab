package scene

import (
	"fmt"
	"net/http"
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// Found records a finding about a reply.
func (a *Act) Found(reply *client.Reply, wanted, got string) {
	a.Find(engine.Finding{Sent: reply.Sent(), Wanted: wanted, Got: got, Where: reply.Op.At.String(), Exchange: reply.Exchange})
}

// Succeeds wants a 2xx that matches the document; every mismatch is a finding of its own.
func (a *Act) Succeeds(reply *client.Reply) bool {
	if !reply.Succeeded() {
		a.Found(reply, "success (2xx)", reply.Got())
		return false
	}
	for _, mismatch := range reply.Mismatches {
		a.Found(reply, mismatch.Expected(), mismatch.Got)
	}
	return len(reply.Mismatches) == 0
}

// Refused wants a 4xx without a usable token in it. Whatever status the target chose, 4xx is refusal enough:
// where the document pins more, its schema says so.
func (a *Act) Refused(reply *client.Reply) bool {
	if reply.Op.Says != nil {
		return a.NotValid(reply)
	}
	if !reply.Refused() {
		a.Found(reply, "a refusal (4xx), without a token", reply.Got())
		return false
	}
	return a.noUsableToken(reply)
}

// RefusedFor is Refused, in the way that the document says for what is broken in the request. Where that is more than
// one thing, each may be told first.
func (a *Act) RefusedFor(reply *client.Reply, whys ...specs.Break) bool {
	return a.Refused(reply) && a.asDocumented(reply, whys...)
}

// asDocumented wants an answer to be one of those that the document has for a broken request.
func (a *Act) asDocumented(reply *client.Reply, whys ...specs.Break) bool {
	var rows []specs.ErrorAnswer
	for _, why := range whys {
		rows = append(rows, a.Dialect.Refusals[why].Answers...)
	}
	if len(rows) == 0 || reply.Op.Doc == nil {
		return true
	}
	var wanted []string
	var nearest []operation.Mismatch
	for _, row := range rows {
		differs := reply.Differs(row)
		if len(differs) == 0 {
			return true
		}
		wanted = append(wanted, fmt.Sprintf("%d (%s in the document's error table)", row.Status, row.Name))
		if row.Status == reply.Status && (nearest == nil || len(differs) < len(nearest)) {
			nearest = differs
		}
	}
	got := reply.Got()
	for _, mismatch := range nearest {
		got += fmt.Sprintf("; wanted %s, got %s", mismatch.Expected(), mismatch.Got)
	}
	a.Found(reply, strings.Join(wanted, ", or "), got)
	return false
}

// noUsableToken tries what stands where tokens stand: only a value that works is a leak.
func (a *Act) noUsableToken(reply *client.Reply) bool {
	sent := RequestText(reply.Exchange)
	for kind, value := range reply.Tokens {
		var tried *client.Reply
		const doing = "with a token that a refusal carried"
		use := a.First(specs.RoleUse)
		switch {
		case strings.Contains(sent, value): // an echo
		case kind == client.Access && use != nil && a.Has(use):
			tried = a.Use(use, value, doing)
		case kind == client.Refresh && a.First(specs.RoleRefresh) != nil:
			tried = a.RefreshWith("", value, doing)
		}
		if tried != nil && tried.Succeeded() {
			a.run.mu.Lock()
			a.run.leaks = append(a.run.leaks, reply)
			a.run.mu.Unlock()
			a.Found(reply, "a refusal (4xx), without a token", reply.Got()+", and the "+kind+" token works")
			return false
		}
	}
	return true
}

// Unauthorized wants 401, or 403; where the request was malformed, also 400 (RFC 6750 section 3.1).
func (a *Act) Unauthorized(reply *client.Reply, malformed bool) bool {
	if len(a.Dialect.Refusals[specs.Unauthenticated].Answers) > 0 && reply.Op.Doc != nil {
		return a.asDocumented(reply, specs.Unauthenticated)
	}
	ok := reply.Status == http.StatusUnauthorized || reply.Status == http.StatusForbidden ||
		malformed && reply.Status == http.StatusBadRequest
	if !ok {
		wanted := "401 (or 403)"
		if malformed {
			wanted = "401 (or 403, 400)"
		}
		a.Found(reply, wanted, reply.Got())
	}
	return ok
}

// NotValid wants anything but a statement that the token is valid: a refusal and a plain "no" are both fine.
func (a *Act) NotValid(reply *client.Reply) bool {
	if reply.Refused() {
		return true
	}
	if !reply.Succeeded() {
		a.Found(reply, "not reported valid: a 2xx that says so, or a refusal (4xx)", reply.Got())
		return false
	}
	value, ok := reply.Value(reply.Op.Says.Valid)
	if ok && affirms(value) {
		a.Found(reply, fmt.Sprintf("%s not true, or a refusal (4xx)", reply.Op.Says.Valid), saidValid(value, ok))
		return false
	}
	return true
}

// Valid wants a statement that the token is valid.
func (a *Act) Valid(reply *client.Reply) bool {
	if !a.Succeeds(reply) {
		return false
	}
	value, ok := reply.Value(reply.Op.Says.Valid)
	if !ok || value != true {
		a.Found(reply, fmt.Sprintf("%s true", reply.Op.Says.Valid), saidValid(value, ok))
		return false
	}
	return true
}

// affirms reports whether a value says yes to a client that does not look at its type.
func affirms(value any) bool {
	switch v := value.(type) {
	case bool:
		return v
	case string:
		return strings.EqualFold(v, "true") || v == "1"
	case float64:
		return v != 0
	default:
		return false
	}
}

func saidValid(value any, present bool) string {
	switch v := value.(type) {
	case bool:
		return fmt.Sprintf("%t", v)
	case string:
		return fmt.Sprintf("the text %q", v)
	default:
		if !present {
			return "no such member"
		}
		return fmt.Sprintf("a value of type %T", v)
	}
}

// Alive wants an operation that was shown a token to hold it good, in the way of its role.
func (a *Act) Alive(reply *client.Reply) bool {
	if reply.Op.Role == specs.RoleValidate {
		return a.Valid(reply)
	}
	return a.Succeeds(reply)
}

// Dead wants an operation that was shown a token to hold it good no longer.
func (a *Act) Dead(reply *client.Reply) bool {
	switch reply.Op.Role {
	case specs.RoleUse:
		return a.Unauthorized(reply, false)
	case specs.RoleValidate:
		return a.NotValid(reply)
	default:
		return a.RefusedFor(reply, specs.WrongToken)
	}
}

// Authorizes wants a live token to open an operation.
func (a *Act) Authorizes(op *operation.Op, access, doing string) bool {
	return a.Succeeds(a.Use(op, access, doing))
}

// MustBeLive makes sure that a token that is about to be misused was good a moment before: a refusal of a dead
// one would show nothing. It tries an operation that the token authorizes, else asks the validate operation.
func (a *Act) MustBeLive(access string) {
	if use := a.First(specs.RoleUse); use != nil {
		if reply := a.Use(use, access, "with the live token, before the check"); !reply.Succeeded() {
			a.CouldNotRun("the token to check with was not live: %s was answered %s", use.Name(), reply.Got())
		}
	}
}
