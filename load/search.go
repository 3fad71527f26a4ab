package load

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonogo/load/attack"
	"gonogo/reports"
)

// tries is how often a step is made whose outcome is unclear. Machines are busy for a moment now and then.
const tries = 3

const interrupted = "the search was interrupted"

// search is a search under way.
type search struct {
	asked settings
	run   *run
	bracket
	requests  float64                     // that a step sends at least
	allowed   string                      // who allows no more than most; empty: it is what a generator can send
	begun     func(step reports.LoadStep) // nil: nobody wants to know
	told      func(run *reports.LoadRun)  // nil: nobody wants to know
	confirmed bool
	steps     []*reports.LoadRun
	whys      map[float64]string // why a rate did not work, for the latest time
	ended     string             // why the search was cut short, as a sentence
	broken    bool               // by a violation
}

// FindCapacity looks for the highest rate that a target holds, and returns what came of it and of each step. ctx ends
// it early, and so does a violation or a target that disappears. The error is about the configuration; nothing was
// sent then.
func FindCapacity(ctx context.Context, asked Search) (*reports.Capacity, []*reports.LoadRun, error) {
	s, err := newSearch(asked)
	if err != nil {
		return nil, nil, err
	}
	if s.run, err = open(s.asked, mostSets*setSize); err != nil {
		return nil, nil, err
	}
	defer s.run.account.connection.Close()
	if err := s.look(ctx); err != nil {
		return nil, nil, err
	}
	s.run.teller.over()
	return s.found(), s.steps, nil
}

// newSearch reads what is asked of a search, and settles its bounds as far as they are known without a target.
func newSearch(asked Search) (*search, error) {
	s := &search{
		bracket: bracket{start: asked.Start, most: asked.Most}, allowed: asked.Allowed, begun: asked.Begun, told: asked.Step,
		whys: map[float64]string{},
	}
	if checkRate(s.most, 1) != nil || !asked.About && s.most < s.start {
		return nil, fmt.Errorf("--most %v: choose from %v to %d, and no less than --start", s.most, leastRate, MostRate)
	}
	if checkRate(s.start, 1) != nil {
		return nil, fmt.Errorf("--start %v: choose from %v to %d", s.start, leastRate, MostRate)
	}
	if asked.Share.count() > 1 {
		return nil, errors.New("--generators: a search for a capacity is made by one generator")
	}
	if asked.Scenario == sessionScenario {
		return nil, errors.New("--scenario session: sessions take their time, and what they hold shows only when as many end as begin, which no step waits for; raise the --rate of gonogo load by hand")
	}
	// The first rate is what the target file must allow, or the lowest of all; within looks after the rest.
	c := asked.Config
	if c.Shape, c.Rate = "", s.start; asked.About {
		c.Rate = leastRate
	}
	read, err := c.read()
	if err != nil {
		return nil, err
	}
	if read.scenario.name == stormScenario {
		return nil, errors.New("--scenario storm: a storm comes once, and a search is many runs; choose another scenario")
	}
	number, unit := strings.CutSuffix(asked.Precision, "%")
	percent, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil || !unit:
		return nil, fmt.Errorf("--precision %s: write it with its %%, such as 5%%", asked.Precision)
	case !(percent >= leastPrecision && percent <= mostPrecision):
		return nil, fmt.Errorf("--precision %s: choose from %v%% to %v%%", asked.Precision, leastPrecision, mostPrecision)
	}
	s.precision = percent / 100
	s.asked = read
	s.asked.objectives = nil
	for _, o := range read.objectives {
		switch {
		case o.metric != rateMetric:
			s.asked.objectives = append(s.asked.objectives, o)
		case o.less:
			return nil, fmt.Errorf("--objective %s would want the target to hold less; write it like rate>=%s", o.text, perSecond(o.bound))
		default:
			s.gates = append(s.gates, o)
		}
	}
	s.requests = requestsOf(c.Connections, s.precision)
	if asked.Target == nil {
		return s, nil
	}
	return s, s.within(asked)
}

