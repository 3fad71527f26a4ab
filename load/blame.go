package load

import (
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"gonogo/load/attack"
	"gonogo/reports"
)

// blame tells whose limit a run met. A request that is late has either waited for a connection, and then it matters
// what kept the connections busy; or it had one, and then it is the generator that was late. And what seems to be the
// server's time is partly the generator's: an answer waits until a processor comes to look at it.
type blame struct {
	run       *reports.LoadRun
	measured  *attack.Result
	precision float64 // what of it does not count, a share of one: a search's precision
}

// share is which part of the time of all connections was taken by what took so many seconds for each request.
func (b blame) share(each float64) float64 {
	over := max(b.measured.Duration, b.measured.Sending)
	return each * float64(b.measured.Requests) / (over.Seconds() * float64(b.run.Connections))
}

// ownShare is which part of it the generator took for itself.
func (b blame) ownShare() float64 {
	return b.share(b.measured.Own.Each(b.measured.Requests + b.measured.WarmUp.Requests).Seconds())
}

// rate says of a run that did not reach its rate whether that was the target: the connections were busy, and they would
// have been with a generator that takes no time at all. What the generator takes is no matter as long as it moves the
// limit by less than the search's precision.
func (b blame) rate() (target bool, why string) {
	m, share := b.measured, b.ownShare()
	if lost := m.Requests - m.Answered; float64(lost) > shortBy*float64(m.Requests) {
		return true, fmt.Sprintf("%d of %d requests had no answer", lost, m.Requests)
	}
	// what would have been sent if every request had left as soon as it had its moment and a free connection
	freed := float64(m.Requests) / max(m.Duration, m.Freed).Seconds()
	said := fmt.Sprintf("%.1f/s achieved", b.run.Achieved)
	switch {
	case m.Unsent == 0 && freed >= b.run.Asked*(1-shortBy):
		return false, said + ": requests left late over connections that were free"
	case share <= b.precision:
	case share >= 1, b.run.Achieved/(1-share) >= b.run.Asked*(1-shortBy):
		return false, fmt.Sprintf("%s: of the time in which connections were busy the generator took %.0f %% for itself, for want of processors", said, 100*min(share, 1))
	}
	return true, said + ", because all connections were waiting for answers"
}

// busyShare is from which part of their time on connections that are busy make requests wait for one another.
const busyShare = 0.9

// crowded reports whether requests may have waited for connections that were busy only because of what the generator
// took for itself.
func (b blame) crowded() bool {
	return b.share(b.measured.Service.Mean()*1e-6) > busyShare && b.ownShare() > b.precision
}

// missed says of an objective that is not held whether that was the target, and if not, why it may have been the
// generator. troubled is that the generator knows of trouble of its own.
func (b blame) missed(o Objective, troubled bool) (target bool, why string) {
	switch {
	case !o.timed():
		return true, ""
	case troubled:
		return b.slowAnyway(o), "and the generator's own trouble is in it"
	case b.measured == nil: // a storm's numbers are not those of an attack
		return true, ""
	case o.metric == rateMetric:
		target = b.short(o)
	default:
		target = b.late(o)
	}
	return target, "of which the generator may be the cause: " + b.ownTimes()
}

// ownTimes is how long what the generator itself does took.
func (b blame) ownTimes() string {
	return fmt.Sprintf("it read answers up to %s late (p99), and sent requests %s late", micros(b.measured.Own.Late), micros(b.measured.Lag))
}

// slowAnyway reports whether the target alone was too slow, whatever the generator's own trouble added: by the service
// time, in which nothing is that left late, and without the slowest answers, twice as many as fall into the time in which
// the generator stood still.
func (b blame) slowAnyway(o Objective) bool {
	run := b.run
	quantile, known := quantiles[o.metric]
	if !known || !o.less || run.DurationMS <= 0 {
		return false
	}
	frozen := int64(0)
	for _, span := range run.Frozen {
		frozen += span.ForMS
	}
	quantile *= 1 - min(2*float64(frozen)/float64(run.DurationMS), 1)
	took := int64(0)
	for _, point := range run.Service.Curve {
		if quantile <= 0 || point.Quantile > quantile {
			break
		}
		took = point.US
	}
	return float64(took) > o.bound
}

// late says of an objective about times that is not held whether that was the target.
func (b blame) late(o Objective) bool {
	if !o.less {
		return true // it was too quick, which nobody else can be
	}
	heard := float64(o.quantile(b.measured.Own.Late))
	service := Objective{metric: o.metric, service: true}
	if float64(service.of(b.run))-heard > o.bound {
		return true
	}
	left := float64(o.quantile(b.measured.Lag))
	return !o.service && !b.crowded() && float64(o.of(b.run))-heard-left > o.bound
}

// short says of an objective about the rate that is not held whether that was the target.
func (b blame) short(o Objective) bool {
	switch {
	case !o.less && b.measured.Saturate:
		share := b.ownShare()
		return share <= b.precision || share < 1 && b.run.Achieved/(1-share) < o.bound
	case !o.less && b.run.Achieved < b.run.Asked*(1-shortBy):
		target, _ := b.rate()
		return target
	}
	return true // it is what was asked for, or more
}

// quantile is of a histogram what the objective looks at, in µs.
func (o Objective) quantile(h *hdrhistogram.Histogram) int64 {
	switch o.metric {
	case "mean":
		return int64(h.Mean())
	case "max":
		return h.Max()
	}
	return h.ValueAtPercentile(100 * quantiles[o.metric])
}

// judgeStep says what came of a step, and why it was not held. generator is the trouble of its own that the generator
// knows of.
func (b blame) judgeStep(objectives []Objective, generator []string) (outcome reports.StepOutcome, why string) {
	run := b.run
	if float64(run.Starved) > shortBy*float64(run.Requests+run.Starved) {
		return reports.StepUnclear, fmt.Sprintf("for %d requests there was no token to spend", run.Starved)
	}
	if b.ownLimit() {
		return reports.StepUnclear, "this machine has no room for more connections: " + b.measured.Detail
	}
	for _, o := range objectives {
		if judged := o.judge(run); !judged.Held && !o.timed() && len(generator) == 0 {
			return reports.StepNotHeld, fmt.Sprintf("%s is not held: %s", judged.Text, judged.Got)
		}
	}
	unclear := ""
	if run.Unsent > 0 || run.Achieved < run.Asked*(1-shortBy) {
		target, text := b.rate()
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
		switch {
		case len(generator) > 0:
			text += ", and " + generator[0]
		case o.timed() && !b.late(o):
			text += ", of which the generator may be the cause: " + b.ownTimes()
		default:
			return reports.StepNotHeld, text
		}
		if unclear == "" {
			unclear = text
		}
	}
	if unclear != "" {
		return reports.StepUnclear, unclear
	}
	return reports.StepHeld, ""
}

// ownLimit reports connections that this machine could not make, whoever it was that should have been reached.
func (b blame) ownLimit() bool {
	if b.measured.Failures[attack.NotConnected] == 0 {
		return false
	}
	for _, own := range []error{syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL, syscall.ENOBUFS} {
		if strings.HasSuffix(b.measured.Detail, own.Error()) {
			return true
		}
	}
	return false
}

func micros(h *hdrhistogram.Histogram) time.Duration {
	return (time.Duration(h.ValueAtPercentile(99)) * time.Microsecond).Round(10 * time.Microsecond)
}
