// Package sorrel is a small server for two published authentication
// documents: the OAuth 2.0 API of Kitchen Monki (kitchenmonki.go, consent.go)
// and the authentication flow of a point of sale API (pos.go).
//
// Its accounts are fixed and public (see README.md), so it only ever listens
// on a loopback address.
package sorrel

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	maxBody       = 64 << 10
	maxRead       = 1 << 20  // see tooLarge
	maxHeader     = 16 << 10 // tokens and redirect URIs travel in the request line
	ioTimeout     = 10 * time.Second
	idleTimeout   = time.Minute
	shutdownGrace = time.Second
	maxAdvance    = 10 * 365 * 24 * time.Hour
)

// Server is a running server. Both dialects, and both hosts of the Kitchen
// Monki document (api-stage and stage), share its one listener.
type Server struct {
	ln     net.Listener
	http   *fasthttp.Server
	closed func() error
	conns  sync.Map // open connections, by net.Conn
	// offset is how far the server's clock runs ahead of the real one.
	offset atomic.Int64
	// advance serialises clock movements, so that the limit on them holds.
	advance sync.Mutex
	monki   *monki
	pos     *pos
}

// Start binds listen, which must be a loopback address such as "127.0.0.1:0",
// and serves until Close.
func Start(listen string) (*Server, error) {
	addr, err := net.ResolveTCPAddr("tcp", listen)
	if err != nil {
		return nil, err
	}
	if !addr.IP.IsLoopback() {
		return nil, fmt.Errorf("sorrel: %s is not a loopback address", listen)
	}
	ln, err := net.ListenTCP("tcp", addr)
	if err != nil {
		return nil, err
	}

	s := &Server{ln: ln}
	s.monki = newMonki(s.now)
	s.pos = newPOS(s.now)
	s.http = &fasthttp.Server{
		Name:               "sorrel",
		Handler:            s.handle,
		ErrorHandler:       s.malformed,
		HeaderReceived:     acceptHostURL,
		ConnState:          s.track,
		ReadTimeout:        ioTimeout,
		WriteTimeout:       ioTimeout,
		IdleTimeout:        idleTimeout,
		MaxRequestBodySize: maxRead,
		ReadBufferSize:     maxHeader,
		CloseOnShutdown:    true,
		// Neither dialect takes multipart bodies.
		DisablePreParseMultipartForm: true,
		// The Date header follows the server's own clock, see begin.
		NoDefaultDate: true,
		// fasthttp quotes the header fields it cannot parse in its log, and
		// ours carry passwords and tokens.
		Logger:                log.New(io.Discard, "", 0),
		SecureErrorLogMessage: true,
	}
	served := make(chan error, 1)
	go func() { served <- s.http.Serve(ln) }()
	s.closed = sync.OnceValue(func() error {
		// Closed here first: Shutdown does not know the listener before Serve
		// has got round to registering it.
		ln.Close()
		ctx, cancel := context.WithTimeout(context.Background(), shutdownGrace)
		defer cancel()
		err := s.http.ShutdownWithContext(ctx)
		// Shutdown waits for clients that connected and never said anything;
		// after the grace period they are cut off.
		s.conns.Range(func(c, _ any) bool {
			c.(net.Conn).Close()
			return true
		})
		if err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		return <-served
	})
	return s, nil
}

// URL is the server's base URL, without a trailing slash.
func (s *Server) URL() string { return "http://" + s.ln.Addr().String() }

// Close stops the server. It may be called more than once.
func (s *Server) Close() error { return s.closed() }

func (s *Server) now() time.Time {
	return time.Now().Add(time.Duration(s.offset.Load()))
}

func (s *Server) track(c net.Conn, state fasthttp.ConnState) {
	switch state {
	case fasthttp.StateNew:
		s.conns.Store(c, nil)
	case fasthttp.StateClosed:
		s.conns.Delete(c)
	}
}

