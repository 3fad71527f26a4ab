package app_test

import (
	"encoding/hex"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"

	"gonogo/reports"
)

// TestACollectorIsToldOfACheck: the spans of a red check are a tree, and a finding is joined by its trace id to the span of its
// exchange and to the request in the target's own log.
func TestACollectorIsToldOfACheck(t *testing.T) {
	t.Parallel()
	log, c := newTraced(t, "kitchenhub", nil, "--defect", "kitchenhub-validate-live-false"), newCollector(t)
	c.env["OTEL_EXPORTER_OTLP_HEADERS"], c.env["OTEL_SERVICE_NAME"] = "x-key=a%20b,other=c", "gate"
	file := filepath.Join(t.TempDir(), "r.json")
	o := gonogoIn(t.Context(), c.env, "check", "--target", log.file, "--label", "build=7", "--report", "json="+file)
	o.exits(t, 1)
	report := reportIn(t, file)
	if strings.Contains(o.stderr, "telemetry") || c.resource["service.name"] != "gate" || c.headers.Get("X-Key") != "a b" || c.headers.Get("Other") != "c" {
		t.Errorf("the collector was told by %v with %v, and standard error %q", c.resource, c.headers, o.stderr)
	}
	spans, events := map[string]*traces.Span{}, 0
	for _, s := range c.spans {
		spans[s.Name] = s
		events += len(s.Events)
	}
	run := spans["gonogo run"]
	if run == nil || attribute(run.Attributes, "test.suite.run.status") != "failure" || attribute(run.Attributes, "gonogo.label.build") != "7" {
		t.Fatalf("the span of the run is %v", run)
	}
	found := 0
	for _, each := range report.Dialects[0].Cases {
		span := spans[each.ID]
		if span == nil {
			t.Fatalf("%s has no span", each.ID)
		}
		if got := c.path(span); !slices.Equal(got, []string{each.ID, "kitchenhub", "gonogo run"}) {
			t.Errorf("the span of %s hangs below %v", each.ID, got)
		}
		if got := attribute(span.Attributes, "test.case.result.status"); got != string(each.Outcome) && (got != "" || each.Outcome == "fail" || each.Outcome == "pass") {
			t.Errorf("%s ended with %s, and its span with %q", each.ID, each.Outcome, got)
		}
		if len(span.Events) != len(each.Findings) {
			t.Errorf("%s has %d findings, its span %d", each.ID, len(each.Findings), len(span.Events))
		}
		for i, f := range each.Findings {
			x := each.Shown(f)
			if x == nil {
				continue
			}
			found++
			log.logs(t, x)
			event := span.Events[i].Attributes
			if attribute(event, "gonogo.trace_id") != x.TraceID || attribute(event, "gonogo.span_id") != x.SpanID || attribute(event, "gonogo.got") != f.Got {
				t.Errorf("the finding of %s is told as %v", each.ID, event)
			}
		}
		for _, x := range each.Exchanges {
			sent := c.span(x.TraceID, x.SpanID)
			if sent == nil {
				t.Fatalf("an exchange of %s has no span", each.ID)
			}
			if path := c.path(sent); len(path) != 4 || sent.Kind != traces.Span_SPAN_KIND_CLIENT || attribute(sent.Attributes, "url.full") != x.Request.URL {
				t.Errorf("the exchange %s %s of %s is told as %v below %v", x.Request.Method, x.Request.URL, each.ID, sent, path)
			}
		}
	}
	if found == 0 || events < found {
		t.Errorf("%d findings have an exchange, and %d events were told", found, events)
	}
}

// TestACollectorIsToldOfALoad: the run is a span with its violations, and the request of one has the ids that it named. Its metrics
// are told while it goes on and at its end, when they are the report's, and lead to those requests.
func TestACollectorIsToldOfALoad(t *testing.T) {
	t.Parallel()
	log, c := newTraced(t, "kitchenhub", nil, "--defect", "kitchenhub-refresh-replay"), newCollector(t)
	c.env["OTEL_METRIC_EXPORT_INTERVAL"] = "100"
	file := filepath.Join(t.TempDir(), "r.json")
	atOnce <- struct{}{}
	o := gonogoIn(t.Context(), c.env, append(short, "load", "--target", log.file, "--scenario", "refresh", "--duration", "2s", "--label", "build=7", "--report", "json="+file)...)
	<-atOnce
	o.exits(t, 1)
	run := reportIn(t, file).Load[0]
	at := slices.IndexFunc(c.spans, func(s *traces.Span) bool { return s.Name == "load refresh" })
	if at < 0 || len(run.Violations) == 0 {
		t.Fatalf("there are %d violations, and of %d spans none is the run's:\n%s", len(run.Violations), len(c.spans), o)
	}
	span := c.spans[at]
	if attribute(span.Attributes, "test.suite.run.status") != "failure" || attribute(span.Attributes, "gonogo.trace_id") != run.TraceID || len(span.Events) != len(run.Violations) {
		t.Errorf("the run %s with %d violations is told as %v", run.TraceID, len(run.Violations), span)
	}
	for i, v := range run.Violations {
		log.logs(t, v.Exchange)
		sent := c.span(v.Exchange.TraceID, v.Exchange.SpanID)
		if sent == nil || len(sent.Links) != 1 || !slices.Equal(sent.Links[0].SpanId, span.SpanId) || attribute(span.Events[i].Attributes, "gonogo.trace_id") != v.Exchange.TraceID {
			t.Errorf("%s is told as %v, its request as %v", v.Kind, span.Events[i], sent)
		}
	}
	if c.told < 2 || c.of["gonogo.trace_id"] != run.TraceID || c.of["gonogo.label.build"] != "7" || c.of["service.name"] != "gonogo" {
		t.Errorf("the collector was told metrics %d times, of %v", c.told, c.of)
	}
	c.figures(t, run)
}

