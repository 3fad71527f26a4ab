package scene

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/replay"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// Found records a finding about a reply.
func (t *Trial) Found(reply *client.Reply, wanted, got string) { t.FoundFor("", reply, wanted, got) }

// FoundFor is Found, of another row than the case's; empty: of those.
func (t *Trial) FoundFor(row string, reply *client.Reply, wanted, got string) {
	shown := replay.Answer
	if got == reply.Got() {
		shown = replay.Status
	}
	t.found(reply, row, wanted, got, shown)
}

// FoundWithin is Found, where only who takes apart what the answer carries can see it.
func (t *Trial) FoundWithin(reply *client.Reply, wanted, got string) {
	t.found(reply, "", wanted, got, replay.ByEye)
}

func (t *Trial) found(reply *client.Reply, row, wanted, got string, shown replay.Shown) {
	t.Find(engine.Finding{
		Requirement: cmp.Or(row, t.blamed(reply.Status)), Sent: reply.Sent(), Wanted: wanted, Got: got,
		Where: reply.Op.At.String(), Exchange: reply.Exchange, Shown: shown,
	})
}

// blamed is the row that an answer violates where a case looks for server errors beside what its other row says: one that is no server
// error violates the other alone. Empty: all rows of the case.
func (t *Trial) blamed(status int) string {
	rows := t.Case.Requirements
	if status == 0 || status >= http.StatusInternalServerError || !slices.Contains(rows, AnyServerError) {
		return ""
	}
	for _, row := range rows {
		if row != AnyServerError {
			return row
		}
	}
	return ""
}

// Succeeds wants a 2xx that matches the document; every mismatch is a finding of its own, but for what has a row of its own.
// Another run that moves the target's clock ends tokens of this one, which is no fault of the target.
func (t *Trial) Succeeds(reply *client.Reply) bool { return t.succeedsFor("", reply) }

func (t *Trial) succeedsFor(row string, reply *client.Reply) bool {
	if !reply.Succeeded() {
		t.NobodyMovedTheClock(reply)
		t.FoundFor(row, reply, "success (2xx)", reply.Got())
		return false
	}
	deviations := reply.Deviations()
	for _, mismatch := range deviations {
		t.FoundFor(row, reply, mismatch.Expected(), mismatch.Got)
	}
	return len(deviations) == 0
}

// AnyServerError is the row that a server error violates, whatever it was sent for.
const AnyServerError = "ANY-5XX"

// Refused wants a 4xx without a usable token in it. Whatever status the target chose, 4xx is refusal enough:
// where the document pins more, its schema says so.
func (t *Trial) Refused(reply *client.Reply) bool {
	if reply.Op.Says != nil {
		return t.NotValid(reply)
	}
	if t.throttled(reply) {
		return true
	}
	if !reply.Refused() {
		t.Found(reply, "a refusal (4xx), without a token", reply.Got())
		return false
	}
	return t.noUsableToken(reply)
}

// RefusedFor is Refused, in the way that the document says for what is broken in the request. Where that is more than
// one thing, each may be told first.
//
// Where a row of its own promises how, a request that got what it was for breaks the case's row alone, and one that got nothing under the
// status of a success that other row alone.
func (t *Trial) RefusedFor(reply *client.Reply, whys ...specs.Break) bool {
	mannered := t.mannered(reply, whys...)
	if mannered && !t.throttled(reply) && gaveNothing(reply) {
		return t.asDocumented(reply, whys...)
	}
	refused := t.Refused(reply)
	if t.throttled(reply) || !refused && (!mannered || reply.Succeeded()) {
		return refused
	}
	return t.asDocumented(reply, whys...) && refused
}

// gaveNothing reports a success without a token from an operation that is there to hand out one.
func gaveNothing(reply *client.Reply) bool {
	switch reply.Op.Role {
	case specs.RoleIssue, specs.RoleExchange, specs.RoleRefresh:
		return reply.Succeeded() && len(reply.Tokens) == 0
	}
	return false
}

