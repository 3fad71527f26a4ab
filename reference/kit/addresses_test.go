package kit

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestOrigin(t *testing.T) {
	const proxy, far = "10.0.0.1:5000", "203.0.113.9:5000"
	for _, c := range []struct {
		peer   string
		header []string
		want   string
	}{
		{far, nil, "203.0.113.9"},
		{"[::ffff:203.0.113.9]:5000", nil, "203.0.113.9"},
		{"[fe80::1%eth0]:5000", nil, "fe80::1"},
		{far, []string{XForwardedFor, "192.0.2.1"}, "203.0.113.9"},
		{proxy, nil, "10.0.0.1"},
		{"[::ffff:10.0.0.1]:5000", []string{XForwardedFor, "192.0.2.1"}, "192.0.2.1"},
		{proxy, []string{XForwardedFor, "192.0.2.1"}, "192.0.2.1"},
		{proxy, []string{XForwardedFor, "192.0.2.1:8080"}, "192.0.2.1"},
		{proxy, []string{XForwardedFor, "::ffff:192.0.2.1"}, "192.0.2.1"},
		{proxy, []string{XForwardedFor, "2001:db8::1"}, "2001:db8::1"},
		{proxy, []string{XForwardedFor, "127.0.0.1, 192.0.2.1"}, "192.0.2.1"},
		{proxy, []string{XForwardedFor, "127.0.0.1, 192.0.2.1, 10.0.0.3,10.0.0.2"}, "192.0.2.1"},
		{proxy, []string{XForwardedFor, "127.0.0.1", XForwardedFor, "192.0.2.1"}, "192.0.2.1"},
		{proxy, []string{XForwardedFor, "10.0.0.8, 10.0.0.2"}, "10.0.0.8"},
		{proxy, []string{XForwardedFor, "127.0.0.1, unknown"}, "invalid IP"},
		{proxy, []string{XForwardedFor, ""}, "invalid IP"},
		{proxy, []string{Forwarded, `for=192.0.2.1;proto=http;by=10.0.0.1`}, "192.0.2.1"},
		{proxy, []string{Forwarded, `proto=http; For="192.0.2.1:4711"`}, "192.0.2.1"},
		{proxy, []string{Forwarded, `for="[2001:db8::1]:4711", for=10.0.0.2`}, "2001:db8::1"},
		{proxy, []string{Forwarded, `for="127.0.0.1, for=127.0.0.1"`}, "invalid IP"},
		{proxy, []string{Forwarded, `for=127.0.0.1, for=_hidden`}, "invalid IP"},
		{proxy, []string{Forwarded, `proto=http`}, "invalid IP"},
		{proxy, []string{XRealIP, "192.0.2.1"}, "192.0.2.1"},
		{proxy, []string{XForwardedFor, "192.0.2.1", XRealIP, "192.0.2.1"}, "192.0.2.1"},
		{proxy, []string{XForwardedFor, "192.0.2.1", XRealIP, "10.0.0.3"}, "192.0.2.1"},
		{proxy, []string{XForwardedFor, "192.0.2.1", XRealIP, "127.0.0.1"}, "invalid IP"},
		{proxy, []string{XForwardedFor, "192.0.2.1", Forwarded, "for=127.0.0.1"}, "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{}}
		for i := 0; i+1 < len(c.header); i += 2 {
			r.Header.Add(c.header[i], c.header[i+1])
		}
		proxies, err := Prefixes([]string{"10.0.0.0/24", "::1"})
		if err != nil {
			t.Fatal(err)
		}
		if got := Origin(r, proxies).String(); got != c.want {
			t.Errorf("%s with %q is %s, not %s", c.peer, c.header, got, c.want)
		}
	}
}

func TestPrefixes(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7": "192.0.2.7/32", "::ffff:192.0.2.7": "192.0.2.7/32", "192.0.2.7/24": "192.0.2.0/24",
		"::ffff:192.0.2.7/120": "192.0.2.0/24", "2001:db8::1": "2001:db8::1/128", "2001:db8::1/32": "2001:db8::/32", "0.0.0.0/0": "0.0.0.0/0",
	} {
		if p, err := Prefix(in); err != nil || p.String() != want {
			t.Errorf("%s is %s %v, not %s", in, p, err, want)
		}
	}
	for _, in := range []string{"", "localhost", "192.0.2.0/33", "192.0.2", "::ffff:192.0.2.7/80", "fe80::1%eth0", "192.0.2.1-9", "192.0.2.1:80"} {
		if p, err := Prefix(in); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q is neither", in)) {
			t.Errorf("%q is %s %v", in, p, err)
		}
	}
}

// TestAllowListOfNewAccounts: seed file and control API take the list, and
// refuse one that cannot be read.
