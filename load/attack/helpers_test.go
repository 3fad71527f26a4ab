package attack_test

import (
	"bufio"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"gonogo/internal/wire"
	"gonogo/load/attack"
)

// rawServer is a server of bytes: what an HTTP library would never send, it can.
type rawServer struct {
	net.Listener
	url *url.URL
}

// serveRaw gives each connection to serve and closes it afterwards.
func serveRaw(t testing.TB, serve func(conn net.Conn, reader *bufio.Reader)) *rawServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				serve(conn, bufio.NewReader(conn))
			}()
		}
	}()
	return &rawServer{listener, &url.URL{Scheme: "http", Host: listener.Addr().String()}}
}

// readRequest skips one request: a head and as many bytes as its Content-Length says.
func readRequest(reader *bufio.Reader) error {
	length := 0
	for {
		line, err := reader.ReadSlice('\n')
		switch {
		case err != nil:
			return err
		case len(line) <= 2:
			_, err := reader.Discard(length)
			return err
		}
		const name = "Content-Length: "
		if len(line) > len(name) && string(line[:len(name)]) == name {
			length, _ = strconv.Atoi(string(line[len(name) : len(line)-2]))
		}
	}
}

const okay = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}"

// answering answers each request with the same text.
func answering(text string) func(net.Conn, *bufio.Reader) {
	answer := []byte(text)
	return func(conn net.Conn, reader *bufio.Reader) {
		for readRequest(reader) == nil {
			if _, err := conn.Write(answer); err != nil {
				return
			}
		}
	}
}

// poster posts a small body and wants a 200 for it.
type poster struct {
	url    string
	method string
	judge  func(answer *wire.Answer, err error) attack.Verdict
}

func (p *poster) Fill(request *wire.Request) (int, bool) {
	if p.method != "" {
		address(request, p.method, p.url)
	} else {
		address(request, http.MethodPost, p.url)
		request.Add("Content-Type", []byte("application/json"))
		request.Body = append(request.Body, `{"client_id":"a","client_secret":"b"}`...)
	}
	return 0, true
}

// address has a request go to an address.
func address(request *wire.Request, method, to string) {
	scheme, rest, _ := strings.Cut(to, "://")
	host, path, _ := strings.Cut(rest, "/")
	request.Method, request.Scheme, request.Host = method, scheme, host
	request.Target = append(append(request.Target, '/'), path...)
}

func (p *poster) Judge(answer *wire.Answer, err error, _ time.Time) attack.Verdict {
	switch {
	case p.judge != nil:
		return p.judge(answer, err)
	case err != nil || answer.Status != 200:
		return attack.Bad
	default:
		return attack.Good
	}
}

// plan is an attack of posters.
func plan(to *url.URL, rate float64, duration time.Duration, connections int) attack.Plan {
	return attack.Plan{
		Pace: attack.Constant(rate), Duration: duration, Connections: connections, Timeout: 10 * time.Second, Parts: []string{"post"},
		Workers: func(int) attack.Worker { return &poster{url: to.String() + "/token?secret=x"} },
	}
}

func over(to *url.URL) attack.Transport { return attack.Over(&http.Transport{}, false, to) }

// run attacks and fails the test where that is not possible at all.
func run(t testing.TB, p attack.Plan, transport attack.Transport, watch attack.Watch) *attack.Result {
	t.Helper()
	result, err := attack.Run(t.Context(), p, transport, watch)
	if err != nil {
		t.Fatal(err)
	}
	return result
}
