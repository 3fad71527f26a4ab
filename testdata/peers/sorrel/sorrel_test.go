package sorrel

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// browser is an HTTP client with cookies that shows redirects instead of
// following them.
type browser struct {
	t *testing.T
	s *Server
	c *http.Client
}

func start(t *testing.T) *browser {
	t.Helper()
	s, err := Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return newBrowser(t, s)
}

func newBrowser(t *testing.T, s *Server) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, s, &http.Client{
		Jar:           jar,
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

type answer struct {
	status int
	header http.Header
	text   string
	json   map[string]any
}

func (a answer) str(name string) string { s, _ := a.json[name].(string); return s }

// do sends a request; headers come in pairs.
func (b *browser) do(method, target, body string, headers ...string) answer {
	b.t.Helper()
	req, err := http.NewRequest(method, b.s.URL()+target, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.c.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, text: string(data)}
	_ = json.Unmarshal(data, &a.json) // stays nil for HTML
	return a
}

func (b *browser) want(status int, code string, a answer) answer {
	b.t.Helper()
	if a.status != status || a.str("error") != code {
		b.t.Fatalf("got %d %q, want %d %q: %s", a.status, a.str("error"), status, code, a.text)
	}
	return a
}

const formType = "application/x-www-form-urlencoded"

func (b *browser) form(target string, pairs ...string) answer {
	b.t.Helper()
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return b.do("POST", target, v.Encode(), "Content-Type", formType)
}

func (b *browser) advance(seconds int) {
	b.t.Helper()
	b.want(200, "", b.do("POST", "/__peer/clock", fmt.Sprintf(`{"advance_seconds": %d}`, seconds)))
}

func credentials(c KitchenMonkiClient) string {
	return "&client_id=" + c.ID + "&client_secret=" + c.Secret
}

func (b *browser) grant(query string) answer {
	b.t.Helper()
	return b.do("GET", "/v2/token/grant?"+query, "")
}

var requestField = regexp.MustCompile(`name="request" value="([^"]+)"`)

func (b *browser) requestID(a answer) string {
	b.t.Helper()
	m := requestField.FindStringSubmatch(a.text)
	if m == nil {
		b.t.Fatalf("no request id in %d %s", a.status, a.text)
	}
	return m[1]
}

func authorizeURL(c KitchenMonkiClient, more string) string {
	return "/authorize?client_id=" + c.ID + "&response_type=code&redirect_uri=" + url.QueryEscape(c.RedirectURI) + more
}

// decide takes a user through sign-in and consent.
func (b *browser) decide(c KitchenMonkiClient, more, decision string) answer {
	b.t.Helper()
	a := b.do("GET", authorizeURL(c, more), "")
	if !strings.Contains(a.text, c.Name) {
		b.t.Fatalf("the page does not name the client: %s", a.text)
	}
	if strings.Contains(a.text, `type="password"`) {
		a = b.form("/authorize/sign-in", "request", b.requestID(a),
			"username", KitchenMonkiPerson.Login, "password", KitchenMonkiPerson.Password)
		a = b.do("GET", a.header.Get("Location"), "")
	}
	return b.form("/authorize/consent", "request", b.requestID(a), "decision", decision)
}

func (b *browser) code(c KitchenMonkiClient) string {
	b.t.Helper()
	u, err := url.Parse(b.decide(c, "", "allow").header.Get("Location"))
	if err != nil || u.Query().Get("code") == "" {
		b.t.Fatal("no code:", u, err)
	}
	return u.Query().Get("code")
}

// race makes the same call several times at once: exactly one may succeed.
func (b *browser) race(success int, call func() answer) {
	b.t.Helper()
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if call().status == success {
				won.Add(1)
			}
		})
	}
	if wg.Wait(); won.Load() != 1 {
		b.t.Error(won.Load(), "calls won")
	}
}

func (b *browser) queue(token string) answer {
	return b.do("GET", "/v2/queue", "", "Authorization", "Bearer "+token)
}

