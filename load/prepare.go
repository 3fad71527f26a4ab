package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// shortfall is why a run came to no verdict, as a sentence. It is nothing that the target did wrong.
type shortfall struct{ why string }

func (s shortfall) Error() string { return s.why }

func shortOf(format string, args ...any) error { return shortfall{fmt.Sprintf(format, args...)} }

// facts are what a target does where its document leaves it open.
type facts struct {
	cached  [2]bool // an issue hands out a token again that still lives, by kind
	alone   bool    // a new session of an account ends the former
	revokes bool    // a refresh token that is presented again ends its whole family
}

// turns reports that two sessions of the account cannot be had side by side.
func (f facts) turns() bool { return f.alone || f.cached[0] || f.cached[1] }

// grant is what was handed out before the attack.
type grant struct {
	*operation.Answer
	access, refresh string
	ends            time.Time // of the access token, by our clock
	life            time.Duration
}

// call sends a request that is no part of the load.
func (r *run) call(ctx context.Context, e *errand, tokens map[string]string) (*operation.Answer, error) {
	request, err := e.op.Request(ctx, operation.Args{Tokens: tokens})
	if lacking, ok := errors.AsType[*operation.NoCredential](err); ok {
		return nil, shortOf("%v", lacking)
	}
	if err != nil {
		return nil, err
	}
	x, err := r.client.Send(ctx, request)
	if err != nil {
		return nil, r.silence(ctx, e, x, err)
	}
	answer := e.op.Read(x)
	for kind, value := range answer.Tokens {
		r.redactor.Add(kind, value)
	}
	return answer, nil
}

// silence says why no answer came.
func (r *run) silence(ctx context.Context, e *errand, x *exchange.Exchange, err error) error {
	if ctx.Err() != nil {
		return shortOf("the run was interrupted")
	}
	why := err.Error()
	if x != nil && x.Err != nil {
		why = x.Err.Error()
	}
	if errors.Is(err, exchange.ErrGone) {
		return shortOf("the target cannot be reached at %s: %s", r.script.target.BaseURL.Redacted(), r.redactor.Answer(why))
	}
	return shortOf("%s was not answered before the attack: %s", e.op.Name(), r.redactor.Answer(why))
}

// granted reads an answer that carries tokens. What is wrong with it is a violation as it would be in the attack.
func (r *run) granted(e *errand, answer *operation.Answer) *grant {
	g := &grant{Answer: answer, access: answer.Tokens[access], refresh: answer.Tokens[refresh]}
	if kind, ok := r.script.dialect.Token(access); ok {
		g.life = r.lifetime(kind, answer)
		if g.life > 0 {
			g.ends = answer.Exchange.Sent.Add(g.life)
		}
	}
	if len(answer.Mismatches) > 0 && answer.Succeeded() {
		m := answer.Mismatches[0]
		r.accuse(undocumented, e, "to have tokens before the attack", strings.TrimPrefix(m.At+": "+m.Wanted, ": "), m.Got, func() *exchange.Exchange { return answer.Exchange })
	}
	return g
}

// lifetime is how long a token lives: what the target file expects, else the documented number, shortened to what
// the answer announces.
func (r *run) lifetime(kind specs.TokenKind, answer *operation.Answer) time.Duration {
	lifetime := kind.Lifetime.Documented
	if declared, ok := r.script.target.Lifetime(kind.Name); ok {
		lifetime = declared
	}
	if announced, _, ok := answer.Lifetime(kind); ok && announced > 0 && (lifetime == 0 || announced < lifetime) {
		return announced
	}
	return lifetime
}

// obtain issues tokens for the account of the run. They are for the working set, so failing is the end of the run.
func (r *run) obtain(ctx context.Context) (*grant, error) {
	e := r.script.issue
	answer, err := r.call(ctx, e, nil)
	if err != nil {
		return nil, err
	}
	g := r.granted(e, answer)
	if !answer.Succeeded() || g.access == "" {
		advice := ""
		if answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden || answer.Status == http.StatusBadRequest {
			advice = "; check credentials in the target file"
		}
		if answer.Status == http.StatusNotFound || answer.Status == http.StatusMethodNotAllowed {
			advice = "; check base_url in the target file"
		}
		return nil, shortOf("no tokens could be had to begin with: %s was answered %s%s", e.op.Name(), statusText(answer.Status), advice)
	}
	return g, nil
}

func statusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}

