package telemetry

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"gonogo/internal/target"
	"gonogo/internal/traceparent"
	"gonogo/internal/version"
	"gonogo/reports"
	"gonogo/reports/prose"
)

// tree makes the spans of a report: of the run, in it of each dialect, in that of each case, in that of each exchange, all at
// the moments at which they were.
type tree struct {
	tracer trace.Tracer
	from   time.Time // the run's begin
	until  time.Time
	told   map[trace.SpanID]bool // exchanges
	sender map[string]string     // of each, by its span: the case that sent it, if one shows it
	client bool                  // what is told of was sent by a watched client
}

// spansOf are the spans of a report, which must have been made by this process: one that was read has no moments in it.
func spansOf(ctx context.Context, report *reports.Report, from *resource.Resource) []sdk.ReadOnlySpan {
	var all kept
	provider := sdk.NewTracerProvider(sdk.WithResource(from), sdk.WithSampler(sdk.AlwaysSample()), sdk.WithIDGenerator(ids{}), sdk.WithSpanProcessor(&all))
	t := &tree{
		tracer: provider.Tracer("gonogo", trace.WithInstrumentationVersion(version.Version), trace.WithSchemaURL(Conventions)),
		from:   report.Started, until: report.Started.Add(time.Duration(report.DurationMS+2) * time.Millisecond), told: map[trace.SpanID]bool{},
	}
	id, err := trace.TraceIDFromHex(report.TraceID)
	if err != nil {
		id = trace.TraceID(traceparent.New())
	}
	attributes := []attribute.KeyValue{attribute.Int64("gonogo.seed", report.Seed), attribute.String("gonogo.verdict", string(report.Verdict)), runStatus(report.Verdict)}
	for name, value := range report.Labels {
		attributes = append(attributes, attribute.String("gonogo.label."+name, value))
	}
	ctx, run := t.tracer.Start(named(ctx, id, trace.SpanID{}), "gonogo run", trace.WithNewRoot(), trace.WithTimestamp(t.from), trace.WithAttributes(attributes...))
	t.sender = senders(report)
	for _, d := range report.Dialects {
		t.dialect(ctx, d)
	}
	for _, l := range report.Load {
		t.load(ctx, l)
	}
	t.end(run, t.until, report.Verdict == reports.NoGo, "")
	return all.spans
}

func (t *tree) end(span trace.Span, at time.Time, failed bool, why string) {
	if failed {
		span.SetStatus(codes.Error, why)
	}
	span.End(trace.WithTimestamp(at))
}

func (t *tree) dialect(ctx context.Context, d *reports.Dialect) {
	t.client = d.Subject == reports.SubjectClient
	ctx, span := t.tracer.Start(ctx, d.ID, trace.WithTimestamp(t.from), trace.WithAttributes(
		semconv.TestSuiteName(d.ID), runStatus(d.Verdict), attribute.String("gonogo.verdict", string(d.Verdict)),
		attribute.String("gonogo.target", d.Target.BaseURL), attribute.String("gonogo.document.version", d.Document.Version),
		attribute.String("gonogo.document.sha256", d.Document.SHA256),
	))
	for _, c := range d.Cases {
		t.one(ctx, c)
	}
	t.end(span, t.until, d.Verdict == reports.NoGo, "")
}

// one is a case with its findings and exchanges.
func (t *tree) one(ctx context.Context, c reports.Case) {
	from, until := t.span(c)
	attributes := []attribute.KeyValue{
		semconv.TestCaseName(c.ID), attribute.String("gonogo.case.outcome", string(c.Outcome)), attribute.String("gonogo.level", string(c.Level)),
		attribute.StringSlice("gonogo.requirements", c.Requirements),
	}
	switch c.Outcome { // of others there is no result
	case reports.Pass, reports.Warn:
		attributes = append(attributes, semconv.TestCaseResultStatusPass)
	case reports.Fail:
		attributes = append(attributes, semconv.TestCaseResultStatusFail)
	}
	if c.Reason != "" {
		attributes = append(attributes, attribute.String("gonogo.case.reason", c.Reason))
	}
	ctx, span := t.tracer.Start(ctx, c.ID, trace.WithTimestamp(from), trace.WithAttributes(attributes...))
	for i := range c.Exchanges {
		if x := &c.Exchanges[i]; t.client || t.sender[x.SpanID] == "" || t.sender[x.SpanID] == c.ID {
			t.exchange(ctx, x, span)
		} else {
			span.AddLink(trace.Link{SpanContext: own(x)})
		}
	}
	for _, f := range c.Findings {
		t.finding(span, f, c.Shown(f), until, c.Requirements)
	}
	t.end(span, until, c.Outcome == reports.Fail || c.Outcome == reports.Error, prose.Gist(c))
}

