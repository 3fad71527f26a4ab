package reference

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func b2bTranscript(tr *transcript) {
	tr.say(fmt.Sprintf("the clock is %s off", tr.s.host.Clock.Offset()))
	for _, u := range tr.s.Accounts().Users {
		tr.secret[u.Password] = "password of " + u.Role
	}
	bbLogins(tr, tr.user("primary"))
	who := tr.user("primary")
	tr.oddJSON(tr.bbNote, func(body string) got { return tr.post("/auth/login", body) }, [2]string{"username", "password"}, who.Username, who.Password, "")
	tr.bbNote("spaced token", tr.products("a b"))
	tr.bodies(tr.bbNote, "/auth/login", `{"username":"a","password":"b"}`)
	tr.paths(tr.bbNote, "GET", "/api/v1/products", "")
	tr.headers(tr.post("/auth/login", "{}"))
	tr.coding(func(header ...string) got { return tr.do("GET", "/api/v1/products", "", header...) })
	bbUses(tr, tr.user("primary"))
	bbRefreshes(tr, tr.user("primary"))
	bbLogouts(tr, tr.user("primary"))
	bbAddresses(tr, tr.user("listed"), tr.user("primary"))
	bbTime(tr, tr.user("primary"))
}

func bbLogins(tr *transcript, who User) {
	login := func(step, body string) got { return tr.bbNote(step, tr.post("/auth/login", body)) }
	first := tr.bbNote("login", tr.bbLogin(who))
	tr.bbNote("login again", tr.bbLogin(who))
	tr.bbNote("first pair still works", tr.products(first.data("access_token")))
	name := `{"username":"` + who.Username + `"`
	for _, password := range []string{"wrong", strings.ToUpper(who.Password), who.Password + "x", who.Password + " "} {
		login("password "+password, name+`,"password":"`+password+`"}`)
	}
	login("password of another", name+`,"password":"`+tr.user("listed").Password+`"}`)
	login("unknown user", `{"username":"nobody","password":"wrong"}`)
	for _, value := range notToken {
		login("password is "+value, name+`,"password":`+value+`}`)
		login("username is "+value, `{"username":`+value+`,"password":"`+who.Password+`"}`)
		tr.bbNote("refresh_token is "+value, tr.post("/auth/refresh", `{"refresh_token":`+value+`}`))
	}
	login("no password", name+`}`)
	login("no username", `{"password":"`+who.Password+`"}`)
	login("nothing", `{}`)
	tr.bbNote("refresh nothing", tr.post("/auth/refresh", `{}`))
	for _, body := range []string{``, `{"username":`, `[]`, `null`, `7`, `{}{}`, `{"username":"a","username":"b"}`} {
		login("body "+body, body)
		tr.bbNote("refresh body "+body, tr.post("/auth/refresh", body))
	}
	good := fmt.Sprintf(`{"username":%q,"password":%q}`, who.Username, who.Password)
	tr.bbNote("login and more", tr.post("/auth/login", good+" trailing }"))
	tr.bbNote("refresh and more", tr.post("/auth/refresh", fmt.Sprintf(`{"refresh_token":%q} trailing }`, tr.bbLogin(who).data("refresh_token"))))
	tr.bbNote("other media", tr.do("POST", "/auth/login", good, "Content-Type", "text/plain"))
	tr.bbNote("nothing here", tr.do("GET", "/auth/nothing", ""))
	tr.bbNote("other method", tr.do("GET", "/auth/login", ""))
}

// forgeries of a token: what a server that does not verify takes.
func forgeries(token string) map[string]string {
	header, claims := segments(token)
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	claims["client_id"] = 999
	key := []byte("a key of somebody else's, 32 bytes.")
	signed := func(header map[string]any, key []byte) string {
		about := segment(header) + "." + parts[1]
		signature, _ := jwt.SigningMethodHS256.Sign(about, key)
		return about + "." + base64.RawURLEncoding.EncodeToString(signature)
	}
	named := map[string]any{"kid": "another key"}
	for name, value := range header {
		named[name] = value
	}
	return map[string]string{
		"kid":           signed(named, key),
		"cut":           parts[0] + "." + parts[1] + "." + parts[2][:4],
		"cut at end":    parts[0] + "." + parts[1] + "." + parts[2][:max(len(parts[2])-1, 0)],
		"other alg":     segment(map[string]string{"alg": "HS512", "typ": "JWT"}) + "." + parts[1] + "." + parts[2],
		"no alg":        segment(map[string]string{"typ": "JWT"}) + "." + parts[1] + "." + parts[2],
		"no object":     parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte("[]")) + "." + parts[2],
		"placeholder":   signed(header, []byte("your-256-bit-secret")),
		"payload":       parts[0] + "." + segment(claims) + "." + parts[2],
		"stripped":      parts[0] + "." + parts[1] + ".",
		"stripped more": parts[0] + "." + parts[1],
		"foreign":       signed(header, key),
		"empty key":     signed(header, nil),
		"key in header": signed(map[string]any{"alg": "HS256", "typ": "JWT", "jwk": map[string]string{"kty": "oct",
			"k": base64.RawURLEncoding.EncodeToString(key)}}, key),
		"alg none": segment(map[string]string{"alg": "none", "typ": "JWT"}) + "." + parts[1] + ".",
	}
}

