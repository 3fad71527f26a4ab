package load

import (
	"crypto/rand"
	"regexp"
	"strings"
	"testing"
	"time"

	"gonogo/reports"
	"gonogo/specs"
)

// refreshing is a run whose requests are all refreshes.
func refreshing(of *Target) Config {
	return Config{Target: of, Scenario: "refresh", Rate: 600, Duration: 1500 * time.Millisecond, Connections: 2, WorkingSet: 2, Pick: uniform, Level: specs.Standard, Agent: "test"}
}

// Where each generator meets a server of its own, and the servers know nothing of each other, one token has two winners only across generators.
func TestARaceThatTwoGeneratorsWin(t *testing.T) {
	token, value := regexp.MustCompile(`"refresh_token":"([^"]+)"`), regexp.MustCompile(`_token":"[^"]+"`)
	winners := map[string]answered{} // by the token that was spent
	forged := 0
	target := proxied(t, served(t, nil, nil), func(a *answered) {
		spent := token.FindStringSubmatch(a.asked)
		if spent == nil || a.agent == "test" {
			return
		}
		before, won := winners[spent[1]]
		switch {
		case a.status == 200:
			winners[spent[1]] = *a
		case won && before.agent != a.agent:
			forged++
			a.status, a.said = 200, value.ReplaceAllStringFunc(before.said, func(string) string { return `_token":"` + rand.Text() + rand.Text() + `"` })
		}
	})
	runs := against(t, refreshing(target), 2, nil, func(i int, c *Config) { c.Agent = []string{"one", "two"}[i] })
	whole, err := Merge(runs)
	if err != nil || forged == 0 {
		t.Fatalf("%v; %d races were won twice", err, forged)
	}
	for _, v := range whole.Violations {
		if v.Kind != violationWords[raceWon] {
			continue
		}
		if !strings.Contains(v.Finding.Sent, duelWhy) || v.Requirement != "KH-REFRESH-2" || v.Count > int64(forged) || whole.Verdict != reports.NoGo || v.Exchange == nil {
			t.Errorf("%d of %d races: %+v, %+v", v.Count, forged, v.Finding, v.Exchange)
		}
		return
	}
	t.Errorf("%d races were won twice, and nobody says so: %+v", forged, whole.Violations)
}

// Generators find what is wrong with refreshes as one does; and nothing where nothing is, although they race with each other.
func TestGeneratorsRefreshTogether(t *testing.T) {
	for _, c := range []struct {
		defect, liberty, kind string
	}{
		{kind: ""}, {defect: "kitchenhub-refresh-race", kind: violationWords[raceWon]}, {liberty: "kitchenhub-revoke-on-replay"},
	} {
		t.Run(c.defect+c.liberty, func(t *testing.T) {
			t.Parallel()
			list := func(id string) (all []string) {
				if id != "" {
					all = append(all, id)
				}
				return all
			}
			whole, err := Merge(against(t, refreshing(served(t, list(c.defect), list(c.liberty))), 4, func(int) time.Time { return time.Now().Add(3 * time.Minute) }, nil))
			if err != nil {
				t.Fatal(err)
			}
			kinds := ""
			for _, v := range whole.Violations {
				kinds += v.Kind
			}
			if kinds != c.kind || whole.Requests == 0 || whole.Errors > 0 && c.kind == "" {
				t.Errorf("of %d requests %d are errors, and found is %q: %+v", whole.Requests, whole.Errors, kinds, whole.Violations)
			}
		})
	}
}
