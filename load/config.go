package load

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/specs"
)

// Target is what is put under load.
type Target struct {
	file     *target.Target
	dialect  *specs.Dialect
	anywhere bool // results of an attack on it may be from any address
}

// Reads are the files that a run reads for the target, and must not write over.
func (t *Target) Reads() []string { return t.file.Reads() }

// ReadTarget reads a target file and the document it names. env is where the file's ${NAME} come from, os.LookupEnv for
// most. The error has everything that is wrong with either, a line each.
func ReadTarget(file string, env func(string) (string, bool)) (*Target, error) {
	t, d, err := target.Load(file, env)
	if err != nil {
		return nil, err
	}
	return &Target{file: t, dialect: d}, nil
}

// ParseTarget is ReadTarget of a text, which errors speak of by a name.
func ParseTarget(name string, text []byte, env func(string) (string, bool)) (*Target, error) {
	t, d, err := target.Parse(name, text, env)
	if err != nil {
		return nil, err
	}
	return &Target{file: t, dialect: d}, nil
}

// Profiled is the target with its document read under another of its profiles than the one that the target file names, or the document's
// first: which rows are judged, and how strongly they bind. The error says which profiles there are.
func (t *Target) Profiled(name string) (*Target, error) {
	d, err := t.dialect.Profiled(name)
	if err != nil {
		return nil, err
	}
	return &Target{t.file, d, t.anywhere}, nil
}

// Anywhere is the target for Judge, of results that came from whatever address: of an attack on a server that is gone.
func (t *Target) Anywhere() *Target { return &Target{t.file, t.dialect, true} }

// Address is where the target is, without a password.
func (t *Target) Address() string { return t.file.BaseURL.Redacted() }

// Dialect is the id of the dialect that the target is held to.
func (t *Target) Dialect() string { return t.dialect.ID }

// Config is what is asked of a run. Every field is required unless it says otherwise. As JSON it is what several generators are told
// alike.
type Config struct {
	Target      *Target `json:"-"`
	AllowRemote bool    // Target may be on another machine, which is then put under load

	Scenario string  // issue, validate, use, refresh, mix, storm, session, or mix=issue:1,validate:8,refresh:1
	Weights  string  // of a mix; optional, DefaultMix
	Rate     float64 // of requests in a second, or of sessions that begin; 0 is as many as the connections allow
	Shape    string  // a rate that changes instead of Rate: ramp:100-2000 or steps:500,1000,2000; optional
	Arrivals string  // when requests are due at that rate: even, or poisson for gaps by chance; optional, even
	Duration time.Duration
	WarmUp   time.Duration // before Duration, and in none of its numbers; optional

	Session Session // what a client of the scenario session does; of no account for others

	Connections int
	WorkingSet  int    // how many clients' tokens are validated and used
	Pick        string // which of them: uniform, or zipf for a few of them most of the time
	HTTP2       bool

	WaitReady time.Duration // how long a target that does not answer yet is waited for; optional

	Level      specs.Level // the weakest whose violation is a no-go
	Objectives []string    // such as p99<20ms; optional, DefaultErrors unless one speaks of errors
	Agent      string      // the User-Agent header
	Seed       int64       // decides which token of the working set and which kind of a mix comes next, and what else is left to chance
	Metered    bool        // Progress tells of every request, and of what was found; optional

	Share *Share `json:"-"` // of a run that several generators make together; optional

	Progress func(Progress) `json:"-"` // called about every second, and at the end; optional
	Keep     io.Writer      `json:"-"` // takes the times of every request that was measured, for vegeta; optional
}

// Search is what is asked of a search for the highest rate that a target holds. The Config's Rate and Shape are of no
// account, its Duration is that of a step, and its objectives about the rate are held against what was found.
type Search struct {
	Config
	Start     float64 // the rate of the first step, in a second
	About     bool    // Start may be moved to the nearest rate that is allowed and at which a step can say something
	Most      float64 // the highest rate that may be asked for, MostRate at the most
	Allowed   string  // who allows no more than Most; optional: it is what a generator can send
	Precision string  // how close a rate that is held and one that is not are to come, such as 5%

	Begun func(step reports.LoadStep) // called before each step; optional
	Step  func(run *reports.LoadRun)  // called after each step; optional
}

