package spell

import "testing"

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"same", "same", 0}, {"kitten", "sitting", 3}, {"limits", "limit", 1}, {"ab", "ba", 1}, {"ca", "abc", 3}, {"from", "form", 1}} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestHint(t *testing.T) {
	known := []string{"limits", "local_address", "proxy", "no"}
	for _, c := range []struct{ written, want string }{
		{"limit", "did you mean limits?"}, {"Limist", "did you mean limits?"}, {"loc", "did you mean local_address?"},
		{"prxoy", "did you mean proxy?"}, {"fo", "did you mean no?"}, {"lixits", "did you mean limits?"}, {"prozzy", "did you mean proxy?"}, {"prox", "did you mean proxy?"}, {"from", "it is one of limits, local_address, proxy, no"}, {"xy", "it is one of limits, local_address, proxy, no"},
		{"nö", "it is one of limits, local_address, proxy, no"}, {"stimli", "it is one of limits, local_address, proxy, no"},
	} {
		if got := Hint(c.written, known, "it is one of "); got != c.want {
			t.Errorf("Hint(%q) = %q, want %q", c.written, got, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	ids := []string{"KH-ISSUE-1", "KH-REFRESH-1", "KH-REFRESH-2", "POS-1"}
	for _, c := range []struct{ written, want string }{
		{"KH-REFRSH-2", "KH-REFRESH-2, KH-REFRESH-1, KH-ISSUE-1"}, {"pos", "POS-1, KH-ISSUE-1, KH-REFRESH-1"},
	} {
		if got := Join(Nearest(c.written, ids)); got != c.want {
			t.Errorf("Nearest(%q) = %s, want %s", c.written, got, c.want)
		}
	}
}
