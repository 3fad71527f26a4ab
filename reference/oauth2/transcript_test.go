package oauth2

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gonogo/reference/kit"
)

// diary is what a server does, in lines that are the same for every run of a server that behaves the same.
type diary struct {
	*desk
	lines []string
}

var (
	tokenLike = regexp.MustCompile(`[A-Za-z0-9_-]{24,}(\.[A-Za-z0-9_-]*)*`)
	uuidLike  = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	timeLike  = regexp.MustCompile(`"(exp|iat|nbf)":\d{10}\b`)
)

func (d *diary) note(step string, g got) got {
	body := timeLike.ReplaceAllStringFunc(tokenLike.ReplaceAllString(g.body, "<T>"), func(told string) string {
		name, number, _ := strings.Cut(told, ":")
		at, _ := strconv.ParseInt(number, 10, 64)
		return fmt.Sprint(name, ":", time.Unix(at, 0).Sub(d.host.Clock.Now()).Round(time.Minute))
	})
	header := g.header.Clone()
	delete(header, "Date")
	d.lines = append(d.lines, fmt.Sprintf("%s: %d %s %s %s", step, g.status, tokenLike.ReplaceAllString(fmt.Sprint(header), "<T>"), g.extra, body))
	return g
}

// transcript goes through what the quirks are about.
func transcript(t *testing.T, quirks ...string) []string {
	d := &diary{desk: open(t, quirks...)}
	grant := func(step, authorization string, pairs ...string) {
		d.note(step, d.post("/token", authorization, append([]string{"grant_type", "client_credentials"}, pairs...)...))
	}
	for _, who := range []kit.Client{one, two} {
		g := d.note("grant", d.grant(who))
		d.note("use", d.use(g.text("access_token")))
		grant("in the body", "", "client_id", who.ID, "client_secret", who.Secret)
	}
	for _, secret := range []string{"wrong", "", strings.ToUpper(one.Secret), one.Secret[:20], one.Secret + "x", " " + one.Secret, "x" + one.Secret[1:], two.Secret, one.Secret + "\x00x", one.Secret + "é", one.Secret + "😀", strings.Repeat("long", 1200), "constructor"} {
		grant("secret "+secret, basic(one.ID, secret))
		grant("secret in the body "+secret, "", "client_id", one.ID, "client_secret", secret)
	}
	cut, _, _ := strings.Cut(two.Secret, ":")
	grant("to the colon", basic(two.ID, cut))
	grant("another scheme", strings.Replace(as(one), "Basic", "Custom", 1))
	grant("not base64", "Basic ***")
	grant("unknown client", basic("nobody", "x"))
	grant("no client", "")
	grant("no secret", "", "client_id", one.ID)
	grant("two ways", as(one), "client_id", one.ID, "client_secret", one.Secret)
	d.note("query", d.do("POST", "/token?client_id="+one.ID+"&client_secret="+one.Secret, "grant_type=client_credentials", "Content-Type", "application/x-www-form-urlencoded"))
	d.note("GET", d.do("GET", "/token?grant_type=client_credentials", "", "Authorization", as(one)))
	d.note("JSON", d.do("POST", "/token", `{"grant_type":"client_credentials"}`, "Content-Type", "application/json", "Authorization", as(one)))
	for _, scope := range []string{"", "read", "write", "read write", "other"} {
		g := d.note("scope "+scope, d.grant(one, "scope", scope))
		d.note("told of it", d.introspect(two, g.text("access_token")))
		d.note("good for", d.use(g.text("access_token")))
	}
	grant("strange", as(one), "colour", "green")
	grant("twice", as(one), "scope", "read", "scope", "write")
	d.note("no media type", d.do("POST", "/token", "grant_type=client_credentials", "Authorization", as(one)))
	grant("long", as(one), "colour", strings.Repeat("green", 16<<10))
	d.note("bad form", d.do("POST", "/introspect", "%zz=%", "Content-Type", "application/x-www-form-urlencoded", "Authorization", as(one)))
	d.note("bad query", d.do("POST", "/token?a=%zz", "", "Authorization", as(one)))
	for _, wanted := range []string{"", "other"} {
		d.note("grant_type "+wanted, d.post("/token", as(one), "grant_type", wanted))
	}
	inquiries(d)
	uses(d)
	codes(d)
	refreshes(d)
	ends(d)
	return d.lines
}

func inquiries(d *diary) {
	for _, path := range []string{"/revoke", "/introspect"} {
		for step, authorization := range map[string]string{"wrong secret": basic(one.ID, "wrong"), "no client": "", "unknown client": basic("nobody", "x"), "by another": as(two), "right": as(one)} {
			token := d.token(one)
			d.lines = append(d.lines, step)
			d.note(path, d.post(path, authorization, "token", token))
			d.note("then", d.use(token))
			d.note("and", d.introspect(one, token))
		}
		slices.Sort(d.lines) // a map has no order
		d.note(path+" client alone", d.post(path, "", "token", d.token(one), "client_id", one.ID))
		d.note(path+" no token", d.post(path, as(one)))
		d.note(path+" unknown", d.post(path, as(one), "token", "unknown"))
		for _, hint := range []string{"access_token", "refresh_token", "other"} {
			token := d.token(one)
			d.note(path+" hint "+hint, d.post(path, as(one), "token", token, "token_type_hint", hint))
			d.note("then", d.use(token))
		}
	}
}

