package front

import (
	"bytes"
	"cmp"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// place is where clients find a server.
type place struct {
	scheme string
	host   string // an address and its port
	any    bool   // it listens at every address of the machine: clients know it by a name of their own
	path   string // of upstream's URL, which is kept
}

func placeOf(secure bool, at net.Addr, upstream *url.URL) place {
	p := place{scheme: "http", host: at.String()}
	if secure {
		p.scheme = "https"
	}
	if tcp, is := at.(*net.TCPAddr); is && tcp.IP.IsUnspecified() {
		_, port, _ := net.SplitHostPort(p.host)
		p.host, p.any = net.JoinHostPort("127.0.0.1", port), true
	}
	if upstream != nil {
		p.path = upstream.EscapedPath()
	}
	return p
}

// url is the place; with the host that a client knows, if that is told.
func (p place) url(host string) *url.URL {
	u, err := url.Parse(p.scheme + "://" + cmp.Or(host, p.host) + p.path)
	if err != nil { // a Host that net/http let pass and is no host of a URL
		return p.url("")
	}
	return u
}

// addressed is the URL that a client meant.
func addressed(scheme string, r *http.Request) *url.URL {
	u := *r.URL
	u.Scheme, u.Host = scheme, r.Host
	return &u
}

// links knows upstream's addresses, and what to say in their place.
type links []*link

// link is one server of upstream's.
type link struct {
	*listener
	scheme, name, host string         // of upstream: http, stage.example.com, stage.example.com:8080
	written            *regexp.Regexp // its address in each form that a text can have it
}

const (
	colon = `(?::|%3[Aa]|\\u003[Aa]|&#58;|&#x3[Aa];)`
	slash = `(?:/|\\/|%2[Ff]|\\u002[Ff]|&#47;|&#x2[Ff];)`
)

func linksOf(listeners map[string]*listener) links {
	var all links
	for _, l := range listeners {
		upstream := l.server.Upstream
		if upstream == nil {
			continue
		}
		host, port := upstream.Hostname(), upstream.Port()
		standard := map[string]string{"http": "80", "https": "443"}[upstream.Scheme]
		ending := regexp.QuoteMeta(bracketed(host))
		if port == "" || port == standard {
			ending += `(?:` + colon + standard + `)?`
		} else {
			ending += colon + port
		}
		all = append(all, &link{
			listener: l, scheme: upstream.Scheme, name: bracketed(host), host: upstream.Host,
			written: regexp.MustCompile(`(?:` + upstream.Scheme + `(` + colon + `))?(` + slash + slash + `)` + ending),
		})
	}
	// Where two share a host, the longest path that fits says whose a link is.
	slices.SortFunc(all, func(a, b *link) int {
		return cmp.Or(cmp.Compare(len(b.place.path), len(a.place.path)), strings.Compare(a.listener.name, b.listener.name))
	})
	return all
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// watched is the host and port that a client who knows one server by host finds another at.
func (k *link) watched(host string, at *listener) string {
	switch {
	case k.listener == at && host != "":
		return host
	case k.place.any && host != "":
		name, _, err := net.SplitHostPort(host)
		if err != nil {
			name = strings.Trim(host, "[]")
		}
		_, port, _ := net.SplitHostPort(k.place.host)
		return net.JoinHostPort(name, port)
	default:
		return k.place.host
	}
}

// outward replaces upstream's addresses in a text by the watched ones. The text itself stays as it is.
func (ks links) outward(text []byte, host string, at *listener) ([]byte, bool) {
	changed := false
	for _, k := range ks {
		if !bytes.Contains(text, []byte(k.name)) {
			continue
		}
		var out []byte
		from := 0
		for _, m := range k.written.FindAllSubmatchIndex(text, -1) {
			if !k.is(text, m, ks) {
				continue
			}
			out = append(out, text[from:m[0]]...)
			out = append(out, k.said(text, m, host, at)...)
			from = m[1]
		}
		if from > 0 {
			text, changed = append(out, text[from:]...), true
		}
	}
	return text, changed
}

// is reports that what was found is this server's address: a whole one, and not that of another on the same host.
func (k *link) is(text []byte, m []int, ks links) bool {
	after := text[m[1]:]
	if len(after) > 0 && (isHostByte(after[0]) || after[0] == '@' || colonThenDigit.Match(after)) {
		return false
	}
	if m[2] < 0 && (m[0] == 0 || !strings.ContainsRune(`"'=(`, rune(text[m[0]-1]))) {
		return false // without a scheme it is a link only where a link can begin
	}
	return ks.owner(k, unwritten.Replace(string(after[:min(len(after), longestPath)]))) == k
}

// longestPath is how much of a link is looked at to find whose it is.
const longestPath = 200

// owner is the server that a path of k's host belongs to: the one with the longest path that it is below, or with the shortest.
func (ks links) owner(k *link, path string) *link {
	for _, other := range ks {
		if other.scheme == k.scheme && strings.EqualFold(other.host, k.host) {
			if k = other; fits(path, k.place.path) {
				break
			}
		}
	}
	return k
}

var (
	colonThenDigit = regexp.MustCompile(`^` + colon + `[0-9]`)
	unwritten      = strings.NewReplacer(`\/`, "/", "%2F", "/", "%2f", "/", `\u002F`, "/", `\u002f`, "/", "&#47;", "/", "&#x2F;", "/", "&#x2f;", "/")
)

func fits(path, prefix string) bool {
	rest, has := strings.CutPrefix(path, strings.TrimSuffix(prefix, "/"))
	return has && (rest == "" || !isHostByte(rest[0]))
}

func isHostByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '-' || b == '.' || b == '_'
}

// said is the watched address, written as what was found is.
func (k *link) said(text []byte, m []int, host string, at *listener) string {
	slashes, watched := string(text[m[4]:m[5]]), k.watched(host, at)
	if m[2] < 0 {
		return slashes + watched
	}
	colon := string(text[m[2]:m[3]])
	return k.place.scheme + colon + slashes + strings.ReplaceAll(watched, ":", colon)
}

// head replaces upstream's addresses in an answer's head, and makes its cookies the watched address's.
func (ks links) head(header http.Header, host string, at *listener) {
	for name, values := range header {
		for i, value := range values {
			if name == "Set-Cookie" {
				values[i] = ks.cookie(value, at)
			} else if name == "Location" || name == "Content-Location" {
				values[i] = ks.location(value, host, at)
			} else if said, changed := ks.outward([]byte(value), host, at); changed {
				values[i] = string(said)
			}
		}
	}
}

// location is one link that is a whole value, and may be without a scheme.
func (ks links) location(value, host string, at *listener) string {
	said, changed := ks.outward([]byte(`"`+value), host, at)
	if !changed {
		return value
	}
	return string(said[1:])
}

// cookie is a cookie that the watched address may set: upstream's domain is no other than the host that it now comes from, and what
// must not go over a plain connection comes over one.
func (ks links) cookie(value string, at *listener) string {
	parts := strings.Split(value, ";")
	plain := at.place.scheme == "http" && at.server.Upstream != nil && at.server.Upstream.Scheme == "https"
	kept := slices.DeleteFunc(parts[1:], func(part string) bool {
		name, said, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "domain":
			return ks.within(strings.Trim(strings.TrimSpace(said), ".\""))
		case "secure":
			return plain
		case "samesite":
			return plain && strings.EqualFold(strings.TrimSpace(said), "none") // which only a secure cookie can be
		}
		return false
	})
	return strings.Join(append(parts[:1:1], kept...), ";")
}

// within reports a domain that one of upstream's servers is in.
func (ks links) within(domain string) bool {
	return slices.ContainsFunc(ks, func(k *link) bool {
		name := strings.ToLower(k.name)
		domain := strings.ToLower(domain)
		return name == domain || strings.HasSuffix(name, "."+domain)
	})
}

// home replaces a watched address at the beginning of a request's Origin or Referer by upstream's.
func (ks links) home(value, host string, at *listener) string {
	for _, k := range ks {
		for _, known := range []string{k.watched(host, at), k.place.host} {
			if path, has := strings.CutPrefix(value, k.place.scheme+"://"+known); has && (path == "" || path[0] == '/') {
				return k.scheme + "://" + k.host + path
			}
		}
	}
	return value
}
