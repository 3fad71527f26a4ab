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

	"golang.org/x/time/rate"

	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// shortfall is why a run came to no verdict, as a sentence. It is nothing that the target did wrong.
type shortfall struct {
	why   string
	again bool // there was an answer, and asking once more may have another
}

func (s shortfall) Error() string { return s.why }

func shortOf(format string, args ...any) error { return shortfall{why: fmt.Sprintf(format, args...)} }

// account is who the run acts as: a client of the target like any other, whose requests are no part of the load. What it
// is handed the load spends, and what it sees of the target's habits the load is held to.
type account struct {
	offer  *offer
	ledger *ledger
	client *exchange.Client
	delays *exchange.Delays
	seen   *seen
	habits habits

	insisted sync.Once // tokens had to be asked for more than once
}

// newAccount opens the target. told hears of each pause that a busy target asks for.
func newAccount(l *ledger, seen *seen, told func(pause time.Duration)) (*account, error) {
	t := l.offer.target
	transport, err := t.Transport()
	if err != nil {
		return nil, err
	}
	for _, secret := range t.Secrets() {
		l.redactor.Add("secret", secret)
	}
	var limiter *rate.Limiter
	if !t.Loopback() && t.Limits.MaxRPS > 0 {
		limiter = rate.NewLimiter(rate.Limit(t.Limits.MaxRPS), max(t.Limits.Burst, 1))
	}
	a := &account{offer: l.offer, ledger: l, seen: seen, delays: &exchange.Delays{Told: func(_ int, pause time.Duration) { told(pause) }}}
	a.client = exchange.NewClient(exchange.Options{
		Transport: transport, Headers: t.Headers, Timeout: t.Limits.Timeout, Patience: t.Limits.MaxWait, Limiter: limiter, Delays: a.delays,
	})
	return a, nil
}

// send makes a call.
func (a *account) send(ctx context.Context, op *operation.Op, tokens map[string]string) (*operation.Answer, error) {
	request, err := op.Request(ctx, operation.Args{Tokens: tokens})
	if lacking, ok := errors.AsType[*operation.NoCredential](err); ok {
		return nil, shortOf("%v", lacking)
	}
	if err != nil {
		return nil, err
	}
	x, err := a.client.Send(ctx, request)
	if err != nil {
		return nil, a.silence(ctx, op, x, err)
	}
	answer := op.Read(x)
	for kind, value := range answer.Tokens {
		a.ledger.redactor.Add(kind, value)
	}
	return answer, nil
}

// silence says why no answer came.
func (a *account) silence(ctx context.Context, op *operation.Op, x *exchange.Exchange, err error) error {
	if ctx.Err() != nil {
		return errInterrupted
	}
	why := err.Error()
	if x != nil && x.Err != nil {
		why = x.Err.Error()
	}
	if errors.Is(err, exchange.ErrGone) {
		return shortOf("the target cannot be reached at %s: %s", a.offer.target.BaseURL.Redacted(), a.ledger.redactor.Answer(why))
	}
	return shortOf("%s was not answered before the attack: %s", op.Name(), a.ledger.redactor.Answer(why))
}

var errInterrupted = shortOf("the run was interrupted")

// wait does nothing for a while.
func wait(ctx context.Context, while time.Duration) error {
	select {
	case <-ctx.Done():
		return errInterrupted
	case <-time.After(while):
		return nil
	}
}

// register makes the run's own account where the document has users register, unless the target file gives one.
func (a *account) register(ctx context.Context) error {
	o := a.offer
	i := slices.IndexFunc(o.dialect.Credentials, func(c specs.Credential) bool { return c.Registered })
	if i < 0 || len(o.target.Credentials[o.dialect.Credentials[i].Role].Fields) > 0 {
		return nil
	}
	role := o.dialect.Credentials[i]
	register := o.ops.First(specs.RoleRegister)
	if register == nil {
		return nil
	}
	made := operation.NewAccount(role)
	for _, field := range role.Fields[1:] {
		a.ledger.redactor.Add(field, made[field])
	}
	o.ops.Credential = func(of, field string) (string, bool) {
		if of == role.Role {
			value, ok := made[field]
			return value, ok
		}
		value, ok := o.target.Credentials[of].Fields[field]
		return value, ok
	}
	answer, err := a.send(ctx, register, nil)
	if err != nil {
		return err
	}
	if !answer.Succeeded() {
		return shortOf("no account could be made to act as: %s was answered %s; check credentials.%s in the target file, or give credentials.%s",
			register.Name(), statusText(answer.Status), operation.Primary, role.Role)
	}
	return nil
}

// obtain issues tokens. They are what the load is made of, so failing is the end of the run.
func (a *account) obtain(ctx context.Context) (*grant, error) {
	answer, err := a.send(ctx, a.offer.issue.op, nil)
	if err != nil {
		return nil, err
	}
	g := a.granted(a.offer.issue, answer)
	if answer.Succeeded() && g.access != "" {
		return g, nil
	}
	advice := ""
	switch answer.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusBadRequest:
		advice = "; check credentials in the target file"
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		advice = "; check base_url in the target file"
	}
	return nil, shortfall{
		why:   fmt.Sprintf("no tokens could be had to begin with: %s was answered %s%s", a.offer.issue.op.Name(), statusText(answer.Status), advice),
		again: advice == "" && !answer.Succeeded(),
	}
}

