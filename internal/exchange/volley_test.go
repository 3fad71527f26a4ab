package exchange_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"gonogo/internal/exchange"
)

// racing sends a request with each context of a volley; before runs just before the last of them.
func racing(t *testing.T, c *exchange.Client, l *exchange.Lanes, n int, make func(context.Context) *http.Request, before func()) ([]*exchange.Exchange, *exchange.Release) {
	t.Helper()
	v, err := l.Volley(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	got := []*exchange.Exchange{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for i, ctx := range v.Racers {
		if i == len(v.Racers)-1 {
			before()
		}
		all.Go(func() {
			x, err := c.Send(ctx, make(ctx))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			got = append(got, x)
		})
	}
	all.Wait()
	return got, v.Release()
}

// watched is a listener whose connections tell when something comes.
type watched struct {
	net.Listener
	heard chan struct{}
}

func (w *watched) Accept() (net.Conn, error) {
	conn, err := w.Listener.Accept()
	return &hearing{conn, w.heard}, err
}

type hearing struct {
	net.Conn
	heard chan struct{}
}

func (h *hearing) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	if n > 0 {
		select {
		case h.heard <- struct{}{}:
		default:
		}
	}
	return n, err
}

// TestNoRequestOfAVolleyIsWholeBeforeTheLast: what is sent of the others is there, and nobody could act on it.
func TestNoRequestOfAVolleyIsWholeBeforeTheLast(t *testing.T) {
	for _, c := range []struct {
		name, method, body string
		https              bool
	}{
		{"a body", "POST", `{"refresh_token": "…"}`, false},
		{"a head", "GET", "", false},
		{"a body under TLS", "POST", strings.Repeat("x", 9000), true},
		{"a head under TLS", "GET", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			const n = 8
			var handled atomic.Int32
			active := make(chan struct{}, 100)
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				handled.Add(1)
				if body, _ := io.ReadAll(r.Body); string(body) != c.body {
					t.Errorf("the body has %d bytes of %d", len(body), len(c.body))
				}
			}))
			server.Listener = &watched{Listener: server.Listener, heard: active}
			if c.https {
				server.StartTLS()
			} else {
				server.Start()
			}
			defer server.Close()
			client := client(t, func(o *exchange.Options) {
				if c.https {
					o.Transport = server.Client().Transport.(*http.Transport).Clone()
				}
			})
			lanes := client.Lanes()
			defer lanes.Close()
			for range 2 { // the second on the connections of the first
				handled.Store(0)
				got, release := racing(t, client, lanes, n, func(ctx context.Context) *http.Request {
					return request(t, c.method, server.URL, c.body).WithContext(ctx)
				}, func() {
					for range n - 1 {
						if !c.https { // there one hears handshakes
							<-active
						}
					}
					if early := handled.Load(); early != 0 && c.body == "" {
						t.Errorf("%d requests were acted on before the last was there", early)
					}
				})
				if release.Held != n || release.Requests != n || release.Proxied {
					t.Errorf("released %+v", *release)
				}
				for _, x := range got {
					if x.Status != 200 || x.Left == nil || x.Left.Release != release || x.Left.Protocol != "HTTP/1.1" || x.Left.After > release.Spread {
						t.Errorf("status %d, left %+v", x.Status, x.Left)
					}
				}
				for len(active) > 0 {
					<-active
				}
			}
		})
	}
}

func TestAVolleyOverHTTP2IsOneFlight(t *testing.T) {
	const n = 16
	var from sync.Map
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from.Store(r.RemoteAddr, r.Proto)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	client := client(t, func(o *exchange.Options) {
		o.Transport = server.Client().Transport.(*http.Transport).Clone()
		o.Transport.ForceAttemptHTTP2 = true
	})
	client.KnownGood(func(ctx context.Context) *http.Request { return request(t, "GET", server.URL, "").WithContext(ctx) })
	lanes := client.Lanes()
	defer lanes.Close()
	for range 3 {
		from.Clear()
		got, release := racing(t, client, lanes, n, func(ctx context.Context) *http.Request {
			return request(t, "POST", server.URL, "a body").WithContext(ctx)
		}, func() {})
		if release.Held != n {
			t.Errorf("released %+v", *release)
		}
		connections := 0
		from.Range(func(any, proto any) bool { connections++; return proto == "HTTP/2.0" })
		if connections != 1 {
			t.Errorf("%d connections; one flight is on one", connections)
		}
		for _, x := range got {
			if x.Status != 200 || x.Left.Protocol != "HTTP/2.0" {
				t.Errorf("status %d, left %+v", x.Status, x.Left)
			}
		}
	}
}

