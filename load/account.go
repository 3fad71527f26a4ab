package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/load/attack"
)

// shortfall is why a run came to no verdict, as a sentence. It is nothing that the target did wrong.
type shortfall struct {
	why   string
	again string // what was answered, where asking once more may have another answer
}

func (s shortfall) Error() string { return s.why }

// Is has errors.Is know a shortfall as ErrUnready.
func (s shortfall) Is(target error) bool { return target == ErrUnready }

func shortOf(format string, args ...any) error { return shortfall{why: fmt.Sprintf(format, args...)} }

// account is who the run acts as: a client of the target like any other, whose requests are no part of the load. What it
// is handed the load spends, and what it sees of the target's habits the load is held to. It keeps no token in the
// client's memory, which grows.
type account struct {
	offer      *offer
	ledger     *ledger
	connection *client.Connection
	client     client.Client
	teller     *teller
	seen       *seen
	group      *group
	crossed    *crossed // nil: nobody else is handed tokens
	kept       *keepsakes
	habits     habits

	insisted sync.Once    // tokens had to be asked for more than once
	changed  atomic.Int64 // when the target was last told something that its replicas may not know yet, in Unix nanoseconds
}

// settled waits until every replica of the target may be expected to know what it was told.
func (a *account) settled(ctx context.Context) error {
	if a.offer.target.Limits.Settle == 0 {
		return nil
	}
	return wait(ctx, time.Until(time.Unix(0, a.changed.Load()).Add(a.offer.target.Limits.Settle)))
}

// newAccount is whoever acts over a connection.
func newAccount(l *ledger, seen *seen, told *teller, over *client.Connection) *account {
	return &account{
		offer: l.offer, ledger: l, connection: over, teller: told, seen: seen,
		client: client.Client{Memory: client.NewMemory(l.offer.dialect, l.offer.target, l.offer.ops), Sender: over},
	}
}

// send makes a call. Its errors are shortfalls, except for a request that cannot be built.
func (a *account) send(ctx context.Context, op *operation.Op, tokens map[string]string) (*client.Reply, error) {
	return a.sendWith(ctx, op, operation.Args{Tokens: tokens})
}

// sendWith is send with something different in the request.
func (a *account) sendWith(ctx context.Context, op *operation.Op, args operation.Args) (*client.Reply, error) {
	reply, err := a.client.Call(ctx, op, args, "")
	if grants(op) {
		a.changed.Store(time.Now().UnixNano())
	}
	return reply, a.short(ctx, op.Name(), err)
}

// short is the shortfall that an error of the client comes to; what is what was asked for.
func (a *account) short(ctx context.Context, what string, err error) error {
	_, unable := errors.AsType[*client.Unable](err)
	_, unbuilt := errors.AsType[*operation.BuildError](err)
	silent, none := errors.AsType[*exchange.NoAnswer](err)
	switch {
	case err == nil || unbuilt:
		return err
	case ctx.Err() != nil:
		return errInterrupted
	case attack.OwnLimit(err) != attack.Answered:
		return shortOf("this machine is at a limit of its own: %s", a.connection.Redactor.Answer(err.Error()))
	case unable || errors.Is(err, exchange.ErrGone):
		return shortfall{why: err.Error()}
	case none:
		err = silent.Cause
	}
	return shortOf("%s was not answered before the attack: %s", what, a.connection.Redactor.Answer(err.Error()))
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

// agreed is what the first of those who act for the account finds out by what the others then cannot.
func (a *account) agreed(ctx context.Context, name string, find func() (bool, error)) (found bool, err error) {
	if !a.group.shared() {
		return find()
	}
	text, err := a.group.Together.Once(ctx, name, func() ([]byte, error) {
		if found, err = find(); err != nil {
			return nil, err
		}
		return strconv.AppendBool(nil, found), nil
	})
	return string(text) == "true", err
}

// own reports whether the account is this run's alone, because it registers it.
func (a *account) own() bool {
	role, registers := client.Registered(a.offer.dialect)
	return registers && len(a.offer.target.Credentials[role.Role].Fields) == 0
}

// register makes the run's own account where the document has users register, unless the target file gives one.
func (a *account) register(ctx context.Context) error {
	if err := a.client.SettleIn(ctx); err != nil {
		return a.short(ctx, "the registration of an account", err)
	}
	if why := a.client.Habits().NoAccount; why != "" {
		role, _ := client.Registered(a.offer.dialect)
		return shortOf("no account could be made to act as: %s; check credentials.%s in the target file, or give credentials.%s", why, operation.Primary, role.Role)
	}
	return nil
}

// obtain gets tokens by a call. They are what the load is made of, so failing is the end of the run.
func (a *account) obtain(ctx context.Context, c *call) (*client.Grant, error) {
	answer, err := a.grant(ctx, c)
	if err != nil {
		return nil, err
	}
	g := a.granted(c, answer)
	if answer.Succeeded() && g.Value(client.Access) != "" {
		return g, nil
	}
	advice := ""
	switch answer.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusBadRequest:
		advice = "; check credentials in the target file"
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		advice = "; check base_url in the target file"
	}
	answered := fmt.Sprintf("%s was answered %s", c.op.Name(), answer.Got())
	short := shortfall{why: "no tokens could be had to begin with: " + answered + advice}
	if advice == "" && !answer.Succeeded() {
		short.again = answered
	}
	return nil, short
}

