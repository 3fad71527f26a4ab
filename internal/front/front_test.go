package front_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"gonogo/internal/front"
)

// seen keeps the exchanges that are over.
type seen struct {
	lock  sync.Mutex
	begun int
	all   []*front.Exchange
	came  chan *front.Exchange
}

func (s *seen) over(x *front.Exchange) {
	s.lock.Lock()
	s.all = append(s.all, x)
	s.lock.Unlock()
	s.came <- x
}

// next is the next exchange that is over.
func (s *seen) next(t *testing.T) *front.Exchange {
	t.Helper()
	select {
	case x := <-s.came:
		return x
	case <-time.After(time.Minute):
		t.Fatal("no exchange came to its end")
		return nil
	}
}

// stand puts a front before a server.
func stand(t *testing.T, upstream http.Handler, change func(*front.Config)) (*front.Front, *seen) {
	t.Helper()
	server := httptest.NewServer(upstream)
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := &seen{came: make(chan *front.Exchange, 10_000)}
	c := front.Config{
		Servers: map[string]front.Server{"": {Upstream: at}}, Over: s.over,
		Begun: func(*front.Exchange) { s.lock.Lock(); s.begun++; s.lock.Unlock() },
	}
	if change != nil {
		change(&c)
	}
	f, err := front.Listen(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f, s
}

// raw sends bytes over a connection of its own and is all that comes until its end.
func raw(t *testing.T, f *front.Front, sent string) string {
	t.Helper()
	c, err := net.Dial("tcp", f.URL("").Host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, sent); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

func TestNothingIsAddedUpstream(t *testing.T) {
	var got string
	upstream, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer upstream.Close()
	go func() {
		c, err := upstream.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		room := make([]byte, 4096)
		n, _ := c.Read(room)
		got = string(room[:n])
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX-Odd: a\r\nX-Odd: b\r\nContent-Length: 2\r\n\r\nok")
	}()
	f, s := stand(t, http.NotFoundHandler(), func(c *front.Config) {
		c.Servers = map[string]front.Server{"": {Upstream: &url.URL{Scheme: "http", Host: upstream.Addr().String()}}}
	})
	answer := raw(t, f, "GET /a%2Fb/|c?x=1&y=%zz HTTP/1.1\r\nHost: watched.example\r\nX-Mine: 1\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\n\r\n")
	x := s.next(t)
	if want := fmt.Sprintf("GET /a%%2Fb/|c?x=1&y=%%zz HTTP/1.1\r\nHost: %s\r\nX-Mine: 1\r\n\r\n", upstream.Addr()); got != want {
		t.Errorf("upstream got\n%q, want\n%q", got, want)
	}
	if want := "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Odd: a\r\nX-Odd: b\r\nConnection: close\r\n\r\nok"; answer != want {
		t.Errorf("the client got\n%q, want\n%q", answer, want)
	}
	if x.Number != 1 || !x.Received || x.Deed != "" || x.Request.URL.Host != "watched.example" || x.Request.Header.Get("Host") != "watched.example" || string(x.Answer.Body) != "ok" {
		t.Errorf("%+v", x)
	}
}

func TestACutIsAReset(t *testing.T) {
	acted := make(chan bool, 1)
	f, s := stand(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { acted <- true }), func(c *front.Config) {
		c.Deed = func(*front.Exchange) front.Deed { return front.Deed{Name: "lost", Cut: true} }
	})
	_, err := http.Post(f.URL("").String(), "text/plain", strings.NewReader("x"))
	if err == nil || !strings.Contains(err.Error(), "reset by peer") {
		t.Errorf("the client saw %v", err)
	}
	<-acted
	if x := s.next(t); x.Answer != nil || x.Origin == nil || x.Received || x.Deed != "lost" {
		t.Errorf("%+v", x)
	}
}

func TestCloseEndsWhatIsOnItsWay(t *testing.T) {
	there := make(chan bool)
	f, s := stand(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { there <- true; <-r.Context().Done() }), nil)
	ended := make(chan error)
	go func() {
		_, err := http.Get(f.URL("").String())
		ended <- err
	}()
	<-there
	f.Close()
	if err := <-ended; err == nil {
		t.Error("an answer came")
	}
	if x := s.next(t); x.Deed != front.Ended || x.Answer != nil {
		t.Errorf("%+v", x)
	}
	if _, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", f.URL("").Host); err == nil {
		t.Error("it still listens")
	}
}
