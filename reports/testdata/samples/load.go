package samples

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonogo/reports"
)

// Of the run of Load: 2000/s for a minute at a server that answers 4000/s and stalls for a second, by a generator
// that stands still once.
const (
	Seconds          = 60
	rate             = 2000
	stallAt, stall   = 31_200_000, 1_000_000 // µs
	freezeAt, freeze = 18_400_000, 120_000
)

// Load is the report of a load run as an open-loop generator sees it: a stall is in the latency of every
// request that was to be sent while it went on.
func Load() reports.LoadRun {
	chance := rand.New(rand.NewPCG(1, 2))
	r := reports.LoadRun{
		Dialect: "kitchenhub", Document: reports.Document{Title: "Kitchenhub Auth API", Version: "2", SHA256: "ab12"},
		Target: reports.Target{BaseURL: "http://127.0.0.1:8080"}, Scenario: "mix", Shape: "constant 2000/s",
		Started: Started, DurationMS: 60_012, Connections: 64, Protocol: "HTTP/1.1 without TLS",
		Verdict: reports.NoGo, Complete: true, Because: []string{"the objective p99<20ms was not held: 655 ms", "a refresh token that was used before works: 2 times"},
		Asked: rate, WarmUp: 4000, Starved: 12, Errors: 41, Frozen: []reports.Span{{AtMS: freezeAt / 1000, ForMS: freeze / 1000}},
	}
	var latency, service, lag []int64
	seconds := make([][]int64, Seconds)
	r.Seconds = make([]reports.LoadSecond, Seconds)
	free := int64(0)
	for i := range int64(Seconds * rate) {
		intended := i * 1_000_000 / rate
		sent := intended + 8 + int64(chance.ExpFloat64()*25)
		if sent >= freezeAt && sent < freezeAt+freeze {
			sent = freezeAt + freeze
		}
		begins := max(sent, free)
		if begins >= stallAt && begins < stallAt+stall {
			begins = stallAt + stall
		}
		free = begins + 250
		answered := begins + int64(420*math.Exp(chance.NormFloat64()*.45))
		latency, service, lag = append(latency, answered-intended), append(service, answered-sent), append(lag, sent-intended)
		at := intended / 1_000_000
		seconds[at] = append(seconds[at], answered-intended)
		r.Seconds[at].Asked++
		r.Seconds[at].Sent++
		if second := answered / 1_000_000; second < Seconds {
			r.Seconds[second].Answered++
		}
	}
	for i, all := range seconds {
		slices.Sort(all)
		s := &r.Seconds[i]
		s.Second, s.P50, s.P99, s.Max = i, all[len(all)/2], all[len(all)*99/100], all[len(all)-1]
	}
	r.Seconds[32].Errors, r.Seconds[33].Errors, r.Seconds[33].Violations = 37, 4, 2
	r.Requests = int64(len(latency))
	r.Achieved = float64(r.Requests) / 60.012
	r.Latency, r.Service, r.Lag = distributionOf(latency), distributionOf(service), distributionOf(lag)
	r.Parts = []reports.LoadPart{
		{Name: "issue", Requests: 30_000, Errors: 41, Latency: r.Latency}, {Name: "refresh", Requests: 90_000, Latency: r.Latency},
	}
	r.Answers = []reports.LoadCount{{What: "200", Count: r.Requests - 41}, {What: "503", Count: 37}, {What: "no answer: connection reset", Count: 4}}
	busy := Report().Dialects[0].Cases[1].Exchanges[0]
	busy.Response = reports.Response{Status: 503, Headers: map[string][]string{"Retry-After": {"1"}}, Body: `{"error":"the pool is empty"}`}
	r.Examples = []reports.LoadExample{{Request: "issue", Answer: "503 Service Unavailable", Exchange: &busy}}
	r.Objectives = []reports.LoadObjective{{Text: "p99<20ms", Got: "655 ms"}, {Text: "errors<0.1%", Got: "0.034 %", Held: true}}
	exchange := Report().Dialects[0].Cases[1].Exchanges[0]
	r.Violations = []reports.LoadViolation{{
		Kind: "a refresh token that was used before works", Requirement: "KH-REFRESH-2", Count: 2, Exchange: &exchange,
		Finding: reports.Finding{Sent: "POST /v2/auth/refresh with the old refresh token", Wanted: "a 4xx", Got: "200 with an access_token", Where: "specs/kitchenhub.yaml:88"},
	}}
	return r
}

