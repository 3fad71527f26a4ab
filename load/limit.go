package load

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"gonogo/load/attack"
	"gonogo/reports"
)

// limit tells whose limit a run met. A request that is late has either waited for a connection, and then it matters
// what kept the connections busy; or it had one, and then it is the generator that was late. And what seems to be the
// server's time is partly the generator's: an answer waits until a processor comes to look at it.
type limit struct {
	run       *reports.LoadRun
	measured  *attack.Result
	precision float64 // what of it does not count, a share of one: a search's precision
}

// share is which part of the time of all connections was taken by what took so many seconds for each request.
func (l limit) share(each float64) float64 {
	over := max(l.measured.Duration, l.measured.Sending)
	return each * float64(l.measured.Requests) / (over.Seconds() * float64(l.run.Connections))
}

// ownShare is which part of it the generator took for itself.
func (l limit) ownShare() float64 {
	return l.share(l.measured.Own.Each(l.measured.Requests + l.measured.WarmUp.Requests).Seconds())
}

// behind reports a run that did not reach its rate. Requests that left on time and were not answered are no reason:
// how many of them there may be is what an objective about errors says.
func (l limit) behind() bool {
	reached := l.run.Achieved
	if l.measured != nil {
		reached += l.measured.Kept() - l.measured.Achieved()
	}
	return reached < l.run.Asked*(1-shortBy)
}

// denied says that this machine had no room for what was asked for; empty if it had, or nearly.
func (l limit) denied() string {
	var all int64
	var whys []string
	for _, each := range l.run.Denied {
		all += each.Count
		whys = append(whys, each.What)
	}
	if float64(all) <= shortBy*float64(l.run.Requests+all) {
		return ""
	}
	detail := ""
	if l.measured != nil && l.measured.Detail != "" {
		detail = ", such as " + l.measured.Detail
	}
	return fmt.Sprintf("%d requests could not be sent, because this machine is at a limit of its own: %s%s; ask for fewer --connections, or raise the limit (ulimit -n)", all, strings.Join(whys, ", "), detail)
}

// rate says of a run that did not reach its rate whether that was the target: the connections were busy, and they would
// have been with a generator that takes no time at all. What the generator takes is no matter as long as it moves the
// limit by less than the search's precision.
func (l limit) rate() (target bool, why string) {
	m, share := l.measured, l.ownShare()
	if why := l.denied(); why != "" {
		return false, why
	}
	// what would have been sent if every request had left as soon as it had its moment and a free connection
	freed := float64(m.Requests) / max(m.Duration, m.Freed).Seconds()
	said := fmt.Sprintf("%.1f/s achieved", l.run.Achieved)
	switch {
	case m.Unsent == 0 && freed >= l.run.Asked*(1-shortBy):
		return false, said + ": requests left late over connections that were free"
	case share <= l.precision:
	case share >= 1, l.run.Achieved/(1-share) >= l.run.Asked*(1-shortBy):
		return false, fmt.Sprintf("%s: of the time in which connections were busy the generator took %.0f %% for itself, for want of processors", said, 100*min(share, 1))
	}
	if m.Chained {
		return true, said + ", because " + m.Waited()
	}
	return true, said + ", because all connections were waiting for answers"
}

// busyShare is from which part of their time on connections that are busy make requests wait for one another.
const busyShare = 0.9

// crowded reports whether requests may have waited for connections that were busy only because of what the generator
// took for itself.
func (l limit) crowded() bool {
	return l.share(l.measured.Service.Mean()*1e-6) > busyShare && l.ownShare() > l.precision
}

// keptUp says what a run was not that it was asked to be.
func (l limit) keptUp() (because []string) {
	run := l.run
	switch why := l.denied(); {
	case why != "":
		because = append(because, why)
	case run.Requests == 0:
		return []string{"nothing was sent"}
	case l.behind():
		_, why := l.rate()
		because = append(because, fmt.Sprintf("it could not keep up: %.1f/s were asked for, %s", run.Asked, why))
	}
	if why := l.starved(); why != "" {
		because = append(because, why)
	}
	if s := run.Sessions; s != nil && float64(s.Crowded) > shortBy*float64(s.Begun+s.Crowded) {
		because = append(because, fmt.Sprintf("%d of %d sessions did not begin, because as many were under way as may be (--population %d)", s.Crowded, s.Begun+s.Crowded, run.Plan.Session.Population))
	}
	return because
}

// starved says that tokens were wanting; empty if they were not.
func (l limit) starved() string {
	if float64(l.run.Starved) > shortBy*float64(l.run.Requests+l.run.Starved) {
		return fmt.Sprintf("for %d requests there was no token to spend", l.run.Starved)
	}
	return ""
}

// missed says of an objective that is not held whether that was the target, and if not, why it may have been the
// generator. troubled is that the generator knows of trouble of its own.
func (l limit) missed(o objective, troubled bool) (target bool, why string) {
	switch {
	case o.own != "":
		return false, "which is the generator's own doing"
	case o.metric == errorsMetric:
		return l.failing(o), fmt.Sprintf("of which %d may have come of the generator's own bursts: %d requests had not left when they were due, and left at once", burstErrors(l.run), burstRequests(l.run))
	case !o.timed():
		return true, ""
	case troubled:
		return l.slowAnyway(o), "and the generator's own trouble is in it"
	case o.metric == rateMetric:
		target = l.short(o)
	default:
		target = l.late(o)
	}
	return target, "of which the generator may be the cause: " + l.ownTimes()
}

