package scene

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// Probe looks at the target before any case runs: is it there, do the credentials work, does a second issue
// end the first session or hand out the same tokens, how does its clock stand.
func Probe(ctx context.Context, trial *engine.Trial) (engine.Facts, error) {
	t := begin(ctx, trial)
	err := untilStopped(t.probe)
	if err == nil {
		t.askTwice()
	}
	habits := t.Habits()
	facts := engine.Facts{TakeTurns: habits.TakeTurns(), Late: habits.LateRefresh, Notes: habits.Notes()}
	if habits.OneCode || habits.OneConsent {
		facts.Alone = []string{openCodes}
	}
	return facts, unless(err)
}

func (t *Trial) probe() {
	t.Reach()
	op, reply := t.SignOn()
	if reply == nil || !reply.Succeeded() || reply.Tokens[client.Access] == "" {
		return // for the cases to judge
	}
	first := t.Collect(operation.Primary, reply)
	t.TryEncoding(op)
	t.Stop(t.TryCompanions(t.ctx, first.Value(client.Access)))
	t.Stop(t.TryInquiries(t.ctx, first.Value(client.Access)))
	t.Stop(unless(untilStopped(func() { t.tryDoors(first.Value(client.Access)) })))
	if second := must(t.SecondIssue(t.ctx, first)); second != nil {
		t.Stop(t.EarlyRefresh(t.ctx, second))
	}
}

// SignOn asks for tokens as the primary client for the first time in a run, and returns what was asked of and its answer; nil
// where nobody can be asked, or no account could be made. It ends the case where it is clear that the target file is wrong.
func (t *Trial) SignOn() (*operation.Op, *client.Reply) {
	op := t.First(specs.RoleIssue)
	if op == nil {
		return nil, nil
	}
	err := unless(t.SettleIn(t.ctx))
	if unable, ok := errors.AsType[*client.Unable](err); ok && unable.Answer != nil {
		said, _ := t.misread(unable.Answer.Op)
		t.CouldNotRun("%s%s", unable.Reason, said)
	}
	t.Stop(err)
	if t.Habits().NoAccount != "" {
		return op, nil
	}
	reply := t.Call(op, operation.Args{}, "to see whether the credentials work")
	t.Skewed(reply)
	if reply.Status == http.StatusNotFound || reply.Status == http.StatusMethodNotAllowed {
		t.CouldNotRun("the target has no %s %s: it was answered %s; check base_url in the target file", op.Method, op.URL().Path, reply.Got())
	}
	if reply.Refused() && t.BasicInForm(op) != nil {
		if other := t.Call(op, operation.Args{InBody: true}, "with the credentials in the form"); other.Succeeded() && other.Tokens[client.Access] != "" {
			t.InBody()
			reply = other
		}
	}
	if _, made := t.Registered(); reply.Refused() && !made {
		t.CouldNotRun("the target refuses the primary credentials: %s was answered %s%s", op.Name(), reply.Got(), t.whyRefused(op))
	}
	return op, reply
}

// Reach asks for anything at all, and is answered unless that one request hangs.
func (t *Trial) Reach() *exchange.Exchange {
	x, err := t.Trial.Send(t.ctx, t.knock(t.ctx))
	if errors.Is(err, exchange.ErrGone) {
		t.CouldNotRun("%v", err)
	}
	t.Stop(unless(err))
	t.KnownGood(t.knock)
	return x
}

// unless keeps the errors that end a run and drops a single request that went without an answer: that is for
// the cases to find.
func unless(err error) error {
	var silent *exchange.NoAnswer
	if errors.As(err, &silent) {
		return nil
	}
	return err
}

// TryEncoding finds out whether a client is known whose id or secret form-encoding changes: where only the plain ones are, one case says
// so, and all others use them.
func (t *Trial) TryEncoding(op *operation.Op) {
	basic := t.BasicInForm(op)
	if basic == nil || !basic.Encoded || t.Habits().BodyClient {
		return
	}
	id, secret := t.Credential(Second, basic.Fields[0]), t.Credential(Second, basic.Fields[1])
	if url.QueryEscape(id) == id && url.QueryEscape(secret) == secret {
		return
	}
	args := operation.Args{Role: Second}
	if t.Call(op, args, "as "+Second+", to see whether its credentials work").Succeeded() {
		return
	}
	if args.Plain = true; !t.Call(op, args, "as "+Second+", in a Basic header as it is").Succeeded() {
		return
	}
	t.AsTheyAre(op.Path)
	tried := []string{op.Path}
	for _, other := range t.Ops.All() { // other parts of a server may read the header in another way
		if slices.Contains(tried, other.Path) || t.BasicInForm(other) == nil {
			continue
		}
		tried = append(tried, other.Path)
		ask := func(plain bool) bool {
			args := operation.Args{Role: Second, Plain: plain, Tokens: map[string]string{}, WithoutDoc: true}
			for _, kind := range t.Dialect.Tokens {
				args.Tokens[kind.Name] = Garbage
			}
			return t.Call(other, args, "as "+Second+" with garbage for a token, to see how its credentials are read").Status == http.StatusUnauthorized
		}
		if ask(false) && !ask(true) {
			t.AsTheyAre(other.Path)
		}
	}
}
