package clients

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"gonogo/testdata/fifth"
)

// larder puts the server of the fifth dialect where the reference server is for the others: behind a front that keeps a
// journal, and a control listener in the words of the reference server's.
func (s *stage) larder() {
	server, err := fifth.Start(fifth.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	target, err := url.Parse(server.URL())
	if err != nil {
		s.t.Fatal(err)
	}
	var mu sync.Mutex
	journal, shift := []entry{}, time.Duration(0)
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: target.Scheme, Host: target.Host})
	proxy.ModifyResponse = func(r *http.Response) error {
		mu.Lock()
		defer mu.Unlock()
		journal = append(journal, entry{len(journal) + 1, r.Request.Method, strings.TrimPrefix(r.Request.URL.Path, target.Path), r.StatusCode})
		return nil
	}
	front := httptest.NewServer(proxy)
	control := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		var step struct{ Advance string }
		_ = json.NewDecoder(r.Body).Decode(&step) // without a body it is a question
		if by, err := time.ParseDuration(step.Advance); err == nil {
			server.Advance(by)
			shift += by
		}
		since, _ := strconv.Atoi(r.URL.Query().Get("since"))
		_ = json.NewEncoder(w).Encode(map[string]any{"now": time.Now().Add(shift), "requests": journal[since:], "last": len(journal)})
	}))
	s.t.Cleanup(func() { front.Close(); control.Close(); server.Close() })
	s.api, s.journal, s.step = front.URL+target.Path, control.URL, "9m40s"
	s.env = []string{"GONOGO_PRIMARY_CLIENT_ID=" + fifth.Primary.ID, "GONOGO_PRIMARY_CLIENT_SECRET=" + fifth.Primary.Secret, "GONOGO_PRIMARY_REDIRECT_URI=" + fifth.Primary.ReturnTo,
		"GONOGO_USER_USERNAME=" + fifth.Keeper.Name, "GONOGO_USER_PASSWORD=" + fifth.Keeper.Password}
}

// The fifth dialect is known to tests alone: a binary has the clients of the built-in ones.
func init() {
	dialects = append(dialects, pantry)
	faults = append(faults, []fault{
		{"PAW-OPEN-1", "pantry", "asks-by-json-first", try(opLogin, func(_ *client, r *request) { r.form = false })},
		{"PAW-KNOCK-1", "pantry", "secret-in-look", with("validating", edit(opValidate, func(c *client, r *request) { r.set("client_secret", c.own("CLIENT_SECRET")) }))},
		{"PAW-USE-1", "pantry", "calls-bare-first", try(opUse, func(_ *client, r *request) { r.header.Del("Authorization") })},
		{"PAW-UNIT-1", "pantry", "reads-milliseconds", func(c *client) { c.unit, c.byTime = time.Millisecond, true }},
		{"PAW-LOOK-1", "pantry", "goes-on-when-inactive", func(c *client) { c.validates, c.gullible = true, true }},
		{"PAW-KEEP-1", "pantry", "keeps-first-refresh", func(c *client) { c.keep = keepsRefresh }},
		{"PAW-KEEP-2", "pantry", "logs-in-instead", func(c *client) { c.renewals = false }},
		{"PAW-VOUCHER-1", "pantry", "spends-without-return-to-first", try(opExchange, func(_ *client, r *request) { delete(r.body, "return_to") })},
		{"PAW-VOUCHER-2", "pantry", "spends-late", func(c *client) { c.dawdles = 61 * time.Second }},
		{"PAW-VOUCHER-3", "pantry", "spends-twice", func(c *client) { c.twice = true }},
		{"PAW-STATE-1", "pantry", "one-state-for-all", edit(opAuthorize, func(_ *client, r *request) { r.set("state", "kitchen") })},
		{"PAW-CLOSE-1", "pantry", "ends-without-closing", func(c *client) { c.hasty = true }},
	}...)
}

// pantry calls for a human who has told it name and password, and for one who was sent to the door.
var pantry = dialect{
	name: "pantry", sessions: []string{"human", "user"},
	login: func(c *client, who string) (answer, error) {
		if who == "user" {
			return c.consented()
		}
		return c.send(pantryForm(c, opLogin, "/oauth2/token", map[string]any{"grant_type": "password", "username": c.value("USER_USERNAME"), "password": c.value("USER_PASSWORD")}))
	},
	refresh: func(c *client, p pair) request {
		return pantryForm(c, opRefresh, "/oauth2/token", map[string]any{"grant_type": "refresh_token", "refresh_token": p.Refresh})
	},
	use: func(*client) request { return newRequest(opUse, http.MethodGet, "/shelves", nil) },
	validate: func(c *client, p pair) request {
		return pantryForm(c, opValidate, "/oauth2/look", map[string]any{"token": p.Access})
	},
	valid: "active",
	revoke: func(c *client, p pair) request {
		return pantryForm(c, opRevoke, "/oauth2/close", map[string]any{"token": p.Refresh})
	},
	authorize: func(c *client, a *attempt) request {
		r := newRequest(opAuthorize, http.MethodGet, "/consent", nil)
		r.server = c.base
		r.set("client", c.own("CLIENT_ID"), "return_to", c.own("REDIRECT_URI"), "want", "voucher", "state", a.state)
		return r
	},
	redeem: func(c *client, a *attempt) request {
		return pantryForm(c, opExchange, "/oauth2/token", map[string]any{"grant_type": "authorization_code", "voucher": a.code, "return_to": c.own("REDIRECT_URI")})
	},
	code: "voucher",
	flat: func(m map[string]any) map[string]any {
		both, _ := m["token"].(map[string]any)
		access, _ := both["access"].(map[string]any)
		refresh, _ := both["refresh"].(map[string]any)
		return map[string]any{"access_token": access["value"], "refresh_token": refresh["value"], "until": access["until"]}
	},
	members: []string{"access_token", "refresh_token", "until"},
	ends:    "until", unit: time.Second, lasts: 10 * time.Minute,
	refusal: http.StatusForbidden,
}

func pantryForm(c *client, o op, path string, body map[string]any) request {
	r := newRequest(o, http.MethodPost, path, body)
	r.form = true
	r.basic(c.own("CLIENT_ID"), c.own("CLIENT_SECRET"))
	return r
}
