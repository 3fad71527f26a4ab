package b2b

import (
	"net/http"
	"testing"

	"gonogo/reference/kit"
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
		{far, []string{xForwardedFor, "192.0.2.1"}, "203.0.113.9"},
		{proxy, nil, "10.0.0.1"},
		{"[::ffff:10.0.0.1]:5000", []string{xForwardedFor, "192.0.2.1"}, "192.0.2.1"},
		{proxy, []string{xForwardedFor, "192.0.2.1"}, "192.0.2.1"},
		{proxy, []string{xForwardedFor, "192.0.2.1:8080"}, "192.0.2.1"},
		{proxy, []string{xForwardedFor, "::ffff:192.0.2.1"}, "192.0.2.1"},
		{proxy, []string{xForwardedFor, "2001:db8::1"}, "2001:db8::1"},
		{proxy, []string{xForwardedFor, "127.0.0.1, 192.0.2.1"}, "192.0.2.1"},
		{proxy, []string{xForwardedFor, "127.0.0.1, 192.0.2.1, 10.0.0.3,10.0.0.2"}, "192.0.2.1"},
		{proxy, []string{xForwardedFor, "127.0.0.1", xForwardedFor, "192.0.2.1"}, "192.0.2.1"},
		{proxy, []string{xForwardedFor, "10.0.0.8, 10.0.0.2"}, "10.0.0.8"},
		{proxy, []string{xForwardedFor, "127.0.0.1, unknown"}, "invalid IP"},
		{proxy, []string{xForwardedFor, ""}, "invalid IP"},
		{proxy, []string{forwarded, `for=192.0.2.1;proto=http;by=10.0.0.1`}, "192.0.2.1"},
		{proxy, []string{forwarded, `proto=http; For="192.0.2.1:4711"`}, "192.0.2.1"},
		{proxy, []string{forwarded, `for="[2001:db8::1]:4711", for=10.0.0.2`}, "2001:db8::1"},
		{proxy, []string{forwarded, `for="127.0.0.1, for=127.0.0.1"`}, "invalid IP"},
		{proxy, []string{forwarded, `for=127.0.0.1, for=_hidden`}, "invalid IP"},
		{proxy, []string{forwarded, `proto=http`}, "invalid IP"},
		{proxy, []string{xRealIP, "192.0.2.1"}, "192.0.2.1"},
		{proxy, []string{xForwardedFor, "192.0.2.1", xRealIP, "192.0.2.1"}, "192.0.2.1"},
		{proxy, []string{xForwardedFor, "192.0.2.1", xRealIP, "10.0.0.3"}, "192.0.2.1"},
		{proxy, []string{xForwardedFor, "192.0.2.1", xRealIP, "127.0.0.1"}, "invalid IP"},
		{proxy, []string{xForwardedFor, "192.0.2.1", forwarded, "for=127.0.0.1"}, "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{}}
		for i := 0; i+1 < len(c.header); i += 2 {
			r.Header.Add(c.header[i], c.header[i+1])
		}
		proxies, err := kit.Prefixes([]string{"10.0.0.0/24", "::1"})
		if err != nil {
			t.Fatal(err)
		}
		if got := originOf(r, proxies).String(); got != c.want {
			t.Errorf("%s with %q is %s, not %s", c.peer, c.header, got, c.want)
		}
	}
}