func TestClientCredentials(t *testing.T) {
	b := start(t)
	for _, c := range KitchenMonkiClients {
		a := b.want(200, "", b.grant("grant_type=client_credentials"+credentials(c)))
		scope, hasScope := a.json["scope"]
		if a.json["expires_in"] != 3600.0 || a.str("token_type") != "bearer" || !hasScope || scope != nil ||
			len(a.str("access_token")) != 43 || len(a.str("refresh_token")) != 43 {
			t.Fatal(a.text)
		}
		if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Pragma") != "no-cache" {
			t.Fatal(a.header)
		}
		token := a.str("access_token")
		if a = b.want(200, "", b.queue(token)); a.json["user_id"] != float64(c.UserID) {
			t.Fatal(a.text)
		}
		b.want(200, "", b.do("GET", "/v2/queue?access_token="+token, ""))
		b.want(201, "", b.form("/v2/queue", "access_token", token, "recipe", "soup"))
	}
	a := b.grant("grant_type=client_credentials" + credentials(KitchenMonkiClients[0]))
	id := b.want(200, "", b.queue(a.str("access_token"))).json["queue"].([]any)[0].(map[string]any)["id"]
	a = b.do("PUT", fmt.Sprint("/v2/queue/", id), "recipe=stew&access_token="+a.str("access_token"), "Content-Type", "Application/X-WWW-Form-Urlencoded")
	if b.want(200, "", a); !strings.Contains(a.text, "stew") {
		t.Fatal(a.text)
	}
}

func TestTokenEndpointRefusals(t *testing.T) {
	b := start(t)
	c := KitchenMonkiClients[0]
	for _, test := range []struct {
		query  string
		status int
		code   string
	}{
		{"", 401, "invalid_client"},
		{"grant_type=client_credentials", 401, "invalid_client"},
		{"grant_type=client_credentials&client_id=" + c.ID + "&client_secret=wrong", 401, "invalid_client"},
		{"grant_type=client_credentials&client_id=%zz&client_secret=%ff%00", 401, "invalid_client"},
		{credentials(c), 400, "invalid_request"},
		{"grant_type=password" + credentials(c), 400, "unsupported_grant_type"},
		{"grant_type=client_credentials&grant_type=client_credentials" + credentials(c), 400, "invalid_request"},
		{"grant_type=authorization_code" + credentials(c), 400, "invalid_request"},
		{"grant_type=authorization_code&code=nope" + credentials(c), 400, "invalid_grant"},
		{"grant_type=refresh_token" + credentials(c), 400, "invalid_request"},
		{"grant_type=refresh_token&refresh_token=nope" + credentials(c), 400, "invalid_grant"},
	} {
		b.want(test.status, test.code, b.grant(test.query))
	}
	b.want(405, "method_not_allowed", b.do("PUT", "/v2/token/grant", ""))
}

func TestAuthorizationCode(t *testing.T) {
	b := start(t)
	c, other := KitchenMonkiClients[0], KitchenMonkiClients[1]
	redirect := "&redirect_uri=" + url.QueryEscape(c.RedirectURI)
	exchange := func(code string) answer {
		return b.grant("grant_type=authorization_code&code=" + code + credentials(c) + redirect)
	}

	code := b.code(c)
	b.want(400, "invalid_grant", b.grant("grant_type=authorization_code&code="+code+credentials(other)+redirect))
	b.want(400, "invalid_grant", b.grant("grant_type=authorization_code&code="+code+credentials(c)))
	b.want(400, "invalid_grant", b.grant("grant_type=authorization_code&code="+code+credentials(c)+redirect+"x"))
	a := b.want(200, "", exchange(code))
	token := a.str("access_token")
	if a = b.want(200, "", b.queue(token)); a.json["user_id"] != float64(KitchenMonkiPerson.UserID) {
		t.Fatal(a.text)
	}
	b.want(400, "invalid_grant", exchange(code))
	b.want(401, "invalid_token", b.queue(token)) // the replay revoked it

	code = b.code(c)
	b.advance(29)
	b.want(200, "", exchange(code))
	code = b.code(c)
	b.advance(30)
	b.want(400, "invalid_grant", exchange(code))

	code = b.code(c)
	b.race(200, func() answer { return exchange(code) })
}

