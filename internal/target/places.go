package target

import (
	"fmt"
	"net/netip"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"gonogo/internal/spell"
	"gonogo/internal/yamlfile"
)

// places reads where the servers of the document are.
func (r *reader) places(base, servers *yamlfile.Node, line int) {
	t := r.target
	t.Servers = map[string]*url.URL{}
	if base == nil {
		r.fail(line, "base_url is missing", "say where the target is, like https://stage.example.com")
	} else {
		t.BaseURL = r.baseURL(base, "base_url")
	}
	var names []string
	if r.dialect != nil {
		for _, server := range r.dialect.Servers {
			names = append(names, server.Name)
			t.Servers[server.Name] = t.BaseURL
		}
	}
	given := map[string]bool{}
	if servers != nil {
		for _, p := range r.pairs(servers, "servers") {
			at := yamlfile.Join("servers", p.Key)
			place := r.baseURL(p.Value, at)
			switch i := slices.Index(names, p.Key); {
			case r.dialect == nil:
			case i < 0:
				r.fail(p.Line, at+" is no server of this dialect", spell.Hint(p.Key, names, "its servers are "))
			case i == 0:
				r.fail(p.Line, at+" is the server that base_url already places", "keep base_url and remove this line")
			default:
				given[p.Key] = true
				t.Servers[p.Key] = place
			}
		}
	}
	if base == nil || len(names) == 0 {
		return
	}
	for _, name := range names[1:] {
		if !given[name] {
			r.note(base.Line, fmt.Sprintf("the server %s is taken to be at base_url too; if it is elsewhere, say servers: {%s: https://…}", name, name))
		}
	}
}

// baseURL reads a place that documented paths are appended to. Nothing of the value is quoted: whoever puts
// a password into a URL learns so without seeing it in a log.
func (r *reader) baseURL(n *yamlfile.Node, at string) *url.URL {
	text, ok := r.filled(n, at)
	if !ok {
		return nil
	}
	u := r.absolute(n, at, text, "https://stage.example.com", "http", "https")
	if u == nil {
		return nil
	}
	switch {
	case strings.ContainsAny(text, "?#"):
		r.fail(n.Line, at+" has a query or a fragment, but documented paths are appended to it", "keep scheme, host and path prefix")
	case u.User != nil:
		r.fail(n.Line, at+" has a user or a password in it", "remove what stands before the @; credentials have a place of their own")
	default:
		u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
		return u
	}
	return nil
}

// absolute reads a URL with a host.
func (r *reader) absolute(n *yamlfile.Node, at, text, example string, schemes ...string) *url.URL {
	u, err := url.Parse(text)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.Opaque != "" || u.Hostname() == "" {
		r.fail(n.Line, at+" is not an absolute URL ("+strings.Join(schemes, ", ")+")", "write it like "+example)
		return nil
	}
	if port := u.Port(); port != "" {
		if number, err := strconv.Atoi(port); err != nil || number < 1 || number > 65535 {
			r.fail(n.Line, at+" has a port that does not exist", "choose 1 to 65535")
			return nil
		}
	}
	return u
}

// setElsewhere are the headers that requests have of their own.
var setElsewhere = map[string]string{
	"Authorization":     "it would stand in for the token of every request, also of those that are sent without one",
	"Connection":        "connections are the transport's",
	"Content-Length":    "it is counted from each body",
	"Content-Type":      "it is each operation's own",
	"Host":              "it follows from base_url and servers",
	"Transfer-Encoding": "bodies are sent as they are",
}

func (r *reader) headers(n *yamlfile.Node) {
	if n == nil {
		return
	}
	headers := r.headerValues(n, "headers")
	for _, p := range n.Pairs {
		if why, ok := setElsewhere[textproto.CanonicalMIMEHeaderKey(p.Key)]; ok {
			r.fail(p.Line, yamlfile.Join("headers", p.Key)+" cannot be set for every request: "+why, "remove the line")
		}
	}
	r.target.Headers = headers
}

// headerValues reads headers; their values are secrets and never quoted.
func (r *reader) headerValues(n *yamlfile.Node, at string) map[string]string {
	headers := map[string]string{}
	for _, p := range r.pairs(n, at) {
		name := textproto.CanonicalMIMEHeaderKey(p.Key)
		at := yamlfile.Join(at, p.Key)
		if !httpguts.ValidHeaderFieldName(p.Key) {
			r.fail(p.Line, at+" is not the name of a header", "use letters, digits and hyphens")
			continue
		}
		if _, twice := headers[name]; twice {
			r.fail(p.Line, at+" is given twice; names of headers do not differ by case", "keep one")
			continue
		}
		value, ok := r.filled(p.Value, at)
		if !ok {
			continue
		}
		if !httpguts.ValidHeaderFieldValue(value) {
			r.fail(p.Value.Line, at+" has a line break or another control character", "take it out")
			continue
		}
		headers[name] = value
	}
	return headers
}

// The schemes of a proxy that Go's transport speaks.
var proxySchemes = []string{"http", "https", "socks5", "socks5h"}

func (r *reader) proxyURL(n *yamlfile.Node, at string) *url.URL {
	text, ok := r.filled(n, at)
	if !ok {
		return nil
	}
	return r.absolute(n, at, text, "http://proxy.example.com:3128", proxySchemes...)
}

func (r *reader) outsider(n *yamlfile.Node) {
	if n == nil {
		return
	}
	found := r.keys(n, "outsider", "local_address", "proxy", "pretends")
	if n.Kind != yamlfile.Mapping {
		return
	}
	address, proxy := found["local_address"], found["proxy"]
	outsider := &Outsider{}
	switch {
	case address != nil && proxy != nil:
		r.fail(n.Line, "outsider has both local_address and proxy", "keep one")
	case address != nil:
		text, ok := r.filled(address, "outsider.local_address")
		if !ok {
			break
		}
		parsed, err := netip.ParseAddr(text)
		if err != nil || parsed.IsUnspecified() || parsed.IsMulticast() {
			r.fail(address.Line, "outsider.local_address "+yamlfile.Quote(address.Text)+" is not an address to send from", "write an IP address of this machine, like 127.0.0.2")
		} else if r.target.Proxy != nil {
			r.note(address.Line, "requests from outsider.local_address go to the target directly, not through proxy; if they cannot, give outsider: {proxy: …}")
		}
		outsider.LocalAddress = parsed
	case proxy != nil:
		outsider.Proxy = r.proxyURL(proxy, "outsider.proxy")
	default:
		r.fail(n.Line, "outsider says neither local_address nor proxy", "give one, or say absent: [outsider]")
	}
	if listed := found["pretends"]; listed != nil {
		text, _ := r.filled(listed, "outsider.pretends")
		parsed, err := netip.ParseAddr(text)
		if err != nil {
			r.fail(listed.Line, "outsider.pretends "+yamlfile.Quote(listed.Text)+" is not an address", "write the address that the listed account's list has for this machine")
		}
		outsider.Pretends = parsed
	}
	r.target.Outsider = outsider
}
