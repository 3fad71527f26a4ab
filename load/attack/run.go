package attack

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"gonogo/internal/wire"
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
// error means that the plan cannot be run and nothing was sent.
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

	r.start = time.Now()
	collector := collect(r, recorders, full, watch, stop)
	stopAlarm := func() {}
	switch {
	case r.agenda != nil:
		r.waker = newWaker(r.start)
		stopAlarm = r.waker.stop
	case !saturate:
		stopAlarm = alarm(r.start, newSchedule(plan.Pace, plan.WarmUp, plan.Duration))
	}
	var under, aside sync.WaitGroup
	over := make(chan struct{})
	if plan.Beside != nil {
		aside.Go(func() { r.probe(connections[all-1], recorders[all-1], plan.Beside, over) })
	}
	for i := range workers {
		under.Go(func() {
			if follower, ok := workers[i].(Follower); ok && r.agenda != nil {
				r.follow(connections[i], recorders[i], follower)
			} else {
				r.attack(connections[i], recorders[i], workers[i])
			}
		})
	}
	under.Wait()
	close(over)
	aside.Wait()
	stopAlarm()
	return collector.finish(connections), nil
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

// attack is the loop of one connection. It reads the clock as seldom as it can: three times are 2 % of a request.
func (r *run) attack(connection Connection, records *recorder, worker Worker) {
	var request wire.Request
	var answer wire.Answer
	// free is when the connection would have become free if every request had left on time. What is late beyond that is
	// our own doing; until then it is the queue in front of a slow server.
	var free time.Duration
	for now := r.now(); !r.stopped.Load(); {
		intended, ok := now, now < r.end
		if r.schedule != nil {
			intended, ok = r.schedule.next()
		}
		if !ok {
			return
		}
		if now < intended {
			if now, ok = r.sleep(intended); !ok {
				return // it was not its turn yet
			}
		}
		if now > r.last {
			records.add(record{intended: intended, fate: unsent})
			return
		}
		request.Reset()
		part, ok := worker.Fill(&request)
		sent := r.now()
		if !ok {
			records.add(record{intended: intended, fate: starved})
			if now = sent; r.schedule == nil {
				now, _ = r.sleep(now + idlePause)
			}
			continue
		}
		if r.schedule == nil {
			intended = sent
		}
		one, ok := r.exchange(connection, worker, &request, &answer, record{intended: intended, sent: sent, part: uint16(part), free: max(free, intended)})
		now = one.answered
		if !ok { // our own doing
			one.fate = cutOff
			records.add(one)
			return
		}
		records.add(one)
		free = one.free + one.answered - one.sent
		if r.schedule == nil && (one.why.unreached() || one.why.own()) {
			now, _ = r.sleep(now + idlePause)
		}
	}
}

// exchange sends the request that was filled last and has its answer judged; not ok is that the attack was stopped
// meanwhile.
func (r *run) exchange(connection Connection, worker Worker, request *wire.Request, answer *wire.Answer, one record) (_ record, ok bool) {
	at := r.start.Add(one.sent)
	took, also, err := connection.Do(request, answer, at)
	one.answered, one.also, one.out = one.sent+took, also, uint32(len(request.Body))
	if err != nil {
		if r.stopped.Load() {
			return one, false
		}
		answer.Reset()
		one.why = r.why(err)
	} else {
		one.status, one.in = uint16(answer.Status), uint32(len(answer.Body))
		answer.Unpack()
	}
	if also&Again != 0 {
		if doubter, ok := worker.(Doubter); ok {
			doubter.Doubt()
		}
	}
	one.verdict = worker.Judge(answer, err, at)
	if err != nil && one.verdict == Good {
		one.verdict = Bad
	}
	return one, true
}

// probe is the loop of the connection beside the pace: what there is to send is sent at once.
func (r *run) probe(connection Connection, records *recorder, prober Prober, over <-chan struct{}) {
	var request wire.Request
	var answer wire.Answer
	for !r.stopped.Load() && prober.Wait(over) {
		request.Reset()
		part, ok := prober.Fill(&request)
		if !ok {
			continue
		}
		sent := r.now()
		one, ok := r.exchange(connection, prober, &request, &answer, record{intended: sent, sent: sent, free: sent, part: uint16(part), beside: true})
		if !ok {
			return
		}
		records.add(one)
		if one.why.unreached() || one.why.own() {
			_, _ = r.sleep(one.answered + idlePause)
		}
	}
}

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
