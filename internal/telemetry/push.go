package telemetry

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// sender sends figures now and then, in a goroutine of its own, and once more when it is ended.
type sender struct {
	to       place
	exporter *quiet
	provider *metric.MeterProvider
	err      error // nothing can be sent at all
}

// quiet is an exporter of which only the latest outcome counts: all metrics are sums, so what was not sent is in what is sent
// next. The library would print what fails in between, address and answer included.
type quiet struct {
	metric.Exporter
	failed error
}

func (q *quiet) Export(ctx context.Context, metrics *metricdata.ResourceMetrics) error {
	q.failed = q.Exporter.Export(ctx, metrics)
	return nil
}

// send begins to send figures.
func (s Settings) send(f *Figures) *sender {
	to := &sender{to: s.metrics}
	exporter, err := otlpmetrichttp.New(context.Background(), otlpmetrichttp.WithEndpointURL(s.metrics.at.String()), otlpmetrichttp.WithHeaders(s.metrics.headers),
		otlpmetrichttp.WithTimeout(patience), otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig(retries)))
	if err != nil {
		to.err = fmt.Errorf("telemetry: nothing can be sent to %s: %s", shown(s.metrics.at), cause(err))
		return to
	}
	to.exporter = &quiet{Exporter: exporter}
	to.provider = metric.NewMeterProvider(metric.WithResource(s.resource(f.resource()...)),
		metric.WithReader(metric.NewPeriodicReader(to.exporter, metric.WithInterval(s.every), metric.WithTimeout(patience), metric.WithProducer(f))))
	return to
}

// End sends the figures as they stand at last, if a collector is to be told. The error is a sentence; whatever it says, the
// load is what it was.
func (f *Figures) End(ctx context.Context) error {
	if f == nil || f.sent == nil {
		return nil
	}
	to := f.sent
	f.sent = nil
	if to.err != nil {
		return to.err
	}
	err := to.provider.Shutdown(ctx) // which exports
	if err == nil {
		err = to.exporter.failed
	}
	if err != nil {
		return fmt.Errorf("telemetry: the load's metrics could not be sent to %s: %s", shown(to.to.at), cause(err))
	}
	return nil
}
