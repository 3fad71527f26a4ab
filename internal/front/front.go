// Package front stands before a server: it hands every request on, keeps each exchange, and interferes where it is told to.
//
// What a client sends arrives upstream as it was sent, and nothing else does: no header is added, no encoding asked for, no
// redirect followed. What is changed is the address: upstream's own, wherever an answer names it, becomes the watched one,
// and the watched one in Host, Origin and Referer becomes upstream's.
//
// It must never know a document, or what a token is.
package front

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Server is one listener, and what stands behind it.
type Server struct {
	Listen   string   // address and port; "" is 127.0.0.1:0
	Upstream *url.URL // nil: nothing does, and what no Deed answers is answered 404
}

// Config is what a front is told. Its functions are called by many goroutines at once. What a client sends once it has an answer that
// is kept whole, over whatever connection, is Begun when that answer is Over.
type Config struct {
	Servers   map[string]Server    // by the document's names; "" is the first one
	Transport http.RoundTripper    // to upstream; a *http.Transport is copied; another one must not ask for encodings by itself. nil: direct connections
	Now       func() time.Time     // the API's clock; nil: the wall clock
	Situation func() string        // that is on; nil: none
	Deed      func(*Exchange) Deed // asked before a request is handed on; nil: none
	Begun     func(*Exchange)      // called once for each, before Deed; nil: nobody
	Over      func(*Exchange)      // called once for each, also for one that was cut; nil: nobody
	TLS       *tls.Config          // nil: plain
	MaxBody   int64                // how much of a body is kept and rewritten, in bytes; what is longer passes through. 0: 1 MiB
	Log       func(string)         // told of what is no exchange, such as a client that does not trust the certificate; nil: nobody
}

// Front is a listener before each of some servers.
type Front struct {
	config    Config
	listeners map[string]*listener
	links     links
	transport http.RoundTripper
	idle      func() // ends the connections that the front's own transport keeps

	ctx    context.Context
	cancel context.CancelCauseFunc

	arriving sync.Mutex // orders numbers and times of arrival
	number   int
	closed   bool
	leaving  map[*live]struct{} // whose answers are on their way to the client
	active   sync.WaitGroup     // listeners, and exchanges that are not over
}

// listener is a server's.
type listener struct {
	front  *Front
	name   string
	server Server
	socket net.Listener
	place  place // where clients find it
	http   http.Server
}

// errClosed is why a front that is closed ends what is on its way.
var errClosed = errors.New("the watch has ended")

// defaultMaxBody is many times the longest answer of a token operation, and more than most pages.
const defaultMaxBody = 1 << 20

// Listen opens a front. It ends with its context, or with Close.
func Listen(ctx context.Context, c Config) (*Front, error) {
	c.complete()
	f := &Front{config: c, listeners: map[string]*listener{}, leaving: map[*live]struct{}{}}
	f.transport, f.idle = transportOf(c.Transport)
	f.ctx, f.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	for name, server := range c.Servers {
		socket, err := net.Listen("tcp", cmp.Or(server.Listen, "127.0.0.1:0"))
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("the watched address of %s: %w", cmp.Or(name, "the API"), err)
		}
		f.listeners[name] = &listener{front: f, name: name, server: server, socket: socket, place: placeOf(c.TLS != nil, socket.Addr(), server.Upstream)}
	}
	f.links = linksOf(f.listeners)
	for _, l := range f.listeners {
		f.active.Go(l.serve)
	}
	context.AfterFunc(ctx, f.Close)
	return f, nil
}

// complete gives what was left out a meaning, so that nobody has to ask for nil.
func (c *Config) complete() {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Situation == nil {
		c.Situation = func() string { return "" }
	}
	if c.Deed == nil {
		c.Deed = func(*Exchange) Deed { return Deed{} }
	}
	if c.Begun == nil {
		c.Begun = func(*Exchange) {}
	}
	if c.Over == nil {
		c.Over = func(*Exchange) {}
	}
	if c.Log == nil {
		c.Log = func(string) {}
	}
	c.MaxBody = cmp.Or(c.MaxBody, defaultMaxBody)
}

// idleUpstream is how long a connection to upstream is kept for the next request. It is shorter than servers keep theirs (gunicorn: 2 s;
// Node, Apache and uvicorn: 5 s): a request that meets a connection's end may not be sent again, and would look like a fault of upstream's.
const idleUpstream = time.Second

// transportOf is a transport that asks for nothing by itself, and what ends its idle connections.
func transportOf(given http.RoundTripper) (http.RoundTripper, func()) {
	own := &http.Transport{TLSHandshakeTimeout: 10 * time.Second}
	switch given := given.(type) {
	case nil:
	case *http.Transport:
		own = given.Clone()
	default:
		return given, func() {}
	}
	own.DisableCompression, own.IdleConnTimeout = true, idleUpstream
	own.MaxIdleConnsPerHost = max(own.MaxIdleConnsPerHost, 256) // each of a client's connections may have one upstream
	return own, own.CloseIdleConnections
}

func (l *listener) serve() {
	var protocols http.Protocols
	protocols.SetHTTP1(true) // nothing else can be reset without ending what goes on beside it
	l.http = http.Server{
		Handler: l, Protocols: &protocols, DisableGeneralOptionsHandler: true, ErrorLog: log.New(lines(l.front.config.Log), "", 0),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, connOf(c))
		},
		ConnState: func(c net.Conn, state http.ConnState) {
			if state == http.StateIdle || state == http.StateClosed {
				l.front.over(connOf(c))
			}
		},
	}
	stop := context.AfterFunc(l.front.ctx, func() { _ = l.http.Close() })
	defer stop()
	socket := net.Listener(&watching{l.socket})
	if l.front.config.TLS != nil {
		config := l.front.config.TLS.Clone()
		config.NextProtos = []string{"http/1.1"}
		socket = tls.NewListener(socket, config)
	}
	_ = l.http.Serve(socket)
}

// lines is a writer that hands on what is written, a line at a time.
type lines func(string)

func (l lines) Write(p []byte) (int, error) {
	l(strings.TrimSpace(string(p)))
	return len(p), nil
}

// URL is where clients find a server: the watched address with the path of upstream's. It is nil for a name that there is not.
func (f *Front) URL(server string) *url.URL {
	if l := f.listeners[server]; l != nil {
		return l.place.url("")
	}
	return nil
}

// Close ends everything: listeners, connections, and what is on its way. When it returns, Over was called for each exchange.
func (f *Front) Close() {
	f.arriving.Lock()
	f.closed = true
	f.arriving.Unlock()
	f.cancel(errClosed)
	for _, l := range f.listeners {
		_ = l.socket.Close()
	}
	f.active.Wait()
	f.idle()
}