// insists is how often a token is asked for that is refused without a reason: a target that fails once in a while is to
// be measured, and not to be turned away from.
const insists = 3

// insist obtains tokens from a target that may fail now and then, and says so.
func (a *account) insist(ctx context.Context, c *call) (g *client.Grant, err error) {
	var short shortfall
	for range insists {
		if g, err = a.obtain(ctx, c); err == nil {
			if short.again != "" {
				a.insisted.Do(func() { a.ledger.note("tokens had to be asked for more than once before the attack: %s", short.again) })
			}
			return g, nil
		}
		if short, _ = errors.AsType[shortfall](err); short.again == "" {
			return nil, err
		}
	}
	return nil, err
}

// fillers is how many requests obtain tokens at once: as many as a check of the target has (limits.parallel).
const fillers = 8

// obtainMany gets several tokens at once. Every one of them is remembered, told of, and taken, from several goroutines.
func (a *account) obtainMany(ctx context.Context, c *call, n int, take func(i int, g *client.Grant)) error {
	all, until := errgroup.WithContext(ctx)
	all.SetLimit(fillers)
	a.teller.fill(n)
	for i := 0; i < n && until.Err() == nil; i++ {
		all.Go(func() error {
			g, err := a.insist(until, c)
			if err != nil {
				return err
			}
			a.remember(c, g)
			take(i, g)
			a.teller.obtained()
			return nil
		})
	}
	if err := all.Wait(); err != nil || ctx.Err() == nil {
		return err
	}
	return errInterrupted
}

// beforehand is what is special about a request of tokens that the attack begins with.
const beforehand = "to have tokens before the attack"

// granted reads an answer that carries tokens. What is wrong with it is a violation as it would be in the attack.
func (a *account) granted(c *call, reply *client.Reply) *client.Grant {
	if deviations := reply.Deviations(); len(deviations) > 0 && reply.Succeeded() {
		m := deviations[0]
		a.violated(undocumented, c, beforehand, m.Expected(), m.Got, reply)
	}
	return a.client.Read(operation.Primary, reply)
}

// remember looks whether an issue handed out something again.
func (a *account) remember(c *call, g *client.Grant) {
	for i, kind := range kindNames {
		token := g.Value(kind)
		if token == "" || a.habits.cached[i] {
			continue
		}
		switch print := a.seen.fingerprint(i, []byte(token)); {
		case !a.seen.add(print):
			a.violated(repeated, c, beforehand, "a new "+kind+" token", "one that was handed out before", g.Reply)
		case a.crossed != nil:
			a.kept.prior(print, g.Reply.Exchange)
			a.crossed.hand(print, i, c)
		}
	}
}

// refreshed spends the refresh token of a grant.
func (a *account) refreshed(ctx context.Context, g *client.Grant) (*client.Grant, error) {
	if err := a.settled(ctx); err != nil {
		return nil, err
	}
	answer, err := a.send(ctx, a.offer.refresh.op, g.Held())
	if err != nil {
		return nil, err
	}
	return a.granted(a.offer.refresh, answer), nil
}

// tried asks whether an access token works, in the way that the attack will.
func (a *account) tried(ctx context.Context, g *client.Grant) (reply *client.Reply, works bool, err error) {
	if err := a.settled(ctx); err != nil {
		return nil, false, err
	}
	reply, err = a.send(ctx, a.offer.live.op, g.Held())
	return reply, err == nil && reply.Affirms(), err
}

// works is tried without the answer.
func (a *account) works(ctx context.Context, g *client.Grant) (bool, error) {
	_, works, err := a.tried(ctx, g)
	return works, err
}

// denied reports whether an answer that is no yes says no: a server in trouble says nothing of a token.
func (a *account) denied(answer *client.Reply) bool {
	return denies(a.offer.live.op, answer)
}

func denies(op *operation.Op, answer *client.Reply) bool {
	return op.Says != nil && answer.Succeeded() || answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden
}

// dead counts an access token that does not work although it lives.
func (a *account) dead(why string, answer *client.Reply) {
	c := a.offer.live
	got := answer.Got()
	if c.op.Says != nil && answer.Succeeded() {
		got = fmt.Sprintf("%s, %s not true", got, c.op.Says.Valid)
	}
	a.violated(deadAccess, c, why, c.affirmed(), got, answer)
}

// violated counts a violation that the account met.
func (a *account) violated(kind violation, c *call, why, wanted, got string, answer *client.Reply) {
	if (kind == deadAccess || kind == deadRefresh) && a.ledger.excuses(a.client.MovedByOthers(answer)) {
		return
	}
	a.ledger.violated(finding{violation: kind, call: c, why: why, wanted: wanted, got: got}, func() *exchange.Exchange { return answer.Exchange })
}
