package junit

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"gonogo/reports"
	"gonogo/reports/proofs"
	"gonogo/reports/terminal"
	"gonogo/reports/viewer"
	"gonogo/reports/words"
)

// WriteProof writes a decided report of gonogo prove as JUnit XML: a suite
// for each dialect, a test case for each defect, each liberty and the server as
// it is. As in Write, the file is red whenever the exit code is not 0.
func WriteProof(w io.Writer, r *proofs.Report) error {
	all := suites{Name: "gonogo prove", Time: seconds(r.DurationMS)}
	common := properties("verdict", string(r.Verdict), "complete", fmt.Sprint(r.Complete), "seed", fmt.Sprint(r.Seed), "repeat", fmt.Sprint(r.Repeat),
		"tool.name", r.Tool.Name, "tool.version", r.Tool.Version, "tool.commit", r.Tool.Commit)
	var dialects []string
	for _, p := range r.Proofs {
		if !slices.Contains(dialects, p.Dialect) {
			dialects = append(dialects, p.Dialect)
		}
	}
	for _, dialect := range dialects {
		s := &suite{Name: "prove " + dialect, Properties: common}
		for _, p := range sortedProofs(r.Proofs) {
			if p.Dialect == dialect {
				s.add(proofTest(p))
			}
		}
		all.add(s, r.Started)
	}
	if r.Interrupted != "" || r.ExitCode() != reports.ExitGo && all.Failures+all.Errors == 0 {
		why := cmp.Or(r.Interrupted, fmt.Sprintf("the verdict is %q, and no proof says why", r.Verdict))
		s := &suite{Name: "gonogo prove", Properties: common}
		s.add(viewer.Incomplete(s.Name, []string{why}))
		all.add(s, r.Started)
	}
	return all.write(w)
}

// sortedProofs are the proofs by kind and id, whatever order they ended in.
func sortedProofs(all []proofs.Proof) []proofs.Proof {
	return slices.SortedStableFunc(slices.Values(all), func(a, b proofs.Proof) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
}

func proofTest(p proofs.Proof) viewer.Test {
	t := viewer.Test{Class: words.Plain(p.Dialect + "." + p.Kind), Name: words.Plain(p.ID), Kind: string(p.Outcome), DurationMS: p.DurationMS()}
	switch p.Outcome {
	case proofs.Caught:
		t.Output = terminal.Proof(p)
	case proofs.Passed:
	case proofs.NotProvable:
		t.Status, t.Message = viewer.Skipped, p.Reason
	case proofs.Survived, proofs.FalseAlarm:
		t.Status, t.Message, t.Text = viewer.Failed, p.Reason, terminal.Proof(p)
	default:
		t.Status, t.Kind, t.Message, t.Text = viewer.Errored, string(proofs.NoResult), p.Reason, terminal.Proof(p)
	}
	return t.Bounded()
}
