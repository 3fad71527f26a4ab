package attack_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gonogo/internal/wire"
	"gonogo/load/attack"
)

// hundred is an attack of 100 requests in a fifth of a second, whose answers judge sees, whatever they are.
func hundred(t *testing.T, to *url.URL, method string, judge func(*wire.Answer, error) attack.Verdict) *attack.Result {
	t.Helper()
	p := plan(to, 500, 200*time.Millisecond, 4)
	p.Timeout = 2 * time.Second
	p.Workers = func(int) attack.Worker {
		return &poster{url: to.String() + "/token", method: method, judge: judge}
	}
	r := run(t, p, over(to), attack.Watch{})
	if r.Requests != 100 {
		t.Errorf("%d requests of 100", r.Requests)
	}
	return r
}

func body(t *testing.T, status int, want string) func(*wire.Answer, error) attack.Verdict {
	return func(answer *wire.Answer, err error) attack.Verdict {
		if err != nil {
			return attack.Bad
		}
		if answer.Status != status || string(answer.Body) != want {
			t.Errorf("the worker was given %d %.80q", answer.Status, answer.Body)
			return attack.Violation
		}
		return attack.Good
	}
}

func TestAnswersThatAreFine(t *testing.T) {
	for _, test := range []struct {
		name, method, answer string
		status               int
		body                 string
		closes               bool
	}{
		{name: "length", answer: okay, status: 200, body: `{"ok":true}`},
		{name: "chunked", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{\"ok\":\r\n5\r\ntrue}\r\n0\r\n\r\n", status: 200, body: `{"ok":true}`},
		{name: "chunked with a trailer", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n", status: 200, body: "ok"},
		{name: "no content", answer: "HTTP/1.1 204 No Content\r\n\r\n", status: 204},
		{name: "not modified", answer: "HTTP/1.1 304 Not Modified\r\nContent-Length: 11\r\n\r\n", status: 304},
		{name: "head", method: "HEAD", answer: "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", status: 200},
		{name: "get", method: "GET", answer: okay, status: 200, body: `{"ok":true}`},
		{name: "continue", answer: "HTTP/1.1 100 Continue\r\n\r\n" + okay, status: 200, body: `{"ok":true}`},
		{name: "interim answers", answer: "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + okay, status: 200, body: `{"ok":true}`},
		{name: "redirect", answer: "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", status: 302},
		{name: "unauthorized", answer: "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Length: 2\r\n\r\nno", status: 401, body: "no"},
		{name: "large header", answer: "HTTP/1.1 200 OK\r\nX-Token: " + strings.Repeat("a", 12<<10) + "\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok"},
		{name: "closing, announced", answer: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok", closes: true},
		{name: "until the end", answer: "HTTP/1.1 200 OK\r\n\r\nok", status: 200, body: "ok", closes: true},
		{name: "HTTP/1.0", answer: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok", closes: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
				for readRequest(reader) == nil {
					if _, err := io.WriteString(conn, test.answer); err != nil || test.closes {
						return
					}
				}
			})
			r := hundred(t, server.url, test.method, body(t, test.status, test.body))
			if r.Errors != 0 || r.Answered != 100 || r.Statuses[test.status] != 100 {
				t.Errorf("%d errors, %d answered, %v %v", r.Errors, r.Answered, r.Statuses, r.Failures)
			}
		})
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	const secret = "s3cr3t-token"
	for _, test := range []struct {
		name, answer string
		why          attack.Why
	}{
		{"nothing", "", attack.Closed},
		{"another protocol", "SSH-2.0-" + secret + "\r\n\r\n", attack.Unreadable},
		{"half a status line", "HTTP/1.1 20", attack.Cut},
		{"half a header", "HTTP/1.1 200 OK\r\nX-Token: " + secret, attack.Cut},
		{"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + secret, attack.Cut},
		{"half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + secret, attack.Cut},
		{"a chunk of no length", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + secret + "\r\n", attack.Unreadable},
		{"a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: " + secret + "\r\n\r\n", attack.Unreadable},
		{"a body without bound", "HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n" + secret, attack.TooLong},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
				if readRequest(reader) == nil {
					_, _ = io.WriteString(conn, test.answer)
				}
			})
			r := hundred(t, server.url, "", func(answer *wire.Answer, err error) attack.Verdict {
				if err == nil || len(answer.Body) > 0 || answer.Status != 0 {
					t.Errorf("the worker was given %d %q, %v", answer.Status, answer.Body, err)
				}
				if strings.Contains(fmt.Sprint(err), secret) {
					t.Errorf("the error shows what the server sent: %v", err)
				}
				return attack.Good // which it cannot be
			})
			if r.Errors != 100 || r.Answered != 0 || r.Failures[test.why] != 100 {
				t.Errorf("%d errors, %d answered, %v, want all %q", r.Errors, r.Answered, r.Failures, test.why)
			}
		})
	}
}

