package app

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gonogo/load"
	"gonogo/reports"
)

// capacityFlags are the flags of load capacity: most of those of load, and its own.
type capacityFlags struct {
	loadFlags
	start     float64
	most      float64
	precision string
}

// startRate is where a search begins unless it is told otherwise: low enough for a server that is slow on purpose, and
// nine doublings from what a quick one holds.
const startRate = 100

// leastStart is the lowest rate that can be asked for.
const leastStart = 0.1

// foreign are flags of load that a search has no use for, and what to do instead.
var foreign = map[string]string{
	"rate":  "the rate is what is looked for; --start says where the search begins",
	"shape": "every step of the search has one rate; --start says where the search begins",
	"out":   "a search is many runs, and --out holds one; find the rate, and give --out to gonogo load --rate",
}

func (a *App) capacityCommand() *cobra.Command {
	f := capacityFlags{}
	cmd := &cobra.Command{
		Use:   "capacity [DIALECT]",
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
		RunE: func(cmd *cobra.Command, dialects []string) error {
			f.given = cmd.Flags().Changed
			return a.capacity(cmd.Context(), dialects, f)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.addTo(flags, 5*time.Second)
	flags.Float64Var(&f.start, "start", startRate, "the rate of the first step, in requests a second")
	flags.Float64Var(&f.most, "most", load.MostRate, "the highest rate that is asked for, in requests a second")
	flags.StringVar(&f.precision, "precision", "5%", "how close a rate that is held and one that is not come to each other, in `PERCENT`")
	flags.Lookup("duration").Usage = "how long a step is measured"
	flags.Lookup("warm-up").Usage = "how long each step runs before that, in none of its numbers"
	flags.Lookup("objective").Usage = "a bound that every step is to keep, or that the rate found is to: `EXPR` is like 'p99<20ms', 'errors<0.1%', 'rate>=2000/s'; may be given several times"
	for _, name := range sortedKeys(foreign) {
		flags.String(name, "", "")
		_ = flags.MarkHidden(name)
	}
	return cmd
}

func (a *App) capacity(ctx context.Context, dialects []string, f capacityFlags) error {
	config, err := f.search()
	if err != nil {
		return err
	}
	st, err := a.setStage(ctx, dialects, f.loadFlags, &config.Config, func() error { return f.within(&config) })
	if err != nil {
		return err
	}
	defer st.clear()
	return a.runCapacity(ctx, f, config, st)
}

// search is what the flags ask for, without the target.
func (f capacityFlags) search() (load.Search, error) {
	for _, name := range sortedKeys(foreign) {
		if f.given(name) {
			return load.Search{}, usagef("--%s belongs to gonogo load: %s", name, foreign[name])
		}
	}
	if _, err := load.Constant(f.most); err != nil || f.most == 0 || f.given("start") && f.most < f.start {
		return load.Search{}, usagef("--most %v: choose from %v to %d, and no less than --start", f.most, leastStart, load.MostRate)
	}
	if !f.given("start") {
		f.start = min(f.start, f.most)
	}
	// What is asked for at first is what the target file must allow; within looks after the rest.
	if f.rate = f.start; !f.given("start") {
		f.rate = leastStart
	}
	if _, err := load.Constant(f.rate); err != nil || f.rate == 0 {
		return load.Search{}, usagef("--start %v: choose from %v to %d", f.start, leastStart, load.MostRate)
	}
	config, err := f.config()
	if err != nil {
		return load.Search{}, err
	}
	s := load.Search{Config: config, Start: f.start, Most: f.most}
	if f.given("most") {
		s.Allowed = "--most"
	}
	if config.Scenario.Name == "storm" {
		return s, usagef("--scenario storm: a storm comes once, and a search is many runs; choose another scenario")
	}
	number, unit := strings.CutSuffix(f.precision, "%")
	percent, err := strconv.ParseFloat(number, 64)
	if err != nil || !unit {
		return s, usagef("--precision %s: write it with its %%, such as 5%%", f.precision)
	}
	if !(percent >= 100*load.LeastPrecision && percent <= 100*load.MostPrecision) {
		return s, usagef("--precision %s: choose from %v%% to %v%%", f.precision, 100*load.LeastPrecision, 100*load.MostPrecision)
	}
	s.Precision = percent / 100
	if err := load.CheckGates(config.Objectives); err != nil {
		return s, usagef("--objective %w", err)
	}
	return s, nil
}

// within settles the bounds of a search: what the target file allows, and the lowest rate of which a step can tell
// something.
func (f capacityFlags) within(s *load.Search) error {
	if t := s.Target; !t.Loopback() && t.Limits.MaxRPS < s.Most {
		s.Most, s.Allowed = t.Limits.MaxRPS, "limits.max_rps"
	}
	if lowest := s.Lowest(); s.Start < lowest && f.given("start") {
		return usagef("--start %v: a step has to send %v requests over %d connections for a precision of %s, which takes too long at that rate; begin at %.3g/s, or ask for a longer --duration or fewer --connections",
			s.Start, s.Requests(), s.Connections, f.precision, lowest)
	} else if lowest > s.Most {
		return usagef("%s allows %v/s, and a step has to send %v requests over %d connections for a precision of %s, which takes too long at that rate; ask for a longer --duration or fewer --connections",
			s.Allowed, s.Most, s.Requests(), s.Connections, f.precision)
	} else {
		s.Start = min(max(s.Start, lowest), s.Most)
	}
	for _, gate := range load.Gates(s.Objectives) {
		if gate > s.Most {
			return usagef("--objective rate: %v/s are more than the %v/s that may be asked of this target", gate, s.Most)
		}
	}
	return nil
}

// runCapacity is the search with everything that follows it, and its reports.
func (a *App) runCapacity(ctx context.Context, f capacityFlags, config load.Search, st *stage) error {
	st.begin(config.Config)
	options := reports.TerminalOptions{Color: a.wantsColor(), Quiet: f.quiet}
	progress := a.newProgress(f.quiet, config.Config)
	config.Agent = "gonogo/" + Version
	config.Progress = func(p load.Progress) {
		st.metrics.set(p)
		if progress.over { // elsewhere the lines of the steps are enough
			progress.show(p)
		}
	}
	config.Begun = func(step reports.LoadStep) { progress.entitle(fmt.Sprintf("%s: ", reports.PerSecond(step.Rate))) }
	var lost error
	config.Step = func(step *reports.LoadRun) {
		progress.end()
		lost = errors.Join(lost, reports.WriteStepText(a.stdout, step, options))
	}
	found, steps, err := load.FindCapacity(ctx, config)
	progress.end()
	if err != nil {
		return usageError{err}
	}
	st.report.Load = append(st.report.Load, steps...)
	st.report.Capacity = append(st.report.Capacity, *found)
	st.end(ctx)
	if err := errors.Join(lost, reports.WriteCapacityText(a.stdout, found, steps, options)); err != nil {
		return harnessError{err}
	}
	a.exit = reports.ExitCode(st.report)
	return st.write(a.exit)
}
