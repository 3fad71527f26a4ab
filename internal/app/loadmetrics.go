package app

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"gonogo/load"
)

// metricsServer serves a run's numbers to Prometheus. They are those of the latest snapshot: what a scrape costs does
// not depend on the load, and the load does not pay for it.
type metricsServer struct {
	server   *http.Server
	latest   atomic.Pointer[load.Progress]
	requests *prometheus.Desc
	failed   *prometheus.Desc
	violated *prometheus.Desc
	starved  *prometheus.Desc
	rate     *prometheus.Desc
	latency  *prometheus.Desc
	left     *prometheus.Desc
}

// openMetrics listens, before anything is sent; nil when nobody asked for it.
func (f loadFlags) openMetrics(ctx context.Context) (*metricsServer, error) {
	if f.metrics == "" {
		return nil, nil
	}
	host, _, err := net.SplitHostPort(f.metrics)
	if err != nil {
		return nil, usagef("--metrics %s: write it like 127.0.0.1:9100", f.metrics)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) && !f.exposed {
		return nil, usagef("--metrics %s: others can reach that address; write 127.0.0.1, or give --expose-metrics", f.metrics)
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", f.metrics)
	if err != nil {
		return nil, usagef("--metrics %s: %w", f.metrics, err)
	}
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("gonogo_load_"+name, help, labels, nil)
	}
	m := &metricsServer{
		requests: desc("requests_total", "Requests that were answered, or came to nothing."),
		failed:   desc("errors_total", "Answers that are not what they should be, and requests without one."),
		violated: desc("violations_total", "Answers that are a no-go at any speed."),
		starved:  desc("starved_total", "Intended requests for which there was no token to spend."),
		rate:     desc("requests_per_second", "Answered in the latest second."),
		latency:  desc("latency_seconds", "Latency from the intended send time, in the latest second.", "quantile"),
		left:     desc("left_seconds", "How long the run will go on."),
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	m.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = m.server.Serve(listener) }()
	return m, nil
}

func (m *metricsServer) set(p load.Progress) {
	if m != nil {
		m.latest.Store(&p)
	}
}

func (m *metricsServer) close() {
	if m != nil {
		_ = m.server.Close()
	}
}

// Describe lists the metrics.
func (m *metricsServer) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.requests, m.failed, m.violated, m.starved, m.rate, m.latency, m.left} {
		to <- d
	}
}

// Collect gives the numbers of the latest snapshot.
func (m *metricsServer) Collect(to chan<- prometheus.Metric) {
	p := m.latest.Load()
	if p == nil {
		p = &load.Progress{}
	}
	count := func(d *prometheus.Desc, n int64) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n))
	}
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	count(m.requests, p.Requests)
	count(m.failed, p.Errors)
	count(m.violated, p.Violations)
	count(m.starved, p.Starved)
	gauge(m.rate, p.Rate)
	gauge(m.latency, p.P50.Seconds(), "0.5")
	gauge(m.latency, p.P99.Seconds(), "0.99")
	gauge(m.left, p.Left.Seconds())
}
