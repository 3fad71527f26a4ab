package consent

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
)

// returns are the places where a walk comes back to the client; nobody fetches them.
type returns struct {
	uris      []redirectURI
	authorize *url.URL
}

type redirectURI struct {
	given string
	at    *url.URL
}

func newReturns(r Request) (returns, error) {
	back := returns{authorize: r.Authorize}
	for _, given := range append([]string{r.RedirectURI}, r.Also...) {
		if given == "" {
			continue
		}
		at, err := parseReference(nil, given)
		if err == nil && at.Scheme == "" && at.Host != "" { // as a browser reads it on the page that sends it there
			at, err = parseReference(r.Authorize, given)
		}
		if err != nil || at.Scheme == "" {
			return back, fmt.Errorf("redirect URI %q is not an absolute URI", given)
		}
		back.uris = append(back.uris, redirectURI{given, at})
	}
	return back, nil
}

// match finds the redirect URI at which u arrives. Scheme, host and path decide: a server that forgets the query of
// the redirect URI still arrives there, and must still not fetch it. Among several the one whose query u begins
// with wins, the longest first.
func (back returns) match(u *url.URL) (given string, ok bool) {
	best := -1
	for _, r := range back.uris {
		if !samePlace(r.at, u) {
			continue
		}
		score := 0
		if q := r.at.RawQuery; q != "" && (u.RawQuery == q || strings.HasPrefix(u.RawQuery, q+"&")) {
			score = len(q)
		}
		if score > best {
			given, best = r.given, score
		}
	}
	return given, best >= 0
}

func (back returns) has(u *url.URL) bool {
	_, ok := back.match(u)
	return ok
}

// fetches reports whether u is of the target's pages, and not where a browser leaves for the client, at a redirect URI
// or beside one. A host that also serves the pages is no client's: on loopback both often share one.
func (back returns) fetches(u *url.URL) bool {
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || back.has(u) {
		return false
	}
	return hostPort(u) == hostPort(back.authorize) || !slices.ContainsFunc(back.uris, func(r redirectURI) bool { return hostPort(r.at) == hostPort(u) })
}

func samePlace(a, b *url.URL) bool {
	if a.Scheme != b.Scheme || a.Opaque != b.Opaque || hostPort(a) != hostPort(b) {
		return false
	}
	return cleanPath(a) == cleanPath(b)
}

// cleanPath is the path as a server sees it: escapes of ordinary letters and dot segments do not make another
// place, a trailing slash does.
func cleanPath(u *url.URL) string {
	if u.Path == "" || u.Path == "/" {
		return "/"
	}
	clean := path.Clean(u.Path)
	if clean != "/" && (strings.HasSuffix(u.Path, "/") || strings.HasSuffix(u.Path, "/.") || strings.HasSuffix(u.Path, "/..")) {
		clean += "/"
	}
	return clean
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		switch u.Scheme {
		case "http":
			port = "80"
		case "https":
			port = "443"
		}
	}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".") + ":" + port
}

// parseReference reads a URL reference the way browsers do where that matters for where it leads: surrounding
// space goes, tabs and newlines inside too, a backslash before the query is a slash, and a host need not have two slashes before it.
func parseReference(base *url.URL, ref string) (*url.URL, error) {
	ref = strings.Trim(ref, " \t\r\n\f")
	ref = noBreaks.Replace(ref)
	if end := strings.IndexAny(ref, "?#"); end < 0 {
		ref = slashes(ref)
	} else {
		ref = slashes(ref[:end]) + ref[end:]
	}
	u, err := url.Parse(withAuthority(base, mended(ref)))
	if err != nil {
		return nil, err
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	u.Scheme = strings.ToLower(u.Scheme)
	return u, nil
}

var noBreaks = strings.NewReplacer("\t", "", "\r", "", "\n", "")

// mended escapes percent signs of the path and fragment that escape nothing: browsers take them for what they are, net/url for
// the end of it. Those of the query it leaves as they are.
func mended(ref string) string {
	fragment, query := strings.IndexByte(ref, '#'), strings.IndexByte(ref, '?')
	if fragment < 0 {
		fragment = len(ref)
	}
	if query < 0 || query > fragment {
		query = fragment
	}
	return strayPercent(ref[:query]) + ref[query:fragment] + strayPercent(ref[fragment:])
}

func strayPercent(s string) string {
	var out strings.Builder
	for i, c := range []byte(s) {
		if out.WriteByte(c); c == '%' && (i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2])) {
			out.WriteString("25")
		}
	}
	return out.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func slashes(s string) string {
	if scheme, _, ok := strings.Cut(s, ":"); ok && !strings.ContainsAny(scheme, `/\`) && !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return s
	}
	return strings.ReplaceAll(s, `\`, "/")
}

// withAuthority writes two slashes after http: and https:, however many there are, as browsers do (URL Standard, special authority
// slashes state). Without any it is a path where the page has the same scheme.
func withAuthority(base *url.URL, ref string) string {
	scheme, rest, ok := strings.Cut(ref, ":")
	if !ok || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return ref
	}
	if base != nil && strings.EqualFold(base.Scheme, scheme) && !strings.HasPrefix(rest, "//") {
		return rest
	}
	if host := strings.TrimLeft(rest, "/"); host != "" {
		return scheme + "://" + host
	}
	return ref
}

// place is a URL without its query and fragment, for people.
func place(u *url.URL) string {
	bare := *u
	bare.RawQuery, bare.Fragment, bare.RawFragment, bare.User, bare.ForceQuery = "", "", "", nil, false
	return bare.String()
}

// parameters reads what a redirect carries, leniently: a pair that does not decode is kept as it stands, and a
// semicolon is a letter like any other.
func parameters(raw string) url.Values {
	values := url.Values{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, value = unescape(name), unescape(value)
		values[name] = append(values[name], value)
	}
	return values
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// deliver fills in a Result for an arrival at u; form is what a POST carried there, nil for a GET.
func (back returns) deliver(res *Result, u *url.URL, form url.Values) bool {
	given, ok := back.match(u)
	if ok {
		res.Redirect, res.Matched, res.Page = u, given, ""
		res.Delivery, res.Params = carried(u, form)
	}
	return ok
}

// carried is what u brings, and how. A 307 repeats the page's own form at the redirect URI: what counts is then still
// the query.
func carried(u *url.URL, form url.Values) (delivery string, params url.Values) {
	switch {
	case carriesAnswer(u.RawQuery):
	case carriesAnswer(u.EscapedFragment()):
		return InFragment, parameters(u.EscapedFragment())
	case form != nil:
		return InFormPost, form
	}
	return InQuery, parameters(u.RawQuery)
}

// carriesAnswer reports whether these parameters are an authorization response (RFC 6749 4.1.2, 4.2.2) rather
// than the redirect URI's own.
func carriesAnswer(raw string) bool {
	p := parameters(raw)
	return p.Has("code") || p.Has("error") || p.Has("access_token") || p.Has("state")
}
