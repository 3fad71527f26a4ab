package catalog

import (
	"regexp"
	"testing"

	"gonogo/specs"
)

// TestTitlesNameTokensAsPeopleDo: an article as the word behind it takes it, and a code is no token.
func TestTitlesNameTokensAsPeopleDo(t *testing.T) {
	wrong := regexp.MustCompile(`\b[Aa] (access|email|id|exp|iss|aud)\b|\ban (refresh|code)\b|\bcode token\b`)
	titles := 0
	for _, file := range append(specs.Builtin(), "../../testdata/fifth/pantry.yaml") {
		dialect, err := specs.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range Plan(dialect).Cases {
			if titles++; wrong.MatchString(c.Title) {
				t.Errorf("%s: %q", c.ID, c.Title)
			}
		}
	}
	if titles == 0 {
		t.Error("there are no titles")
	}
}
