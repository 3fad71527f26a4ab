package wire_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"gonogo/internal/wire"
)

// reading is what somebody makes of the bytes of an answer.
type reading struct {
	fails  bool
	status int
	header map[string][]string
	body   string
	closes bool
	rest   string // what is left of the bytes; of a connection that closes, nobody reads it
}

// ours is what a Reader makes of them, given at once or in pieces.
func ours(from io.Reader, method string) (reading, error) {
	r := wire.NewReader(from)
	var answer wire.Answer
	if err := r.Read(&answer, method); err != nil {
		return reading{fails: true}, err
	}
	got := reading{status: answer.Status, header: map[string][]string{}, body: string(answer.Body), closes: answer.Close}
	for name, value := range answer.All {
		key := textproto.CanonicalMIMEHeaderKey(string(name))
		got.header[key] = append(got.header[key], string(value))
	}
	if !got.closes {
		more, _ := io.ReadAll(from)
		got.rest = string(r.Rest()) + string(more)
	}
	return got, nil
}

// theirs is what net/http makes of them.
func theirs(text []byte, method string) reading {
	from := bufio.NewReader(bytes.NewReader(text))
	for {
		response, err := http.ReadResponse(from, &http.Request{Method: method})
		if err != nil {
			return reading{fails: true}
		}
		if response.StatusCode/100 == 1 && response.StatusCode != 101 {
			continue // net/http's Transport does that
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return reading{fails: true}
		}
		got := reading{status: response.StatusCode, header: response.Header, body: string(body), closes: response.Close}
		if response.ContentLength < 0 && response.TransferEncoding == nil && !hasNoBody(method, response.StatusCode) {
			got.closes = true // net/http finds out when it reads on
		}
		if !got.closes {
			rest, _ := io.ReadAll(from)
			got.rest = string(rest)
		}
		return got
	}
}

func hasNoBody(method string, status int) bool {
	return method == "HEAD" || status == 204 || status == 304
}

// same reports whether two readings are, where they are to be.
func same(a, b reading) bool {
	if a.fails || b.fails {
		return a.fails == b.fails
	}
	for _, of := range []reading{a, b} {
		for _, framing := range []string{"Transfer-Encoding", "Trailer", "Content-Length", "Connection"} {
			delete(of.header, framing) // net/http takes out what it has dealt with
		}
		for _, values := range of.header {
			for i := range values {
				values[i] = strings.Join(strings.Fields(values[i]), " ") // where lines were joined
			}
		}
	}
	if len(a.header) != len(b.header) {
		return false
	}
	for name, values := range a.header {
		if !slices.Equal(values, b.header[name]) {
			return false
		}
	}
	return a.status == b.status && a.body == b.body && a.closes == b.closes && a.rest == b.rest
}

// known reports what net/http takes or refuses and a Reader does not.
func known(text []byte) bool {
	for head := range bytes.SplitSeq(text, []byte("\n")) {
		if bytes.HasPrefix(head, []byte("HTTP/")) {
			version, rest, _ := bytes.Cut(bytes.TrimSuffix(head, []byte("\r")), []byte(" "))
			code, _, _ := bytes.Cut(bytes.TrimLeft(rest, " "), []byte(" "))
			switch {
			case !bytes.HasPrefix(version, []byte("HTTP/1.")): // another major version: HTTP/1.1 was asked for
				return true
			case bytes.ContainsAny(code, "+-"): // a status of +20
				return true
			case len(code) == 3 && code[0] == '1': // 101 is no HTTP any more; interim ones are the Transport's business
				return true
			}
		}
	}
	// Of a trailer net/http wants CR and LF at its end, too, but looks for them beyond the end.
	if at := inChunks.FindIndex(text); at != nil && bytes.Contains(bytes.ReplaceAll(text[at[1]:], []byte("\r\n"), nil), []byte("\n")) {
		return true
	}
	return len(text) > 200<<10 // limits
}

var inChunks = regexp.MustCompile("(?i)chunked")

// answers are those that the tests and the fuzzer begin with.
var answers = []string{
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\nokHTTP/1.1 500 Not Yours\r\n\r\n",
	"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
	"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1  200 \r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
	"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length:\r\n 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nX-A: 1\r\n\t2\r\n  \r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\n X-A: 1\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nX-A : 1\r\nContent-Length : 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\n: 1\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nX-A: a\x00b\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nX-A: a\rb\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nX-(A): a\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nX-A: \xff\xfe\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie:  b=2 \r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nConnection: upgrade, Close\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.0 200 OK\r\nConnection: keep-alive, close\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\n\r\nuntil the end",
	"HTTP/1.1 204 No Content\r\n\r\n",
	"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n03 \t\r\nyes\r\n0\r\n\r\nrest",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nContent-Length: 99\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\nok\n0\n\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokay\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n;a\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nno colon\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-A: 1\r\n 2\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n",
	"HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.12 200 OK\r\n\r\n", "HTTP/1.1200 OK\r\n\r\n",
	"http/1.1 200 OK\r\n\r\n", "SSH-2.0-x\r\n\r\n", "HTTP/1.1\r\n\r\n", "\r\n\r\n", "", "HTTP/1.1 20",
}

func compare(t *testing.T, text []byte, method string) {
	t.Helper()
	if known(text) {
		return
	}
	want := theirs(text, method)
	for name, from := range map[string]io.Reader{"at once": bytes.NewReader(text), "byte by byte": iotest.OneByteReader(bytes.NewReader(text))} {
		got, err := ours(from, method)
		if !same(got, want) {
			t.Errorf("%s %q, %s:\n got %+v, %v\nwant %+v", method, text, name, got, err, want)
		}
		if err != nil && !errors.Is(err, wire.ErrMalformed) && !errors.Is(err, wire.ErrTooLong) && err != io.EOF && err != io.ErrUnexpectedEOF {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What a Reader makes of an answer is what net/http makes of it.
func TestReadsAsNetHTTP(t *testing.T) {
	for _, text := range answers {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			compare(t, []byte(text), method)
		}
	}
	compare(t, []byte("HTTP/1.1 200 OK\r\nX-Long: "+strings.Repeat("a", 50<<10)+"\r\nContent-Length: 60000\r\n\r\n"+strings.Repeat("b", 60000)+"rest"), "GET")
	compare(t, []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+strings.Repeat("1000\r\n"+strings.Repeat("b", 4096)+"\r\n", 20)+"0\r\n\r\n"), "GET")
}

func FuzzReader(f *testing.F) {
	for _, text := range answers {
		f.Add([]byte(text), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, head bool) {
		method := "POST"
		if head {
			method = "HEAD"
		}
		compare(t, text, method)
	})
}
