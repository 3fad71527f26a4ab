package load

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"gonogo/internal/operation"
	"gonogo/reports"
)

// Search is what is asked of a search for the highest rate that a target holds. The Config's Shape is of no account,
// its Duration is that of a step, and its objectives about the rate are gates: they are held against what was found.
type Search struct {
	Config
	Start     float64 // the rate of the first step, in a second
	Most      float64 // the highest rate that may be asked for
	Allowed   string  // who allows no more than Most, such as limits.max_rps; empty: it is what a generator can send
	Precision float64 // a share of one: how close a rate that is held and one that is not are to come

	Begun func(step reports.LoadStep) // called before each step; optional
	Step  func(run *reports.LoadRun)  // called after each step; optional
}

// The bounds of a search's precision. A run that achieves 99 % of its rate has kept up, so a rate cannot be told from
// one that is 1 % more.
const (
	LeastPrecision = 0.02
	MostPrecision  = 0.5
)

// leastRequests is how many requests a step sends at least: with fewer there is no 99th percentile.
const leastRequests = 100

// longestStep is how long a step may become that needs more requests than its duration has, unless the duration is
// longer itself. A target that holds no rate at all is known for it after a minute.
const longestStep = 20 * time.Second

// Requests is how many requests a step sends at least. Of n requests over c connections a target that is too slow has
// still c to answer when the last one leaves, and the run has kept up if it seems to reach 99 % of its rate: so what is
// held may be 1/(0.99*(1-c/n)) of what the target does, which must not be more than the precision allows.
func (s Search) Requests() float64 {
	share := 1 - 1/((1-shortBy)*(1+s.Precision))
	return max(leastRequests, math.Ceil(float64(s.Connections)/share))
}

// Length is how long a step at a rate takes.
func (s Search) Length(rate float64) time.Duration {
	needed := time.Duration(s.Requests() / rate * float64(time.Second)).Round(time.Millisecond)
	return max(s.Duration, needed)
}

// Lowest is the lowest rate for which a step can say something, in a second.
func (s Search) Lowest() float64 {
	return max(leastRate, s.Requests()/max(s.Duration, longestStep).Seconds())
}

// tries is how often a step is made whose outcome is unclear. Machines are busy for a moment now and then.
const tries = 3

const interrupted = "the search was interrupted"

// search is a search under way.
type search struct {
	asked Search
	*run
	bracket
	result *reports.Capacity
	steps  []*reports.LoadRun
	whys   map[float64]string // why a rate did not work, for the latest time
	ended  string             // why the search was cut short, as a sentence
	broken bool               // by a violation
}

// FindCapacity looks for the highest rate that a target holds, and returns what came of it and of each step. ctx ends
// it early, and so does a violation or a target that disappears. The error is about the configuration; nothing was
// sent then.
func FindCapacity(ctx context.Context, config Search) (*reports.Capacity, []*reports.LoadRun, error) {
	gates, objectives := split(bounds(config.Objectives))
	config.Config.Objectives, config.Config.Shape = objectives, Shape{}
	r, err := newRun(config.Config)
	if err != nil {
		return nil, nil, err
	}
	defer r.client.Close()
	s := &search{asked: config, run: r, whys: map[float64]string{}}
	s.bracket = bracket{start: config.Start, lowest: config.Lowest(), most: config.Most, precision: config.Precision}
	s.gates = Gates(gates)
	d := r.Dialect
	s.result = &reports.Capacity{
		Dialect: d.ID, Document: reports.Document{Title: d.Title, Version: d.Version, SHA256: d.SHA256},
		Target: reports.Target{BaseURL: r.Target.BaseURL.Redacted()}, Scenario: r.scenario.String(), Precision: config.Precision,
	}
	for _, o := range objectives {
		s.result.Objectives = append(s.result.Objectives, o.text)
	}
	if err := s.look(ctx); err != nil {
		return nil, nil, err
	}
	s.decide(gates)
	return s.result, s.steps, nil
}

// split parts the objectives about the rate from those of each step.
func split(all []Objective) (gates, others []Objective) {
	for _, o := range all {
		if o.metric == rateMetric {
			gates = append(gates, o)
		} else {
			others = append(others, o)
		}
	}
	return gates, others
}

// look makes the steps, the last of which confirms what was found.
func (s *search) look(ctx context.Context) error {
	err := s.prepare(ctx)
	if short, ok := errors.AsType[shortfall](err); ok {
		s.unprepared(short)
		return nil
	}
	if err != nil {
		return err
	}
	leaveAlone(ctx)
	for s.ended == "" && !s.broken {
		rate := s.bracket.next()
		if rate > 0 {
			s.take(rate, s.try(ctx, rate, false))
			continue
		}
		rate = s.floor()
		if rate == 0 {
			return nil
		}
		outcome := s.try(ctx, rate, true)
		switch outcome {
		case reports.StepHeld:
			s.result.Confirmed = true
			return nil
		case reports.StepNotHeld:
			if s.refute(rate); s.refuted >= mostRefuted {
				s.ended = fmt.Sprintf("%d rates were held and then not held when they were tried again, at last %s (%s)", s.refuted, perSecond(rate), s.whys[rate])
			}
		case reports.StepUnclear:
			s.ended = fmt.Sprintf("that %s is held could not be confirmed: %s", perSecond(rate), s.whys[rate])
		}
	}
	return nil
}