// insists is how often a token is asked for that is refused without a reason: a target that fails once in a while is to
// be measured, and not to be turned away from.
const insists = 3

// insist obtains tokens from a target that may fail now and then, and says so.
func (a *account) insist(ctx context.Context) (g *grant, err error) {
	for range insists {
		if g, err = a.obtain(ctx); err == nil {
			return g, nil
		}
		if short, ok := errors.AsType[shortfall](err); !ok || !short.again {
			return nil, err
		}
		a.insisted.Do(func() { a.ledger.note("tokens had to be asked for more than once before the attack: %v", err) })
	}
	return nil, err
}

// fillers is how many requests obtain tokens at once: as many as a check of the target has (limits.parallel).
const fillers = 8

// obtainMany issues several tokens at once. Every one of them is remembered, and told of.
func (a *account) obtainMany(ctx context.Context, n int, told func(sofar int)) ([]*grant, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	grants := make([]*grant, n)
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(fillers, n) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				g, err := a.insist(ctx)
				if err != nil {
					cancel(err)
					return
				}
				a.remember(g)
				grants[i] = g
				told(i)
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		if errors.Is(err, context.Canceled) {
			return nil, errInterrupted
		}
		return nil, err
	}
	return grants, nil
}

// granted reads an answer that carries tokens. What is wrong with it is a violation as it would be in the attack.
func (a *account) granted(c *call, answer *operation.Answer) *grant {
	g := &grant{Answer: answer, access: answer.Tokens[access], refresh: answer.Tokens[refresh]}
	if kind, ok := a.offer.dialect.Token(access); ok {
		g.life = a.lifetime(kind, answer)
		if g.life > 0 {
			g.ends = answer.Exchange.Sent.Add(g.life)
		}
	}
	if len(answer.Mismatches) > 0 && answer.Succeeded() {
		m := answer.Mismatches[0]
		a.violated(undocumented, c, "to have tokens before the attack", strings.TrimPrefix(m.At+": "+m.Wanted, ": "), m.Got, answer)
	}
	return g
}

// lifetime is how long a token lives: what the target file expects, else the documented number, shortened to what
// the answer announces.
func (a *account) lifetime(kind specs.TokenKind, answer *operation.Answer) time.Duration {
	lifetime := kind.Lifetime.Documented
	if declared, ok := a.offer.target.Lifetime(kind.Name); ok {
		lifetime = declared
	}
	if announced, _, ok := answer.Lifetime(kind); ok && announced > 0 && (lifetime == 0 || announced < lifetime) {
		return announced
	}
	return lifetime
}

// remember looks whether an issue handed out something again.
func (a *account) remember(g *grant) {
	for i, token := range []string{g.access, g.refresh} {
		if token != "" && !a.habits.cached[i] && !a.seen.add(a.seen.trace(i, []byte(token))) {
			a.violated(repeated, a.offer.issue, "to have tokens before the attack", "a new "+kindNames[i]+" token", "one that was handed out before", g.Answer)
		}
	}
}

// refreshed spends the refresh token of a grant.
func (a *account) refreshed(ctx context.Context, g *grant) (*grant, error) {
	answer, err := a.send(ctx, a.offer.refresh.op, g.held())
	if err != nil {
		return nil, err
	}
	return a.granted(a.offer.refresh, answer), nil
}

// tried asks whether an access token works, in the way that the attack will.
func (a *account) tried(ctx context.Context, g *grant) (answer *operation.Answer, works bool, err error) {
	op := a.offer.live.op
	answer, err = a.send(ctx, op, g.held())
	if err != nil || !answer.Succeeded() || op.Says == nil {
		return answer, err == nil && answer.Succeeded(), err
	}
	value, ok := answer.Value(op.Says.Valid)
	return answer, ok && value == true, nil
}

// works is tried without the answer.
func (a *account) works(ctx context.Context, g *grant) (bool, error) {
	_, works, err := a.tried(ctx, g)
	return works, err
}

// denied reports whether an answer that is no yes says no: a server in trouble says nothing of a token.
func (a *account) denied(answer *operation.Answer) bool {
	if a.offer.live.op.Says != nil && answer.Succeeded() {
		return true
	}
	return answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden
}

// violated counts a violation that the account met.
func (a *account) violated(kind violation, c *call, why, wanted, got string, answer *operation.Answer) {
	a.ledger.violated(finding{kind, c, why, wanted, got}, func() *exchange.Exchange { return answer.Exchange })
}

// moveClock asks the target's clock control for a step. It is a service of its own: nothing of it is measured.
func (a *account) moveClock(ctx context.Context, by time.Duration) error {
	request, err := a.offer.target.Clock.Advance.Request(ctx, map[string]string{
		"duration": by.String(), "duration_seconds": fmt.Sprint(int64(by / time.Second)),
	})
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: a.offer.target.Limits.Timeout, Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("the clock control answered %s", response.Status)
	}
	return nil
}

func statusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}
