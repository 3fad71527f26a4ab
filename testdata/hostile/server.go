package hostile

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Server is a hostile front, and the server elsewhere that it may send people and their secrets to.
type Server struct {
	behaviour Behaviour
	origin    string
	door      net.Listener
	elsewhere net.Listener
	onward    *http.Transport
	all       sync.WaitGroup
	stop      chan struct{}

	mu    sync.Mutex
	conns map[net.Conn]bool
	given []string     // tokens that the honest server handed out
	heard bytes.Buffer // everything that reached elsewhere
}

// Start opens a front before the server at origin, http://HOST:PORT.
func Start(origin string, b Behaviour) (*Server, error) {
	s := &Server{behaviour: b, origin: origin, onward: &http.Transport{MaxIdleConnsPerHost: 64}, conns: map[net.Conn]bool{}, stop: make(chan struct{})}
	var err error
	if s.door, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	if s.elsewhere, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		_ = s.door.Close()
		return nil, err
	}
	s.all.Add(2)
	go s.accept(s.door, s.converse)
	go s.accept(s.elsewhere, s.listen)
	return s, nil
}

// Behaviour is what the front does.
func (s *Server) Behaviour() Behaviour { return s.behaviour }

// URL is where the front is.
func (s *Server) URL() string { return "http://" + s.door.Addr().String() }

// ElsewhereHost is the host of the server that is nobody's.
func (s *Server) ElsewhereHost() string { return s.elsewhere.Addr().String() }

// Heard is all that reached the server that is nobody's.
func (s *Server) Heard() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard.String()
}

// Given are the tokens that the honest server handed out.
func (s *Server) Given() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.given)
}

var tokenMembers = regexp.MustCompile(`"(?:access|refresh)_token":\s*"([^"]{16,})"`)

// Close hangs up on everybody and waits until nothing runs any more.
func (s *Server) Close() {
	close(s.stop)
	_, _ = s.door.Close(), s.elsewhere.Close()
	s.mu.Lock()
	for conn := range s.conns {
		_ = conn.Close()
	}
	s.mu.Unlock()
	s.all.Wait()
	s.onward.CloseIdleConnections()
}

func (s *Server) accept(at net.Listener, serve func(net.Conn)) {
	defer s.all.Done()
	for {
		conn, err := at.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[conn] = true
		s.mu.Unlock()
		s.all.Go(func() {
			serve(conn)
			_ = conn.Close()
			s.mu.Lock()
			delete(s.conns, conn)
			s.mu.Unlock()
		})
	}
}

// listen remembers what comes, and shows a page.
func (s *Server) listen(conn net.Conn) {
	in := bufio.NewReader(io.TeeReader(conn, hearing{s}))
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		const shown = "<title>elsewhere</title><form method=post><input name=username><input name=password type=password><button>Sign in</button></form>"
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: %d\r\n\r\n%s", len(shown), shown)
	}
}

type hearing struct{ *Server }

func (h hearing) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.heard.Write(p)
}

// converse answers the requests of a connection.
func (s *Server) converse(conn net.Conn) {
	out := &pipe{Conn: conn, stop: s.stop}
	in := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		a, err := s.honest(req, body)
		if err != nil {
			return
		}
		a.conn, a.Elsewhere = out, s.ElsewhereHost()
		if s.behaviour.concerns(a) {
			s.behaviour.do(a)
		} else {
			a.send()
		}
		if a.Shut || out.broken {
			return
		}
	}
}

// honest asks the server behind.
func (s *Server) honest(req *http.Request, body []byte) (*Answer, error) {
	target, padding := req.URL.RequestURI(), s.behaviour.Padded
	if padding != "" {
		target, body = strings.ReplaceAll(target, padding, ""), bytes.ReplaceAll(body, []byte(padding), nil)
	}
	onward, err := http.NewRequest(req.Method, s.origin+target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	onward.Host = req.Host
	for name, values := range req.Header {
		if slices.Contains([]string{"Connection", "Content-Length", "Accept-Encoding"}, name) {
			continue
		}
		for _, value := range values {
			if padding != "" {
				value = strings.ReplaceAll(value, padding, "")
			}
			onward.Header.Add(name, value)
		}
	}
	response, err := s.onward.RoundTrip(onward)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answered, err := io.ReadAll(response.Body)
	s.mu.Lock()
	for _, found := range tokenMembers.FindAllSubmatch(answered, -1) {
		s.given = append(s.given, string(found[1]))
	}
	s.mu.Unlock()
	response.Header.Del("Content-Length")
	response.Header.Del("Transfer-Encoding")
	return &Answer{Method: req.Method, Status: response.StatusCode, Header: response.Header, Body: answered}, err
}

// pipe is a connection that gives up once and for all.
type pipe struct {
	net.Conn
	stop   chan struct{}
	broken bool
}

// longest is how long one answer may take to be written or slept over: nobody who gives up late holds a test up.
const longest = 20 * time.Second

func (p *pipe) write(text string) bool {
	if p.broken {
		return false
	}
	_ = p.SetWriteDeadline(time.Now().Add(longest))
	_, err := io.WriteString(p.Conn, text)
	p.broken = err != nil
	return !p.broken
}

// idle waits until the server ends, the other side hangs up, or for long enough.
func (p *pipe) idle(d time.Duration) {
	select {
	case <-time.After(d):
	case <-p.stop:
		p.broken = true
	}
}

// status is the honest status line and header, and what is to stand beside them.
func (a *Answer) head(lines ...string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "HTTP/1.1 %d %s\r\n", a.Status, http.StatusText(a.Status))
	out.WriteString(a.fields())
	for _, line := range lines {
		out.WriteString(line + "\r\n")
	}
	return out.String() + "\r\n"
}

func (a *Answer) fields() string {
	var out strings.Builder
	_ = a.Header.Write(&out)
	return out.String()
}

func (a *Answer) length() string { return fmt.Sprintf("Content-Length: %d", len(a.Body)) }

// send writes the answer as it stands, with more header lines.
func (a *Answer) send(lines ...string) {
	body := string(a.Body)
	if a.Method == http.MethodHead {
		body = ""
	}
	if a.Status == http.StatusNoContent || a.Status == http.StatusNotModified {
		a.write(a.head(lines...))
		return
	}
	a.write(a.head(append(lines, a.length())...) + body)
}

func (a *Answer) write(text string) bool { return a.conn.write(text) }

// end writes the last there is and hangs up.
func (a *Answer) end(text string) {
	a.write(text)
	a.Shut = true
}
