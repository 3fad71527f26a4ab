package reference

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// transcript is what a server does, in lines that are the same for every run
// of a server that behaves the same: tokens are replaced by their shape.
type transcript struct {
	*tester
	lines  []string
	wanted []string // of another server; nil wants nothing
	tokens []string // every token seen, in order
	secret map[string]string
}

// told ends a transcript that has a line that is not wanted: what comes after it can say no more.
type told struct{}

// say adds lines to the transcript.
func (tr *transcript) say(lines ...string) {
	for _, line := range lines {
		at := len(tr.lines)
		tr.lines = append(tr.lines, line)
		if tr.wanted != nil && (at >= len(tr.wanted) || tr.wanted[at] != line) {
			panic(told{})
		}
	}
}

// tell has a server of a dialect say its transcript, up to the first line that is not wanted, unless wanted is nil.
func tell(t *testing.T, dialect string, cfg Config, wanted []string) (lines []string) {
	t.Helper()
	tr := begin(t, dialect, cfg)
	if tr.wanted = wanted; wanted != nil {
		tr.client.Timeout = 3 * time.Second // some quirks never answer
	}
	defer func() {
		lines = tr.lines
		if p := recover(); p != nil && p != (told{}) {
			panic(p)
		}
	}()
	transcripts[dialect](tr)
	return nil
}