// take takes note of what came of a rate.
func (s *search) take(rate float64, outcome reports.StepOutcome) {
	switch outcome {
	case reports.StepHeld:
		s.held = append(s.held, rate)
	case reports.StepNotHeld:
		if s.missed == 0 || rate < s.missed {
			s.missed = rate
		}
	case reports.StepUnclear:
		if s.blocked == 0 || rate < s.blocked {
			s.blocked = rate
		}
	}
}

// few is how many errors may have been chance: in a short step one of them can be more than a tenth of a percent.
const few = 3

// try makes a step, and repeats it as long as its outcome is unclear; and once if it was not held for a few errors.
func (s *search) try(ctx context.Context, rate float64, confirm bool) (outcome reports.StepOutcome) {
	for i := range tries {
		outcome = s.step(ctx, rate, confirm)
		errors := s.steps[len(s.steps)-1].Errors
		chance := i == 0 && outcome == reports.StepNotHeld && errors > 0 && errors <= few
		if outcome != reports.StepUnclear && !chance || s.ended != "" || s.broken {
			return outcome
		}
	}
	return outcome
}

// step puts the target under load at a rate, and gets it ready for the next one.
func (s *search) step(ctx context.Context, rate float64, confirm bool) reports.StepOutcome {
	step := reports.LoadStep{Number: len(s.steps) + 1, Rate: rate, Confirm: confirm}
	if s.asked.Begun != nil {
		s.asked.Begun(step)
	}
	s.Shape, s.Duration = Shape{constant, []float64{rate}}, s.asked.Length(rate)
	s.gone, s.measured, s.prefix = false, nil, operation.Unique()
	out := s.described()
	because := s.attack(ctx, out)
	s.relieve()
	if step.Number == 1 && ctx.Err() == nil && !s.gone {
		s.revocation(ctx)
	}
	s.conclude(out, because)
	s.before.Requests += out.Requests
	s.before.Errors += out.Errors
	s.before.Starved += out.Starved
	for _, v := range out.Violations {
		s.before.Violations += v.Count
	}
	s.judge(ctx, &step, out, because)
	if step.Outcome != reports.StepHeld && s.ended == "" && !s.broken {
		err := s.recovered(ctx)
		if s.after(ctx, step, err); err != nil && ctx.Err() == nil {
			step.Outcome = reports.StepCutShort // that a target disappears is no finding
		}
	}
	if s.ended == "" && !s.broken {
		s.after(ctx, step, s.restock(ctx))
	}
	if s.broken && step.Outcome != reports.StepViolated { // by what was handed out for the next step
		out.Violations = s.offenders.list()
		step.Outcome, step.Why = reports.StepViolated, out.Violations[0].Kind
	}
	s.whys[rate] = step.Why
	s.add(out, step)
	return step.Outcome
}

// judge says what came of a step.
func (s *search) judge(ctx context.Context, step *reports.LoadStep, out *reports.LoadRun, because []string) {
	switch {
	case len(out.Violations) > 0:
		step.Outcome, step.Why, s.broken = reports.StepViolated, out.Because[0], true
	case ctx.Err() != nil:
		step.Outcome, s.ended = reports.StepCutShort, interrupted
	case s.gone, s.measured == nil:
		step.Outcome, s.ended = reports.StepCutShort, because[0]
	default:
		step.Outcome, step.Why = blame{out, s.measured, s.precision}.judgeStep(s.Objectives, s.ownTrouble(&reports.LoadRun{
			Requests: out.Requests, DurationMS: out.DurationMS, Frozen: out.Frozen, Lag: out.Lag,
		}))
	}
	step.Why = s.redactor.Answer(step.Why)
}

// after takes note of what keeps a target from the next step.
func (s *search) after(ctx context.Context, step reports.LoadStep, err error) {
	switch {
	case ctx.Err() != nil:
		s.ended = interrupted
	case err != nil:
		s.ended = fmt.Sprintf("after the step at %s: %v", perSecond(step.Rate), s.redactor.Answer(err.Error()))
	}
	s.broken = s.broken || len(s.offenders.list()) > 0
}

// unprepared is a search that could not begin.
func (s *search) unprepared(short shortfall) {
	out := s.described()
	s.conclude(out, []string{short.why})
	step := reports.LoadStep{Number: 1, Outcome: reports.StepCutShort, Why: short.why}
	if s.ended = short.why; len(out.Violations) > 0 {
		step.Outcome, s.broken = reports.StepViolated, true
	}
	s.add(out, step)
}

func (s *search) add(out *reports.LoadRun, step reports.LoadStep) {
	out.Step = &step
	s.steps = append(s.steps, out)
	if s.asked.Step != nil {
		s.asked.Step(out)
	}
}
