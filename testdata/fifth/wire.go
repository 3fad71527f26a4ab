package fifth

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	patience   = 30 * time.Second // for a request, and for the next one on a kept connection
	maxRequest = 64 << 10         // head and body together
)

// ask is a request as the answering functions see it.
type ask struct {
	method string
	path   string
	query  url.Values
	header http.Header
	body   []byte
}

// answer is what goes back.
type answer struct {
	status int
	kind   string // media type
	body   string
	header [][2]string
	hangUp bool // close the connection without a word
}

func (a answer) with(name, value string) answer {
	a.header = append(a.header, [2]string{name, value})
	return a
}

func (s *Server) accept(listener net.Listener, respond func(ask) answer) {
	defer s.conns.Done()
	for {
		conn, err := listener.Accept()
		if err != nil {
			if s.ctx.Err() != nil {
				return
			}
			time.Sleep(time.Millisecond) // out of descriptors, most likely: somebody will hang up
			continue
		}
		s.conns.Add(1) // the accept loop itself is counted, so this never races with Wait
		go s.converse(conn, respond)
	}
}

// converse answers the requests of one connection, one after the other.
func (s *Server) converse(conn net.Conn, respond func(ask) answer) {
	defer s.conns.Done()
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(s.ctx, func() { _ = conn.Close() })()
	limited := &io.LimitedReader{R: conn}
	in := bufio.NewReader(limited)
	for {
		_ = conn.SetDeadline(time.Now().Add(patience))
		limited.N = maxRequest
		request, err := http.ReadRequest(in)
		if err != nil {
			if in.Buffered() == 0 && limited.N == maxRequest {
				return // it hung up or fell silent between two requests
			}
			s.write(conn, "GET", text(http.StatusBadRequest, "that is not HTTP"), true)
			drain(conn)
			return
		}
		if strings.EqualFold(request.Header.Get("Expect"), "100-continue") {
			_, _ = io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\n")
		}
		body, err := io.ReadAll(request.Body)
		if err != nil {
			status := http.StatusBadRequest
			if limited.N <= 0 {
				status = http.StatusRequestEntityTooLarge
			}
			s.write(conn, request.Method, text(status, "the body cannot be read"), true)
			drain(conn)
			return
		}
		reply := respond(ask{request.Method, request.URL.Path, request.URL.Query(), request.Header, body})
		if reply.hangUp || !s.write(conn, request.Method, reply, request.Close) || request.Close {
			return
		}
	}
}

// drain reads what is still under way, so that closing does not reset the connection under the answer.
func drain(conn net.Conn) {
	_ = conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	_, _ = io.CopyN(io.Discard, conn, 1<<20)
}

func (s *Server) write(conn net.Conn, method string, a answer, last bool) bool {
	var out bytes.Buffer
	fmt.Fprintf(&out, "HTTP/1.1 %d %s\r\n", a.status, http.StatusText(a.status))
	fmt.Fprintf(&out, "Date: %s\r\n", s.now().UTC().Format(http.TimeFormat))
	if a.kind != "" {
		fmt.Fprintf(&out, "Content-Type: %s\r\n", a.kind)
	}
	for _, h := range a.header {
		fmt.Fprintf(&out, "%s: %s\r\n", h[0], h[1])
	}
	if last {
		out.WriteString("Connection: close\r\n")
	}
	fmt.Fprintf(&out, "Content-Length: %d\r\n\r\n", len(a.body))
	if method != http.MethodHead {
		out.WriteString(a.body)
	}
	_, err := conn.Write(out.Bytes())
	return err == nil
}

func text(status int, words string) answer {
	return answer{status: status, kind: "text/plain; charset=utf-8", body: words + "\n"}
}

// refusal is how the token endpoints say no: in XML, which the document does not forbid.
func refusal(status int, reason string) answer {
	a := answer{status: status, kind: "application/xml", body: fmt.Sprintf("<?xml version=\"1.0\"?>\n<shut><because>%s</because></shut>\n", reason)}
	if status == http.StatusUnauthorized {
		return a.with("WWW-Authenticate", `Basic realm="door"`)
	}
	return a
}

// answerDoor finds out which part of the API is asked.
func (s *Server) answerDoor(q ask) answer {
	places := map[string]struct {
		methods string
		respond func(ask) answer
	}{
		root + "/oauth2/token":  {"POST", s.grant},
		root + "/oauth2/look":   {"POST", s.look},
		root + "/oauth2/close":  {"POST", s.close},
		root + "/shelves":       {"GET HEAD", s.shelves},
		root + "/consent":       {"GET POST", s.consent},
		root + "/consent/leave": {"GET", s.leave},
	}
	place, ok := places[q.path]
	switch {
	case !ok:
		return text(http.StatusNotFound, "there is no such place")
	case !strings.Contains(" "+place.methods+" ", " "+q.method+" "):
		return text(http.StatusMethodNotAllowed, "not like that").with("Allow", strings.ReplaceAll(place.methods, " ", ", "))
	}
	return place.respond(q)
}