// settleIn makes the run's own account where the document has users register, unless the target file gives one.
func (r *run) settleIn(ctx context.Context) error {
	s := r.script
	i := slices.IndexFunc(s.dialect.Credentials, func(c specs.Credential) bool { return c.Registered })
	if i < 0 || len(s.target.Credentials[s.dialect.Credentials[i].Role].Fields) > 0 {
		return nil
	}
	role := s.dialect.Credentials[i]
	register := s.ops.First(specs.RoleRegister)
	if register == nil {
		return nil
	}
	account := operation.NewAccount(role)
	for _, field := range role.Fields[1:] {
		r.redactor.Add(field, account[field])
	}
	s.ops.Credential = func(of, field string) (string, bool) {
		if of == role.Role {
			value, ok := account[field]
			return value, ok
		}
		value, ok := s.target.Credentials[of].Fields[field]
		return value, ok
	}
	answer, err := r.call(ctx, &errand{op: register}, nil)
	if err != nil {
		return err
	}
	if !answer.Succeeded() {
		return shortOf("no account could be made to act as: %s was answered %s; check credentials.%s in the target file, or give credentials.%s",
			register.Name(), statusText(answer.Status), operation.Primary, role.Role)
	}
	return nil
}

// prepare finds out what the attack has to know, and fills what it draws from.
func (r *run) prepare(ctx context.Context) error {
	if err := r.settleIn(ctx); err != nil {
		return err
	}
	first, err := r.obtain(ctx)
	if err != nil {
		return err
	}
	r.client.KnownGood(func(ctx context.Context) *http.Request {
		request, err := r.script.issue.op.Request(ctx, operation.Args{})
		if err != nil {
			return nil
		}
		return request
	})
	second, err := r.obtain(ctx)
	if err != nil {
		return err
	}
	r.script.issue.bears = [2]bool{first.access != "", first.refresh != ""}
	if err := r.compare(ctx, first, second); err != nil {
		return err
	}
	r.life = first.life
	r.remember(first)
	r.remember(second)
	if r.scenario.has(refreshPart) {
		if err := r.tryRefresh(ctx, second); err != nil {
			return err
		}
	}
	if err := r.script.compile(r.Agent); err != nil {
		return err
	}
	if err := r.possible(); err != nil {
		return err
	}
	return r.stockUp(ctx)
}

// compare finds out what a second issue does to the first one's tokens.
func (r *run) compare(ctx context.Context, first, second *grant) error {
	same := [2]bool{first.access == second.access, first.refresh != "" && first.refresh == second.refresh}
	if same[0] || same[1] {
		legal, err := r.handsOutLiveOnes(ctx, second)
		if err != nil {
			return err
		}
		if legal {
			r.facts.cached = same
			r.note("the target hands out a live token again, so a token that an issue repeats is no violation in this run")
		}
	}
	if r.script.live == nil {
		return nil
	}
	before, err := r.lives(ctx, first)
	if err != nil || before {
		return err
	}
	after, err := r.lives(ctx, second)
	if err == nil && after {
		r.facts.alone = true
		r.note("a second session of an account ends the first, so this run has one session")
	}
	return err
}

// handsOutLiveOnes tells a target that hands out a pair again while it lives from one that does so blindly: it looks
// whether a refresh token that was used is handed out once more.
func (r *run) handsOutLiveOnes(ctx context.Context, g *grant) (bool, error) {
	if r.script.refresh == nil || g.refresh == "" {
		return true, nil
	}
	use := func(g *grant) (bool, error) {
		answer, err := r.call(ctx, r.script.refresh, map[string]string{refresh: g.refresh, access: g.access})
		return err == nil && answer.Succeeded(), err
	}
	if used, err := use(g); err != nil || !used {
		return true, err
	}
	third, err := r.obtain(ctx)
	if err != nil || third.refresh != g.refresh {
		return true, err
	}
	return use(third)
}

// lives asks whether an access token works, in the way that the attack will.
func (r *run) lives(ctx context.Context, g *grant) (bool, error) {
	answer, err := r.call(ctx, r.script.live, map[string]string{access: g.access, refresh: g.refresh})
	return err == nil && r.affirms(r.script.live, answer), err
}

// affirms reports whether an answer says that a token works.
func (r *run) affirms(e *errand, answer *operation.Answer) bool {
	if e.op.Says == nil || !answer.Succeeded() {
		return answer.Succeeded()
	}
	value, ok := answer.Value(e.op.Says.Valid)
	return ok && value == true
}

