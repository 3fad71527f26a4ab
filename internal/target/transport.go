package target

import (
	"cmp"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// Transport makes connections to the target as its file says: TLS, proxy, timeouts. Redirects are the
// client's business, headers the sender's. Each call makes a pool of its own.
func (t *Target) Transport() (*http.Transport, error) {
	transport, err := t.transport(nil)
	if err != nil {
		return nil, err
	}
	transport.Proxy = t.proxyFor
	return transport, nil
}

// OutsiderTransport makes connections that the target sees coming from the second address. A local address
// goes there directly: a proxy would hide it.
func (t *Target) OutsiderTransport() (*http.Transport, error) {
	if t.Outsider == nil {
		return nil, errors.New("the target file has no outsider; add outsider: {local_address: …} or {proxy: …}")
	}
	if t.Outsider.Proxy != nil {
		transport, err := t.transport(nil)
		if err == nil {
			transport.Proxy = http.ProxyURL(t.Outsider.Proxy)
		}
		return transport, err
	}
	return t.TransportFrom(t.Outsider.LocalAddress)
}

// TransportFrom makes connections that leave from an address of this machine, directly.
func (t *Target) TransportFrom(address netip.Addr) (*http.Transport, error) {
	return t.transport(&net.TCPAddr{IP: address.AsSlice(), Zone: address.Zone()})
}

func (t *Target) transport(from net.Addr) (*http.Transport, error) {
	config, err := t.TLS.Config()
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: t.Limits.Timeout, KeepAlive: 15 * time.Second, LocalAddr: from}
	return &http.Transport{
		DialContext:           dialer.DialContext,
		TLSClientConfig:       config,
		TLSHandshakeTimeout:   t.Limits.Timeout,
		ResponseHeaderTimeout: t.Limits.Timeout,
		ForceAttemptHTTP2:     true,
		// A race needs a warm connection for each of its requests while the other cases keep theirs.
		MaxIdleConnsPerHost: t.Limits.Parallel + t.Limits.Burst,
		// Below the idle timeout of most servers (nginx: 75 s). For the others (Node: 5 s) requests are repeated
		// on a fresh connection.
		IdleConnTimeout: 30 * time.Second,
		// Evidence shows bytes as they were sent, and load measures them.
		DisableCompression: true,
	}, nil
}

// ProxyOf is the proxy that requests to an address go through; nil: none.
func (t *Target) ProxyOf(u *url.URL) (*url.URL, error) { return t.proxyFor(&http.Request{URL: u}) }

func (t *Target) proxyFor(request *http.Request) (*url.URL, error) {
	switch {
	case t.Proxy != nil:
		return t.Proxy, nil
	case t.envProxy != nil:
		return t.envProxy(request.URL)
	default:
		return http.ProxyFromEnvironment(request)
	}
}

// proxy reads the file's proxy, or the environment's where the file names none. The environment is asked
// through env and not by net/http, which reads the process's own, once.
func (r *reader) proxy(written string) {
	t := r.target
	if r.given("proxy") {
		t.Proxy = r.proxyURL(written, "proxy")
		return
	}
	variable := func(name string) string {
		for _, spelling := range []string{name, strings.ToLower(name)} {
			if value, ok := r.env(spelling); ok && value != "" {
				return value
			}
		}
		return ""
	}
	config := &httpproxy.Config{HTTPProxy: variable("HTTP_PROXY"), HTTPSProxy: variable("HTTPS_PROXY"), NoProxy: variable("NO_PROXY")}
	t.envProxy = config.ProxyFunc()
	for _, place := range t.hosts() {
		if place == nil {
			continue
		}
		proxy, err := t.envProxy(place)
		if err != nil {
			continue // never here: a variable that is not a URL counts as unset, as it does everywhere in Go
		}
		if password := passwordOf(proxy); password != "" && !slices.Contains(t.envSecrets, password) {
			t.envSecrets = append(t.envSecrets, password)
		}
	}
}

// Loopback reports whether nothing sent to the target leaves this machine.
func (t *Target) Loopback() bool {
	if t.Proxy != nil && !LoopbackHost(t.Proxy) {
		return false
	}
	return !slices.ContainsFunc(t.hosts(), func(place *url.URL) bool { return !LoopbackHost(place) })
}

// Paced reports whether Limits.MaxRPS holds.
func (t *Target) Paced() bool { return (t.Limits.Gentle || !t.Loopback()) && t.Limits.MaxRPS > 0 }

// Network is the class of the target's address, as far as it says: loopback if nothing leaves this machine, private, public,
// or named, for nobody is asked whose a name is.
func (t *Target) Network() string {
	address, err := netip.ParseAddr(strings.Trim(t.BaseURL.Hostname(), "[]"))
	switch address = address.Unmap(); {
	case t.Loopback():
		return "loopback"
	case err != nil:
		return "named"
	case address.IsPrivate() || address.IsLinkLocalUnicast() || address.IsLoopback():
		return "private"
	}
	return "public"
}

// hosts are all places that the file names for the target; nil stands for one that is wrong.
func (t *Target) hosts() []*url.URL {
	places := slices.AppendSeq([]*url.URL{t.BaseURL}, maps.Values(t.Servers))
	return slices.AppendSeq(places, maps.Values(t.Places))
}

// Hosts are the places that the file names for the target, one of each scheme, host and port, that of BaseURL first.
func (t *Target) Hosts() (each []*url.URL) {
	places := append([]*url.URL{t.BaseURL}, slices.SortedFunc(slices.Values(t.hosts()), func(a, b *url.URL) int { return cmp.Compare(a.String(), b.String()) })...)
	for _, place := range places {
		if !slices.ContainsFunc(each, func(other *url.URL) bool { return sameOrigin(other, place) }) {
			each = append(each, place)
		}
	}
	return each
}

// Serves reports whether an address is on one of the hosts that the file names for the target: credentials and headers go
// nowhere else.
func (t *Target) Serves(u *url.URL) bool {
	named := append(t.hosts(), t.Consent.Hosts...)
	return slices.ContainsFunc(named, func(place *url.URL) bool { return place != nil && sameOrigin(place, u) })
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && Port(a) == Port(b)
}

// Port is an address's port, or its scheme's where none is named; empty where neither is known.
func Port(u *url.URL) string {
	return cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
}

// LoopbackHost reports whether an address is one of this machine itself. It trusts addresses and the name that RFC 6761 reserves, and asks no resolver.
func LoopbackHost(u *url.URL) bool {
	if u == nil {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