// figures wants the metrics that were told last to be those of a report.
func (c *collector) figures(t *testing.T, run *reports.LoadRun) {
	t.Helper()
	if c.sum("gonogo.load.requests") != run.Requests || c.sum("gonogo.load.errors") != run.Errors {
		t.Errorf("%d requests and %d errors were told, the report has %d and %d", c.sum("gonogo.load.requests"), c.sum("gonogo.load.errors"), run.Requests, run.Errors)
	}
	for _, v := range run.Violations {
		points := c.metrics["gonogo.load.findings"].GetSum().GetDataPoints()
		at := slices.IndexFunc(points, func(p *metrics.NumberDataPoint) bool {
			return attribute(p.Attributes, "gonogo.load.violation") == v.Kind && attribute(p.Attributes, "gonogo.requirement") == v.Requirement
		})
		if at < 0 || points[at].GetAsInt() != v.Count || len(points[at].Exemplars) != 1 || hex.EncodeToString(points[at].Exemplars[0].TraceId) != v.Exchange.TraceID || hex.EncodeToString(points[at].Exemplars[0].SpanId) != v.Exchange.SpanID {
			t.Errorf("%s, %d times, is told in %v", v.Kind, v.Count, points)
		}
	}
	shown := map[string]bool{} // by the requests' duration
	for _, point := range c.metrics["http.client.request.duration"].GetExponentialHistogram().GetDataPoints() {
		for _, e := range point.Exemplars {
			shown[hex.EncodeToString(e.TraceId)] = true
		}
	}
	for _, v := range run.Violations {
		if v.History == nil && !shown[v.Exchange.TraceID] { // what shows only afterwards is of no answer
			t.Errorf("%s is no exemplar of how long requests take", v.Kind)
		}
	}
	for _, part := range run.Parts {
		for name, want := range map[string]reports.Distribution{"http.client.request.duration": part.Service, "gonogo.load.latency": part.Latency} {
			requests, failed, buckets := uint64(0), uint64(0), map[int32]uint64{}
			for _, point := range c.metrics[name].GetExponentialHistogram().GetDataPoints() {
				if attribute(point.Attributes, "gonogo.load.part") != part.Name {
					continue
				}
				requests += point.Count
				if attribute(point.Attributes, "error.type") != "" {
					failed += point.Count
				}
				for i, n := range point.Positive.BucketCounts {
					buckets[point.Positive.Offset+int32(i)] += n
				}
			}
			if requests != uint64(part.Requests) || failed != uint64(part.Errors) {
				t.Errorf("%s has %d requests of %s, %d of them errors, the report %d and %d", name, requests, part.Name, failed, part.Requests, part.Errors)
			}
			rank := (requests + 1) / 2
			for _, i := range slices.Sorted(maps.Keys(buckets)) {
				if rank > buckets[i] {
					rank -= buckets[i]
					continue
				}
				low, high := math.Exp2(float64(i)/8)*1e6, math.Exp2(float64(i+1)/8)*1e6
				if p50 := float64(want.P50); p50 < 0.99*low-1 || p50 > 1.01*high+1 {
					t.Errorf("half of %s took up to %v µs, and by %s from %.0f to %.0f", part.Name, p50, name, low, high)
				}
				break
			}
		}
	}
}

