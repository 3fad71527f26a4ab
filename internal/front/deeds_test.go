package front_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"gonogo/internal/front"
)

// doing is a front that does one thing to every exchange.
func doing(deed front.Deed) func(*front.Config) {
	return func(c *front.Config) { c.Deed = func(*front.Exchange) front.Deed { return deed } }
}

func get(t *testing.T, f *front.Front) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, f.URL("").String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", "gzip") // so that net/http leaves the answer as it is
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func TestInsteadOfUpstream(t *testing.T) {
	said := front.Answer{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"7"}, "Content-Type": {"application/json"}}, Body: []byte(`{"error":"slow"}`)}
	asked := false
	f, s := stand(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }), doing(front.Deed{Name: "throttled", Instead: &said}))
	for range 2 {
		response, body := get(t, f)
		x := s.next(t)
		if response.StatusCode != 429 || response.Header.Get("Retry-After") != "7" || body != `{"error":"slow"}` || response.ContentLength != int64(len(body)) {
			t.Errorf("%s %v %s", response.Status, response.Header, body)
		}
		if asked || x.Origin != nil || x.Deed != "throttled" || x.Answer.Status != 429 || !x.Received {
			t.Errorf("%+v", x)
		}
	}
	if len(said.Header) != 2 {
		t.Errorf("what was ordered was changed: %v", said.Header)
	}
}

// TestNothingStandsBehind: a server without an upstream answers what a deed says, and nothing else.
func TestNothingStandsBehind(t *testing.T) {
	f, s := stand(t, nil, func(c *front.Config) { c.Servers = map[string]front.Server{"": {}} })
	if response, body := get(t, f); response.StatusCode != 404 || !strings.HasPrefix(body, "gonogo watch: ") {
		t.Error(response.Status, body)
	}
	if x := s.next(t); x.Origin != nil || !x.Received {
		t.Errorf("%+v", x)
	}
}

// TestAChange: of what the client is given, coded or not; upstream's own words stay as they were.
func TestAChange(t *testing.T) {
	const was, becomes = `{"expires_in":3600}`, `{"expires_in":60, "more": "than before"}`
	for _, coding := range []string{"", "gzip"} {
		f, s := stand(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Repr-Digest", "sha-256=:x:")
			out := io.Writer(w)
			if coding != "" {
				w.Header().Set("Content-Encoding", coding)
				packed := gzip.NewWriter(w)
				defer packed.Close()
				out = packed
			}
			_, _ = io.WriteString(out, was)
		}), doing(front.Deed{Name: "short-life", Change: func(a *front.Answer) {
			if string(a.Body) != was {
				t.Errorf("%q is to be changed", a.Body)
			}
			copy(a.Body, "which is nobody else's")
			a.Status, a.Body = http.StatusCreated, []byte(becomes)
		}}))
		response, body := get(t, f)
		x := s.next(t)
		if response.StatusCode != 201 || body != becomes || response.Header.Get("Content-Encoding") != "" || response.Header.Get("Repr-Digest") != "" {
			t.Errorf("%s %v %s", response.Status, response.Header, body)
		}
		if x.Origin.Status != 200 || x.Origin.Header.Get("Content-Encoding") != coding || coding == "" && string(x.Origin.Body) != was || string(x.Answer.Body) != becomes || x.Deed != "short-life" {
			t.Errorf("%+v", x)
		}
	}
	packed := zipped(was)
	f, s := stand(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, packed)
	}), doing(front.Deed{Name: "nothing", Change: func(a *front.Answer) { a.Header.Set("X-New", "1") }}))
	if response, body := get(t, f); body != packed || response.Header.Get("X-New") != "1" || response.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("a body that was not changed became %q, %v", body, response.Header)
	}
	s.next(t)
}

// TestADelay: upstream acts at once, the client gets its answer later.
func TestADelay(t *testing.T) {
	const delay = 50 * time.Millisecond
	f, s := stand(t, hello, doing(front.Deed{Name: "slow", Delay: delay}))
	begun := time.Now()
	if _, body := get(t, f); body != "hello" || time.Since(begun) < delay {
		t.Errorf("%q after %s", body, time.Since(begun))
	}
	if x := s.next(t); !x.Received || x.Done.Sub(x.Arrived) < delay {
		t.Errorf("%+v", x)
	}
}

