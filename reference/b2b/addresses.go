package b2b

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// covers: an address that could not be made out is in no list.
func covers(list []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
}

// peerOf is the address at the other end of the connection.
func peerOf(r *http.Request) netip.Addr {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	return peer.Addr().Unmap().WithZone("")
}

// The headers in which proxies say whom they speak for.
const (
	xForwardedFor = "X-Forwarded-For"
	forwarded     = "Forwarded" // RFC 7239
	xRealIP       = "X-Real-Ip" // as net/http spells it
)

// originOf is the address that a request comes from: the peer, or behind
// trusted proxies the nearest address that is none of them. Proxies append
// what they saw, so that what stands further left is hearsay. A proxy that
// sets one of the headers lets the others through as its client wrote them:
// where two of them disagree, nobody can say, and the zero address comes back,
// which is on no list.
func originOf(r *http.Request, proxies []netip.Prefix) netip.Addr {
	peer := peerOf(r)
	if !covers(proxies, peer) {
		return peer
	}
	var client, proxy netip.Addr
	for _, name := range []string{xForwardedFor, forwarded, xRealIP} {
		switch a, said := nearestBeyond(proxies, chainOf(r.Header, name)); {
		case !said:
		case !a.IsValid(), client.IsValid() && client != a && !covers(proxies, a):
			return netip.Addr{}
		case !covers(proxies, a):
			client = a
		case !proxy.IsValid():
			proxy = a
		}
	}
	for _, a := range []netip.Addr{client, proxy} {
		if a.IsValid() {
			return a
		}
	}
	return peer
}

// nearestBeyond is the rightmost address of a chain that is no trusted proxy,
// or the leftmost if all are.
func nearestBeyond(proxies []netip.Prefix, chain []netip.Addr) (a netip.Addr, said bool) {
	for _, a = range slices.Backward(chain) {
		if !covers(proxies, a) {
			break
		}
	}
	return a, len(chain) > 0
}

// chainOf is what a header says of a request's way, the client's end first. What
// is no address ("unknown", "_hidden") stands in it as the zero address.
func chainOf(h http.Header, name string) []netip.Addr {
	var addresses []netip.Addr
	for _, line := range h[name] {
		for element := range splitOutsideQuotes(line, ',') {
			if name == forwarded {
				element = forOf(element)
			}
			addresses = append(addresses, node(strings.TrimSpace(element)))
		}
	}
	return addresses
}

// forOf is the for parameter of one element of Forwarded (RFC 7239 4):
// for=192.0.2.60;proto=http;by=203.0.113.43
func forOf(element string) string {
	for pair := range splitOutsideQuotes(element, ';') {
		if name, value, _ := strings.Cut(strings.TrimSpace(pair), "="); strings.EqualFold(name, "for") {
			return strings.Trim(value, `"`)
		}
	}
	return ""
}

// node reads an address, with a port or in brackets (RFC 7239 6) or neither.
func node(s string) netip.Addr {
	if withPort, err := netip.ParseAddrPort(s); err == nil {
		return withPort.Addr().Unmap().WithZone("")
	}
	a, _ := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	return a.Unmap().WithZone("")
}

// splitOutsideQuotes is strings.SplitSeq for values that may be quoted.
func splitOutsideQuotes(s string, at byte) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		quoted, start := false, 0
		for i := range len(s) {
			switch {
			case s[i] == '"':
				quoted = !quoted
			case s[i] == at && !quoted:
				if !yield(s[start:i]) {
					return
				}
				start = i + 1
			}
		}
		yield(s[start:])
	}
}
