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
	crowded.run.Denied = []reports.LoadCount{{What: attack.NoFiles.String(), Count: 500}}
	crowded.measured.Detail = "dial tcp 127.0.0.1:1: socket: too many open files"
	failing := stepOf(5000, 5*s, 5*s, 0, 0, 0, 0)
	failing.run.Errors = 50
	for name, c := range map[string]struct {
		step    limit
		outcome reports.StepOutcome
		why     string
	}{
		"no tokens":        {starved, reports.StepUnclear, "for 100 requests there was no token to spend"},
		"no room":          {crowded, reports.StepUnclear, "500 requests could not be sent, because this machine is at a limit of its own: too many open files, such as dial tcp 127.0.0.1:1: "},
		"a target's fault": {failing, reports.StepNotHeld, "errors<0.1% is not held: 1%"},
	} {
		if outcome, why := c.step.judgeStep([]objective{o}, nil); outcome != c.outcome || !strings.HasPrefix(why, c.why) {
			t.Errorf("%s: it is %s: %q", name, outcome, why)
		}
	}
}

// conclusions are what a run and a step of a search make of the same numbers.
func conclusions(t *testing.T, l limit, objectives ...string) (*reports.LoadRun, reports.StepOutcome) {
	t.Helper()
	var all []objective
	for _, text := range objectives {
		o, err := parseObjective(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	step, _ := l.judgeStep(all, nil)
	decide(l.run, measured{result: l.measured}, all)
	return l.run, step
}

// A run and a search see the same in what has no answer, in what this machine had no room to send, and in what came of
// the generator's own bursts.
func TestARunAndASearchAreOfOneMind(t *testing.T) {
	const s = time.Second
	of := func(change func(l limit)) limit {
		l := stepOf(5000, 5*s, 5*s, 0, 0, 0, 0)
		change(l)
		return l
	}
	lost := of(func(l limit) {
		l.measured.Answered, l.run.Achieved, l.run.Errors = 4900, 980, 100
	})
	denied := of(func(l limit) {
		l.run.Requests, l.measured.Requests, l.measured.Answered, l.run.Achieved = 3000, 3000, 3000, 600
		l.run.Denied = []reports.LoadCount{{What: attack.NoPorts.String(), Count: 2000}}
	})
	burst := of(func(l limit) {
		l.run.Errors, l.run.Bursts = 60, []reports.LoadBurst{{AtMS: 1000, ForMS: 100, Requests: 100, Errors: 58}}
	})
	limited := of(func(l limit) {
		l.run.Errors, l.run.Bursts = 600, []reports.LoadBurst{{AtMS: 1000, ForMS: 100, Requests: 100, Errors: 58}}
	})
	for _, c := range []struct {
		name, objective string
		of              limit
		verdict         reports.Verdict
		outcome         reports.StepOutcome
		says            string
	}{
		{"two of a hundred without an answer, which are allowed", "errors<5%", lost, reports.Go, reports.StepHeld, ""},
		{"two of a hundred without an answer", "errors<0.1%", lost, reports.NoGo, reports.StepNotHeld, "errors<0.1% is not held: 2%"},
		{"no room", "errors<0.1%", denied, reports.Incomplete, reports.StepUnclear, "this machine is at a limit of its own: cannot assign requested address"},
		{"no room for a rate", "rate>=990/s", denied, reports.Incomplete, reports.StepUnclear, "of which the generator may be the cause"},
		{"errors of a burst", "errors<0.1%", burst, reports.Incomplete, reports.StepUnclear, "58 may have come of the generator's own bursts: 100 requests"},
		{"errors of a burst, by number", "errors<=2", burst, reports.Incomplete, reports.StepUnclear, "58 may have come of the generator's own bursts"},
		{"errors with a burst among them", "errors<0.1%", limited, reports.NoGo, reports.StepNotHeld, "errors<0.1% is not held: 12%"},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := *c.of.run
			out, step := conclusions(t, limit{&run, c.of.measured, c.of.precision}, c.objective)
			if out.Verdict != c.verdict || step != c.outcome || !strings.Contains(strings.Join(out.Because, "; "), c.says) {
				t.Errorf("the run is %s because %q, the step %s", out.Verdict, out.Because, step)
			}
		})
	}
}

// A queue that grows is seen before its rate is said to be held, unless the generator may be what makes it grow.
func TestAQueueThatGrowsSlowly(t *testing.T) {
	const ms, s = time.Millisecond, time.Second
	for _, c := range []struct {
		name    string
		trend   attack.Trend
		late    time.Duration
		outcome reports.StepOutcome
	}{
		{"it grows", attack.Trend{From: 2 * ms, To: 52 * ms, Fit: .98, Ticks: 50}, 0, reports.StepNotHeld},
		{"it grows, and the generator is busy", attack.Trend{From: 2 * ms, To: 52 * ms, Fit: .98, Ticks: 50}, 8 * ms, reports.StepUnclear},
		{"it goes up and down", attack.Trend{From: 2 * ms, To: 52 * ms, Fit: .3, Ticks: 50}, 0, reports.StepHeld},
		{"it grows by next to nothing", attack.Trend{From: ms / 10, To: ms, Fit: .98, Ticks: 50}, 0, reports.StepHeld},
		{"it was long from the begin", attack.Trend{From: 80 * ms, To: 100 * ms, Fit: .9, Ticks: 50}, 0, reports.StepHeld},
		{"nobody knows after so short a time", attack.Trend{From: 2 * ms, To: 52 * ms, Fit: .98, Ticks: 3}, 0, reports.StepHeld},
	} {
		step := stepOf(5000, 5*s, 5*s, c.late, 0, ms, ms)
		step.measured.Trend = c.trend
		if outcome, why := step.judgeStep(nil, nil); outcome != c.outcome || (outcome == reports.StepHeld) != (why == "") {
			t.Errorf("%s: it is %s: %q", c.name, outcome, why)
		}
	}
}

// Objectives about the generator itself are no finding about anybody else.
func TestObjectivesOfTheGenerator(t *testing.T) {
	const ms, s = time.Millisecond, time.Second
	for text, verdict := range map[string]reports.Verdict{"reading-p99<5ms": reports.Go, "reading-p99<1ms": reports.Incomplete, "lag-max<5ms": reports.Go, "lag-p99<=1ms": reports.Incomplete} {
		step := stepOf(5000, 5*s, 5*s, 0, 0, ms, ms)
		step.run.Reading, step.run.Lag = reports.Distribution{P99: 2000}, reports.Distribution{P99: 2000, Max: 3000}
		out, outcome := conclusions(t, step, text)
		if out.Verdict != verdict || (outcome == reports.StepHeld) != (verdict == reports.Go) {
			t.Errorf("%s: it is %s because %q, the step %s", text, out.Verdict, out.Because, outcome)
		}
	}
	if _, err := parseObjective("reading-errors<1%"); err == nil {
		t.Error("the generator's errors can be asked for")
	}
}
