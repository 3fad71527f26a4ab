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
	server *http.Server
	latest atomic.Pointer[load.Progress]
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
	m.latest.Store(&load.Progress{})
	registry := prometheus.NewRegistry()
	count := func(name, help string, of func(p *load.Progress) int64) {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "gonogo_load_" + name, Help: help},
			func() float64 { return float64(of(m.latest.Load())) }))
	}
	gauge := func(name, help string, labels prometheus.Labels, of func(p *load.Progress) float64) {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "gonogo_load_" + name, Help: help, ConstLabels: labels},
			func() float64 { return of(m.latest.Load()) }))
	}
	count("requests_total", "Requests that were answered, or came to nothing.", func(p *load.Progress) int64 { return p.Requests })
	count("errors_total", "Answers that are not what they should be, and requests without one.", func(p *load.Progress) int64 { return p.Errors })
	count("violations_total", "Answers that are a no-go at any speed.", func(p *load.Progress) int64 { return p.Violations })
	count("starved_total", "Intended requests for which there was no token to spend.", func(p *load.Progress) int64 { return p.Starved })
	gauge("requests_per_second", "Answered in the latest second.", nil, func(p *load.Progress) float64 { return p.Rate })
	latency := "Latency from the intended send time, in the latest second."
	gauge("latency_seconds", latency, prometheus.Labels{"quantile": "0.5"}, func(p *load.Progress) float64 { return p.P50.Seconds() })
	gauge("latency_seconds", latency, prometheus.Labels{"quantile": "0.99"}, func(p *load.Progress) float64 { return p.P99.Seconds() })
	gauge("left_seconds", "How long the run will go on.", nil, func(p *load.Progress) float64 { return p.Left.Seconds() })
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
