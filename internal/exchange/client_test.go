package exchange_test

import (
	"bufio"
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
	o := exchange.Options{Transport: &http.Transport{}, Timeout: 5 * time.Second, Patience: time.Second}
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

func TestStaleIdleConnectionIsNoFinding(t *testing.T) {
	t.Parallel()
	// The first connection answers one request and is closed when the second arrives on it, as a server does
	// whose idle timeout ends just then. net/http repeats a GET by itself and tells nobody, but a GET can spend a
	// refresh token (kitchenmonki), so both must be marked.
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			url := scripted(t, func(n int, conn net.Conn, in *bufio.Reader) {
				for i := 0; ; i++ {
					if _, err := receive(in); err != nil || n == 0 && i == 1 {
						return
					}
					reply(conn, fmt.Sprintf("connection %d", n))
				}
			})
			c := client(t, nil)
			for i, want := range []string{"connection 0", "connection 1"} {
				x, err := c.Send(t.Context(), request(t, method, url, ""))
				if err != nil {
					t.Fatalf("request %d: %v", i, err)
				}
				if string(x.Body) != want || x.Repeated != (i == 1) || x.Twice != (i == 1) {
					t.Errorf("request %d was answered on %q, repeated %t, twice %t; want %q", i, x.Body, x.Repeated, x.Twice, want)
				}
			}
			if c.Gone() {
				t.Error("the target counts as gone")
			}
		})
	}
}

func TestDroppedOnceIsRepeatedOnAFreshConnection(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodGet} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			url := scripted(t, func(n int, conn net.Conn, in *bufio.Reader) {
				if body, err := receive(in); err == nil && n > 0 {
					reply(conn, body)
				}
			})
			c := client(t, nil)
			x, err := c.Send(t.Context(), request(t, method, url, "the body"))
			if err != nil || string(x.Body) != "the body" {
				t.Fatalf("got %v, %v", x, err)
			}
			if !x.Repeated || !x.Twice {
				t.Errorf("repeated %t, twice %t; want both", x.Repeated, x.Twice)
			}
			if c.Sent() != 2 {
				t.Errorf("%d requests counted, want 2", c.Sent())
			}
		})
	}
}

func TestNothingWasSentWithoutAConnection(t *testing.T) {
	t.Parallel()
	url := served(t, func(http.ResponseWriter, *http.Request) {})
	var dials atomic.Int32
	c := client(t, func(o *exchange.Options) {
		o.Transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if dials.Add(1) == 1 {
				return nil, errors.New("refused")
			}
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		}
	})
	x, err := c.Send(t.Context(), request(t, http.MethodPost, url, "x"))
	if err != nil || !x.Repeated || x.Twice {
		t.Errorf("got %+v, %v; want a repeat that the target sees for the first time", x, err)
	}
}

func TestTwiceSurvivesABusyAnswer(t *testing.T) {
	t.Parallel()
	url := scripted(t, func(n int, conn net.Conn, in *bufio.Reader) {
		for {
			if _, err := receive(in); err != nil || n == 0 {
				return
			}
			if n == 1 {
				_, _ = io.WriteString(conn, "HTTP/1.1 429 Slow\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")
				return
			}
			reply(conn, "at last")
		}
	})
	x, err := client(t, nil).Send(t.Context(), request(t, http.MethodPost, url, "x"))
	if err != nil || string(x.Body) != "at last" || !x.Twice {
		t.Errorf("got %+v, %v; want the third answer, marked Twice", x, err)
	}
}

func TestAlwaysDroppedWhileOthersAreAnswered(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]string{
		"no answer":         "",
		"half a head":       "HTTP/1.1 200 OK\r\nContent-Le",
		"not HTTP":          "SSH-2.0-OpenSSH_9.6\r\n\r\n",
		"early close":       "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"access_token\":",
		"half a chunk":      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{\"access_token\":",
		"lengths disagree":  "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
		"length not number": "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nabcd",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := scripted(t, func(_ int, conn net.Conn, in *bufio.Reader) {
				if body, err := receive(in); err == nil && body == "bad" {
					_, _ = io.WriteString(conn, broken)
				} else {
					reply(conn, "ok")
				}
			})
			c := client(t, nil)
			knownGood(t, c, url)
			x, err := c.Send(t.Context(), request(t, http.MethodPost, url, "bad"))
			var silent *exchange.NoAnswer
			if !errors.As(err, &silent) || silent.Exchange != x {
				t.Fatalf("got %+v, %v; want *NoAnswer with its exchange", x, err)
			}
			if x.Answered() || x.Status != 0 || x.Body != nil || !x.Repeated {
				t.Errorf("the exchange is %+v, want one without an answer", x)
			}
			if c.Gone() {
				t.Error("the target counts as gone")
			}
			if x, err := c.Send(t.Context(), request(t, http.MethodPost, url, "good")); err != nil || string(x.Body) != "ok" {
				t.Errorf("afterwards: %v, %v", x, err)
			}
		})
	}
}

func TestTooMuchAfterTheAnswerIsNotPartOfIt(t *testing.T) {
	t.Parallel()
	url := scripted(t, func(_ int, conn net.Conn, in *bufio.Reader) {
		for {
			if _, err := receive(in); err != nil {
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokMORE")
		}
	})
	c := client(t, nil)
	knownGood(t, c, url)
	for range 3 {
		x, err := c.Send(t.Context(), request(t, http.MethodPost, url, "x"))
		if err != nil || string(x.Body) != "ok" {
			t.Fatalf("got %+v, %v", x, err)
		}
	}
}

func TestTargetThatDisappears(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	c := client(t, nil)
	knownGood(t, c, server.URL)
	if _, err := c.Send(t.Context(), request(t, http.MethodGet, server.URL, "")); err != nil {
		t.Fatal(err)
	}
	server.Close()
	x, err := c.Send(t.Context(), request(t, http.MethodPost, server.URL, "x"))
	if !errors.Is(err, exchange.ErrGone) || !c.Gone() || x == nil || x.Err == nil {
		t.Fatalf("got %+v, %v, gone %t", x, err, c.Gone())
	}
	before := c.Sent()
	for range 3 {
		if x, err := c.Send(t.Context(), request(t, http.MethodGet, server.URL, "")); x != nil || !errors.Is(err, exchange.ErrGone) {
			t.Errorf("later: %v, %v; want ErrGone at once", x, err)
		}
	}
	if c.Sent() != before {
		t.Error("something was sent to a target that is gone")
	}
}

func TestKnownGoodCarriesTheStaticHeaders(t *testing.T) {
	t.Parallel()
	// a gateway that hangs up on whoever brings no key is not a target that is gone
	url := scripted(t, func(_ int, conn net.Conn, in *bufio.Reader) {
		req, err := http.ReadRequest(in)
		if err == nil && req.Method == http.MethodGet && req.Header.Get("X-Key") == "k" {
			reply(conn, "ok")
		}
	})
	c := client(t, func(o *exchange.Options) { o.Headers = map[string]string{"X-Key": "k"} })
	knownGood(t, c, url)
	_, err := c.Send(t.Context(), request(t, http.MethodPost, url, ""))
	var silent *exchange.NoAnswer
	if !errors.As(err, &silent) {
		t.Errorf("got %v, want *NoAnswer", err)
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
		if strings.HasSuffix(shown, "…") != tc.cut {
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