// A server that closes a connection after each answer without having said so is within its rights (RFC 9112, 9.6).
func TestClosingUnannounced(t *testing.T) {
	closed := make(chan struct{}, 100)
	server := serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
		if readRequest(reader) == nil {
			_, _ = io.WriteString(conn, okay)
			_ = conn.Close()
			closed <- struct{}{}
		}
	})
	p := plan(server.url, 100, 200*time.Millisecond, 1)
	p.Workers = func(int) attack.Worker {
		return &poster{url: server.url.String(), judge: func(_ *wire.Answer, err error) attack.Verdict {
			<-closed
			time.Sleep(2 * time.Millisecond) // from 1 ms on a connection counts as idle
			if err != nil {
				return attack.Bad
			}
			return attack.Good
		}}
	}
	if r := run(t, p, over(server.url), attack.Watch{}); r.Errors != 0 || r.Requests != 20 {
		t.Errorf("%d requests, %d errors, %v", r.Requests, r.Errors, r.Failures)
	}
}

// What a server may have acted on is sent again only if it changes nothing.
func TestSentAgain(t *testing.T) {
	for _, test := range []struct {
		method string
		again  bool
	}{{"GET", true}, {"HEAD", true}, {"POST", false}, {"PUT", false}, {"DELETE", false}} {
		t.Run(test.method, func(t *testing.T) {
			var got atomic.Int64
			server := serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
				for answered := 0; readRequest(reader) == nil; answered++ {
					if got.Add(1); answered == 4 {
						return // taken, and never answered
					}
					answer := okay
					if test.method == "HEAD" {
						answer = okay[:strings.Index(okay, "{")]
					}
					_, _ = io.WriteString(conn, answer)
				}
			})
			p := plan(server.url, 500, 200*time.Millisecond, 1)
			p.Workers = func(int) attack.Worker { return &poster{url: server.url.String(), method: test.method} }
			r := run(t, p, over(server.url), attack.Watch{})
			if test.again {
				if r.Errors != 0 || r.Again < 20 || got.Load() != 100+r.Again {
					t.Errorf("%d errors, %d sent again, %d arrived", r.Errors, r.Again, got.Load())
				}
			} else if r.Errors != 20 || r.Again != 0 || got.Load() != 100 || r.Failures[attack.Closed] != 20 {
				t.Errorf("%d errors, %d sent again, %d arrived, %v", r.Errors, r.Again, got.Load(), r.Failures)
			}
		})
	}
}

// An answer with more bytes than it says would make the next request's answer another one's.
func TestSurplus(t *testing.T) {
	server := serveRaw(t, answering(okay+"HTTP/1.1 500 Not Yours\r\nContent-Length: 0\r\n\r\n"))
	if r := hundred(t, server.url, "", nil); r.Errors != 0 || r.Statuses[200] != 100 || r.Surplus != 100 {
		t.Errorf("%v %v, %d with bytes behind them", r.Statuses, r.Failures, r.Surplus)
	}
}

// What comes when nobody has asked is told, too, unless it is a farewell.
func TestUnasked(t *testing.T) {
	for text, unasked := range map[string]bool{
		"HTTP/1.1 500 Not Yours\r\nContent-Length: 0\r\n\r\n": true,
		"ok": true,
		"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n": false,
		"": false,
	} {
		idle := make(chan struct{}, 5) // whatever the server had to say is said
		idle <- struct{}{}
		server := serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
			if readRequest(reader) == nil {
				_, _ = io.WriteString(conn, okay)
				time.Sleep(5 * time.Millisecond) // as a rule it arrives behind the answer then, and not with it
				_, _ = io.WriteString(conn, text)
				_ = conn.Close()
				idle <- struct{}{}
			}
		})
		p := plan(server.url, 20, 200*time.Millisecond, 1)
		p.Workers = func(int) attack.Worker { return patient{&poster{url: server.url.String()}, idle} }
		r := run(t, p, over(server.url), attack.Watch{})
		if r.Errors != 0 || r.Requests != 4 || (r.Surplus == 3) != unasked || (r.Surplus == 0) == unasked {
			t.Errorf("%q: %d requests, %d errors, %d unasked", text, r.Requests, r.Errors, r.Surplus)
		}
	}
}

