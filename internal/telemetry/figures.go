package telemetry

import (
	"cmp"
	"context"
	"encoding/hex"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"

	"gonogo/internal/traceparent"
	"gonogo/internal/version"
	"gonogo/load"
	"gonogo/reports"
)

// Subject is what a load is of.
type Subject struct {
	Dialect, Target, Scenario string
	Labels                    map[string]string
}

// Figures are those of a load, as it was last told of: what it costs to ask for them does not depend on the load, and the load
// does not pay for it. They count up from one attack of a search to the next. The nil value takes what it is told and keeps nothing.
type Figures struct {
	of      Subject
	service string
	id      string // of what tells: two runs at once are two instances
	began   time.Time
	latest  atomic.Pointer[load.Progress]

	once sync.Once
	push func() // begins to send them; nil: nobody is told
	sent *sender
}

// Figures are made before a load begins. They are sent from when it is first told of, if a collector is to be told.
func (s Settings) Figures(of Subject) *Figures {
	f := &Figures{of: of, service: cmp.Or(s.service, ownName), id: traceparent.New().String(), began: time.Now()}
	f.latest.Store(&load.Progress{})
	if s.metrics.at != nil {
		f.push = func() { f.sent = s.send(f) }
	}
	return f
}

// Pushed reports whether a collector is to be told of the metrics of a load.
func (s Settings) Pushed() bool { return s.metrics.at != nil }

// Set takes how the load stands.
func (f *Figures) Set(p load.Progress) {
	if f == nil {
		return
	}
	f.latest.Store(&p)
	if f.push != nil {
		f.once.Do(f.push)
	}
}

// resource is what the figures are of: attributes of their own resource.
func (f *Figures) resource() []attribute.KeyValue {
	id := f.latest.Load().TraceID
	all := []attribute.KeyValue{
		attribute.String("gonogo.dialect", f.of.Dialect), attribute.String("gonogo.target", f.of.Target), attribute.String("gonogo.load.scenario", f.of.Scenario),
		semconv.ServiceInstanceID(cmp.Or(id, f.id)),
	}
	if id != "" {
		all = append(all, attribute.String("gonogo.trace_id", id))
	}
	for name, value := range f.of.Labels {
		all = append(all, attribute.String("gonogo.label."+name, value))
	}
	return all
}

// counters are how a load stands in sums; left is how long it goes on.
var counters = []struct {
	name, about string
	of          func(p *load.Progress) int64
}{
	{"gonogo.load.requests", "Requests that were answered, or came to nothing.", func(p *load.Progress) int64 { return p.Requests }},
	{"gonogo.load.errors", "Answers that are not what they should be, and requests without one.", func(p *load.Progress) int64 { return p.Errors }},
	{"gonogo.load.violations", "Answers that are a no-go at any speed.", func(p *load.Progress) int64 { return p.Violations }},
	{"gonogo.load.starved", "Intended requests for which there was no token to spend.", func(p *load.Progress) int64 { return p.Starved }},
}

const (
	findingsName, leftName, latencyName = "gonogo.load.findings", "gonogo.load.left", "gonogo.load.latency"

	findingsAbout = "What was found, by kind and requirement; some of it shows only when the load is over."
	leftAbout     = "How long the load will go on."
	latencyAbout  = "Time from when a request was due until its answer was there."
)

// Produce is of an external producer of the library.
func (f *Figures) Produce(context.Context) ([]metricdata.ScopeMetrics, error) {
	return []metricdata.ScopeMetrics{{
		Scope:   instrumentation.Scope{Name: "gonogo", Version: version.Version, SchemaURL: Conventions},
		Metrics: f.metrics(),
	}}, nil
}

