package consent

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"gonogo/internal/exchange"
)

// plain is a Sender as the contract has it: it follows nothing and remembers nothing.
type plain struct {
	mu   sync.Mutex
	sent []*exchange.Exchange
}

var client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// transport is not the default one, whose connections every httptest.Server closes with itself, also under the requests of other tests.
var transport = http.DefaultTransport.(*http.Transport).Clone()

func (s *plain) Send(_ context.Context, req *http.Request) (*exchange.Exchange, error) {
	x := &exchange.Exchange{Sent: time.Now(), Method: req.Method, URL: req.URL.String(), RequestHeader: req.Header.Clone()}
	if req.GetBody != nil {
		body, _ := req.GetBody()
		x.RequestBody, _ = io.ReadAll(body)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	x.Body, x.Err = io.ReadAll(resp.Body)
	x.Status, x.Header, x.Received = resp.StatusCode, resp.Header, time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, x)
	return x, nil
}

// world is an authorization site under test, and a client whose redirect URI must never be fetched.
type world struct {
	t     *testing.T
	mux   *http.ServeMux
	site  *httptest.Server
	cb    string // the redirect URI
	sends *plain
	mu    sync.Mutex
	log   []string // "METHOD path" of what the site received
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, mux: http.NewServeMux(), sends: &plain{}}
	w.site = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.log = append(w.log, r.Method+" "+r.URL.Path)
		w.mu.Unlock()
		w.mux.ServeHTTP(rw, r)
	}))
	t.Cleanup(w.site.Close)
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirect URI's host was asked for %s %s", r.Method, r.URL)
	}))
	t.Cleanup(app.Close)
	w.cb = app.URL + "/cb"
	return w
}

func (w *world) request(d Decision) Request {
	u, err := url.Parse(w.site.URL + "/auth?client_id=c1&response_type=code&state=s%201&redirect_uri=" + url.QueryEscape(w.cb))
	if err != nil {
		w.t.Fatal(err)
	}
	return Request{Authorize: u, RedirectURI: w.cb, Username: "ann@example.test", Password: "opensesame", Decision: d}
}

func (w *world) decide(r Request) (Result, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return Form().Decide(ctx, w.sends, r)
}

func (w *world) handle(pattern string, h http.HandlerFunc) { w.mux.HandleFunc(pattern, h) }

// show serves one fixed page.
func (w *world) show(pattern, body string) {
	w.handle(pattern, func(rw http.ResponseWriter, _ *http.Request) { page200(rw, body) })
}

func page200(rw http.ResponseWriter, body string) { pageStatus(rw, 200, body) }

func pageStatus(rw http.ResponseWriter, status int, body string) {
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.WriteHeader(status)
	fmt.Fprintf(rw, "<!doctype html><html>%s</html>", body)
}

// goTo redirects without http.Redirect's cleaning.
func goTo(rw http.ResponseWriter, status int, to string) {
	rw.Header().Set("Location", to)
	rw.WriteHeader(status)
}

// answer is the two ways back.
func (w *world) answer(approved bool) string {
	if approved {
		return w.cb + "?code=c0de&state=s%201"
	}
	return w.cb + "?error=access_denied&state=s%201"
}

// knows reports the right credentials under these names.
func knows(r *http.Request, user, pass string) bool {
	return r.FormValue(user) == "ann@example.test" && r.FormValue(pass) == "opensesame"
}

// signedIn sets, and who asks, a session cookie.
func signedIn(r *http.Request) bool {
	c, err := r.Cookie("sid")
	return err == nil && c.Value == "s3ss"
}

func (w *world) wantBack(res Result, err error, approved bool) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("error: %v\nlog: %v", err, w.log)
	}
	if res.Redirect == nil {
		w.t.Fatalf("did not come back: %+v\nlog: %v", res, w.log)
	}
	if !strings.HasPrefix(res.Redirect.String(), w.cb) || res.Matched != w.cb {
		w.t.Fatalf("came back at %s, matched %q", res.Redirect, res.Matched)
	}
	if approved && (res.Params.Get("code") != "c0de" || res.Params.Has("error")) || !approved && (res.Params.Get("error") != "access_denied" || res.Params.Has("code")) {
		w.t.Fatalf("approved=%v, came back with %v\nlog: %v", approved, res.Params, w.log)
	}
	if res.SentAt.IsZero() || res.ReceivedAt.Before(res.SentAt) {
		w.t.Errorf("times: %v, %v", res.SentAt, res.ReceivedAt)
	}
	if res.Page != "" {
		w.t.Errorf("a page is left: %q", res.Page)
	}
}

// fakeAnswer parses HTML as if it had been served at a place.
func fakeAnswer(t testing.TB, at, body string) *page {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	return newPage(&exchange.Exchange{Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: bytes.Clone([]byte(body))}, u)
}
