package app

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gonogo/load"
)

// loadFlags are the flags that load and load capacity both have.
type loadFlags struct {
	config  *load.Config // what the load is
	targets []string
	profile string
	issuers []string
	issuer  issuerFlags
	reports []string
	out     string   // of load alone, as together
	reads   []string // files beside those of the target, which must not be written over
	metrics string
	exposed bool
	quiet   bool
	origin  originFlags
	history string
	cmd     *cobra.Command

	together togetherFlags

	given func(flag string) bool
}

// addTo makes the flags. length is how long a run is unless it is told otherwise.
func (f *loadFlags) addTo(flags *pflag.FlagSet, length time.Duration) {
	c := f.config
	f.aimTo(flags)
	flags.DurationVar(&c.Duration, "duration", length, "how long it is measured")
	flags.DurationVar(&c.WarmUp, "warm-up", 0, "how long it runs before that, in none of its numbers")
	flags.IntVar(&c.Connections, "connections", 16, "over how many kept-alive connections")
	flags.BoolVar(&c.HTTP2, "http2", false, "speak HTTP/2, to a target with an https address")
	f.supplyTo(flags)
	f.gateTo(flags)
	flags.StringVar(&f.metrics, "metrics", "", "serve the run's numbers at `ADDR` for Prometheus, at the path /metrics")
	flags.BoolVar(&f.exposed, "expose-metrics", false, "allow --metrics on an address that others can reach")
}

// aimTo makes the flags that say what is asked, and of whom.
func (f *loadFlags) aimTo(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.targets, "target", nil, "target `FILE`")
	profileFlag(flags, &f.profile)
	f.issuer.addTo(flags)
	f.scenarioTo(flags)
}

// scenarioTo makes the flags of the scenario.
func (f *loadFlags) scenarioTo(flags *pflag.FlagSet) {
	flags.StringVar(&f.config.Scenario, "scenario", "", "what is asked of the target: `S` is "+strings.Join(load.Scenarios(), ", ")+"; or mix=issue:1,validate:8,…")
	closed(flags, "scenario", load.Scenarios()...)
	flags.StringVar(&f.config.Weights, "weights", "", "`PARTS` of a mix, such as "+load.DefaultMix)
}

// supplyTo makes the flags that say with which tokens.
func (f *loadFlags) supplyTo(flags *pflag.FlagSet) {
	c := f.config
	flags.IntVar(&c.WorkingSet, "working-set", 1000, "how many clients' tokens are validated and used")
	flags.StringVar(&c.Pick, "pick", "uniform", "which of them: `HOW` is uniform, or zipf for a few of them most of the time")
	closed(flags, "pick", "uniform", "zipf")
	waitReadyFlag(flags, &c.WaitReady)
	flags.BoolVar(&c.AllowRemote, "allow-remote", false, "allow a target on another machine, which is then put under load")
	seedFlag(flags, &c.Seed)
}

// gateTo makes the flags that say how the answers are judged, and where that is written.
func (f *loadFlags) gateTo(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.config.Objectives, "objective", nil, "a bound that the run is to keep: `EXPR` is like 'p99<20ms', 'errors<0.1%', 'rate>=1990/s'; may be given several times")
	levelFlag(flags, &f.config.Level)
	f.origin.addTo(flags)
	reportFlag(flags, &f.reports, sortedKeys(formats))
	historyFlag(flags, &f.history)
	flags.BoolVar(&f.quiet, "quiet", false, "print no progress, but the numbers and the verdict")
}

// settle looks after what depends on which flags were given, and not only on what they say.
func (f *loadFlags) settle() error {
	if !f.given("seed") {
		f.config.Seed = newSeed()
	}
	if err := f.settleSession(); err != nil {
		return err
	}
	if err := f.issuer.fit(f.issuers, f.targets); err != nil {
		return err
	}
	if len(f.targets) > 1 {
		return usagef("--target %s: a load has one target, and %s is another; gonogo load compare puts both under load, in turn", f.targets[1], f.targets[0])
	}
	if f.given("history") && f.history == "" {
		return errNoFolder
	}
	if f.given("weights") && f.config.Weights == "" {
		return usagef("--weights is empty; write it like %s", load.DefaultMix)
	}
	return nil
}

// named sorts the argument of a command into its dialect or its target file.
func (f *loadFlags) named(cmd *cobra.Command, args []string) (dialects []string, err error) {
	f.given, f.cmd = cmd.Flags().Changed, cmd
	var issuers []string
	issuers, args = issuersAmong(args)
	f.issuers = append(f.issuers, issuers...)
	dialects, targets, err := sorted(args)
	f.targets = append(f.targets, targets...)
	return dialects, err
}

// target is the file of --target; empty without one.
func (f *loadFlags) target() string {
	if len(f.targets) == 0 {
		return ""
	}
	return f.targets[0]
}

// aheadFlags has the flags of a scenario speak of those whose requests do not follow from answers.
func aheadFlags(flags *pflag.FlagSet) {
	flags.Lookup("scenario").Usage = "what is asked of the target: `S` is issue, validate, use or refresh; or mix=issue:1,validate:8,use:1"
	closed(flags, "scenario", "issue", "validate", "use", "refresh", "mix=")
	flags.Lookup("weights").Usage = "`PARTS` of --scenario mix, such as issue:1,validate:8"
}

// rateFlag is how many requests are sent in a second, with or without the unit.
type rateFlag struct{ to *float64 }

func (r rateFlag) String() string {
	if r.to == nil {
		return "0"
	}
	return strconv.FormatFloat(*r.to, 'f', -1, 64)
}

func (r rateFlag) Type() string { return "float" }

func (r rateFlag) Set(text string) error {
	rate, err := strconv.ParseFloat(strings.TrimSuffix(text, "/s"), 64)
	if err != nil {
		return errors.New("it is no rate; write how many requests in a second, such as 1000 or 1000/s")
	}
	*r.to = rate
	return nil
}

// arrivalsFlag makes the flag that says how even the rate is.
func arrivalsFlag(flags *pflag.FlagSet, c *load.Config) {
	flags.StringVar(&c.Arrivals, "arrivals", "even", "when they are due at that rate: `HOW` is even, or poisson for gaps by chance (--seed)")
	closed(flags, "arrivals", "even", "poisson")
}

// rate makes a flag that is a rate.
func rate(flags *pflag.FlagSet, to *float64, name string, standard float64, usage string) {
	*to = standard
	flags.Var(rateFlag{to}, name, usage)
}
