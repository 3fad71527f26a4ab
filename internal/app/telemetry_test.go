package app_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	traces "go.opentelemetry.io/proto/otlp/trace/v1"
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

// TestACollectorIsToldOfALoad: the run is a span with its violations, and the request of one has the ids that it named.
func TestACollectorIsToldOfALoad(t *testing.T) {
	t.Parallel()
	log, c := newTraced(t, "kitchenhub", nil, "--defect", "kitchenhub-refresh-replay"), newCollector(t)
	file := filepath.Join(t.TempDir(), "r.json")
	atOnce <- struct{}{}
	o := gonogoIn(t.Context(), c.env, append(short, "load", "--target", log.file, "--scenario", "refresh", "--report", "json="+file)...)
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
