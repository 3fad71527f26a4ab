package suites_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gonogo/suites"
)

// hasty is a client that puts its secret into a URL once, and ends; calm is one that does nothing.
const (
	hasty = `curl -sS -o /dev/null "$GONOGO_BASE_URL/v2/auth/token?secret=$GONOGO_PRIMARY_CLIENT_SECRET"`
	calm  = "exit 0"
)

// TestEveryFaceOfAWatchAgrees: gonogo watch, a Ginkgo suite and a plain test, about a client that violates something, one whose
// violation is waived, and one that never calls.
func TestEveryFaceOfAWatchAgrees(t *testing.T) {
	t.Parallel()
	const known = "- {case: 'kitchenhub/client-*/*', outcome: fail, reason: a new release in May, owner: Noor, expires: 2999-12-31}\n"
	for _, c := range []struct {
		name, command, more string
		code                int
		says                string
	}{
		{"hasty", hasty, "", 1, "FAIL  the secret stands in no address"},
		{"hasty and waived", hasty, "waivers: " + written(t, "waivers.yaml", known) + "\n", 0, "a new release in May"},
		{"calm", calm, "", 3, "the client made no request"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, "kitchenhub")
			file := rewritten(t, s.file("kitchenhub"), func(text string) string { return text + c.more })
			code, report := ends(t, "watch", "--target", file, "--run", c.command)
			run := suiteWith(t, []string{clientVariable + "=" + c.command}, []string{file}, "-ginkgo.v")
			if code != c.code || (run.code == 0) != (code == 0) {
				t.Errorf("watch ends with %d, the suite with %d", code, run.code)
			}
			run.has(t, c.says)
			agree(t, report, run)
			plain, err := suites.Watch(t.Context(), suites.Client{Target: suites.FromFile(file), Command: c.command})
			if err != nil {
				t.Fatal(err)
			}
			if differ := cmp.Diff(strings.Split(comparable(t, report), "\n"), strings.Split(comparable(t, plain), "\n")); differ != "" {
				t.Errorf("- watch, + a plain test\n%s", differ)
			}
		})
	}
}
