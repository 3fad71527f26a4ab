package watch

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/fakeclock"
	"gonogo/internal/front"
	"gonogo/internal/lineage"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
)

// stage is what the script plays on: every exchange as it comes, what is done to the next ones, and the API's clock.
type stage struct {
	dialect    *specs.Dialect
	connection *client.Connection
	book       *lineage.Book
	clock      bool                     // the API's clock can be moved, and is
	lifetimes  map[string]time.Duration // that tokens are to have, by kind, instead of those of the API

	*heard      // of the client beside that
	blind  bool // it did not ask for the time in the last minutes of a token

	fake *fakeclock.Clock // is the client's, and moved with the API's; nil: it has one of its own

	seen func(line string) // told of every exchange; nil: nobody is
	show *show             // the page of the watch
	user *user             // who is sent off by the client's page; nil: nobody is

	started time.Time // the watch

	elsewhere *http.Server // the host to which a call was redirected; nil: none was

	still sync.Mutex // held while an exchange is taken in; who holds it finds nothing changing

	mu        sync.Mutex
	situation string
	deed      func(*lineage.Event) front.Deed // nil: nothing is done
	events    []*lineage.Event
	ordered   []*lineage.Event // the same, in the order in which they arrived; stale where it has fewer
	weight    int              // bytes of their bodies
	total     int              // of all exchanges, kept or not
	dropped   int              // that were no ordinary use, and were not kept for want of room
	full      chan struct{}    // is closed when there is no room any more
	uses      map[*lineage.Token]int
	unkept    map[*lineage.Token]int // uses that were not kept
	waiters   map[*waiter]bool
	steps     []step
	leaks     []leak
	secrets   []secret
	began     map[string]time.Time
	outcomes  map[string]*outcome // of the situations, by id
	exited    string              // how the command ended where that is held against the client, as a sentence
	again     time.Time           // when the command was started again; zero: it was not
	ended     bool                // the command ended by itself, and well
	lost      string              // why nothing came of a user's coming to the client's page, the first time; empty: something did
}

func newStage(d *specs.Dialect, t *target.Target, connection *client.Connection) *stage {
	s := &stage{
		dialect: d, connection: connection, heard: newHeard(), started: time.Now(), show: newShow(d), clock: t.Clock != nil, book: lineage.NewBook(d, operation.Compile(d, t)),
		uses: map[*lineage.Token]int{}, unkept: map[*lineage.Token]int{}, full: make(chan struct{}), waiters: map[*waiter]bool{}, began: map[string]time.Time{}, outcomes: map[string]*outcome{},
	}
	for name, value := range t.Credentials[operation.Primary].Fields {
		if strings.Contains(name, "secret") || strings.Contains(name, "password") {
			s.secrets = append(s.secrets, newSecret(name, value))
		}
	}
	return s
}

// step is a move of the API's clock.
type step struct {
	from, at time.Time // by the wall clock: when it was asked for, and when it was done
	by       time.Duration
}

// waiter is somebody who waits for an exchange.
type waiter struct {
	want  func(*lineage.Event) bool
	found chan *lineage.Event
}

// now is the API's time.
func (s *stage) now() time.Time { return s.connection.TargetTime(time.Now()) }

// present is the situation that is on.
func (s *stage) present() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.situation
}

// enter begins a situation.
func (s *stage) enter(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.situation, s.deed, s.uses = id, nil, map[*lineage.Token]int{}
	s.began[id] = time.Now()
}

// meddle is what happens to the exchanges from now on; nil: nothing.
func (s *stage) meddle(deed func(*lineage.Event) front.Deed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deed = deed
}

// deedFor is what becomes of an exchange that has just begun.
func (s *stage) deedFor(x *front.Exchange) front.Deed {
	s.heard.of(x.From)
	s.mu.Lock()
	deed := s.deed
	s.mu.Unlock()
	if deed == nil && len(s.lifetimes) == 0 {
		return front.Deed{}
	}
	e := s.book.Read(x)
	var done front.Deed
	if deed != nil {
		done = deed(e)
	}
	if len(s.lifetimes) > 0 {
		return s.shorten(e, done)
	}
	return done
}

// over takes in an exchange, and wakes who waits for it.
func (s *stage) over(x *front.Exchange) {
	s.heard.of(x.From)
	s.still.Lock()
	defer s.still.Unlock()
	s.mu.Lock() // what is known of tokens changes here, and is asked for by those who wait
	defer s.mu.Unlock()
	e := s.book.Take(x)
	s.prolong(slices.DeleteFunc(slices.Clone(e.Gave), func(t *lineage.Token) bool { return t.Given != e }), s.steps...)
	s.redact(e)
	s.total++
	if s.seen != nil {
		s.seen(strings.TrimSpace(fmt.Sprintf("%s %s %s", e.At.Format(time.TimeOnly), s.connection.Redactor.String(sentence(e)), result(e))))
	}
	s.search(e)
	if s.worthKeeping(e) {
		s.events = append(s.events, e)
		s.tellExchange(e)
	}
	for w := range s.waiters {
		if w.want(e) {
			delete(s.waiters, w)
			w.found <- e
		}
	}
}

