package app

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gonogo/internal/chromium"
	"gonogo/internal/spell"
	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
)

// checkFlags are the flags of check, by the names of the contract.
type checkFlags struct {
	targets        []string
	plan           bool
	cases          []string
	labelFilter    string
	rerunFailed    string
	level          string
	strict         bool
	require        []string
	maxWait        time.Duration
	parallel       int
	seed           int64
	waivers        string
	reports        []string
	quiet, verbose bool
	trace          string

	given func(flag string) bool // a zero that was given is not the default
}

func (a *App) checkCommand() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check [DIALECT…]",
		Short: "Check a target against its dialect's document",
		Long: `check runs every case of a dialect against a target and says go, no-go or incomplete.

A target is named by a file (--target, see docs/target-file.md). Without one, check gauges the reference server that is
built in, one instance for each dialect, on free ports of this machine.`,
		Example: `  gonogo check                                   the reference server, every dialect
  gonogo check --target stage.yaml               the API that stage.yaml describes
  gonogo check --target stage.yaml --case '*/refresh-rotation/*' --trace DIALECT/refresh-rotation/race
  gonogo check --target stage.yaml --label-filter 'documented && !(time || consent)'
  gonogo check --target stage.yaml --report json=report.json`,
		RunE: func(cmd *cobra.Command, dialects []string) error {
			f.given = cmd.Flags().Changed
			return a.check(cmd.Context(), dialects, f)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVar(&f.targets, "target", nil, "target `FILE`; may be given several times")
	flags.BoolVar(&f.plan, "plan", false, "print the cases that would run, and send nothing")
	flags.StringArrayVar(&f.cases, "case", nil, "run only cases whose id matches `GLOB`, where * crosses slashes; may be given several times")
	flags.StringVar(&f.labelFilter, "label-filter", "", "run only cases whose labels `EXPR` accepts, such as 'documented && !time'; labels are dialect, level, flow, requirement ids and needs")
	flags.StringVar(&f.rerunFailed, "rerun-failed", "", "run only the cases that did not pass in this `REPORT` (json or jsonl)")
	flags.StringVar(&f.level, "level", string(specs.Standard), "the weakest `LEVEL` whose violation is a no-go: documented, standard or practice")
	flags.BoolVar(&f.strict, "strict", false, "a documented requirement that was not exercised makes the run incomplete")
	flags.StringSliceVar(&f.require, "require", nil, "`NEEDS` whose absence makes the run incomplete instead of leaving their cases out (browser,outsider,…)")
	flags.DurationVar(&f.maxWait, "max-wait", 0, "longest real wait for something to expire, instead of the target file's limits.max_wait")
	flags.IntVar(&f.parallel, "parallel", 0, "how many cases run at once, instead of the target file's limits.parallel")
	flags.Int64Var(&f.seed, "seed", 0, "`N` that decides what is left to chance; the default is the time, and the report says it")
	flags.StringVar(&f.waivers, "waivers", "", "`FILE` with waivers, instead of the target file's")
	flags.StringArrayVar(&f.reports, "report", nil, "write a report as `FORMAT=FILE`; formats are "+strings.Join(sortedKeys(formats), ", ")+"; may be given several times")
	flags.BoolVar(&f.quiet, "quiet", false, "print only verdicts, what failed and what could not run")
	flags.BoolVar(&f.verbose, "verbose", false, "print a line for every case")
	flags.StringVar(&f.trace, "trace", "", "print every exchange of this `CASE`")
	cmd.MarkFlagsMutuallyExclusive("quiet", "verbose")
	return cmd
}

