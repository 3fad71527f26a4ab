package reference

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// rawly sends a request as it stands, in pieces if there are several, and
// answers the status.
func rawly(t *testing.T, s *Server, pieces ...string) int {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	for _, piece := range pieces {
		if _, err := io.WriteString(conn, piece); err != nil {
			t.Fatal(err)
		}
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func TestHostAsTheDocumentTypesIt(t *testing.T) {
	c, one, _ := kitchenmonkiServer(t)
	token := c.kmGrant(one, "client_credentials").text("access_token")
	request := func(version, host string) string {
		return fmt.Sprintf("GET /v2/queue HTTP/%s\r\n%s\r\nAuthorization: Bearer %s\r\n\r\n", version, host, token)
	}
	typed := request("1.0", "Host: https://api-stage.kitchenmonki.com")
	for text, want := range map[string]int{
		typed:                                   200,
		strings.ReplaceAll(typed, "\r\n", "\n"): 200,
		request("1.0", "hOsT:HTTP://api-stage.kitchenmonki.com:8080"):                200,
		request("1.0", "Host: httpd.example.com"):                                    200,
		request("1.0", "X-Long: "+strings.Repeat("x", 9000)+"\r\nHost: https://a.b"): 200,
		// RFC 9112 3.2, where no document says otherwise
		request("1.1", "Host: https://api-stage.kitchenmonki.com"):  400,
		request("1.0", "Host: ftp://api-stage.kitchenmonki.com"):    400,
		request("1.0", "Host: https://api-stage.kitchenmonki.com/"): 400,
	} {
		if got := rawly(t, c.s, text); got != want {
			t.Errorf("%d is wanted, not %d, for %.60q", want, got, text)
		}
	}
	if got := rawly(t, c.s, strings.SplitAfter(typed, "")...); got != 200 {
		t.Errorf("typed slowly: %d", got)
	}
	if got := rawly(t, start(t, Config{Dialects: []string{"b2b"}}), typed); got != 400 {
		t.Errorf("a server without kitchenmonki: %d", got)
	}
}

// readFrom is a connection of which one only reads.
type readFrom struct {
	net.Conn
	from io.Reader
}

func (r readFrom) Read(p []byte) (int, error) { return r.from.Read(p) }

func TestOnlyTheHostFieldOfAHeadChanges(t *testing.T) {
	body := "Host: https://a.b\r\n\r\nGET / HTTP/1.0\r\nHost: https://a.b\r\n\r\n"
	for text, want := range map[string]string{
		"":               "",
		"GET / HTTP/1.0": "GET / HTTP/1.0",
		"POST / HTTP/1.0\r\nHost:  https://a.b\r\nX-Host: https://a.b\r\n\r\n" + body: "POST / HTTP/1.0\r\nHost: a.b\r\nX-Host: https://a.b\r\n\r\n" + body,
		"GET / HTTP/1.0\r\nX: " + strings.Repeat("x", 4093) + body:                    "",
		"POST / HTTP/1.1\r\n" + body:                                                  "",
		body:                                                                          "",
	} {
		if want == "" {
			want = text
		}
		for name, from := range map[string]io.Reader{
			"at once": strings.NewReader(text), "by bytes": iotest.OneByteReader(strings.NewReader(text)), "by halves": iotest.HalfReader(strings.NewReader(text)),
		} {
			conn := &urlHostConn{Conn: readFrom{from: from}, in: bufio.NewReader(readFrom{from: from}), begins: true}
			got, err := io.ReadAll(iotest.OneByteReader(conn))
			if err != nil || string(got) != want {
				t.Errorf("%s, %.60q: %q, %v", name, text, got, err)
			}
		}
	}
}
