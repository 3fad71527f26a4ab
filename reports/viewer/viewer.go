// Package viewer is a report as whatever shows test results takes it: suites of tests, each green, red or left out. Such viewers judge by
// tests and never by an exit code, so whatever keeps a run from go is a red test. The package must never know how a verdict comes about, or
// how a form writes it down.
package viewer

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/terminal"
	"gonogo/reports/words"
)

// Status is the colour of a test.
type Status int

// The statuses.
const (
	Passed  Status = iota
	Skipped        // it did not run, or is waived
	Failed         // it is a no-go
	Errored        // nothing can be said, and so it is no go
)

// Test is a case, or what else is judged.
type Test struct {
	Class, Name string
	Status      Status
	Kind        string // the word for what became of it: an outcome, or what is wrong
	Message     string // why it is red, a warning or left out, in a line
	Text        string // the same, with all there is to see of it
	Output      string // what else there is to see
	Where       string // file:line of the user's own document, or the target file; "" for none
	DurationMS  int64
	Case        *reports.Case // nil: it is none
}

// Red reports whether a viewer shows that something is wrong.
func (t Test) Red() bool { return t.Status == Failed || t.Status == Errored }

// Suite is the tests of a dialect, or of what belongs to none.
type Suite struct {
	Name    string
	Dialect *reports.Dialect // nil: of none
	Tests   []Test
}

const (
	// maxMessage is the most that a message may take, in characters: viewers
	// show it in a line of a list. Of 903 messages, of 181 runs with a defect
	// each, the median had 74, and 2 were cut.
	maxMessage = 300
	// maxText is the most that the text of a test may take, in bytes. The
	// longest of those runs had 10 KiB. A target decides how long "got" and a
	// curl line become, and viewers hold the whole file in memory.
	maxText = 16 << 10
)

// Suites are those of a decided report: one for each dialect, and one for the rest if there is any. What no case shows (a waiver to
// mend, a run cut short) is a test of its own. One at least is red if and only if the exit code of the run is not 0.
func Suites(r *reports.Report) []Suite {
	var all []Suite
	red := false
	names := suiteNames(r)
	for i, d := range r.Dialects {
		all = append(all, dialectSuite(r, d, names[i]))
	}
	run := runSuite(r)
	for _, s := range append(slices.Clone(all), run) {
		red = red || slices.ContainsFunc(s.Tests, Test.Red)
	}
	if reports.ExitCode(r) != reports.ExitGo && !red {
		run.Tests = append(run.Tests, Test{Class: runName + ".run", Name: "verdict"}.
			is(Errored, "incomplete", fmt.Sprintf("the verdict is %q, and nothing in the report says why", r.Verdict), ""))
	}
	all = slices.DeleteFunc(append(all, run), func(s Suite) bool { return len(s.Tests) == 0 })
	for _, s := range all {
		for i := range s.Tests {
			s.Tests[i] = s.Tests[i].Bounded()
		}
	}
	return all
}

// Bounded is the test with what it says cut to what viewers can bear, and a reason where it was left out for none.
func (t Test) Bounded() Test {
	if t.Status == Skipped {
		t.Message = cmp.Or(t.Message, "no reason was recorded")
	}
	t.Message, t.Text, t.Output = words.Short(t.Message, maxMessage), words.Cut(t.Text, maxText, "text"), words.Cut(t.Output, maxText, "text")
	return t
}

func (t Test) is(status Status, kind, message, text string) Test {
	t.Status, t.Kind, t.Message, t.Text = status, kind, message, text
	return t
}

// runName is the name of the suite of what belongs to no dialect.
const runName = "gonogo"

// suiteNames are the labels of the dialects, a number behind each that comes
// again: a viewer would put two suites of one name together.
func suiteNames(r *reports.Report) []string {
	var names []string
	seen := map[string]int{runName: 1}
	for i := range r.Dialects {
		name := words.Plain(r.Label(i))
		if seen[name]++; seen[name] > 1 {
			name = fmt.Sprintf("%s (%d)", name, seen[name])
		}
		names = append(names, name)
	}
	return names
}

// dialectSuite is the suite of one dialect, its cases in the order of their
// ids, so that one run's file can be laid beside another's.
func dialectSuite(r *reports.Report, d *reports.Dialect, name string) Suite {
	s := Suite{Name: name, Dialect: d}
	all := slices.Concat(d.Cases, d.Missing())
	slices.SortStableFunc(all, func(a, b reports.Case) int { return cmp.Compare(a.ID, b.ID) })
	for _, c := range all {
		s.Tests = append(s.Tests, caseOf(d, c, name))
	}
	for _, p := range r.WaiverProblems {
		if slices.Contains(p.Dialects, d.ID) {
			s.Tests = append(s.Tests, waiverCase(p, name))
		}
	}
	if len(d.IncompleteBecause) > 0 {
		s.Tests = append(s.Tests, Incomplete(name, d.IncompleteBecause))
	}
	return s
}

