package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteJUnit writes a decided report as JUnit XML, the format junit: a suite
// for each dialect, a test case for each case. Viewers judge by elements and
// never by an exit code, so whatever keeps the run from go is a failure or an
// error in the file: what no case shows (a waiver to mend, a run cut short)
// has a test case of its own.
func WriteJUnit(w io.Writer, r *Report) error {
	r = r.clone()
	r.tidy()
	all := junitSuites{Name: "gonogo", Time: seconds(r.DurationMS)}
	names := r.suiteNames()
	for i, d := range r.Dialects {
		all.add(r.junitDialect(names[i], d), r.Started)
	}
	run := r.junitRun()
	if ExitCode(r) != ExitGo && all.Failures+all.Errors == 0 && !run.red() {
		run.add(junitCase{Classname: runSuite + ".run", Name: "verdict", Error: junitProblemOf("incomplete",
			fmt.Sprintf("the verdict is %q, and nothing in the report says why", r.Verdict), "")}, 0)
	}
	all.add(run, r.Started)
	return all.write(w)
}

// runSuite is the name of the suite of what belongs to no dialect.
const runSuite = "gonogo"

// suiteNames are the labels of the dialects, a number behind each that comes
// again: a viewer would put two suites of one name together.
func (r *Report) suiteNames() []string {
	var names []string
	seen := map[string]int{runSuite: 1}
	for i := range r.Dialects {
		name := plain(r.label(i))
		if seen[name]++; seen[name] > 1 {
			name = fmt.Sprintf("%s (%d)", name, seen[name])
		}
		names = append(names, name)
	}
	return names
}

// junitDialect is the suite of one dialect, its cases in the order of their
// ids, so that one run's file can be laid beside another's.
func (r *Report) junitDialect(name string, d *Dialect) *junitSuite {
	s := &junitSuite{Name: name, Properties: r.junitDialectProperties(d)}
	all := slices.Concat(d.Cases, d.withoutResult())
	slices.SortStableFunc(all, func(a, b Case) int { return cmp.Compare(a.ID, b.ID) })
	for _, c := range all {
		s.add(d.junitCase(name, c), c.DurationMS)
	}
	for _, p := range r.WaiverProblems {
		if slices.Contains(p.Dialects, d.ID) {
			s.add(p.junit(name), 0)
		}
	}
	if len(d.IncompleteBecause) > 0 {
		s.add(junitIncomplete(name, d.IncompleteBecause), 0)
	}
	return s
}

// withoutResult are the planned cases that left no result.
func (d *Dialect) withoutResult() []Case {
	seen := map[string]bool{}
	for _, c := range d.Cases {
		seen[c.ID] = true
	}
	var missing []Case
	for _, row := range d.Requirements {
		for _, id := range row.Cases {
			if !seen[id] {
				seen[id] = true
				missing = append(missing, Case{ID: id, Title: "the case left no result", Level: row.Level, Requirements: []string{row.ID}})
			}
		}
	}
	return missing
}

// junitRun is the suite of what belongs to no dialect. It is empty if all is
// said elsewhere.
func (r *Report) junitRun() *junitSuite {
	s := &junitSuite{Name: runSuite, Properties: r.junitProperties()}
	for _, p := range r.WaiverProblems {
		if !slices.ContainsFunc(r.Dialects, func(d *Dialect) bool { return slices.Contains(p.Dialects, d.ID) }) {
			s.add(p.junit(runSuite), 0)
		}
	}
	for _, capacity := range r.Capacity {
		s.add(capacity.junit(), 0)
	}
	for i, run := range r.Load {
		c := junitCase{Classname: runSuite + ".load", Name: fmt.Sprintf("load run %d", i+1)}
		if run.Scenario != "" {
			c.Name += ": " + plain(run.label(i))
			var numbers strings.Builder
			_ = WriteLoadText(&numbers, run, TerminalOptions{}) // which does not fail
			c.SystemOut = junitOutputOf(numbers.String())
		}
		because := plainLines(run.Because)
		switch noGo, incomplete := r.judge(run); {
		case noGo:
			c.Failure = junitProblemOf("fail", strings.TrimSuffix("the load run is a no-go: "+strings.Join(run.Because, "; "), ": "), because)
		case incomplete != "":
			c.Error = junitProblemOf("incomplete", strings.TrimSuffix("of the load run: "+incomplete+": "+strings.Join(run.Because, "; "), ": "), because)
		}
		s.add(c, run.DurationMS)
	}
	if r.Interrupted != "" || len(r.Dialects)+len(r.Load) == 0 {
		s.add(junitIncomplete(runSuite, r.IncompleteBecause), 0)
	}
	return s
}

