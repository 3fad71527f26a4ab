package front_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gonogo/internal/front"
)

// TestWhatFollowsAnAnswerComesAfterIt: also over another connection, and after a reset.
func TestWhatFollowsAnAnswerComesAfterIt(t *testing.T) {
	var over, early atomic.Int64
	body := strings.Repeat("x", 10_000)
	f, s := stand(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, body) }), func(c *front.Config) {
		kept := c.Over
		c.Over = func(x *front.Exchange) {
			for range 10 {
				runtime.Gosched() // whoever may come earlier has the chance
			}
			over.Add(1)
			kept(x)
		}
		c.Begun = func(x *front.Exchange) {
			if over.Load() != int64(x.Number)-1 {
				early.Add(1)
			}
		}
		c.Deed = func(x *front.Exchange) front.Deed { return front.Deed{Name: "lost at times", Cut: x.Number%10 == 0} }
	})
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for range 300 {
		response, err := client.Post(f.URL("").String(), "text/plain", strings.NewReader("{}"))
		if err == nil {
			_, _ = io.ReadFull(response.Body, make([]byte, len(body)))
			response.Body.Close()
		}
	}
	f.Close()
	if early.Load() > 0 || len(s.all) != 300 {
		t.Errorf("%d of %d came before what they followed was over", early.Load(), len(s.all))
	}
}

// TestOneThatDoesNotRead holds nobody else up for long, and for once.
func TestOneThatDoesNotRead(t *testing.T) {
	f, s := stand(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		length := 10
		if r.URL.Path == "/long" {
			length = 32 << 20
		}
		_, _ = io.CopyN(w, letters{}, int64(length))
	}), func(c *front.Config) { c.MaxBody = 64 << 20 })
	c, err := net.Dial("tcp", f.URL("").Host)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(c, "GET /long HTTP/1.1\r\nHost: w\r\n\r\n")
	_, _ = io.ReadFull(c, make([]byte, 1000))
	for range 3 {
		get(t, f)
		if x := s.next(t); !x.Received {
			t.Errorf("%+v", x)
		}
	}
	c.Close()
	if x := s.next(t); x.Received || x.Request.URL.Path != "/long" {
		t.Errorf("%+v", x)
	}
}

// TestManyAtOnce: 2,000 requests over 50 connections. Each is kept once, in an order that its number tells, and belongs to its own answer.
func TestManyAtOnce(t *testing.T) {
	const connections, each = 50, 40
	var clock atomic.Int64
	f, s := stand(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) }), func(c *front.Config) {
		c.Situation = func() string { return "calls" }
		c.Now = func() time.Time { return time.Unix(clock.Add(1), 0) }
		c.Deed = func(x *front.Exchange) front.Deed {
			return front.Deed{Name: "named", Change: func(a *front.Answer) { a.Header.Set("X-Number", fmt.Sprint(x.Number)) }}
		}
	})
	var clients sync.WaitGroup
	for i := range connections {
		clients.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for j := range each {
				path := fmt.Sprintf("/%d/%d", i, j)
				response, err := client.Get(f.URL("").String() + path)
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(response.Body)
				response.Body.Close()
				if string(body) != path || err != nil {
					t.Errorf("%s got %q, %v", path, body, err)
				}
			}
		})
	}
	clients.Wait()
	f.Close()
	if s.begun != connections*each || len(s.all) != connections*each {
		t.Fatalf("%d have begun, and %d are over", s.begun, len(s.all))
	}
	slices.SortFunc(s.all, func(a, b *front.Exchange) int { return a.Number - b.Number })
	from := map[string]bool{}
	for i, x := range s.all {
		from[x.From] = true
		if x.Number != i+1 || i > 0 && (x.Arrived.Before(s.all[i-1].Arrived) || !x.At.After(s.all[i-1].At)) {
			t.Errorf("the %dth is %+v", i+1, x)
		}
		if x.Request.URL.Path != string(x.Answer.Body) || x.Answer.Header.Get("X-Number") != fmt.Sprint(x.Number) || x.Situation != "calls" || !x.Received || x.Done.Before(x.Arrived) || !x.Until.After(x.At) {
			t.Errorf("%+v", x)
		}
	}
	if len(from) != connections {
		t.Errorf("they came over %d connections", len(from))
	}
}
