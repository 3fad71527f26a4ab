package specs

import (
	"regexp"
	"testing"
)

// TestEveryPatternHasWords: nobody is shown a regular expression.
func TestEveryPatternHasWords(t *testing.T) {
	patterns := regexp.MustCompile(`"pattern": "((?:[^"\\\\]|\\\\.)*)"`).FindAllSubmatch(ExtensionSchema, -1)
	if len(patterns) < 5 {
		t.Fatalf("only %d patterns are found", len(patterns))
	}
	for _, p := range patterns {
		pattern := regexp.MustCompile(`\\\\`).ReplaceAllString(string(p[1]), `\`)
		if written[pattern] == "" {
			t.Errorf("%s has no words", pattern)
		}
	}
}
