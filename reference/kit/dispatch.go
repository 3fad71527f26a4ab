package kit

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Host is what the dialects of one server share.
type Host struct {
	Clock    Clock
	Accounts *Directory
	Seeded   Accounts       // the accounts that the server started with
	Proxies  []netip.Prefix // the addresses whose word is taken for whom they forward
	Log      *log.Logger
	Closing  chan struct{} // closed when the server ends

	// API and Pages are where the API and the pages for people are, like http://127.0.0.1:8080.
	API, Pages string
}

// Handler answers one method of one path.
type Handler func(*Call) Answer

// Route is a path with what is served there.
type Route struct {
	Path    string
	Page    bool // for humans: on the WWW listener where there is one
	Methods map[string]Handler

	Service *Service // whose it is; the server fills it in
	allow   string
}

// Routes are routes by their paths.
type Routes map[string]*Route

// Add enters a route of a service.
func (r Routes) Add(of *Service, one Route) {
	one.Service, one.allow = of, allowed(one.Methods)
	r[one.Path] = &one
}

// Call is one request on its way through a handler.
type Call struct {
	*http.Request
	Found
	Service *Service
	Now     time.Time // one time for the whole request
	At      string    // the path of its route

	w    http.ResponseWriter
	room []byte // for ReadBody
}

// Found is what a handler has found out about its request, for the deeds of
// quirks to look at.
type Found struct {
	Fields Fields     // the members of the body
	Fault  *BodyFault // why it has none
	Sent   []byte     // the body as it was sent
	Query  url.Values // the parameters of the query
	Member string     // the member that a refusal is about; "" is any
	Token  string     // what was presented
	How    Carried    // and how
	Err    error      // what is wrong with it as such
	Client *KnownClient
	User   *KnownUser
	Grant  Grant // what the token stands for
	Ends   int64 // when it ends, in Unix nanoseconds
	Pair   Pair  // what was issued
}

// calls are used again, with the room that they have: nothing keeps a call or
// what it read beyond its answer.
var calls = sync.Pool{New: func() any { return &Call{room: make([]byte, 512)} }}

const (
	// MaxBody is how many bytes of a request's body are read.
	MaxBody = 64 << 10
	// HangLimit ends the hang of a defect when no client ever gives up.
	HangLimit = time.Minute
)

// Dispatch answers the requests of a listener.
type Dispatch struct {
	Host    *Host
	Routes  Routes
	Unknown *Service      // answers for paths that are no route
	Delay   time.Duration // each answer of an API is held back this long

	// Seen is told of every answer, and answers it as it is sent.
	Seen func(*Call, *Service, *Route, Answer) Answer
}

func (d *Dispatch) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := d.Routes[r.URL.Path]
	if at == nil {
		at = d.respelt(r.URL.Path)
	}
	s := d.Unknown
	c := calls.Get().(*Call)
	c.Request, c.w, c.Now, c.At = r, w, d.Host.Clock.Now(), ""
	if at != nil {
		s, c.At = at.Service, at.Path
	}
	c.Service = s
	a, instead := s.interlude(c, at)
	if !instead {
		a = s.dispatch(at, c)
	}
	a = d.Seen(c, s, at, a)
	if d.Delay > 0 && at != nil && !at.Page {
		d.Host.pause(r.Context(), d.Delay)
	}
	switch a.Fate {
	case Hung:
		d.Host.pause(r.Context(), HangLimit)
		panic(http.ErrAbortHandler)
	case Dropped:
		panic(http.ErrAbortHandler)
	}
	s.write(w, d.Host.Clock.Now(), c, a)
	c.Request, c.w, c.Found = nil, nil, Found{}
	calls.Put(c)
}

// respelt is the route that a service takes another spelling of its path for. Plainly none does.
func (d *Dispatch) respelt(path string) *Route {
	for _, one := range d.Routes {
		if s := one.Service; s.Respell != nil && !one.Page && s.Respell(path) == one.Path {
			return one
		}
	}
	return nil
}

// dispatch finds who answers, and turns a panic into a 500: nothing that a
// request contains may end the server.
func (s *Service) dispatch(at *Route, c *Call) (a Answer) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case ErrFull:
			a = s.Refuse(http.StatusServiceUnavailable, "temporarily_unavailable", "The test server is full; restart it.")
		default:
			s.Log.Printf("panic while answering %s %s\n%s", c.Method, c.At, debug.Stack())
			a = s.Refuse(http.StatusInternalServerError, "server_error", serverFailed)
		}
	}()
	if at == nil {
		return s.settle(c, s.Refuse(http.StatusNotFound, "not_found", "No dialect that is served here has this path."))
	}
	if h := at.Methods[c.Method]; h != nil {
		return s.settle(c, h(c))
	}
	if c.Method == http.MethodOptions {
		return Answer{Status: http.StatusNoContent, Allow: at.allow}
	}
	a = s.Refuse(http.StatusMethodNotAllowed, "method_not_allowed", "This path knows other methods.")
	a.Allow = at.allow
	return s.settle(c, a)
}

const serverFailed = "The server failed; its log says more."

// pause waits, but no longer than the client or the server.
func (h *Host) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-h.Closing:
	}
}

// connectionKey is where a request's context keeps how many requests its
// connection has served.
type connectionKey struct{}

// WithConnection is the http.Server.ConnContext that the liberty to close
// idle connections needs.
func WithConnection(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, new(atomic.Int64))
}

// ReadBody reads the request's body, as far as the limit allows. It stays as it
// is until the request is answered.
func (c *Call) ReadBody() ([]byte, *BodyFault) {
	var body []byte
	var err error
	if c.ContentLength >= 0 && c.ContentLength <= MaxBody {
		if c.ContentLength > int64(len(c.room)) {
			c.room = make([]byte, c.ContentLength)
		}
		body = c.room[:c.ContentLength:c.ContentLength]
		_, err = io.ReadFull(c.Body, body)
	} else {
		body, err = io.ReadAll(io.LimitReader(c.Body, MaxBody+1))
	}
	switch {
	case len(body) > MaxBody:
		// Reading on would only please the sender.
		c.w.Header()["Connection"] = []string{"close"}
		return nil, BodyLarge
	case err != nil:
		return nil, BodyBroken
	}
	c.Sent = body
	return body, nil
}
