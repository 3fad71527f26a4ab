package load

import (
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"gonogo/load/attack"
	"gonogo/reports"
)

// always is a histogram of one time.
func always(took time.Duration) *hdrhistogram.Histogram {
	h := hdrhistogram.New(1, 3_600_000_000, 3)
	_ = h.RecordValues(took.Microseconds(), 1000)
	return h
}

// stepOf is a step over 16 connections that was asked for 1,000/s for 5 s and sent for as long as it says.
func stepOf(sent int64, sending, freed, late, lag, service, latency time.Duration) limit {
	achieved := float64(sent) / max(5*time.Second, sending).Seconds()
	return limit{
		precision: .05,
		run: &reports.LoadRun{
			Requests: sent, Asked: 1000, Achieved: achieved, Connections: 16, Unsent: 5000 - sent, DurationMS: 5000,
			Service: reports.Distribution{P99: service.Microseconds()}, Latency: reports.Distribution{P99: latency.Microseconds()},
		},
		measured: &attack.Result{
			Tally: attack.Tally{Requests: sent}, Answered: sent, Duration: 5 * time.Second, Sending: sending, Freed: freed, Unsent: 5000 - sent,
			Lag: always(lag), Service: always(service), Own: attack.Own{Late: always(late)},
		},
	}
}

func TestWhoseLimitAStepMet(t *testing.T) {
	const ms, s = time.Millisecond, time.Second
	for _, c := range []struct {
		name      string
		step      limit
		objective string
		generator []string
		outcome   reports.StepOutcome
		why       string
	}{
		{"all is well", stepOf(5000, 5*s, 5*s, 0, 0, ms, ms), "p99<20ms", nil, reports.StepHeld, ""},
		{"all is well, though the generator stood still", stepOf(5000, 5*s, 5*s, 0, 0, ms, ms), "p99<20ms", []string{"the generator itself stood still"}, reports.StepHeld, ""},
		{"a slow target", stepOf(5000, 5400*ms, 5400*ms, 0, 0, 17*ms, 400*ms), "errors<0.1%", nil, reports.StepNotHeld, "all connections were waiting for answers"},
		{"a very slow target", stepOf(3000, 6*s, 6*s, 0, 0, 32*ms, s), "errors<0.1%", nil, reports.StepNotHeld, "all connections were waiting for answers"},
		{"a very slow target, and a generator that is busy", stepOf(3000, 6*s, 6*s, 10*ms, 0, 32*ms, s), "errors<0.1%", nil, reports.StepNotHeld, "all connections were waiting for answers"},
		{"a generator that reads answers late", stepOf(5000, 5400*ms, 5400*ms, 8*ms, 0, 17*ms, 400*ms), "errors<0.1%", nil, reports.StepUnclear, "the generator took 46 % for itself"},
		{"a generator that does nothing else", stepOf(3000, 6*s, 6*s, 40*ms, 0, 32*ms, s), "errors<0.1%", nil, reports.StepUnclear, "the generator took 100 % for itself"},
		{"a generator that sends late", stepOf(5000, 5400*ms, 5*s, 0, 0, ms, 400*ms), "errors<0.1%", nil, reports.StepUnclear, "requests left late over connections that were free"},
		{"a target of long answers", stepOf(5000, 5*s, 5*s, 0, 0, 25*ms, 25*ms), "p99<20ms", nil, reports.StepNotHeld, "p99<20ms is not held: 25ms"},
		{"a target that stops now and then", stepOf(5000, 5*s, 5*s, 0, 0, ms, 900*ms), "p99<20ms", nil, reports.StepNotHeld, "p99<20ms is not held: 900ms"},
		{"a target that stops now and then, and a generator that takes a little", stepOf(5000, 5*s, 5*s, 2*ms, 0, 3*ms, 900*ms), "p99<20ms", nil, reports.StepNotHeld, "p99<20ms is not held: 900ms"},
		{"connections that are busy with a generator that reads late", stepOf(5000, 5*s, 5*s, 8*ms, 0, 15*ms, 900*ms), "p99<20ms", nil, reports.StepUnclear, "the generator may be the cause"},
		{"answers read late", stepOf(5000, 5*s, 5*s, 10*ms, 0, 25*ms, 25*ms), "p99<20ms", nil, reports.StepUnclear, "it read answers up to 10.01ms late"},
		{"requests sent late", stepOf(5000, 5*s, 5*s, 0, 10*ms, 15*ms, 25*ms), "p99<20ms", nil, reports.StepUnclear, "and sent requests 10.01ms late"},
		{"a service time that lag is no part of", stepOf(5000, 5*s, 5*s, 0, 10*ms, 25*ms, 35*ms), "service-p99<20ms", nil, reports.StepNotHeld, "service-p99<20ms is not held: 25ms"},
		{"long answers of a generator that stood still", stepOf(5000, 5*s, 5*s, 0, 0, 25*ms, 25*ms), "p99<20ms", []string{"the generator itself stood still"}, reports.StepUnclear, "the generator itself stood still"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, err := parseObjective(c.objective)
			if err != nil {
				t.Fatal(err)
			}
			outcome, why := c.step.judgeStep([]objective{o}, c.generator)
			if outcome != c.outcome || !strings.Contains(why, c.why) || (why == "") != (outcome == reports.StepHeld) {
				t.Errorf("it is %s: %q", outcome, why)
			}
		})
	}
}

func TestStepsThatSayNothing(t *testing.T) {
	o, err := parseObjective(DefaultErrors)
	if err != nil {
		t.Fatal(err)
	}
	const s = time.Second
	starved := stepOf(4900, 5*s, 5*s, 0, 0, 0, 0)
	starved.run.Starved, starved.run.Unsent, starved.measured.Unsent = 100, 0, 0
	crowded := stepOf(5000, 5*s, 5*s, 0, 0, 0, 0)
	crowded.run.Errors = 5000
	crowded.measured.Failures, crowded.measured.Detail = map[attack.Why]int64{attack.NotConnected: 5000}, "dial tcp 127.0.0.1:1: socket: too many open files"
	failing := stepOf(5000, 5*s, 5*s, 0, 0, 0, 0)
	failing.run.Errors = 50
	for name, c := range map[string]struct {
		step    limit
		outcome reports.StepOutcome
		why     string
	}{
		"no tokens":        {starved, reports.StepUnclear, "for 100 requests there was no token to spend"},
		"no room":          {crowded, reports.StepUnclear, "this machine has no room for more connections: "},
		"a target's fault": {failing, reports.StepNotHeld, "errors<0.1% is not held: 1%"},
	} {
		if outcome, why := c.step.judgeStep([]objective{o}, nil); outcome != c.outcome || !strings.HasPrefix(why, c.why) {
			t.Errorf("%s: it is %s: %q", name, outcome, why)
		}
	}
}