// span is from when to when a case went on. One that only looks at what others did took as long as that.
func (t *tree) span(c reports.Case) (from, until time.Time) {
	if !c.Began.IsZero() {
		return c.Began, c.Ended
	}
	from, until = t.until, t.from
	for _, x := range c.Exchanges {
		if !x.Sent.IsZero() && x.Sent.Before(from) {
			from = x.Sent
		}
		if x.Received.After(until) {
			until = x.Received
		}
	}
	if until.Before(from) {
		return t.until, t.until
	}
	return from, until
}

// finding is an event. It names the exchange that shows it, by which the server's own logs and traces are searched.
func (t *tree) finding(span trace.Span, f reports.Finding, x *reports.Exchange, at time.Time, rows []string) {
	if f.Requirement != "" {
		rows = []string{f.Requirement}
	}
	attributes := []attribute.KeyValue{
		attribute.StringSlice("gonogo.requirements", rows), attribute.String("gonogo.sent", f.Sent), attribute.String("gonogo.wanted", f.Wanted),
		attribute.String("gonogo.got", f.Got), attribute.String("gonogo.where", f.Where),
	}
	if x != nil {
		if !x.Received.IsZero() {
			at = x.Received
		}
		attributes = append(attributes, attribute.String("gonogo.trace_id", x.TraceID), attribute.String("gonogo.span_id", x.SpanID))
	}
	span.AddEvent("gonogo.finding", trace.WithTimestamp(at), trace.WithAttributes(attributes...))
}

// senders are the cases that sent what they show; a case may also show what another has sent before it began.
func senders(report *reports.Report) map[string]string {
	all := map[string]string{}
	for _, d := range report.Dialects {
		for _, c := range d.Cases {
			for _, x := range c.Exchanges {
				if !c.Began.IsZero() && !x.Sent.Before(c.Began) {
					all[x.SpanID] = c.ID
				}
			}
		}
	}
	delete(all, "")
	return all
}

// own is what a request named itself.
func own(x *reports.Exchange) trace.SpanContext {
	traceID, _ := trace.TraceIDFromHex(x.TraceID)
	spanID, _ := trace.SpanIDFromHex(x.SpanID)
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: traceID, SpanID: spanID, TraceFlags: trace.FlagsSampled})
}

// exchange is a request and its answer. The span of one that named itself has the ids that it named, so that what the server
// recorded hangs below it; it is told of once, and linked to after that. What a watched client named is its own.
func (t *tree) exchange(ctx context.Context, x *reports.Exchange, within trace.Span) {
	own := own(x)
	traceID, spanID := own.TraceID(), own.SpanID()
	if t.told[spanID] {
		within.AddLink(trace.Link{SpanContext: own})
		return
	}
	kind := trace.SpanKindClient
	options := []trace.SpanStartOption{trace.WithTimestamp(x.Sent), trace.WithAttributes(httpOf(x)...)}
	switch {
	case t.client:
		kind = trace.SpanKindServer
		if own.IsValid() {
			options = append(options, trace.WithLinks(trace.Link{SpanContext: own}))
		}
		ctx = named(ctx, trace.TraceID{}, trace.SpanID{})
	case own.IsValid() && traceID != within.SpanContext().TraceID(): // a request of a load
		t.told[spanID] = true
		ctx = named(ctx, traceID, spanID)
		options = append(options, trace.WithNewRoot(), trace.WithLinks(trace.Link{SpanContext: within.SpanContext()}))
	case own.IsValid():
		t.told[spanID] = true
		ctx = named(ctx, traceID, spanID)
	}
	_, span := t.tracer.Start(ctx, x.Request.Method, append(options, trace.WithSpanKind(kind))...)
	t.end(span, x.Received, x.Error != "", x.Error)
}

