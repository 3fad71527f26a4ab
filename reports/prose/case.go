package prose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gonogo/reports"
	"gonogo/reports/words"
)

// Mark is an outcome for the eye that scans. The word always stands beside it.
func Mark(o reports.Outcome) string {
	switch o {
	case reports.Pass:
		return "✓"
	case reports.Warn:
		return "!"
	case reports.Waived:
		return "~"
	case reports.Fail:
		return "✗"
	case reports.NotApplicable:
		return "-"
	case reports.NotExercised:
		return "○"
	}
	return "?" // could-not-run and error: nothing is known
}

// Row is a requirement in a line; one that the run did not select is its id.
func Row(d *reports.Dialect, id string) string {
	row := d.Requirement(id)
	if row == nil {
		return id
	}
	text := fmt.Sprintf("%s (%s): %s", row.ID, row.Level, row.Text)
	if row.Where != "" {
		text += fmt.Sprintf(" [%s]", row.Where)
	}
	return text
}

// Item is a checklist item in words: its mark, whether it holds, and what keeps it from that.
func Item(d *reports.Dialect, item reports.ChecklistItem) (mark, word, because string) {
	switch o := item.Outcome; {
	case o == reports.Pass:
		return "✓", "holds", ""
	case ticked(o):
		return "✓", fmt.Sprintf("holds (%s)", o), ""
	case o == reports.Fail || o == reports.Waived:
		return "✗", "does not hold", words.Join(holdBack(d, item))
	}
	return Mark(item.Outcome), "not shown", words.Join(holdBack(d, item))
}

// ticked reports whether a checklist item with this outcome holds: everything
// that it rests on ran, and nothing that gates went wrong.
func ticked(o reports.Outcome) bool { return o == reports.Pass || o == reports.Warn }

// holdBack names the requirements that keep an item from its tick.
func holdBack(d *reports.Dialect, item reports.ChecklistItem) []string {
	var ids []string
	for _, id := range item.Requirements {
		if o := d.OutcomeOf(id); !ticked(o) && o != reports.NotApplicable {
			ids = append(ids, fmt.Sprintf("%s %s", id, o))
		}
	}
	if len(ids) == 0 {
		return []string{string(item.Outcome)}
	}
	return ids
}

// Fact is a name and what it is.
type Fact struct {
	Name, Text string
	Code       bool // it is to be copied as it stands
}

// Facts are what a finding says; a text may be missing.
func Facts(f reports.Finding) []Fact {
	return []Fact{{Name: "sent", Text: f.Sent}, {Name: "wanted", Text: f.Wanted}, {Name: "got", Text: f.Got}, {Name: "where", Text: f.Where, Code: true}}
}

