package flows

import "testing"

func TestWhatCameUnasked(t *testing.T) {
	t.Parallel()
	const head = ": the request was HEAD, and an answer to that has no body (RFC 9110 section 9.3.2)"
	for _, c := range []struct {
		method      string
		least, most int
		want        string
	}{
		{"GET", 1, 1, "1 byte that belongs to no answer"},
		{"POST", 12, 12, "12 bytes that belong to no answer"},
		{"HEAD", 1, 1, "1 byte that belongs to no answer" + head},
		{"HEAD", 2, 40, "2 to 40 bytes that belong to no answer" + head},
	} {
		if got := more(c.method, c.least, c.most); got != c.want {
			t.Errorf("%s, %d to %d: %q", c.method, c.least, c.most, got)
		}
	}
}
