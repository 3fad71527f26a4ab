package attack

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"sync"
	"time"

	"gonogo/internal/wire"
)

// http1 makes HTTP/1.1 connections: one is one socket to each server, with package wire's writing and reading.
type http1 struct {
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	tls     *tls.Config
	servers []*url.URL
}

func newHTTP1(transport *http.Transport, servers []*url.URL) *http1 {
	h := &http1{dial: transport.DialContext, tls: &tls.Config{MinVersion: tls.VersionTLS12}, servers: servers}
	if h.dial == nil {
		h.dial = (&net.Dialer{KeepAlive: 15 * time.Second}).DialContext
	}
	if transport.TLSClientConfig != nil {
		h.tls = transport.TLSClientConfig.Clone()
	}
	h.tls.NextProtos = []string{"http/1.1"}
	if h.tls.ClientSessionCache == nil { // a connection that is made anew costs less, as it does for real clients
		h.tls.ClientSessionCache = tls.NewLRUClientSessionCache(0)
	}
	return h
}

func (h *http1) Connect(timeout time.Duration, saturate bool) Connection {
	c := &http1Connection{http1: h, timeout: timeout, saturate: saturate, slack: min(timeout/8, 250*time.Millisecond)}
	c.life, c.end = context.WithCancel(context.Background())
	return c
}

// socket is an open connection to one server.
type socket struct {
	net.Conn
	scheme, host string
	reader       *wire.Reader
	plain        net.Conn // below TLS
	deadline     time.Time
	idle         time.Time // since when; zero: never used
}

// idleLong is for how long a connection must have been idle to be asked whether it is still open. Asking costs a system
// call, 0.3 µs, which a saturating attack has no room for; nor does its connections' idling last that long.
const idleLong = time.Millisecond

// idleOut is for how long a connection must have been idle for a server to close it for that, just when a request is on
// its way. Servers wait for a second or more.
const idleOut = 500 * time.Millisecond

// http1Connection is one connection to each server that it is used for, which for nearly all targets is one.
type http1Connection struct {
	*http1
	timeout, slack time.Duration
	saturate       bool
	life           context.Context
	end            context.CancelFunc

	mu      sync.Mutex // of sockets: Interrupt comes from elsewhere
	sockets []*socket
	last    *socket
	out     []byte // a request as it goes over the wire
}

func (c *http1Connection) Protocol() string {
	for _, server := range c.servers {
		if server.Scheme == "https" {
			return "HTTP/1.1 over TLS"
		}
	}
	return "HTTP/1.1"
}

func (c *http1Connection) Interrupt() {
	c.end()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.sockets {
		_ = s.Close()
	}
}

func (c *http1Connection) Open(ctx context.Context) error {
	for _, server := range c.servers {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := c.connect(server.Scheme, server.Host, time.Now().Add(c.timeout)); err != nil {
			return err
		}
	}
	return nil
}

func (c *http1Connection) connect(scheme, host string, deadline time.Time) (*socket, error) {
	ctx, cancel := context.WithDeadline(c.life, deadline)
	defer cancel()
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = host, "80"
		if scheme == "https" {
			port = "443"
		}
		if len(name) > 1 && name[0] == '[' {
			name = name[1 : len(name)-1]
		}
	}
	conn, err := c.dial(ctx, "tcp", net.JoinHostPort(name, port))
	if err != nil {
		return nil, dialFailure(err)
	}
	plain := conn
	if scheme == "https" {
		config := c.tls
		if config.ServerName == "" {
			config = config.Clone()
			config.ServerName = name
		}
		secured := tls.Client(conn, config)
		if err := secured.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			failure := dialFailure(err)
			if failure.Why == NotConnected {
				failure.Why = NoTLS
			}
			return nil, failure
		}
		conn = secured
	}
	s := &socket{Conn: conn, plain: plain, scheme: scheme, host: host, reader: wire.NewReader(conn)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.life.Err() != nil {
		_ = conn.Close()
		return nil, failures[Closed]
	}
	c.sockets = append(c.sockets, s)
	return s, nil
}

func (c *http1Connection) drop(s *socket) {
	_ = s.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.sockets {
		if c.sockets[i] == s {
			c.sockets = append(c.sockets[:i], c.sockets[i+1:]...)
			break
		}
	}
	if c.last == s {
		c.last = nil
	}
}

// open is the connection to a server if there is one.
func (c *http1Connection) open(scheme, host string) *socket {
	if s := c.last; s != nil && s.host == host && s.scheme == scheme {
		return s
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.sockets {
		if s.host == host && s.scheme == scheme {
			c.last = s
			return s
		}
	}
	return nil
}

func (c *http1Connection) Do(request *wire.Request, answer *wire.Answer, sent time.Time, meanwhile func()) (took time.Duration, also Incident, err error) {
	c.out = request.AppendTo(c.out[:0])
	for {
		s := c.open(request.Scheme, request.Host)
		if s != nil && !s.idle.IsZero() && sent.Sub(s.idle) >= idleLong {
			if closed, unasked := stale(s.plain, s.plain != s.Conn); closed {
				if unasked {
					also |= Surplus
				}
				c.drop(s)
				continue
			}
		}
		if s == nil {
			if s, err = c.connect(request.Scheme, request.Host, sent.Add(c.timeout)); err != nil {
				return time.Since(sent), also, err
			}
		}
		reused := !s.idle.IsZero()
		rested := reused && sent.Sub(s.idle) >= idleOut
		silent, err := c.exchange(s, sent, request.Method, answer, meanwhile)
		took = time.Since(sent)
		s.idle = sent.Add(took)
		if err == nil && took > c.timeout {
			err = failures[TimedOut]
		}
		if err == nil {
			rest := s.reader.Rest()
			if len(rest) > 0 && !wire.IsTimeout(rest) {
				also |= Surplus
			}
			if answer.Close || len(rest) > 0 { // what is left over would be read as the next request's answer
				c.drop(s)
			}
			return took, also, nil
		}
		c.drop(s)
		// A safe method may be sent once more (RFC 9110, 9.2.2), and any other over a connection that was idle for so long
		// that the server may have closed it for that. Else none must: the server may have acted on it.
		if (request.Safe() || rested) && also&Again == 0 && reused && silent && c.life.Err() == nil {
			also |= Again
			continue
		}
		return took, also, err
	}
}

// exchange sends what is in c.out and receives on one socket. silent is whether the server closed it without a byte.
func (c *http1Connection) exchange(s *socket, sent time.Time, method string, answer *wire.Answer, meanwhile func()) (silent bool, err error) {
	// Setting a deadline costs as much as a tenth of the whole request, so it is set a little too far ahead, and again
	// only when it has come too near. Do sees to what comes between the two.
	if s.deadline.Sub(sent) < c.timeout {
		s.deadline = sent.Add(c.timeout + c.slack)
		if err := s.SetDeadline(s.deadline); err != nil {
			return true, failures[Closed]
		}
	}
	if _, err := s.Write(c.out); err != nil {
		return gone(err), answerFailure(err, false)
	}
	meanwhile()
	answer.Reset()
	if c.saturate { // what others send meanwhile is time for the answer to come: without it every read finds nothing at first
		runtime.Gosched()
	}
	if err := s.reader.Wait(); err != nil {
		return gone(err), answerFailure(err, false)
	}
	if err := s.reader.Read(answer, method); err != nil {
		return false, answerFailure(err, true)
	}
	return false, nil
}

func gone(err error) bool {
	var timeout net.Error
	return !errors.As(err, &timeout) || !timeout.Timeout()
}
