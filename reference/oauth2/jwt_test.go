package oauth2

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func TestSignedTokens(t *testing.T) { // RFC 9068 2, 4
	for _, quirk := range []string{"oauth2-jwt", "oauth2-jwt-rs256", "oauth2-jwt-says-more"} {
		d := open(t, quirk)
		d.want("keys", d.do("GET", strings.TrimPrefix(d.do("GET", metadataPath, "").text("jwks_uri"), d.host.API), ""), 200)
		g := d.granted(one)
		token := g.text("access_token")
		header, said := takeApart(token)
		if !isAccess(header["typ"]) || header["alg"] == "none" || header["kid"] == nil {
			t.Errorf("%s: the header is %v", quirk, header)
		}
		for name, want := range map[string]any{"iss": d.host.API, "sub": human.Username, "client_id": one.ID, "scope": "read write"} {
			if said[name] != want {
				t.Errorf("%s: %s is %v, want %v", quirk, name, said[name], want)
			}
		}
		issued, _ := said["iat"].(float64)
		ends, _ := said["exp"].(float64)
		if said["jti"] == "" || said["aud"] == nil || time.Duration(ends-issued)*time.Second != accessLife || time.Unix(int64(issued), 0).Sub(d.host.Clock.Now()).Abs() > time.Minute {
			t.Errorf("%s: it says %v", quirk, said)
		}
		d.want("use", d.use(token), 200)
		d.want("told", d.introspect(two, token), 200, "sub", human.Username)
		d.want("the client's own", d.use(d.token(two)), 200)
		d.want("a refreshed one", d.use(d.refresh(one, g.text("refresh_token")).text("access_token")), 200)

		parts := strings.Split(token, ".")
		encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
		for what, forged := range map[string]string{
			"alg none":               encode(`{"alg":"none","typ":"at+jwt"}`) + "." + parts[1] + ".",
			"its signature missing":  parts[0] + "." + parts[1] + ".",
			"what it says changed":   parts[0] + "." + encode(`{"jti":"`+said["jti"].(string)+`"}`) + "." + parts[2],
			"what the store keeps":   statement + said["jti"].(string),
			"what names it":          said["jti"].(string),
			"signed by another algo": encode(`{"alg":"HS256","typ":"at+jwt"}`) + "." + parts[1] + "." + parts[2],
		} {
			d.want(what, d.use(forged), 401)
		}
		d.want("revoke", d.revoke(one, token), 200)
		d.want("revoked", d.use(token), 401)
		old := d.token(one)
		d.advance(accessLife + time.Second)
		d.want("ended", d.use(old), 401)
	}
}

// TestSignedForOthers: what this server signed, but not for its resource, is refused there (RFC 9068 4).
func TestSignedForOthers(t *testing.T) {
	d := open(t, "oauth2-jwt")
	_, said := takeApart(d.token(one))
	for what, change := range map[string]func(jwt.MapClaims, map[string]any){
		"as it is":         func(jwt.MapClaims, map[string]any) {},
		"another issuer":   func(c jwt.MapClaims, _ map[string]any) { c["iss"] = "https://accounts.example.com" },
		"another audience": func(c jwt.MapClaims, _ map[string]any) { c["aud"] = "https://ledger.example.com" },
		"no end":           func(c jwt.MapClaims, _ map[string]any) { delete(c, "exp") },
		"an ID token":      func(_ jwt.MapClaims, h map[string]any) { h["typ"] = "JWT" },
	} {
		claims := jwt.MapClaims{}
		for name, value := range said {
			claims[name] = value
		}
		token := &jwt.Token{Header: map[string]any{"alg": "ES256", "typ": "at+jwt"}, Claims: claims, Method: jwt.SigningMethodES256}
		change(claims, token.Header)
		private, _ := curve()
		text, err := token.SignedString(private)
		if err != nil {
			t.Fatal(err)
		}
		d.want(what, d.use(text), map[bool]int{true: 200, false: 401}[what == "as it is"])
	}
}