// TestALoadIsWhatItIsWhereACollectorDoesNotAnswer: neither its figures nor its exit code change, and what is not sent is said, without a
// secret and without what the collector says.
func TestALoadIsWhatItIsWhereACollectorDoesNotAnswer(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	hung := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hung }))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(hung) })
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, r.Header.Get("X-Key"), http.StatusForbidden)
	}))
	t.Cleanup(refusing.Close)
	for name, c := range map[string]struct {
		env  map[string]string
		says []string
	}{
		"silent": {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": silent.URL}, []string{
			"telemetry: 2 of 2 spans could not be sent to " + silent.URL + "/v1/traces: it did not answer within 5s",
			"telemetry: the load's metrics could not be sent to " + silent.URL + "/v1/metrics: it did not answer within 5s",
		}},
		"refusing": {map[string]string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": refusing.URL + "/m?key=hush-hush", "OTEL_EXPORTER_OTLP_METRICS_HEADERS": "x-key=hush-hush", "OTEL_METRIC_EXPORT_INTERVAL": "100"}, []string{
			"telemetry: the load's metrics could not be sent to " + refusing.URL + "/m: it did not take them",
		}},
		"no interval": {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": silent.URL, "OTEL_TRACES_EXPORTER": "none", "OTEL_METRIC_EXPORT_INTERVAL": "1s"}, []string{
			"telemetry: OTEL_METRIC_EXPORT_INTERVAL is 1s, and is to be how many milliseconds lie between two exports, such as 1000",
		}},
		"gRPC": {map[string]string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": silent.URL, "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "grpc"}, []string{
			"telemetry: OTEL_EXPORTER_OTLP_METRICS_PROTOCOL is grpc, and gonogo speaks http/protobuf",
		}},
		"none": {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": silent.URL, "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "r.json")
			atOnce <- struct{}{}
			o := gonogoIn(t.Context(), c.env, append(short, "load", "--target", s.file("kitchenhub"), "--scenario", "issue", "--report", "json="+file)...)
			<-atOnce
			sound(t, o, reportIn(t, file).Load[0], 200)
			if strings.Count(o.stderr, "telemetry: ") != max(len(c.says), strings.Count(name, "interval")*2) || strings.Contains(o.stderr, "hush") {
				t.Errorf("it says %q", o.stderr)
			}
			for _, each := range c.says {
				if !strings.Contains(o.stderr, each) {
					t.Errorf("it says %q, and not %s", o.stderr, each)
				}
			}
		})
	}
}

// TestACollectorThatDoesNotAnswerChangesNothing: not the verdict, not the report, and it is waited for no longer than is said.
func TestACollectorThatDoesNotAnswerChangesNothing(t *testing.T) {
	t.Parallel()
	hung := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hung }))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(hung) })
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, r.Header.Get("X-Key"), http.StatusForbidden)
	}))
	t.Cleanup(refusing.Close)
	const none = "gonogo: telemetry: "
	for name, c := range map[string]struct {
		env  map[string]string
		says string
	}{
		"silent":   {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": silent.URL}, "could not be sent to " + silent.URL + "/v1/traces: it did not answer within 5s"},
		"closed":   {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://" + closedPort(t)}, "connection refused"},
		"refusing": {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": strings.Replace(refusing.URL, "http://", "http://me:hush-hush@", 1) + "?key=hush-hush", "OTEL_EXPORTER_OTLP_HEADERS": "x-key=hush-hush"}, "/v1/traces: it did not take them"},
		"no URL":   {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "localhost:4318"}, none + "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is no address of a collector; write it like http://127.0.0.1:4318\n"},
		"gRPC":     {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": silent.URL, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, none + "OTEL_EXPORTER_OTLP_PROTOCOL is grpc, and gonogo speaks http/protobuf; collectors take that at port 4318\n"},
		"off":      {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": silent.URL, "OTEL_SDK_DISABLED": "true"}, ""},
		"no spans": {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": silent.URL, "OTEL_TRACES_EXPORTER": "none"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "r.json")
			began := time.Now()
			o := gonogoIn(t.Context(), c.env, "check", "kitchenhub", "--case", "kitchenhub/validate/*", "--report", "json="+file)
			o.exits(t, 0)
			if !strings.Contains(o.stderr, c.says) || c.says == "" && strings.Contains(o.stderr, "telemetry") || strings.Contains(o.stderr, "hush") {
				t.Errorf("it says %q, and was to say %q", o.stderr, c.says)
			}
			if report := reportIn(t, file); report.Verdict != "go" {
				t.Errorf("the report's verdict is %s", report.Verdict)
			}
			if took := time.Since(began); took > time.Minute {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// TestNoSecretIsToldToACollector: spans have what reports have.
func TestNoSecretIsToldToACollector(t *testing.T) {
	t.Parallel()
	for dialect, defect := range map[string]string{"kitchenhub": "kitchenhub-leaks-secret", "kitchenmonki": "kitchenmonki-refresh-replay"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			canary, c := newCanary(t, dialect, nil, "--defect", defect), newCollector(t)
			maps.Copy(c.env, map[string]string{"GW_KEY": canaryHeader, "CTL_KEY": canaryControl, "CTL_BODY": canaryBody, "PROXY_PASSWORD": canaryProxy})
			gonogoIn(t.Context(), c.env, "check", "--target", canary.file).exits(t, 1)
			secrets := canary.seen.secrets()
			if len(secrets) < 100 || len(c.spans) < 100 {
				t.Errorf("only %d secrets were seen, and %d spans", len(secrets), len(c.spans))
			}
			for secret, where := range search(unescaped(c.text.String()), secrets) {
				t.Errorf("the collector was told %s: …%s…", strconv.Quote(secret), where)
			}
		})
	}
}