// The bounds of what can be asked for.
const (
	leastDuration   = 100 * time.Millisecond
	mostDuration    = 24 * time.Hour
	mostWarmUp      = time.Hour
	mostConnections = 10_000 // beyond it this machine's own ports and open files are the limit
	mostTokens      = 1_000_000

	// A run that achieves 99 % of its rate has kept up, so a rate cannot be told from one that is 1 % more.
	leastPrecision = 2. // percent
	mostPrecision  = 50.
)

// The words of Config.Pick.
const (
	uniform = "uniform"
	zipf    = "zipf"
)

// Check reports what is wrong with a configuration, in the words of gonogo's flags. Nothing is sent. As long as there is
// no Target, what depends on it is not looked at.
func (c Config) Check() error {
	s, err := c.read()
	if err == nil && c.Target != nil {
		_, err = s.offer()
	}
	return err
}

// Check is like that of a Config.
func (s Search) Check() error {
	opened, err := newSearch(s)
	if err == nil && s.Target != nil {
		_, err = opened.asked.offer()
	}
	return err
}

// settings are a Config as it was read.
type settings struct {
	Config
	scenario   scenario
	shape      shape
	journey    journey // of a session
	objectives []objective
	singly     int // so many chains of refresh tokens are obtained, and each is refreshed once; 0: as many as the shape takes
}

// read takes in what is asked for, as far as it can be judged without a target.
func (c Config) read() (s settings, err error) {
	s.Config = c
	if !c.Level.Valid() {
		return s, fmt.Errorf("--level %s: choose documented, standard or practice", c.Level)
	}
	if c.WaitReady < 0 {
		return s, fmt.Errorf("--wait-ready %s: a wait cannot be negative", c.WaitReady)
	}
	if s.scenario, err = c.readScenario(); err != nil {
		return s, err
	}
	if s.shape, err = c.readShape(); err != nil {
		return s, err
	}
	if s.scenario.name == sessionScenario {
		if err := s.readSession(); err != nil {
			return s, err
		}
	}
	switch {
	case c.Duration < leastDuration || c.Duration > mostDuration:
		return s, fmt.Errorf("--duration %s: choose from 100ms to 24h", c.Duration)
	case c.WarmUp < 0 || c.WarmUp > mostWarmUp:
		return s, fmt.Errorf("--warm-up %s: choose from 0s to 1h", c.WarmUp)
	case c.Connections < 1 || c.Connections > mostConnections:
		return s, fmt.Errorf("--connections %d: choose from 1 to %d", c.Connections, mostConnections)
	case c.WorkingSet < 1 || c.WorkingSet > mostTokens:
		return s, fmt.Errorf("--working-set %d: choose from 1 to %d", c.WorkingSet, mostTokens)
	case c.Pick != uniform && c.Pick != zipf:
		return s, fmt.Errorf("--pick %s: choose %s or %s", c.Pick, uniform, zipf)
	}
	if err := c.checkShare(s.scenario); err != nil {
		return s, err
	}
	for _, text := range c.Objectives {
		o, err := parseObjective(text)
		if err != nil {
			return s, fmt.Errorf("--objective %s: %w", text, err)
		}
		if err := o.fits(s.scenario); err != nil {
			return s, fmt.Errorf("--objective %s: %w", text, err)
		}
		s.objectives = append(s.objectives, o)
	}
	s.objectives = bounds(s.objectives, s.scenario)
	return s, nil
}

// readAhead is read for requests that are all known before the first is answered.
func (c Config) readAhead() (settings, error) {
	scenario, err := c.readScenario()
	if err == nil {
		err = scenario.ahead()
	}
	if err != nil {
		return settings{}, err
	}
	return c.read()
}

