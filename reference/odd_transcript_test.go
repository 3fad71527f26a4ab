package reference

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

// oddTexts are JSON values for a text that nobody expects, made from the right one.
func oddTexts(right string) map[string]string {
	quoted := func(text string) string {
		b, _ := json.Marshal(text)
		return string(b)
	}
	return map[string]string{
		"NUL":             quoted(right + "\x00x"),
		"letters":         quoted(right + "é鍵"),
		"4-byte letters":  quoted(right + "😀"),
		"long":            quoted(right + strings.Repeat("0123456789abcdef", 300)),
		"half a letter":   `"\ud800"`,
		"member name":     `"constructor"`,
		"nested too deep": strings.Repeat("[", 1000) + strings.Repeat("]", 1000),
	}
}

// oddJSON sends what nobody expects to where tokens are issued, for a JSON body of a name and a secret.
func (tr *transcript) oddJSON(note func(string, got) got, post func(body string) got, names [2]string, name, secret string, more string) {
	for _, what := range []string{"NUL", "letters", "4-byte letters", "long", "half a letter", "member name", "nested too deep"} {
		note("odd name: "+what, post(fmt.Sprintf(`{%q:%s,%q:%q%s}`, names[0], oddTexts(name)[what], names[1], secret, more)))
		note("odd secret: "+what, post(fmt.Sprintf(`{%q:%q,%q:%s%s}`, names[0], name, names[1], oddTexts(secret)[what], more)))
	}
	note("twice", post(fmt.Sprintf(`{%q:"nobody",%q:%q,%q:%q%s}`, names[0], names[0], name, names[1], secret, more)))
}

func kmOdd(tr *transcript, one, two Client) {
	grant := func(step, raw string, pairs ...string) {
		tr.note("odd: "+step, tr.do("GET", "/v2/token/grant?"+query(pairs...)+raw, ""))
	}
	for _, more := range []string{"\x00x", "é鍵", "😀", strings.Repeat("0123456789abcdef", 300)} {
		grant("name and "+more, "", "grant_type", "client_credentials", "client_id", one.ID+more, "client_secret", one.Secret)
	}
	grant("member name", "", "grant_type", "client_credentials", "client_id", "constructor", "client_secret", one.Secret)
	grant("twice", "&client_id=nobody", "grant_type", "client_credentials", "client_id", one.ID, "client_secret", one.Secret)
	for _, grantType := range []string{"client_credentials", "authorization_code", "refresh_token"} {
		grant("array for "+grantType, "", "grant_type", grantType, "client_id", one.ID, "client_secret[]", "wrong", "code", tr.code(one),
			"redirect_uri", one.RedirectURI, "refresh_token", tr.kmGrant(one, "client_credentials").text("refresh_token"))
	}
	tr.note("odd: spaced token", tr.queue("a b"))
	tr.note("odd: garbage in two places", tr.do("GET", "/v2/queue?access_token=a", "", "Authorization", "Bearer b"))
	for _, lacking := range []string{"client_id", "redirect_uri", "response_type"} {
		tr.note("odd: consent without "+lacking, talk(tr.t, tr.s).walk(authorizeURL(one, lacking, ""), true))
	}
}

// paths asks for a protected path in other spellings.
func (tr *transcript) paths(note func(string, got) got, method, path, body string) {
	last := strings.LastIndex(path, "/")
	for _, spelt := range []string{
		path + "/", "/" + path, path[:last] + "/" + path[last:], strings.ToUpper(path), path[:last+1] + fmt.Sprintf("%%%02X", path[last+1]) + path[last+2:],
		"/." + path, path + ";a=b", path + "-nowhere",
	} {
		note("path "+spelt, tr.do(method, tr.s.URL()+spelt, body, "Content-Type", "application/json"))
	}
	for _, pattern := range []string{"%", "*"} {
		note("token "+pattern, tr.do(method, tr.s.URL()+path, body, "Content-Type", "application/json", "Authorization", "Bearer "+pattern))
	}
	tr.methods(note, path)
}

// methods asks with methods that a path does not have, and in those that it may.
func (tr *transcript) methods(note func(string, got) got, path string) {
	for _, method := range []string{"HEAD", "DELETE"} {
		note(method, tr.do(method, path, ""))
	}
}

// bodies sends a good body without a media type, and one that is longer than anybody writes.
func (tr *transcript) bodies(note func(string, got) got, path, body string, header ...string) {
	note("untyped body", tr.do("POST", path, body, header...))
	note("long body", tr.do("POST", path, body+strings.Repeat(" ", 100<<10), append(header, "Content-Type", "application/json")...))
}

// coding asks for gzip, for an answer and for a refusal.
func (tr *transcript) coding(answer func(header ...string) got) {
	for _, accepted := range []string{"gzip", "identity"} {
		g := answer("Accept-Encoding", accepted)
		tr.say(fmt.Sprintf("asked for %s: %q, looks like it: %v", accepted, g.header.Get("Content-Encoding"), strings.HasPrefix(g.body, "\x1f\x8b")))
		if r, err := gzip.NewReader(strings.NewReader(g.body)); err == nil {
			_, err = io.ReadAll(r)
			tr.say(fmt.Sprint("read to its end: ", err))
		}
	}
}

// headers names the headers of a refusal that can carry a session.
func (tr *transcript) headers(g got) {
	for _, name := range []string{"Set-Cookie", "X-Session-Token", "X-Request-Id"} {
		if g.header.Get(name) != "" {
			tr.say("refused with " + name)
		}
	}
}

// kmSlow has a human take a while between the page and the approval, and the client another until the exchange.
func kmSlow(tr *transcript, one Client) {
	for _, pause := range []time.Duration{20 * time.Second, 2 * time.Minute} {
		human := talk(tr.t, tr.s)
		g := human.do("GET", human.www(authorizeURL(one)), "")
		for range 4 {
			action, values, found := fill(g.body, tr.s.Accounts().Users[0], true)
			if !found {
				break
			}
			if !values.Has("password") {
				tr.advance(pause)
			}
			g = human.do("POST", human.www(action), values.Encode(), "Content-Type", "application/x-www-form-urlencoded")
			if location := g.header.Get("Location"); strings.HasPrefix(location, "/") {
				g = human.do("GET", human.www(location), "")
			}
		}
		tr.note("approved after "+pause.String(), g)
		tr.advance(15 * time.Second)
		back, _ := url.Parse(g.header.Get("Location"))
		if back != nil {
			tr.note("and exchanged", tr.exchange(one, back.Query().Get("code")))
		}
	}
}
