package attack

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"gonogo/internal/wire"
)

// Transport makes the connections of an attack.
type Transport interface {
	// Connect makes one that gives up on an answer after a timeout. saturate is whether as much is to be sent as possible.
	Connect(timeout time.Duration, saturate bool) Connection
}

// Connection is one keep-alive connection, made anew whenever it is gone. It follows no redirect.
type Connection interface {
	// Open connects before the first request, so that the first second does not measure a thousand handshakes.
	Open(ctx context.Context) error

	// Do sends a request, at the moment sent, which is now, and reads its answer; took is how long that was, and an error is a
	// *Failure. What was read before holds until meanwhile has been called, which is to be when the request has left.
	Do(request *wire.Request, answer *wire.Answer, sent time.Time, meanwhile func()) (took time.Duration, also Incident, err error)

	// Protocol is what the connection speaks, in words.
	Protocol() string

	// Interrupt ends what is under way, from any goroutine, for good.
	Interrupt()
}

// Incident is what happened to a request beside what it was answered.
type Incident uint8

const (
	// Again: it was sent a second time. A server may close an idle connection just when a request is on its way, which
	// says nothing about the server.
	Again Incident = 1 << iota

	// Surplus: an answer was followed by bytes that belong to none, and the connection was given up.
	Surplus
)

// Over is the transport that suits servers best. HTTP/1.1 is our own; net/http makes those through a
// proxy and those of HTTP/2, at several times the cost of a request.
func Over(transport *http.Transport, http2 bool, servers ...*url.URL) Transport {
	through := http2
	for _, server := range servers {
		if transport.Proxy == nil {
			break
		}
		// A proxy that cannot be asked for is an error of every request, and net/http words it.
		proxy, err := transport.Proxy(&http.Request{Method: http.MethodGet, URL: server, Host: server.Host})
		through = through || proxy != nil || err != nil
	}
	if through {
		return netHTTP{transport: transport, http2: http2}
	}
	return newHTTP1(transport, servers)
}
