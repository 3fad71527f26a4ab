package load

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonogo/reports"
)

// objective is a bound that a run is to keep, such as p99<20ms.
type objective struct {
	text    string
	metric  string
	part    part   // whose; all: of the run as a whole
	service bool   // of the service time instead of the latency
	own     string // of what is the generator's own: reading or lag; empty: of the target
	less    bool
	orEqual bool
	bound   float64 // µs for times; a share of one for errors in percent
	percent bool
}

// owns are the times of the generator itself, which a run of whose target something is to be said can be held to.
var owns = []string{"lag", "reading"}

// all is the part that stands for a run as a whole.
const all part = -1

// The metrics that are no times, and what each is measured in.
const (
	errorsMetric     = "errors"
	rateMetric       = "rate"
	violationsMetric = "violations"
)

var times = []string{"p50", "p90", "p95", "p99", "p999", "max", "mean"}

// quantiles are the times of which it is known how many answers took longer.
var quantiles = map[string]float64{"p50": .5, "p90": .9, "p95": .95, "p99": .99, "p999": .999, "max": 1}

// metrics are the words an objective can begin with.
func metrics() []string {
	return append(slices.Clone(times), errorsMetric, rateMetric, violationsMetric)
}

var objectiveForm = regexp.MustCompile(`^\s*([a-z0-9-]+)\s*(<=|>=|<|>)\s*([^\s<>=]+)\s*$`)

// parseObjective reads an objective.
func parseObjective(text string) (objective, error) {
	m := objectiveForm.FindStringSubmatch(text)
	if m == nil {
		return objective{}, fmt.Errorf("write it as METRIC, one of <, <=, >, >=, and a bound, such as 'p99<20ms', 'errors<0.1%%' or 'rate>=1990/s'")
	}
	o := objective{text: strings.Join(m[1:], ""), less: m[2][0] == '<', orEqual: len(m[2]) == 2}
	if err := o.read(m[1], m[2], m[3]); err != nil {
		return o, err
	}
	if o.less && !o.orEqual && o.bound == 0 {
		return o, fmt.Errorf("nothing is less than 0, so no run could hold it; write %s<=%s", m[1], m[3])
	}
	return o, nil
}

// read takes in the metric, the comparison and the bound of an objective.
func (o *objective) read(metric, comparison, text string) error {
	o.part, o.metric = all, metric
	for p, name := range partNames {
		if rest, ok := strings.CutPrefix(metric, name+"-"); ok {
			o.part, o.metric = part(p), rest
		}
	}
	for _, name := range owns {
		if rest, ok := strings.CutPrefix(metric, name+"-"); ok && slices.Contains(times, rest) {
			o.own, o.metric = name, rest
		}
	}
	o.metric, o.service = strings.CutPrefix(o.metric, "service-")
	isTime := slices.Contains(times, o.metric)
	if !slices.Contains(metrics(), o.metric) || o.service && !isTime {
		return fmt.Errorf("there is no metric %q; choose from %s, or service- before one of the first %d", metric, strings.Join(metrics(), ", "), len(times))
	}
	if o.part != all && !isTime && o.metric != errorsMetric {
		return fmt.Errorf("%s is about a whole run; of a part there are its times and its errors, such as %s-p99<50ms", o.metric, partNames[o.part])
	}
	switch {
	case isTime:
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return fmt.Errorf("%q is not a time; write it with its unit, such as %s%s20ms", text, metric, comparison)
		}
		o.bound = float64(d) / float64(time.Microsecond)
		return nil
	case o.metric == rateMetric:
		number, unit := strings.CutSuffix(text, "/s")
		if bound, err := strconv.ParseFloat(number, 64); err == nil && unit && sensible(bound) {
			o.bound = bound
			return nil
		}
		return fmt.Errorf("%q is not a rate; write it like rate%s1990/s", text, comparison)
	}
	number, percent := strings.CutSuffix(text, "%")
	bound, err := strconv.ParseFloat(number, 64)
	if err != nil || !sensible(bound) || percent && o.metric != errorsMetric {
		example := "violations" + comparison + "1"
		if o.metric == errorsMetric {
			example = "errors" + comparison + "0.1%, or errors" + comparison + "5 for a number of them"
		}
		return fmt.Errorf("%q is not a number; write it like %s", text, example)
	}
	if percent && bound > 100 {
		return fmt.Errorf("no run can have %s of errors; write a share up to 100%%, or errors%s5 for a number of them", text, comparison)
	}
	o.bound, o.percent = bound, percent
	if percent {
		o.bound /= 100
	}
	return nil
}

