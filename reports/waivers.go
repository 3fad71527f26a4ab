package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gonogo/internal/spell"
	"gonogo/reports/words"
)

// Waiver says that certain cases are known to end badly, why, and until when.
// The cases still run.
type Waiver struct {
	Case    string  // a glob over case ids, see MatchCase
	Outcome Outcome // what the cases are expected to end in
	Reason  string
	Issue   string // optional
	Owner   string
	Expires string // YYYY-MM-DD, the last day on which it holds
	Flaky   bool   // the failure comes and goes: that it did not come proves nothing
	Where   string // file:line
}

// Expired reports whether the waiver's last day is over at the place of now.
func (w Waiver) Expired(now time.Time) bool { return now.Format(time.DateOnly) > w.Expires }

// WaiverTrouble says what is wrong with a waiver.
type WaiverTrouble string

// What can be wrong with a waiver; each of these makes a run no-go.
const (
	Expired   WaiverTrouble = "expired"   // its last day is over
	Stale     WaiverTrouble = "stale"     // the cases it matches no longer end that way
	Unmatched WaiverTrouble = "unmatched" // it matches no case
	Ambiguous WaiverTrouble = "ambiguous" // a case is matched by it and by another
)

// WaiverProblem is a waiver that no longer says something true.
type WaiverProblem struct {
	Trouble  WaiverTrouble `json:"trouble"`
	Case     string        `json:"case"`     // the waiver's glob
	Where    string        `json:"where"`    // file:line of the waiver
	Text     string        `json:"text"`     // what is wrong and how to mend it
	Cases    []string      `json:"cases"`    // the cases that show it
	Dialects []string      `json:"dialects"` // the dialects that it makes no-go; the run always is
}

// String returns the problem as one sentence that begins with its place.
func (p WaiverProblem) String() string {
	if p.Where == "" {
		return p.Text
	}
	return p.Where + ": " + p.Text
}

// ApplyWaivers waives what may be waived in r and records what is wrong with
// the waivers. Decide comes after it. For planned see waiverProblems; without a
// history a flaky waiver is never stale.
func ApplyWaivers(r *Report, waivers []Waiver, planned []string, history *History, now time.Time) {
	for _, d := range r.Dialects {
		for i := range d.Cases {
			Waive(&d.Cases[i], waivers, now)
		}
	}
	r.WaiverProblems = waiverProblems(r.Dialects, waivers, planned, history, now)
}

// Waive turns the outcome of one case into waived if exactly one waiver in
// force matches its id and names its outcome. Call it as a case ends, before
// any Observer sees the case, so that a stream that is cut short tells waived
// failures from others.
func Waive(c *Case, waivers []Waiver, now time.Time) {
	if c.Outcome == Waived {
		return
	}
	matching := inForce(c.ID, waivers, now)
	if len(matching) != 1 || matching[0].Outcome != c.Outcome {
		return
	}
	w := matching[0]
	c.Outcome = Waived
	c.Waiver = &AppliedWaiver{
		Case: w.Case, Outcome: w.Outcome, Reason: w.Reason, Issue: w.Issue,
		Owner: w.Owner, Expires: w.Expires, Where: w.Where, Flaky: w.Flaky,
	}
}

func inForce(id string, waivers []Waiver, now time.Time) []Waiver {
	var matching []Waiver
	for _, w := range waivers {
		if MatchCase(w.Case, id) && !w.Expired(now) {
			matching = append(matching, w)
		}
	}
	return matching
}