func uses(d *diary) {
	token := d.token(one)
	for step, header := range map[string]string{"bearer": "bearer " + token, "bare": token, "as Basic": "Basic " + token, "malformed": "Bearer", "garbage": "Bearer garbage", "spaced": "Bearer a b",
		"longer": "Bearer " + token + "x", "shorter": "Bearer " + token[min(1, len(token)):], "prefix": "Bearer " + token[:min(20, len(token))] + strings.Repeat("x", 23), "suffix": "Bearer " + strings.Repeat("x", 23) + token[max(0, len(token)-20):], "other case": "Bearer " + strings.ToUpper(token),
		"client": as(one), "percent": "Bearer %", "asterisk": "Bearer *", "of three parts": "Bearer a.b.c", "unsigned": "Bearer " + changed(token, 2), "other key": "Bearer " + changed(token, 0), "cut": "Bearer " + token[:max(0, len(token)-8)]} {
		d.lines = append(d.lines, fmt.Sprint(step, d.note(step, d.do("GET", "/resource", "", "Authorization", header)).status))
	}
	slices.Sort(d.lines)
	d.note("in the query", d.do("GET", "/resource?access_token="+token, ""))
	d.note("in two places", d.do("GET", "/resource?access_token="+token, "", "Authorization", "Bearer "+token))
	for _, header := range []string{"X-Forwarded-For", "X-Forwarded-User", "Cookie", "X-HTTP-Method-Override", "Accept-Encoding", "X-Nothing"} {
		d.note(header, d.do("GET", "/resource", "", header, map[string]string{"X-Forwarded-For": "127.0.0.1", "Cookie": "session=x", "X-HTTP-Method-Override": "OPTIONS", "Accept-Encoding": "gzip"}[header]))
	}
	d.note("named", d.do("GET", "/resource", "", "X-Forwarded-User", "ada"))
	for _, path := range []string{"/resource/", "//resource", "/RESOURCE", "/./resource", "/%72esource", "/resource;a=b", "/nowhere"} {
		d.note(path, d.do("GET", path, ""))
	}
	for _, method := range []string{"HEAD", "DELETE"} {
		d.note(method, d.do(method, "/resource", ""))
	}
	for range 20 {
		d.note("again", d.use(token))
	}
	g := d.grant(one)
	if cookie, _, _ := strings.Cut(g.header.Get("Set-Cookie"), ";"); cookie != "" {
		d.note("cookie", d.do("GET", "/resource", "", "Cookie", cookie))
	}
	seen, before := map[string]bool{}, strings.Repeat("-", 30)
	for range 18 {
		own := d.token(one)
		alike := !strings.Contains(own, ".") && strings.HasPrefix(own, before[:min(30, len(before))])
		d.note(fmt.Sprint("new: ", !seen[own], " ", alike, " ", entropy(own)), d.use(own))
		seen[own], before = true, own
	}
	d.note("first", d.use(token))
}

// changed gives a token of three parts another part: 0 its header, 2 its signature.
func changed(token string, part int) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "a.b.c"
	}
	parts[part] = map[int]string{0: "eyJhbGciOiJIUzI1NiIsImtpZCI6ImsxIn0", 2: ""}[part]
	return strings.Join(parts, ".")
}

// entropy is the kind of letters that a token is made of.
func entropy(token string) string {
	return fmt.Sprint(len(token), strings.HasPrefix(token, "tk00"), strings.Trim(token, "0123456789") == "", strings.Count(token, "."), uuidLike.MatchString(token), strings.ToLower(token) == token)
}

func ends(d *diary) {
	revoked, kept := d.token(one), d.token(one)
	d.revoke(one, revoked)
	d.advance(6 * time.Minute)
	d.note("revoked six minutes ago", d.use(revoked))
	for range 3 {
		d.advance(15 * time.Minute)
		d.note("every fifteen minutes", d.use(kept))
	}
	untouched := d.token(one)
	d.advance(35 * time.Minute)
	later := d.token(one)
	d.note("after 35 minutes", d.use(untouched))
	for _, step := range []time.Duration{25*time.Minute + 30*time.Second, time.Minute, time.Hour, 3 * time.Hour} {
		d.advance(step)
		d.note("later by "+step.String(), d.use(untouched))
		d.note("and the younger one", d.use(later))
		d.note("told", d.introspect(one, untouched))
	}
	d.grant(one)
	d.note("after a new grant", d.use(later))
	g := d.granted(one)
	d.advance(refreshLife - time.Hour)
	g = d.refresh(one, g.text("refresh_token"))
	d.advance(2 * time.Hour)
	d.note("two weeks after a grant", d.refresh(one, g.text("refresh_token")))
}

// TestEachLibertyIsSeen: every liberty changes something that a client can see, and the clean server does the same thing
// twice. Of defects gonogo prove shows more.
func TestEachLibertyIsSeen(t *testing.T) {
	clean := transcript(t)
	if again := transcript(t); !slices.Equal(clean, again) {
		t.Fatalf("two clean servers differ:\n%s", cmp.Diff(clean, again))
	}
	for _, q := range Dialect.Quirks {
		if q.Defect || q.ID == "oauth2-drops-idle" { // there are no connections here
			continue
		}
		t.Run(q.ID, func(t *testing.T) {
			d := cmp.Diff(clean, transcript(t, q.ID))
			if d == "" {
				t.Error("no client can see it: " + q.Text)
			}
			t.Log(q.Requirement, q.Text, "\n", d)
		})
	}
}
