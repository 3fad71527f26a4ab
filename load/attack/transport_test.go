package attack_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"gonogo/internal/wire"
	"gonogo/load/attack"
)

// target is a net/http server that notes what it was sent and over how many connections.
type target struct {
	*httptest.Server
	url         *url.URL
	mu          sync.Mutex
	connections map[string]bool
	seen        map[string]int
}

func newTarget(t *testing.T, start func(*httptest.Server)) *target {
	s := &target{connections: map[string]bool{}, seen: map[string]int{}}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.connections[r.RemoteAddr] = true
		s.seen[strings.Join([]string{r.Proto, r.Method, r.URL.String(), r.Host, r.Header.Get("Authorization"), strings.Join(r.Header["Content-Type"], "+"), string(body)}, " ")]++
		s.mu.Unlock()
		if r.Header["User-Agent"] != nil {
			t.Errorf("a header that the worker did not write: %v", r.Header)
		}
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte("made"))
	}))
	start(s.Server)
	t.Cleanup(s.Close)
	s.url, _ = url.Parse(s.URL)
	return s
}

// client writes one kind of request and reads all of its answer.
type client struct {
	t   *testing.T
	url string
}

func (c client) Fill(request *wire.Request) (int, bool) {
	address(request, "POST", c.url+"/token?a=b%2Fc")
	request.Add("Content-Type", []byte("application/x-www-form-urlencoded"))
	request.Add("Authorization", []byte("Basic eDp5"))
	request.Body = append(request.Body, "grant_type=client_credentials"...)
	return 0, true
}

func (c client) Judge(answer *wire.Answer, err error, _ time.Time) attack.Verdict {
	if err != nil {
		c.t.Errorf("no answer: %v", err)
		return attack.Bad
	}
	cookies := 0
	for key := range answer.All {
		if string(key) == "Set-Cookie" {
			cookies++
		}
	}
	if answer.Status != 201 || string(answer.Body) != "made" || cookies != 2 {
		c.t.Errorf("the worker was given %d %q, %d cookies", answer.Status, answer.Body, cookies)
		return attack.Bad
	}
	return attack.Good
}

func TestTransports(t *testing.T) {
	secured := func(http2 bool) func(*httptest.Server) {
		return func(s *httptest.Server) {
			s.EnableHTTP2 = http2
			s.StartTLS()
		}
	}
	unsecured := func(s *httptest.Server) {
		s.Config.Protocols = new(http.Protocols)
		s.Config.Protocols.SetHTTP1(true)
		s.Config.Protocols.SetUnencryptedHTTP2(true)
		s.Start()
	}
	for _, test := range []struct {
		name         string
		start        func(*httptest.Server)
		http2, proxy bool
		proto, says  string
	}{
		{"HTTP/1.1", (*httptest.Server).Start, false, false, "HTTP/1.1", "HTTP/1.1"},
		{"TLS", secured(false), false, false, "HTTP/1.1", "HTTP/1.1 over TLS"},
		{"TLS of a server that has HTTP/2, too", secured(true), false, false, "HTTP/1.1", "HTTP/1.1 over TLS"},
		{"HTTP/2", secured(true), true, false, "HTTP/2.0", "HTTP/2 over TLS"},
		{"HTTP/2 without TLS", unsecured, true, false, "HTTP/2.0", "HTTP/2"},
		{"a proxy", (*httptest.Server).Start, false, true, "HTTP/1.1", "HTTP/1.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := newTarget(t, test.start)
			transport := server.Client().Transport.(*http.Transport).Clone()
			transport.ForceAttemptHTTP2 = true // as in a target's transport
			to, host := server.url, server.url.Host
			if test.proxy {
				to, _ = url.Parse("http://target.invalid")
				host = to.Host
				transport.Proxy = http.ProxyURL(server.url)
			}
			p := plan(to, 500, 200*time.Millisecond, 3)
			p.Workers = func(int) attack.Worker { return client{t, to.String()} }
			r := run(t, p, attack.Over(transport, test.http2, to), attack.Watch{})
			if r.Requests != 100 || r.Errors != 0 || r.Protocol != test.says {
				t.Errorf("%d requests, %d errors, %v, protocol %q", r.Requests, r.Errors, r.Failures, r.Protocol)
			}
			path := "/token?a=b%2Fc"
			if test.proxy {
				path = to.String() + path
			}
			want := test.proto + " POST " + path + " " + host + " Basic eDp5 application/x-www-form-urlencoded grant_type=client_credentials"
			if server.seen[want] != 100 {
				t.Errorf("the server was sent %v, want %s", server.seen, want)
			}
			if n := len(server.connections); n != 3 {
				t.Errorf("%d connections were made, want 3", n)
			}
		})
	}
}

