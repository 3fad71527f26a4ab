package flows

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"gonogo/internal/operation"
	"gonogo/suites/scene"
)

// foreignHost is a name that nobody can register (RFC 6761 section 6.4), so an unsafe redirect leads nowhere.
const foreignHost = "gonogo.invalid"

// variation is a redirect URI that is not the registered one, made from it: the target file is all that is known
// of what is registered.
type variation struct {
	name, title string
	make        func(t *scene.Trial, u *url.URL) // changes the registered URI
}

// registered is a role's registered redirect URI.
func registered(t *scene.Trial, role string) *url.URL {
	written := t.RedirectURI(role)
	if written == "" { // whatever would be sent in its place is another's
		t.NotExercised("the target file gives no redirect URI of %s", role)
	}
	u, err := url.Parse(written)
	if err != nil {
		t.CouldNotRun("credentials.%s has a redirect URI that is no URL", role)
	}
	return u
}

// of is the variation of the primary client's registered redirect URI.
func (v variation) of(t *scene.Trial) string {
	u := registered(t, operation.Primary)
	v.make(t, u)
	return u.String()
}

// to is a change that every URI allows.
func to(change func(u *url.URL)) func(*scene.Trial, *url.URL) {
	return func(_ *scene.Trial, u *url.URL) { change(u) }
}

// elsewhere are the variations that no registration covers, whole or in parts (RFC 6749 section 3.1.2.3): scheme,
// authority or path is another, or there is a fragment, which no redirect URI has (section 3.1.2).
var elsewhere = []variation{
	{"other-host", "on another host", to(func(u *url.URL) { u.Host = foreignHost })},
	{"host-suffix", "on a host that begins like the registered one", to(func(u *url.URL) { u.Host = u.Hostname() + "." + foreignHost })},
	{"host-prefix", "on a host that ends like the registered one", to(func(u *url.URL) { u.Host = "gonogo-" + u.Host })},
	{"userinfo", "that shows the registered host as a user name", to(func(u *url.URL) { u.User, u.Host = url.User(u.Hostname()), foreignHost })},
	{"other-port", "on another port", otherPort},
	{"other-path", "with another path on the registered host", to(func(u *url.URL) { u.Path, u.RawPath = "/gonogo/elsewhere", "" })},
	{"longer-path", "with a path that begins like the registered one", to(func(u *url.URL) { u.Path, u.RawPath = u.Path+"x", "" })},
	{"sub-path", "with a path below the registered one", to(func(u *url.URL) { u.Path, u.RawPath = strings.TrimSuffix(u.Path, "/")+"/gonogo", "" })},
	{"trailing-slash", "that differs by a slash at the end of the path", otherSlash},
	{"other-case-path", "with the path in the other case", otherCasePath},
	{"fragment", "with a fragment", to(func(u *url.URL) { u.Fragment, u.RawFragment = "gonogo", "" })},
	{"other-scheme", "with another scheme", to(otherScheme)},
}

// spelling is a kind of redirect URIs that a browser reads in another way than who compares texts, made from the registered one.
type spelling struct {
	name, title string
	make        func(u *url.URL) []string
}

// of are the spellings of the primary client's registered redirect URI.
func (s spelling) of(t *scene.Trial) []string {
	others := s.make(registered(t, operation.Primary))
	if len(others) == 0 {
		t.NotApplicable("the registered redirect URI cannot be spelt like that")
	}
	return others
}

