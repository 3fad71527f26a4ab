package exchange_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"gonogo/internal/exchange"
)

// client is a client with short patience for tests on real sockets.
func client(t *testing.T, change func(*exchange.Options)) *exchange.Client {
	t.Helper()
	o := exchange.Options{Transport: &http.Transport{}, Timeout: 30 * time.Second, Patience: time.Second}
	if change != nil {
		change(&o)
	}
	c := exchange.NewClient(o)
	t.Cleanup(c.Close)
	return c
}

func request(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// served starts an HTTP server.
func served(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.URL
}

// scripted starts a TCP server; each connection is handed to play with its number, from 0.
func scripted(t *testing.T, play func(n int, conn net.Conn, in *bufio.Reader)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for n := 0; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer func() { _ = conn.Close() }()
				play(n, conn, bufio.NewReader(conn))
			})
		}
	})
	t.Cleanup(func() { _ = listener.Close(); all.Wait() })
	return "http://" + listener.Addr().String()
}

// receive reads one whole request.
func receive(in *bufio.Reader) (body string, err error) {
	req, err := http.ReadRequest(in)
	if err != nil {
		return "", err
	}
	all, err := io.ReadAll(req.Body)
	return string(all), err
}

func reply(conn net.Conn, body string) {
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// knownGood makes a client believe that a target answers others.
func knownGood(t *testing.T, c *exchange.Client, url string) {
	c.KnownGood(func(ctx context.Context) *http.Request {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			t.Error(err)
		}
		return req
	})
}

func TestSendKeepsWhatWasSentAndWhatCame(t *testing.T) {
	t.Parallel()
	url := served(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", r.Header.Get("X-Gateway-Key")+"/"+r.Header.Get("X-Own"))
		w.WriteHeader(http.StatusTeapot)
		_, _ = fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.RequestURI(), body)
	})
	c := client(t, func(o *exchange.Options) {
		o.Headers = map[string]string{"X-Gateway-Key": "key", "X-Own": "default"}
	})
	req := request(t, http.MethodPost, url+"/a?b=c", "hello")
	req.Header.Set("X-Own", "mine")
	x, err := c.Send(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if x.Status != 418 || string(x.Body) != "POST /a?b=c hello" || x.Header.Get("X-Seen") != "key/mine" {
		t.Errorf("got %d %q %q", x.Status, x.Body, x.Header.Get("X-Seen"))
	}
	if x.Method != "POST" || x.URL != url+"/a?b=c" || string(x.RequestBody) != "hello" || x.RequestHeader.Get("X-Gateway-Key") != "key" {
		t.Errorf("the request is kept as %s %s %q %v", x.Method, x.URL, x.RequestBody, x.RequestHeader)
	}
	if x.Sent.IsZero() || x.Received.Before(x.Sent) || x.Repeated || x.Twice || !x.Answered() {
		t.Errorf("sent %v, received %v, repeated %t, twice %t, err %v", x.Sent, x.Received, x.Repeated, x.Twice, x.Err)
	}
	if c.Sent() != 1 {
		t.Errorf("%d requests counted, want 1", c.Sent())
	}
}

func TestSendNeverFollowsARedirect(t *testing.T) {
	t.Parallel()
	var followed atomic.Bool
	url := served(t, func(w http.ResponseWriter, r *http.Request) {
		followed.Store(followed.Load() || r.URL.Path == "/next")
		http.Redirect(w, r, "/next?code=abc", http.StatusFound)
	})
	x, err := client(t, nil).Send(t.Context(), request(t, http.MethodGet, url+"/", ""))
	if err != nil || !x.Redirected() || x.Header.Get("Location") != "/next?code=abc" {
		t.Errorf("got %+v, %v", x, err)
	}
	if followed.Load() {
		t.Error("the redirect was followed")
	}
}

func TestCancelInFlight(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	url := served(t, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-release
	})
	defer close(release)
	c := client(t, nil)
	knownGood(t, c, url)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	x, err := c.Send(ctx, request(t, http.MethodPost, url, "x"))
	if !errors.Is(err, context.Canceled) || c.Gone() || c.Sent() != 1 {
		t.Errorf("got %v after %d requests, gone %t; want the context's error after one", err, c.Sent(), c.Gone())
	}
	if x == nil || x.Answered() {
		t.Errorf("the exchange %+v looks answered", x)
	}
}