// RefusedAsSaid is Refused, and where a row of its own promises how such a request is refused, in that way.
func (t *Trial) RefusedAsSaid(reply *client.Reply, whys ...specs.Break) bool {
	if t.mannered(reply, whys...) {
		return t.RefusedFor(reply, whys...)
	}
	return t.Refused(reply)
}

// mannered reports that a row of its own promises how such a request is refused.
func (t *Trial) mannered(reply *client.Reply, whys ...specs.Break) bool {
	return slices.ContainsFunc(whys, func(why specs.Break) bool { return t.Dialect.Refusal(reply.Op.Operation, why).Manner != "" })
}

// asDocumented wants an answer to be one of those that the document has for a broken request. Where a row of its own promises
// how refusals look, that row's case says so.
func (t *Trial) asDocumented(reply *client.Reply, whys ...specs.Break) bool {
	if reply.Op.Doc == nil {
		return true
	}
	var rows []specs.ErrorAnswer
	manner := ""
	for _, why := range whys {
		refusal := t.Dialect.Refusal(reply.Op.Operation, why)
		rows, manner = append(rows, refusal.Answers...), refusal.Manner
	}
	wanted, got, is := oneOf(reply, rows)
	switch {
	case manner != "":
		t.run.journal.refused(Refusal{Case: t.Case.ID, Reply: reply, Row: manner, Wanted: wanted, Got: got})
	case !is:
		t.Found(reply, wanted, got)
	}
	return is || manner != ""
}

// oneOf holds an answer against rows of the document's error table, of which any will do; without any all is well.
func oneOf(reply *client.Reply, rows []specs.ErrorAnswer) (wanted, got string, is bool) {
	var all []string
	var nearest []operation.Mismatch
	for _, row := range rows {
		differs := reply.Differs(row)
		if len(differs) == 0 {
			return "", "", true
		}
		status := "an answer"
		if row.Status != 0 {
			status = fmt.Sprint(row.Status)
		}
		if said := fmt.Sprintf("%s (%s in the document's error table)", status, row.Name); !slices.Contains(all, said) {
			all = append(all, said)
		}
		if (row.Status == 0 || row.Status == reply.Status) && (nearest == nil || len(differs) < len(nearest)) {
			nearest = differs
		}
	}
	got = reply.Got()
	for _, mismatch := range nearest {
		got += fmt.Sprintf("; wanted %s, got %s", mismatch.Expected(), mismatch.Got)
	}
	return strings.Join(all, ", or "), got, len(rows) == 0
}

// noUsableToken tries what stands where tokens stand: only a value that works is a leak.
func (t *Trial) noUsableToken(reply *client.Reply) bool {
	sent := RequestText(reply.Exchange)
	for kind, value := range reply.Tokens {
		var tried *client.Reply
		const doing = "with a token that a refusal carried"
		use := t.First(specs.RoleUse)
		switch {
		case strings.Contains(sent, value): // an echo
		case kind == client.Access && use != nil && t.Has(use):
			tried = t.Use(use, value, doing)
		case kind == client.Refresh && t.First(specs.RoleRefresh) != nil:
			tried = t.RefreshWith("", value, doing)
		}
		if tried != nil && tried.Succeeded() {
			t.run.mu.Lock()
			t.run.leaks = append(t.run.leaks, reply)
			t.run.mu.Unlock()
			t.Found(reply, "a refusal (4xx), without a token", reply.Got()+", and the "+kind+" token works")
			return false
		}
	}
	return true
}

// Unauthorized wants 401, or 403; where the request was malformed, also 400 (RFC 6750 section 3.1), whatever the document's error table
// says of requests without a good token; where that has a row of its own for how refusals look, any refusal.
func (t *Trial) Unauthorized(reply *client.Reply, malformed bool) bool {
	return t.UnauthorizedFor(reply, malformed, specs.Unauthenticated)
}

