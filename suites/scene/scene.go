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

// memory is what the cases of one run share.
type memory struct {
	*Subject
	client  *client.Memory
	journal journal
	driver  consent.Driver
	signIn  signIn

	mu    sync.RWMutex
	leaks []*client.Reply // refusals that carried a token that works
}

// NewMemory is the memory of a run that has just begun, for engine.Plan.
func (s *Subject) NewMemory() any {
	return &memory{Subject: s, client: client.NewMemory(s.Dialect, s.Target, s.Ops), driver: driverFor(s.Target)}
}

// Act is a case's client: it acts for one trial, and remembers for the whole run.
type Act struct {
	*Subject
	*engine.Trial
	*client.Client
	run *memory
	ctx context.Context
}

func begin(ctx context.Context, t *engine.Trial) *Act {
	run := t.Memory().(*memory)
	return &Act{Subject: run.Subject, Trial: t, run: run, ctx: ctx, Client: &client.Client{
		Memory: run.client, Sender: t, Purpose: "to check with",
		Heard: func(answer *operation.Answer) { run.journal.add(Entry{Case: t.Case.ID, Answer: answer}) },
	}}
}

// in is the act with another context.
func (a *Act) in(ctx context.Context) *Act {
	other := *a
	other.ctx = ctx
	return &other
}

// Wait blocks until the target's clock shows due; only cases of the timeline may wait.
func (a *Act) Wait(due time.Time) { a.Stop(a.Trial.Wait(a.ctx, due)) }

// FailedLogin must be called before a request that presents wrong credentials on purpose. It stops the case when the
// user's budget of such requests is used up: a target may lock an account.
func (a *Act) FailedLogin() { a.Stop(a.Trial.FailedLogin()) }

// NobodyMovedTheClock stops the case where an answer shows that somebody besides this run moves the target's clock.
func (a *Act) NobodyMovedTheClock(reply *client.Reply) { a.Stop(a.MovedByOthers(reply)) }

// Credential is a field of a role as it is now, empty if nobody gives it.
func (a *Act) Credential(role, field string) string {
	value, _ := a.Client.Credential(role, field)
	return value
}

// Call sends an operation's request and reads the answer. doing says what is special about the request; it
// shows in findings.
func (a *Act) Call(op *operation.Op, args operation.Args, doing string) *client.Reply {
	return must(a.Client.Call(a.ctx, op, args, doing))
}

// CallAs calls an operation as a role, with some of its credential fields changed.
func (a *Act) CallAs(op *operation.Op, role string, changed map[string]string, doing string) *client.Reply {
	return a.Call(op, operation.Args{Role: role, Fields: changed}, doing)
}

// Pretended is the address that an outsider claims to have: one that is on the list of the listed account. Unless
// the target file says otherwise it is this machine's own, which behind an address translation is not what the
// target sees.
func (a *Act) Pretended() netip.Addr {
	if o := a.Target.Outsider; o != nil && o.Pretends.IsValid() {
		return o.Pretends
	}
	return a.OwnAddress()
}

// Outside is the act as seen from the second address. Only a case that needs an outsider may use it.
func (a *Act) Outside() *Act { return a.in(client.FromOutside(a.ctx)) }

// Together makes the case ready to send n requests at once, on connections that are open: they leave as one
// burst, whatever pace the target file sets. It returns how many the burst may have and who sends them.
func (a *Act) Together(n int) (*Act, int) {
	a.Warm(n)
	ctx, granted, err := a.Burst(a.ctx, n)
	a.Stop(err)
	return a.in(ctx), granted
}

// Warm opens connections ahead of a race, so that its requests leave together.
func (a *Act) Warm(n int) {
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			if req := a.knock(a.ctx); req != nil {
				_, _ = a.Quiet(a.ctx, req)
			}
		})
	}
	all.Wait()
}

func (a *Act) knock(ctx context.Context) *http.Request { return a.Client.Knock(ctx) }