func TestConsent(t *testing.T) {
	b := start(t)
	for _, c := range KitchenMonkiClients {
		state := "a b&c=d%25\r\n\xff\"'<é"
		for decision, want := range map[string]string{"allow": "code", "deny": "error"} {
			location := b.decide(c, "&state="+url.QueryEscape(state), decision).header.Get("Location")
			u, err := url.Parse(location)
			if err != nil || !strings.HasPrefix(location, c.RedirectURI) || u.Query().Get("state") != state || u.Query().Get(want) == "" {
				t.Fatal(location, err)
			}
			if decision == "deny" && u.Query().Get("error") != "access_denied" {
				t.Fatal(location)
			}
		}
	}

	c := KitchenMonkiClients[0]
	for _, query := range []string{
		"", "?client_id=nobody&response_type=code",
		"?client_id=" + c.ID + "&response_type=code&redirect_uri=https%3A%2F%2Fwww.example.com%2Fapi_helper.html",
	} {
		if a := b.do("GET", "/authorize"+query, ""); a.status != 400 || a.header.Get("Location") != "" {
			t.Fatal(query, a.status, a.header)
		}
	}
	for query, want := range map[string]string{
		"":                                     "error=invalid_request",
		"&response_type=token":                 "error=unsupported_response_type",
		"&response_type=code&client_secret=oh": "error=invalid_request",
	} {
		a := b.do("GET", "/authorize?client_id="+c.ID+query+"&state=s", "")
		if l := a.header.Get("Location"); !strings.HasPrefix(l, c.RedirectURI+"?"+want) || !strings.HasSuffix(l, "&state=s") {
			t.Fatal(query, a.status, l)
		}
	}
}

func TestSignIn(t *testing.T) {
	b := start(t)
	c := KitchenMonkiClients[0]
	id := b.requestID(b.do("GET", authorizeURL(c, ""), ""))
	if a := b.form("/authorize/sign-in", "request", id, "username", KitchenMonkiPerson.Login, "password", "wrong"); a.status != 403 {
		t.Fatal(a.status)
	}
	if a := b.form("/authorize/consent", "request", id, "decision", "allow"); a.status != 403 || a.header.Get("Location") != "" {
		t.Fatal("consent without sign-in:", a.status)
	}
	// Another browser must not be able to use this browser's form.
	stranger := newBrowser(t, b.s)
	stranger.do("GET", authorizeURL(c, ""), "")
	if a := stranger.form("/authorize/sign-in", "request", id, "username", KitchenMonkiPerson.Login,
		"password", KitchenMonkiPerson.Password); a.status != 403 {
		t.Fatal(a.status)
	}
	b.decide(c, "", "allow")
	// Signed in now; a forged form still fails.
	if a := b.form("/authorize/consent", "request", "forged", "decision", "allow"); a.status != 403 {
		t.Fatal(a.status)
	}
}

func TestPopup(t *testing.T) {
	b := start(t)
	a := b.decide(KitchenMonkiClients[0], "&display=popup&state=x", "allow")
	if a.status != 200 || a.header.Get("Location") != "" ||
		!strings.Contains(a.text, `href="`+KitchenMonkiClients[0].RedirectURI+"?code=") ||
		!strings.Contains(a.text, "<script>"+popupScript+"</script>") {
		t.Fatal(a.status, a.text)
	}
}

