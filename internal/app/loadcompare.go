package app

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"gonogo/load"
	"gonogo/reports"
)

// compareFlags are what a comparison is made by.
type compareFlags struct{ metric, maxRegression string }

func (c *compareFlags) addTo(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.metric, "metric", "", "what is compared: `M` is p50 (the default), another time such as service-p99 or issue-p99, or rate")
	cmd.Flags().StringVar(&c.maxRegression, "max-regression", "", "by how much B may be worse, as `METRIC=PERCENT` such as p99=10%")
}

func (a *App) loadCompareCommand() *cobra.Command {
	var c load.Config
	var by compareFlags
	f := loadFlags{config: &c}
	rounds := 0
	cmd := &cobra.Command{
		Use:   "compare A.yaml B.yaml",
		Short: "Put two targets under the same load in turn, and say whether one is slower",
		Long: `compare runs the same load against two targets, A and B, in pairs of short runs: in every round each has its turn, and who
begins changes from round to round. One metric is looked at, which is named before, and an interval says with 95 % confidence
what B takes of what A does. What the document forbids is a no-go at any speed, as in load.

Exit codes: 0 within the limit, or none was given; 1 worse by more than --max-regression allows, or an answer that is wrong;
2 what cannot be compared; 3 cannot tell.`,
		Example: `  gonogo load compare old.yaml new.yaml --scenario use --rate 500 --rounds 12 --max-regression p99=10%`,
		RunE: func(cmd *cobra.Command, args []string) error {
			dialects, err := f.named(cmd, args)
			switch {
			case err != nil:
				return err
			case len(dialects)+len(f.issuers) > 0 || len(f.targets) != 2:
				return usagef("name two target files, of A and of B")
			case rounds < load.LeastRounds || rounds > mostRounds:
				return usagef("--rounds %d: it takes %d to say something, and %d are the most", rounds, load.LeastRounds, mostRounds)
			}
			return a.loadCompare(cmd.Context(), f, by, rounds)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.addTo(flags, 2*time.Second)
	flags.Lookup("target").Usage = "target `FILE` of A, and another of B"
	flags.Lookup("duration").Usage = "how long each run is measured"
	rate(flags, &c.Rate, "rate", 200, "requests in a second; 0 is as many as the connections allow")
	arrivalsFlag(flags, &c)
	f.addSession(flags)
	flags.IntVar(&rounds, "rounds", 10, "how many pairs of runs there are")
	by.addTo(cmd)
	return cmd
}

// mostRounds is how many rounds a comparison may be asked for: hours, at the usual length of a run.
const mostRounds = 1000

func (a *App) loadCompare(ctx context.Context, f loadFlags, by compareFlags, rounds int) error {
	standard, err := load.ParseStandard(by.metric, by.maxRegression)
	if err != nil {
		return usageError{err}
	}
	other := f
	f.targets, other.targets = f.targets[:1], f.targets[1:]
	st, err := a.setStage(ctx, nil, f, func() error { return f.config.Check() })
	if err != nil {
		return err
	}
	defer st.clear()
	sides := [2]*load.Target{f.config.Target}
	var stop func()
	sides[1], stop, err = a.loadTarget(ctx, nil, other)
	defer stop()
	if err != nil {
		return err
	}
	if err := st.outputs.spares(sides[1].Reads()...); err != nil {
		return err
	}
	var runs [2][]*reports.LoadRun
	seed := f.config.Seed
	for turn := 0; turn < 2*rounds && ctx.Err() == nil; turn++ {
		round := turn / 2
		side := (turn + round) % 2 // A first, then B first
		st.progress.entitle(fmt.Sprintf("round %d of %d, %s: ", round+1, rounds, "AB"[side:side+1]))
		f.config.Target, f.config.Seed = sides[side], seed+int64(round)
		st.figure(f, false) // a collector is told nothing of so many runs
		run, err := load.Run(ctx, *f.config)
		if err != nil {
			return usageError{err}
		}
		runs[side] = append(runs[side], run)
		if turn == 1 { // before minutes are spent on it
			if why := load.Unlike(runs[0][0], runs[1][0]); why != "" && ctx.Err() == nil {
				return usagef("%s and %s cannot be compared: %s", f.targets[0], other.targets[0], why)
			}
		}
	}
	st.status.end()
	whole := min(len(runs[0]), len(runs[1])) // an interrupted round has one side
	if whole == 0 {
		st.report.Load = slices.Concat(runs[0], runs[1])
		return st.end(ctx, func(io.Writer) error { return nil })
	}
	made, err := load.Compare(standard, runs[0][:whole], runs[1][:whole])
	if err != nil {
		return usageError{err}
	}
	st.report.Comparisons = []reports.Comparison{*made}
	return st.end(ctx, func(w io.Writer) error { return st.options.WriteComparison(w, made) })
}