// metrics are how the load stands now.
func (f *Figures) metrics() []metricdata.Metrics {
	p, now := f.latest.Load(), time.Now()
	sum := func(points ...metricdata.DataPoint[int64]) metricdata.Sum[int64] {
		for i := range points {
			points[i].StartTime, points[i].Time = f.began, now
		}
		return metricdata.Sum[int64]{DataPoints: points, Temporality: metricdata.CumulativeTemporality, IsMonotonic: true}
	}
	var all []metricdata.Metrics
	for _, c := range counters {
		all = append(all, metricdata.Metrics{Name: c.name, Description: c.about, Unit: "{request}", Data: sum(metricdata.DataPoint[int64]{Value: c.of(p)})})
	}
	var found []metricdata.DataPoint[int64]
	for _, v := range p.Found {
		point := metricdata.DataPoint[int64]{Value: v.Count, Attributes: attribute.NewSet(attribute.String("gonogo.load.violation", v.Kind), attribute.String("gonogo.requirement", v.Requirement))}
		if traceID, spanID := idsOf(v.Exchange); traceID != nil {
			point.Exemplars = []metricdata.Exemplar[int64]{{Time: v.Exchange.Received, Value: 1, TraceID: traceID, SpanID: spanID}}
		}
		found = append(found, point)
	}
	if len(found) > 0 { // nobody knows before of what
		all = append(all, metricdata.Metrics{Name: findingsName, Description: findingsAbout, Unit: "{finding}", Data: sum(found...)})
	}
	all = append(all, metricdata.Metrics{
		Name: leftName, Description: leftAbout, Unit: "s",
		Data: metricdata.Gauge[float64]{DataPoints: []metricdata.DataPoint[float64]{{Time: now, Value: max(p.Left, 0).Seconds()}}},
	})
	service, latency := metricdata.ExponentialHistogram[float64]{Temporality: metricdata.CumulativeTemporality}, metricdata.ExponentialHistogram[float64]{Temporality: metricdata.CumulativeTemporality}
	for i := range p.Series {
		s := &p.Series[i]
		point := func(times *reports.LoadTimes) metricdata.ExponentialHistogramDataPoint[float64] {
			return pointOf(times, f.began, now, attribute.NewSet(outcome(s)...))
		}
		took := point(&s.Service)
		took.Exemplars = exemplars(p, s)
		service.DataPoints, latency.DataPoints = append(service.DataPoints, took), append(latency.DataPoints, point(&s.Latency))
	}
	if len(p.Series) == 0 {
		return all
	}
	request := httpconv.ClientRequestDuration{}
	return append(all,
		metricdata.Metrics{Name: request.Name(), Description: request.Description(), Unit: request.Unit(), Data: service},
		metricdata.Metrics{Name: latencyName, Description: latencyAbout, Unit: "s", Data: latency})
}

// pointOf are times as they stand in a histogram, whose buckets are theirs.
func pointOf(times *reports.LoadTimes, began, now time.Time, of attribute.Set) metricdata.ExponentialHistogramDataPoint[float64] {
	first, last := 0, len(times.Counts)
	for first < last && times.Counts[first] == 0 {
		first++
	}
	for last > first && times.Counts[last-1] == 0 {
		last--
	}
	return metricdata.ExponentialHistogramDataPoint[float64]{
		Attributes: of, StartTime: began, Time: now, Count: times.Count(), Sum: times.Sum / float64(time.Second), Scale: reports.TimesScale,
		ZeroCount: times.Below, ZeroThreshold: reports.TimesLowest,
		PositiveBucket: metricdata.ExponentialBucket{Offset: int32(reports.TimesLowestPower<<reports.TimesScale + first), Counts: times.Counts[first:last]},
	}
}

// outcome are the attributes of a series, as the conventions have them for requests of a client. What a target is right to
// refuse is no error.
func outcome(s *reports.LoadSeries) []attribute.KeyValue {
	all := append([]attribute.KeyValue{attribute.String("gonogo.load.part", s.Part)}, methodOf(s.Method)...)
	all = append(all, serverOf(s.URL)...)
	if s.Rest {
		return append(all, attribute.Bool("otel.metric.overflow", true))
	}
	if s.Status != 0 {
		all = append(all, semconv.HTTPResponseStatusCode(s.Status))
	}
	switch {
	case !s.Error:
	case s.Why != "":
		all = append(all, semconv.ErrorTypeKey.String(strings.ReplaceAll(s.Why, " ", "_")))
	case s.Violation:
		all = append(all, semconv.ErrorTypeKey.String("violation"))
	case s.Status >= 400:
		all = append(all, semconv.ErrorTypeKey.String(strconv.Itoa(s.Status)))
	default:
		all = append(all, semconv.ErrorTypeOther)
	}
	return all
}

// exemplars are the exchanges of a series that the report shows.
func exemplars(p *load.Progress, s *reports.LoadSeries) (all []metricdata.Exemplar[float64]) {
	add := func(x *reports.Exchange, part string, violation bool) {
		if x == nil || part != s.Part || !s.Error || violation != s.Violation || x.Response.Status != s.Status || x.AtMS < 0 { // of the warm-up
			return
		}
		if traceID, spanID := idsOf(x); traceID != nil {
			all = append(all, metricdata.Exemplar[float64]{Time: x.Received, Value: x.Received.Sub(x.Sent).Seconds(), TraceID: traceID, SpanID: spanID})
		}
	}
	for _, e := range p.Examples {
		add(e.Exchange, e.Request, false)
	}
	for _, v := range p.Found {
		add(v.Exchange, v.Part, true)
	}
	return all
}

// idsOf are those that a request named itself by; nil: it did not.
func idsOf(x *reports.Exchange) (traceID, spanID []byte) {
	if x == nil || x.TraceID == "" {
		return nil, nil
	}
	traceID, _ = hex.DecodeString(x.TraceID)
	spanID, _ = hex.DecodeString(x.SpanID)
	return traceID, spanID
}
