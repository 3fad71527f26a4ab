package scene

import (
	"slices"
	"testing"
)

func TestASecretThatMayBeMisreadIsTriedInThoseWays(t *testing.T) {
	t.Parallel()
	for secret, want := range map[string][]string{
		"plain-Secret_7": nil,
		"with:colon":     {"with", "with%3Acolon"},
		"per%cent+plus":  {"per%25cent%2Bplus"},
		":begins":        {"%3Abegins"},
	} {
		var got []string
		for _, m := range misreadings(secret) {
			got = append(got, m.secret)
		}
		if !slices.Equal(got, want) || len(got) > MostMisreadings {
			t.Errorf("%q is tried as %q, want %q", secret, got, want)
		}
	}
}
