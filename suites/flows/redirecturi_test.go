package flows

import (
	"net/url"
	"slices"
	"testing"
)

// TestSpellings: each spelling of a registered redirect URI, with and without a port.
func TestSpellings(t *testing.T) {
	for _, c := range []struct {
		name, registered string
		want             []string
	}{
		{"userinfo-port", "https://app.example/cb?a=b", []string{"https://app.example:443@gonogo.invalid/cb?a=b"}},
		{"userinfo-port", "http://app.example:8080/cb", []string{"http://app.example:8080@gonogo.invalid/cb"}},
		{"backslashes", "https://app.example:8443/cb", []string{`https://gonogo.invalid\@app.example:8443/cb`, `https:\\gonogo.invalid\app.example:8443/cb`}},
		{"no-slashes", "https://app.example:8443", []string{"http:gonogo.invalid", "https:gonogo.invalid", "https:///gonogo.invalid"}},
		{"longer-port", "https://app.example:8443/cb", []string{"https://app.example:84430/cb"}},
		{"longer-port", "https://app.example/cb", nil},
		{"longer-port", "http://127.0.0.1:8080/cb", nil},
		{"dot-segments", "https://app.example/cb/", []string{"https://app.example/cb/../gonogo/elsewhere", "https://app.example/cb/%2e%2e/gonogo/elsewhere", `https://app.example/cb/..\gonogo\elsewhere`}},
	} {
		u, err := url.Parse(c.registered)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(spellings, func(s spelling) bool { return s.name == c.name })
		if got := spellings[i].make(u); !slices.Equal(got, c.want) {
			t.Errorf("%s of %s: %q, want %q", c.name, c.registered, got, c.want)
		}
	}
}