// httpOf are the attributes of an exchange, of which the report has no secret.
func httpOf(x *reports.Exchange) []attribute.KeyValue {
	attributes := append(methodOf(x.Request.Method), semconv.URLFull(x.Request.URL))
	attributes = append(attributes, serverOf(x.Request.URL)...)
	switch {
	case x.Error != "":
		return append(attributes, semconv.ErrorTypeOther)
	case x.Response.Status >= 400:
		attributes = append(attributes, semconv.ErrorTypeKey.String(strconv.Itoa(x.Response.Status)))
	}
	return append(attributes, semconv.HTTPResponseStatusCode(x.Response.Status))
}

// methodOf are the attributes of a method.
func methodOf(name string) []attribute.KeyValue {
	if slices.Contains(methods, name) {
		return []attribute.KeyValue{semconv.HTTPRequestMethodKey.String(name)}
	}
	return []attribute.KeyValue{semconv.HTTPRequestMethodOther, semconv.HTTPRequestMethodOriginal(name)}
}

// serverOf are the attributes of the server at an address.
func serverOf(address string) (all []attribute.KeyValue) {
	at, err := url.Parse(address)
	if err != nil {
		return nil
	}
	all = append(all, semconv.ServerAddress(at.Hostname()))
	if port, err := strconv.Atoi(target.Port(at)); err == nil {
		all = append(all, semconv.ServerPort(port))
	}
	return all
}

// methods are those that the conventions name.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete,
	http.MethodConnect, http.MethodOptions, http.MethodTrace, http.MethodPatch,
}

// load is a load run: one span, for what was measured is in the metrics, and those of the exchanges that the report shows.
func (t *tree) load(ctx context.Context, l *reports.LoadRun) {
	ctx, span := t.tracer.Start(ctx, "load "+l.Scenario, trace.WithTimestamp(l.Started), trace.WithAttributes(
		semconv.TestSuiteName(l.Dialect+" load "+l.Scenario), runStatus(l.Verdict), attribute.String("gonogo.verdict", string(l.Verdict)),
		attribute.String("gonogo.target", l.Target.BaseURL), attribute.String("gonogo.load.shape", l.Shape), attribute.String("gonogo.trace_id", l.TraceID),
		attribute.Int64("gonogo.load.requests", l.Requests), attribute.Int64("gonogo.load.errors", l.Errors),
		attribute.Int64("gonogo.load.latency.p99_us", l.Latency.P99), attribute.StringSlice("gonogo.load.because", l.Because),
	))
	until := l.Started.Add(time.Duration(l.DurationMS) * time.Millisecond)
	for _, e := range l.Examples {
		if e.Exchange != nil {
			t.exchange(ctx, e.Exchange, span)
		}
	}
	for _, v := range l.Violations {
		if v.Exchange != nil {
			t.exchange(ctx, v.Exchange, span)
		}
		t.finding(span, v.Finding, v.Exchange, until, []string{v.Requirement})
	}
	t.end(span, until, l.Verdict == reports.NoGo, "")
}

// runStatus says how a verdict is called of a run of tests.
func runStatus(v reports.Verdict) attribute.KeyValue {
	switch v {
	case reports.Go:
		return semconv.TestSuiteRunStatusSuccess
	case reports.NoGo:
		return semconv.TestSuiteRunStatusFailure
	}
	return semconv.TestSuiteRunStatusAborted
}

// named is the key of the ids that the next span of a context is to have; those that are zero are made.
type namedKey struct{}

type pair struct {
	trace trace.TraceID
	span  trace.SpanID
}

func named(ctx context.Context, of trace.TraceID, span trace.SpanID) context.Context {
	return context.WithValue(ctx, namedKey{}, &pair{of, span})
}

// ids gives spans the ids that their requests have named.
type ids struct{}

// NewIDs is of a span without a parent.
func (ids) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	if p, ok := ctx.Value(namedKey{}).(*pair); ok && p.trace.IsValid() {
		return p.trace, ids{}.NewSpanID(ctx, p.trace)
	}
	of := trace.TraceID(traceparent.New())
	return of, ids{}.NewSpanID(ctx, of)
}

// NewSpanID takes the id that waits, once: the spans below have ids of their own.
func (ids) NewSpanID(ctx context.Context, _ trace.TraceID) (id trace.SpanID) {
	if p, ok := ctx.Value(namedKey{}).(*pair); ok && p.span.IsValid() {
		id, p.span = p.span, trace.SpanID{}
		return id
	}
	for !id.IsValid() {
		_, _ = rand.Read(id[:])
	}
	return id
}
