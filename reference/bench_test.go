package reference

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
)

// nowhere is where the benchmarks' answers go.
type nowhere struct {
	header http.Header
	body   bytes.Buffer
}

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) WriteHeader(int)             {}
func (n *nowhere) Write(p []byte) (int, error) { return n.body.Write(p) }

// benchmark measures a handler without the network: what the server adds to
// the cost of a bare net/http handler.
func benchmark(b *testing.B, path, body string, s *Server) *nowhere {
	r, _ := http.NewRequest("POST", "http://127.0.0.1"+path, nil)
	r.Header.Set("Content-Type", "application/json")
	r.ContentLength = int64(len(body))
	w := &nowhere{header: http.Header{}}
	reader := bytes.NewReader(nil)
	r.Body = io.NopCloser(reader)
	b.ReportAllocs()
	for b.Loop() {
		w.body.Reset()
		clear(w.header)
		reader.Reset([]byte(body))
		s.api.http.Handler.ServeHTTP(w, r)
	}
	return w
}

func benchmarkServer(b *testing.B) *Server {
	s, err := Start(b.Context(), Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Kill)
	return s
}

func BenchmarkIssue(b *testing.B) {
	s := benchmarkServer(b)
	who := s.Accounts().Clients[0]
	benchmark(b, "/v2/auth/token", fmt.Sprintf(`{"client_id":%q,"client_secret":%q}`, who.ID, who.Secret), s)
}

func BenchmarkValidate(b *testing.B) {
	s := benchmarkServer(b)
	d := s.desks["kitchenhub"]
	p, err := d.tokens.issue(account{client: 1}, 1, s.clock.Now())
	if err != nil {
		b.Fatal(err)
	}
	w := benchmark(b, "/v2/auth/validate", fmt.Sprintf(`{"access_token":%q}`, p.access), s)
	if !bytes.Contains(w.body.Bytes(), []byte("true")) {
		b.Fatal(w.body.String())
	}
}