var (
	tokenLike = regexp.MustCompile(`[A-Za-z0-9_-]{19,}`)
	traceLike = regexp.MustCompile(`"t-\d+"`)
	timeLike  = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`)
)

func (tr *transcript) note(step string, g got) got {
	if g.err != nil {
		what := "no answer"
		if strings.Contains(g.err.Error(), "Timeout") || strings.Contains(g.err.Error(), "deadline") {
			what = "hangs"
		}
		tr.say(step + ": " + what)
		return g
	}
	body := g.body
	for value, name := range tr.secret {
		body = strings.ReplaceAll(body, value, "<"+name+">")
	}
	body = tokenLike.ReplaceAllStringFunc(body, func(s string) string {
		for _, seen := range tr.tokens {
			if s == seen {
				return "<seen>"
			}
		}
		return fmt.Sprintf("<%d>", len(s))
	})
	body = timeLike.ReplaceAllString(body, "<time>")
	body = traceLike.ReplaceAllString(body, `"t"`)
	for _, name := range []string{"access_token", "refresh_token"} {
		if s := g.text(name); s != "" {
			tr.tokens = append(tr.tokens, s)
		}
	}
	location := tokenLike.ReplaceAllString(g.header.Get("Location"), "<T>")
	tr.say(fmt.Sprintf("%s: %d %s cache=%q auth=%q te=%v close=%v location=%q\n    %s", step, g.status,
		g.header.Get("Content-Type"), g.header.Get("Cache-Control"), g.header.Get("WWW-Authenticate"),
		g.resp.TransferEncoding, g.resp.Close, location, body))
	return g
}

// race sends the same request eight times at once and notes how many win.
func (tr *transcript) race(step string, request func(*tester) got) got {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var won got
	wins, crashes := 0, 0
	for range 8 {
		wg.Go(func() {
			g := request(talk(tr.t, tr.s))
			mu.Lock()
			defer mu.Unlock()
			if g.text("access_token") != "" || g.data("access_token") != "" || g.text("user_name") != "" {
				wins++
				won = g
			}
			if g.status >= 500 {
				crashes++
			}
		})
	}
	wg.Wait()
	tr.say(fmt.Sprintf("%s: %d of 8 win, %d crash", step, wins, crashes))
	return won
}

func begin(t *testing.T, dialect string, cfg Config) *transcript {
	cfg.Dialects = []string{dialect}
	s := start(t, cfg)
	tr := &transcript{tester: talk(t, s), secret: map[string]string{}}
	for _, c := range s.Accounts().Clients {
		tr.secret[c.Secret] = "secret of " + c.Role
	}
	return tr
}

func changedMiddle(token string) string {
	if len(token) < 30 {
		return token
	}
	b := []byte(token)
	b[21] = map[bool]byte{true: 'b', false: 'a'}[b[21] == 'a']
	return string(b)
}

// notToken are JSON values that are neither an id nor a token.
var notToken = []string{`""`, `null`, `7`, `{}`, `[]`, `{"$ne":""}`}

func kitchenmonkiTranscript(tr *transcript) {
	one, two := tr.account("kitchenmonki", "primary"), tr.account("kitchenmonki", "second")
	kmGrants(tr, one, two)
	kmQueue(tr, one)
	kmPages(tr, one, two)
	kmCodes(tr, one, two)
	kmOdd(tr, one, two)
	tr.paths(tr.note, "GET", "/v2/queue", "")
	tr.headers(tr.do("GET", "/v2/token/grant?grant_type=client_credentials&client_id=nobody", ""))
	tr.coding(func(header ...string) got { return tr.do("GET", "/v2/queue", "", header...) })
	kmSlow(tr, one)
	kmConsents(tr, one)
	kmTime(tr, one)
}

func kmGrants(tr *transcript, one, two Client) {
	grant := func(step string, pairs ...string) got {
		return tr.note(step, tr.do("GET", "/v2/token/grant?"+query(pairs...), ""))
	}
	first := tr.note("cc", tr.kmGrant(one, "client_credentials"))
	p := tr.note("cc again", tr.kmGrant(one, "client_credentials"))
	tr.note("first pair still works", tr.queue(first.text("access_token")))
	for _, secret := range []string{"wrong", "", strings.ToUpper(one.Secret), one.Secret + "x"} {
		grant("cc secret "+secret, "grant_type", "client_credentials", "client_id", one.ID, "client_secret", secret)
	}
	grant("cc secret of another", "grant_type", "client_credentials", "client_id", one.ID, "client_secret", two.Secret)
	grant("cc no secret", "grant_type", "client_credentials", "client_id", one.ID)
	grant("cc no client", "grant_type", "client_credentials", "client_secret", one.Secret)
	grant("cc spaced", "grant_type", "client_credentials ", "client_id", one.ID, "client_secret", one.Secret)
	tr.note("another's token acts as", tr.queue(tr.kmGrant(two, "client_credentials").text("access_token")))
	grant("cc unknown client", "grant_type", "client_credentials", "client_id", "nobody", "client_secret", "x")
	grant("unknown type", "grant_type", "password", "client_id", one.ID, "client_secret", one.Secret)
	grant("no type", "client_id", one.ID, "client_secret", one.Secret)

	r := tr.note("refresh", tr.kmGrant(one, "refresh_token", "refresh_token", p.text("refresh_token")))
	tr.note("old access", tr.queue(p.text("access_token")))
	tr.note("new access", tr.queue(r.text("access_token")))
	r2 := tr.note("refresh again", tr.kmGrant(one, "refresh_token", "refresh_token", r.text("refresh_token")))
	tr.note("replay", tr.kmGrant(one, "refresh_token", "refresh_token", r.text("refresh_token")))
	tr.note("after the replay", tr.queue(r2.text("access_token")))
	tr.note("refresh unknown", tr.kmGrant(one, "refresh_token", "refresh_token", "unknown"))
	tr.note("refresh near miss", tr.kmGrant(one, "refresh_token", "refresh_token", changedMiddle(r2.text("refresh_token"))))
	tr.note("refresh nothing", tr.kmGrant(one, "refresh_token"))
	fresh := func() string { return tr.kmGrant(one, "client_credentials").text("refresh_token") }
	tr.note("refresh with access", tr.kmGrant(one, "refresh_token", "refresh_token", tr.kmGrant(one, "client_credentials").text("access_token")))
	tr.note("refresh by another", tr.kmGrant(two, "refresh_token", "refresh_token", fresh()))
	renewed := func() string { return tr.kmGrant(one, "refresh_token", "refresh_token", fresh()).text("refresh_token") }
	tr.note("refresh by another of what was refreshed", tr.kmGrant(two, "refresh_token", "refresh_token", renewed()))
	tr.note("refresh by another of what was refreshed twice", tr.kmGrant(two, "refresh_token", "refresh_token", tr.kmGrant(one, "refresh_token", "refresh_token", renewed()).text("refresh_token")))
	grant("refresh wrong secret", "grant_type", "refresh_token", "client_id", one.ID, "client_secret", "wrong", "refresh_token", fresh())
	grant("refresh secret of another", "grant_type", "refresh_token", "client_id", one.ID, "client_secret", two.Secret, "refresh_token", fresh())
	grant("refresh empty secret", "grant_type", "refresh_token", "client_id", one.ID, "client_secret", "", "refresh_token", fresh())
	grant("refresh unknown client", "grant_type", "refresh_token", "client_id", "nobody", "client_secret", one.Secret, "refresh_token", fresh())
	grant("refresh no secret", "grant_type", "refresh_token", "client_id", one.ID, "refresh_token", fresh())
	grant("refresh no client", "grant_type", "refresh_token", "client_secret", one.Secret, "refresh_token", fresh())
	grant("refresh nothing else", "grant_type", "refresh_token")
	raced := fresh()
	tr.race("refresh race", func(c *tester) got { return c.kmGrant(one, "refresh_token", "refresh_token", raced) })
	tr.note("replay after the race", tr.kmGrant(one, "refresh_token", "refresh_token", raced))
}

func kmQueue(tr *transcript, one Client) {
	p := tr.kmGrant(one, "client_credentials")
	access, refresh := p.text("access_token"), p.text("refresh_token")
	tr.note("queue", tr.queue(access))
	tr.note("queue query", tr.do("GET", "/v2/queue?access_token="+access, ""))
	tr.note("queue query garbage", tr.do("GET", "/v2/queue?access_token=garbage", ""))
	for _, method := range []string{"POST", "PUT"} {
		tr.note("queue header "+method, tr.do(method, "/v2/queue", "", "Authorization", "Bearer "+access))
		tr.note("queue form "+method, tr.do(method, "/v2/queue", "access_token="+access, "Content-Type", "application/x-www-form-urlencoded"))
	}
	tr.note("queue odd body", tr.do("POST", "/v2/queue", "{}", "Content-Type", "application/json", "Authorization", "Bearer "+access))
	tr.note("queue twice", tr.do("GET", "/v2/queue?access_token="+access, "", "Authorization", "Bearer "+access))
	answered := 0 // a client repeats a GET by itself when its connection is gone, but not a PUT with a body
	for range 20 {
		if tr.do("PUT", "/v2/queue", "a=b", "Authorization", "Bearer "+access).err == nil {
			answered++
		}
	}
	tr.say(fmt.Sprintf("of 20 PUT requests %d are answered", answered))
	tr.note("queue none", tr.do("GET", "/v2/queue", ""))
	tr.note("queue garbage", tr.queue("garbage"))
	tr.note("queue malformed", tr.do("GET", "/v2/queue", "", "Authorization", "Bearer"))
	tr.note("queue basic", tr.do("GET", "/v2/queue", "", "Authorization", "Basic "+access))
	tr.note("queue bare", tr.do("GET", "/v2/queue", "", "Authorization", access))
	tr.note("queue refresh token", tr.queue(refresh))
	tr.note("queue near miss", tr.queue(changedMiddle(access)))
}

func kmPages(tr *transcript, one, two Client) {
	page := func(step, start string, approve bool) {
		tr.note(step, talk(tr.t, tr.s).walk(start, approve))
	}
	page("approve", authorizeURL(one), true)
	page("deny", authorizeURL(one, "state", "abc"), false)
	page("popup", authorizeURL(one, "display", "popup"), true)
	page("popup with a state", authorizeURL(one, "display", "popup", "state", "abc"), true)
	for _, state := range []string{"short", "a%2Bb+c&d=e#f g", "a much longer <state> than sixteen characters"} {
		page("state "+state, authorizeURL(one, "state", state), true)
	}
	registered, _ := url.Parse(one.RedirectURI)
	for _, redirect := range []string{
		"https://elsewhere.test/cb", one.RedirectURI + "/more", one.RedirectURI + "?more=1",
		"https://evilexample.com" + registered.Path, "https://www.example.com.evil.test" + registered.Path,
		"https://www.example.com/other", "http://www.example.com" + registered.Path,
		"https://www.example.com:8443" + registered.Path, "https://www.example.com" + strings.ToUpper(registered.Path),
		one.RedirectURI + "/", one.RedirectURI + "#more", two.RedirectURI, one.RedirectURI + "/../other",
		"https://www.example.com:443@evil.test" + registered.Path, `https://evil.test\@www.example.com` + registered.Path,
		`https:\\evil.test\www.example.com` + registered.Path, "http:evil.test" + registered.Path, "//evil.test" + registered.Path,
		"javascript:alert(1)//www.example.com" + registered.Path, "https://evil.test/www.example.com" + registered.Path,
		"https://WWW.example.com:443/." + registered.Path,
	} {
		stranger := one
		stranger.RedirectURI = redirect
		page("redirect "+redirect, authorizeURL(stranger), true)
	}
	page("redirect with a query", authorizeURL(two), true)
	page("unknown client", authorizeURL(Client{ID: "nobody", RedirectURI: one.RedirectURI}), true)
	page("no response type", authorizeURL(one, "response_type", ""), true)
	tr.note("first page", tr.do("GET", authorizeURL(two), ""))
	tr.note("first page for a stranger", talk(tr.t, tr.s).do("GET", authorizeURL(Client{ID: two.ID, RedirectURI: one.RedirectURI}), ""))
	tr.walk(authorizeURL(two), true)
	tr.note("signed in, second time", tr.do("GET", authorizeURL(two), ""))
}