func (c Config) readScenario() (scenario, error) {
	if c.Scenario == "" {
		return scenario{}, fmt.Errorf("--scenario is missing; choose from %s", strings.Join(Scenarios(), ", "))
	}
	text, flag := c.Scenario, "--scenario "+c.Scenario
	if c.Weights != "" {
		if c.Scenario != mixScenario {
			return scenario{}, fmt.Errorf("--weights belongs to --scenario mix, and this is --scenario %s", c.Scenario)
		}
		text, flag = mixScenario+"="+c.Weights, "--weights "+c.Weights
	}
	s, err := parseScenario(text)
	if err != nil {
		return s, fmt.Errorf("%s: %w", flag, err)
	}
	return s, nil
}

// readSession takes in what a session is to be.
func (s *settings) readSession() (err error) {
	switch s.journey, err = s.Session.read(); {
	case err != nil:
		return err
	case s.shape.kind == saturating:
		return errors.New("--rate 0: sessions begin at a rate; ask for one above 0")
	case s.highest(s.shape) > s.most():
		return fmt.Errorf("--rate %v: with %d requests in each session that is beyond the %.0f requests in a second that %s can send and judge", s.shape.highest(), s.journey.requests(), s.most(), generators(s.Share.count()))
	}
	return nil
}

// most is the highest rate that can be asked of all generators together.
func (c Config) most() float64 { return MostRate * float64(c.Share.count()) }

// highest is the highest rate of requests that a shape comes to, and 0 if it has no bound.
func (s settings) highest(as shape) float64 {
	if s.scenario.name == sessionScenario {
		return as.highest() * float64(s.journey.requests())
	}
	return as.highest()
}

func (c Config) readShape() (s shape, err error) {
	if c.Shape == "" || c.Shape == constant {
		if s, err = constantShape(c.Rate, c.Share.count()); err != nil {
			err = fmt.Errorf("--rate %v: %w", c.Rate, err)
		}
	} else if s, err = parseShape(c.Shape, c.Share.count()); err != nil {
		err = fmt.Errorf("--shape %s: %w", c.Shape, err)
	}
	switch s.random = c.Arrivals == poisson; {
	case err != nil:
	case !s.random && c.Arrivals != even && c.Arrivals != "":
		err = fmt.Errorf("--arrivals %s: choose %s or %s", c.Arrivals, even, poisson)
	case s.random && s.kind == saturating:
		err = fmt.Errorf("--arrivals %s: with --rate 0 no request is due at a moment; give a rate", c.Arrivals)
	}
	return s, err
}

// offer is what the document and the target have for the scenario, once the target may be put under load.
func (s settings) offer() (*offer, error) {
	if s.Target == nil {
		return nil, errors.New("there is no target to put under load; read one with ReadTarget")
	}
	if err := s.mayLoad(s.Target.file); err != nil {
		return nil, err
	}
	o := newOffer(s.Target, s.Level)
	if err := o.fits(s.scenario); err != nil || s.scenario.name != sessionScenario {
		return o, err
	}
	j, _ := o.journey(s.journey)
	return o, o.lives(j)
}

// mayLoad refuses a target that is somebody's by accident.
func (s settings) mayLoad(t *target.Target) error {
	if _, err := t.Transport(); err != nil {
		return fmt.Errorf("%s: %w", t.File, err)
	}
	if s.HTTP2 && t.BaseURL.Scheme != "https" {
		return fmt.Errorf("--http2 needs an https address, and %s has %s", t.File, t.BaseURL.Redacted())
	}
	if t.Loopback() {
		return nil
	}
	if !s.AllowRemote {
		return fmt.Errorf("%s is at %s, which is not this machine: a load test could take somebody's service down; give --allow-remote if this target is yours to put under load", t.File, t.BaseURL.Redacted())
	}
	if highest := s.highest(s.shape); highest == 0 || highest > t.Limits.MaxRPS {
		asked := fmt.Sprintf("%v/s", highest)
		if highest == 0 {
			asked = "as much as the connections allow"
		}
		return fmt.Errorf("%s: limits.max_rps allows this target %v/s, and the run asks for %s; raise it there, or ask for less", t.File, t.Limits.MaxRPS, asked)
	}
	return nil
}
