package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"gonogo/reference"
	"gonogo/reports"
	"gonogo/specs"
	"gonogo/suites"
	"gonogo/suites/engine"
)

type proveFlags struct {
	defects, liberties []string
	repeat             int
	parallel           int
	verbose            bool
}

func (a *App) proveCommand() *cobra.Command {
	var f proveFlags
	cmd := &cobra.Command{
		Use:   "prove [DIALECT…]",
		Short: "Show that every defect is caught and every liberty passes",
		Long: `prove runs the cases against the reference server again and again: as it is, with one defect at a time, and with one
liberty at a time. Every defect must be caught by a case of the requirement it violates; the server as it is and with any
liberty must trip nothing. A harness that nobody has seen fail proves nothing.`,
		RunE: func(cmd *cobra.Command, dialects []string) error { return a.prove(cmd.Context(), dialects, f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVar(&f.defects, "defect", nil, "prove only this defect `ID`; may be given several times")
	flags.StringArrayVar(&f.liberties, "liberty", nil, "prove only this liberty `ID`; may be given several times")
	flags.IntVar(&f.repeat, "repeat", 1, "prove everything `N` times")
	flags.IntVar(&f.parallel, "parallel", 4, "how many servers run at once")
	flags.BoolVar(&f.verbose, "verbose", false, "print a line for everything proved")
	return cmd
}

// proof is one server to run the cases against.
type proof struct {
	dialect string
	quirk   reference.Quirk
	kind    string // clean, defect, liberty
}

func (p proof) String() string {
	if p.kind == "clean" {
		return p.dialect + " as it is"
	}
	return p.kind + " " + p.quirk.ID
}

func (a *App) prove(ctx context.Context, dialects []string, f proveFlags) error {
	proofs, err := proofsFor(dialects, f)
	if err != nil {
		return err
	}
	if f.repeat < 1 || f.parallel < 1 {
		return usagef("--repeat and --parallel must be at least 1")
	}
	began := time.Now()
	slots := make(chan struct{}, f.parallel)
	var mu sync.Mutex
	var wrong []string
	counts, seen := map[string]int{}, newSightings()
	var all sync.WaitGroup
	for range f.repeat {
		for _, p := range proofs {
			slots <- struct{}{}
			all.Go(func() {
				defer func() { <-slots }()
				took := time.Now()
				complaint := p.run(ctx, seen)
				mu.Lock()
				defer mu.Unlock()
				counts[p.kind]++
				if complaint != "" {
					wrong = append(wrong, fmt.Sprintf("%s: %s", p, complaint))
				}
				if complaint != "" || f.verbose {
					_, _ = fmt.Fprintf(a.stdout, "%-70s %s (%d ms)\n", p.String(), cmp.Or(complaint, "as it should be"), time.Since(took).Milliseconds())
				}
			})
		}
	}
	all.Wait()
	if f.verbose {
		for _, id := range seen.neverFailed() {
			_, _ = fmt.Fprintf(a.stdout, "no defect trips %s\n", id)
		}
	}
	_, _ = fmt.Fprintf(a.stdout, "%d clean runs, %d defects, %d liberties in %s: ", counts["clean"], counts["defect"], counts["liberty"], time.Since(began).Round(100*time.Millisecond))
	switch {
	case ctx.Err() != nil:
		_, _ = fmt.Fprintln(a.stdout, "INCOMPLETE, interrupted")
		a.exit = reports.ExitIncomplete
	case len(wrong) > 0:
		_, _ = fmt.Fprintf(a.stdout, "NO-GO, %d wrong\n", len(wrong))
	default:
		_, _ = fmt.Fprintln(a.stdout, "GO, no survivor and no false alarm")
	}
	if len(wrong) > 0 {
		a.exit = reports.ExitNoGo
	}
	return nil
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
	return proofs, nil
}

// run runs every case of the dialect against one server and says what is wrong with the outcome, if anything.
func (p proof) run(ctx context.Context, seen *sightings) string {
	d, err := specs.Load(p.dialect)
	if err != nil {
		return err.Error()
	}
	var defects, liberties []string
	switch p.kind {
	case "defect":
		defects = []string{p.quirk.ID}
	case "liberty":
		liberties = []string{p.quirk.ID}
	}
	server, err := startEmbedded(ctx, d, defects, liberties, nil)
	if err != nil {
		return err.Error()
	}
	defer server.server.Kill()
	t, _, err := server.target()
	if err != nil {
		return err.Error()
	}
	if p.kind == "defect" {
		t.Limits.Timeout = hangTimeout
	}
	// a defect of a practice row must show, too; a liberty must pass at the level that gates by default
	gate := specs.Standard
	if p.kind == "defect" {
		gate = specs.Practice
	}
	result, err := engine.Run(ctx, suites.Plan(d, t), t, engine.Options{Gate: gate, Seed: 1})
	if err != nil {
		return err.Error()
	}
	seen.add(p, result)
	if p.kind == "defect" {
		return p.caught(result)
	}
	return p.quiet(result)
}

// hangTimeout is how long a hanging answer is waited for: far above what an answer on loopback takes, and
// short enough that a defect that hangs does not hold up all others.
const hangTimeout = 1500 * time.Millisecond

// caught wants a failed case of the requirement that the defect violates.
func (p proof) caught(d *reports.Dialect) string {
	var others []string
	for _, c := range d.Cases {
		if c.Outcome != reports.Fail {
			continue
		}
		if slices.Contains(c.Requirements, p.quirk.Requirement) {
			return ""
		}
		others = append(others, c.ID)
	}
	if len(others) > 0 {
		return fmt.Sprintf("SURVIVED: no case of %s failed, only %s", p.quirk.Requirement, strings.Join(others, ", "))
	}
	return fmt.Sprintf("SURVIVED: no case of %s failed", p.quirk.Requirement)
}

// quiet wants nothing that a run of the clean server would not have: no failure, nothing that could not run.
func (p proof) quiet(d *reports.Dialect) string {
	var loud []string
	for _, c := range d.Cases {
		switch c.Outcome {
		case reports.Fail, reports.CouldNotRun, reports.Error:
			loud = append(loud, fmt.Sprintf("%s %s %s %s", c.ID, c.Outcome, c.Reason, firstFinding(c)))
		case reports.Warn:
			if p.kind == "clean" {
				loud = append(loud, c.ID+" warn "+firstFinding(c))
			}
		}
	}
	if d.Incomplete != "" {
		loud = append(loud, d.Incomplete)
	}
	if len(loud) > 0 {
		return "FALSE ALARM: " + strings.Join(loud, "; ")
	}
	return ""
}

func firstFinding(c reports.Case) string {
	if len(c.Findings) == 0 {
		return ""
	}
	f := c.Findings[0]
	return fmt.Sprintf("(%s → %s → %s)", f.Sent, f.Wanted, f.Got)
}