// UnauthorizedFor is Unauthorized, in the way that the document says for what is broken in the request, if it says more of the
// operation than that a good token is wanted.
func (t *Trial) UnauthorizedFor(reply *client.Reply, malformed bool, why specs.Break) bool {
	if _, told := reply.Op.Refusals[why]; !told {
		why = specs.Unauthenticated
	}
	refusal := t.Dialect.Refusal(reply.Op.Operation, why)
	if refusal.Manner != "" && reply.Refused() { // how it looks is a row of its own
		t.asDocumented(reply, why)
		return true
	}
	if malformed && reply.Status == http.StatusBadRequest {
		return true
	}
	if len(refusal.Answers) > 0 && refusal.Manner == "" && reply.Op.Doc != nil {
		return t.asDocumented(reply, why)
	}
	ok := reply.Status == http.StatusUnauthorized || reply.Status == http.StatusForbidden
	if !ok {
		wanted := "401 (or 403)"
		if malformed {
			wanted = "401 (or 403, 400)"
		}
		t.Found(reply, wanted, reply.Got())
	}
	return ok
}

// NotValid wants anything but a statement that the token is valid: a refusal and a plain "no" are both fine.
func (t *Trial) NotValid(reply *client.Reply) bool { return t.NotValidFor("", reply) }

// NotValidFor is NotValid, where another row than the case's promises it.
func (t *Trial) NotValidFor(row string, reply *client.Reply) bool {
	if reply.Refused() {
		return true
	}
	if !reply.Succeeded() {
		t.FoundFor(row, reply, "not reported valid: a 2xx that says so, or a refusal (4xx)", reply.Got())
		return false
	}
	value, ok := reply.Value(reply.Op.Says.Valid)
	if ok && affirms(value) {
		t.FoundFor(row, reply, fmt.Sprintf("%s not true, or a refusal (4xx)", reply.Op.Says.Valid), saidValid(value, ok))
		return false
	}
	return true
}

// Valid wants a statement that the token is valid.
func (t *Trial) Valid(reply *client.Reply) bool { return t.ValidFor("", reply) }

// ValidFor is Valid, where another row than the case's promises it. An answer that says neither yes nor no breaks what its operation
// promises, whatever it was asked for.
func (t *Trial) ValidFor(row string, reply *client.Reply) bool {
	value, ok := reply.Value(reply.Op.Says.Valid)
	if _, said := value.(bool); !said {
		row = reply.Op.Success
	}
	if !t.succeedsFor(row, reply) {
		return false
	}
	if !ok || value != true {
		t.NobodyMovedTheClock(reply)
		t.FoundFor(row, reply, fmt.Sprintf("%s true", reply.Op.Says.Valid), saidValid(value, ok))
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
func (t *Trial) Alive(reply *client.Reply) bool {
	if reply.Op.Role == specs.RoleValidate {
		return t.Valid(reply)
	}
	return t.Succeeds(reply)
}

// Dead wants an operation that was shown a token to hold it good no longer.
func (t *Trial) Dead(reply *client.Reply) bool {
	switch reply.Op.Role {
	case specs.RoleUse:
		return t.UnauthorizedFor(reply, false, specs.WrongToken)
	case specs.RolePlacement: // a form may be called malformed for what stands in it
		return t.UnauthorizedFor(reply, true, specs.WrongToken)
	case specs.RoleValidate:
		return t.NotValid(reply) && (reply.Op.Refusals == nil || t.throttled(reply) || t.asDocumented(reply, specs.WrongToken))
	default:
		return t.RefusedFor(reply, specs.WrongToken)
	}
}

// Authorizes wants a live token to open an operation.
func (t *Trial) Authorizes(op *operation.Op, access, doing string) bool {
	return t.Succeeds(t.Use(op, access, doing))
}
