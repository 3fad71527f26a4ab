package load

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonogo/reports"
	"gonogo/reports/words"
)

// Standard is what two sides are compared by.
type Standard struct {
	metric objective
	name   string
	limit  float64 // by what share of A's B may be worse; 0: nobody said
}

var regression = regexp.MustCompile(`^\s*([a-z0-9-]+)\s*[= ]\s*([0-9.]+)\s*%\s*$`)

// ParseStandard reads --metric, such as p50, and --max-regression, such as p99=10%. Either may be empty.
func ParseStandard(metric, maxRegression string) (s Standard, err error) {
	s.name = cmp.Or(metric, "p50")
	if maxRegression != "" {
		m := regression.FindStringSubmatch(maxRegression)
		if m == nil {
			return s, fmt.Errorf("--max-regression %s: write it as METRIC=PERCENT, such as p99=10%%", maxRegression)
		}
		if metric != "" && metric != m[1] {
			return s, fmt.Errorf("--max-regression %s: the metric is %s, as --metric says; one is looked at, which is named before", maxRegression, metric)
		}
		s.name = m[1]
		percent, err := strconv.ParseFloat(m[2], 64)
		if err != nil || percent <= 0 || percent > 1000 {
			return s, fmt.Errorf("--max-regression %s: %q is no share of more than 0 %% that a metric may be worse by", maxRegression, m[2])
		}
		s.limit = percent / 100
	}
	bound := "<1h"
	if s.name == rateMetric {
		bound = ">=1/s"
	}
	s.metric, err = parseObjective(s.name + bound)
	if err != nil || s.metric.metric == errorsMetric || s.metric.metric == violationsMetric || s.metric.own != "" {
		return s, fmt.Errorf("%s cannot be compared; choose one of %s, or rate", s.name, words.Join(times))
	}
	return s, nil
}

// of is the metric of a run: µs, or answers in a second.
func (s Standard) of(run *reports.LoadRun) float64 {
	if s.metric.metric == rateMetric {
		return run.Achieved
	}
	return float64(s.metric.of(run))
}

// own is what of it was the generator's doing, in µs.
func (s Standard) own(run *reports.LoadRun) float64 {
	if s.metric.metric == rateMetric {
		return 0
	}
	o := s.metric
	o.part, o.service = all, false
	o.own = "reading"
	us := o.of(run)
	if o.own = "lag"; !s.metric.service {
		us += o.of(run)
	}
	return float64(us)
}

// discounted says why a run does not count; empty if it does. What the generator knows of its own trouble may stand in a
// metric in which it would be no trouble for a verdict: it must not have stood still for more than a tenth of what the
// metric leaves out.
func (s Standard) discounted(run *reports.LoadRun) string {
	leaves := 0.01
	if q, known := quantiles[s.metric.metric]; known {
		leaves = 1 - q
	}
	still := stoodStill(run)
	switch {
	case run.Requests == 0 && len(run.Because) > 0: // it ended before anything was measured
		return run.Because[0]
	case run.Requests == 0 || s.of(run) <= 0:
		return "it has no " + s.name
	case still > time.Duration(leaves/10*float64(run.DurationMS))*time.Millisecond:
		return fmt.Sprintf("the generator itself stood still for %s", still)
	case len(run.Shortfalls) > 0:
		return run.Shortfalls[0]
	}
	return ""
}

// Compare holds runs of two sides against each other, the i-th of a against the i-th of b. The error says why they cannot be
// compared at all.
func Compare(s Standard, a, b []*reports.LoadRun) (*reports.Comparison, error) {
	if len(a) != len(b) || len(a) == 0 {
		return nil, fmt.Errorf("one side has %s and the other %s; rounds are pairs", words.Count(len(a), "run"), words.Count(len(b), "run"))
	}
	for _, run := range slices.Concat(a, b) {
		if why := Unlike(a[0], run); why != "" {
			return nil, fmt.Errorf("the runs are not of one plan: %s", why)
		}
	}
	for _, side := range [][]*reports.LoadRun{a, b} {
		for _, run := range side {
			if made, others := madeBy(run), madeBy(side[0]); made != others {
				return nil, fmt.Errorf("some runs of one side were made by %s and some by %s", others, made)
			}
		}
	}
	p := s.pair(a, b)
	c := &reports.Comparison{
		Dialect: a[0].Dialect, Document: a[0].Document, Profile: a[0].Profile, Scenario: a[0].Scenario, Shape: a[0].Shape, Limit: s.limit,
		A: reports.Side{Name: "A", Target: a[0].Target}, B: reports.Side{Name: "B", Target: b[0].Target}, Rounds: p.rounds, Notes: p.discounted,
	}
	if one, other := madeBy(a[0]), madeBy(b[0]); one != other {
		c.Notes = append(c.Notes, fmt.Sprintf("the runs of A were made by %s and those of B by %s: whatever that changes on their machines and on the target's is in the difference", one, other))
	}
	var noGo, unsure []string
	for i := range a {
		for _, side := range []struct {
			name string
			run  *reports.LoadRun
		}{{"A", a[i]}, {"B", b[i]}} {
			if side.run.Verdict == reports.NoGo {
				noGo = append(noGo, fmt.Sprintf("round %d of %s is a no-go by itself: %s", i+1, side.name, words.Join(side.run.Because)))
			}
		}
	}
	if c.Shown, unsure = p.shown(confidence); c.Difference != reports.CannotTell && s.limit > 0 {
		switch over, within := s.against(c.Low, c.High); {
		case over:
			noGo = append(noGo, fmt.Sprintf("%s is worse by more than %s", s.name, words.Percent(s.limit)))
		case !within:
			unsure = append(unsure, fmt.Sprintf("whether %s is worse by more than %s cannot be told in %s; more or longer rounds can", s.name, words.Percent(s.limit), words.Count(len(p.logs), "round")))
		}
	}
	others := s.others(a[0])
	for _, other := range others { // Bonferroni, whose intervals say the same as its decisions
		shown, _ := other.pair(a, b).shown(1 - (1-confidence)/float64(len(others)))
		c.Others = append(c.Others, shown)
	}
	c.Because, c.Complete = append(noGo, unsure...), len(unsure) == 0
	c.Verdict = verdictOf(noGo, unsure)
	return c, nil
}

