package attack

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"gonogo/reports"
)

// Fill writes down what was measured. It leaves alone what an attack does not know: what the run was for, and what
// to think of it.
func (r *Result) Fill(run *reports.LoadRun) {
	run.Started, run.DurationMS = r.Started, r.Duration.Milliseconds()
	run.Connections, run.Protocol = r.Connections, r.Protocol
	run.Asked, run.Achieved = r.Asked(), r.Achieved()
	run.Requests, run.Beside, run.Errors, run.WarmUp = r.Requests, r.Beside.Requests, r.Errors+r.Beside.Errors, r.WarmUp.Requests
	run.Starved, run.Unsent = r.Starved, r.Unsent
	run.Resent, run.Surplus = r.Again, r.Surplus
	run.Latency, run.Service, run.Lag = Distribution(r.Latency), Distribution(r.Service), Distribution(r.Lag)
	run.Reading, run.Successes, run.Failures = Distribution(r.Own.Late), Distribution(less(r.Latency, r.Failed)), Distribution(r.Failed)
	run.Frozen, run.Bursts, run.Parts, run.Seconds = nil, nil, nil, r.Seconds
	for _, span := range r.Frozen {
		run.Frozen = append(run.Frozen, reports.Span{AtMS: span.At.Milliseconds(), ForMS: span.For.Milliseconds()})
	}
	for _, part := range r.Parts {
		run.Parts = append(run.Parts, reports.LoadPart{Name: part.Name, Requests: part.Requests, Errors: part.Errors, Latency: Distribution(part.Latency), Service: Distribution(part.Service)})
	}
	for _, burst := range r.Bursts {
		run.Bursts = append(run.Bursts, reports.LoadBurst{AtMS: burst.At.Milliseconds(), ForMS: burst.For.Milliseconds(), Requests: burst.Requests, Errors: burst.Errors})
	}
	run.Answers, run.Denied = sorted(append(counted(r.Failures), r.statuses()...)), sorted(counted(r.Denied))
}

func (r *Result) statuses() (counts []reports.LoadCount) {
	for status, n := range r.Statuses {
		counts = append(counts, reports.LoadCount{What: strconv.Itoa(status), Count: n})
	}
	return counts
}

func counted(of map[Why]int64) (counts []reports.LoadCount) {
	for why, n := range of {
		counts = append(counts, reports.LoadCount{What: why.String(), Count: n})
	}
	return counts
}

// sorted has the most frequent first.
func sorted(counts []reports.LoadCount) []reports.LoadCount {
	slices.SortFunc(counts, func(a, b reports.LoadCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.What, b.What))
	})
	return counts
}

// curveTicks is how many points a curve has between 0 and a half, between that and three quarters, and so on: enough
// for a smooth line, and under a hundred for a million answers.
const curveTicks = 5

// Distribution writes down a histogram; nil is an empty one.
func Distribution(h *hdrhistogram.Histogram) reports.Distribution {
	if h == nil || h.TotalCount() == 0 {
		return reports.Distribution{}
	}
	d := reports.Distribution{
		Mean: int64(h.Mean() + .5), P50: Quantile(h, .5), P90: Quantile(h, .9), P95: Quantile(h, .95),
		P99: Quantile(h, .99), P999: Quantile(h, .999), Max: h.Max(),
	}
	for _, bracket := range h.CumulativeDistributionWithTicks(curveTicks) {
		d.Curve = append(d.Curve, reports.Point{Quantile: bracket.Quantile / 100, US: bracket.ValueAt})
	}
	encoded, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase) // in base64, as JSON writes it once more
	if err == nil {                                                       // it has no other than for a version it does not know
		d.Binary, _ = base64.StdEncoding.DecodeString(string(encoded))
	}
	return d
}

// Add adds a distribution that was written down to a histogram, which is made if there is none. It loses nothing: both
// have the same buckets, or it is an error.
func Add(to **hdrhistogram.Histogram, d reports.Distribution) error {
	if len(d.Binary) == 0 {
		if d.Max > 0 {
			return errors.New("a distribution has no histogram, so it cannot be added up")
		}
		return nil
	}
	h, err := hdrhistogram.Decode([]byte(base64.StdEncoding.EncodeToString(d.Binary)))
	if err != nil {
		return fmt.Errorf("a histogram cannot be read: %w", err)
	}
	if h.LowestTrackableValue() != 1 || h.HighestTrackableValue() != longest || h.SignificantFigures() != runDigits {
		return errors.New("a histogram has other buckets than those of this version, so it cannot be added up")
	}
	if *to == nil {
		*to = newHistogram(runDigits)
	}
	if lost := (*to).Merge(h); lost > 0 {
		return fmt.Errorf("%d values of a histogram have no place in the others", lost)
	}
	return nil
}

// Waited says what kept requests from leaving that had not left when they were due, if it was the target.
func (r *Result) Waited() string {
	if r.Chained {
		return "those before them had not been answered"
	}
	return "all connections were busy with earlier ones"
}

// Shortfalls says what of the plan was not done, a sentence each.
func (r *Result) Shortfalls() []string {
	var all []string
	if r.Ended != "" {
		all = append(all, r.Ended+fmt.Sprintf(" after %s", r.Duration.Round(10*time.Millisecond)))
	}
	if r.Unsent > 0 && r.Ended == "" {
		all = append(all, fmt.Sprintf("%d of %d intended requests were not sent, because %s", r.Unsent, r.Intended, r.Waited()))
	}
	if r.CutOff > 0 {
		all = append(all, fmt.Sprintf("%d requests were under way when it ended; what became of them is not known", r.CutOff))
	}
	switch {
	case r.KeepErr != nil:
		all = append(all, fmt.Sprintf("not all results were kept: %v", r.KeepErr))
	case r.Unkept > 0:
		all = append(all, fmt.Sprintf("%d results were not kept, because they could not be written as fast as they came", r.Unkept))
	}
	return all
}
