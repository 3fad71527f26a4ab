package app

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gonogo/internal/chromium"
	"gonogo/internal/embedded"
	"gonogo/internal/spell"
	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/reports/terminal"
	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
)

// checkFlags are the flags of check, by their names.
type checkFlags struct {
	targets        []string
	plan           bool
	cases          []string
	labelFilter    string
	rerunFailed    string
	level          specs.Level
	strict         bool
	require        []string
	maxWait        time.Duration
	gentle         bool
	profile        string
	issuers        []string
	issuer         issuerFlags
	parallel       int
	seed           int64
	waivers        string
	writeWaivers   string
	waitReady      time.Duration
	repeat         int
	history        string
	reports        []string
	quiet, verbose bool
	trace          string
	reproduce      string
	origin         originFlags

	given func(flag string) bool // a zero that was given is not the default
}

func (a *App) checkCommand() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check [DIALECT|DOCUMENT|TARGET.yaml|ISSUER-URL…]",
		Short: "Check a target against its dialect's document",
		Long: `check runs every case of a dialect against a target and says go, no-go or incomplete.

A target is named by a file (TARGET.yaml, with --target or without, see docs/target-file.md), or by the address of an issuer of
OAuth 2.0, which says the rest in its metadata. Without one, check gauges the reference server that is
built in, one instance for each dialect, on free ports of this machine.`,
		Example: `  gonogo check                                   the reference server, every dialect
  gonogo check stage.yaml                        the API that stage.yaml describes
  gonogo check https://login.example.com --client-id app --client-secret '${APP_SECRET}'
  gonogo check --target theirs.yaml --gentle     few wrong logins, a low rate, no races
  gonogo check --target stage.yaml --case '*/refresh-rotation/*' --trace DIALECT/refresh-rotation/race
  gonogo check --target stage.yaml --label-filter 'documented && !(time || consent)'
  gonogo check --target stage.yaml --report json=report.json
  gonogo check --target stage.yaml --report github=- --report md="$GITHUB_STEP_SUMMARY"      in a CI job: docs/pipeline.md`,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.given = cmd.Flags().Changed
			f.issuers, args = issuersAmong(args)
			dialects, targets, err := sorted(args)
			if err != nil {
				return err
			}
			f.targets = append(f.targets, targets...)
			return a.check(cmd.Context(), dialects, f, a.originOf(cmd, f.origin))
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVar(&f.targets, "target", nil, "target `FILE`; may be given several times")
	f.choiceFlags(flags)
	f.gateFlags(flags)
	f.issuer.addTo(flags)
	flags.StringSliceVar(&f.require, "require", nil, "`NEEDS` whose absence makes the run incomplete instead of leaving their cases out (browser,outsider,…)")
	flags.DurationVar(&f.maxWait, "max-wait", 0, "longest real wait for something to expire, instead of the target file's limits.max_wait")
	flags.BoolVar(&f.gentle, "gentle", false, "for a target that is somebody else's: few wrong logins, a low rate, no races; what is left out for that is not exercised")
	waitReadyFlag(flags, &f.waitReady)
	flags.IntVar(&f.repeat, "repeat", 1, "run every case `N` times, and tell what fails now and then")
	flags.IntVar(&f.parallel, "parallel", 0, "how many cases run at once, instead of the target file's limits.parallel")
	cmd.MarkFlagsMutuallyExclusive("gentle", "parallel")
	seedFlag(flags, &f.seed)
	f.origin.addTo(flags)
	reportFlag(flags, &f.reports, sortedKeys(formats))
	flags.BoolVar(&f.quiet, "quiet", false, "print only verdicts, what failed and what could not run")
	flags.BoolVar(&f.verbose, "verbose", false, "print a line for every case")
	flags.StringVar(&f.reproduce, "reproduce", "", "run this `CASE` alone, and print a script for sh and curl that does the same with credentials from the environment")
	cmd.MarkFlagsMutuallyExclusive("quiet", "verbose")
	flags.StringVar(&f.writeWaivers, "write-waivers", "", "write a `FILE` of waivers for the cases that failed, to be filled in by whoever answers for them")
	cmd.MarkFlagsMutuallyExclusive("trace", "reproduce")
	return cmd
}