// runSuite is the suite of what belongs to no dialect. It is empty if all is
// said elsewhere.
func runSuite(r *reports.Report) Suite {
	s := Suite{Name: runName}
	for _, p := range r.WaiverProblems {
		if !slices.ContainsFunc(r.Dialects, func(d *reports.Dialect) bool { return slices.Contains(p.Dialects, d.ID) }) {
			s.Tests = append(s.Tests, waiverCase(p, runName))
		}
	}
	for _, c := range r.Capacity {
		noGo, why := c.Judge()
		s.Tests = append(s.Tests, ofSeveral("capacity", c.Label(), prose.Result(c), c.Because, noGo, why))
	}
	for _, c := range r.Comparisons {
		noGo, why := c.Judge()
		s.Tests = append(s.Tests, ofSeveral("comparison", c.Label(), prose.Compared(c), c.Because, noGo, why))
	}
	for i, run := range r.Load {
		s.Tests = append(s.Tests, loadTest(r, i, run))
	}
	if r.Interrupted != "" || len(r.Dialects)+len(r.Load)+len(r.Comparisons) == 0 {
		s.Tests = append(s.Tests, Incomplete(runName, r.IncompleteBecause))
	}
	return s
}

// ofSeveral is a verdict over several load runs.
func ofSeveral(kind, label, result string, because []string, noGo bool, why string) Test {
	t := Test{Class: runName + "." + kind, Name: words.Plain(label), Output: words.Plain(result)}
	return t.judged(noGo, why, strings.Join(because, "; "), because)
}

func loadTest(r *reports.Report, i int, run *reports.LoadRun) Test {
	t := Test{Class: runName + ".load", Name: fmt.Sprintf("load run %d", i+1), DurationMS: run.DurationMS}
	if run.Scenario != "" {
		t.Name += ": " + words.Plain(prose.Load(i, run))
		var numbers strings.Builder
		_ = terminal.Options{}.WriteLoad(&numbers, run) // which does not fail
		t.Output = numbers.String()
	}
	because := strings.Join(run.Because, "; ")
	noGo, why := r.JudgeLoad(run)
	if why != "" {
		why = strings.TrimSuffix("of the load run: "+why+": "+because, ": ")
	}
	return t.judged(noGo, why, strings.TrimSuffix("the load run is a no-go: "+because, ": "), run.Because)
}

// judged is a no-go, incomplete for a reason, or neither.
func (t Test) judged(noGo bool, why, against string, because []string) Test {
	switch {
	case noGo:
		return t.is(Failed, "fail", against, lines(because))
	case why != "":
		return t.is(Errored, "incomplete", why, lines(because))
	}
	return t.is(Passed, "pass", "", "")
}

// Incomplete is the test of a run that is incomplete.
func Incomplete(suite string, because []string) Test {
	return Test{Class: suite + ".run", Name: "complete"}.is(Errored, "incomplete", "incomplete: "+strings.Join(because, "; "), lines(because))
}

func waiverCase(p reports.WaiverProblem, suite string) Test {
	name := "waiver " + words.Plain(p.Case)
	if p.Where != "" {
		name += " (" + words.Plain(p.Where) + ")" // two waivers may have one glob
	}
	return Test{Class: suite + ".waivers", Name: name, Where: p.Where}.
		is(Failed, "waiver-"+string(p.Trouble), p.String(), lines(append([]string{p.String()}, p.Cases...)))
}

func caseOf(d *reports.Dialect, c reports.Case, suite string) Test {
	t := Test{Class: suite, Name: words.Plain(c.ID), DurationMS: c.DurationMS, Case: &c, Where: Where(d, c.Findings...)}
	if parts := strings.Split(c.ID, "/"); len(parts) > 1 {
		t.Class += "." + words.Plain(parts[1])
	}
	kind := string(c.Outcome)
	switch c.Outcome {
	case reports.Pass:
		return t.is(Passed, kind, "", "")
	case reports.Warn:
		t.Output = terminal.Case(d, c)
		return t.is(Passed, kind, prose.Gist(c), "")
	case reports.Fail:
		return t.is(Failed, kind, prose.Gist(c), terminal.Case(d, c))
	case reports.Waived:
		t.Output = terminal.Case(d, c)
		return t.is(Skipped, kind, prose.Waived(c.Waiver), "")
	case reports.NotExercised, reports.NotApplicable:
		return t.is(Skipped, kind, strings.Trim(kind+": "+c.Reason, ": "), "")
	case reports.CouldNotRun, reports.Error:
		return t.is(Errored, kind, prose.Gist(c), terminal.Case(d, c))
	}
	return t.is(Errored, "no-result", "the case left no result", "")
}

// Where is the place in the user's files that findings are about: the line of the document that the first of them names, if that is the
// user's own, else the target file.
func Where(d *reports.Dialect, findings ...reports.Finding) string {
	if d.Document.File == "" {
		return d.Target.File
	}
	for _, f := range findings {
		if f.Where != "" {
			return f.Where
		}
	}
	return d.Document.File
}

func lines(texts []string) string { return words.Lines(strings.Join(texts, "\n")) }

// Place is such a place apart: the file, and the line or 0.
func Place(where string) (file string, line int) {
	at := strings.LastIndexByte(where, ':')
	if at < 0 {
		return where, 0
	}
	line, err := strconv.Atoi(where[at+1:])
	if err != nil {
		return where, 0
	}
	return where[:at], line
}