// within settles the bounds of a search: what the target file allows, and the lowest rate of which a step can tell
// something.
func (s *search) within(asked Search) error {
	if err := s.asked.mayLoad(asked.Target.file); err != nil {
		return err
	}
	if t := asked.Target.file; !t.Loopback() && t.Limits.MaxRPS < s.most {
		s.most, s.allowed = t.Limits.MaxRPS, "limits.max_rps"
	}
	s.lowest = max(leastRate, s.requests/max(asked.Duration, longestStep).Seconds())
	why := fmt.Sprintf("a step has to send %v requests over %d connections for a precision of %s, which takes too long at that rate", s.requests, asked.Connections, asked.Precision)
	switch {
	case s.start < s.lowest && !asked.About:
		return fmt.Errorf("--start %v: %s; begin at %.3g/s, or ask for a longer --duration or fewer --connections", s.start, why, s.lowest)
	case s.lowest > s.most:
		return fmt.Errorf("%s allows %v/s, and %s; ask for a longer --duration or fewer --connections", s.allowed, s.most, why)
	}
	s.start = min(max(s.start, s.lowest), s.most)
	if i := slices.IndexFunc(s.gates, func(gate objective) bool { return gate.bound > s.most }); i >= 0 {
		return fmt.Errorf("--objective rate: %v/s are more than the %v/s that may be asked of this target", s.gates[i].bound, s.most)
	}
	return nil
}

// leastRequests is how many requests a step sends at least: with fewer there is no 99th percentile.
const leastRequests = 100

// longestStep is how long a step may become that needs more requests than its duration has, unless the duration is
// longer itself. A target that holds no rate at all is known for it after a minute.
const longestStep = 20 * time.Second

// requestsOf is how many requests a step sends at least. Of n requests over c connections a target that is too slow has
// still c to answer when the last one leaves, and the run has kept up if it seems to reach 99 % of its rate: so what is
// held may be 1/(0.99*(1-c/n)) of what the target does, which must not be more than the precision allows.
func requestsOf(connections int, precision float64) float64 {
	share := 1 - 1/((1-shortBy)*(1+precision))
	return max(leastRequests, math.Ceil(float64(connections)/share))
}

// look makes the steps, the last of which make sure of what was found.
func (s *search) look(ctx context.Context) error {
	supply, err := s.run.prepare(ctx)
	if short, ok := errors.AsType[shortfall](err); ok {
		s.unprepared(short)
		return nil
	}
	if err != nil {
		return err
	}
	_ = wait(ctx, rest) // that it was interrupted is for the step to say
	s.seek(func(rate float64, again bool) reports.StepOutcome { return s.try(ctx, supply, rate, again) })
	return nil
}

// seek tries one rate after the other until the search is at its end. again is that a rate was tried before.
func (s *search) seek(try func(rate float64, again bool) reports.StepOutcome) {
	for s.ended == "" && !s.broken {
		rate, again := s.next()
		if rate == 0 {
			if floor := s.floor(); floor > 0 {
				s.confirmed = s.votes[floor].held > 1
			}
			return
		}
		switch outcome := try(rate, again); {
		case outcome == reports.StepHeld || outcome == reports.StepNotHeld:
			s.vote(rate, outcome == reports.StepHeld)
		case outcome == reports.StepUnclear && again && rate == s.floor():
			s.ended = fmt.Sprintf("that %s is held could not be confirmed: %s", perSecond(rate), s.whys[rate])
		case outcome == reports.StepUnclear && again:
			s.votes[rate].unclear = true
		case outcome == reports.StepUnclear && (s.blocked == 0 || rate < s.blocked):
			s.blocked = rate
		}
		if mixed := s.mixed(); len(mixed) > mostMixed && s.ended == "" {
			s.ended = fmt.Sprintf("%d rates were held and not held when they were tried again, at last %s (%s)", len(mixed), perSecond(rate), s.whys[rate])
		}
	}
}

// try makes a step, and repeats it as long as its outcome is unclear.
func (s *search) try(ctx context.Context, supply *supply, rate float64, again bool) (outcome reports.StepOutcome) {
	for range tries {
		if outcome = s.step(ctx, supply, rate, again); outcome != reports.StepUnclear || s.ended != "" || s.broken {
			break
		}
	}
	return outcome
}

