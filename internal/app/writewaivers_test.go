package app_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestWaiversAreDrafted: a file that nobody has read waives nothing, and one that was filled in makes the run a go.
func TestWaiversAreDrafted(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub", "--defect", "kitchenhub-refresh-replay")
	target, draft := s.file("kitchenhub"), filepath.Join(t.TempDir(), "waivers.yaml")
	check := func(more ...string) outcome {
		return gonogo(t, append([]string{"check", "--target", target, "--case", "kitchenhub/refresh-rotation/*", "--quiet"}, more...)...)
	}
	o := check("--write-waivers", draft)
	text := contents(t, draft)
	if o.code != 1 || !strings.Contains(o.stderr, draft+" has ") || !strings.Contains(text, "- case: 'kitchenhub/refresh-rotation/old-token-refused'\n") || !strings.Contains(text, "# wanted a refusal") {
		t.Errorf("%s\n%s", o, text)
	}
	for flag, c := range map[string]struct{ file, says string }{
		"--waivers":         {draft, draft + ":5: the waiver has no reason; say why the cases may end that way"},
		"--write-waivers":   {draft, "--write-waivers " + draft + ": there is one already"},
		"--write-waivers  ": {filepath.Join(draft, "in-a-file"), "nothing can be written there"},
	} {
		if o := check(strings.TrimSpace(flag), c.file); o.code != 2 || !strings.Contains(o.stderr, c.says) {
			t.Errorf("%s %s: %s", flag, c.file, o)
		}
	}

	filled := strings.NewReplacer("reason:\n", "reason: until the next release\n", "owner:\n", "owner: the token team\n").Replace(text)
	if err := os.WriteFile(draft, []byte(filled), 0o600); err != nil {
		t.Fatal(err)
	}
	another := draft + ".more"
	o = check("--waivers", draft, "--write-waivers", another)
	if o.code != 0 || !strings.Contains(o.stderr, "no case failed that is not waived") || !regexp.MustCompile(`[0-9]+ waived`).MatchString(o.stdout) {
		t.Errorf("%s", o)
	}
	if _, err := os.Stat(another); err == nil {
		t.Errorf("%s was written, with nothing to waive", another)
	}
}
