package load

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// storm is the second in which everybody's access token ends: the target's clock is moved, half way through the run,
// past the lifetime of all of them. Clients find out by a refusal, refresh, and go on.
type storm struct {
	once   sync.Once
	after  time.Duration // of the first request
	by     time.Duration // how far the clock is moved
	phase  atomic.Int32
	call   func(context.Context, time.Duration) error
	ctx    context.Context
	failed atomic.Pointer[error]
	timer  *time.Timer

	outlives bool // a refresh token lives on after it
}

// The phases of a storm. While the clock is being moved nobody can say what a token is worth.
const (
	calm int32 = iota
	breaking
	broken
)

// leeway is how long after its announced end an access token may live: targets whose clocks may differ grant each
// other a minute.
const leeway = 65 * time.Second

func (s *storm) begin() {
	s.once.Do(func() {
		s.timer = time.AfterFunc(s.after, func() {
			s.phase.Store(breaking)
			if err := s.call(s.ctx, s.by); err != nil {
				s.failed.Store(&err)
				return
			}
			s.phase.Store(broken)
		})
	})
}

// gather makes the storm of a run, and gives each connection its clients.
func (r *run) gather(ctx context.Context) error {
	if r.life <= 0 {
		return shortOf("nobody says how long an access token lives, so nobody knows how far the clock is to be moved")
	}
	if why := r.shortLived(time.Since(r.started)); why != "" {
		return shortOf("%s", why)
	}
	by := r.life + leeway
	kind, _ := r.script.dialect.Token(refresh)
	length := kind.Lifetime.Documented
	if declared, ok := r.script.target.Lifetime(refresh); ok {
		length = declared
	}
	if length > 0 && length <= by {
		return shortOf("a refresh token lives for %s, no longer than it takes for every access token to have ended (%s), so nobody could refresh", length, by)
	}
	r.storm = &storm{
		ctx: ctx, by: by, after: r.WarmUp + r.Duration/2, call: r.moveClock,
		outlives: length > by || r.script.expiry(access).Params["outlived_by"] == refresh,
	}
	r.crowd = make([][]*chain, r.Connections)
	for i := 0; len(r.spares) > 0; i++ {
		at := i % r.Connections
		r.crowd[at] = append(r.crowd[at], <-r.spares)
	}
	return nil
}

// shortLived says why access tokens do not live long enough for a storm of this length; empty if they do. Those from
// before the attack, the first of which are as old as filling says, are to live until the clock is moved, and those that
// follow until the run is over: an end of their own would look like a live token that does not work.
func (r *run) shortLived(filling time.Duration) string {
	room := 2 * (r.life - margin - filling - r.WarmUp)
	switch {
	case r.Duration < room:
		return ""
	case room < time.Second:
		return fmt.Sprintf("an access token lives for %s, which is too short for a storm: it would end by itself before everybody's does", r.life)
	}
	return fmt.Sprintf("an access token lives for %s, and would end by itself before everybody's does; ask for a --duration under %s", r.life, room.Truncate(time.Second))
}

// moveClock asks the target's clock control for a step. It is a service of its own: nothing of it is measured.
func (r *run) moveClock(ctx context.Context, by time.Duration) error {
	request, err := r.script.target.Clock.Advance.Request(ctx, map[string]string{
		"duration": by.String(), "duration_seconds": fmt.Sprint(int64(by / time.Second)),
	})
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: r.script.target.Limits.Timeout, Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}}
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

// ended is why a storm did not come; empty if it did.
func (s *storm) ended() string {
	if s.timer != nil {
		s.timer.Stop()
	}
	switch err := s.failed.Load(); {
	case err != nil:
		return "the target's clock could not be moved: " + (*err).Error()
	case s.phase.Load() != broken:
		return "the run ended before the target's clock was moved"
	}
	return ""
}

// weather settles what the next client of this connection does.
func (w *worker) weather() bool {
	w.storm.begin()
	phase := w.storm.phase.Load()
	for range len(w.clients) {
		c := w.clients[w.next%len(w.clients)]
		w.next++
		if c.lost {
			continue
		}
		w.doing = doing{part: usePart, errand: w.tries, chain: c, phase: phase, fill: fill{access: c.access, refresh: c.refresh}}
		switch {
		case c.ended:
			w.doing.part, w.doing.errand, w.doing.wanted, w.doing.why = refreshPart, w.script.refresh, tokens, "after the access token has ended"
		case c.born == broken || c.born == calm && phase == calm:
			w.doing.wanted, w.doing.why = alive, "with a live access token"
		case c.born == calm && phase == broken:
			w.doing.wanted, w.doing.why = dead, fmt.Sprintf("with an access token, %s after its end", leeway)
		default:
			w.doing.wanted = either
		}
		return true
	}
	w.doing = doing{part: usePart}
	return false
}

// changed reports that the clock was moved while a request was under way, so that its answer may be from before or
// after.
func (w *worker) changed() bool {
	return w.doing.chain != nil && w.storm.phase.Load() != w.doing.phase
}

func (w *worker) certainlyLives(c *chain) bool { return !c.doubtful && w.storm.outlives }

// weathered has a client draw its conclusion from an answer.
func (w *worker) weathered(got said, a, r []byte) {
	c := w.doing.chain
	switch {
	case w.doing.part == usePart:
		if c.ended = got == no || got == yes && w.doing.wanted == dead; c.ended {
			w.next-- // it refreshes at once
		}
	case got == yes:
		c.access, c.ended, c.doubtful = append(c.access[:0], a...), false, false
		if len(r) > 0 {
			c.refresh = append(c.refresh[:0], r...)
		}
		if c.born = w.doing.phase; w.changed() {
			c.born = breaking
		}
	case got == nothingSaid:
		c.doubtful = true
	default:
		c.lost = true
	}
}