// sameBytes is a token with another last character, which a decoder that is
// not strict takes for the same signature: 2 of its 6 bits are in no byte.
func sameBytes(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(token) - 1
	return token[:last] + string(alphabet[strings.IndexByte(alphabet, token[last])|1])
}

func bbUses(tr *transcript, who User) {
	p := tr.bbLogin(who)
	access, refresh := p.data("access_token"), p.data("refresh_token")
	get := func(authorization ...string) got {
		var header []string
		for _, a := range authorization {
			header = append(header, "Authorization", a)
		}
		return tr.do("GET", "/api/v1/products", "", header...)
	}
	tr.bbNote("products", tr.products(access))
	tr.bbNote("categories", tr.categories(access))
	tr.bbNote("products with a type", tr.products(access, "Content-Type", "application/json"))
	tr.bbNote("categories with a type", tr.categories(access, "Content-Type", "application/json"))
	tr.bbNote("head", tr.do("HEAD", "/api/v1/products", "", "Authorization", "Bearer "+access))
	tr.bbNote("use: none", get())
	tr.bbNote("use: none at categories", tr.do("GET", "/api/v1/categories", ""))
	tr.bbNote("use: garbage", get("Bearer garbage"))
	tr.bbNote("use: scheme only", get("Bearer"))
	tr.bbNote("use: basic", get("Basic "+access))
	tr.bbNote("use: bare", get(access))
	tr.bbNote("use: refresh token", get("Bearer "+refresh))
}

func bbRefreshes(tr *transcript, who User) {
	p := tr.bbLogin(who)
	tr.bbNote("refresh: unknown", tr.bbRefresh("unknown"))
	tr.bbNote("refresh: foreign", tr.bbRefresh(forgeries(p.data("refresh_token"))["foreign"]))
	tr.bbNote("refresh: cut", tr.bbRefresh(forgeries(tr.bbLogin(who).data("refresh_token"))["cut"]))
	tr.bbNote("refresh: in an array", tr.post("/auth/refresh", fmt.Sprintf(`{"refresh_token":[%q]}`, tr.bbLogin(who).data("refresh_token"))))
	tr.bbNote("refresh: an access token", tr.bbRefresh(tr.bbLogin(who).data("access_token")))
	r := tr.bbNote("refresh", tr.bbRefresh(p.data("refresh_token")))
	tr.bbNote("old access after refresh", tr.products(p.data("access_token")))
	tr.bbNote("new access", tr.products(r.data("access_token")))
	tr.bbNote("login after refresh", tr.bbLogin(who))
	old := r.data("refresh_token")
	r = tr.bbNote("refresh again", tr.bbRefresh(old))
	tr.bbNote("replay", tr.bbRefresh(old))
	tr.bbNote("after the replay", tr.products(r.data("access_token")))
	raced := tr.bbLogin(who).data("refresh_token")
	tr.race("race", func(c *tester) got { return c.bbRefresh(raced) })
	tr.bbNote("replay after the race", tr.bbRefresh(raced))
}

func bbLogouts(tr *transcript, who User) {
	lately := tr.bbLogin(who)
	tr.bbNote("logout without a token", tr.do("POST", "/auth/logout", ""))
	tr.bbNote("access after nobody's logout", tr.products(lately.data("access_token")))
	lately = tr.bbLogin(who)
	tr.bbNote("logout with a token that nobody has", tr.bbLogout("eyJhbGciOiJIUzI1NiJ9.e30.AAAA"))
	tr.bbNote("access after an unknown logout", tr.products(lately.data("access_token")))
	third := tr.bbLogin(who)
	tr.bbNote("logout with a forged token", tr.bbLogout(forgeries(third.data("access_token"))["foreign"]))
	tr.bbNote("access after that", tr.products(third.data("access_token")))
	one, two := tr.bbLogin(who), tr.bbLogin(who)
	tr.bbNote("logout", tr.bbLogout(one.data("access_token")))
	tr.bbNote("logout again", tr.bbLogout(one.data("access_token")))
	tr.bbNote("access after logout", tr.products(one.data("access_token")))
	tr.bbNote("refresh after logout", tr.bbRefresh(one.data("refresh_token")))
	tr.bbNote("other access after logout", tr.products(two.data("access_token")))
	tr.bbNote("other refresh after logout", tr.bbRefresh(two.data("refresh_token")))
	tr.bbNote("categories after another login", tr.categories(tr.bbLogin(who).data("access_token")))
	tr.advance(10 * time.Minute)
	tr.bbNote("access ten minutes after logout", tr.products(one.data("access_token")))
	tr.bbNote("refresh ten minutes after logout", tr.bbRefresh(one.data("refresh_token")))
}