func (a *App) check(ctx context.Context, dialects []string, f checkFlags, origin reports.Origin) error {
	outputs, err := a.parseReports(f.reports)
	if err != nil {
		return err
	}
	options, err := f.options()
	if err != nil {
		return err
	}
	options.Origin = origin
	options.Browser = chromium.New(a.env)
	defer options.Browser.Close()
	if len(f.targets) == 0 && a.inCI() {
		options.Require = append(options.Require, target.NeedBrowser)
	}
	jobs, stop, err := a.jobs(ctx, dialects, f)
	defer stop()
	if err != nil {
		return err
	}
	if jobs, err = f.choose(jobs); err != nil {
		return err
	}
	if !f.plan {
		if options.History, err = openHistory(f.history); err != nil {
			return err
		}
	}
	prepared, err := engine.Prepare(jobs, options)
	if err != nil {
		return usageError{err}
	}
	if f.plan {
		return a.printPlan(jobs, f.repeat)
	}
	if err := f.checkDraft(); err != nil {
		return err
	}
	inputs := []string{f.waivers}
	for _, job := range jobs {
		inputs = append(inputs, job.Target.Reads()...)
	}
	if err := outputs.spares(inputs...); err != nil {
		return err
	}
	if err := outputs.writable(); err != nil {
		return err
	}
	streams, err := outputs.open()
	if err != nil {
		return err
	}
	script := io.Writer(a.stdout)
	if f.reproduce != "" {
		if outputs.toStandardOutput() {
			return usagef("--reproduce %s prints its script to standard output; give --report a file", f.reproduce)
		}
		script = a.aside()
	}
	a.collectOften()
	for i, job := range jobs {
		if how := gently(job); how != "" {
			jobs[i].Target.Notes = append(job.Target.Notes, how)
			if !f.quiet {
				_, _ = io.WriteString(a.folding(a.stderr), job.Plan.Dialect.ID+": "+how+"\n")
			}
		}
	}
	tally := &tally{prepared: prepared}
	standing := a.tell(f.quiet, tally.say)
	defer standing.end()
	lines := terminal.New(a.stdout, terminal.Options{Color: a.wantsColor(), Quiet: f.quiet, Verbose: f.verbose, Width: a.width(a.stdout.Writer)})
	report := prepared.Run(ctx, tally, lines, outputs.observer(streams))
	standing.end()
	defer a.telemeter(ctx, report, nil)
	a.exit = reports.ExitCode(report)
	if f.trace != "" {
		a.printTrace(report, f.trace)
	}
	if f.reproduce != "" {
		text, why := prepared.Script()
		if why != nil {
			return errors.Join(outputs.write(report, streams), keep(options.History, report), a.draft(f, report), reportError{exit: a.exit, error: harnessError{why}})
		}
		if _, err := io.WriteString(script, text); err != nil {
			return err
		}
	}
	return errors.Join(outputs.write(report, streams), keep(options.History, report), a.draft(f, report))
}

// options turns flags into what the engine needs.
func (f checkFlags) options() (o engine.Options, err error) {
	if err := f.checkGate(); err != nil {
		return o, err
	}
	switch {
	case f.given("parallel") && f.parallel < 1:
		return o, usagef("--parallel %d: at least one case runs at once", f.parallel)
	case f.repeat < 1:
		return o, usagef("--repeat %d: every case runs at least once", f.repeat)
	case f.waitReady < 0:
		return o, usagef("--wait-ready %s: a wait cannot be negative", f.waitReady)
	case f.maxWait < 0:
		return o, usagef("--max-wait %s: a wait cannot be negative", f.maxWait)
	}
	if err := f.issuer.fit(f.issuers, f.targets); err != nil {
		return o, err
	}
	o = engine.Options{
		Policy: reports.Policy{Gate: f.level, Strict: f.strict}, Parallel: f.parallel, Seed: f.seed,
		Waivers: f.waivers, WaitReady: f.waitReady, Repeat: f.repeat, Planned: catalog.IDs, Reproduce: f.reproduce,
	}
	if !f.given("seed") {
		o.Seed = newSeed()
	}
	o.Require, err = needs(f.require)
	return o, err
}

