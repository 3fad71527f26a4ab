package oauth2

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"gonogo/reference/kit"
)

// codes goes through what the quirks of authorizations and codes are about.
func codes(d *diary) {
	for _, path := range []string{metadataPath, openIDPath, keysPath} {
		d.note(path, d.do("GET", path, ""))
	}
	d.note("page", d.do("GET", "/oauth2/authorize?response_type=code&client_id="+one.ID, ""))
	for _, decision := range []string{"approve", "deny"} {
		for _, who := range []kit.Client{one, two} {
			d.note(decision, d.consent(who, decision, "state", `a+b%20c&<"d">é and on and on`))
		}
	}
	asked := map[string][]string{
		"no type": {"response_type", ""}, "token": {"response_type", "token"}, "strange": {"colour", "green"}, "no scope": {"scope", " "}, "other redirect": {"redirect_uri", "https://evil.example.com/"},
		"longer": {"redirect_uri", one.RedirectURI + "/more"}, "query": {"redirect_uri", one.RedirectURI + "?a=b"}, "host in capitals": {"redirect_uri", strings.Replace(one.RedirectURI, "larch", "LARCH", 1)},
		"plain": {"code_challenge", verifier, "code_challenge_method", "plain"}, "no method": {"code_challenge", verifier}, "unknown client": {"client_id", "nobody"}, "none": {},
	}
	for _, step := range slices.Sorted(maps.Keys(asked)) {
		d.note("authorize: "+step, d.consent(one, "approve", asked[step]...))
	}
	d.note("no challenge", d.consent(public, "approve"))
	for _, who := range []kit.Client{one, public} {
		proof := []string{"redirect_uri", who.RedirectURI}
		for _, sent := range []string{verifier, "", "wrong" + verifier, s256(verifier), strings.ToUpper(verifier)} {
			code := d.code(who, "code_challenge", s256(verifier), "code_challenge_method", "S256")
			d.note("verifier", d.exchange(who, code, append(proof, "code_verifier", sent)...))
		}
		g := d.note("granted", d.granted(who))
		d.note("use", d.use(g.text("access_token")))
		d.note("as an access token", d.use(g.text("refresh_token")))
		d.note("told", d.introspect(one, g.text("refresh_token")))
		d.forge(g.text("access_token"))
	}
	d.note("short verifier", d.exchange(one, d.code(one, "code_challenge", s256("short"), "code_challenge_method", "S256"), "redirect_uri", one.RedirectURI, "code_verifier", "short"))
	d.note("verifier alone", d.exchange(one, d.code(one), "redirect_uri", one.RedirectURI, "code_verifier", verifier))
	for _, redirect := range []string{"", two.RedirectURI, one.RedirectURI + "x"} {
		d.note("redirect "+redirect, d.exchange(one, d.code(one), "redirect_uri", redirect))
	}
	d.note("another client", d.exchange(two, d.code(one), "redirect_uri", one.RedirectURI))
	d.note("public client", d.exchange(public, d.code(one), "redirect_uri", one.RedirectURI))
	wrong := one
	wrong.Secret = "wrong"
	d.note("wrong secret", d.exchange(wrong, d.code(one), "redirect_uri", one.RedirectURI))
	d.note("no client", d.post("/token", "", "grant_type", "authorization_code", "code", d.code(one), "redirect_uri", one.RedirectURI))
	d.note("unknown", d.exchange(one, "unknown"))
	d.note("password", d.post("/token", as(one), "grant_type", "password", "username", human.Username, "password", human.Password))
	code := d.code(one)
	first := d.note("first", d.exchange(one, code, "redirect_uri", one.RedirectURI))
	d.note("again", d.exchange(one, code, "redirect_uri", one.RedirectURI))
	d.note("its token", d.use(first.text("access_token")))
	d.note("its refresh token", d.refresh(one, first.text("refresh_token")))
	for _, age := range []time.Duration{20 * time.Second, 50 * time.Second, 9 * time.Minute, 12 * time.Minute, time.Hour} {
		d.note("used a while ago", d.exchange(one, code, "redirect_uri", one.RedirectURI))
		old := d.code(one)
		d.advance(age)
		d.note("old by "+age.String(), d.exchange(one, old, "redirect_uri", one.RedirectURI))
	}
}

