package app_test

import (
	"compress/gzip"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortraces "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// collector takes OTLP over HTTP, as a collector of OpenTelemetry does.
type collector struct {
	env map[string]string // by which gonogo finds it

	mu       sync.Mutex
	spans    []*traces.Span
	resource map[string]string
	headers  http.Header
	told     int                        // how often it got metrics
	metrics  map[string]*metrics.Metric // the latest, by name
	of       map[string]string          // their resource
	text     strings.Builder            // everything that it got, in words
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{resource: map[string]string{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			body, _ = gzip.NewReader(r.Body)
		}
		data, err := io.ReadAll(body)
		if err == nil {
			err = c.take(r, data)
		}
		if err != nil {
			t.Errorf("%s is no OTLP: %v", r.URL.Path, err)
			w.WriteHeader(http.StatusBadRequest)
		}
		w.Header().Set("Content-Type", "application/x-protobuf") // an empty message says that all went well
	}))
	t.Cleanup(server.Close)
	c.env = map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": server.URL}
	return c
}

func (c *collector) take(r *http.Request, data []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.headers = r.Header
	switch r.URL.Path {
	case "/v1/traces":
		return c.takeSpans(data)
	case "/v1/metrics":
		return c.takeMetrics(data)
	}
	return errors.New("it is no place for a signal")
}

func (c *collector) takeSpans(data []byte) error {
	var got collectortraces.ExportTraceServiceRequest
	if err := proto.Unmarshal(data, &got); err != nil {
		return err
	}
	for _, from := range got.ResourceSpans {
		for _, a := range from.Resource.GetAttributes() {
			c.resource[a.Key] = a.Value.GetStringValue()
		}
		for _, scope := range from.ScopeSpans {
			c.spans = append(c.spans, scope.Spans...)
		}
	}
	text, err := protojson.Marshal(&got)
	c.text.Write(text)
	return err
}

func (c *collector) takeMetrics(data []byte) error {
	var got collectormetrics.ExportMetricsServiceRequest
	if err := proto.Unmarshal(data, &got); err != nil {
		return err
	}
	c.told++
	c.metrics, c.of = map[string]*metrics.Metric{}, map[string]string{}
	for _, from := range got.ResourceMetrics {
		for _, a := range from.Resource.GetAttributes() {
			c.of[a.Key] = a.Value.GetStringValue()
		}
		for _, scope := range from.ScopeMetrics {
			for _, m := range scope.Metrics {
				c.metrics[m.Name] = m
			}
		}
	}
	text, err := protojson.Marshal(&got)
	c.text.Write(text)
	return err
}

// sum is that of a counter's points, as it was told last.
func (c *collector) sum(name string) (n int64) {
	for _, point := range c.metrics[name].GetSum().GetDataPoints() {
		n += point.GetAsInt()
	}
	return n
}

// attribute is one of a span or an event, as text.
func attribute(of []*common.KeyValue, name string) string {
	for _, a := range of {
		if a.Key == name {
			return a.Value.GetStringValue()
		}
	}
	return ""
}

// span is the one with these ids.
func (c *collector) span(trace, span string) *traces.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if hex.EncodeToString(s.TraceId) == trace && hex.EncodeToString(s.SpanId) == span {
			return s
		}
	}
	return nil
}

// path are the names of a span and of those that it hangs below, up to a root.
func (c *collector) path(s *traces.Span) []string {
	names := []string{s.Name}
	for len(s.ParentSpanId) > 0 {
		parent := c.span(hex.EncodeToString(s.TraceId), hex.EncodeToString(s.ParentSpanId))
		if parent == nil {
			return append(names, "nobody")
		}
		if parent.StartTimeUnixNano > s.StartTimeUnixNano || parent.EndTimeUnixNano < s.EndTimeUnixNano {
			names = append(names, "not within")
		}
		s = parent
		names = append(names, s.Name)
	}
	return names
}