func TestRefresh(t *testing.T) {
	b := start(t)
	c := KitchenMonkiClients[0]
	first := b.want(200, "", b.grant("grant_type=client_credentials"+credentials(c)))
	refresh := "grant_type=refresh_token&refresh_token="
	b.want(400, "invalid_grant", b.grant(refresh+first.str("refresh_token")+credentials(KitchenMonkiClients[1])))
	b.want(401, "invalid_token", b.queue(first.str("refresh_token")))
	b.advance(3599)
	b.want(200, "", b.queue(first.str("access_token")))
	second := b.want(200, "", b.grant(refresh+first.str("refresh_token")+credentials(c)))
	b.want(400, "invalid_grant", b.grant(refresh+first.str("refresh_token")+credentials(c)))
	b.want(200, "", b.queue(first.str("access_token")))
	b.advance(1)
	b.want(401, "invalid_token", b.queue(first.str("access_token")))
	if a := b.want(200, "", b.queue(second.str("access_token"))); a.json["user_id"] != float64(c.UserID) {
		t.Fatal(a.text)
	}
	b.advance(14*24*3600 - 2)
	third := b.want(200, "", b.grant(refresh+second.str("refresh_token")+credentials(c)))
	b.advance(14 * 24 * 3600)
	b.want(400, "invalid_grant", b.grant(refresh+third.str("refresh_token")+credentials(c)))
	fourth := b.want(200, "", b.grant("grant_type=client_credentials"+credentials(c)))
	b.race(200, func() answer { return b.grant(refresh + fourth.str("refresh_token") + credentials(c)) })
}