// patient is a worker that asks for nothing before the server is ready.
type patient struct {
	attack.Worker
	ready <-chan struct{}
}

func (p patient) Fill(request *wire.Request) (int, bool) {
	<-p.ready
	return p.Worker.Fill(request)
}

// A server may close a connection that has been idle for long just when a request comes, which is nobody's fault.
func TestClosingAnIdleConnectionUnderARequest(t *testing.T) {
	var got atomic.Int64
	server := serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
		if readRequest(reader) != nil {
			return
		}
		got.Add(1)
		_, _ = io.WriteString(conn, okay)
		_ = readRequest(reader) // and closes
	})
	p := plan(server.url, 1, 2*time.Second, 1)
	p.Workers = func(int) attack.Worker { return &poster{url: server.url.String(), method: "POST"} }
	if r := run(t, p, over(server.url), attack.Watch{}); r.Requests != 2 || r.Errors != 0 || r.Again != 1 || got.Load() != 2 {
		t.Errorf("%d requests, %d errors, %d sent again, %d answered", r.Requests, r.Errors, r.Again, got.Load())
	}
}

func TestTimeout(t *testing.T) {
	for name, answer := range map[string]string{"silent": "", "byte by byte": strings.Repeat("HTTP/1.1 200 OK\r\nX: ", 100)} {
		t.Run(name, func(t *testing.T) {
			server := serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
				for readRequest(reader) == nil {
					for i := range answer {
						time.Sleep(10 * time.Millisecond) // slowness is what is tested
						if _, err := conn.Write([]byte{answer[i]}); err != nil {
							return
						}
					}
				}
			})
			p := plan(server.url, 20, 500*time.Millisecond, 10)
			p.Timeout = 200 * time.Millisecond
			r := run(t, p, over(server.url), attack.Watch{})
			if r.Requests != 10 || r.Failures[attack.TimedOut] != 10 || r.Errors != 10 {
				t.Errorf("%d requests, %v", r.Requests, r.Failures)
			}
			if low := r.Service.Min(); low < 199_000 {
				t.Errorf("a timeout came after %d µs", low)
			}
		})
	}
}

// An answer that comes after the timeout, while the connection's deadline still stands, is none.
func TestTooLate(t *testing.T) {
	server := serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
		for readRequest(reader) == nil {
			time.Sleep(410 * time.Millisecond)
			if _, err := io.WriteString(conn, okay); err != nil {
				return
			}
		}
	})
	p := plan(server.url, 10, 400*time.Millisecond, 4)
	p.Timeout = 400 * time.Millisecond
	if r := run(t, p, over(server.url), attack.Watch{}); r.Requests != 4 || r.Failures[attack.TimedOut] != 4 {
		t.Errorf("%d requests, %v %v", r.Requests, r.Statuses, r.Failures)
	}
}

func TestReset(t *testing.T) {
	server := serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
		if readRequest(reader) == nil {
			_ = conn.(*net.TCPConn).SetLinger(0)
		}
	})
	if r := hundred(t, server.url, "", nil); r.Failures[attack.Reset] != 100 {
		t.Errorf("%v", r.Failures)
	}
}

func TestRefused(t *testing.T) {
	server := serveRaw(t, nil)
	_ = server.Close()
	r := hundred(t, server.url, "", func(_ *wire.Answer, err error) attack.Verdict {
		if err == nil || !strings.HasPrefix(err.Error(), "connection refused: dial tcp 127.0.0.1:") {
			t.Errorf("the worker was told %v", err)
		}
		return attack.Bad
	})
	if r.Failures[attack.Refused] != 100 || !strings.Contains(r.Detail, "refused") {
		t.Errorf("%v, detail %q", r.Failures, r.Detail)
	}
}
