package app

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"gonogo/internal/telemetry"
	"gonogo/load"
	"gonogo/reports"
)

// metricsServer serves a run's numbers to Prometheus.
type metricsServer struct {
	server *http.Server
	shown  atomic.Pointer[telemetry.Figures] // nil until there are some
}

// standing is how a run that is over stands, of which this was told last: what its report has, and nothing less than was told.
func standing(run *reports.LoadRun, last load.Progress) load.Progress {
	p := last.Counted()
	p.Requests, p.Errors, p.Starved = max(p.Requests, run.Requests), max(p.Errors, run.Errors), max(p.Starved, run.Starved)
	var found int64
	for _, v := range run.Violations {
		found += v.Count
	}
	if found >= p.Violations {
		p.Violations, p.Found = found, run.Violations
	}
	return p
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
	m := &metricsServer{}
	registry, mux := prometheus.NewRegistry(), http.NewServeMux()
	registry.MustRegister(m)
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	m.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = m.server.Serve(listener) }()
	return m, nil
}

// Describe is of a prometheus.Collector, which says with each metric what it is.
func (m *metricsServer) Describe(chan<- *prometheus.Desc) {}

// Collect is of what is shown.
func (m *metricsServer) Collect(to chan<- prometheus.Metric) {
	if shown := m.shown.Load(); shown != nil {
		shown.Collect(to)
	}
}

func (m *metricsServer) close() {
	if m != nil {
		_ = m.server.Close()
	}
}