// TestAClientThatGoes: before its answer, while one is held back, and while it is read.
func TestAClientThatGoes(t *testing.T) {
	dial := func(t *testing.T, f *front.Front) net.Conn {
		c, err := net.Dial("tcp", f.URL("").Host)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: w\r\nContent-Length: 2\r\n\r\n{}")
		return c
	}
	t.Run("while upstream acts", func(t *testing.T) {
		acts, goesOn := make(chan bool), make(chan bool)
		f, s := stand(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			acts <- true
			<-goesOn
			if r.Context().Err() != nil {
				t.Error("upstream was told that the client went")
			}
			_, _ = io.WriteString(w, "done")
		}), nil)
		c := dial(t, f)
		<-acts
		c.Close()
		goesOn <- true
		if x := s.next(t); x.Received || string(x.Origin.Body) != "done" || x.Deed != "" {
			t.Errorf("%+v", x)
		}
	})
	t.Run("while the answer is held back", func(t *testing.T) {
		acts := make(chan bool, 1)
		f, s := stand(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { acts <- true }), doing(front.Deed{Name: "slow", Delay: time.Hour}))
		c := dial(t, f)
		<-acts
		c.Close()
		if x := s.next(t); x.Received || x.Origin == nil || x.Deed != "slow" {
			t.Errorf("%+v", x)
		}
	})
	t.Run("while it reads", func(t *testing.T) {
		f, s := stand(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.CopyN(w, letters{}, 64<<20) // more than any socket holds
		}), nil)
		c := dial(t, f)
		_, _ = io.ReadFull(c, make([]byte, 1000))
		c.Close()
		if x := s.next(t); x.Received || x.Answer == nil || x.Deed != "" {
			t.Errorf("%+v", x)
		}
	})
	t.Run("before its request is whole", func(t *testing.T) {
		f, s := stand(t, hello, nil)
		c, err := net.Dial("tcp", f.URL("").Host)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: w\r\nContent-Length: 20\r\n\r\n{}")
		c.Close()
		get(t, f)
		if x := s.next(t); x.Number != 1 || x.Request.Method != http.MethodGet {
			t.Errorf("%+v", x)
		}
	})
}

// TestAnUpstreamThatIsGone: nobody takes what the front says for upstream's word.
func TestAnUpstreamThatIsGone(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, c := range map[string]func(*front.Config){
		"nobody listens":  before(address("http://" + closed.Addr().String())),
		"it hangs up":     before(scripted(t, func(_ *http.Request, c net.Conn) {})),
		"it says no HTTP": before(scripted(t, func(_ *http.Request, c net.Conn) { _, _ = io.WriteString(c, "hello\r\n\r\n") })),
		"an early end":    before(scripted(t, func(_ *http.Request, c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX-") })),
		"a status below":  before(scripted(t, func(_ *http.Request, c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 099 Odd\r\n\r\n") })),
		"a transport fails": func(c *front.Config) {
			c.Transport = roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("no way") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, s := stand(t, hello, func(config *front.Config) {
				c(config)
				config.Deed = func(*front.Exchange) front.Deed {
					return front.Deed{Name: "changed", Change: func(a *front.Answer) { a.Body = nil }}
				}
			})
			if response, body := get(t, f); response.StatusCode != 502 || !strings.HasPrefix(body, "gonogo watch: ") {
				t.Error(response.Status, body)
			}
			if x := s.next(t); x.Deed != front.Gone || x.Why == "" || x.Origin != nil || x.Answer.Status != 502 || !x.Received {
				t.Errorf("%+v", x)
			}
		})
	}
}

// TestAnAnswerThatBreaksOff breaks off for the client too, and is not taken for a whole one.
func TestAnAnswerThatBreaksOff(t *testing.T) {
	for name, says := range map[string]string{
		"a length": "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhello",
		"chunks":   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
		"events":   "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			f, s := stand(t, nil, before(scripted(t, func(_ *http.Request, c net.Conn) { _, _ = io.WriteString(c, says) })))
			response, err := http.Get(f.URL("").String())
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if body, err := io.ReadAll(response.Body); string(body) != "hello" || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("the client got %q, %v", body, err)
			}
			if x := s.next(t); x.Deed != front.Broken || x.Why == "" || x.Received || string(x.Origin.Body) != "hello" || x.Origin.Cut {
				t.Errorf("%+v %+v", x, x.Origin)
			}
		})
	}
}
