package wire_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"gonogo/internal/wire"
)

const tokens = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nPragma: no-cache\r\nContent-Length: 40\r\n\r\n" +
	`{"access_token":"a","refresh_token":"b"}`

// again is a connection over which the same bytes come again and again.
type again struct {
	text []byte
	rest []byte
}

func (a *again) Read(into []byte) (int, error) {
	if len(a.rest) == 0 {
		a.rest = a.text
	}
	n := copy(into, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

func TestAnswersFollowEachOther(t *testing.T) {
	chunked := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n0\r\n\r\n"
	r := wire.NewReader(strings.NewReader(tokens + "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + chunked + chunked))
	var answer wire.Answer
	for i, want := range []string{`{"access_token":"a","refresh_token":"b"}`, "yes", "yes"} {
		if err := r.Read(&answer, "POST"); err != nil || string(answer.Body) != want || answer.Status != 200 || answer.Close {
			t.Fatalf("answer %d is %d %q, %v", i, answer.Status, answer.Body, err)
		}
	}
	if err := r.Read(&answer, "POST"); err != io.EOF {
		t.Errorf("after the last there is %v", err)
	}
}

func TestAnswerHeader(t *testing.T) {
	r := wire.NewReader(strings.NewReader("HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\nX-Long: a\r\n  b\r\nContent-Length: 0\r\n\r\n"))
	var answer wire.Answer
	if err := r.Read(&answer, "GET"); err != nil {
		t.Fatal(err)
	}
	var all []string
	for name, value := range answer.All {
		all = append(all, string(name)+"="+string(value))
	}
	if got := strings.Join(all, "|"); got != "set-cookie=a=1|Set-Cookie=b=2|X-Long=a    b|Content-Length=0" {
		t.Errorf("the header is %s", got)
	}
}

// What a server sends without end is not kept without bound.
func TestTooLong(t *testing.T) {
	for name, text := range map[string]string{
		"a header":     "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-A: "+strings.Repeat("a", 1000)+"\r\n", 1000),
		"a line":       "HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("a", 1<<20),
		"a length":     "HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n",
		"chunks":       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("10000\r\n"+strings.Repeat("a", 1<<16)+"\r\n", 17),
		"one chunk":    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n",
		"a chunk line": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + strings.Repeat("a", 1<<16),
		"no length":    "HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("a", 1<<20+1),
	} {
		t.Run(name, func(t *testing.T) {
			var answer wire.Answer
			if err := wire.NewReader(strings.NewReader(text)).Read(&answer, "GET"); !errors.Is(err, wire.ErrTooLong) {
				t.Errorf("it is read with %v", err)
			}
		})
	}
}

// What took a large buffer gives it back.
func TestMemoryIsBounded(t *testing.T) {
	large := "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + strings.Repeat("a", 1000000)
	r := wire.NewReader(io.MultiReader(strings.NewReader(large), strings.NewReader(tokens)))
	var answer wire.Answer
	for range 2 {
		if err := r.Read(&answer, "GET"); err != nil {
			t.Fatal(err)
		}
	}
	if c := cap(answer.Body); c > 64<<10 {
		t.Errorf("after a large answer a small one is kept in %d bytes", c)
	}
}

func TestReadingAllocatesNothing(t *testing.T) {
	for name, text := range map[string]string{
		"a length": tokens,
		"chunks":   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n0\r\n\r\n",
	} {
		r := wire.NewReader(&again{text: []byte(text)})
		var answer wire.Answer
		var request wire.Request
		var out []byte
		body := bytes.Repeat([]byte("a"), 100)
		if n := testing.AllocsPerRun(1000, func() {
			request.Reset()
			request.Method, request.Host, request.Target = "POST", "a", append(request.Target, "/token"...)
			request.Body = append(request.Body, body...)
			out = request.AppendTo(out[:0])
			if err := r.Read(&answer, "POST"); err != nil {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("%s: %v allocations for a request", name, n)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	r := wire.NewReader(&again{text: []byte(tokens)})
	var answer wire.Answer
	b.ReportAllocs()
	for b.Loop() {
		if err := r.Read(&answer, "POST"); err != nil {
			b.Fatal(err)
		}
	}
}