func (s *Server) handle(ctx *fasthttp.RequestCtx) {
	s.begin(ctx)
	switch path := string(ctx.Path()); {
	case len(ctx.PostBody()) > maxBody:
		tooLarge(ctx)
	case path == "/__peer/clock":
		s.moveClock(ctx)
	case path == "/authorize", strings.HasPrefix(path, "/authorize/"), strings.HasPrefix(path, "/v2/"):
		s.monki.serve(ctx, path)
	default:
		s.pos.serve(ctx, path)
	}
}

// begin gives the response its Date header. fasthttp's setters ignore that
// field ("managed automatically"), even under NoDefaultDate; reading a header
// is the way in that leaves it alone. The empty reason phrase lets the status
// line follow the status code set later.
func (s *Server) begin(ctx *fasthttp.RequestCtx) {
	head := "HTTP/1.1 200 \r\nContent-Length: 0\r\nDate: " +
		string(fasthttp.AppendHTTPDate(nil, s.now())) + "\r\n\r\n"
	if err := ctx.Response.Header.Read(bufio.NewReaderSize(strings.NewReader(head), len(head))); err != nil {
		panic(err) // the header above is ours, and well formed
	}
}

// acceptHostURL drops the scheme from a Host header field. The Kitchen Monki
// document writes its example as "Host: https://api-stage.kitchenmonki.com",
// which fasthttp would refuse.
func acceptHostURL(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	host := string(h.Host())
	for _, scheme := range []string{"https://", "http://"} {
		if rest, ok := strings.CutPrefix(host, scheme); ok {
			h.SetHost(rest)
		}
	}
	return fasthttp.RequestConfig{}
}

// malformed answers what fasthttp could not read as a request.
func (s *Server) malformed(ctx *fasthttp.RequestCtx, err error) {
	s.begin(ctx)
	var small *fasthttp.ErrSmallBuffer
	var network net.Error
	switch {
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		tooLarge(ctx)
	case errors.As(err, &small):
		fail(ctx, fasthttp.StatusRequestHeaderFieldsTooLarge, "invalid_request", "the header is too large")
	case errors.As(err, &network) && network.Timeout():
		fail(ctx, fasthttp.StatusRequestTimeout, "invalid_request", "the request took too long to arrive")
	default:
		fail(ctx, fasthttp.StatusBadRequest, "invalid_request", "this is not an HTTP request")
	}
}

// tooLarge refuses a body over maxBody. Up to maxRead it is read nevertheless:
// fasthttp closes the connection on what it does not read, and a client that is
// still sending then tends to lose the answer.
func tooLarge(ctx *fasthttp.RequestCtx) {
	fail(ctx, fasthttp.StatusRequestEntityTooLarge, "invalid_request", "the body is larger than 64 KiB")
}

// moveClock is the operational interface for tests: it moves the server's
// clock forward, never back.
func (s *Server) moveClock(ctx *fasthttp.RequestCtx) {
	if !allow(ctx, fasthttp.MethodPost) {
		return
	}
	var move struct {
		Seconds *int64 `json:"advance_seconds"`
	}
	if err := json.Unmarshal(ctx.PostBody(), &move); err != nil || move.Seconds == nil {
		fail(ctx, fasthttp.StatusBadRequest, "invalid_request", "advance_seconds must be an integer")
		return
	}
	s.advance.Lock()
	defer s.advance.Unlock()
	limit := int64((maxAdvance - time.Duration(s.offset.Load())) / time.Second)
	if *move.Seconds < 0 || *move.Seconds > limit {
		fail(ctx, fasthttp.StatusBadRequest, "invalid_request", "advance_seconds must be positive, ten years in total at most")
		return
	}
	s.offset.Add(*move.Seconds * int64(time.Second))
	reply(ctx, fasthttp.StatusOK, map[string]string{"now": s.now().UTC().Format(time.RFC3339)})
}
