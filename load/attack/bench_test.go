package attack_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tsenart/vegeta/v12/lib"

	"gonogo/internal/wire"
	"gonogo/load/attack"
)

// counted is a worker that ends the attack after so many requests.
type counted struct {
	poster
	left *atomic.Int64
	end  func()
}

func (c *counted) Fill(request *wire.Request) (int, bool) {
	if c.left.Add(-1) == 0 {
		c.end()
	}
	return c.poster.Fill(request)
}

func benchmark(b *testing.B, url string, transport attack.Transport, connections int, watch attack.Watch) {
	ctx, end := context.WithCancel(b.Context())
	defer end()
	var left atomic.Int64
	left.Store(int64(b.N))
	p := attack.Plan{
		Duration: time.Hour, Connections: connections, Timeout: 10 * time.Second, Parts: []string{"post"},
		Workers: func(int) attack.Worker { return &counted{poster{url: url}, &left, end} },
	}
	b.ReportAllocs()
	b.ResetTimer()
	r, err := attack.Run(ctx, p, transport, watch)
	if err != nil || r.Errors > 0 {
		b.Fatal(err, r.Failures)
	}
	b.ReportMetric(float64(r.Requests)/b.Elapsed().Seconds(), "requests/s")
}

// BenchmarkAttack is the saturating loop against a server of sockets in the same process, which takes its share of the
// cores. The vegeta benchmarks are its peers under the same conditions.
func BenchmarkAttack(b *testing.B) {
	server := serveRaw(b, answering(okay))
	benchmark(b, server.url.String()+"/token", over(server.url), 64, attack.Watch{})
}

// BenchmarkAttackLoop is what the loop itself costs for an answer: pace aside, everything but the connection. Metered, it counts for
// others as well.
func BenchmarkAttackLoop(b *testing.B) {
	benchmark(b, "http://127.0.0.1/token", instant{}, 64, attack.Watch{})
}

func BenchmarkAttackHTTP2(b *testing.B) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"ok":true}`)) }))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	benchmark(b, server.URL+"/token", attack.Over(server.Client().Transport.(*http.Transport), true), 64, attack.Watch{})
}

func BenchmarkAttackVegeta(b *testing.B) {
	server := serveRaw(b, answering(okay))
	attacker := vegeta.NewAttacker(vegeta.Workers(64), vegeta.MaxWorkers(64), vegeta.Connections(64), vegeta.Redirects(vegeta.NoFollow))
	targeter := vegeta.NewStaticTargeter(vegeta.Target{
		Method: "POST", URL: server.url.String() + "/token", Body: []byte(`{"client_id":"a","client_secret":"b"}`),
		Header: http.Header{"Content-Type": {"application/json"}},
	})
	b.ReportAllocs()
	b.ResetTimer()
	n := 0
	for result := range attacker.Attack(targeter, vegeta.Rate{}, 0, "") {
		if result.Error != "" {
			b.Fatal(result.Error)
		}
		if n++; n == b.N {
			attacker.Stop()
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "requests/s")
}