// madeBy is who made a run, in words.
func madeBy(run *reports.LoadRun) string {
	return words.Count(max(len(run.Generators), 1), "generator")
}

// others are the metrics that are shown beside the one that was named. Where requests have no due time, latency is service;
// where they have, the rate is what was asked for.
func (s Standard) others(run *reports.LoadRun) (all []Standard) {
	names := []string{"p50", "p90", "p99", "service-p50", "service-p99"}
	if run.Asked == 0 {
		names = []string{"p50", "p90", "p99", rateMetric}
	}
	for _, name := range names {
		if other, err := ParseStandard(name, ""); err == nil && name != s.name {
			all = append(all, other)
		}
	}
	return all
}

// matched are the rounds of a comparison by one metric.
type matched struct {
	Standard
	rounds     []reports.Round
	logs       []float64 // of B / A, of the rounds that count
	apart, own []float64 // B - A, and what of that was the generator's doing
	discounted []string  // the rounds that do not, and why
}

func (s Standard) pair(a, b []*reports.LoadRun) *matched {
	p := &matched{Standard: s}
	for i := range a {
		round := reports.Round{First: "a", A: s.of(a[i]), B: s.of(b[i])}
		if b[i].Started.Before(a[i].Started) {
			round.First = "b"
		}
		if why := s.discounted(a[i]); why != "" {
			round.Why = "A: " + why
		}
		if why := s.discounted(b[i]); why != "" {
			round.Why = strings.TrimPrefix(round.Why+"; B: "+why, "; ")
		}
		if p.rounds = append(p.rounds, round); round.Why != "" {
			p.discounted = append(p.discounted, fmt.Sprintf("round %d does not count: %s", i+1, round.Why))
			continue
		}
		p.logs = append(p.logs, math.Log(round.B/round.A))
		p.apart, p.own = append(p.apart, round.B-round.A), append(p.own, s.own(b[i])-s.own(a[i]))
	}
	return p
}

// shown is what the rounds that count show, and why that is nothing, if so.
func (p *matched) shown(confidence float64) (shown reports.Shown, unsure []string) {
	shown = reports.Shown{Metric: p.name, Difference: reports.CannotTell, Confidence: confidence}
	ratio, ok := paired(p.logs, confidence)
	more, _ := paired(p.apart, confidence)
	shown.Ratio, shown.More = math.Exp(ratio.middle), more.middle
	if !ok {
		unsure = append(unsure, fmt.Sprintf("%s count, and it takes %d to say something with a confidence of %s", words.Count(len(p.logs), "round"), roundsFor(confidence), words.Percent(confidence)))
		return shown, append(unsure, p.discounted...)
	}
	shown.Low, shown.High, shown.MoreLow, shown.MoreHigh = math.Exp(ratio.low), math.Exp(ratio.high), more.low, more.high
	shown.Difference = p.direction(shown.Low, shown.High)
	slices.Sort(p.apart)
	slices.Sort(p.own)
	if by, ours := median(p.apart), median(p.own); shown.Difference != reports.NoneShown && by*ours > 0 && math.Abs(ours) >= math.Abs(by)/2 {
		shown.Difference = reports.CannotTell
		unsure = append(unsure, fmt.Sprintf("of a difference of %s the generator's own lateness is %s", words.Micros(int64(math.Abs(by))), words.Micros(int64(math.Abs(ours)))))
	}
	return shown, unsure
}

// direction is what an interval of B / A says of B.
func (s Standard) direction(low, high float64) reports.Difference {
	more, fewer := reports.Worse, reports.Better
	if s.metric.metric == rateMetric {
		more, fewer = fewer, more
	}
	switch {
	case low > 1:
		return more
	case high < 1:
		return fewer
	}
	return reports.NoneShown
}

// against holds an interval of B / A against the limit: all of it is beyond, or all of it within.
func (s Standard) against(low, high float64) (over, within bool) {
	if s.metric.metric == rateMetric {
		return high < 1-s.limit, low >= 1-s.limit
	}
	return low > 1+s.limit, high <= 1+s.limit
}