// again are the flags that decide what a check finds and how that counts, as they were given.
func (f checkFlags) again() []string {
	var args []string
	add := func(flag, value string) {
		if f.given(flag) {
			args = append(args, "--"+flag+"="+value)
		}
	}
	add("level", string(f.level))
	add("profile", f.profile)
	add("strict", strconv.FormatBool(f.strict))
	add("require", strings.Join(f.require, ","))
	add("max-wait", f.maxWait.String())
	add("gentle", strconv.FormatBool(f.gentle))
	add("seed", strconv.FormatInt(f.seed, 10))
	add("waivers", f.waivers)
	add("repeat", strconv.Itoa(f.repeat))
	return args
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

// jobs are the targets of the command line, or the embedded server for each dialect; stop ends the servers.
func (a *App) jobs(ctx context.Context, dialects []string, f checkFlags) (jobs []engine.Job, stop func(), err error) {
	var servers []*embedded.Server
	stop = func() {
		for _, server := range servers {
			server.Stop()
		}
	}
	add := func(t *target.Target, d *specs.Dialect, named ...string) error {
		if f.given("profile") || d.Profile == "" {
			var err error
			if d, err = d.Profiled(f.profile); err != nil {
				return usagef("--profile: %w", err)
			}
		}
		if f.given("max-wait") {
			t.Limits.MaxWait = f.maxWait
		}
		if f.gentle {
			t.Limits.BeGentle()
		}
		jobs = append(jobs, engine.Job{Plan: catalog.PlanAt(d, t), Target: t, Again: append(named, f.again()...)})
		return nil
	}
	for _, file := range f.targets {
		t, d, err := target.Load(file, a.env)
		if err != nil {
			return nil, stop, usageError{err}
		}
		if len(dialects) > 0 && !slices.ContainsFunc(dialects, func(name string) bool { return isDialect(d.ID, name) }) {
			return nil, stop, usagef("%s is a target of the dialect %s, which is not among %s", file, d.ID, strings.Join(dialects, ", "))
		}
		if err := add(t, d, "--target", file); err != nil {
			return nil, stop, err
		}
	}
	for _, issuer := range f.issuers {
		t, d, found, err := a.issuerTarget(ctx, dialects, issuer, &f.issuer)
		if err == nil {
			err = add(t, d, append([]string{issuer}, f.issuer.again()...)...)
		}
		if err != nil {
			return nil, stop, err
		}
		if !f.quiet {
			_, _ = io.WriteString(a.folding(a.stderr), tellIssuer(issuer, found, jobs[len(jobs)-1]))
		}
	}
	if len(f.targets)+len(f.issuers) > 0 {
		return jobs, stop, nil
	}
	for i, id := range dialects {
		if slices.Contains(dialects[:i], id) {
			return nil, stop, usagef("the dialect %s is named twice", id)
		}
	}
	if len(dialects) == 0 {
		dialects = slices.DeleteFunc(specs.Builtin(), func(id string) bool { return !served(id) })
	}
	for _, id := range dialects {
		d, err := servedDialect(id)
		if err != nil {
			return nil, stop, err
		}
		server, err := embedded.Start(ctx, d, nil, nil)
		if err != nil {
			return nil, stop, harnessError{err}
		}
		servers = append(servers, server)
		t, err := server.Target()
		if err != nil {
			return nil, stop, harnessError{err}
		}
		if err := add(t, d, id); err != nil {
			return nil, stop, err
		}
	}
	return jobs, stop, nil
}