// tryRefresh finds out whether a refresh can be had now, what it carries, and what presenting a used token does.
func (r *run) tryRefresh(ctx context.Context, g *grant) error {
	e := r.script.refresh
	refreshed := func(g *grant) (*grant, error) {
		answer, err := r.call(ctx, e, map[string]string{refresh: g.refresh, access: g.access})
		if err != nil {
			return nil, err
		}
		return r.granted(e, answer), nil
	}
	if g.refresh == "" {
		return shortOf("%s carries no refresh token, so there is nothing to refresh", r.script.issue.op.Name())
	}
	if r.facts.turns() { // the comparison may have used the token
		var err error
		if g, err = r.obtain(ctx); err != nil {
			return err
		}
	}
	next, err := refreshed(g)
	if err != nil {
		return err
	}
	kind, _ := r.script.dialect.Token(refresh)
	switch {
	case !next.Succeeded() && kind.EarlyRefusable && r.scenario.Name == stormScenario:
		r.script.refresh.bears = r.script.issue.bears
		return nil
	case !next.Succeeded() && kind.EarlyRefusable:
		return shortOf("the target refuses a refresh while the access token lives, which the document allows; --scenario %s refreshes when it has ended", stormScenario)
	case !next.Succeeded():
		return r.noRefresh(next)
	}
	e.bears = [2]bool{next.access != "", next.refresh != ""}
	if next.refresh == "" {
		return nil
	}
	after, err := refreshed(next)
	if err != nil {
		return err
	}
	if !after.Succeeded() {
		return r.noRefresh(after)
	}
	if !r.script.rotates {
		return nil
	}
	again, err := refreshed(g)
	if err != nil || again.Succeeded() { // which the attack will see
		return err
	}
	last, err := refreshed(after)
	if err == nil && !last.Succeeded() {
		r.facts.revokes = true
		r.note("a refresh token that is presented again ends its family, so few are")
	}
	return err
}

// noRefresh is the end of a run that is to refresh and cannot.
func (r *run) noRefresh(g *grant) error {
	e := r.script.refresh
	if g.Refused() {
		r.accuse(deadRefresh, e, "with a refresh token that nobody had used", "success (2xx)", statusText(g.Status), func() *exchange.Exchange { return g.Answer.Exchange })
	}
	return shortOf("no refresh could be had to begin with: %s was answered %s", e.op.Name(), statusText(g.Status))
}

// possible reports what a target that does as it may keeps a scenario from showing.
func (r *run) possible() error {
	if !r.facts.turns() {
		return nil
	}
	several := 0
	for p := range checkPart {
		if r.scenario.has(p) {
			several++
		}
	}
	switch {
	case r.scenario.Name == stormScenario:
		return shortOf("the target keeps one session of an account, so there is nobody else whose token could end; a storm needs a target where an account has several")
	case several > 1 && (r.scenario.has(refreshPart) || r.facts.alone && r.scenario.has(issuePart)):
		return shortOf("the target keeps one session of an account, so the kinds of requests of a mix end each other's tokens; run them one after the other")
	case r.scenario.has(refreshPart) && r.Connections > 1:
		return shortOf("the target keeps one session of an account, so only one connection has a token to refresh; ask for --connections 1")
	}
	return nil
}

// spareChains is how many clients that refresh are kept ready to take the place of one whose token was lost.
const spareChains = 64

// fillers is how many requests fill the stock at once: as many as a check of the target has (limits.parallel).
const fillers = 8

// tellEvery is after how many tokens it is said how far the filling has come.
const tellEvery = 50

// stockUp fills what the attack draws from.
func (r *run) stockUp(ctx context.Context) error {
	held, chains := 0, 0
	switch {
	case r.scenario.Name == stormScenario:
		chains = max(r.WorkingSet, r.Connections)
	default:
		if r.scenario.has(validatePart) || r.scenario.has(usePart) {
			held = r.WorkingSet
		}
		if r.scenario.has(refreshPart) {
			chains = r.Connections + spareChains
		}
	}
	if r.facts.turns() {
		held, chains = min(held, 1), min(chains, 1)
	}
	r.spares = make(chan *chain, max(chains, 1)+spareChains)
	grants, err := r.obtainMany(ctx, held+chains)
	if err != nil {
		return err
	}
	var set []*holding
	for i, g := range grants {
		if i < held {
			set = append(set, &holding{[]byte(g.access), g.ends})
			continue
		}
		r.spares <- g.chain()
	}
	r.stock = newStock(set)
	return nil
}

func (g *grant) chain() *chain {
	return &chain{access: []byte(g.access), refresh: []byte(g.refresh)}
}

// obtainMany issues several tokens at once. Every one of them is remembered.
func (r *run) obtainMany(ctx context.Context, n int) ([]*grant, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	grants := make([]*grant, n)
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(fillers, n) {
		all.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				g, err := r.obtain(ctx)
				if err != nil {
					cancel(err)
					return
				}
				r.remember(g)
				grants[i] = g
				if r.Progress != nil && i%tellEvery == 0 {
					r.Progress(Progress{Filling: true, Filled: i})
				}
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		if errors.Is(err, context.Canceled) {
			return nil, shortOf("the run was interrupted")
		}
		return nil, err
	}
	return grants, nil
}

// remember looks whether an issue handed out something again.
func (r *run) remember(g *grant) {
	for i, token := range []string{g.access, g.refresh} {
		if token != "" && !r.facts.cached[i] && !r.seen.add(i, []byte(token)) {
			r.accuse(repeated, r.script.issue, "to have tokens before the attack", "a new "+kindNames[i]+" token", "one that was handed out before", func() *exchange.Exchange { return g.Answer.Exchange })
		}
	}
}

var kindNames = [2]string{access, refresh}