func TestCancelWhileLookingWhetherTheTargetIsThere(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	url := scripted(t, func(int, net.Conn, *bufio.Reader) {})
	c := client(t, nil)
	c.KnownGood(func(context.Context) *http.Request { cancel(); return nil })
	if _, err := c.Send(ctx, request(t, http.MethodPost, url, "x")); !errors.Is(err, context.Canceled) || c.Gone() {
		t.Errorf("got %v, gone %t; want the context's error, and nothing known of the target", err, c.Gone())
	}
}

func TestLongBodyIsCut(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		length int
		cut    bool
	}{{exchange.MaxBody, false}, {exchange.MaxBody + 1, true}, {3 * exchange.MaxBody, true}} {
		url := served(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", tc.length)) })
		x, err := client(t, nil).Send(t.Context(), request(t, http.MethodGet, url, ""))
		if err != nil || len(x.Body) != min(tc.length, exchange.MaxBody) || x.Cut != tc.cut {
			t.Errorf("%d bytes: kept %d, cut %t, %v", tc.length, len(x.Body), x.Cut, err)
		}
		shown := exchange.NewRedactor().Evidence(x, x.Sent).Response.Body
		if strings.Contains(shown, "… [cut: ") != (tc.length > 24<<10) || strings.Contains(shown, "the rest was not kept") != tc.cut {
			t.Errorf("%d bytes: the evidence does not say whether it was cut", tc.length)
		}
	}
}

func TestWhatCannotBeSentIsNoFault(t *testing.T) {
	t.Parallel()
	c := client(t, nil)
	for name, change := range map[string]func(*http.Request){
		"line break in a header": func(r *http.Request) { r.Header.Set("Authorization", "Bearer hunter2\r\nX: y") },
		"space in a name":        func(r *http.Request) { r.Header["X Y"] = []string{"z"} },
		"scheme":                 func(r *http.Request) { r.URL.Scheme = "myapp" },
		"no host":                func(r *http.Request) { r.URL.Host = "" },
	} {
		req := request(t, http.MethodPost, "http://127.0.0.1:1/", "x")
		change(req)
		x, err := c.Send(t.Context(), req)
		var silent *exchange.NoAnswer
		if x != nil || err == nil || errors.As(err, &silent) || errors.Is(err, exchange.ErrGone) || c.Gone() || c.Sent() != 0 {
			t.Errorf("%s: got %v, %v", name, x, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v tells the secret", name, err)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	url := served(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
	})
	c := client(t, func(o *exchange.Options) { o.Headers = map[string]string{"X-Key": "k"} })
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			body := fmt.Sprintf("request %d", i)
			x, err := c.Send(t.Context(), request(t, http.MethodPost, url, body))
			if err != nil || string(x.Body) != body {
				t.Errorf("%s was answered %+v, %v", body, x, err)
			}
		})
	}
	all.Wait()
	if c.Sent() != 64 {
		t.Errorf("%d requests counted", c.Sent())
	}
}

func TestLimiterEndsWithItsContext(t *testing.T) {
	t.Parallel()
	url := served(t, func(http.ResponseWriter, *http.Request) {})
	c := client(t, func(o *exchange.Options) { o.Limiter = rate.NewLimiter(rate.Every(time.Hour), 1) })
	if _, err := c.Send(t.Context(), request(t, http.MethodGet, url, "")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if x, err := c.Send(ctx, request(t, http.MethodGet, url, "")); x != nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, %v; want the context's error, for the pace outlasts it", x, err)
	}
}

// TestCompressedAnswers: a body is read whatever its coding, and one that is not what its header says is told of.
func TestCompressedAnswers(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(`{"a":1}`))
	_ = w.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if coding := r.URL.Query().Get("coding"); coding != "" {
			w.Header().Set("Content-Encoding", coding)
		}
		w.Header().Set("Content-Type", "application/json")
		body := packed.Bytes()
		if r.URL.Path == "/plain" {
			body = []byte(`{"a":1}`)
		}
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	for path, want := range map[string]struct{ body, miscoded string }{
		"/packed?coding=gzip": {`{"a":1}`, ""},
		"/packed":             {packed.String(), "a gzip that no Content-Encoding tells of"},
		"/plain?coding=gzip":  {`{"a":1}`, "Content-Encoding: gzip, and a body that is none"},
		"/plain?coding=br":    {`{"a":1}`, ""},
		"/plain":              {`{"a":1}`, ""},
	} {
		c := client(t, func(o *exchange.Options) { o.Transport.DisableCompression = true })
		x, err := c.Send(t.Context(), request(t, "GET", server.URL+path, ""))
		if err != nil || string(x.Body) != want.body || x.Miscoded != want.miscoded {
			t.Errorf("%s: %q, %q, %v", path, x.Body, x.Miscoded, err)
		}
	}
}
