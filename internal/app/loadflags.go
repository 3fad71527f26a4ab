package app

import (
	"strings"
	"time"

	"github.com/spf13/pflag"

	"gonogo/load"
	"gonogo/specs"
)

// loadFlags are the flags of load: those of the contract, and additions.
type loadFlags struct {
	target      string
	scenario    string
	weights     string
	rate        float64
	shape       string
	duration    time.Duration
	warmUp      time.Duration
	connections int
	workingSet  int
	pick        string
	http2       bool
	objectives  []string
	level       string
	reports     []string
	out         string
	metrics     string
	exposed     bool
	remote      bool
	quiet       bool
	seed        int64

	given func(flag string) bool
}

// The words of --pick.
const (
	pickUniform = "uniform"
	pickZipf    = "zipf"
)

// addTo makes the flags that load and load capacity both have. length is how long a run is unless it is told otherwise.
func (f *loadFlags) addTo(flags *pflag.FlagSet, length time.Duration) {
	flags.StringVar(&f.target, "target", "", "target `FILE`")
	flags.StringVar(&f.scenario, "scenario", "", "what is asked of the target: `S` is "+strings.Join(load.Scenarios(), ", ")+"; or mix=issue:1,validate:8,…")
	flags.StringVar(&f.weights, "weights", "", "`PARTS` of a mix, such as "+load.DefaultMix)
	flags.DurationVar(&f.duration, "duration", length, "how long it is measured")
	flags.DurationVar(&f.warmUp, "warm-up", 0, "how long it runs before that, in none of its numbers")
	flags.IntVar(&f.connections, "connections", 16, "over how many kept-alive connections")
	flags.IntVar(&f.workingSet, "working-set", 1000, "how many clients' tokens are validated and used")
	flags.StringVar(&f.pick, "pick", pickUniform, "which of them: `HOW` is uniform, or zipf for a few of them most of the time")
	flags.BoolVar(&f.http2, "http2", false, "speak HTTP/2, to a target with an https address")
	flags.StringArrayVar(&f.objectives, "objective", nil, "a bound that the run is to keep: `EXPR` is like 'p99<20ms', 'errors<0.1%', 'rate>=1990/s'; may be given several times")
	flags.StringVar(&f.level, "level", string(specs.Standard), "the weakest `LEVEL` whose violation is a no-go: documented, standard or practice")
	flags.StringArrayVar(&f.reports, "report", nil, "write a report as `FORMAT=FILE`; formats are "+strings.Join(sortedKeys(formats), ", ")+"; may be given several times")
	flags.StringVar(&f.metrics, "metrics", "", "serve the run's numbers at `ADDR` for Prometheus, at the path /metrics")
	flags.BoolVar(&f.exposed, "expose-metrics", false, "allow --metrics on an address that others can reach")
	flags.BoolVar(&f.remote, "allow-remote", false, "allow a target on another machine, which is then put under load")
	flags.Int64Var(&f.seed, "seed", 0, "`N` that decides what is left to chance; the default is the time, and the report says it")
	flags.BoolVar(&f.quiet, "quiet", false, "print no progress")
}

// config is what the flags ask for, without the target.
func (f loadFlags) config() (load.Config, error) {
	c := load.Config{Duration: f.duration, WarmUp: f.warmUp, Connections: f.connections, WorkingSet: f.workingSet, HTTP2: f.http2, Gate: specs.Level(f.level)}
	if !c.Gate.Valid() {
		return c, usagef("--level %s: choose documented, standard or practice", f.level)
	}
	if c.Seed = f.seed; !f.given("seed") {
		c.Seed = time.Now().UnixNano() % 1_000_000_007
	}
	var err error
	if c.Scenario, err = f.parsedScenario(); err != nil {
		return c, err
	}
	if c.Shape, err = f.parsedShape(); err != nil {
		return c, err
	}
	switch {
	case f.duration < 100*time.Millisecond || f.duration > 24*time.Hour:
		return c, usagef("--duration %s: choose from 100ms to 24h", f.duration)
	case f.warmUp < 0 || f.warmUp > time.Hour:
		return c, usagef("--warm-up %s: choose from 0s to 1h", f.warmUp)
	case f.connections < 1 || f.connections > load.MostConnections:
		return c, usagef("--connections %d: choose from 1 to %d", f.connections, load.MostConnections)
	case f.workingSet < 1 || f.workingSet > load.MostTokens:
		return c, usagef("--working-set %d: choose from 1 to %d", f.workingSet, load.MostTokens)
	}
	switch f.pick {
	case pickUniform:
	case pickZipf:
		c.Zipf = true
	default:
		return c, usagef("--pick %s: choose %s or %s", f.pick, pickUniform, pickZipf)
	}
	for _, text := range f.objectives {
		o, err := load.ParseObjective(text)
		if err != nil {
			return c, usagef("--objective %s: %w", text, err)
		}
		c.Objectives = append(c.Objectives, o)
	}
	return c, nil
}

func (f loadFlags) parsedScenario() (load.Scenario, error) {
	if f.scenario == "" {
		return load.Scenario{}, usagef("--scenario is missing; choose from %s", strings.Join(load.Scenarios(), ", "))
	}
	text, flag := f.scenario, "--scenario "+f.scenario
	if f.given("weights") {
		if f.scenario != "mix" {
			return load.Scenario{}, usagef("--weights belongs to --scenario mix, and this is --scenario %s", f.scenario)
		}
		text, flag = "mix="+f.weights, "--weights "+f.weights
	}
	s, err := load.ParseScenario(text)
	if err != nil {
		return s, usagef("%s: %w", flag, err)
	}
	return s, nil
}

func (f loadFlags) parsedShape() (s load.Shape, err error) {
	switch {
	case f.shape == "" || f.shape == "constant":
		if s, err = load.Constant(f.rate); err != nil {
			err = usagef("--rate %v: %w", f.rate, err)
		}
	case f.given("rate"):
		err = usagef("--rate and --shape %s are both about the rate; give one of them", f.shape)
	default:
		if s, err = load.ParseShape(f.shape); err != nil {
			err = usagef("--shape %s: %w", f.shape, err)
		}
	}
	return s, err
}
