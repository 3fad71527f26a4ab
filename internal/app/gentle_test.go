package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"gonogo/reports"
)

// logged is a request as the reference server's own log has it.
type logged struct {
	Time   time.Time
	Path   string
	Status int
}

// log is what the server has received since a request.
func (s *served) log(t *testing.T, since int) []logged {
	t.Helper()
	response, err := http.Get(fmt.Sprintf("%s/__control/requests?since=%d", s.control, since))
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Requests []logged }
	if err := json.Unmarshal(drained(response.Body), &list); err != nil {
		t.Fatal(err)
	}
	return list.Requests
}

// closest is the most requests that came within a second, and how many logins were refused for what they presented.
func closest(log []logged) (most, refused int) {
	for i, first := range log {
		n := 0
		for _, other := range log[i:] {
			if other.Time.Sub(first.Time) < time.Second {
				n++
			}
		}
		if most = max(most, n); first.Path == "/v2/auth/token" && first.Status != 200 {
			refused++
		}
	}
	return most, refused
}

// TestAGentleCheck is held to what it says beforehand, by the target's own log. A check that is not gentle breaks each of it.
func TestAGentleCheck(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	file := edited(t, s.file("kitchenhub"), func(f fields) { delete(f, "clock") }) // the log goes by it
	args := []string{"--target", file, "--case", "*/race", "--case", "kitchenhub/issue/client-*", "--case", "kitchenhub/issue/odd-values", "--case", "kitchenhub/issue/*-client-secret"}
	o, report := checked(t, append(args, "--gentle")...)
	o.exits(t, 0)
	gentle := s.log(t, 0)
	checked(t, args...)
	usual := s.log(t, len(gentle))

	const perSecond, logins, onTheWay = 5, 3, 2 // what was let go before, and comes now
	most, refused := closest(gentle)
	if most > perSecond+1+onTheWay || refused > logins || refused == 0 {
		t.Errorf("of %d requests %d came within a second, and %d logins were refused", len(gentle), most, refused)
	}
	if most, refused := closest(usual); most <= perSecond+1+onTheWay || refused <= logins {
		t.Errorf("a check that is not gentle has %d within a second and %d refused logins, so this shows nothing", most, refused)
	}

	left := map[string]string{}
	for _, c := range report.Dialects[0].Cases {
		if c.Outcome == reports.NotExercised {
			left[c.ID] = c.Reason
		}
	}
	for id, why := range map[string]string{
		"kitchenhub/refresh-rotation/race":       "it sends up to 16 requests at once, which a gentle check does not",
		"kitchenhub/issue/wrong-client-secret":   "it takes 1 more than the 3 logins with wrong credentials of a gentle check",
		"kitchenhub/issue/client-secret-missing": "it presents credentials that are incomplete or of nobody, which may count as wrong ones and which a gentle check does not send",
		"kitchenhub/issue/odd-values":            "it presents credentials that are incomplete or of nobody, which may count as wrong ones and which a gentle check does not send",
	} {
		if left[id] != why {
			t.Errorf("%s is left out for %q", id, left[id])
		}
	}
	said := fmt.Sprintf("a gentle check: one case at a time, 5 requests a second at the most, 3 logins with wrong credentials, no races; for that it leaves out %d cases", len(left))
	if !strings.HasPrefix(o.stderr, "kitchenhub: "+said) {
		t.Errorf("%q is not said before in\n%s", said, o)
	}
	if notes := strings.Join(report.Dialects[0].Notes, "\n"); !strings.Contains(notes, said) {
		t.Errorf("the report has the notes\n%s", notes)
	}
	plan := gonogo(t, append([]string{"check", "--plan", "--gentle"}, args...)...)
	if !strings.Contains(plan.stdout, said) || !strings.Contains(plan.stdout, "it sends up to 16 requests at once") {
		t.Errorf("the plan does not say it:\n%s", plan)
	}
	gonogo(t, "check", "--gentle", "--parallel", "4").complains(t, "gentle parallel")
}
