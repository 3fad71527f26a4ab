// Package load puts a token API under load and judges every answer by what it says.
//
// What is asked for follows from the roles of a document's operations, as cases do. The package must never know a
// dialect, and neither how requests are sent and timed (load/attack) nor how results are shown (reports).
package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/load/attack"
	"gonogo/reports"
	"gonogo/specs"
)

// Config is what is asked of a run. Every field is required unless it says otherwise.
type Config struct {
	Dialect  *specs.Dialect
	Target   *target.Target
	Scenario Scenario
	Shape    Shape
	Duration time.Duration
	WarmUp   time.Duration // before Duration, and in none of its numbers; optional

	Connections int
	WorkingSet  int  // how many clients' tokens are validated and used
	Zipf        bool // a few of them most of the time, instead of each as often as any other
	HTTP2       bool

	Gate       specs.Level // from which level down a promise counts; optional, Standard
	Objectives []Objective // optional
	Agent      string      // the User-Agent header
	Seed       int64       // decides which token of the working set and which kind of a mix comes next

	Progress func(Progress) // called about every second; optional
	Keep     io.Writer      // takes the times of every request that was measured, for vegeta; optional
}

// The bounds of what can be asked for.
const (
	MostConnections = 10_000 // beyond it this machine's own ports and open files are the limit
	MostTokens      = 1_000_000
)

// run is one load run.
type run struct {
	Config
	scenario Scenario
	script   *script
	client   *exchange.Client
	delays   *exchange.Delays // of what is sent before the attack and beside it
	redactor *exchange.Redactor
	started  time.Time
	offenders
	seen *seen

	facts    facts
	life     time.Duration // of an access token
	rotation specs.Rotation
	notes    []string

	stock     *stock
	spares    chan *chain
	spent     chan spentToken
	duels     chan *duel
	tally     tally
	tries     *errand // what a storm tries tokens on
	storm     *storm
	examples  *examples // of the latest attack
	crowd     [][]*chain
	keepsakes []*grant // from before the attack, to be tried after it

	attacking atomic.Bool
	gone      bool      // the target disappeared
	insisted  sync.Once // tokens had to be asked for more than once before the attack

	// Of a run that attacks several times.
	measured *attack.Result // of the latest attack
	workers  []*worker
	before   Progress // what the attacks before it came to

	only   part // the scenario's only kind of request; -1: it has several
	weight int
	index  [parts]int // of each kind among those that the run counts apart
	names  []string
	prefix string
	mu     sync.Mutex // for notes
}

// Check reports what is wrong with a configuration. Nothing is sent.
func Check(c Config) error {
	s, err := newScript(c.Dialect, c.Target, c.gate())
	if err != nil {
		return err
	}
	return s.fits(c.Scenario)
}

func (c Config) gate() specs.Level {
	if c.Gate == "" {
		return specs.Standard
	}
	return c.Gate
}

// Run runs a load and returns what came of it, the verdict included. ctx ends it early, and so does a target that
// disappears: what was measured by then is in the result. The error is about the configuration; nothing was sent
// then.
func Run(ctx context.Context, c Config) (*reports.LoadRun, error) {
	r, err := newRun(c)
	if err != nil {
		return nil, err
	}
	defer r.client.Close()
	out := r.described()
	err = r.prepare(ctx)
	if err == nil && r.scenario.Name == stormScenario {
		err = r.gather(ctx)
	}
	var short shortfall
	switch {
	case errors.As(err, &short):
		r.conclude(out, []string{short.why})
		return out, nil
	case err != nil:
		return nil, err
	}
	because := r.attack(ctx, out)
	because = append(because, r.vanished(ctx)...)
	if ctx.Err() == nil && !r.gone {
		r.lasting(ctx)
		r.revocation(ctx)
	}
	r.conclude(out, because)
	return out, nil
}

func newRun(c Config) (*run, error) {
	s, err := newScript(c.Dialect, c.Target, c.gate())
	if err != nil {
		return nil, err
	}
	if err := s.fits(c.Scenario); err != nil {
		return nil, err
	}
	transport, err := c.Target.Transport()
	if err != nil {
		return nil, err
	}
	r := &run{Config: c, scenario: c.Scenario, script: s, redactor: exchange.NewRedactor(), started: time.Now(), examples: &examples{}, only: -1, prefix: operation.Unique()}
	r.offenders.redactor = r.redactor
	r.offenders.begin(0)
	for _, secret := range c.Target.Secrets() {
		r.redactor.Add("secret", secret)
	}
	var limiter *rate.Limiter
	if limits := c.Target.Limits; !c.Target.Loopback() && limits.MaxRPS > 0 {
		limiter = rate.NewLimiter(rate.Limit(limits.MaxRPS), max(limits.Burst, 1))
	}
	r.delays = &exchange.Delays{Told: func(_ int, pause time.Duration) { r.filling(0, pause) }}
	r.client = exchange.NewClient(exchange.Options{
		Transport: transport, Headers: c.Target.Headers, Timeout: c.Target.Limits.Timeout, Patience: c.Target.Limits.MaxWait, Limiter: limiter, Delays: r.delays,
	})
	kind, _ := c.Dialect.Token(refresh)
	r.rotation = kind.Rotation
	r.tries = s.use
	if r.tries == nil {
		r.tries = s.live
	}
	r.count()
	r.tally.sow(c.Seed)
	expected := 2*c.Shape.mean()*(c.Duration+c.WarmUp).Seconds() + 4*float64(c.WorkingSet)
	if c.Shape.mean() == 0 {
		expected = mostSets * setSize
	}
	r.seen = newSeen(int(expected))
	r.spent = make(chan spentToken, 256)
	r.duels = make(chan *duel, 1) // one at a time, so that who accepts is quick
	return r, nil
}

// count settles which kinds of requests are counted apart.
func (r *run) count() {
	var has [parts]bool
	several := 0
	for p := range checkPart {
		if r.scenario.has(p) {
			has[p], r.only = true, p
			r.weight += r.scenario.weights[p]
			several++
		}
	}
	if several > 1 {
		r.only = -1
	}
	granting := r.scenario.Name != stormScenario && (has[issuePart] || has[refreshPart])
	has[checkPart] = granting && r.script.live != nil
	has[replayPart] = granting && has[refreshPart] && r.script.rotates
	for p, is := range has {
		if is {
			r.index[p] = len(r.names)
			r.names = append(r.names, partNames[p])
		}
	}
}

// described is the run as it is known before it begins.
func (r *run) described() *reports.LoadRun {
	d := r.Dialect
	return &reports.LoadRun{
		Dialect: d.ID, Document: reports.Document{Title: d.Title, Version: d.Version, SHA256: d.SHA256},
		Target: reports.Target{BaseURL: r.Target.BaseURL.Redacted()}, Scenario: r.scenario.String(), Shape: r.Shape.String(),
		Started: r.started.UTC(), Connections: r.Connections, Protocol: r.protocol(),
	}
}

func (r *run) protocol() string {
	name := "HTTP/1.1"
	if r.HTTP2 {
		name = "HTTP/2"
	}
	if r.Target.BaseURL.Scheme == "https" {
		name += " over TLS"
	}
	return name
}

// note remembers what is worth knowing and judges nothing.
func (r *run) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// accuse counts a violation of an operation.
func (r *run) accuse(kind offence, e *errand, why, wanted, got string, evidence func() *exchange.Exchange) {
	sent := e.op.Name()
	if why != "" {
		sent += " " + why
	}
	r.offenders.add(violation{kind: kind, requirement: r.script.requirement(kind, e), at: e.op.At, sent: sent, wanted: wanted, got: got}, evidence)
}