// spellings lead to another host or path than the registered one, or run as a script.
var spellings = []spelling{
	{"userinfo-port", "that shows the registered host and port as a user's name and password", func(u *url.URL) []string {
		return []string{u.Scheme + "://" + withPort(u) + "@" + foreignHost + rest(u)}
	}},
	{"backslashes", "with backslashes", func(u *url.URL) []string {
		return []string{
			u.Scheme + "://" + foreignHost + `\@` + u.Host + rest(u),
			u.Scheme + `:\\` + foreignHost + `\` + u.Host + rest(u),
		}
	}},
	{"no-slashes", "without the slashes before the host", func(u *url.URL) []string {
		return []string{"http:" + foreignHost + rest(u), "https:" + foreignHost + rest(u), "https:///" + foreignHost + rest(u)}
	}},
	{"scheme-relative", "without a scheme", func(u *url.URL) []string { return []string{"//" + foreignHost + rest(u)} }},
	{"opaque", "that is no http or https URL", func(u *url.URL) []string {
		return []string{"javascript:alert(1)//" + u.Host + rest(u), "data:text/html,gonogo//" + u.Host + rest(u), "x-gonogo:" + u.Host + rest(u)}
	}},
	{"registered-inside", "that has the registered one in it", func(u *url.URL) []string {
		return []string{u.Scheme + "://" + foreignHost + "/" + u.Host + rest(u), u.Scheme + "://" + foreignHost + "/?next=" + u.String()}
	}},
	{"dot-segments", "that begins like the registered one and goes up again", func(u *url.URL) []string {
		bare := u.Scheme + "://" + u.Host + strings.TrimSuffix(u.EscapedPath(), "/")
		return []string{bare + "/../gonogo/elsewhere", bare + "/%2e%2e/gonogo/elsewhere", bare + `/..\gonogo\elsewhere`}
	}},
	{"longer-port", "on a port that begins like the registered one", func(u *url.URL) []string {
		if len(u.Port()) == 0 || len(u.Port()) > 4 || onLoopback(u) {
			return nil
		}
		return []string{u.Scheme + "://" + u.Host + "0" + rest(u)}
	}},
}

// rest is what stands behind the host.
func rest(u *url.URL) string {
	bare := url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}
	return bare.String()
}

// withPort is the host and the port, also where the scheme's own is meant.
func withPort(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Host
	case u.Scheme == "http":
		return u.Host + ":80"
	}
	return u.Host + ":443"
}

// onLoopback reports a redirect URI whose port may be another (RFC 8252 section 7.3).
func onLoopback(u *url.URL) bool {
	address, err := netip.ParseAddr(u.Hostname())
	return err == nil && address.IsLoopback() || strings.EqualFold(u.Hostname(), "localhost")
}

// otherQueries are the variations of a URI that are legal where the query is not part of what is registered, and that
// an exact comparison (RFC 9700 section 2.1) refuses: a parameter more, and another query or none in the place of a
// registered one.
func otherQueries(registered *url.URL) []string {
	var others []string
	for _, change := range []func(u *url.URL){
		addQuery,
		func(u *url.URL) { u.RawQuery = "gonogo=1" },
		func(u *url.URL) { u.RawQuery = "" },
	} {
		u := *registered
		change(&u)
		if other := u.String(); other != registered.String() && !slices.Contains(others, other) {
			others = append(others, other)
		}
	}
	return others
}

// respelt are ways to write a URI that mean the same to a browser (RFC 3986 section 6.2): its host in capitals, its port although
// it is the scheme's own, and a letter of its path escaped.
func respelt(registered *url.URL) []*url.URL {
	var all []*url.URL
	add := func(change func(u *url.URL)) {
		u := *registered
		if change(&u); u.Host != registered.Host || u.EscapedPath() != registered.EscapedPath() {
			all = append(all, &u)
		}
	}
	add(func(u *url.URL) { u.Host = strings.ToUpper(u.Host) })
	if port := map[string]string{"https": ":443", "http": ":80"}[registered.Scheme]; registered.Port() == "" && !onLoopback(registered) {
		add(func(u *url.URL) { u.Host += port })
	}
	add(func(u *url.URL) {
		last := len(u.Path) - 1
		if last > 0 && u.RawPath == "" && u.Path[last] >= 'a' && u.Path[last] <= 'z' {
			u.RawPath = fmt.Sprintf("%s%%%02X", u.EscapedPath()[:len(u.EscapedPath())-1], u.Path[last])
		}
	})
	return all
}

func addQuery(u *url.URL) { u.RawQuery = strings.TrimPrefix(u.RawQuery+"&gonogo=1", "&") }

func otherScheme(u *url.URL) {
	if u.Scheme == "https" {
		u.Scheme = "http"
		return
	}
	u.Scheme = "https"
}

func otherPort(t *scene.Trial, u *url.URL) {
	if onLoopback(u) {
		t.NotApplicable("the registered redirect URI is on loopback, where another port may be legal (RFC 8252 section 7.3)")
	}
	port := "8443"
	if u.Port() == port {
		port = "9443"
	}
	u.Host = net.JoinHostPort(u.Hostname(), port)
}

// otherSlash takes the slash at the end of the path away, or puts one there. To have none and to be one is the same
// path (RFC 3986 section 6.2.3).
func otherSlash(t *scene.Trial, u *url.URL) {
	bare, had := strings.CutSuffix(u.Path, "/")
	if bare == "" {
		t.NotApplicable("the registered redirect URI has no path")
	}
	if !had {
		bare += "/"
	}
	u.Path, u.RawPath = bare, ""
}

func otherCasePath(t *scene.Trial, u *url.URL) {
	turned, ok := scene.OtherCase(u.Path)
	if !ok {
		t.NotApplicable("the path of the registered redirect URI has no letters")
	}
	u.Path, u.RawPath = turned, ""
}

// ofAnotherClient is registered, and for somebody else.
func ofAnotherClient(t *scene.Trial, u *url.URL) {
	theirs := registered(t, scene.Second)
	if theirs.Scheme == u.Scheme && strings.EqualFold(theirs.Host, u.Host) && theirs.Path == u.Path {
		t.NotApplicable("credentials.second has the same redirect URI")
	}
	*u = *theirs
}