func bbAddresses(tr *transcript, listed, free User) {
	out := outsider(tr.t, tr.s)
	wrong := listed
	wrong.Password = "wrong"
	pair := func() got { return tr.bbLogin(listed) }
	p := tr.bbNote("listed login", pair())
	tr.bbNote("listed products", tr.products(p.data("access_token")))
	tr.bbNote("listed refresh", tr.bbRefresh(p.data("refresh_token")))
	tr.bbNote("login from outside", out.bbLogin(listed))
	tr.bbNote("wrong login from outside", out.bbLogin(wrong))
	p = pair()
	tr.bbNote("products from outside", out.products(p.data("access_token")))
	tr.bbNote("categories from outside", out.categories(p.data("access_token")))
	tr.bbNote("refresh from outside", out.bbRefresh(p.data("refresh_token")))
	tr.bbNote("and then from inside", tr.bbRefresh(p.data("refresh_token")))
	for _, header := range [][2]string{{"X-Forwarded-For", "127.0.0.1"}, {"Forwarded", "for=127.0.0.1"}, {"X-Real-IP", "127.0.0.1"},
		{"Client-IP", "127.0.0.1"}, {"X-Cluster-Client-IP", "127.0.0.1"}, {"X-Custom-IP-Authorization", "127.0.0.1"}} {
		name, value := header[0], header[1]
		tr.say(fmt.Sprintf("%s gets around: login %v, refresh %v, products %v", name,
			out.bbLogin(listed, name, value).status == http.StatusOK,
			out.bbRefresh(pair().data("refresh_token"), name, value).status == http.StatusOK,
			out.products(pair().data("access_token"), name, value).status == http.StatusOK))
	}
	tr.bbNote("logout from outside", out.bbLogout(pair().data("access_token")))
	tr.bbNote("free login from outside", out.bbLogin(free))
	tr.bbNote("free products from outside", out.products(tr.bbLogin(free).data("access_token")))
}

func bbTime(tr *transcript, who User) {
	p := tr.bbLogin(who)
	tr.advance(40 * time.Minute)
	tr.bbNote("access after 40 minutes", tr.products(p.data("access_token")))
	tr.bbNote("login after 40 minutes", tr.bbLogin(who))
	tr.advance(20*time.Minute + 10*time.Second)
	tr.bbNote("access after an hour", tr.products(p.data("access_token")))
	tr.advance(5 * time.Minute)
	tr.bbNote("access after 65 minutes", tr.products(p.data("access_token")))
	p = tr.bbLogin(who)
	tr.advance(2 * 24 * time.Hour)
	p = tr.bbNote("refresh after two days", tr.bbRefresh(p.data("refresh_token")))
	tr.advance(6 * 24 * time.Hour)
	p = tr.bbNote("refresh after six more", tr.bbRefresh(p.data("refresh_token")))
	tr.advance(10 * time.Minute)
	tr.bbNote("new access after ten minutes", tr.products(p.data("access_token")))
	tr.advance(2 * time.Hour)
	tr.bbNote("new access after two hours", tr.products(p.data("access_token")))
	tr.advance(7*24*time.Hour + 2*time.Minute)
	tr.bbNote("refresh after seven days", tr.bbRefresh(p.data("refresh_token")))
	tr.advance(24 * 24 * time.Hour)
	tr.bbNote("refresh after thirty-one days", tr.bbRefresh(p.data("refresh_token")))
	tr.lives(holder{
		wrong: func() got {
			other := who
			other.Password = "wrong"
			return tr.bbLogin(other)
		},
		issue: func(string) got { return tr.bbLogin(who) }, use: func(token string) got { return tr.products(token) },
		refresh: func(token string) got { return tr.bbRefresh(token) }, note: tr.bbNote,
		access: func(g got) string { return g.data("access_token") }, next: func(g got) string { return g.data("refresh_token") },
	})
}