func kmCodes(tr *transcript, one, two Client) {
	p := tr.note("exchange", tr.exchange(one, tr.code(one)))
	tr.note("acts as", tr.queue(p.text("access_token")))
	p = tr.note("refresh of a user's token", tr.kmGrant(one, "refresh_token", "refresh_token", p.text("refresh_token")))
	tr.note("still acts as", tr.queue(p.text("access_token")))
	p = tr.kmGrant(one, "refresh_token", "refresh_token", p.text("refresh_token"))
	tr.note("and after a second refresh", tr.queue(p.text("access_token")))
	code := tr.code(one)
	p = tr.exchange(one, code)
	tr.note("code again", tr.exchange(one, code))
	tr.note("after code reuse", tr.queue(p.text("access_token")))
	raced := tr.code(one)
	tr.race("code race", func(c *tester) got { return c.exchange(one, raced) })
	tr.note("code after the race", tr.exchange(one, raced))

	other := two
	other.RedirectURI = one.RedirectURI
	tr.note("code by another", tr.exchange(other, tr.code(one)))
	code = tr.code(one)
	tr.note("code other redirect", tr.kmGrant(one, "authorization_code", "code", code, "redirect_uri", two.RedirectURI))
	shorter := one.RedirectURI[:len(one.RedirectURI)-1]
	for _, redirect := range []string{one.RedirectURI + "x", shorter, strings.ToUpper(one.RedirectURI), one.RedirectURI + "?a=b"} {
		tr.note("code redirect "+redirect, tr.kmGrant(one, "authorization_code", "code", tr.code(one), "redirect_uri", redirect))
	}
	tr.note("code after a refusal", tr.exchange(one, code))
	tr.note("code no redirect", tr.kmGrant(one, "authorization_code", "code", tr.code(one)))
	wrong := one
	wrong.Secret = "wrong"
	tr.note("code wrong secret", tr.exchange(wrong, tr.code(one)))
	wrong.Secret = two.Secret
	tr.note("code secret of another", tr.exchange(wrong, tr.code(one)))
	wrong.Secret = ""
	tr.note("code empty secret", tr.exchange(wrong, tr.code(one)))
	unknown := one
	unknown.ID = "nobody"
	tr.note("code unknown client", tr.exchange(unknown, tr.code(one)))
	tr.note("code no secret", tr.do("GET", "/v2/token/grant?"+query("grant_type", "authorization_code", "client_id", one.ID,
		"code", tr.code(one), "redirect_uri", one.RedirectURI), ""))
	tr.note("code no client", tr.do("GET", "/v2/token/grant?"+query("grant_type", "authorization_code", "code", tr.code(one), "redirect_uri", one.RedirectURI), ""))
	tr.note("code nothing else", tr.do("GET", "/v2/token/grant?grant_type=authorization_code", ""))
	tr.note("code unknown", tr.exchange(one, "unknown"))
	tr.note("code missing", tr.kmGrant(one, "authorization_code", "redirect_uri", one.RedirectURI))
	for _, after := range []time.Duration{15 * time.Second, 31 * time.Second, time.Minute} {
		code := tr.code(one)
		tr.advance(after)
		tr.note("code after "+after.String(), tr.exchange(one, code))
	}
}