// waiverProblems returns what is wrong with the waivers, in their order.
// Planned are the ids of all cases that there are before any selection (by
// --case, by label, by naming dialects): a waiver for a case that was
// deselected is neither unmatched nor stale.
func waiverProblems(dialects []*Dialect, waivers []Waiver, planned []string, history *History, now time.Time) []WaiverProblem {
	results := map[string][]Outcome{}
	ids := slices.Clone(planned)
	for _, d := range dialects {
		for _, c := range d.Cases {
			results[c.ID] = append(results[c.ID], c.unwaived())
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)

	problems := []WaiverProblem{}
	for _, w := range waivers {
		stale := func(matched []string) string { return w.stale(matched, results, dialects, history) }
		problems = append(problems, w.problems(ids, dialects, stale, waivers, now)...)
	}
	for i := range problems {
		problems[i].Dialects = slices.DeleteFunc(problems[i].Dialects, func(id string) bool {
			return !slices.ContainsFunc(dialects, func(d *Dialect) bool { return d.ID == id })
		})
	}
	return problems
}

func (w Waiver) problems(ids []string, dialects []*Dialect, stale func(matched []string) string, all []Waiver, now time.Time) []WaiverProblem {
	var matched, twice []string
	for _, id := range ids {
		if !MatchCase(w.Case, id) {
			continue
		}
		matched = append(matched, id)
		if len(inForce(id, all, now)) > 1 {
			twice = append(twice, id)
		}
	}
	switch {
	case w.Expired(now):
		return []WaiverProblem{w.problem(Expired, matched,
			"the waiver for %s expired on %s; mend the target and delete the waiver, or let %s agree to a new date", w.Case, w.Expires, w.Owner)}
	case len(matched) == 0:
		dialect, _, _ := strings.Cut(w.Case, "/")
		return []WaiverProblem{w.problem(Unmatched, []string{dialect},
			"the waiver for %s matches no case; %s", w.Case, w.meant(ids, dialects))}
	case len(twice) > 0:
		return []WaiverProblem{w.problem(Ambiguous, twice,
			"the waiver for %s shares %s with another waiver (%s); let each case match one waiver", w.Case, words.Cases(len(twice)), twice[0])}
	}
	if why := stale(matched); why != "" {
		return []WaiverProblem{w.problem(Stale, matched, "the waiver for %s is stale: %s; delete the waiver", w.Case, why)}
	}
	return nil
}

// meant is what to write instead of a glob that matches no case.
func (w Waiver) meant(ids []string, dialects []*Dialect) string {
	for _, d := range dialects {
		for _, c := range d.Cases {
			if slices.ContainsFunc(c.Requirements, func(row string) bool { return strings.EqualFold(row, w.Case) }) {
				return "that is a requirement, and waivers name cases, such as " + c.ID
			}
		}
	}
	plain := strings.Split(w.Case, "/")
	if i := slices.IndexFunc(plain, func(part string) bool { return strings.ContainsAny(part, `*?[\`) }); i >= 0 {
		plain = plain[:i]
	}
	var begins []string // of ids, as far as the glob is a plain text
	for _, id := range ids {
		if parts := strings.Split(id, "/"); len(parts) >= len(plain) {
			begins = append(begins, strings.Join(parts[:len(plain)], "/"))
		}
	}
	begin := strings.Join(plain, "/")
	if near, ok := spell.Guess(begin, slices.Compact(begins)); ok {
		glob := near + strings.TrimPrefix(w.Case, begin)
		if slices.ContainsFunc(ids, func(id string) bool { return MatchCase(glob, id) }) {
			return "did you mean " + glob + "?"
		}
	}
	return "correct the glob (the same command with --plan lists the ids) or delete the waiver"
}

// stale says why the waiver no longer says something true, "" if it may: every
// case that it matches was seen to end in something else. A case that was deselected, or of which nothing can be said
// today, may well end that way tomorrow: calling the waiver stale because the
// target went away, or because nobody granted the wait, would be a wrong red.
func (w Waiver) stale(matched []string, results map[string][]Outcome, dialects []*Dialect, history *History) string {
	if w.Flaky {
		return w.neverSeen(matched, dialects, history)
	}
	for _, id := range matched {
		if len(results[id]) == 0 {
			return ""
		}
		for _, o := range results[id] {
			if o == w.Outcome || unseen(o) {
				return ""
			}
		}
	}
	return fmt.Sprintf("no case that it matches ends in %s any more", w.Outcome)
}

// unseen reports whether nothing can be said of a case with this outcome.
func unseen(o Outcome) bool { return o == NotExercised || o == CouldNotRun || o == Error }

// neverSeen is stale for a failure that comes and goes: it takes as many runs as StaleAfter of every case in which none ended
// that way.
func (w Waiver) neverSeen(matched []string, dialects []*Dialect, history *History) string {
	if history == nil {
		return ""
	}
	for _, id := range matched {
		seen := history.seen(id, dialects, w.Outcome)
		if len(seen) < StaleAfter || slices.Contains(seen[:StaleAfter], w.Outcome) {
			return ""
		}
	}
	return fmt.Sprintf("no case that it matches ended in %s in the last %d runs of each (%s)", w.Outcome, StaleAfter, history.Dir())
}

func (w Waiver) problem(trouble WaiverTrouble, ids []string, text string, args ...any) WaiverProblem {
	p := WaiverProblem{Trouble: trouble, Case: w.Case, Where: w.Where, Text: fmt.Sprintf(text, args...), Cases: []string{}, Dialects: []string{}}
	for _, id := range ids {
		dialect, _, isCase := strings.Cut(id, "/")
		if isCase {
			p.Cases = append(p.Cases, id)
		}
		if !slices.Contains(p.Dialects, dialect) {
			p.Dialects = append(p.Dialects, dialect)
		}
	}
	return p
}

// unwaived returns what the case would have been without a waiver.
func (c Case) unwaived() Outcome {
	if c.Outcome == Waived && c.Waiver != nil {
		return c.Waiver.Outcome
	}
	return c.Outcome
}
