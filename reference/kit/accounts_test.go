package kit

import (
	"fmt"
	"strings"
	"testing"
)

func TestPrefixes(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7": "192.0.2.7/32", "::ffff:192.0.2.7": "192.0.2.7/32", "192.0.2.7/24": "192.0.2.0/24",
		"::ffff:192.0.2.7/120": "192.0.2.0/24", "2001:db8::1": "2001:db8::1/128", "2001:db8::1/32": "2001:db8::/32", "0.0.0.0/0": "0.0.0.0/0",
	} {
		if p, err := prefix(in); err != nil || p.String() != want {
			t.Errorf("%s is %s %v, not %s", in, p, err, want)
		}
	}
	for _, in := range []string{"", "localhost", "192.0.2.0/33", "192.0.2", "::ffff:192.0.2.7/80", "fe80::1%eth0", "192.0.2.1-9", "192.0.2.1:80"} {
		if p, err := prefix(in); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q is neither", in)) {
			t.Errorf("%q is %s %v", in, p, err)
		}
	}
}

// TestAllowListOfNewAccounts: seed file and control API take the list, and
// refuse one that cannot be read.