func kmTime(tr *transcript, one Client) {
	p := tr.kmGrant(one, "client_credentials")
	tr.advance(40 * time.Minute)
	tr.note("access after 40 minutes", tr.queue(p.text("access_token")))
	tr.advance(20*time.Minute + 10*time.Second)
	tr.note("access after an hour", tr.queue(p.text("access_token")))
	tr.advance(2 * time.Hour)
	tr.note("access after three hours", tr.queue(p.text("access_token")))
	tr.advance(10 * 24 * time.Hour)
	p = tr.note("refresh after ten days", tr.kmGrant(one, "refresh_token", "refresh_token", p.text("refresh_token")))
	tr.advance(10 * time.Minute)
	tr.note("new access after ten minutes", tr.queue(p.text("access_token")))
	tr.advance(2 * time.Hour)
	tr.note("new access after two hours", tr.queue(p.text("access_token")))
	tr.advance(10 * 24 * time.Hour)
	p = tr.note("refreshed after ten more", tr.kmGrant(one, "refresh_token", "refresh_token", p.text("refresh_token")))
	tr.advance(15 * 24 * time.Hour)
	tr.note("refresh after fifteen days", tr.kmGrant(one, "refresh_token", "refresh_token", p.text("refresh_token")))
	tr.lives(holder{
		issue:   func(string) got { return tr.kmGrant(one, "client_credentials") },
		use:     func(token string) got { return tr.queue(token) },
		refresh: func(token string) got { return tr.kmGrant(one, "refresh_token", "refresh_token", token) },
		note:    tr.note, access: tokenNamed("access_token"), next: tokenNamed("refresh_token"),
	})
}
