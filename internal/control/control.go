// Package control is where a watched client may ask what time it is, by the API's clock, and which situation is on.
//
//	GET /__control/clock       {"now": RFC 3339}
//	GET /__control/situation   {"id": "access-ended", "since": RFC 3339}, with what the situation carries beside
//
// With ?after=ID the answer comes when another situation than ID is on. After the last there is none: End answers at once.
//
// It must never know what a situation is for.
package control

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
)

// End is the situation after the last.
const End = "end"

// Config is what a control listener is told.
type Config struct {
	Listen   string           // address and port; "" is 127.0.0.1:0
	Anywhere bool             // it may be asked by other machines; else it listens and answers on loopback only
	Now      func() time.Time // the API's clock; nil: the wall clock
	Asked    func()           // called when the time was asked for, each time; nil: nobody
	Told     func(id string)  // called when a situation was told to somebody, each time; nil: nobody
	Pages    http.Handler     // what else the listener has; nil: nothing
}

// Control is a control listener.
type Control struct {
	config Config
	socket net.Listener
	server http.Server
	served sync.WaitGroup
	cancel context.CancelFunc

	lock    sync.Mutex
	present situation
	changed chan struct{} // is closed when another situation is on
}

type situation struct {
	id      string
	since   time.Time // by the API's clock
	carries map[string]any
}

// Listen opens a control listener. No situation is on until Set names one; who asks before that waits. It ends with its context, or with
// Close.
func Listen(ctx context.Context, c Config) (*Control, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Asked == nil {
		c.Asked = func() {}
	}
	if c.Told == nil {
		c.Told = func(string) {}
	}
	listen := cmp.Or(c.Listen, "127.0.0.1:0")
	if host, _, err := net.SplitHostPort(listen); err != nil {
		return nil, fmt.Errorf("the control listener: %w", err)
	} else if !c.Anywhere && !isLoopback(host) {
		return nil, fmt.Errorf("the control listener is for this machine only, and %q is an address that others reach", listen)
	}
	socket, err := net.Listen("tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("the control listener: %w", err)
	}
	control := &Control{config: c, socket: socket, changed: make(chan struct{})}
	inner, cancel := context.WithCancel(ctx)
	control.cancel = cancel
	control.server = http.Server{
		Handler: control.handler(), ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return inner },
	}
	control.served.Go(func() { _ = control.server.Serve(socket) })
	context.AfterFunc(inner, func() { _ = control.server.Close() })
	return control, nil
}

// URL is where the listener is, without a path.
func (c *Control) URL() *url.URL {
	host := c.socket.Addr().String()
	if at, is := c.socket.Addr().(*net.TCPAddr); is && at.IP.IsUnspecified() {
		_, port, _ := net.SplitHostPort(host)
		host = net.JoinHostPort("127.0.0.1", port)
	}
	return &url.URL{Scheme: "http", Host: host}
}

// Set says that a situation is on, and what it carries: members beside id and since, which it cannot replace. End is the last.
func (c *Control) Set(id string, carries map[string]any) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.present = situation{id, c.config.Now(), maps.Clone(carries)}
	close(c.changed)
	c.changed = make(chan struct{})
}

// Close ends the listener, and whoever waits at it.
func (c *Control) Close() {
	_ = c.server.Close() // before those who wait hear of it: an answer without a word would be one
	c.cancel()
	c.served.Wait()
}

func (c *Control) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /__control/clock", func(w http.ResponseWriter, _ *http.Request) {
		c.config.Asked()
		_ = tell(w, map[string]any{"now": written(c.config.Now())}) // who went has not heard
	})
	mux.HandleFunc("GET /__control/situation", c.situation)
	if c.config.Pages != nil {
		mux.Handle("/", c.config.Pages)
	}
	guarded := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A page in a browser on this machine could ask under a name of its own that leads here.
		if !c.config.Anywhere && !isLoopback((&url.URL{Host: r.Host}).Hostname()) {
			http.Error(w, "the control listener answers to loopback addresses only", http.StatusForbidden)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// situation answers with the present situation, once it is another than the one that the client names.
func (c *Control) situation(w http.ResponseWriter, r *http.Request) {
	after := r.URL.Query().Get("after")
	for {
		c.lock.Lock()
		present, changed := c.present, c.changed
		c.lock.Unlock()
		if present.id != "" && (present.id != after || present.id == End) {
			says := maps.Clone(present.carries)
			if says == nil {
				says = map[string]any{}
			}
			says["id"], says["since"] = present.id, written(present.since)
			if tell(w, says) == nil && r.Context().Err() == nil {
				c.config.Told(present.id)
			}
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			panic(http.ErrAbortHandler) // nothing is no answer
		}
	}
}

// written is a time as the API's own control listener writes it.
func written(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func tell(w http.ResponseWriter, says any) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(says); err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}

func isLoopback(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
