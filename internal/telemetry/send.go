package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"gonogo/internal/version"
	"gonogo/reports"
)

const (
	// patience is how long a run waits at its end for a collector, in all: a collector on the other side of the world
	// answers in a second, and nobody waits for one that is gone.
	patience = 5 * time.Second

	// batch is how many spans are sent at once, as the SDK does; a check has some hundreds of them.
	batch = 512
)

// retries are those of what is sent: a collector that is busy may be tried again, for half the time that there is.
var retries = otlptracehttp.RetryConfig{Enabled: true, InitialInterval: patience / 20, MaxInterval: patience / 5, MaxElapsedTime: patience / 2}

// Tell tells the collector what came of a run, and of a load how its figures stand at last; nil: there are none. The error is
// sentences; whatever they say, the report stands.
func (s Settings) Tell(ctx context.Context, report *reports.Report, figures *Figures) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience) // a run that was interrupted is told of, too
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- figures.End(ctx) }()
	return errors.Join(s.tell(ctx, report), <-ended)
}

// tell sends the spans.
func (s Settings) tell(ctx context.Context, report *reports.Report) error {
	at := s.spans.at
	if at == nil {
		return nil
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(at.String()), otlptracehttp.WithHeaders(s.spans.headers),
		otlptracehttp.WithTimeout(patience), otlptracehttp.WithRetry(retries))
	if err != nil {
		return fmt.Errorf("telemetry: nothing can be sent to %s: %s", shown(at), cause(err))
	}
	defer func() { _ = exporter.Shutdown(ctx) }()
	all := spansOf(ctx, report, s.resource())
	sent := 0
	for some := range slices.Chunk(all, batch) {
		if err := exporter.ExportSpans(ctx, some); err != nil {
			return fmt.Errorf("telemetry: %d of %d spans could not be sent to %s: %s", len(all)-sent, len(all), shown(at), cause(err))
		}
		sent += len(some)
	}
	return nil
}

// resource is who tells it, and of what. Attributes of the environment are added by the library.
func (s Settings) resource(of ...attribute.KeyValue) *resource.Resource {
	own := resource.NewWithAttributes(Conventions, append(of, semconv.ServiceName(s.service), semconv.ServiceVersion(version.Version))...)
	merged, err := resource.Merge(resource.Environment(), own)
	if err != nil {
		return own
	}
	return merged
}

// shown is an address without what may be secret in it.
func shown(at *url.URL) string {
	return (&url.URL{Scheme: at.Scheme, Host: at.Host, Path: at.Path}).String()
}

// cause is why a collector was not reached. The library's own texts quote the answer and the address.
func cause(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "it did not answer within " + patience.String()
	}
	if call, ok := errors.AsType[*net.OpError](err); ok {
		return call.Err.Error()
	}
	if call, ok := errors.AsType[*url.Error](err); ok {
		return call.Err.Error()
	}
	return "it did not take them"
}

// kept are spans that have ended.
type kept struct{ spans []trace.ReadOnlySpan }

func (k *kept) OnStart(context.Context, trace.ReadWriteSpan) {}
func (k *kept) OnEnd(span trace.ReadOnlySpan)                { k.spans = append(k.spans, span) }
func (k *kept) Shutdown(context.Context) error               { return nil }
func (k *kept) ForceFlush(context.Context) error             { return nil }
