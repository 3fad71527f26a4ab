package attack

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// wire makes HTTP/1.1 connections with fasthttp's reading and writing on sockets of our own: one connection is one
// socket, which fasthttp's client with its pool does not promise.
type wire struct {
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	tls     *tls.Config
	servers []*url.URL
}

func newWire(transport *http.Transport, servers []*url.URL) *wire {
	w := &wire{dial: transport.DialContext, tls: &tls.Config{MinVersion: tls.VersionTLS12}, servers: servers}
	if w.dial == nil {
		w.dial = (&net.Dialer{KeepAlive: 15 * time.Second}).DialContext
	}
	if transport.TLSClientConfig != nil {
		w.tls = transport.TLSClientConfig.Clone()
	}
	w.tls.NextProtos = []string{"http/1.1"}
	if w.tls.ClientSessionCache == nil { // a connection that is made anew costs less, as it does for real clients
		w.tls.ClientSessionCache = tls.NewLRUClientSessionCache(0)
	}
	return w
}

func (w *wire) Connect(timeout time.Duration) Connection {
	c := &wireConnection{wire: w, timeout: timeout, slack: min(timeout/8, 250*time.Millisecond)}
	c.life, c.end = context.WithCancel(context.Background())
	return c
}

// socket is an open connection to one server.
type socket struct {
	net.Conn
	scheme, host string
	reader       *bufio.Reader
	writer       *bufio.Writer
	plain        net.Conn // below TLS
	deadline     time.Time
	idle         time.Time // since when; zero: never used
}

// idleLong is for how long a connection must have been idle to be asked whether it is still open. Asking costs a system
// call, 0.3 µs, which a saturating attack has no room for; nor does its connections' idling last that long.
const idleLong = time.Millisecond

// Buffers hold any header that fasthttp is to read. A JWT in a header is 1 to 4 KiB.
const readBuffer, writeBuffer = 16 << 10, 4 << 10

// wireConnection is one connection to each server that it is used for, which for nearly all targets is one.
type wireConnection struct {
	wire           *wire
	timeout, slack time.Duration
	life           context.Context
	end            context.CancelFunc

	mu      sync.Mutex // of sockets: Interrupt comes from elsewhere
	sockets []*socket
	last    *socket
}

func (c *wireConnection) Protocol() string {
	for _, server := range c.wire.servers {
		if server.Scheme == "https" {
			return "HTTP/1.1 over TLS"
		}
	}
	return "HTTP/1.1"
}

func (c *wireConnection) Interrupt() {
	c.end()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.sockets {
		_ = s.Close()
	}
}

func (c *wireConnection) Open(ctx context.Context) error {
	for _, server := range c.wire.servers {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := c.connect(server.Scheme, server.Host, time.Now().Add(c.timeout)); err != nil {
			return err
		}
	}
	return nil
}

func (c *wireConnection) connect(scheme, host string, deadline time.Time) (*socket, error) {
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
	conn, err := c.wire.dial(ctx, "tcp", net.JoinHostPort(name, port))
	if err != nil {
		return nil, dialFailure(err)
	}
	plain := conn
	if scheme == "https" {
		config := c.wire.tls
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
	s := &socket{Conn: conn, plain: plain, scheme: scheme, host: host, reader: bufio.NewReaderSize(conn, readBuffer), writer: bufio.NewWriterSize(conn, writeBuffer)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.life.Err() != nil {
		_ = conn.Close()
		return nil, failures[Closed]
	}
	c.sockets = append(c.sockets, s)
	return s, nil
}

func (c *wireConnection) drop(s *socket) {
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
func (c *wireConnection) open(scheme, host []byte) *socket {
	if s := c.last; s != nil && s.host == string(host) && s.scheme == string(scheme) {
		return s
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.sockets {
		if s.host == string(host) && s.scheme == string(scheme) {
			c.last = s
			return s
		}
	}
	return nil
}

func (c *wireConnection) Do(request *fasthttp.Request, answer *fasthttp.Response) (again bool, err error) {
	began := time.Now()
	uri := request.URI()
	for {
		s := c.open(uri.Scheme(), uri.Host())
		if s != nil && !s.idle.IsZero() && began.Sub(s.idle) >= idleLong && stale(s.plain, s.plain != s.Conn) {
			c.drop(s)
			continue
		}
		if s == nil {
			if s, err = c.connect(string(uri.Scheme()), string(uri.Host()), began.Add(c.timeout)); err != nil {
				return again, err
			}
		}
		reused := !s.idle.IsZero()
		silent, err := c.exchange(s, began, request, answer)
		s.idle = time.Now()
		if err == nil && s.idle.Sub(began) > c.timeout {
			err = failures[TimedOut]
		}
		if err == nil {
			if answer.ConnectionClose() || request.ConnectionClose() || s.reader.Buffered() > 0 {
				// what is left over would be read as the next request's answer
				c.drop(s)
			}
			return again, nil
		}
		c.drop(s)
		// A safe method may be sent once more (RFC 9110, 9.2.2). Any other must not: a refresh that the server acted on
		// before it closed the connection would be refused the second time, and look like a violation.
		if safe := request.Header.IsGet() || request.Header.IsHead(); safe && !again && reused && silent && c.life.Err() == nil {
			again = true
			continue
		}
		return again, err
	}
}

// exchange sends and receives on one socket. silent is whether the server closed it without a byte.
func (c *wireConnection) exchange(s *socket, began time.Time, request *fasthttp.Request, answer *fasthttp.Response) (silent bool, err error) {
	// Setting a deadline costs as much as a tenth of the whole request, so it is set a little too far ahead, and again
	// only when it has come too near. Do sees to what comes between the two.
	if s.deadline.Sub(began) < c.timeout {
		s.deadline = began.Add(c.timeout + c.slack)
		if err := s.SetDeadline(s.deadline); err != nil {
			return true, failures[Closed]
		}
	}
	answer.Reset()
	answer.SkipBody = request.Header.IsHead()
	if err := request.Write(s.writer); err != nil {
		return gone(err), answerFailure(err, false)
	}
	if err := s.writer.Flush(); err != nil {
		return gone(err), answerFailure(err, false)
	}
	// fasthttp calls every error before the first byte an EOF
	if _, err := s.reader.Peek(1); err != nil {
		return gone(err), answerFailure(err, false)
	}
	for {
		if err := answer.ReadLimitBody(s.reader, maxBody); err != nil {
			return false, answerFailure(err, true)
		}
		if status := answer.StatusCode(); status >= 200 || status == http.StatusSwitchingProtocols {
			return false, nil
		}
	}
}

func gone(err error) bool {
	var timeout net.Error
	return !errors.As(err, &timeout) || !timeout.Timeout()
}
