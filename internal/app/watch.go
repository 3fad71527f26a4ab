package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"gonogo/internal/chromium"
	"gonogo/internal/spell"
	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/reports/terminal"
	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
	"gonogo/suites/watch"
)

// watchFlags are the flags of watch, by their names.
type watchFlags struct {
	checkFlags // what a check has as well
	listen     string
	control    string
	tls        bool
	run        string
	hook       string
	limit      time.Duration
	patience   time.Duration
	lifetimes  []string
	fakeClock  bool
	page       string
	pageLabel  string
}

func (a *App) watchCommand() *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "watch [DIALECT|DOCUMENT|TARGET.yaml]",
		Short: "Watch a client, and say whether it does what the document asks of it",
		Long: `watch stands between a client and an API, plays the situations that clients meet (tokens end, answers are lost, the API
refuses), and says go, no-go or incomplete for the client.

The API behind is the one of a target file, or the reference server that is built in. The client needs no change but
the address that it calls: --run starts it with everything that it has to know in its environment (GONOGO_BASE_URL,
GONOGO_PRIMARY_CLIENT_ID, …), and without --run it is whoever calls --listen.`,
		Example: `  gonogo watch DIALECT --run './client.sh'               a client that the watch starts
  gonogo watch DIALECT --listen 127.0.0.1:8080           one that runs by itself; Ctrl-C ends the watch
  gonogo watch --target stage.yaml --run 'npm start'     in front of a staging API
  gonogo watch DIALECT --run ./web-app --page http://127.0.0.1:3000/login
                                                         one with users, who are played in a browser`,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.given = cmd.Flags().Changed
			dialects, targets, err := sorted(args)
			if err != nil {
				return err
			}
			f.targets = append(f.targets, targets...)
			return a.watch(cmd.Context(), dialects, f, a.originOf(cmd, f.origin))
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVar(&f.targets, "target", nil, "target `FILE` of the API behind")
	flags.StringVar(&f.listen, "listen", "127.0.0.1:0", "`ADDRESS` at which the client finds the API")
	flags.StringVar(&f.control, "control", "127.0.0.1:0", "`ADDRESS` of the control API, which tells clients the time and the situation")
	flags.BoolVar(&f.tls, "tls", false, "the client finds the API by https; the certificate is this run's own, and the commands are told to trust it")
	flags.StringVar(&f.run, "run", "", "`COMMAND` that starts the client, for the shell")
	flags.StringVar(&f.hook, "hook", "", "`COMMAND` that is run in each situation, with its name in GONOGO_SITUATION")
	flags.StringVar(&f.page, "page", "", "`URL` of the client's page that sends its user off for consent: a browser goes there as the user, signs in and approves")
	flags.StringVar(&f.pageLabel, "page-label", "", "`TEXT` on what is pressed on that page, where it is not found by itself")
	flags.StringSliceVar(&f.require, "require", nil, "`NEEDS` without which the watch is incomplete (browser, for --page; in CI, by itself)")
	flags.DurationVar(&f.limit, "for", 0, "how long to watch at the most; 0 is to the end of the script")
	flags.DurationVar(&f.patience, "patience", watch.DefaultPatience, "how long each situation waits for the client")
	flags.StringArrayVar(&f.lifetimes, "lifetime", nil, "announce this lifetime of a token, `KIND=D`, and hold the client to it, instead of moving the API's clock: for clients that go by a clock of their own")
	flags.BoolVar(&f.fakeClock, "fake-clock", false, "move the clock of --run with the API's, by libfaketime, where a probe shows that it is obeyed: for clients that go by a clock of their own")
	f.choiceFlags(flags)
	f.gateFlags(flags)
	f.origin.addTo(flags)
	reportFlag(flags, &f.reports, sortedKeys(formats))
	flags.BoolVar(&f.quiet, "quiet", false, "print only verdicts and what failed")
	flags.BoolVar(&f.verbose, "verbose", false, "print a line for every request and case, and what the client's command says")
	cmd.MarkFlagsMutuallyExclusive("quiet", "verbose")
	return cmd
}

