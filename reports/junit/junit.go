// Package junit writes a report as JUnit XML. Viewers judge by elements and
// never by an exit code, so whatever keeps a run from go is a failure or an
// error in the file. It must never know how a verdict comes about.
package junit

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/terminal"
	"gonogo/reports/words"
)

// Write writes a decided report as JUnit XML: a suite for each dialect, a test
// case for each case. What no case shows (a waiver to mend, a run cut short)
// has a test case of its own.
func Write(w io.Writer, r *reports.Report) error {
	all := suites{Name: "gonogo", Time: seconds(r.DurationMS)}
	names := suiteNames(r)
	for i, d := range r.Dialects {
		all.add(dialectSuite(r, d, names[i]), r.Started)
	}
	run := runSuite(r)
	if reports.ExitCode(r) != reports.ExitGo && all.Failures+all.Errors == 0 && !run.red() {
		run.add(testcase{Classname: runName + ".run", Name: "verdict", Error: problemOf("incomplete",
			fmt.Sprintf("the verdict is %q, and nothing in the report says why", r.Verdict), "")}, 0)
	}
	all.add(run, r.Started)
	return all.write(w)
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
func dialectSuite(r *reports.Report, d *reports.Dialect, name string) *suite {
	s := &suite{Name: name, Properties: dialectProperties(r, d)}
	all := slices.Concat(d.Cases, d.Missing())
	slices.SortStableFunc(all, func(a, b reports.Case) int { return cmp.Compare(a.ID, b.ID) })
	for _, c := range all {
		s.add(caseOf(d, c, name), c.DurationMS)
	}
	for _, p := range r.WaiverProblems {
		if slices.Contains(p.Dialects, d.ID) {
			s.add(waiverCase(p, name), 0)
		}
	}
	if len(d.IncompleteBecause) > 0 {
		s.add(incomplete(name, d.IncompleteBecause), 0)
	}
	return s
}

// runSuite is the suite of what belongs to no dialect. It is empty if all is
// said elsewhere.
func runSuite(r *reports.Report) *suite {
	s := &suite{Name: runName, Properties: runProperties(r)}
	for _, p := range r.WaiverProblems {
		if !slices.ContainsFunc(r.Dialects, func(d *reports.Dialect) bool { return slices.Contains(p.Dialects, d.ID) }) {
			s.add(waiverCase(p, runName), 0)
		}
	}
	for _, c := range r.Capacity {
		noGo, why := c.Judge()
		s.add(ofSeveral("capacity", c.Label(), prose.Result(c), c.Because, noGo, why), 0)
	}
	for _, c := range r.Comparisons {
		noGo, why := c.Judge()
		s.add(ofSeveral("comparison", c.Label(), prose.Compared(c), c.Because, noGo, why), 0)
	}
	for i, run := range r.Load {
		s.add(loadCase(r, i, run), run.DurationMS)
	}
	if r.Interrupted != "" || len(r.Dialects)+len(r.Load)+len(r.Comparisons) == 0 {
		s.add(incomplete(runName, r.IncompleteBecause), 0)
	}
	return s
}

// ofSeveral is a verdict over several load runs.
func ofSeveral(kind, label, result string, because []string, noGo bool, why string) testcase {
	j := testcase{Classname: runName + "." + kind, Name: words.Plain(label), SystemOut: outputOf(words.Plain(result))}
	switch {
	case noGo:
		j.Failure = problemOf("fail", strings.Join(because, "; "), lines(because))
	case why != "":
		j.Error = problemOf("incomplete", why, lines(because))
	}
	return j
}

func loadCase(r *reports.Report, i int, run *reports.LoadRun) testcase {
	j := testcase{Classname: runName + ".load", Name: fmt.Sprintf("load run %d", i+1)}
	if run.Scenario != "" {
		j.Name += ": " + words.Plain(prose.Load(i, run))
		var numbers strings.Builder
		_ = terminal.Options{}.WriteLoad(&numbers, run) // which does not fail
		j.SystemOut = outputOf(numbers.String())
	}
	because := strings.Join(run.Because, "; ")
	switch noGo, why := r.JudgeLoad(run); {
	case noGo:
		j.Failure = problemOf("fail", strings.TrimSuffix("the load run is a no-go: "+because, ": "), lines(run.Because))
	case why != "":
		j.Error = problemOf("incomplete", strings.TrimSuffix("of the load run: "+why+": "+because, ": "), lines(run.Because))
	}
	return j
}

// incomplete is the test case of a run that is incomplete.
func incomplete(suite string, because []string) testcase {
	return testcase{Classname: suite + ".run", Name: "complete",
		Error: problemOf("incomplete", "incomplete: "+strings.Join(because, "; "), lines(because))}
}

func waiverCase(p reports.WaiverProblem, suite string) testcase {
	name := "waiver " + words.Plain(p.Case)
	if p.Where != "" {
		name += " (" + words.Plain(p.Where) + ")" // two waivers may have one glob
	}
	return testcase{Classname: suite + ".waivers", Name: name,
		Failure: problemOf("waiver-"+string(p.Trouble), p.String(), lines(append([]string{p.String()}, p.Cases...)))}
}

func caseOf(d *reports.Dialect, c reports.Case, suite string) testcase {
	j := testcase{Classname: suite, Name: words.Plain(c.ID)}
	if parts := strings.Split(c.ID, "/"); len(parts) > 1 {
		j.Classname += "." + words.Plain(parts[1])
	}
	switch c.Outcome {
	case reports.Pass:
	case reports.Warn:
		j.SystemOut = outputOf(terminal.Case(d, c))
	case reports.Fail:
		j.Failure = problemOf(string(c.Outcome), prose.Gist(c), terminal.Case(d, c))
	case reports.Waived:
		j.Skipped = skippedFor(prose.Waived(c.Waiver))
		j.SystemOut = outputOf(terminal.Case(d, c))
	case reports.NotExercised, reports.NotApplicable:
		j.Skipped = skippedFor(strings.Trim(string(c.Outcome)+": "+c.Reason, ": "))
	case reports.CouldNotRun, reports.Error:
		j.Error = problemOf(string(c.Outcome), prose.Gist(c), terminal.Case(d, c))
	default:
		j.Error = problemOf("no-result", "the case left no result", "")
	}
	return j
}

func lines(texts []string) string { return words.Lines(strings.Join(texts, "\n")) }

func dialectProperties(r *reports.Report, d *reports.Dialect) []property {
	list := properties("dialect", d.ID, "verdict", string(d.Verdict), "complete", fmt.Sprint(d.Complete), "target.base_url", d.Target.BaseURL,
		"document.title", d.Document.Title, "document.version", d.Document.Version, "document.sha256", d.Document.SHA256)
	if d.Profile != "" {
		list = append(list, properties("profile", d.Profile)...)
	}
	for i, text := range d.Deviations {
		list = append(list, properties(fmt.Sprintf("declared.%d", i+1), text)...)
	}
	for i, text := range d.Notes {
		list = append(list, properties(fmt.Sprintf("note.%d", i+1), text)...)
	}
	return append(list, runProperties(r)...)
}

// runProperties are those of the run. They stand in every suite, because
// viewers have no place for those of a file.
func runProperties(r *reports.Report) []property {
	all := properties("run.verdict", string(r.Verdict), "run.complete", fmt.Sprint(r.Complete), "seed", fmt.Sprint(r.Seed),
		"gate", string(r.Policy.Gate), "strict", fmt.Sprint(r.Policy.Strict),
		"tool.name", r.Tool.Name, "tool.version", r.Tool.Version, "tool.commit", r.Tool.Commit)
	for _, name := range slices.Sorted(maps.Keys(r.Labels)) {
		all = append(all, properties("label."+name, r.Labels[name])...)
	}
	return all
}