func (a *App) check(ctx context.Context, dialects []string, f checkFlags) error {
	options, policy, err := f.options()
	if err != nil {
		return err
	}
	outputs, err := parseReports(f.reports)
	if err != nil {
		return err
	}
	s := &session{options: options, policy: policy, seed: f.seed}
	if !f.given("seed") {
		s.seed = time.Now().UnixNano() % 1_000_000_007
	}
	s.options.Browser = chromium.New(a.env)
	defer s.close()
	if len(f.targets) == 0 && a.inCI() {
		s.options.Require = append(s.options.Require, target.NeedBrowser)
	}
	if s.jobs, err = a.jobs(ctx, dialects, f.targets); err != nil {
		return err
	}
	if err := f.apply(s); err != nil {
		return err
	}
	if f.plan {
		return a.printPlan(s)
	}
	if s.waivers, err = f.loadWaivers(s.jobs); err != nil {
		return err
	}
	color := a.wantsColor()
	s.observer = append(s.observer, reports.NewTerminal(a.stdout, reports.TerminalOptions{Color: color, Quiet: f.quiet, Verbose: f.verbose}))
	if err := outputs.writable(); err != nil {
		return err
	}
	streams, err := outputs.open()
	if err != nil {
		return err
	}
	for _, stream := range streams {
		s.observer = append(s.observer, stream)
	}
	s.observer = append(s.observer, outputs.begun())
	report, err := s.run(ctx)
	if err != nil {
		return err
	}
	a.exit = reports.ExitCode(report)
	if f.trace != "" {
		a.printTrace(report, f.trace)
	}
	return outputs.write(report, streams)
}

// options turns flags into what the engine and the verdict need.
func (f checkFlags) options() (engine.Options, reports.Policy, error) {
	level := specs.Level(f.level)
	if !level.Valid() {
		return engine.Options{}, reports.Policy{}, usagef("--level %s: choose documented, standard or practice", f.level)
	}
	if f.given("parallel") && f.parallel < 1 {
		return engine.Options{}, reports.Policy{}, usagef("--parallel %d: at least one case runs at once", f.parallel)
	}
	if f.maxWait < 0 {
		return engine.Options{}, reports.Policy{}, usagef("--max-wait %s: a wait cannot be negative", f.maxWait)
	}
	options := engine.Options{Gate: level, Parallel: f.parallel}
	var err error
	options.Require, err = needs(f.require)
	return options, reports.Policy{Gate: level, Strict: f.strict}, err
}

// inCI reports a run in CI, where the embedded check must not lack a browser: nobody reads there what was left out.
func (a *App) inCI() bool {
	value, _ := a.env("CI")
	is, err := strconv.ParseBool(value)
	return err == nil && is
}

// needs reads the words of --require.
func needs(words []string) ([]target.Need, error) {
	var required []target.Need
	for _, word := range words {
		need := target.Need(word)
		if !slices.Contains(target.Needs(), need) {
			return nil, usagef("--require %s: choose from %s", word, spell.Join(target.Needs()))
		}
		required = append(required, need)
	}
	return required, nil
}

// apply shapes the jobs as the flags say.
func (f checkFlags) apply(s *session) error {
	globs := f.cases
	for _, glob := range globs {
		if err := reports.CheckGlob(glob); err != nil {
			return usagef("--case %s: %w", glob, err)
		}
	}
	if f.rerunFailed != "" {
		failed, err := failedCases(f.rerunFailed)
		if err != nil {
			return err
		}
		globs = append(globs, failed...)
	}
	filter, err := labelFilter(f.labelFilter)
	if err != nil {
		return err
	}
	if f.trace != "" && !s.plans(f.trace) {
		return usagef("--trace %s: there is no such case; --plan lists them", f.trace)
	}
	cases := 0
	for _, j := range s.jobs {
		if f.given("max-wait") {
			j.target.Limits.MaxWait = f.maxWait
		}
		choose(j, choice{globs, filter})
		cases += len(j.plan.Cases)
		if err := affordable(j); err != nil {
			return err
		}
	}
	if cases == 0 {
		return f.nothingMatches(globs)
	}
	if f.trace != "" && !s.plans(f.trace) {
		return usagef("--trace %s: that case is not among those chosen", f.trace)
	}
	s.jobs = slices.DeleteFunc(s.jobs, func(j *job) bool {
		if len(j.plan.Cases) == 0 && j.stop != nil {
			j.stop()
		}
		return len(j.plan.Cases) == 0
	})
	return nil
}

