package exchange

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// spoken is a server that answers the first request of a connection with a text, and says more once the answer has been read.
// gone tells that the client has hung up.
func spoken(t *testing.T, secured bool, answer, later string) (address string, read chan<- bool, gone <-chan bool) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if secured {
		model := httptest.NewUnstartedServer(nil)
		model.StartTLS()
		t.Cleanup(model.Close)
		listener = tls.NewListener(listener, &tls.Config{Certificates: model.TLS.Certificates})
	}
	t.Cleanup(func() { _ = listener.Close() })
	wasRead, hungUp := make(chan bool), make(chan bool)
	go func() {
		defer close(hungUp)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		in := bufio.NewReader(conn)
		if _, err := http.ReadRequest(in); err != nil {
			return
		}
		_, _ = fmt.Fprint(conn, answer)
		if strings.Contains(answer, "Connection: close") {
			_ = conn.Close()
		}
		<-wasRead
		if later != "" {
			_, _ = fmt.Fprint(conn, later)
			_, _ = in.ReadByte() // until the client has had enough of it
		}
	}()
	return listener.Addr().String(), wasRead, hungUp
}

func TestSurplus(t *testing.T) {
	t.Parallel()
	const plain = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
	for name, c := range map[string]struct {
		method, answer, later string
		bytes                 int // that belong to nothing
	}{
		"an answer":                   {"GET", plain, "", 0},
		"in chunks":                   {"GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", "", 0},
		"after hints":                 {"GET", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + plain, "", 0},
		"without a length":            {"GET", "HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n{}", "", 0},
		"a head alone":                {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", "", 0},
		"an empty line behind it":     {"GET", plain + "\r\n", "", 0},
		"an empty line later":         {"GET", plain, "\r\n", 0},
		"a farewell":                  {"GET", plain, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 0},
		"a length too short":          {"POST", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}secret", "", 6},
		"more behind the last":        {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}more", "", 4},
		"more behind chunks":          {"GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\nmore", "", 4},
		"a body of what has none":     {"GET", "HTTP/1.1 204 No Content\r\n\r\n{}", "", 2},
		"a head with a body":          {"HEAD", plain, "", 2},
		"two answers":                 {"GET", plain + plain, "", len(plain)},
		"another answer a bit later":  {"GET", plain, plain, len(plain)},
		"an answer that is not whole": {"GET", plain, "HTTP/1.1 2", 10},
	} {
		for _, secured := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, secured %t", name, secured), func(t *testing.T) {
				t.Parallel()
				address, read, gone := spoken(t, secured, c.answer, c.later)
				scheme := map[bool]string{false: "http://", true: "https://"}[secured]
				client := NewClient(Options{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}})
				defer client.Close()
				req, err := http.NewRequestWithContext(t.Context(), c.method, scheme+address+"/", nil)
				if err != nil {
					t.Fatal(err)
				}
				x, err := client.Send(t.Context(), req)
				if err != nil || !x.Answered() {
					t.Fatal(err, x)
				}
				close(read)
				<-gone
				found, looked := client.Surplus()
				if looked != 1 || c.bytes == 0 && len(found) > 0 {
					t.Fatalf("%d answers were looked at, found is %v", looked, found)
				}
				if c.bytes > 0 && (len(found) != 1 || found[0].Bytes != c.bytes || found[0].After != x) {
					t.Errorf("found is %v, and not %d bytes after %v", found, c.bytes, x)
				}
			})
		}
	}
}

// TestOwnLimitsAreNobodyElsesFault where a machine cannot connect for want of something of its own.
func TestOwnLimitsAreNobodyElsesFault(t *testing.T) {
	t.Parallel()
	for _, limit := range []syscall.Errno{syscall.EMFILE, syscall.EADDRNOTAVAIL} {
		client := NewClient(Options{Timeout: time.Minute, Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("socket", limit)}
		}}})
		defer client.Close()
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://127.0.0.1:1/", nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Send(t.Context(), req)
		if full, ok := errors.AsType[*NoRoom](err); !ok || !strings.Contains(full.Error(), limit.Error()) || client.Gone() {
			t.Errorf("%v: %v, gone %t", limit, err, client.Gone())
		}
	}
}

// TestSurplusIsLookedForOverHTTP1 alone: over HTTP/2 nothing can come that belongs to nobody.
func TestSurplusIsLookedForOverHTTP1(t *testing.T) {
	t.Parallel()
	for protocol, want := range map[string]int{"HTTP/1.1": 1, "HTTP/2.0": 0} {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, r.Proto) }))
		server.EnableHTTP2 = protocol == "HTTP/2.0"
		server.StartTLS()
		defer server.Close()
		transport := server.Client().Transport.(*http.Transport).Clone()
		transport.ForceAttemptHTTP2, transport.TLSClientConfig.ServerName = true, "example.com"
		client := NewClient(Options{Timeout: time.Minute, Transport: transport})
		defer client.Close()
		req, err := http.NewRequestWithContext(t.Context(), "GET", server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		x, err := client.Send(t.Context(), req)
		if err != nil || string(x.Body) != protocol {
			t.Fatalf("%s is spoken, %v", x.Body, err)
		}
		if found, looked := client.Surplus(); looked != want || len(found) > 0 {
			t.Errorf("%s: %d answers were looked at, found is %v", protocol, looked, found)
		}
	}
}
