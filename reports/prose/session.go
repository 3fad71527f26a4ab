package prose

import (
	"fmt"
	"slices"

	"gonogo/reports"
	"gonogo/reports/words"
)

// Journey says what each session of a run did, as far as its target has it; empty of a run without sessions.
func Journey(r *reports.LoadRun) string {
	if r.Sessions == nil || r.Plan == nil || r.Plan.Session == nil {
		return ""
	}
	s, has := r.Plan.Session, func(step string) bool { return slices.Contains(r.Sessions.Steps, step) }
	text := "a login"
	if has("use") {
		text += fmt.Sprintf(", %s in every %s (each after %s)", words.Count(s.Uses, "use"), words.Millis(s.PeriodMS), s.Think)
	}
	if has("refresh") {
		text += fmt.Sprintf(", a refresh every %s (%s)", words.Millis(s.PeriodMS), words.Times(int64(s.Refreshes)))
	}
	if has("logout") {
		text += ", a logout"
		if s.Logout != "100%" {
			text += " of " + s.Logout
		}
	}
	return text + fmt.Sprintf("; up to %d at once", s.Population)
}

// Sessions says what became of a run's sessions; empty of a run without any.
func Sessions(r *reports.LoadRun) string {
	s := r.Sessions
	if s == nil {
		return ""
	}
	text := fmt.Sprintf("%s begun, %s whole, %s broken", words.Grouped(s.Begun), words.Grouped(s.Whole), words.Grouped(s.Broken))
	for i, at := range s.BrokeAt {
		sign := ", "
		if i == 0 {
			sign = " (at "
		}
		text += fmt.Sprintf("%s%s ×%s", sign, at.What, words.Grouped(at.Count))
	}
	if len(s.BrokeAt) > 0 {
		text += ")"
	}
	if s.Open > 0 {
		text += fmt.Sprintf(", %s still open at its end", words.Grouped(s.Open))
	}
	if s.Crowded > 0 {
		text += fmt.Sprintf("; %s did not begin, because as many were under way as may be", words.Grouped(s.Crowded))
	}
	if s.Foregone > 0 {
		text += fmt.Sprintf("; %s of theirs never came to an answer", words.Many(s.Foregone, "request"))
	}
	text += fmt.Sprintf("; at most %s at once", words.Grouped(s.MostAtOnce))
	if slices.Contains(s.Steps, "refresh") {
		text += "; refreshes for each login: " + words.ThreeDigits(s.PerLogin())
	}
	return text
}