// Jointly is Load as three generators made it, one of which was lost.
func Jointly() reports.LoadRun {
	r := Load()
	r.Generators = []reports.LoadGenerator{
		{Number: 1, Of: 3, Host: "lead", Requests: 60_000, Errors: 20, Achieved: 1000, P50: 700, P99: 655_000, Late: 120},
		{Number: 2, Of: 3, Host: "a|<b>", Requests: 60_000, Errors: 21, Achieved: 1000, P50: 710, P99: 654_000, Late: 90, Ahead: -421_000_000, Drift: -15, Within: 300},
		{Number: 3, Of: 3, Lost: "it did not answer for 5 s"},
	}
	return r
}

func distributionOf(all []int64) reports.Distribution {
	slices.Sort(all)
	at := func(q float64) int64 { return all[min(int(q*float64(len(all))), len(all)-1)] }
	d := reports.Distribution{P50: at(.5), P90: at(.9), P95: at(.95), P99: at(.99), P999: at(.999), Max: at(1)}
	var sum int64
	for _, us := range all {
		sum += us
	}
	d.Mean = sum / int64(len(all))
	for left := 1.0; left > 1/float64(len(all)); left *= .75 {
		d.Curve = append(d.Curve, reports.Point{Quantile: 1 - left, US: at(1 - left)})
	}
	d.Curve = append(d.Curve, reports.Point{Quantile: 1, US: d.Max})
	return d
}

// Loads is a report of these load runs, and no dialect.
func Loads(runs ...reports.LoadRun) *reports.Report {
	r := &reports.Report{Tool: reports.Tool{Name: "gonogo", Version: "1.0.0"}, Started: Started, DurationMS: 64_200, Seed: 7}
	for i := range runs {
		r.Load = append(r.Load, &runs[i])
	}
	reports.Decide(r, reports.Policy{})
	return r
}

// Search is a search of three steps: two were held, one was not.
func Search(change func(*reports.Capacity, []reports.LoadRun)) *reports.Report {
	target := reports.Target{BaseURL: "http://127.0.0.1:8080"}
	c := reports.Capacity{
		Dialect: "kitchenhub", Target: target, Scenario: "issue", Verdict: reports.Go, Complete: true, Found: 400, Confirmed: true, NotHeld: 800,
		Limit: reports.LimitTarget, Why: "p99<20ms is not held: 655ms", Precision: .05, Objectives: []string{"p99<20ms", "errors<0.1%"}, Steps: 3,
	}
	var runs []reports.LoadRun
	for i, step := range []reports.LoadStep{
		{Rate: 400, Outcome: reports.StepHeld}, {Rate: 800, Outcome: reports.StepNotHeld, Why: c.Why}, {Rate: 400, Confirm: true, Outcome: reports.StepHeld},
	} {
		step.Number = i + 1
		run := Load()
		run.Scenario, run.Target, run.Step, run.Violations = "issue", target, &step, []reports.LoadViolation{}
		run.Notes = []string{}
		runs = append(runs, run)
	}
	if change != nil {
		change(&c, runs)
	}
	r := &reports.Report{Tool: reports.Tool{Name: "gonogo", Version: "1.0.0"}, Started: Started, DurationMS: 64_200, Seed: 7}
	for i := range runs {
		r.Load = append(r.Load, &runs[i])
	}
	if c.Scenario != "" {
		r.Capacity = append(r.Capacity, c)
	}
	reports.Decide(r, reports.Policy{})
	return r
}
