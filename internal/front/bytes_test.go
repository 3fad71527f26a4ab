package front_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonogo/internal/front"
)

// scripted is an upstream that reads one request on each connection, and says what it is told to.
func scripted(t *testing.T, says func(*http.Request, net.Conn)) *url.URL {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	go func() {
		for {
			c, err := socket.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
					says(r, c)
				}
			}()
		}
	}()
	return &url.URL{Scheme: "http", Host: socket.Addr().String()}
}

func before(upstream *url.URL) func(*front.Config) {
	return func(c *front.Config) { c.Servers = map[string]front.Server{"": {Upstream: upstream}} }
}

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

// TestAnswersAsTheyCame: head and body of each are the client's, byte for byte, but for the order of the head's lines.
func TestAnswersAsTheyCame(t *testing.T) {
	packed := zipped(`{"access_token": "a"}`)
	for name, c := range map[string]struct{ method, answer, body string }{
		"a length":        {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello", "hello"},
		"chunks":          {"GET", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello"},
		"no chunks":       {"GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ""},
		"a trailer":       {"GET", "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", "hello"},
		"no type":         {"GET", "HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\n<html>", "<html>"},
		"a length of 0":   {"POST", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""},
		"gzip":            {"GET", fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\nContent-Type: application/json\r\n\r\n%s", len(packed), packed), packed},
		"HEAD":            {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\n", ""},
		"HEAD, no length": {"HEAD", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", ""},
		"204":             {"DELETE", "HTTP/1.1 204 No Content\r\nX-Is: 1\r\n\r\n", ""},
		"304":             {"GET", "HTTP/1.1 304 Not Modified\r\nEtag: \"a\"\r\n\r\n", ""},
		"201":             {"POST", "HTTP/1.1 201 Created\r\nCache-Control: no-store\r\nContent-Length: 2\r\nDate: Mon, 30 Nov 2026 02:00:00 GMT\r\nPragma: no-cache\r\n\r\n{}", "{}"},
		"many cookies":    {"GET", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /next\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2; Secure\r\n\r\n", ""},
		"an odd status":   {"GET", "HTTP/1.1 299 status code 299\r\nContent-Length: 0\r\n\r\n", ""},
		"an early hint":   {"GET", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			f, s := stand(t, nil, before(scripted(t, func(_ *http.Request, upstream net.Conn) { _, _ = io.WriteString(upstream, c.answer) })))
			got := raw(t, f, c.method+" / HTTP/1.1\r\nHost: watched\r\nConnection: close\r\n\r\n")
			x := s.next(t)
			_, want, hinted := strings.Cut(c.answer, "</a>\r\n\r\n")
			if !hinted {
				want = c.answer
			}
			if want = strings.Replace(want, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1); ordered(got) != ordered(want) {
				t.Errorf("the client got\n%q, want\n%q", ordered(got), ordered(want))
			}
			if string(x.Answer.Body) != c.body || string(x.Origin.Body) != c.body || !x.Received || x.Deed != "" || x.Answer.Cut {
				t.Errorf("%+v\n%+v", x, x.Answer)
			}
		})
	}
}

// ordered is an answer with the lines of its head in an order of their own.
func ordered(answer string) string {
	head, body, _ := strings.Cut(answer, "\r\n\r\n")
	status, fields, _ := strings.Cut(head, "\r\n")
	lines := strings.Split(fields, "\r\n")
	slices.Sort(lines)
	return status + "\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}

// TestRequestsAsTheyCame: what a client sends arrives as it was sent, in the way that it was sent.
func TestRequestsAsTheyCame(t *testing.T) {
	for name, c := range map[string]struct{ request, body, trailer string }{
		"a length":      {"POST /token?a=b%20c HTTP/1.1\r\nHost: w\r\nAuthorization: Basic eDp5\r\nContent-Length: 5\r\n\r\nhello", "hello", ""},
		"chunks":        {"POST / HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello", ""},
		"a trailer":     {"POST / HTTP/1.1\r\nHost: w\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", "hello", "1"},
		"a GET's body":  {"GET / HTTP/1.1\r\nHost: w\r\nContent-Length: 2\r\n\r\n{}", "{}", ""},
		"nothing":       {"POST /a//b/../c?? HTTP/1.1\r\nHost: w\r\nContent-Length: 0\r\n\r\n", "", ""},
		"two slashes":   {"GET //a?x HTTP/1.1\r\nHost: w\r\n\r\n", "", ""},
		"a star":        {"OPTIONS * HTTP/1.1\r\nHost: w\r\n\r\n", "", ""},
		"a method":      {"REPORT / HTTP/1.1\r\nHost: w\r\nUser-Agent: mine/1\r\nAccept-Encoding: br\r\nTe: trailers, deflate\r\n\r\n", "", ""},
		"HTTP/1.0":      {"GET / HTTP/1.0\r\nHost: w\r\n\r\n", "", ""},
		"a continue":    {"POST / HTTP/1.1\r\nHost: w\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok", "ok", ""},
		"fields, twice": {"GET / HTTP/1.1\r\nHost: w\r\nCookie: a=1\r\nCookie: b=2\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			type came struct {
				*http.Request
				body string
			}
			got := make(chan came, 1)
			f, s := stand(t, nil, before(scripted(t, func(r *http.Request, upstream net.Conn) {
				body, _ := io.ReadAll(r.Body)
				got <- came{r, string(body)}
				_, _ = io.WriteString(upstream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			})))
			raw(t, f, strings.Replace(c.request, "Host: w\r\n", "Host: w\r\nConnection: close\r\n", 1))
			x, r := s.next(t), <-got
			sent, err := http.ReadRequest(bufio.NewReader(strings.NewReader(c.request)))
			if err != nil {
				t.Fatal(err)
			}
			if sent.Header.Get("Te") != "" {
				sent.Header.Set("Te", "trailers") // all that the front itself can do
			}
			if r.Method != sent.Method || r.RequestURI != sent.RequestURI || r.body != c.body || r.ContentLength != sent.ContentLength || fmt.Sprint(r.Header) != fmt.Sprint(sent.Header) || r.Trailer.Get("X-Sum") != c.trailer {
				t.Errorf("upstream got %s %s %v %d %q, want %s %s %v %d %q", r.Method, r.RequestURI, r.Header, r.ContentLength, r.body, sent.Method, sent.RequestURI, sent.Header, sent.ContentLength, c.body)
			}
			if string(x.Request.Body) != c.body || x.Request.Cut || x.Request.Header.Get("Authorization") != sent.Header.Get("Authorization") || !x.Received {
				t.Errorf("%+v", x)
			}
		})
	}
}

// TestLongBodiesPassThrough both ways, whole, in a memory that does not grow with them.
func TestLongBodiesPassThrough(t *testing.T) {
	const room, length = 4 << 10, 64 << 20
	f, s := stand(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		_, _ = io.Copy(w, r.Body)
	}), func(c *front.Config) {
		c.MaxBody = room
		c.Deed = func(*front.Exchange) front.Deed {
			return front.Deed{Name: "changed", Change: func(a *front.Answer) { a.Body = nil; a.Header.Set("X-Changed", "1") }}
		}
	})
	var at, after runtime.MemStats
	runtime.ReadMemStats(&at)
	response, err := http.Post(f.URL("").String(), "text/plain", io.LimitReader(letters{}, length))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if n, err := io.Copy(io.Discard, response.Body); n != length || err != nil || response.Header.Get("X-Changed") != "1" {
		t.Errorf("%d bytes came back: %v, %v", n, err, response.Header)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - at.TotalAlloc; grown > length/8 {
		t.Errorf("it took %d bytes in all to pass %d through", grown, length)
	}
	x := s.next(t)
	if !x.Request.Cut || len(x.Request.Body) != room || !x.Answer.Cut || len(x.Answer.Body) != room || !x.Origin.Cut || len(x.Origin.Body) != room || !x.Received {
		t.Errorf("%d, %d, %d bytes are kept of %+v", len(x.Request.Body), len(x.Answer.Body), len(x.Origin.Body), x)
	}
}

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// TestEventsPassAsTheyCome: each is with the client before the next is there.
func TestEventsPassAsTheyCome(t *testing.T) {
	more := make(chan bool)
	f, s := stand(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		for range 3 {
			_, _ = io.WriteString(w, "data: 1\n\n")
			_ = http.NewResponseController(w).Flush()
			<-more
		}
	}), func(c *front.Config) { c.MaxBody = 12 })
	response, err := http.Get(f.URL("").String())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	event := make([]byte, len("data: 1\n\n"))
	for range 3 {
		if _, err := io.ReadFull(response.Body, event); err != nil {
			t.Fatal(err)
		}
		more <- true
	}
	if rest, err := io.ReadAll(response.Body); len(rest) > 0 || err != nil {
		t.Error(string(rest), err)
	}
	if x := s.next(t); string(x.Answer.Body) != "data: 1\n\ndat" || !x.Answer.Cut || !x.Received {
		t.Errorf("%+v %q", x, x.Answer.Body)
	}
}
