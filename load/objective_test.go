package load

import (
	"testing"

	"gonogo/reports"
)

func TestObjectives(t *testing.T) {
	run := &reports.LoadRun{
		Requests: 10_000, Errors: 7, Achieved: 1995.5,
		Latency:    reports.Distribution{Mean: 1500, P50: 1000, P90: 4000, P95: 8000, P99: 20_000, P999: 90_000, Max: 150_000},
		Service:    reports.Distribution{Mean: 900, P50: 800, P99: 2000, Max: 3000},
		Violations: []reports.LoadViolation{{Count: 2}, {Count: 3}},
	}
	for _, c := range []struct {
		text, got string
		held      bool
	}{
		{"p99<20ms", "20ms", false}, {"p99<=20ms", "20ms", true}, {"p99 < 20.1ms", "20ms", true}, {"p50>=1ms", "1ms", true}, {"p50>1ms", "1ms", false},
		{"p90<5ms", "4ms", true}, {"p95<5ms", "8ms", false}, {"p999<0.1s", "90ms", true}, {"max<150ms", "150ms", false}, {"mean<=1500us", "1.5ms", true},
		{"service-p99<=2ms", "2ms", true}, {"service-mean<500µs", "900µs", false}, {"service-max<1s", "3ms", true},
		{"errors<0.1%", "0.07%", true}, {"errors<0.07%", "0.07%", false}, {"errors<=7", "7", true}, {"errors<7", "7", false}, {"errors<=0", "7", false},
		{"rate>=1990/s", "1995.5/s", true}, {"rate>=2000/s", "1995.5/s", false}, {"violations<1", "5", false}, {"violations<=5", "5", true},
	} {
		o, err := parseObjective(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := o.judge(run); got.Got != c.got || got.Held != c.held {
			t.Errorf("%s: %q, held %t; wanted %q, held %t", c.text, got.Got, got.Held, c.got, c.held)
		}
	}
}

func TestARunWithoutAWordOnErrorsIsHeldToTheDefault(t *testing.T) {
	p99, err := parseObjective("p99<1s")
	if err != nil {
		t.Fatal(err)
	}
	if all := bounds([]objective{p99}); len(all) != 2 || all[1].text != DefaultErrors {
		t.Errorf("the objectives are %v", all)
	}
	lax, err := parseObjective("errors<50%")
	if err != nil {
		t.Fatal(err)
	}
	if all := bounds([]objective{lax}); len(all) != 1 {
		t.Errorf("the objectives are %v", all)
	}
}
