package consent

import (
	"net/url"
	"testing"
)

// TestReferenceAsBrowsersRead: where a Location leads, whatever its slashes look like.
func TestReferenceAsBrowsersRead(t *testing.T) {
	page, _ := url.Parse("http://auth.example/authorize")
	for ref, want := range map[string]string{
		`https:\\app.example\cb`:         "https://app.example/cb",
		`https://app.example\@b.example`: "https://app.example/@b.example",
		"https:app.example/cb":           "https://app.example/cb",
		"https:///app.example/cb":        "https://app.example/cb",
		"http:next":                      "http://auth.example/next",
		"http:///app.example":            "http://app.example",
		"//app.example/cb":               "http://app.example/cb",
		"javascript:alert(1)":            "javascript:alert(1)",
	} {
		if got, err := parseReference(page, ref); err != nil || got.String() != want {
			t.Errorf("%s: %v %v, want %s", ref, got, err, want)
		}
	}
}
