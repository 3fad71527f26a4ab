package app_test

import (
	"strings"
	"testing"
)

func TestClientUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "name the dialect"},
		{[]string{"kitchenhob"}, "did you mean kitchenhub?"},
		{[]string{"kitchenhub", "--style", "lasy"}, "did you mean lazy?"},
		{[]string{"kitchenhub", "--style", "popup"}, "there is no such style"},
		{[]string{"kitchenmonki", "--style", "popup"}, "name the address of the client's page"},
		{[]string{"kitchenmonki", "--page", "127.0.0.1:3000"}, "only a client of the style web or popup has a page"},
		{[]string{"kitchenhub", "--fault", "keeps-first-refrsh"}, "did you mean keeps-first-refresh?"},
		{[]string{"kitchenhub", "--fault", "token-in-url"}, "no client of kitchenhub has it"},
		{[]string{"kitchenhub", "--pace", "0s"}, "--pace 0s"},
		{[]string{"kitchenhub"}, "GONOGO_BASE_URL"},
	} {
		if code, _, stderr := says(append([]string{"client"}, c.args...)...); code != 2 || !strings.Contains(stderr, c.says) {
			t.Errorf("client %q: exit %d, %s", c.args, code, stderr)
		}
	}
	code, stdout, _ := says("client", "b2b", "--faults")
	if code != 0 || !strings.Contains(stdout, "b2b/BBW-REFRESH-2/keeps-first-refresh\n") || strings.Contains(stdout, "kitchenhub/") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}