func TestNoTLS(t *testing.T) {
	quiet := func(start func(*httptest.Server)) func(*httptest.Server) {
		return func(s *httptest.Server) {
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			start(s)
		}
	}
	plain, http1 := newTarget(t, quiet((*httptest.Server).Start)), newTarget(t, quiet((*httptest.Server).StartTLS))
	secured := newTarget(t, quiet(func(s *httptest.Server) { s.EnableHTTP2 = true; s.StartTLS() }))
	for _, test := range []struct {
		name   string
		server *target
		http2  bool
		trust  bool
		says   string
	}{
		{"a certificate that is not trusted", secured, false, false, "certificate signed by unknown authority"},
		{"a certificate that is not trusted, HTTP/2", secured, true, false, "certificate signed by unknown authority"},
		{"a server without HTTP/2", http1, true, true, "no application protocol"},
		{"a server without TLS", plain, false, true, "first record does not look like a TLS handshake"},
	} {
		t.Run(test.name, func(t *testing.T) {
			transport := &http.Transport{TLSClientConfig: &tls.Config{}}
			if test.trust {
				transport = test.server.Client().Transport.(*http.Transport).Clone()
			}
			to := &url.URL{Scheme: "https", Host: test.server.url.Host}
			r := run(t, plan(to, 100, 100*time.Millisecond, 1), attack.Over(transport, test.http2, to), attack.Watch{})
			if r.Failures[attack.NoTLS] != 10 || !strings.Contains(r.Detail, test.says) {
				t.Errorf("%v, detail %q", r.Failures, r.Detail)
			}
		})
	}
}

func TestTroubleWithNetHTTP(t *testing.T) {
	const secret = "s3cr3t-token"
	for _, test := range []struct {
		name, answer string
		why          attack.Why
	}{
		{"nothing", "", attack.Closed},
		{"another protocol", "SSH-2.0-" + secret + "\r\n\r\n", attack.Unreadable},
		{"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + secret, attack.Cut},
		{"a body without bound", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" + strings.Repeat("x", 1<<20+1), attack.TooLong},
	} {
		t.Run(test.name, func(t *testing.T) {
			proxy := serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
				if readRequest(reader) == nil {
					_, _ = io.WriteString(conn, test.answer)
				}
			})
			to, _ := url.Parse("http://target.invalid")
			p := plan(to, 100, 100*time.Millisecond, 1)
			p.Workers = func(int) attack.Worker {
				return &poster{url: to.String(), judge: func(answer *wire.Answer, err error) attack.Verdict {
					if err == nil || strings.Contains(err.Error(), secret) || len(answer.Body) > 0 {
						t.Errorf("the worker was given %v and %d bytes", err, len(answer.Body))
					}
					return attack.Bad
				}}
			}
			r := run(t, p, attack.Over(&http.Transport{Proxy: http.ProxyURL(proxy.url)}, false, to), attack.Watch{})
			if sent := r.Intended - r.Unsent; sent == 0 || r.Failures[test.why] != sent { // a slow machine does not come to all of them
				t.Errorf("%v of %d, want all %q", r.Failures, sent, test.why)
			}
		})
	}
}