// result is what became of an exchange, as people read it.
func result(e *lineage.Event) string {
	text := "no answer"
	if e.Status() > 0 {
		text = strconv.Itoa(e.Status())
	}
	if e.Deed != "" {
		text += ", " + e.Deed
	}
	return text
}

// redact makes everything secret that the exchange carried.
func (s *stage) redact(e *lineage.Event) {
	for _, t := range e.Gave {
		s.connection.Redactor.AddAs(t.Name(), t.Value())
	}
	for _, shown := range e.Strange {
		s.connection.Secret("token", shown.Value)
	}
	for name, value := range e.Seen.Fields {
		s.connection.Secret(name, value)
	}
}

// isUse reports a call of the API itself, be it one that the document has or another beside it.
func isUse(e *lineage.Event) bool {
	role := e.Role()
	return role == specs.RoleUse || role == specs.RolePlacement || role == "" && len(e.Seen.Shown) > 0
}

// await waits for an exchange since the situation began, or from now on where fresh. nil: none came within the time.
func (s *stage) await(ctx context.Context, within time.Duration, want func(*lineage.Event) bool) *lineage.Event {
	s.mu.Lock()
	begun := s.began[s.situation]
	for _, e := range s.events {
		if !e.Arrived.Before(begun) && want(e) {
			s.mu.Unlock()
			return e
		}
	}
	w := &waiter{want, make(chan *lineage.Event, 1)}
	s.waiters[w] = true
	s.mu.Unlock()
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case e := <-w.found:
		return e
	case <-timer.C:
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiters, w)
	select {
	case e := <-w.found: // came at the last moment
		return e
	default:
		return nil
	}
}

// times waits for so many exchanges.
func (s *stage) times(ctx context.Context, n int, within time.Duration, want func(*lineage.Event) bool) bool {
	return s.timesSince(ctx, time.Now(), n, within, want)
}

// timesSince waits for so many exchanges that arrive after a moment.
func (s *stage) timesSince(ctx context.Context, since time.Time, n int, within time.Duration, want func(*lineage.Event) bool) bool {
	seen, begun := map[int]bool{}, time.Now()
	for range n {
		e := s.await(ctx, within-time.Since(begun), func(e *lineage.Event) bool { return !e.Arrived.Before(since) && !seen[e.Number] && want(e) })
		if e == nil {
			return false
		}
		seen[e.Number] = true
	}
	return true
}

// advance moves the API's clock to a moment; one that has passed is no move.
func (s *stage) advance(ctx context.Context, to time.Time) error {
	if newest := s.book.Newest(client.Access); newest != nil { // calls with the tokens before it are to be over
		pass(ctx, onTheWay-time.Since(newest.Given.Done))
	}
	s.redeemed(ctx)
	by := to.Sub(s.now()).Truncate(time.Second) + time.Second
	if by <= 0 {
		return nil
	}
	from := time.Now()
	if err := s.connection.MoveClock(ctx, by); err != nil {
		return err
	}
	if err := s.moveFake(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	done := step{from, time.Now(), by}
	s.steps = append(s.steps, done)
	s.heard.moved()
	s.prolong(s.book.Tokens(), done)
	return nil
}

// prolong has tokens that were made while the clock was moved live from its end on: nobody sees from outside whether they were made before.
// s.mu is held.
func (s *stage) prolong(tokens []*lineage.Token, steps ...step) {
	for _, t := range tokens {
		for _, step := range steps {
			if !t.Ends.IsZero() && t.Given.Done.After(step.from) && t.Given.Arrived.Before(step.at) {
				t.Ends = t.Ends.Add(step.by)
			}
		}
	}
}

// during are the exchanges that arrived in a situation.
func (s *stage) during(situations ...string) []*lineage.Event {
	return slices.DeleteFunc(s.all(), func(e *lineage.Event) bool { return !slices.Contains(situations, e.Situation) })
}

// all are the exchanges that were kept, in the order in which they arrived.
func (s *stage) all() []*lineage.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ordered) != len(s.events) {
		s.ordered = slices.SortedStableFunc(slices.Values(s.events), func(a, b *lineage.Event) int { return a.Arrived.Compare(b.Arrived) })
	}
	return slices.Clone(s.ordered)
}

// stepped reports whether the clock can have been moved between two moments of the wall clock: a step is done at some time after it was
// asked for.
func (s *stage) stepped(from, to time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.steps, func(step step) bool { return step.at.After(from) && step.from.Before(to) })
}

// justStepped reports whether a request can have been on its way, or in hand, when the clock was moved. A client that asks for the time knows
// of the move when it was told, and then each of its hands may still hold what was decided before that, however slow its machine is.
func (s *stage) justStepped(e *lineage.Event, hands int) bool {
	asks := s.fake == nil && s.heard.questions()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, step := range s.steps {
		last := i+1 == len(s.steps) || e.Arrived.Before(s.steps[i+1].from)
		switch {
		case e.Arrived.Before(step.from):
		case e.Arrived.Sub(step.at) < onTheWay, asks && last && s.heard.looksBetween(step.at, e.Arrived) < hands:
			return true
		}
	}
	return false
}

// onTheWay is how long a request may be on its way, or in the hands of another worker of the client, when something happens that it could
// not know of.
const onTheWay = time.Second
