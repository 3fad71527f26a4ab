package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"gonogo/internal/chromium"
	"gonogo/internal/target"
	"gonogo/internal/version"
	"gonogo/reference"
	"gonogo/reports"
	"gonogo/reports/proofs"
	"gonogo/suites/engine"
)

type proveFlags struct {
	defects, liberties []string
	repeat             int
	parallel           int
	require            []string
	reports            []string
	verbose            bool
}

func (a *App) proveCommand() *cobra.Command {
	var f proveFlags
	cmd := &cobra.Command{
		Use:   "prove [DIALECT…]",
		Short: "Show that every defect is caught and every liberty passes",
		Long: `prove runs the cases against the reference server again and again: as it is, with one defect at a time, and with one
liberty at a time. Every defect must be caught by a case of the requirement it violates; the server as it is and with any
liberty must trip nothing. A harness that nobody has seen fail proves nothing.

What this machine cannot show, such as a defect that only a browser sees, is listed as not provable here and is neither.`,
		RunE: func(cmd *cobra.Command, dialects []string) error { return a.prove(cmd.Context(), dialects, f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVar(&f.defects, "defect", nil, "prove only this defect `ID`; may be given several times")
	flags.StringArrayVar(&f.liberties, "liberty", nil, "prove only this liberty `ID`; may be given several times")
	flags.IntVar(&f.repeat, "repeat", 1, "prove everything `N` times")
	flags.IntVar(&f.parallel, "parallel", 4, "how many servers run at once")
	flags.StringSliceVar(&f.require, "require", nil, "`NEEDS` without which a proof is incomplete instead of not provable here (browser; in CI, by itself)")
	reportFlag(flags, &f.reports, sortedKeys(proveFormats))
	flags.BoolVar(&f.verbose, "verbose", false, "print a line for everything proved")
	return cmd
}

func (a *App) prove(ctx context.Context, dialects []string, f proveFlags) error {
	if f.repeat < 1 || f.parallel < 1 {
		return usagef("--repeat and --parallel must be at least 1")
	}
	require, err := needs(f.require)
	if err != nil {
		return err
	}
	if a.inCI() {
		require = append(require, target.NeedBrowser)
	}
	chosen, err := proofsFor(dialects, f)
	if err != nil {
		return err
	}
	outputs, err := parseOutputs(f.reports, sortedKeys(proveFormats))
	if err != nil {
		return err
	}
	if err := outputs.writable(); err != nil {
		return err
	}
	browser := chromium.New(a.env)
	defer browser.Close()
	options := engine.Options{Seed: proofSeed, Require: require, Browser: browser}
	began := time.Now()
	report := &proofs.Report{Tool: version.Tool(), Started: began, Seed: proofSeed, Repeat: f.repeat, Proofs: slices.Clone(chosen)}
	outputs.beginProve(report)
	tripped := map[string]bool{} // the cases that ran, by id: whether a defect made them fail
	runAll(ctx, slices.Repeat(chosen, f.repeat), options, f.parallel, func(i int, run proofs.Run, cases []reports.Case) {
		p := &report.Proofs[i%len(chosen)]
		p.Runs = append(p.Runs, run)
		for _, c := range cases {
			if c.Outcome.Ran() {
				tripped[c.ID] = tripped[c.ID] || p.Kind == defect && c.Outcome == reports.Fail
			}
		}
		if text := came(run); text != asItShouldBe || f.verbose {
			_, _ = fmt.Fprintf(a.stdout, "%-70s %s (%d ms)\n", proof(*p), text, run.DurationMS)
		}
	})
	for _, id := range slices.Sorted(maps.Keys(tripped)) {
		if !tripped[id] { // a check that nobody has seen fail proves nothing
			report.Untripped = append(report.Untripped, id)
		}
	}
	took := time.Since(began)
	report.DurationMS = took.Milliseconds()
	if ctx.Err() != nil {
		report.Interrupted = interrupted
	}
	report.Decide()
	a.exit = report.ExitCode()
	if f.verbose {
		for _, id := range report.Untripped {
			_, _ = fmt.Fprintf(a.stdout, "no defect trips %s\n", id)
		}
	}
	shown, verdict := proved(report)
	_, err = fmt.Fprintf(a.stdout, "%d clean runs, %d defects, %d liberties in %s: %s\n",
		shown[clean], shown[defect], shown[liberty], took.Round(100*time.Millisecond), verdict)
	if err != nil {
		return err
	}
	return outputs.writeProve(report)
}

// runAll runs proofs, some side by side, and hands on what came of each as it ends, one at a time.
func runAll(ctx context.Context, chosen []proofs.Proof, options engine.Options, parallel int, ended func(i int, run proofs.Run, cases []reports.Case)) {
	slots := make(chan struct{}, parallel)
	var mu sync.Mutex
	var all sync.WaitGroup
	for i, p := range chosen {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break // what has begun is waited for
		}
		all.Go(func() {
			defer func() { <-slots }()
			run, cases := proof(p).run(ctx, options)
			mu.Lock()
			defer mu.Unlock()
			ended(i, run, cases)
		})
	}
	all.Wait()
}

const (
	asItShouldBe = "as it should be"
	interrupted  = "the run was interrupted"
)

// came says what came of a run.
func came(run proofs.Run) string {
	switch run.Outcome {
	case proofs.Caught, proofs.Passed:
		return asItShouldBe
	case proofs.Survived:
		return "SURVIVED: " + run.Reason
	case proofs.FalseAlarm:
		return "FALSE ALARM: " + run.Reason
	}
	return run.Reason
}

// proved counts the runs that have shown something, by kind, and says the verdict. A survivor is never hidden by what
// is missing.
func proved(r *proofs.Report) (shown map[string]int, verdict string) {
	shown, ended := map[string]int{}, map[proofs.Outcome]int{}
	for _, p := range r.Proofs {
		for _, run := range p.Runs {
			ended[run.Outcome]++
			if run.Outcome != proofs.NoResult && run.Outcome != proofs.NotProvable {
				shown[p.Kind]++
			}
		}
	}
	var parts []string
	if wrong := ended[proofs.Survived] + ended[proofs.FalseAlarm]; wrong > 0 {
		parts = append(parts, fmt.Sprintf("NO-GO, %d wrong", wrong))
	}
	if !r.Complete {
		text := "INCOMPLETE"
		if r.Interrupted != "" {
			text += ", interrupted"
		}
		if lost := ended[proofs.NoResult]; lost > 0 {
			text += fmt.Sprintf(", %d without a result", lost)
		}
		parts = append(parts, text)
	}
	switch {
	case len(parts) > 0:
	case r.Verdict == proofs.NothingProved:
		parts = append(parts, "NOTHING PROVED")
	default:
		parts = append(parts, "GO, no survivor and no false alarm")
	}
	if here := ended[proofs.NotProvable]; here > 0 {
		parts = append(parts, fmt.Sprintf("%d not provable here", here))
	}
	return shown, strings.Join(parts, "; ")
}

// proofsFor lists what is to be shown: everything of the dialects, or just what is named.
func proofsFor(dialects []string, f proveFlags) ([]proofs.Proof, error) {
	if err := allServed(dialects); err != nil {
		return nil, err
	}
	wants := func(id string) bool { return len(dialects) == 0 || slices.Contains(dialects, id) }
	var all []proofs.Proof
	some := len(f.defects)+len(f.liberties) > 0
	if !some {
		for _, id := range reference.Dialects() {
			if wants(id) {
				all = append(all, proofs.Proof{Kind: clean, ID: clean, Dialect: id, Text: "The server is as it is."})
			}
		}
	}
	named := map[string][]string{defect: f.defects, liberty: f.liberties}
	for _, kind := range []string{defect, liberty} {
		for _, name := range named[kind] {
			if !slices.ContainsFunc(quirks(), func(q quirk) bool { return q.kind == kind && q.ID == name }) {
				return nil, usagef("there is no %s %q; gonogo serve --%s list prints them", kind, name, kind)
			}
		}
	}
	for _, q := range quirks() {
		if wants(q.Dialect) && (!some || slices.Contains(named[q.kind], q.ID)) {
			all = append(all, proofs.Proof{Kind: q.kind, ID: q.ID, Dialect: q.Dialect, Requirement: q.Requirement, Text: q.Text})
		}
	}
	if len(all) == 0 {
		return nil, usagef("nothing of what is named belongs to %s", strings.Join(dialects, ", "))
	}
	return all, nil
}
