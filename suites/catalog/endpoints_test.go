package catalog

import (
	"slices"
	"strings"
	"testing"

	"gonogo/internal/target"
	"gonogo/suites/engine"
)

// TestEndpoints: an operation that a target does not have takes no case out of the plan, but those that need it are not
// applicable; one that is elsewhere is called there.
func TestEndpoints(t *testing.T) {
	const file = `dialect: kitchenhub
base_url: http://127.0.0.1:8080
credentials:
  primary: {client_id: hub-one, client_secret: first-secret}
  second: {client_id: hub-two, client_secret: other-secret}
`
	ids := func(cases []engine.Case) (all []string) {
		for _, c := range cases {
			all = append(all, c.ID)
		}
		return all
	}
	parse := func(more string) *engine.Plan {
		t.Helper()
		at, dialect, err := target.Parse("target.yaml", []byte(file+more), nil)
		if err != nil {
			t.Fatal(err)
		}
		return PlanAt(dialect, at)
	}
	whole, less := parse(""), parse("endpoints: {validateToken: none, issueToken: /oauth/token}\n")
	if !slices.Equal(ids(whole.Cases), ids(less.Cases)) {
		t.Errorf("the plan has %d cases, and %d without an operation", len(whole.Cases), len(less.Cases))
	}
	lacking := 0
	for _, c := range less.Cases {
		absent := slices.Contains(c.Needs, target.NeedOperation)
		if absent {
			lacking++
		}
		if strings.HasPrefix(c.ID, "kitchenhub/validate/") && !absent || strings.HasPrefix(c.ID, "kitchenhub/issue/") && absent {
			t.Errorf("%s needs an absent operation: %t", c.ID, absent)
		}
	}
	if lacking == 0 || lacking > len(less.Cases)/2 {
		t.Errorf("%d of %d cases need an operation that is absent", lacking, len(less.Cases))
	}
}
