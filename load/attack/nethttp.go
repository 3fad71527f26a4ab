package attack

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"gonogo/internal/wire"
)

// netHTTP makes connections with net/http, for what our own cannot do: HTTP/2 and proxies. Each connection has a
// transport of its own, because a shared one would send all of HTTP/2 over one socket.
type netHTTP struct {
	transport *http.Transport
	http2     bool
}

func (n netHTTP) Connect(timeout time.Duration, _ bool) Connection {
	own := n.transport.Clone()
	own.MaxIdleConnsPerHost = 1
	own.IdleConnTimeout = 0
	own.DisableCompression = true
	own.ResponseHeaderTimeout = 0 // the whole answer has one timeout
	if own.Protocols = new(http.Protocols); n.http2 {
		own.Protocols.SetHTTP2(true)
		own.Protocols.SetUnencryptedHTTP2(true)
	} else {
		own.Protocols.SetHTTP1(true)
		own.ForceAttemptHTTP2 = false
		if own.TLSClientConfig != nil {
			own.TLSClientConfig.NextProtos = []string{"http/1.1"}
		}
		own.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	c := &netHTTPConnection{transport: own, timeout: timeout}
	c.life, c.end = context.WithCancel(context.Background())
	return c
}

type netHTTPConnection struct {
	transport *http.Transport
	timeout   time.Duration
	life      context.Context
	end       context.CancelFunc
	protocol  atomic.Pointer[string]
}

// Open does nothing: net/http connects when it has a request.
func (c *netHTTPConnection) Open(context.Context) error { return nil }

func (c *netHTTPConnection) Interrupt() {
	c.end()
	c.transport.CloseIdleConnections()
}

func (c *netHTTPConnection) Protocol() string {
	if known := c.protocol.Load(); known != nil {
		return *known
	}
	return ""
}

func (c *netHTTPConnection) Do(request *wire.Request, answer *wire.Answer, sent time.Time, meanwhile func()) (took time.Duration, also Incident, err error) {
	meanwhile() // who waits for an answer here is another goroutine
	answer.Reset()
	err = c.exchange(request, answer)
	return time.Since(sent), 0, err
}

func (c *netHTTPConnection) exchange(request *wire.Request, answer *wire.Answer) error {
	ctx, cancel := context.WithTimeout(c.life, c.timeout)
	defer cancel()
	converted, err := convert(ctx, request)
	if err != nil {
		return &Failure{Why: Other, Detail: "the request cannot be sent with net/http"}
	}
	response, err := c.transport.RoundTrip(converted)
	if err != nil {
		return roundTripFailure(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, wire.MaxBody+1))
	switch {
	case err != nil && ctx.Err() == context.DeadlineExceeded:
		return failures[TimedOut]
	case err != nil:
		return answerFailure(err, true)
	case len(body) > wire.MaxBody:
		return failures[TooLong]
	}
	if c.protocol.Load() == nil {
		protocol := strings.TrimSuffix(response.Proto, ".0")
		if response.TLS != nil {
			protocol += " over TLS"
		}
		c.protocol.Store(&protocol)
	}
	answer.Status, answer.Body = response.StatusCode, body
	for name, values := range response.Header {
		for _, value := range values {
			answer.Add(name, value)
		}
	}
	return nil
}

func convert(ctx context.Context, request *wire.Request) (*http.Request, error) {
	var body io.Reader
	if len(request.Body) > 0 {
		body = bytes.NewReader(request.Body)
	}
	converted, err := http.NewRequestWithContext(ctx, request.Method, request.Scheme+"://"+request.Host+string(request.Target), body)
	if err != nil {
		return nil, err
	}
	if request.Named != "" {
		converted.Host = request.Named
	}
	converted.Header["User-Agent"] = nil // net/http would send its own
	for key, value := range request.All {
		switch name := http.CanonicalHeaderKey(string(key)); name {
		case "Connection", "Transfer-Encoding": // net/http's own
		case "User-Agent":
			converted.Header.Set(name, string(value))
		default:
			converted.Header[name] = append(converted.Header[name], string(value))
		}
	}
	return converted, nil
}

// roundTripFailure says why there is no answer. net/http's errors quote what the server sent, so their text goes
// nowhere except where no server was reached.
func roundTripFailure(ctx context.Context, err error) *Failure {
	if ctx.Err() == context.DeadlineExceeded {
		return failures[TimedOut]
	}
	if dial := dialFailure(err); dial.Why != NotConnected || strings.HasPrefix(dial.Detail, "dial ") || strings.HasPrefix(dial.Detail, "proxyconnect ") {
		return dial
	}
	if strings.Contains(err.Error(), "malformed HTTP") || errors.Is(err, http.ErrSchemeMismatch) {
		return failures[Unreadable]
	}
	return answerFailure(err, false)
}
