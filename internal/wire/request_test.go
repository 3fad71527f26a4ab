package wire_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"gonogo/internal/wire"
)

// parse is what a net/http server makes of a request.
func parse(t *testing.T, text []byte) (*http.Request, string) {
	t.Helper()
	from := bufio.NewReader(bytes.NewReader(text))
	request, err := http.ReadRequest(from)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if rest, _ := io.ReadAll(from); len(rest) > 0 {
		t.Fatalf("%q: there is something behind it: %q", text, rest)
	}
	return request, string(body)
}

func TestRequestIsReadByNetHTTP(t *testing.T) {
	for _, test := range []struct {
		name    string
		request wire.Request
		host    string
		length  int64
		said    bool // Content-Length
	}{
		{"a body", wire.Request{Method: "POST", Host: "a.example:8080", Target: []byte("/token?a=b%2Fc"), Body: []byte("x=1")}, "a.example:8080", 3, true},
		{"no body of a method that has one", wire.Request{Method: "POST", Host: "a.example", Target: []byte("/")}, "a.example", 0, true},
		{"no body", wire.Request{Method: "GET", Host: "a.example", Target: []byte("/x")}, "a.example", 0, false},
		{"another name", wire.Request{Method: "DELETE", Host: "127.0.0.1:1", Named: "b.example", Target: []byte("/x"), Body: []byte("{}")}, "b.example", 2, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.request.Add("Authorization", []byte("Bearer t"))
			test.request.Add("X-A", []byte("1"))
			test.request.Add("X-A", []byte("2"))
			text := test.request.AppendTo([]byte("before")[:0])
			got, body := parse(t, text)
			if got.Method != test.request.Method || got.RequestURI != string(test.request.Target) || got.Host != test.host || body != string(test.request.Body) ||
				got.ContentLength != test.length || bytes.Contains(text, []byte("Content-Length")) != test.said {
				t.Errorf("%q is read as %+v with %q", text, got, body)
			}
			if got.Header.Get("Authorization") != "Bearer t" || strings.Join(got.Header["X-A"], " ") != "1 2" {
				t.Errorf("%q has the header %v", text, got.Header)
			}
		})
	}
}

// Whatever a token is made of, it stays within its line.
func FuzzValue(f *testing.F) {
	for _, value := range []string{"", "a", "a\r\nX-Evil: 1", "a\nb", "\r", " a ", "\x00\x7f\xff", "a\r\n\r\nGET / HTTP/1.1"} {
		f.Add([]byte(value))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		request := wire.Request{Method: "GET", Host: "a.example", Target: []byte("/")}
		request.Add("Authorization", value)
		got, body := parse(t, request.AppendTo(nil))
		if len(got.Header) != 1 || len(got.Header["Authorization"]) != 1 || body != "" {
			t.Errorf("%q became the header %v and the body %q", value, got.Header, body)
		}
	})
}

func TestRequestIsEmptiedAndKeepsItsMemory(t *testing.T) {
	request := wire.Request{Method: "POST", Scheme: "https", Host: "a", Named: "b", Target: []byte("/a"), Body: []byte("body")}
	request.Add("A", []byte("b"))
	request.Reset()
	if request.Method+request.Scheme+request.Host+request.Named != "" || len(request.Target)+len(request.Fields)+len(request.Body) > 0 {
		t.Errorf("%+v is left", request)
	}
	if cap(request.Target) == 0 || cap(request.Fields) == 0 || cap(request.Body) == 0 {
		t.Error("its memory is gone")
	}
}