// sensible reports a number that something can be held against.
func sensible(bound float64) bool { return bound >= 0 && !math.IsInf(bound, 0) }

// DefaultErrors is the objective of a run for which none says how many errors it may have: a run whose answers were
// wrong must not be a go because nobody asked.
const DefaultErrors = "errors<0.1%"

// bounds are the objectives of a run, with the default for what none of them speaks of: where some speak of the errors of
// parts, for each of the other parts.
func bounds(given []objective, of scenario) []objective {
	speaks := func(p part) bool {
		return slices.ContainsFunc(given, func(o objective) bool { return o.metric == errorsMetric && o.part == p })
	}
	complete := slices.Clone(given)
	add := func(text string) {
		standing, err := parseObjective(text)
		if err != nil {
			panic("load: the default objective is none: " + err.Error())
		}
		complete = append(complete, standing)
	}
	switch {
	case speaks(all):
	case !slices.ContainsFunc(given, func(o objective) bool { return o.metric == errorsMetric }):
		add(DefaultErrors)
	default:
		for p := range parts {
			if of.has(p) && !speaks(p) {
				add(partNames[p] + "-" + DefaultErrors)
			}
		}
	}
	return complete
}

// fits reports why a scenario has nothing that the objective could be about; nil if it has.
func (o objective) fits(of scenario) error {
	granting := of.has(issuePart) || of.has(refreshPart)
	if o.part == all || of.has(o.part) || o.part == checkPart && granting || o.part == replayPart && of.has(refreshPart) {
		return nil
	}
	return fmt.Errorf("--scenario %s sends no %s", of, partNames[o.part])
}

// counted is what an objective looks at.
type counted struct {
	latency, service reports.Distribution
	requests, errors int64
}

func (o objective) counted(run *reports.LoadRun) counted {
	switch o.own {
	case "lag":
		return counted{latency: run.Lag, requests: run.Requests}
	case "reading":
		return counted{latency: run.Reading, requests: run.Requests}
	}
	if o.part == all {
		return counted{run.Latency, run.Service, run.Requests + run.Beside, run.Errors}
	}
	for _, p := range run.Parts {
		if p.Name == partNames[o.part] {
			return counted{p.Latency, p.Service, p.Requests, p.Errors}
		}
	}
	return counted{}
}

// timed reports whether the generator's own trouble shows in what the objective looks at.
func (o objective) timed() bool { return o.metric != errorsMetric && o.metric != violationsMetric }

// requests is how many it takes for the objective's quantile to be anything but the slowest answer; 0 for other metrics.
func (o objective) requests() int64 {
	quantile, ok := quantiles[o.metric]
	if !ok || quantile == 1 || o.own != "" {
		return 0
	}
	return int64(math.Round(1 / (1 - quantile)))
}

// judge compares a run with the objective.
func (o objective) judge(run *reports.LoadRun) reports.LoadObjective {
	out := reports.LoadObjective{Text: o.text}
	var got float64
	switch o.metric {
	case errorsMetric:
		of := o.counted(run)
		got = float64(of.errors)
		out.Got = strconv.FormatInt(of.errors, 10)
		if o.percent {
			if got > 0 {
				got /= float64(max(of.requests, 1))
			}
			out.Got = strconv.FormatFloat(got*100, 'f', -1, 64) + "%"
			if len(out.Got) > 8 {
				out.Got = strconv.FormatFloat(got*100, 'g', 3, 64) + "%"
			}
		}
	case rateMetric:
		got = run.Achieved
		out.Got = strconv.FormatFloat(got, 'f', 1, 64) + "/s"
	case violationsMetric:
		for _, v := range run.Violations {
			got += float64(v.Count)
		}
		out.Got = strconv.FormatFloat(got, 'f', -1, 64)
	default:
		us := o.of(run)
		got, out.Got = float64(us), (time.Duration(us) * time.Microsecond).String()
	}
	out.Held = o.holds(got)
	return out
}

// holds compares a number with the bound.
func (o objective) holds(got float64) bool {
	if math.Abs(got-o.bound) <= 1e-9*o.bound { // 7 of 10,000 are 0.07%, which a float is not
		return o.orEqual
	}
	return (got < o.bound) == o.less
}

// of is the time that the objective looks at, in µs.
func (o objective) of(run *reports.LoadRun) int64 {
	of := o.counted(run)
	d := of.latency
	if o.service {
		d = of.service
	}
	return []int64{d.P50, d.P90, d.P95, d.P99, d.P999, d.Max, d.Mean}[slices.Index(times, o.metric)]
}