func (a *App) watch(ctx context.Context, dialects []string, f watchFlags, origin reports.Origin) error {
	switch {
	case len(f.targets)+len(dialects) == 0:
		return usagef("name the API whose client is watched: a dialect (%s), or a target file", spell.Join(specs.Builtin()))
	case len(f.targets) > 1 || len(f.targets) == 0 && len(dialects) > 1:
		return usagef("watch takes one API; start another watch for another")
	case f.limit < 0:
		return usagef("--for %s: a wait cannot be negative", f.limit)
	case f.pageLabel != "" && f.page == "":
		return usagef("--page-label goes with --page")
	case f.patience <= 0:
		return usagef("--patience %s: a situation waits for some time", f.patience)
	}
	if err := f.checkGate(); err != nil {
		return err
	}
	lifetimes, err := lifetimesOf(f.lifetimes)
	if err != nil {
		return err
	}
	page, err := watch.ReadPage(f.page)
	if err != nil {
		return usagef("--page %w", err)
	}
	required, err := needs(f.require)
	if err != nil {
		return err
	}
	outputs, err := a.parseReports(f.reports)
	if err != nil {
		return err
	}
	jobs, stop, err := a.jobs(ctx, dialects, f.checkFlags)
	defer stop()
	if err != nil {
		return err
	}
	jobs[0].Plan = watch.Plan(jobs[0].Plan.Dialect)
	if jobs, err = f.choose(jobs); err != nil {
		return err
	}
	job := jobs[0]
	if _, err := engine.LoadWaivers(f.waivers, job.Target); err != nil {
		return usageError{err}
	}
	if f.plan {
		return a.printWatchPlan(job)
	}
	history, err := openHistory(f.history)
	if err != nil {
		return err
	}
	if err := outputs.spares(append(job.Target.Reads(), f.waivers)...); err != nil {
		return err
	}
	if err := outputs.writable(); err != nil {
		return err
	}
	streams, err := outputs.open()
	if err != nil {
		return err
	}
	browser := chromium.New(a.env)
	defer browser.Close()
	config := watch.Config{
		Page: page, PageLabel: f.pageLabel, Browser: browser, Browses: a.inCI() || slices.Contains(required, target.NeedBrowser),
		Dialect: job.Plan.Dialect, Target: job.Target, Listen: f.listen, Control: f.control, TLS: f.tls, Command: f.run, Hook: f.hook,
		For: f.limit, Lifetimes: lifetimes, FakeClock: f.fakeClock, Patience: f.patience, Policy: reports.Policy{Gate: f.level, Strict: f.strict},
		Only: func(id string) bool { return plans(jobs, id) }, Waivers: f.waivers, Planned: catalog.IDs, History: history,
	}
	if f.verbose {
		both := &shared{to: a.stderr} // the client, the hook and the watch write at the same time
		config.Output = both
		config.Seen = func(line string) { _, _ = fmt.Fprintln(both, "  "+line) }
	}
	if !f.quiet {
		out := a.folding(a.stderr)
		config.Ready = func(environment []string) {
			_, _ = io.WriteString(out, told(environment, f.run != "", len(f.targets) == 0))
		}
		config.Begun = func(id, title string) { _, _ = fmt.Fprintf(out, "%s: %s\n", id, title) }
	}
	report, err := watch.Run(ctx, config)
	if err != nil {
		return usageError{err}
	}
	report.Origin = origin
	defer a.telemeter(ctx, report, nil)
	a.exit = reports.ExitCode(report)
	lines := terminal.New(a.stdout, terminal.Options{Color: a.wantsColor(), Quiet: f.quiet, Verbose: f.verbose, Width: a.width(a.stdout.Writer)})
	stream := outputs.observer(streams)
	stream.Begin(reports.Begun(report))
	for _, c := range report.Dialects[0].Cases {
		stream.CaseEnded(0, c)
	}
	stream.End(report)
	lines.End(report)
	if f.trace != "" {
		a.printTrace(report, f.trace)
	}
	return errors.Join(outputs.write(report, streams), keep(history, report))
}

// lifetimesOf reads --lifetime.
func lifetimesOf(flags []string) (map[string]time.Duration, error) {
	lifetimes := map[string]time.Duration{}
	for _, flag := range flags {
		kind, text, found := strings.Cut(flag, "=")
		life, err := time.ParseDuration(text)
		if !found || err != nil {
			return nil, usagef("--lifetime %s: write it like access=2m", flag)
		}
		lifetimes[kind] = life
	}
	return lifetimes, nil
}

// shared is written to by several at once.
type shared struct {
	mu sync.Mutex
	to io.Writer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.Write(p)
}

// credential is a variable that a client signs in with, by the names of accounts that clients have.
var credential = regexp.MustCompile(`^GONOGO_(PRIMARY|USER)_`)

// told is where a client finds what. Who starts his client himself is told what to give it: the credentials of the reference server, which are
// public, or where those of a target are.
func told(environment []string, started, public bool) string {
	var out strings.Builder
	for _, each := range environment {
		name, value, _ := strings.Cut(each, "=")
		switch {
		case name == "GONOGO_BASE_URL":
			fmt.Fprintf(&out, "the API is watched at %s\n", value)
		case name == "GONOGO_CONTROL_URL":
			fmt.Fprintf(&out, "it can be seen at %s/ while it runs; time and situations are told at %s/__control/\n", value, value)
		case name == "NODE_EXTRA_CA_CERTS": // the file that has nothing else in it
			fmt.Fprintf(&out, "its certificate is from the authority in %s, for this run\n", value)
		case strings.HasPrefix(name, "GONOGO_SERVER_"):
			fmt.Fprintf(&out, "%s is %s\n", name, value)
		case !started && public && credential.MatchString(name):
			fmt.Fprintf(&out, "%s is %s\n", name, value)
		}
	}
	if !started && !public {
		out.WriteString("its credentials are those of the target file\n")
	}
	if !started {
		out.WriteString("waiting for a client that runs by itself; Ctrl-C ends the watch\n")
	}
	return out.String()
}