// failing says of an objective about errors that is not held whether that was the target: it would not be held either
// without the errors that may have come of the generator's own bursts.
func (l limit) failing(o objective) bool {
	if !o.less {
		return true
	}
	of := o.counted(l.run)
	got := float64(of.errors - min(burstErrors(l.run), of.errors))
	if o.percent {
		got /= float64(max(of.requests, 1))
	}
	return !o.holds(got)
}

// ownTimes is how long what the generator itself does took.
func (l limit) ownTimes() string {
	return fmt.Sprintf("it read answers up to %s late (p99), and sent requests %s late", micros(l.measured.Own.Late), micros(l.measured.Lag))
}

// slowAnyway reports whether the target alone was too slow, whatever the generator's own trouble added: by the service
// time, in which nothing is that left late, and without the slowest answers, twice as many as fall into the time in which
// the generator stood still.
func (l limit) slowAnyway(o objective) bool {
	run := l.run
	quantile, known := quantiles[o.metric]
	if !known || !o.less || run.DurationMS <= 0 {
		return false
	}
	quantile *= 1 - min(2*float64(stoodStill(run).Milliseconds())/float64(run.DurationMS), 1)
	took := int64(0)
	for _, point := range o.counted(run).service.Curve {
		if quantile <= 0 || point.Quantile > quantile {
			break
		}
		took = point.US
	}
	return float64(took) > o.bound
}

// late says of an objective about times that is not held whether that was the target.
func (l limit) late(o objective) bool {
	if !o.less {
		return true // it was too quick, which nobody else can be
	}
	heard := float64(o.quantile(l.measured.Own.Late))
	service := objective{metric: o.metric, part: o.part, service: true}
	if float64(service.of(l.run))-heard > o.bound {
		return true
	}
	left := float64(o.quantile(l.measured.Lag))
	return !o.service && !l.crowded() && float64(o.of(l.run))-heard-left > o.bound
}

// short says of an objective about the rate that is not held whether that was the target.
func (l limit) short(o objective) bool {
	switch {
	case !o.less && l.measured.Saturate:
		share := l.ownShare()
		return share <= l.precision || share < 1 && l.run.Achieved/(1-share) < o.bound
	case !o.less && l.behind():
		target, _ := l.rate()
		return target
	}
	return true // it is what was asked for, or more
}

// quantile is of a histogram what the objective looks at, in µs.
func (o objective) quantile(h *hdrhistogram.Histogram) int64 {
	if quantile, ok := quantiles[o.metric]; ok {
		return attack.Quantile(h, quantile)
	}
	return int64(h.Mean())
}

// judgeStep says what came of a step, and why it was not held. generator is the trouble of its own that the generator
// knows of.
func (l limit) judgeStep(objectives []objective, generator []string) (outcome reports.StepOutcome, why string) {
	run := l.run
	if why := l.starved(); why != "" {
		return reports.StepUnclear, why
	}
	if why := l.denied(); why != "" {
		return reports.StepUnclear, why
	}
	for _, o := range objectives {
		judged := o.judge(run)
		if judged.Held || o.timed() || len(generator) > 0 {
			continue
		}
		if target, _ := l.missed(o, false); target {
			return reports.StepNotHeld, fmt.Sprintf("%s is not held: %s", judged.Text, judged.Got)
		}
	}
	unclear := ""
	if run.Unsent > 0 || l.behind() {
		target, text := l.rate()
		if target {
			return reports.StepNotHeld, text
		}
		unclear = text
	}
	for _, o := range objectives {
		judged := o.judge(run)
		if judged.Held {
			continue
		}
		text := fmt.Sprintf("%s is not held: %s", judged.Text, judged.Got)
		target, why := l.missed(o, false)
		if len(generator) > 0 {
			target, why = false, "and "+generator[0]
		}
		if target {
			return reports.StepNotHeld, text
		}
		unclear = cmp.Or(unclear, text+", "+why)
	}
	if unclear != "" {
		return reports.StepUnclear, unclear
	}
	switch why := l.growing(); {
	case why != "" && (len(generator) > 0 || l.ownShare() > l.precision):
		return reports.StepUnclear, why + ", of which the generator may be the cause: " + l.ownTimes()
	case why != "":
		return reports.StepNotHeld, why
	}
	return reports.StepHeld, ""
}

// A queue that grows makes answers take longer and longer: by the end of a run twice as long as at its begin, and by no less
// than what a busy machine does to a mean, along a line that explains most of the differences.
const (
	grownTo  = 2
	grownBy  = 10 * time.Millisecond
	grownFit = 0.6
	grownIn  = 8 // tenths of a second, at the least
)

// growing says that answers took longer and longer, which they would go on to do; empty if they did not.
func (l limit) growing() string {
	t := l.measured.Trend
	if t.Ticks < grownIn || t.Fit < grownFit || t.To < grownTo*t.From || t.To-t.From < grownBy {
		return ""
	}
	return fmt.Sprintf("answers took longer and longer, on average %s at the beginning and %s at the end, so a queue grows at that rate",
		t.From.Round(100*time.Microsecond), t.To.Round(100*time.Microsecond))
}

func micros(h *hdrhistogram.Histogram) time.Duration {
	return (time.Duration(attack.Quantile(h, .99)) * time.Microsecond).Round(10 * time.Microsecond)
}
