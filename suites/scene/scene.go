// Package scene is the vocabulary that cases are written in: grants, tokens, calls, and what an answer was
// supposed to be.
//
// It must never know a flow or a dialect: a verb here serves every document.
package scene

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"sync"
	"time"

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

// Memory is what the cases of one run share: everything that they have seen of the target.
type Memory struct {
	*Subject
	Journal *Journal

	driver consent.Driver

	signIn        sync.Mutex // held by the walk that finds out whether the user can sign in
	signInKnown   bool
	signInRefused *consent.Error

	mu      sync.RWMutex
	facts   facts
	seen    map[string]Token       // by value: when each was first seen
	spent   map[string]bool        // single-use values that have been used
	fields  map[string]string      // credential fields that changed during the run, by role/field
	leaks   []*Reply               // refusals that carried a token that works
	usable  map[string]time.Time   // by value: when a token that may be refused early is sure to work
	missing map[*operation.Op]bool // operations of which the document only speaks, and which the target lacks
}

// facts are what the probe found out about the target.
type facts struct {
	cachesTokens bool          // a second issue hands out the same live token
	skew         time.Duration // of the target's Date against our time, before anybody moved its clock
	dated        bool          // there is such a skew
	lateRefresh  bool          // a refresh token is refused while the access token of its grant lives
	noAccount    string        // why no account could be registered
}

// NewMemory is the memory of a run that has just begun.
func (s *Subject) NewMemory() *Memory {
	return &Memory{
		Subject: s, Journal: &Journal{}, driver: driverFor(s.Target),
		seen: map[string]Token{}, spent: map[string]bool{}, usable: map[string]time.Time{}, missing: map[*operation.Op]bool{},
	}
}

// Act is a case's hand on the target: it acts for one trial, and remembers for the whole run.
type Act struct {
	*Memory
	*engine.Trial
	ctx context.Context
}

func begin(ctx context.Context, t *engine.Trial) *Act {
	return &Act{Memory: t.Memory().(*Memory), Trial: t, ctx: ctx}
}

// Context is the case's context.
func (a *Act) Context() context.Context { return a.ctx }

// Call sends an operation's request and reads the answer. doing says what is special about the request; it
// shows in findings.
func (a *Act) Call(op *operation.Op, args operation.Args, doing string) (*Reply, error) {
	if err := a.available(op); err != nil {
		return nil, err
	}
	args.Credential = a.credential
	req, err := op.Request(a.ctx, args)
	if lacking, ok := errors.AsType[*operation.NoCredential](err); ok {
		return nil, a.withoutAccount(lacking)
	}
	if lacking, ok := errors.AsType[*operation.NoToken](err); ok { // an answer before this one ought to have carried it
		return nil, engine.CouldNotRun("there is no %s token to send %s with: no answer carried one where the document has it", lacking.Kind, op.Name())
	}
	if err != nil {
		return nil, err
	}
	return a.send(op, req, doing)
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

// Outside is the act as seen from the second address.
func (a *Act) Outside() *Act {
	return &Act{Memory: a.Memory, Trial: a.Trial, ctx: engine.FromOutside(a.ctx)}
}

func (a *Act) send(op *operation.Op, req *http.Request, doing string) (*Reply, error) {
	x, err := a.Trial.Send(a.ctx, req)
	if x == nil || err != nil {
		if x != nil {
			a.Journal.add(Entry{Case: a.Case.ID, Answer: op.Read(x)})
		}
		return nil, err
	}
	reply := &Reply{Answer: op.Read(x), Doing: doing}
	reply.Ahead = a.TargetTime(reply.Received).Sub(reply.Received)
	reply.DateStands = a.stands(reply)
	for kind, value := range reply.Tokens {
		a.Secret(kind, value)
	}
	a.Journal.add(Entry{Case: a.Case.ID, Answer: reply.Answer})
	return reply, nil
}

// Reply is an answer together with what was asked for.
type Reply struct {
	*operation.Answer
	Doing string
}

// Sent says what was sent, for a finding.
func (r *Reply) Sent() string {
	if r.Doing == "" {
		return r.Op.Name()
	}
	return r.Op.Name() + " " + r.Doing
}

// Together makes the case ready to send n requests at once, on connections that are open: they leave as one
// burst, whatever pace the target file sets. It returns how many the burst may have and who sends them.
func (a *Act) Together(n int) (*Act, int, error) {
	a.Warm(n)
	ctx, granted, err := a.Burst(a.ctx, n)
	if err != nil {
		return nil, 0, err
	}
	return &Act{Memory: a.Memory, Trial: a.Trial, ctx: ctx}, granted, nil
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

// CallAs calls an operation as a role, with some of its credential fields changed.
func (a *Act) CallAs(op *operation.Op, role string, changed map[string]string, doing string) (*Reply, error) {
	return a.Call(op, operation.Args{Role: role, Fields: changed}, doing)
}

// window is the target's time around an exchange.
func (a *Act) window(sent, received time.Time) (time.Time, time.Time) {
	return a.TargetTime(sent), a.TargetTime(received)
}
