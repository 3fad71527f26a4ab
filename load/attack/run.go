package attack

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// grace is for how long what is late at the end is still sent. Without it a hiccup of the machine in the last
	// millisecond leaves requests unsent, and the run looks as if it had not kept up.
	grace = time.Second

	// longestSleep is how long a connection sleeps before it looks whether the attack has been stopped.
	longestSleep = 200 * time.Millisecond

	// idlePause is how long a saturating connection waits when its worker had nothing to send, or nobody to send it
	// to. Without it, it would spend a core on asking again.
	idlePause = time.Millisecond

	// openers is how many connections are made at once before the attack: enough to be quick, and fewer than any
	// backlog of a listening socket.
	openers = 32
)

// run is an attack under way.
type run struct {
	plan     Plan
	schedule *schedule // of single requests; nil: there are none, or it is saturating
	agenda   *agenda   // of chains; nil: there are none
	waker    *waker    // of chains
	start    time.Time
	end      time.Duration // of the last intended request
	last     time.Duration // moment after which none is sent
	stopped  atomic.Bool
	detail   atomic.Pointer[string] // of the latest connection that could not be made
}

// Run attacks. It ends when the plan's duration is over and the last answer has come or timed out, when ctx is
// cancelled, or when the server cannot be reached any longer; then the result says so and holds what there was. An
// error means that the plan cannot be run and no request was sent.
func Run(ctx context.Context, plan Plan, transport Transport, watch Watch) (*Result, error) {
	if err := plan.check(); err != nil {
		return nil, err
	}
	r := &run{plan: plan, end: plan.WarmUp + plan.Duration + plan.Tail}
	r.last = r.end
	saturate := plan.Pace.Due == nil
	switch {
	case saturate:
	case plan.Chains != nil:
		r.agenda = newAgenda(newSchedule(plan.Pace, plan.WarmUp, plan.Duration), r.end)
		r.last += grace
	default:
		r.schedule = newSchedule(plan.Pace, plan.WarmUp, plan.Duration)
		r.last += grace
	}
	all := plan.Connections
	if plan.Beside != nil {
		all++
	}
	connections := make([]Connection, all)
	recorders, full := newRecorders(all)
	workers := make([]Worker, plan.Connections)
	for i := range connections {
		connections[i] = transport.Connect(plan.Timeout, saturate)
	}
	for i := range workers {
		workers[i] = plan.Workers(i)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	unhook := context.AfterFunc(ctx, func() {
		r.stopped.Store(true)
		for _, connection := range connections {
			connection.Interrupt()
		}
	})
	defer func() {
		unhook()
		for _, connection := range connections {
			connection.Interrupt()
		}
	}()
	open(ctx, connections)

	late, err := r.begin(ctx)
	if err != nil {
		return nil, err
	}
	collector := collect(r, recorders, full, watch, stop)
	stopAlarm := func() {}
	switch {
	case r.agenda != nil:
		r.waker = newWaker(r.start)
		stopAlarm = r.waker.stop
	case !saturate:
		stopAlarm = alarm(r.start, plan.Pace.Moments(plan.WarmUp, plan.Duration))
	}
	var under, aside sync.WaitGroup
	over := make(chan struct{})
	if plan.Beside != nil {
		aside.Go(func() { r.line(connections[all-1], recorders[all-1], plan.Beside).probe(plan.Beside, over) })
	}
	for i := range workers {
		under.Go(func() {
			l := r.line(connections[i], recorders[i], workers[i])
			if follower, ok := workers[i].(Follower); ok && r.agenda != nil {
				l.follow(follower)
			} else {
				l.attack()
			}
		})
	}
	under.Wait()
	close(over)
	aside.Wait()
	stopAlarm()
	result := collector.finish(connections)
	result.Late = late
	return result, nil
}

// begin waits for the attack's begin, and says how much later it is.
func (r *run) begin(ctx context.Context) (late time.Duration, err error) {
	if r.plan.Start == nil {
		r.start = time.Now()
		return 0, nil
	}
	if r.start, err = r.plan.Start(ctx); err != nil {
		return 0, err
	}
	select {
	case <-ctx.Done():
		return 0, errors.New("the run was stopped before it began")
	case <-time.After(time.Until(r.start)):
		return time.Since(r.start), nil
	}
}

func (p *Plan) check() error {
	switch {
	case p.Connections < 1:
		return errors.New("an attack needs at least one connection")
	case p.Duration <= 0:
		return errors.New("an attack needs a duration over 0")
	case p.WarmUp < 0:
		return errors.New("a warm-up cannot be shorter than nothing")
	case p.Pace.Due != nil && p.Pace.Begin <= 0:
		return errors.New("a rate cannot be negative; give how many requests in a second")
	case p.Chains != nil && p.Pace.Due == nil:
		return errors.New("chains begin at a rate; give one above 0")
	case p.Timeout <= 0:
		return errors.New("an attack needs a timeout over 0 for its answers")
	case len(p.Parts) == 0 || len(p.Parts) > 1<<16:
		return fmt.Errorf("an attack needs the names of its parts, not %d of them", len(p.Parts))
	case p.Workers == nil:
		return errors.New("an attack needs workers")
	}
	return nil
}

// open connects all, unless the first cannot: then every request will find out for itself, and be counted.
func open(ctx context.Context, connections []Connection) {
	if connections[0].Open(ctx) != nil {
		return
	}
	var next atomic.Int64
	var opening sync.WaitGroup
	for range min(openers, len(connections)) {
		opening.Go(func() {
			for i := next.Add(1); i < int64(len(connections)); i = next.Add(1) {
				if connections[i].Open(ctx) != nil {
					return
				}
			}
		})
	}
	opening.Wait()
}

// timetable is when requests are due, single ones or those of chains.
type timetable interface {
	position() time.Duration
	rest(before time.Duration, each func(at time.Duration))
}

// times is the run's timetable; nil: as much is sent as can be.
func (r *run) times() timetable {
	switch {
	case r.agenda != nil:
		return r.agenda
	case r.schedule != nil:
		return r.schedule
	}
	return nil
}

func (r *run) now() time.Duration { return time.Since(r.start) }

func (r *run) why(err error) Why {
	var failure *Failure
	if !errors.As(err, &failure) {
		return Other
	}
	if failure.Detail != "" {
		r.detail.Store(&failure.Detail)
	}
	return failure.Why
}

// sleep sleeps until a moment, and says when it woke and whether the attack goes on.
func (r *run) sleep(until time.Duration) (now time.Duration, ok bool) {
	for {
		if r.stopped.Load() {
			return now, false
		}
		if now = r.now(); now >= until {
			return now, true
		}
		time.Sleep(min(until-now, longestSleep))
	}
}