func TestAVolleyThroughAProxySaysSo(t *testing.T) {
	proxy := served(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host != "target.example" {
			t.Errorf("asked for %s", r.URL)
		}
	})
	client := client(t, func(o *exchange.Options) {
		through, err := url.Parse(proxy)
		if err != nil {
			t.Fatal(err)
		}
		o.Transport = &http.Transport{Proxy: http.ProxyURL(through)}
		o.Resolve = func(context.Context, string, string) ([]netip.Addr, error) {
			t.Error("the name was resolved here")
			return nil, errors.New("unknown")
		}
	})
	lanes := client.Lanes()
	defer lanes.Close()
	got, release := racing(t, client, lanes, 4, func(ctx context.Context) *http.Request {
		return request(t, "GET", "http://target.example/", "").WithContext(ctx)
	}, func() {})
	if !release.Proxied || release.Held != 4 || got[0].Status != 200 {
		t.Errorf("%+v, %d", *release, got[0].Status)
	}
}

// TestAVolleyReachesEveryAddress: two machines behind a name, and one that nobody answers at.
func TestAVolleyReachesEveryAddress(t *testing.T) {
	var at sync.Map
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at.Store(r.Context().Value(http.LocalAddrContextKey).(net.Addr).String(), true)
	})
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := first.Addr().(*net.TCPAddr).AddrPort().Port()
	second, err := net.Listen("tcp", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), port).String())
	if err != nil {
		t.Skip(err) // not every system has more than one loopback address
	}
	for _, listener := range []net.Listener{first, second} {
		server := &http.Server{Handler: handler}
		go func() { _ = server.Serve(listener) }()
		defer func() { _ = server.Close() }()
	}
	client := client(t, func(o *exchange.Options) {
		o.Resolve = func(_ context.Context, _, host string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.3")}, nil
		}
	})
	lanes := client.Lanes()
	defer lanes.Close()
	_, port2, _ := net.SplitHostPort(second.Addr().String())
	got, release := racing(t, client, lanes, 6, func(ctx context.Context) *http.Request {
		return request(t, "GET", "http://two.example:"+port2+"/", "").WithContext(ctx)
	}, func() {})
	for _, listener := range []net.Listener{first, second} {
		if _, reached := at.Load(listener.Addr().String()); !reached {
			t.Errorf("nothing reached %s", listener.Addr())
		}
	}
	if release.Held != 6 || len(got) != 6 {
		t.Errorf("%+v", *release)
	}
}

func TestAVolleyDoesNotWaitForWhoQuits(t *testing.T) {
	server := served(t, func(http.ResponseWriter, *http.Request) {})
	client := client(t, func(o *exchange.Options) { o.Limiter = rate.NewLimiter(1, 3) })
	lanes := client.Lanes()
	defer lanes.Close()
	v, err := lanes.Volley(t.Context(), 16)
	if err != nil || len(v.Racers) != 3 {
		t.Fatalf("%d racers, %v; a burst of 3 grants 3", len(v.Racers), err)
	}
	began := time.Now()
	var all sync.WaitGroup
	for i, ctx := range v.Racers {
		all.Go(func() {
			defer exchange.Quit(ctx)
			if i > 0 {
				if x, err := client.Send(ctx, request(t, "GET", server, "").WithContext(ctx)); err != nil || x.Status != 200 {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if release := v.Release(); release.Held != 2 || release.Requests != 3 || time.Since(began) > 2*time.Second {
		t.Errorf("%+v after %s", *release, time.Since(began))
	}
}

// TestARacerWhoseConnectionBreaksIsRepeated: on its own, as any request.
func TestARacerWhoseConnectionBreaksIsRepeated(t *testing.T) {
	var handled atomic.Int32
	server := served(t, func(w http.ResponseWriter, r *http.Request) {
		if handled.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
	})
	client := client(t, nil)
	lanes := client.Lanes()
	defer lanes.Close()
	got, _ := racing(t, client, lanes, 4, func(ctx context.Context) *http.Request {
		return request(t, "POST", server, "a body").WithContext(ctx)
	}, func() {})
	repeated := 0
	for _, x := range got {
		if x.Status != 200 {
			t.Errorf("status %d, %v", x.Status, x.Err)
		}
		if x.Repeated {
			repeated++
			if !x.Twice || x.Left != nil {
				t.Errorf("a repeat that left together with others: %+v", x.Left)
			}
		}
	}
	if repeated != 1 {
		t.Errorf("%d were repeated", repeated)
	}
}
