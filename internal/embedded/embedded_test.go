package embedded

import (
	"strings"
	"testing"

	"gonogo/internal/target"
	"gonogo/specs"
)

// TestWithoutASecondAddress: what a case that needs one is told on a machine whose loopback has none, which no target file could change.
func TestWithoutASecondAddress(t *testing.T) {
	for _, id := range specs.Builtin() {
		d, err := specs.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Start(t.Context(), d, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Stop()
		had := s.file.Outsider.LocalAddress
		s.file.Outsider = target.FileOutsider{}
		there, err := s.Target()
		if err != nil {
			t.Fatal(err)
		}
		have, why := there.Provides(target.NeedOutsider, "")
		_, listed := d.Credential(string(target.NeedListed))
		if have != target.NotConfigured || strings.Contains(why, secondAddress) != listed || strings.Contains(why, "the target file") == listed {
			t.Errorf("%s: %d, %s", id, have, why)
		}
		if had != "" && !listed {
			t.Errorf("%s has the outsider %s, and no account with a list", id, had)
		}
	}
}
