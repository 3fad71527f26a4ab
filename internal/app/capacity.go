package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"gonogo/load"
	"gonogo/reports"
	"gonogo/reports/words"
)

// startRate is where a search begins unless it is told otherwise: low enough for a server that is slow on purpose, and
// nine doublings from what a quick one holds.
const startRate = 100

// foreign are flags of load that a search has no use for, and what to do instead.
var foreign = map[string]string{
	"rate":  "the rate is what is looked for; --start says where the search begins",
	"shape": "every step of the search has one rate; --start says where the search begins",
	"out":   "a search is many runs, and --out holds one; find the rate, and give --out to gonogo load --rate",
}

func (a *App) capacityCommand() *cobra.Command {
	var c load.Search
	f := loadFlags{config: &c.Config}
	cmd := &cobra.Command{
		Use:   "capacity [DIALECT|TARGET.yaml|ISSUER-URL]",
		Short: "Find the highest rate that a target holds",
		Long: `load capacity finds the highest rate at which a target keeps every objective: it doubles the rate until one is not
held, goes on in the middle until the two are as close as --precision says, and tries what it found once more. Each
step is a load run of its own, and every answer is judged.

A step that failed because the generator could not keep up says nothing of the target: the result is then "at least",
and incomplete. A violation ends the search at once and is a no-go. An objective such as 'rate>=2000/s' is held against
what was found.`,
		Example: `  gonogo load capacity DIALECT --scenario issue --objective 'p99<20ms'
  gonogo load capacity --target perf.yaml --scenario mix --start 500 --duration 10s --report html=capacity.html
  gonogo load capacity --target perf.yaml --scenario validate --objective 'p99<20ms' --objective 'rate>=2000/s'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dialects, err := f.named(cmd, args)
			if err != nil {
				return err
			}
			return a.capacity(cmd.Context(), dialects, f, &c)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.addTo(flags, 5*time.Second)
	rate(flags, &c.Start, "start", startRate, "the rate of the first step, in requests a second")
	rate(flags, &c.Most, "most", load.MostRate, "the highest rate that is asked for, in requests a second")
	flags.StringVar(&c.Precision, "precision", "5%", "how close a rate that is held and one that is not come to each other, in `PERCENT`")
	flags.Lookup("duration").Usage = "how long a step is measured"
	flags.Lookup("warm-up").Usage = "how long each step runs before that, in none of its numbers"
	flags.Lookup("objective").Usage = "a bound that every step is to keep, or that the rate found is to: `EXPR` is like 'p99<20ms', 'errors<0.1%', 'rate>=2000/s'; may be given several times"
	for _, name := range sortedKeys(foreign) {
		flags.String(name, "", "")
		_ = flags.MarkHidden(name)
	}
	return cmd
}

func (a *App) capacity(ctx context.Context, dialects []string, f loadFlags, c *load.Search) error {
	for _, name := range sortedKeys(foreign) {
		if f.given(name) {
			return usagef("--%s belongs to gonogo load: %s", name, foreign[name])
		}
	}
	if c.About = !f.given("start"); f.given("most") {
		c.Allowed = "--most"
	}
	st, err := a.setStage(ctx, dialects, f, func() error { return c.Check() })
	if err != nil {
		return err
	}
	defer st.clear()
	st.figure(f, true)
	c.Begun = func(step reports.LoadStep) {
		st.progress.entitle(fmt.Sprintf("step %d at %s: ", step.Number, words.PerSecond(step.Rate)))
	}
	var lost error
	c.Step = func(step *reports.LoadRun) {
		lost = errors.Join(lost, st.options.WriteStep(a.stdout, step))
	}
	found, steps, err := load.FindCapacity(ctx, *c)
	st.status.end()
	if err != nil {
		return usageError{err}
	}
	st.report.Load, st.report.Capacity = steps, []reports.Capacity{*found}
	return st.end(ctx, func(w io.Writer) error {
		return errors.Join(lost, st.options.WriteCapacity(w, found, steps))
	})
}
