package reference

import (
	"context"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// dialect is what the server knows of a dialect before it is opened.
type dialect struct {
	id     string
	common commonQuirks
	open   func(*desk) []route
}

// dialects are all that this build knows. Their documented paths do not
// collide, so that one listener serves them all.
var dialects = []dialect{
	{"kitchenhub", kitchenhubCommon, openKitchenhub},
	{"kitchenmonki", kitchenmonkiCommon, openKitchenmonki},
	{"b2b", b2bCommon, openB2B},
	{"pos", posCommon, openPOS},
}

// Dialects are the ids of the dialects that this build serves.
func Dialects() []string {
	var ids []string
	for _, d := range dialects {
		ids = append(ids, d.id)
	}
	return ids
}

// desk is where the requests of one dialect are answered: the server, and what
// is the dialect's own.
type desk struct {
	*Server
	switches
	dialect string
	common  commonQuirks
	pages   []string // the paths that are for humans
	tokens  *issuer
	sweeps  []func(now time.Time)

	// clientsAct: a client's own tokens act for a user.
	clientsAct bool
	// shape is how the dialect's document wants an error to look; nil where it
	// is silent.
	shape func(status int, said string) answer
	// undated: a liberty leaves the Date header out.
	undated bool

	// dateStands: a liberty leaves the Date header to net/http, which knows of no clock control.
	dateStands bool

	// rotating may change what a regenerated secret does, rotated what
	// becomes of the client's tokens; nil where no quirk can.
	rotating func(changed *client)
	rotated  func(old *client)

	// counts for the liberties that act now and then
	sequence                           atomic.Uint64
	tooMany, unavailable, drops, since atomic.Int64

	settings map[string]string // see Server.Settings
}

// handler answers one method of one path.
type handler func(*call) answer

type route struct {
	path    string
	page    bool // for humans: on the WWW listener where there is one
	methods map[string]handler

	desk  *desk
	allow string
}

type routeTable map[string]*route

// call is one request on its way through a handler.
type call struct {
	*http.Request
	w   http.ResponseWriter
	now time.Time // one time for the whole request

	room []byte // for body
}

// calls are used again, with the room that they have: nothing keeps a call or
// what it read beyond its answer.
var calls = sync.Pool{New: func() any { return &call{room: make([]byte, 512)} }}

const (
	maxBody = 64 << 10
	// hangLimit ends the hang of a defect when no client ever gives up.
	hangLimit = time.Minute
)

// front answers every request of a listener.
func (s *Server) front(routes routeTable) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := routes[r.URL.Path]
		d := s.unknown
		if at != nil {
			d = at.desk
		}
		c := calls.Get().(*call)
		c.Request, c.w, c.now = r, w, s.clock.Now()
		a := d.interlude(c, at)
		if a.status == 0 && a.fate == answered {
			a = s.dispatch(d, at, c)
		}
		if at != nil && at.page && d != s.unknown && s.isConsole(r) {
			a.sharedBy = r.Header.Get("Origin")
		}
		s.journal.add(r, d.dialect, at, a, c.now)
		if s.config.Delay > 0 && at != nil && !at.page {
			s.pause(r.Context(), s.config.Delay)
		}
		switch a.fate {
		case hung:
			s.pause(r.Context(), hangLimit)
			panic(http.ErrAbortHandler)
		case dropped:
			panic(http.ErrAbortHandler)
		}
		d.write(w, s.clock.Now(), a)
		c.Request, c.w = nil, nil
		calls.Put(c)
	})
}

// dispatch finds who answers, and turns a panic into a 500: nothing that a
// request contains may end the server.
func (s *Server) dispatch(d *desk, at *route, c *call) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			if !strings.HasPrefix(panicText(p), deliberate) {
				s.log.Printf("panic while answering %s %s\n%s", c.Method, at.path, debug.Stack())
			}
			a = d.refuse(http.StatusInternalServerError, "server_error", "The server failed; its log says more.")
		}
	}()
	if at == nil {
		return d.refuse(http.StatusNotFound, "not_found", "No dialect that is served here has this path.")
	}
	if h := at.methods[c.Method]; h != nil {
		return h(c)
	}
	if c.Method == http.MethodOptions {
		return answer{status: http.StatusNoContent, allow: at.allow}
	}
	a = d.refuse(http.StatusMethodNotAllowed, "method_not_allowed", "This path knows other methods.")
	a.allow = at.allow
	return a
}

const deliberate = "deliberate defect: "

func panicText(p any) string {
	s, _ := p.(string)
	return s
}

// pause waits, but no longer than the client or the server.
func (s *Server) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-s.closing:
	}
}

// nowAndThen is bounded, so that a harness that waits as it is told comes to
// an end of it.
const nowAndThen = 5

// interlude answers in a handler's place where a liberty says so, before the
// request has had any effect.
func (d *desk) interlude(c *call, at *route) answer {
	if at == nil || at.page {
		return answer{}
	}
	n := d.sequence.Add(1)
	switch {
	case d.has(d.common.tooManyRequests) && n%11 == 0 && d.tooMany.Add(1) <= nowAndThen:
		return d.refuse(http.StatusTooManyRequests, "slow_down", "Too many requests; wait for Retry-After.")
	case d.has(d.common.unavailable) && n%13 == 0 && d.unavailable.Add(1) <= nowAndThen:
		return d.refuse(http.StatusServiceUnavailable, "temporarily_unavailable", "Busy; wait for Retry-After.")
	case d.has(d.common.dropsIdle) && d.dropsNow(c):
		return answer{fate: dropped}
	}
	return answer{}
}

// dropsNow picks a request on a connection that has served one before: closing
// a fresh one would be no idle connection's end.
func (d *desk) dropsNow(c *call) bool {
	on, _ := c.Context().Value(connectionKey{}).(*atomic.Int64)
	first := on == nil || on.Add(1) == 1
	if d.since.Add(1) < 17 || first || d.drops.Load() >= nowAndThen {
		return false
	}
	d.since.Store(0)
	d.drops.Add(1)
	return true
}

// connectionKey is where a request's context keeps how many requests its
// connection has served.
type connectionKey struct{}

func withConnection(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, new(atomic.Int64))
}

// body reads the request's body, as far as the limit allows. It stays as it is
// until the request is answered.
func (c *call) body() ([]byte, bodyFault) {
	var body []byte
	var err error
	if c.ContentLength >= 0 && c.ContentLength <= maxBody {
		if c.ContentLength > int64(len(c.room)) {
			c.room = make([]byte, c.ContentLength)
		}
		body = c.room[:c.ContentLength:c.ContentLength]
		_, err = io.ReadFull(c.Body, body)
	} else {
		body, err = io.ReadAll(io.LimitReader(c.Body, maxBody+1))
	}
	switch {
	case len(body) > maxBody:
		// Reading on would only please the sender.
		c.w.Header()["Connection"] = []string{"close"}
		return nil, bodyLarge
	case err != nil:
		return nil, bodyBroken
	}
	return body, ""
}

// limitConnections makes a listener wait with accepting while it has as many
// connections as it may.
func limitConnections(l net.Listener, most int) net.Listener {
	return &limited{l, make(chan struct{}, most), make(chan struct{}), sync.Once{}}
}

type limited struct {
	net.Listener
	slots  chan struct{}
	closed chan struct{}
	once   sync.Once
}

func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &slotted{Conn: conn, free: sync.OnceFunc(func() { <-l.slots })}, nil
}

func (l *limited) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

type slotted struct {
	net.Conn
	free func()
}

func (s *slotted) Close() error {
	defer s.free()
	return s.Conn.Close()
}
