package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gonogo/internal/chromium"
	"gonogo/internal/prove"
	"gonogo/internal/target"
	"gonogo/reference/clients"
	"gonogo/reports"
	"gonogo/reports/proofs"
)

type proveFlags struct {
	defects, liberties []string
	clients            bool
	styles, faults     []string
	repeat             int
	parallel, cases    int
	require            []string
	reports            []string
	quiet, verbose     bool
	origin             originFlags

	given func(flag string) bool
}

func (a *App) proveCommand() *cobra.Command {
	var f proveFlags
	cmd := &cobra.Command{
		Use:   "prove [DIALECT…]",
		Short: "Show that every defect is caught and every liberty passes",
		Long: `prove runs the cases against the reference server again and again: as it is, with one defect at a time, and with one
liberty at a time. Every defect must be caught by a case of the requirement it violates; the server as it is and with any
liberty must trip nothing. A harness that nobody has seen fail proves nothing.

With --clients it watches the reference's clients instead: each broken one must be caught for the requirement it violates,
and nothing may be said against the good ones. "gonogo client --faults" prints what is broken.

What this machine cannot show, such as a defect that only a browser sees, is listed as not provable here and is neither.`,
		RunE: func(cmd *cobra.Command, dialects []string) error {
			f.given = cmd.Flags().Changed
			return a.prove(cmd.Context(), dialects, f, a.originOf(cmd, f.origin))
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVar(&f.defects, "defect", nil, "prove only this defect `ID`; may be given several times")
	flags.StringArrayVar(&f.liberties, "liberty", nil, "prove only this liberty `ID`; may be given several times")
	flags.BoolVar(&f.clients, "clients", false, "prove the watch, with clients, and not the cases, with servers")
	flags.StringArrayVar(&f.styles, "style", nil, "with --clients: watch only good clients of this `STYLE`; may be given several times")
	closed(flags, "style", clients.Styles()...)
	flags.StringArrayVar(&f.faults, "fault", nil, "with --clients: watch only clients with fault `ID`, or with one of this name; may be given several times")
	flags.IntVar(&f.repeat, "repeat", 1, "prove everything `N` times")
	flags.IntVar(&f.parallel, "parallel", 8, "how many servers run at once; of clients, which wait most of their time, 24")
	flags.IntVar(&f.cases, "case-parallel", 8, "how many cases run at once against each; no verdict depends on it")
	flags.StringSliceVar(&f.require, "require", nil, "`NEEDS` without which a proof is incomplete instead of not provable here (browser; in CI, by itself)")
	f.origin.addTo(flags)
	reportFlag(flags, &f.reports, sortedKeys(proveFormats))
	flags.BoolVar(&f.quiet, "quiet", false, "print only what is wrong, and the verdict: no line says how the run stands")
	flags.BoolVar(&f.verbose, "verbose", false, "print a line for everything proved")
	cmd.MarkFlagsMutuallyExclusive("quiet", "verbose")
	return cmd
}

// manyClients are watched at once, where nobody says otherwise: of half a minute each needs a processor for a second, and one with a browser for some.
const manyClients = 24

// choose is what is to be proved.
func (f proveFlags) choose(dialects []string) ([]proofs.Proof, error) {
	others := []string{"style", "fault"}
	if f.clients {
		others = []string{"defect", "liberty", "case-parallel"}
	}
	for _, flag := range others {
		switch {
		case !f.given(flag):
		case f.clients:
			return nil, fmt.Errorf("--%s is about servers, and --clients about clients", flag)
		default:
			return nil, fmt.Errorf("--%s goes with --clients", flag)
		}
	}
	if f.clients {
		return prove.ChooseClients(dialects, f.styles, f.faults)
	}
	return prove.Choose(dialects, f.defects, f.liberties)
}

func (a *App) prove(ctx context.Context, dialects []string, f proveFlags, origin reports.Origin) error {
	if f.clients && !f.given("parallel") {
		f.parallel = manyClients
	}
	if f.repeat < 1 || f.parallel < 1 || f.cases < 1 {
		return usagef("--repeat, --parallel and --case-parallel must be at least 1")
	}
	require, err := needs(f.require)
	if err != nil {
		return err
	}
	if a.inCI() {
		require = append(require, target.NeedBrowser)
	}
	if err := allServed(dialects); err != nil {
		return err
	}
	chosen, err := f.choose(dialects)
	if err != nil {
		return usageError{err}
	}
	outputs, err := a.parseOutputs(f.reports, sortedKeys(proveFormats))
	if err != nil {
		return err
	}
	if err := outputs.writable(); err != nil {
		return err
	}
	browser := chromium.New(a.env)
	defer browser.Close()
	options := prove.Options{Repeat: f.repeat, Parallel: f.parallel, Cases: f.cases, Require: require, Browser: browser}
	report := prove.Report(chosen, options)
	report.Origin = origin
	outputs.beginProve(report)
	column := 70
	if width := a.width(a.stdout.Writer); width > 0 {
		column = max(min(column, width-len(asItShouldBe)-len(" (99999 ms)")-1), 0)
	}
	counts := &proving{planned: len(chosen) * f.repeat}
	standing := a.tell(f.quiet, counts.say)
	defer standing.end()
	prove.Run(ctx, report, options, func(p proofs.Proof, run proofs.Run) {
		counts.ended(run)
		if text := came(run); text != asItShouldBe || f.verbose {
			_ = a.page(fmt.Sprintf("%-*s %s (%d ms)\n", column, named(p), text, run.DurationMS))
		}
	})
	standing.end()
	a.exit = report.ExitCode()
	if f.verbose {
		for _, id := range report.Untripped {
			_ = a.page(fmt.Sprintf("nothing broken trips %s\n", id))
		}
	}
	shown, verdict := proved(report)
	what := fmt.Sprintf("%d clean runs, %d defects, %d liberties", shown[prove.Clean], shown[prove.Defect], shown[prove.Liberty])
	if f.clients {
		what = fmt.Sprintf("%d good clients, %d broken ones", shown[prove.Client], shown[prove.Fault])
	}
	err = a.page(fmt.Sprintf("%s in %s: %s\n",
		what, (time.Duration(report.DurationMS) * time.Millisecond).Round(100*time.Millisecond), verdict))
	if err != nil {
		return err
	}
	return outputs.writeProve(report)
}

// named says what is to be shown.
func named(p proofs.Proof) string {
	of := strings.TrimSpace(p.Dialect + " " + p.Profile)
	switch p.Kind {
	case prove.Clean:
		return of + " as it is"
	case prove.Client:
		return "client " + of + " " + p.ID
	}
	return p.Kind + " " + p.ID
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
