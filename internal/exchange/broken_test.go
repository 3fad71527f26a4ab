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
	"sync/atomic"
	"testing"

	"gonogo/internal/exchange"
)

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
