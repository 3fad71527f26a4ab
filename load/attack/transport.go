package attack

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/valyala/fasthttp"
)

// maxBody is far above any answer of a token endpoint and keeps a server that never ends one from filling the memory:
// 1,000 connections with such answers are 1 GB.
const maxBody = 1 << 20

// Transport makes the connections of an attack.
type Transport interface {
	Connect(timeout time.Duration) Connection
}

// Connection is one keep-alive connection, made anew whenever it is gone. It follows no redirect.
type Connection interface {
	// Open connects before the first request, so that the first second does not measure a thousand handshakes.
	Open(ctx context.Context) error

	// Do sends a request and reads its answer; both are the caller's. again is whether it was sent twice: a server may
	// close an idle connection just when a request is on its way, which says nothing about the server. Only a request
	// that changes nothing is. An error is a *Failure.
	Do(request *fasthttp.Request, answer *fasthttp.Response) (again bool, err error)

	// Protocol is what the connection speaks, in words.
	Protocol() string

	// Interrupt ends what is under way, from any goroutine, for good.
	Interrupt()
}

// Over is the transport that suits servers best. A plain HTTP/1.1 connection is our own; net/http makes those through a
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
	return newWire(transport, servers)
}
