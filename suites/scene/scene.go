// Package scene is the vocabulary that cases are written in: a client that acts for one case, and what an answer was
// supposed to be.
//
// It must never know a flow or a dialect: a verb here serves every document.
package scene

import (
	"context"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/consent"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// Subject is what cases are made from, and nothing that a run changes.
type Subject struct {
	Dialect *specs.Dialect
	Target  *target.Target // nil: as the document has it, to list cases and not to run them
	Ops     *operation.Set
}

// NewSubject is a dialect as a target file has it, which can name other operations and places; t may be nil.
func NewSubject(dialect *specs.Dialect, t *target.Target) *Subject {
	return &Subject{Dialect: dialect, Target: t, Ops: operation.Compile(dialect, t)}
}

// Spare is the role whose sessions can be ended with the least harm: others work with the primary one all the time.
func (s *Subject) Spare() string {
	if s.Target != nil {
		for _, role := range []string{Second, Listed} {
			if len(s.Target.Credentials[role].Fields) > 0 {
				return role
			}
		}
	}
	return operation.Primary
}

// memory is what the cases of one run share.
type memory struct {
	*Subject
	client  *client.Memory
	journal journal
	driver  consent.Driver
	signIn  signIn

	mu    sync.RWMutex
	leaks []*client.Reply // refusals that carried a token that works
	open  map[Door]bool   // the doors that a live token was seen to open
}

// NewMemory is the memory of a run that has just begun, for engine.Plan.
func (s *Subject) NewMemory() any {
	return &memory{Subject: s, client: client.NewMemory(s.Dialect, s.Target, s.Ops), driver: driverFor(s.Target), open: map[Door]bool{}}
}

// Trial is a case being run that acts as a client of the target. It remembers for the whole run.
type Trial struct {
	*Subject
	*engine.Trial
	*client.Client
	run *memory
	ctx context.Context

	throttles *exchange.Exchange // the throttled refusal that was looked at last
}

func begin(ctx context.Context, t *engine.Trial) *Trial {
	run := t.Memory().(*memory)
	return &Trial{Subject: run.Subject, Trial: t, run: run, ctx: ctx, Client: &client.Client{
		Memory: run.client, Sender: t, Purpose: "to check with",
		Heard: func(answer *operation.Answer) {
			if answer.Oversized != "" {
				t.Unread(answer.Exchange)
			}
			run.journal.add(Entry{Case: t.Case.ID, Answer: answer})
		},
	}}
}

// Context is that of the case.
func (t *Trial) Context() context.Context { return t.ctx }

// in is the trial with another context.
func (t *Trial) in(ctx context.Context) *Trial {
	other := *t
	other.ctx = ctx
	return &other
}

// Wait blocks until the target's clock shows due; only cases of the timeline may wait.
func (t *Trial) Wait(due time.Time) { t.Stop(t.Trial.Wait(t.ctx, due)) }

// FailedLogin must be called before a request that presents wrong credentials on purpose. It stops the case when the
// user's budget of such requests is used up: a target may lock an account.
func (t *Trial) FailedLogin() { t.Stop(t.Trial.FailedLogin()) }

// NobodyMovedTheClock stops the case where an answer shows that somebody besides this run moves the target's clock.
func (t *Trial) NobodyMovedTheClock(reply *client.Reply) { t.Stop(t.MovedByOthers(reply)) }

// Credential is a field of a role as it is now, empty if nobody gives it.
func (t *Trial) Credential(role, field string) string {
	value, _ := t.Client.Credential(role, field)
	return value
}

// Call sends an operation's request and reads the answer. doing says what is special about the request; it
// shows in findings.
func (t *Trial) Call(op *operation.Op, args operation.Args, doing string) *client.Reply {
	return must(t.Client.Call(t.ctx, op, args, doing))
}

// CallAs calls an operation as a role, with some of its credential fields changed.
func (t *Trial) CallAs(op *operation.Op, role string, changed map[string]string, doing string) *client.Reply {
	return t.Call(op, operation.Args{Role: role, Fields: changed}, doing)
}

// Pretended is the address that an outsider claims to have: one that is on the list of the listed account. Unless
// the target file says otherwise it is this machine's own, which behind an address translation is not what the
// target sees.
func (t *Trial) Pretended() netip.Addr {
	if o := t.Target.Outsider; o != nil && o.Pretends.IsValid() {
		return o.Pretends
	}
	return t.OwnAddress()
}

// Outside is the trial as seen from the second address. Only a case that needs an outsider may use it.
func (t *Trial) Outside() *Trial { return t.in(client.FromOutside(t.ctx)) }

// From is the trial as seen from another address of this machine.
func (t *Trial) From(address netip.Addr) *Trial { return t.in(client.From(t.ctx, address)) }

// Race has n act side by side, each as a trial of its own whose first request leaves together with those of the others,
// and comes back when all have ended, as AtOnce does. A target file that allows a smaller burst has fewer act.
func (t *Trial) Race(n int, act func(t *Trial, i int)) *exchange.Release {
	volley := must(t.Volley(t.ctx, n))
	t.AtOnce(len(volley.Racers), func(i int) {
		defer exchange.Quit(volley.Racers[i])
		act(t.in(volley.Racers[i]), i)
	})
	return volley.Release()
}

func (t *Trial) knock(ctx context.Context) *http.Request { return t.Client.Knock(ctx) }
