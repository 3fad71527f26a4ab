package reference

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// data is a string in the envelope of an answer.
func (g got) data(name string) string {
	data, _ := g.json["data"].(map[string]any)
	s, _ := data[name].(string)
	return s
}

// outsider is a client whose connections come from another loopback address,
// which is on no list.
func outsider(t *testing.T, s *Server) *tester {
	c := talk(t, s)
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 10)}}
	transport := &http.Transport{DialContext: dialer.DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	c.client.Transport = transport
	return c
}

func (c *tester) user(role string) User {
	for _, u := range c.s.Accounts().Users {
		if u.Dialect == "b2b" && u.Role == role {
			return u
		}
	}
	c.t.Fatalf("no %s user of b2b", role)
	return User{}
}

func (c *tester) bbLogin(who User, header ...string) got {
	c.t.Helper()
	return c.do("POST", "/auth/login", fmt.Sprintf(`{"username":%q,"password":%q}`, who.Username, who.Password),
		append(header, "Content-Type", "application/json")...)
}

func (c *tester) bbRefresh(token string, header ...string) got {
	c.t.Helper()
	return c.do("POST", "/auth/refresh", fmt.Sprintf(`{"refresh_token":%q}`, token), append(header, "Content-Type", "application/json")...)
}

func (c *tester) bbLogout(token string) got {
	c.t.Helper()
	return c.do("POST", "/auth/logout", "", "Authorization", "Bearer "+token)
}

func (c *tester) products(token string, header ...string) got {
	c.t.Helper()
	return c.do("GET", "/api/v1/products", "", append(header, "Authorization", "Bearer "+token)...)
}

func (c *tester) categories(token string, header ...string) got {
	c.t.Helper()
	return c.do("GET", "/api/v1/categories", "", append(header, "Authorization", "Bearer "+token)...)
}

// segment encodes a header or payload.
func segment(v any) string {
	b, _ := json.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(b)
}

// segments decodes the header and the payload of a token.
func segments(token string) (header, claims map[string]any) {
	parts := strings.Split(token, ".")
	for i, into := range []*map[string]any{&header, &claims} {
		if i < len(parts) {
			b, _ := base64.RawURLEncoding.DecodeString(parts[i])
			_ = json.Unmarshal(b, into)
		}
	}
	return header, claims
}

var (
	jwtLike    = regexp.MustCompile(`eyJ[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){1,2}`)
	momentLike = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?`)
	epoch      = regexp.MustCompile(`\b1[789]\d{8}\b`)
)

// bbNote notes an answer of b2b: tokens by what stands in them, times by how
// far ahead of the answer they are.
func (tr *transcript) bbNote(step string, g got) got {
	now := tr.s.host.Clock.Now()
	ahead := func(t time.Time) string { return t.Sub(now).Round(time.Minute).String() }
	shown := g
	shown.body = jwtLike.ReplaceAllStringFunc(g.body, func(token string) string { return tr.describe(token, ahead) })
	shown.body = momentLike.ReplaceAllStringFunc(shown.body, func(s string) string {
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t, _ = time.Parse(time.DateTime, s)
		}
		return regexp.MustCompile(`\d`).ReplaceAllString(s, "n") + " " + ahead(t)
	})
	shown.body = epoch.ReplaceAllStringFunc(shown.body, func(s string) string {
		var n int64
		fmt.Sscan(s, &n)
		return "epoch " + ahead(time.Unix(n, 0))
	})
	// As long as a token might be.
	shown.body = strings.ReplaceAll(shown.body, "ValidationException", "Validation Exception")
	shown.json = nil
	date, err := http.ParseTime(g.header.Get("Date"))
	step += fmt.Sprintf(" dated=%v moved=%v", err == nil, time.Until(date) > time.Minute)
	tr.note(step, shown)
	for _, name := range []string{"access_token", "refresh_token"} {
		if token := g.data(name); token != "" {
			tr.tokens = append(tr.tokens, token)
		}
	}
	return g
}

func (tr *transcript) describe(token string, ahead func(time.Time) string) string {
	for _, seen := range tr.tokens {
		if token == seen {
			return "<seen>"
		}
	}
	header, claims := segments(token)
	exp := "none"
	if n, ok := claims["exp"].(float64); ok {
		exp = ahead(time.Unix(min(int64(n), 1<<33), 0))
	}
	return fmt.Sprintf("<%v jwt of %d parts, %d header and %d claims, exp %s>", header["alg"], strings.Count(token, ".")+1, len(header), len(claims), exp)
}