// forge changes what a JWT says, and how it is signed.
func (d *diary) forge(token string) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return
	}
	header, _ := base64.RawURLEncoding.DecodeString(parts[0])
	d.lines = append(d.lines, string(header))
	_, said := takeApart(token)
	for _, name := range []string{"iss", "aud", "sub", "client_id", "iat", "exp", "jti", "roles"} {
		_, there := said[name]
		d.lines = append(d.lines, fmt.Sprint(name, there, fmt.Sprintf("%T", said[name])))
	}
	d.lines = append(d.lines, fmt.Sprint(said["iss"], said["aud"]))
	issued, _ := said["iat"].(float64)
	d.lines = append(d.lines, fmt.Sprint("milliseconds: ", issued > 1e12))
	for _, header := range []string{`{"alg":"none","typ":"at+jwt"}`, `{"alg":"ES256","typ":"at+jwt"}`, `{"alg":"HS256","typ":"at+jwt"}`, `{"alg":"ES256","jwk":{"kty":"EC"}}`} {
		d.note("forged", d.use(base64.RawURLEncoding.EncodeToString([]byte(header))+"."+parts[1]+"."+parts[2][:min(40, len(parts[2]))]+"AAAA"))
	}
}

// refreshes goes through what the quirks of refresh tokens are about.
func refreshes(d *diary) {
	for _, who := range []kit.Client{one, public} {
		g := d.granted(who)
		d.note("by another", d.refresh(two, g.text("refresh_token")))
		d.note("by the public one", d.refresh(public, d.granted(one).text("refresh_token")))
		second := d.note("refresh", d.refresh(who, g.text("refresh_token")))
		d.note("use", d.use(second.text("access_token")))
		d.note("the former one", d.use(g.text("access_token")))
		d.note("the new one by another", d.refresh(two, second.text("refresh_token")))
		third := d.note("less", d.refresh(who, second.text("refresh_token"), "scope", "write"))
		fourth := d.note("less again", d.refresh(who, third.text("refresh_token"), "scope", "read"))
		d.note("told of the third", d.introspect(one, third.text("refresh_token")))
		d.note("whole again", d.refresh(who, fourth.text("refresh_token")))
		d.note("replay", d.refresh(who, g.text("refresh_token")))
		d.note("after it", d.use(fourth.text("access_token")))
		d.note("and its refresh token", d.refresh(who, fourth.text("refresh_token")))
		revoked := d.granted(who)
		renewed := d.refresh(who, revoked.text("refresh_token"))
		d.note("revoke", d.post("/revoke", "", "client_id", who.ID, "client_secret", who.Secret, "token", renewed.text("refresh_token")))
		d.note("revoked", d.refresh(who, renewed.text("refresh_token")))
		d.note("its access token", d.use(renewed.text("access_token")))
		d.note("the access token before", d.use(revoked.text("access_token")))
	}
	narrow := d.exchange(one, d.code(one, "scope", "write"), "redirect_uri", one.RedirectURI)
	d.note("more", d.refresh(one, narrow.text("refresh_token"), "scope", "read write"))
	d.note("nothing said", d.refresh(one, narrow.text("refresh_token")))
	for _, by := range []kit.Client{one, two} {
		g := d.granted(one)
		d.note("revoke", d.revoke(by, g.text("refresh_token")))
		d.note("then", d.refresh(one, g.text("refresh_token")))
		d.note("and", d.use(g.text("access_token")))
		g = d.granted(one)
		d.note("revoke", d.revoke(by, g.text("access_token")))
		d.note("then", d.refresh(one, g.text("refresh_token")))
	}
	g := d.granted(one)
	wrong := one
	wrong.Secret = "wrong"
	d.note("wrong secret", d.refresh(wrong, g.text("refresh_token")))
	d.note("no client", d.post("/token", "", "grant_type", "refresh_token", "refresh_token", g.text("refresh_token")))
	d.note("unknown", d.refresh(one, "unknown"))
	d.note("an access token", d.refresh(one, g.text("access_token")))
	for range 7 {
		d.note("a new one", d.refresh(one, d.granted(one).text("refresh_token")))
	}
	d.note("strange code", d.exchange(one, url.QueryEscape("a b")))
}
