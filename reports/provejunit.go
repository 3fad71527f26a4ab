package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteProveJUnit writes a decided report of gonogo prove as JUnit XML: a suite
// for each dialect, a test case for each defect, each liberty and the server as
// it is. As in WriteJUnit, the file is red whenever the exit code is not 0.
func WriteProveJUnit(w io.Writer, r *ProveReport) error {
	all := junitSuites{Name: "gonogo prove", Time: seconds(r.DurationMS)}
	properties := junitProperties("verdict", string(r.Verdict), "complete", fmt.Sprint(r.Complete), "seed", fmt.Sprint(r.Seed), "repeat", fmt.Sprint(r.Repeat),
		"tool.name", r.Tool.Name, "tool.version", r.Tool.Version, "tool.commit", r.Tool.Commit)
	var dialects []string
	for _, p := range r.Proofs {
		if !slices.Contains(dialects, p.Dialect) {
			dialects = append(dialects, p.Dialect)
		}
	}
	for _, dialect := range dialects {
		s := &junitSuite{Name: "prove " + dialect, Properties: properties}
		for _, p := range sortedProofs(r.Proofs) {
			if p.Dialect == dialect {
				s.add(p.junit(), p.durationMS())
			}
		}
		all.add(s, r.Started)
	}
	if r.Interrupted != "" || r.ExitCode() != ExitGo && all.Failures+all.Errors == 0 {
		why := cmp.Or(r.Interrupted, fmt.Sprintf("the verdict is %q, and no proof says why", r.Verdict))
		s := &junitSuite{Name: "gonogo prove", Properties: properties}
		s.add(junitIncomplete(s.Name, []string{why}), 0)
		all.add(s, r.Started)
	}
	return all.write(w)
}

// sortedProofs are the proofs by kind and id, whatever order they ended in.
func sortedProofs(proofs []Proof) []Proof {
	return slices.SortedStableFunc(slices.Values(proofs), func(a, b Proof) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
}

func (p Proof) durationMS() int64 {
	var ms int64
	for _, run := range p.Runs {
		ms += run.DurationMS
	}
	return ms
}

func (p Proof) junit() junitCase {
	j := junitCase{Classname: plain(p.Dialect + "." + p.Kind), Name: plain(p.ID)}
	switch p.Outcome {
	case Caught:
		j.SystemOut = junitOutputOf(p.block())
	case Passed:
	case NotProvable:
		j.Skipped = junitSkippedFor(p.Reason)
	case Survived, FalseAlarm:
		j.Failure = junitProblemOf(string(p.Outcome), p.Reason, p.block())
	default:
		j.Error = junitProblemOf(string(NoResult), p.Reason, p.block())
	}
	return j
}

// block is what there is to say of a proof, as the terminal report would.
func (p Proof) block() string {
	s := &screen{width: DefaultWidth}
	s.line("%s  %s %s", strings.ToUpper(string(p.Outcome)), plain(p.Kind), plain(p.ID))
	s.labelled("does", p.Text)
	s.labelled("requirement", p.Requirement)
	s.labelled("reason", p.Reason)
	s.labelled("caught by", strings.Join(p.CaughtBy, "\n"))
	if len(p.Runs) > 1 {
		tally := map[ProofOutcome]int{}
		for _, run := range p.Runs {
			tally[run.Outcome]++
		}
		var parts []string
		for _, o := range proofOrder {
			if n := tally[o]; n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, o))
			}
		}
		s.labelled("runs", join(parts))
	}
	return strings.TrimSpace(s.b.String())
}