// nothingMatches names the flags that left no case.
func (f checkFlags) nothingMatches(globs []string) error {
	switch {
	case f.labelFilter == "":
		return usagef("no case matches %q; --plan without --case lists them", globs)
	case len(globs) == 0:
		return usagef("no case matches --label-filter %q; labels are dialects, levels, flows, requirement ids and needs, and --plan without --label-filter lists the cases", f.labelFilter)
	}
	return usagef("no case matches %q and --label-filter %q both; --plan without the two lists them", globs, f.labelFilter)
}

// failedCases are the cases of an earlier report that did not pass and could have.
func failedCases(file string) ([]string, error) {
	report, err := reports.ReadFile(file)
	if err != nil {
		return nil, usagef("--rerun-failed %s: %w", file, err)
	}
	var ids []string
	for _, d := range report.Dialects {
		ended := map[string]bool{}
		for _, c := range d.Cases {
			ended[c.ID] = true
			switch c.Outcome {
			case reports.Fail, reports.Warn, reports.CouldNotRun, reports.Error:
				ids = append(ids, c.ID)
			}
		}
		for _, row := range d.Requirements {
			for _, id := range row.Cases { // a run that was cut short leaves cases without a result
				if !ended[id] {
					ids, ended[id] = append(ids, id), true
				}
			}
		}
	}
	if len(ids) == 0 {
		return nil, usagef("--rerun-failed %s: every case of that report passed", file)
	}
	return ids, nil
}

func (f checkFlags) loadWaivers(jobs []*job) ([]reports.Waiver, error) {
	files := []string{f.waivers}
	if f.waivers == "" {
		files = nil
		for _, j := range jobs {
			if w := j.target.Waivers; w != "" && !slices.Contains(files, w) {
				files = append(files, w)
			}
		}
	}
	var all []reports.Waiver
	for _, file := range files {
		waivers, err := reports.LoadWaivers(file)
		if err != nil {
			return nil, usageError{err}
		}
		all = append(all, waivers...)
	}
	return all, nil
}

// jobs are the targets of the command line, or the embedded server for each dialect.
func (a *App) jobs(ctx context.Context, dialects, targets []string) (jobs []*job, err error) {
	defer func() {
		if err != nil {
			(&session{jobs: jobs}).close()
		}
	}()
	if len(targets) > 0 {
		for _, file := range targets {
			t, d, err := target.Load(file, a.env)
			if err != nil {
				return jobs, usageError{err}
			}
			if len(dialects) > 0 && !slices.Contains(dialects, d.ID) {
				return jobs, usagef("%s is a target of the dialect %s, which is not among %s", file, d.ID, strings.Join(dialects, ", "))
			}
			if _, err := t.Transport(); err != nil { // now, while nothing has been sent
				return jobs, usagef("%s: %w", file, err)
			}
			jobs = append(jobs, &job{dialect: d, target: t, plan: catalog.PlanAt(d, t)})
		}
		return jobs, nil
	}
	for i, id := range dialects {
		if slices.Contains(dialects[:i], id) {
			return jobs, usagef("the dialect %s is named twice", id)
		}
	}
	if len(dialects) == 0 {
		dialects = slices.DeleteFunc(specs.Builtin(), func(id string) bool { return !served(id) })
	}
	for _, id := range dialects {
		d, err := specs.Load(id)
		if err != nil {
			return jobs, usageError{err}
		}
		if !served(d.ID) {
			return jobs, usagef("the reference server does not speak %s; name a target with --target", d.ID)
		}
		server, err := startEmbedded(ctx, d, nil, nil, nil)
		if err != nil {
			return jobs, err
		}
		j := &job{dialect: d, stop: server.stop}
		jobs = append(jobs, j)
		if j.target, _, err = server.target(); err != nil {
			return jobs, err
		}
		j.plan = catalog.PlanAt(d, j.target)
	}
	return jobs, nil
}
