package app

import (
	"strings"
	"testing"
)

// TestWhatAClientOfOnesOwnIsGiven is said where it is public, and nowhere else.
func TestWhatAClientOfOnesOwnIsGiven(t *testing.T) {
	t.Parallel()
	environment := []string{"GONOGO_BASE_URL=http://127.0.0.1:1", "GONOGO_PRIMARY_CLIENT_SECRET=open-sesame"}
	for _, c := range []struct{ started, public, shown bool }{{false, true, true}, {false, false, false}, {true, true, false}, {true, false, false}} {
		said := told(environment, c.started, c.public)
		if strings.Contains(said, "open-sesame") != c.shown || strings.Contains(said, "target file") != (!c.started && !c.public) {
			t.Errorf("%+v: %s", c, said)
		}
	}
}