// Runs says what became of a case that was run several times; "" where that was the same each time, or nothing went wrong.
func Runs(c reports.Case) string {
	if c.Runs == nil || c.Runs.Total < 2 {
		return ""
	}
	var parts []string
	for _, o := range reports.Outcomes() {
		if n := c.Runs.Outcomes[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	text := fmt.Sprintf("%s in %s", words.Join(parts), words.Count(c.Runs.Total, "run"))
	switch {
	case c.Runs.Flaky:
		return "flaky: " + text
	case len(parts) > 1:
		return text
	case c.Runs.Outcomes[reports.Pass] > 0:
		return ""
	}
	return "the same in " + words.Count(c.Runs.Total, "run")
}

// Flaky are the cases that failed in some runs and not in others, each with its counts.
func Flaky(d *reports.Dialect) []string {
	var all []string
	for _, c := range d.Cases {
		if c.Runs != nil && c.Runs.Flaky {
			all = append(all, c.ID+" "+strings.TrimPrefix(Runs(c), "flaky: "))
		}
	}
	return all
}

// Gist is a bad case in a line.
func Gist(c reports.Case) string {
	if runs := Runs(c); runs != "" {
		c.Runs = nil
		return Gist(c) + " (" + runs + ")"
	}
	switch {
	case len(c.Findings) == 0:
		return cmp.Or(c.Reason, c.Title)
	case len(c.Findings) == 1:
		return Finding(c.Findings[0], words.Join(c.Requirements))
	}
	return fmt.Sprintf("%s (and %s)", Finding(c.Findings[0], words.Join(c.Requirements)), words.Count(len(c.Findings)-1, "more finding"))
}

// Finding is a finding in a line, with the requirement that it violates; rows if it names none.
func Finding(f reports.Finding, rows string) string {
	text := fmt.Sprintf("wanted %s; got %s", f.Wanted, f.Got)
	if rows = cmp.Or(f.Requirement, rows); rows != "" {
		text = rows + ": " + text
	}
	return text
}

// Violated is the requirement to name beside a finding: "" where its case has said it.
func Violated(c reports.Case, f reports.Finding) string {
	if len(c.Requirements) > 1 || !slices.Contains(c.Requirements, f.Requirement) {
		return f.Requirement
	}
	return ""
}

// Warned are the requirements that cases warn of, by id.
func Warned(d *reports.Dialect) (rows []string) {
	for _, row := range d.Requirements {
		if slices.ContainsFunc(d.Cases, func(c reports.Case) bool { return c.Outcome == reports.Warn && c.Violates(row.ID) }) {
			rows = append(rows, row.ID)
		}
	}
	return rows
}

// Blamed is the requirement that a bad case violates: what its first finding
// says, or its first. A case of none stands for itself.
func Blamed(c reports.Case) string {
	if len(c.Requirements) == 0 {
		return c.ID
	}
	for _, f := range c.Findings {
		if f.Requirement != "" {
			return f.Requirement
		}
	}
	return c.Requirements[0]
}

// Waiver says why a waived case may end that way, and who answers for it.
func Waiver(w *reports.AppliedWaiver) string {
	outcome := string(w.Outcome)
	if w.Flaky {
		outcome += " now and then"
	}
	text := fmt.Sprintf("(%s): %s; %s answers for it until %s", outcome, w.Reason, w.Owner, w.Expires)
	if w.Issue != "" {
		text += ", " + w.Issue
	}
	return text
}

// Waived is the same where it stands for an outcome, in a line of a list.
func Waived(w *reports.AppliedWaiver) string {
	return fmt.Sprintf("waived until %s (%s): %s; %s answers for it", w.Expires, w.Outcome, w.Reason, w.Owner)
}

// Group is cases that share an outcome and a reason.
type Group struct {
	Outcome reports.Outcome
	Word    string // the outcome, or that there is no result
	Reason  string
	Cases   []reports.Case
}

// Groups puts cases together by outcome and reason, in the order of their first cases.
func Groups(cases []reports.Case) []Group {
	var groups []Group
	for _, c := range cases {
		g := Group{c.Outcome, string(c.Outcome), cmp.Or(c.Reason, "no reason was recorded"), nil}
		if c.Outcome == "" {
			g = Group{reports.CouldNotRun, "no result", "planned, and left no result", nil}
		}
		at := slices.IndexFunc(groups, func(other Group) bool { return other.Word == g.Word && other.Reason == g.Reason })
		if at < 0 {
			groups, at = append(groups, g), len(groups)
		}
		groups[at].Cases = append(groups[at].Cases, c)
	}
	return groups
}

// Rows are the requirements of the group, each once, in order.
func (g Group) Rows() []string {
	var rows []string
	for _, c := range g.Cases {
		for _, id := range c.Requirements {
			if !slices.Contains(rows, id) {
				rows = append(rows, id)
			}
		}
	}
	return rows
}

// With returns the cases of these outcomes, the outcomes in the order given.
func With(cases []reports.Case, outcomes ...reports.Outcome) []reports.Case {
	var picked []reports.Case
	for _, o := range outcomes {
		for _, c := range cases {
			if c.Outcome == o {
				picked = append(picked, c)
			}
		}
	}
	return picked
}

// Bare reports whether a case says no more than why nothing can be said.
func Bare(c reports.Case) bool { return !c.Outcome.Ran() && len(c.Findings) == 0 }

// Keys begin the anchors of each dialect of a report: its id, and a number behind it where one id comes twice.
func Keys(r *reports.Report) []string {
	var keys []string
	seen := map[string]int{}
	for _, d := range r.Dialects {
		key := d.ID
		if seen[key]++; seen[key] > 1 {
			key = fmt.Sprintf("%s-%d", key, seen[key])
		}
		keys = append(keys, key)
	}
	return keys
}

// Together is how a request left with others, as a clause.
func Together(t *reports.Together) string {
	text := fmt.Sprintf("as one of %d at once", t.Requests)
	switch {
	case t.Held == 0:
		text += ", none of them held back"
	case t.Held < t.Requests:
		text += fmt.Sprintf(", %d of them held back and released within %s", t.Held, words.Duration(t.SpreadUS))
	default:
		text += fmt.Sprintf(", released within %s", words.Duration(t.SpreadUS))
	}
	if t.AfterUS > 0 {
		text += fmt.Sprintf(", this one %s after the first", words.Duration(t.AfterUS))
	}
	text += fmt.Sprintf(", over %s to %s", t.Protocol, t.Address)
	if t.Proxied {
		text += ", a proxy"
	}
	return text
}

// Trace is by what the server's own logs and traces know a request; "" of one that named nothing.
func Trace(x *reports.Exchange) string {
	if x == nil || x.TraceID == "" {
		return ""
	}
	return x.TraceID + " span " + x.SpanID
}

// Judged names a dialect, and under which profile of its document its rows were judged.
func Judged(d *reports.Dialect) string {
	if d.Profile == "" {
		return d.ID
	}
	return d.ID + " under " + d.Profile
}
