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
)

// places reads where the servers of the document are.
func (r *reader) places(f *File) {
	t := r.target
	t.Servers = map[string]*url.URL{}
	t.BaseURL = r.baseURL(f.BaseURL, "base_url")
	if r.dialect == nil {
		for name, written := range f.Servers {
			r.baseURL(written, "servers", name)
		}
		return
	}
	var names []string
	for i, server := range r.dialect.Servers {
		names = append(names, server.Name)
		t.Servers[server.Name] = t.BaseURL
		if i > 0 && !r.given("servers", server.Name) && r.given("base_url") {
			r.note([]string{"base_url"}, fmt.Sprintf("the server %s is taken to be at base_url too; if it is elsewhere, say servers: {%s: https://…}", server.Name, server.Name))
		}
	}
	for name, written := range f.Servers {
		at := []string{"servers", name}
		place := r.baseURL(written, at...)
		switch i := slices.Index(names, name); {
		case i < 0:
			r.fail(at, named(at)+" is no server of this dialect", spell.Hint(name, names, "its servers are "))
		case i == 0:
			r.fail(at, named(at)+" is the server that base_url already places", "keep base_url and remove this line")
		default:
			t.Servers[name] = place
		}
	}
}

// baseURL reads a place that documented paths are appended to. Nothing of the value is quoted: whoever puts
// a password into a URL learns so without seeing it in a log.
func (r *reader) baseURL(text string, at ...string) *url.URL {
	u := r.absolute(text, "https://stage.example.com", httpSchemes, at...)
	if u == nil {
		return nil
	}
	switch {
	case strings.ContainsAny(text, "?#"):
		r.fail(at, named(at)+" has a query or a fragment, but documented paths are appended to it", "keep scheme, host and path prefix")
	case u.User != nil:
		r.fail(at, named(at)+" has a user or a password in it", "remove what stands before the @; credentials have a place of their own")
	default:
		u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
		return u
	}
	return nil
}

var httpSchemes = []string{"http", "https"}

// absolute reads a URL with a host; nil for one that is not there or wrong already.
func (r *reader) absolute(text, example string, schemes []string, at ...string) *url.URL {
	if !r.usable(at...) {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.Opaque != "" || u.Hostname() == "" {
		r.fail(at, named(at)+" is not an absolute URL ("+strings.Join(schemes, ", ")+")", "write it like "+example)
		return nil
	}
	if port := u.Port(); port != "" {
		if number, err := strconv.Atoi(port); err != nil || number < 1 || number > 65535 {
			r.fail(at, named(at)+" has a port that does not exist", "choose 1 to 65535")
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

func (r *reader) headers(f *File) map[string]string {
	for name := range f.Headers {
		at := []string{"headers", name}
		if why, ok := setElsewhere[textproto.CanonicalMIMEHeaderKey(name)]; ok {
			r.fail(at, named(at)+" cannot be set for every request: "+why, "remove the line")
		}
	}
	return r.headerValues(f.Headers, "headers")
}

// headerValues reads headers; their values are secrets and never quoted.
func (r *reader) headerValues(written map[string]string, path ...string) map[string]string {
	headers := map[string]string{}
	if !r.usable(path...) {
		return nil
	}
	for _, key := range r.node(path...).Keys() {
		name, at := textproto.CanonicalMIMEHeaderKey(key), slices.Concat(path, []string{key})
		_, twice := headers[name]
		switch {
		case !httpguts.ValidHeaderFieldName(key):
			r.fail(at, named(at)+" is not the name of a header", "use letters, digits and hyphens")
		case twice:
			r.fail(at, named(at)+" is given twice; names of headers do not differ by case", "keep one")
		case r.wrong(at):
		case !httpguts.ValidHeaderFieldValue(written[key]):
			r.fail(at, named(at)+" has a line break or another control character", "take it out")
		default:
			headers[name] = written[key]
		}
	}
	return headers
}

// The schemes of a proxy that Go's transport speaks.
var proxySchemes = []string{"http", "https", "socks5", "socks5h"}

func (r *reader) proxyURL(text string, at ...string) *url.URL {
	return r.absolute(text, "http://proxy.example.com:3128", proxySchemes, at...)
}

func (r *reader) outsider(f FileOutsider) {
	if !r.usable("outsider") {
		return
	}
	address, proxy, pretends := []string{"outsider", "local_address"}, []string{"outsider", "proxy"}, []string{"outsider", "pretends"}
	outsider := &Outsider{}
	switch {
	case r.given(address...) && r.given(proxy...):
		r.fail([]string{"outsider"}, "outsider has both local_address and proxy", "keep one")
	case !r.given(address...) && !r.given(proxy...):
		r.fail([]string{"outsider"}, "outsider says neither local_address nor proxy", "give one, or say absent: [outsider]")
	case r.usable(address...):
		parsed, err := netip.ParseAddr(f.LocalAddress)
		if err != nil || parsed.IsUnspecified() || parsed.IsMulticast() {
			r.fail(address, "outsider.local_address "+r.quoted(address...)+" is not an address to send from", "write an IP address of this machine, like 127.0.0.2")
		} else if r.target.Proxy != nil {
			r.note(address, "requests from outsider.local_address go to the target directly, not through proxy; if they cannot, give outsider: {proxy: …}")
		}
		outsider.LocalAddress = parsed
	default:
		outsider.Proxy = r.proxyURL(f.Proxy, proxy...)
	}
	if r.usable(pretends...) {
		parsed, err := netip.ParseAddr(f.Pretends)
		if err != nil {
			r.fail(pretends, "outsider.pretends "+r.quoted(pretends...)+" is not an address", "write the address that the listed account's list has for this machine")
		}
		outsider.Pretends = parsed
	}
	r.target.Outsider = outsider
}
