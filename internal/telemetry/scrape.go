package telemetry

import (
	"encoding/hex"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"google.golang.org/protobuf/types/known/timestamppb"

	"gonogo/reports"
)

// The classic buckets of a histogram end at powers of two, in seconds, where a native bucket ends as well: so both count the same.
const (
	shortestPower = -14 // 61 µs
	longestPower  = 5   // 32 s
)

// Collect tells Prometheus what a collector of OpenTelemetry is told, under the names by which that would tell Prometheus: what is
// asked of one database is asked of the other.
func (f *Figures) Collect(to chan<- prometheus.Metric) {
	about := Settings{service: f.service}.resource(f.resource()...)
	to <- told("target_info", "What the metrics are of.", about.Attributes(), func(out *dto.Metric) { out.Gauge = &dto.Gauge{Value: new(1.)} })
	for _, m := range f.metrics() {
		name := strings.ReplaceAll(m.Name, ".", "_")
		if m.Unit == "s" {
			name += "_seconds"
		}
		switch data := m.Data.(type) {
		case metricdata.Sum[int64]:
			for _, point := range data.DataPoints {
				to <- told(name+"_total", m.Description, point.Attributes.ToSlice(), func(out *dto.Metric) {
					out.Counter = &dto.Counter{Value: new(float64(point.Value)), CreatedTimestamp: timestamppb.New(point.StartTime)}
					for _, e := range point.Exemplars {
						out.Counter.Exemplar = exemplar(float64(e.Value), e.Time, e.TraceID, e.SpanID)
					}
				})
			}
		case metricdata.Gauge[float64]:
			for _, point := range data.DataPoints {
				to <- told(name, m.Description, point.Attributes.ToSlice(), func(out *dto.Metric) { out.Gauge = &dto.Gauge{Value: &point.Value} })
			}
		case metricdata.ExponentialHistogram[float64]:
			for _, point := range data.DataPoints {
				to <- told(name, m.Description, point.Attributes.ToSlice(), func(out *dto.Metric) { histogram(out, point) })
			}
		}
	}
}

// made is a metric whose value was made elsewhere.
type made struct {
	desc   *prometheus.Desc
	labels []*dto.LabelPair
	fill   func(*dto.Metric)
}

func (m made) Desc() *prometheus.Desc { return m.desc }

func (m made) Write(out *dto.Metric) error {
	out.Label = m.labels
	m.fill(out)
	return nil
}

// told is a metric with its attributes as labels. Of two that would be called alike one is left.
func told(name, about string, attributes []attribute.KeyValue, fill func(*dto.Metric)) prometheus.Metric {
	values := map[string]string{}
	for _, a := range attributes {
		values[label(string(a.Key))] = a.Value.String()
	}
	names := slices.Sorted(maps.Keys(values))
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = values[name]
	}
	desc := prometheus.NewDesc(name, about, names, nil)
	return made{desc, prometheus.MakeLabelPairs(desc, texts), fill}
}

// label is what an attribute is called in Prometheus.
func label(attribute string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, attribute)
}

// histogram is one in both forms: scraped as text it has its classic buckets, and as protobuf its own as well.
func histogram(out *dto.Metric, point metricdata.ExponentialHistogramDataPoint[float64]) {
	buckets, offset := map[int]int64{}, int(point.PositiveBucket.Offset)
	for i, n := range point.PositiveBucket.Counts {
		if n > 0 {
			buckets[offset+i+1] = int64(n) // Prometheus calls a bucket by where it ends
		}
	}
	native := prometheus.MustNewConstNativeHistogram(prometheus.NewDesc("x", "", nil, nil), point.Count, point.Sum, buckets, nil, point.ZeroCount, point.Scale, point.ZeroThreshold, point.StartTime)
	labels := out.Label
	_ = native.Write(out)
	out.Label = labels
	h := out.Histogram
	for _, e := range point.Exemplars {
		h.Exemplars = append(h.Exemplars, exemplar(e.Value, e.Time, e.TraceID, e.SpanID))
	}
	n, next := point.ZeroCount, 0
	for power := shortestPower; power <= longestPower; power++ {
		for ; next < len(point.PositiveBucket.Counts) && offset+next < power<<reports.TimesScale; next++ {
			n += point.PositiveBucket.Counts[next]
		}
		end := math.Exp2(float64(power))
		bucket := &dto.Bucket{CumulativeCount: new(n), UpperBound: &end}
		for _, e := range h.Exemplars {
			if e.GetValue() <= end && e.GetValue() > end/2 {
				bucket.Exemplar = e
			}
		}
		h.Bucket = append(h.Bucket, bucket)
	}
}

func exemplar(value float64, at time.Time, traceID, spanID []byte) *dto.Exemplar {
	return &dto.Exemplar{
		Label: []*dto.LabelPair{{Name: new("trace_id"), Value: new(hex.EncodeToString(traceID))}, {Name: new("span_id"), Value: new(hex.EncodeToString(spanID))}},
		Value: &value, Timestamp: timestamppb.New(at),
	}
}
