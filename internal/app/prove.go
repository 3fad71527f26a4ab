package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"gonogo/internal/chromium"
	"gonogo/internal/target"
	"gonogo/reference"
	"gonogo/reports"
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
	flags.StringArrayVar(&f.reports, "report", nil, "write a report as `FORMAT=FILE`; formats are "+strings.Join(sortedKeys(proveFormats), ", ")+"; may be given several times")
	flags.BoolVar(&f.verbose, "verbose", false, "print a line for everything proved")
	return cmd
}

// tally is what all proofs together came to.
type tally struct {
	counts                    map[string]int // finished proofs by kind
	wrong, unprovable, broken int
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
	proofs, err := proofsFor(dialects, f)
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
	began := time.Now()
	report := newProveReport(proofs, f.repeat, began)
	outputs.beginProve(report)
	slots := make(chan struct{}, f.parallel)
	var mu sync.Mutex
	sum, seen := tally{counts: map[string]int{}}, newSightings()
	var all sync.WaitGroup
	for i, p := range slices.Repeat(proofs, f.repeat) {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break // what has begun is waited for
		}
		all.Go(func() {
			defer func() { <-slots }()
			took := time.Now()
			came := p.run(ctx, require, browser, seen)
			mu.Lock()
			defer mu.Unlock()
			sum.add(p, came)
			ms := time.Since(took).Milliseconds()
			proof := &report.Proofs[i%len(proofs)]
			proof.Runs = append(proof.Runs, p.ran(came, ms))
			if !came.fine() || f.verbose {
				_, _ = fmt.Fprintf(a.stdout, "%-70s %s (%d ms)\n", p.String(), came, ms)
			}
		})
	}
	all.Wait()
	if f.verbose {
		for _, id := range seen.neverFailed() {
			_, _ = fmt.Fprintf(a.stdout, "no defect trips %s\n", id)
		}
	}
	var verdict string
	verdict, a.exit = sum.verdict(ctx.Err() != nil)
	_, err = fmt.Fprintf(a.stdout, "%d clean runs, %d defects, %d liberties in %s: %s\n",
		sum.counts["clean"], sum.counts["defect"], sum.counts["liberty"], time.Since(began).Round(100*time.Millisecond), verdict)
	if err != nil {
		return err
	}
	report.DurationMS, report.Untripped = time.Since(began).Milliseconds(), seen.neverFailed()
	if ctx.Err() != nil {
		report.Interrupted = "the run was interrupted"
	}
	return outputs.writeProve(report)
}

func (t *tally) add(p proof, came told) {
	switch {
	case came.wrong != "":
		t.wrong++
	case came.broken != "":
		t.broken++
		return
	case came.unprovable != "":
		t.unprovable++
		return // it is counted apart: nothing was shown
	}
	t.counts[p.kind]++
}

// verdict says what the proofs come to, and the exit code. A survivor is never hidden by what is missing.
func (t *tally) verdict(interrupted bool) (string, int) {
	var parts []string
	exit := reports.ExitGo
	if t.wrong > 0 {
		parts, exit = append(parts, fmt.Sprintf("NO-GO, %d wrong", t.wrong)), reports.ExitNoGo
	}
	if t.broken > 0 || interrupted {
		text := "INCOMPLETE"
		if interrupted {
			text += ", interrupted"
		}
		if t.broken > 0 {
			text += fmt.Sprintf(", %d without a result", t.broken)
		}
		parts = append(parts, text)
		if exit == reports.ExitGo {
			exit = reports.ExitIncomplete
		}
	}
	switch {
	case len(parts) > 0:
	case len(t.counts) == 0:
		parts = append(parts, "NOTHING PROVED")
	default:
		parts = append(parts, "GO, no survivor and no false alarm")
	}
	if t.unprovable > 0 {
		parts = append(parts, fmt.Sprintf("%d not provable here", t.unprovable))
	}
	return strings.Join(parts, "; "), exit
}

// proofsFor lists what is to be shown: everything of the dialects, or just what is named.
func proofsFor(dialects []string, f proveFlags) ([]proof, error) {
	for _, id := range dialects {
		if !served(id) {
			return nil, usagef("the reference server does not speak %q; it speaks %s", id, strings.Join(reference.Dialects(), ", "))
		}
	}
	wants := func(id string) bool { return len(dialects) == 0 || slices.Contains(dialects, id) }
	var proofs []proof
	some := len(f.defects)+len(f.liberties) > 0
	if !some {
		for _, id := range reference.Dialects() {
			if wants(id) {
				proofs = append(proofs, proof{dialect: id, kind: "clean"})
			}
		}
	}
	for _, list := range []struct {
		kind   string
		named  []string
		quirks []reference.Quirk
	}{{"defect", f.defects, reference.Defects()}, {"liberty", f.liberties, reference.Liberties()}} {
		for _, name := range list.named {
			if !slices.ContainsFunc(list.quirks, func(q reference.Quirk) bool { return q.ID == name }) {
				return nil, usagef("there is no %s %q; gonogo serve --%s list prints them", list.kind, name, list.kind)
			}
		}
		for _, q := range list.quirks {
			if wants(q.Dialect) && (!some || slices.Contains(list.named, q.ID)) {
				proofs = append(proofs, proof{dialect: q.Dialect, quirk: q, kind: list.kind})
			}
		}
	}
	if len(proofs) == 0 {
		return nil, usagef("nothing of what is named belongs to %s", strings.Join(dialects, ", "))
	}
	return proofs, nil
}
