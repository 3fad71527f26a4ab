package watch

import (
	"os"
	"strings"
	"testing"
)

// TestTheDocsTellEverySituation in the words that explain has for what the client is waited for.
func TestTheDocsTellEverySituation(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/watch.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Situations() {
		if s.Waits == "" || !strings.Contains(string(text), "| `"+s.ID+"` | ") || !strings.Contains(string(text), " | "+s.Waits+" |\n") {
			t.Errorf("%s is waited for %q, and docs/watch.md does not say so", s.ID, s.Waits)
		}
	}
	if len(awaited) != len(script) {
		t.Errorf("%d situations are waited for, and the script has %d", len(awaited), len(script))
	}
}