// step puts the target under load at a rate, and gets it ready for the next one.
func (s *search) step(ctx context.Context, supply *supply, rate float64, again bool) reports.StepOutcome {
	step := reports.LoadStep{Number: len(s.steps) + 1, Rate: rate, Confirm: again}
	if s.begun != nil {
		s.begun(step)
	}
	as := shape{kind: constant, rates: []float64{rate}}
	if supply.settle > 0 { // a higher rate takes more tokens
		s.after(ctx, step, s.run.restock(ctx, supply, rate))
	}
	m := s.run.attack(ctx, supply, as, s.length(rate))
	if step.Number == 1 && ctx.Err() == nil && !m.gone {
		s.run.revocation(ctx)
	}
	out := s.run.conclude(as, m)
	s.run.teller.over()
	s.judge(ctx, &step, out, m)
	if step.Outcome != reports.StepHeld && s.ended == "" && !s.broken {
		err := s.run.recovered(ctx, supply)
		if s.after(ctx, step, err); err != nil && ctx.Err() == nil {
			step.Outcome = reports.StepCutShort // that a target disappears is no finding
		}
	}
	if s.ended == "" && !s.broken {
		s.after(ctx, step, s.run.restock(ctx, supply, rate))
	}
	if s.broken && step.Outcome != reports.StepViolated { // by what was handed out for the next step
		out.Violations = s.run.ledger.violations()
		step.Outcome, step.Why = reports.StepViolated, out.Violations[0].Kind
	}
	// that it was held another time is no reason, nor that nothing came of it, where there is a better one
	if step.Why != "" && (step.Outcome != reports.StepUnclear || s.whys[rate] == "") {
		s.whys[rate] = step.Why
	}
	s.add(out, step)
	return step.Outcome
}

// length is how long a step at a rate takes.
func (s *search) length(rate float64) time.Duration {
	return max(s.asked.Duration, time.Duration(s.requests/rate*float64(time.Second)).Round(time.Millisecond))
}

// judge says what came of a step.
func (s *search) judge(ctx context.Context, step *reports.LoadStep, out *reports.LoadRun, m measured) {
	switch {
	case len(out.Violations) > 0:
		step.Outcome, step.Why, s.broken = reports.StepViolated, out.Because[0], true
	case ctx.Err() != nil:
		step.Outcome, s.ended = reports.StepCutShort, interrupted
	case m.gone, m.result == nil:
		step.Outcome, s.ended = reports.StepCutShort, m.because[0]
	default:
		generator, _ := ownTrouble(out)
		step.Outcome, step.Why = limit{out, m.result, s.precision}.judgeStep(s.asked.objectives, generator)
		if step.Outcome == reports.StepUnclear && m.result.Denied[attack.NoFiles] > 0 {
			s.ended = step.Why // which no other rate would change
		}
	}
	step.Why = s.run.ledger.redactor.Answer(step.Why)
}

// after takes note of what keeps a target from the next step.
func (s *search) after(ctx context.Context, step reports.LoadStep, err error) {
	switch {
	case ctx.Err() != nil:
		s.ended = interrupted
	case err != nil:
		s.ended = fmt.Sprintf("after the step at %s: %v", perSecond(step.Rate), s.run.ledger.redactor.Answer(err.Error()))
	}
	s.broken = s.broken || len(s.run.ledger.violations()) > 0
}

// unprepared is a search that could not begin.
func (s *search) unprepared(short shortfall) {
	out := s.run.conclude(shape{}, measured{because: []string{short.why}})
	step := reports.LoadStep{Number: 1, Outcome: reports.StepCutShort, Why: short.why}
	if s.ended = short.why; len(out.Violations) > 0 {
		step.Outcome, s.broken = reports.StepViolated, true
	}
	s.add(out, step)
}

func (s *search) add(out *reports.LoadRun, step reports.LoadStep) {
	out.Step = &step
	s.steps = append(s.steps, out)
	if s.told != nil {
		s.told(out)
	}
}