// TestDocumentedRequest sends the document's example call as it is printed,
// HTTP/1.0 and a URL in the Host field included.
func TestDocumentedRequest(t *testing.T) {
	b := start(t)
	token := b.grant("grant_type=client_credentials" + credentials(KitchenMonkiClients[0])).str("access_token")
	conn, err := net.Dial("tcp", strings.TrimPrefix(b.s.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /v2/queue HTTP/1.0\r\nHost: https://api-stage.kitchenmonki.com\r\nAuthorization: Bearer %s\r\n\r\n", token)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || res.StatusCode != 200 {
		t.Fatal(res, err)
	}
}

func TestAPIRefusals(t *testing.T) {
	b := start(t)
	token := b.grant("grant_type=client_credentials" + credentials(KitchenMonkiClients[0])).str("access_token")
	if a := b.want(401, "token_required", b.do("GET", "/v2/queue", "")); a.header.Get("WWW-Authenticate") != `Bearer realm="Kitchen Monki"` {
		t.Fatal(a.header)
	}
	if a := b.want(401, "invalid_token", b.queue("nope")); !strings.Contains(a.header.Get("WWW-Authenticate"), `error="invalid_token"`) {
		t.Fatal(a.header)
	}
	b.want(400, "invalid_request", b.do("GET", "/v2/queue?access_token="+token, "", "Authorization", "Bearer "+token))
	b.want(404, "not_found", b.do("GET", "/v2/nothing?access_token="+token, ""))
	b.want(401, "token_required", b.do("GET", "/v2/nothing", ""))
}

func TestPOS(t *testing.T) {
	b := start(t)
	const account = `{"user_name":"till boss","password":"p:ä","grant_type":"password"}`
	post := func(target, body string, headers ...string) answer {
		return b.do("POST", target, body, append(headers, "Content-Type", "application/json")...)
	}
	created := b.want(201, "", post("/users", account))
	if created.str("user_name") != "till boss" || strings.Contains(created.text, "p:ä") || created.header.Get("Location") == "" {
		t.Fatal(created.text)
	}
	b.want(409, "user_exists", post("/users", account))
	for body, code := range map[string]string{
		`{"user_name":"x","password":"y"}`:                        "invalid_request",
		`{"user_name":"x","password":"y","grant_type":["a"]}`:     "unsupported_grant_type",
		`{"user_name":"x","password":7,"grant_type":"password"}`:  "invalid_request",
		`{"user_name":"","password":"y","grant_type":"password"}`: "invalid_request",
		`null`: "invalid_request", `[]`: "invalid_request", `{`: "invalid_request", "\"\xff\"": "invalid_request",
	} {
		b.want(400, code, post("/users", body))
	}
	b.want(415, "invalid_request", b.do("POST", "/users", account, "Content-Type", "text/plain"))

	basic := func(c POSClient) string {
		r, _ := http.NewRequest("GET", "/", nil)
		r.SetBasicAuth(c.ID, c.Secret)
		return r.Header.Get("Authorization")
	}
	for _, c := range POSClients {
		b.want(400, "invalid_grant", post("/auth/token", `{"user_name":"till boss","password":"no"}`, "Authorization", basic(c)))
		b.want(400, "invalid_grant", post("/auth/token", `{"user_name":"nobody","password":"no"}`, "Authorization", basic(c)))
		b.want(401, "invalid_client", post("/auth/token", account, "Authorization", basic(POSClient{c.ID, "no"})))
	}
	b.want(401, "invalid_client", post("/auth/token", account))
	b.want(401, "invalid_client", post("/auth/token", account, "Authorization", "Basic !"))

	login := b.want(201, "", post("/auth/token", account, "Authorization", basic(POSClients[0])))
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	if !uuid.MatchString(login.str("access_token")) || login.str("token_type") != "Bearer" || login.json["expires_in"] != 900.0 {
		t.Fatal(login.text)
	}
	b.want(201, "", b.do("POST", "/auth/token", "user_name=till+boss&password=p%3A%C3%A4", "Content-Type", formType, "Authorization", basic(POSClients[1])))

	bearer := func(token string) []string { return []string{"Authorization", "Bearer " + token} }
	access, refresh := login.str("access_token"), login.str("refresh_token")
	if a := b.want(200, "", b.do("GET", "/users/me", "", bearer(access)...)); a.str("id") != created.str("id") {
		t.Fatal(a.text)
	}
	b.want(200, "", b.do("GET", "/users", "", bearer(access)...))
	b.want(401, "token_required", b.do("GET", "/users", ""))
	b.want(401, "invalid_token", b.do("GET", "/users", "", bearer(refresh)...))
	for _, kind := range []string{"/dishes", "/ingredients"} {
		a := b.want(201, "", post(kind, `{"name":"leek"}`, bearer(access)...))
		b.want(200, "", b.do("PUT", a.header.Get("Location"), `{"name":"chard"}`, append(bearer(access), "Content-Type", "application/json")...))
		if a = b.want(200, "", b.do("GET", kind, "", bearer(access)...)); !strings.Contains(a.text, "chard") {
			t.Fatal(a.text)
		}
		b.want(401, "token_required", post(kind, `{"name":"leek"}`))
	}

	b.advance(900)
	b.want(401, "invalid_token", b.do("GET", "/users", "", bearer(access)...))
	b.want(401, "token_required", post("/auth/refresh-token", ""))
	b.want(401, "invalid_token", post("/auth/refresh-token", "", bearer(access)...))
	second := b.want(201, "", post("/auth/refresh-token", "", bearer(refresh)...))
	b.want(401, "invalid_token", post("/auth/refresh-token", "", bearer(refresh)...))
	third := b.want(201, "", post("/auth/refresh-token", "", "Authorization", second.str("refresh_token")))
	b.want(401, "invalid_token", b.do("GET", "/users", "", bearer(second.str("access_token"))...))
	b.want(200, "", b.do("GET", "/users", "", bearer(third.str("access_token"))...))
	b.race(201, func() answer { return post("/auth/refresh-token", "", bearer(third.str("refresh_token"))...) })
}

func TestOperations(t *testing.T) {
	b := start(t)
	before, err := http.ParseTime(b.do("GET", "/nowhere", "").header.Get("Date"))
	if err != nil {
		t.Fatal(err)
	}
	b.advance(7200)
	after, err := http.ParseTime(b.do("GET", "/nowhere", "").header.Get("Date"))
	if d := after.Sub(before); err != nil || d < 7200*time.Second || d > 7205*time.Second {
		t.Fatal(d, err)
	}
	for _, body := range []string{"", "{}", `{"advance_seconds":-1}`, `{"advance_seconds":1e30}`, `{"advance_seconds":9223372036854775807}`} {
		b.want(400, "invalid_request", b.do("POST", "/__peer/clock", body))
	}
	b.want(413, "invalid_request", b.do("POST", "/users", strings.Repeat("x", maxBody+1)))
	// A client that never says anything does not keep the server from closing.
	conn, err := net.Dial("tcp", strings.TrimPrefix(b.s.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, listen := range []string{":0", "0.0.0.0:0", "192.0.2.1:0", "nonsense"} {
		if s, err := Start(listen); err == nil {
			s.Close()
			t.Error("started on", listen)
		}
	}
}
