package flows

import (
	"net/http"
	"testing"

	"gonogo/internal/exchange"
)

func TestWhetherAPageCanBeFramed(t *testing.T) {
	t.Parallel()
	for _, is := range []struct {
		name, value string
		framed      bool
	}{
		{"X-Frame-Options", "DENY", true},
		{"X-Frame-Options", "SameOrigin", true},
		{"X-Frame-Options", "ALLOWALL", false},
		{"Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'", true},
		{"Content-Security-Policy", "default-src 'self', Frame-Ancestors https://partner.example", true},
		{"Content-Security-Policy", "frame-ancestors *", false},
		{"Content-Security-Policy", "frame-ancestors 'self' https:", false},
		{"Content-Security-Policy", "frame-ancestors", false},
		{"Content-Security-Policy", "frame-src 'none'; x-frame-ancestors 'none'", false},
		{"Content-Security-Policy-Report-Only", "frame-ancestors 'none'", false},
	} {
		if got := framed(http.Header{is.name: {is.value}}); got != is.framed {
			t.Errorf("%s: %s: %t", is.name, is.value, got)
		}
	}
}

func TestWhatAPageSaysOfItsAddress(t *testing.T) {
	t.Parallel()
	for _, is := range []struct{ header, body, policy string }{
		{"", "", ""},
		{"no-referrer", "", "no-referrer"},
		{"no-referrer, strict-origin-when-cross-origin", "", "strict-origin-when-cross-origin"},
		{"No-Referrer, of-the-future", "", "no-referrer"},
		{"unsafe-url", "", "unsafe-url"},
		{"", `<META content="same-origin" name=referrer>`, "same-origin"},
		{"no-referrer", `<meta name="referrer" content="unsafe-url">`, "unsafe-url"},
		{"", `<meta name="description" content="no-referrer">`, ""},
	} {
		page := &exchange.Exchange{Header: http.Header{}, Body: []byte(is.body)}
		if is.header != "" {
			page.Header.Set("Referrer-Policy", is.header)
		}
		if got := referrer(page); got != is.policy {
			t.Errorf("%q, %q: %q, wanted %q", is.header, is.body, got, is.policy)
		}
	}
}
