package scene

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// tokenLike is what may be a token in the value of a header: characters of base64, hex and JWTs in a row (RFC 6750 section 2.1).
var tokenLike = regexp.MustCompile(`[A-Za-z0-9._~+/-]{16,}=*`)

// said are headers whose long values are known to be something else.
var said = []string{"Date", "Etag", "Last-Modified", "Expires", "Content-Type", "Content-Security-Policy", "Strict-Transport-Security", "Server", "Vary", "Alt-Svc"}

// maxTried is how many values of one answer are tried.
const maxTried = 4

// NothingInHeaders wants no header of a refusal to hold what gives access: what looks like a token is tried as one, and a cookie as a
// client would send it back.
func (t *Trial) NothingInHeaders(reply *client.Reply) {
	use := t.First(specs.RoleUse)
	sent := RequestText(reply.Exchange)
	for _, cookie := range (&http.Response{Header: reply.Header}).Cookies() {
		if use == nil || cookie.Value == "" || cookie.MaxAge < 0 {
			continue
		}
		back := map[string]string{"Cookie": cookie.Name + "=" + cookie.Value}
		if opened := t.Call(use, operation.Args{NoAuth: true, Header: back}, "with the cookie of a refusal"); opened.Succeeded() {
			t.Found(reply, "a refusal (4xx), without access", reply.Got()+", and its cookie "+cookie.Name+" opens "+use.Name())
		}
	}
	for _, found := range inHeaders(reply.Header) {
		if strings.Contains(sent, found.value) {
			continue // an echo
		}
		t.Secret("found", found.value)
		const doing = "with what a header of a refusal carried"
		if use != nil && t.Use(use, found.value, doing).Succeeded() {
			t.Found(reply, "a refusal (4xx), without a token", reply.Got()+", and what stands in "+found.name+" works as access token")
		} else if t.First(specs.RoleRefresh) != nil && t.RefreshWith("", found.value, doing).Succeeded() {
			t.Found(reply, "a refusal (4xx), without a token", reply.Got()+", and what stands in "+found.name+" works as refresh token")
		}
	}
}

type inHeader struct{ name, value string }

// inHeaders are the values that look like tokens, in the order of the headers' names.
func inHeaders(header http.Header) []inHeader {
	var found []inHeader
	var names []string
	for name := range header {
		if !slices.Contains(said, http.CanonicalHeaderKey(name)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range header.Values(name) {
			for _, text := range tokenLike.FindAllString(withoutNames(value), -1) {
				if strings.ContainsAny(text, "0123456789") && len(found) < maxTried {
					found = append(found, inHeader{name, text})
				}
			}
		}
	}
	return found
}

// withoutNames puts a space where a name ends and its value begins, in a cookie, a parameter or a URL.
func withoutNames(value string) string {
	return strings.NewReplacer("=", " ", "?", " ", "&", " ", "://", " ").Replace(strings.TrimRight(value, "="))
}