// junitIncomplete is the test case of a run that is incomplete.
func junitIncomplete(suite string, because []string) junitCase {
	return junitCase{Classname: suite + ".run", Name: "complete",
		Error: junitProblemOf("incomplete", "incomplete: "+strings.Join(because, "; "), plainLines(because))}
}

func (p WaiverProblem) junit(suite string) junitCase {
	name := "waiver " + plain(p.Case)
	if p.Where != "" {
		name += " (" + plain(p.Where) + ")" // two waivers may have one glob
	}
	return junitCase{Classname: suite + ".waivers", Name: name,
		Failure: junitProblemOf("waiver-"+string(p.Trouble), p.String(), plainLines(append([]string{p.String()}, p.Cases...)))}
}

func (d *Dialect) junitCase(suite string, c Case) junitCase {
	j := junitCase{Classname: suite, Name: plain(c.ID)}
	if parts := strings.Split(c.ID, "/"); len(parts) > 1 {
		j.Classname += "." + plain(parts[1])
	}
	switch c.Outcome {
	case Pass:
	case Warn:
		j.SystemOut = junitOutputOf(CaseText(d, c))
	case Fail:
		j.Failure = junitProblemOf(string(c.Outcome), c.gist(), CaseText(d, c))
	case Waived:
		w := c.Waiver
		j.Skipped = junitSkippedFor(fmt.Sprintf("waived until %s (%s): %s; %s answers for it", w.Expires, w.Outcome, w.Reason, w.Owner))
		j.SystemOut = junitOutputOf(CaseText(d, c))
	case NotExercised, NotApplicable:
		j.Skipped = junitSkippedFor(strings.Trim(string(c.Outcome)+": "+c.Reason, ": "))
	case CouldNotRun, Error:
		j.Error = junitProblemOf(string(c.Outcome), c.gist(), CaseText(d, c))
	default:
		j.Error = junitProblemOf("no-result", "the case left no result", "")
	}
	return j
}

// gist is a bad case in a line.
func (c Case) gist() string {
	switch {
	case len(c.Findings) == 0 && c.Reason == "":
		return c.Title
	case len(c.Findings) == 0:
		return c.Reason
	}
	f := c.Findings[0]
	text := f.gist(cmp.Or(f.Requirement, strings.Join(c.Requirements, ", ")))
	if more := len(c.Findings) - 1; more > 0 {
		text += fmt.Sprintf(" (and %s)", count(more, "more finding"))
	}
	return text
}

// gist is a finding in a line, with the requirements that it violates.
func (f Finding) gist(rows string) string {
	text := fmt.Sprintf("wanted %s; got %s", f.Wanted, f.Got)
	if rows != "" {
		text = rows + ": " + text
	}
	return text
}

func plainLines(lines []string) string {
	var out []string
	for _, line := range lines {
		out = append(out, plain(line))
	}
	return strings.Join(out, "\n")
}

func (r *Report) junitDialectProperties(d *Dialect) []junitProperty {
	list := junitProperties("dialect", d.ID, "verdict", string(d.Verdict), "complete", fmt.Sprint(d.Complete), "target.base_url", d.Target.BaseURL,
		"document.title", d.Document.Title, "document.version", d.Document.Version, "document.sha256", d.Document.SHA256)
	for i, text := range d.Deviations {
		list = append(list, junitProperties(fmt.Sprintf("declared.%d", i+1), text)...)
	}
	for i, text := range d.Notes {
		list = append(list, junitProperties(fmt.Sprintf("note.%d", i+1), text)...)
	}
	return append(list, r.junitProperties()...)
}

// junitProperties are those of the run. They stand in every suite, because
// viewers have no place for those of a file.
func (r *Report) junitProperties() []junitProperty {
	return junitProperties("run.verdict", string(r.Verdict), "run.complete", fmt.Sprint(r.Complete), "seed", fmt.Sprint(r.Seed),
		"gate", string(r.Policy.Gate), "strict", fmt.Sprint(r.Policy.Strict),
		"tool.name", r.Tool.Name, "tool.version", r.Tool.Version, "tool.commit", r.Tool.Commit)
}
