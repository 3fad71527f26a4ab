package reference

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"gonogo/reference/kit"
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
	return benchmarkRequest(b, r, body, s)
}

func benchmarkRequest(b *testing.B, r *http.Request, body string, s *Server) *nowhere {
	r.RemoteAddr = "127.0.0.1:40000"
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
	d := s.services["kitchenhub"]
	p, err := d.Tokens.Issue(kit.Account{Client: 1}, 1, s.host.Clock.Now())
	if err != nil {
		b.Fatal(err)
	}
	w := benchmark(b, "/v2/auth/validate", fmt.Sprintf(`{"access_token":%q}`, p.Access), s)
	if !bytes.Contains(w.body.Bytes(), []byte("true")) {
		b.Fatal(w.body.String())
	}
}

func b2bUser(s *Server) User {
	users := s.Accounts().Users
	return users[slices.IndexFunc(users, func(u User) bool { return u.Dialect == "b2b" && u.Role == "primary" })]
}

func BenchmarkLogin(b *testing.B) {
	s := benchmarkServer(b)
	who := b2bUser(s)
	w := benchmark(b, "/auth/login", fmt.Sprintf(`{"username":%q,"password":%q}`, who.Username, who.Password), s)
	if !bytes.Contains(w.body.Bytes(), []byte(`"success":true`)) {
		b.Fatal(w.body.String())
	}
}

func BenchmarkUseJWT(b *testing.B) {
	s := benchmarkServer(b)
	who := b2bUser(s)
	login, err := http.Post(s.URL()+"/auth/login", "application/json",
		strings.NewReader(fmt.Sprintf(`{"username":%q,"password":%q}`, who.Username, who.Password)))
	if err != nil {
		b.Fatal(err)
	}
	defer login.Body.Close()
	var pair struct {
		Data struct {
			Access string `json:"access_token"`
		}
	}
	if err := json.NewDecoder(login.Body).Decode(&pair); err != nil {
		b.Fatal(err)
	}
	r, _ := http.NewRequest("GET", "http://127.0.0.1/api/v1/products", nil)
	r.Header.Set("Authorization", "Bearer "+pair.Data.Access)
	w := benchmarkRequest(b, r, "", s)
	if !bytes.Contains(w.body.Bytes(), []byte(`"success":true`)) {
		b.Fatal(w.body.String())
	}
}
