package watch

import (
	"os"
	"strings"
	"testing"

	"gonogo/specs"
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

// TestEveryCaseOfAProfileIsForARowOfIt: a row of another profile has no level there, and is held against no client.
func TestEveryCaseOfAProfileIsForARowOfIt(t *testing.T) {
	t.Parallel()
	for _, id := range specs.Builtin() {
		whole, err := specs.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		names := []string{""}
		for _, p := range whole.Profiles {
			names = append(names, p.Name)
		}
		for _, name := range names {
			d, err := whole.Profiled(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range looks(d) {
				if _, ok := d.ClientRow(l.row); !ok {
					t.Errorf("%s is judged under %q for %s, which is none of its rows", l.id(d), name, l.row)
				}
			}
		}
	}
}
