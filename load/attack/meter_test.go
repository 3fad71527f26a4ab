package attack_test

import (
	"bufio"
	"fmt"
	"net"
	"testing"
	"time"

	"gonogo/load/attack"
	"gonogo/reports"
)

// TestAMeterCountsWhatTheResultDoes: each request of the run once, by part and outcome, over two attacks.
func TestAMeterCountsWhatTheResultDoes(t *testing.T) {
	server := serveRaw(t, answering(okay))
	meter := attack.NewMeter([]string{"issue", "use"}, []attack.Request{{Method: "POST", URL: "http://target/token"}, {Method: "GET", URL: "http://target/use"}})
	var told []reports.LoadSeries
	var last attack.Progress
	for range 2 {
		p := mixedPlan(server, 200, 500*time.Millisecond)
		p.WarmUp = 100 * time.Millisecond
		r := run(t, p, over(server.url), attack.Watch{Meter: meter, Progress: func(p attack.Progress) { told, last = meter.Series(), p }})
		if last.Requests != r.Requests || last.Errors != r.Errors {
			t.Errorf("at the end %+v was told of %d requests and %d errors", last, r.Requests, r.Errors)
		}
	}
	got := map[string]uint64{}
	for _, s := range told {
		if s.Service.Count() != s.Latency.Count() || s.Service.Sum <= 0 || s.Service.Sum > s.Latency.Sum || s.Status != 200 || s.Rest {
			t.Errorf("%s: %+v", s.Part, s)
		}
		got[fmt.Sprint(s.Part, " ", s.Method, " ", s.Error, " ", s.Violation)] += s.Service.Count()
	}
	// of ten answers in turn one of each part is wrong; the 40 of the warm-ups are not counted
	want := map[string]uint64{"issue POST false false": 80, "issue POST true false": 20, "use GET false false": 80, "use GET true true": 20}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("it counted %v, want %v", got, want)
	}
}

// TestAMeterHasBounds: a target that answers with every status takes no more series than others.
func TestAMeterHasBounds(t *testing.T) {
	status := 200
	server := serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
		for readRequest(reader) == nil {
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d Odd\r\nContent-Length: 0\r\n\r\n", status)
			status++
		}
	})
	meter := attack.NewMeter([]string{"post"}, []attack.Request{{}})
	run(t, plan(server.url, 500, 200*time.Millisecond, 1), over(server.url), attack.Watch{Meter: meter})
	all, n := meter.Series(), uint64(0)
	for i, s := range all {
		if n += s.Latency.Count(); s.Rest != (i == len(all)-1) {
			t.Errorf("the series %d of %d is %+v", i, len(all), s)
		}
	}
	if len(all) != 24 || n != 100 {
		t.Errorf("%d requests are in %d series", n, len(all))
	}
}

func BenchmarkAttackLoopMetered(b *testing.B) {
	benchmark(b, "http://127.0.0.1/token", instant{}, 64, attack.Watch{Meter: attack.NewMeter([]string{"post"}, []attack.Request{{}})})
}
