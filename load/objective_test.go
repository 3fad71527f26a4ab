package load

import (
	"slices"
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
	if all := bounds([]objective{p99}, scenario{}); len(all) != 2 || all[1].text != DefaultErrors {
		t.Errorf("the objectives are %v", all)
	}
	lax, err := parseObjective("errors<50%")
	if err != nil {
		t.Fatal(err)
	}
	if all := bounds([]objective{lax}, scenario{}); len(all) != 1 {
		t.Errorf("the objectives are %v", all)
	}
}

func TestObjectivesOfParts(t *testing.T) {
	run := &reports.LoadRun{
		Requests: 1000, Errors: 12, Achieved: 100, Latency: reports.Distribution{P99: 9000},
		Parts: []reports.LoadPart{
			{Name: "issue", Requests: 200, Errors: 2, Latency: reports.Distribution{P99: 50_000}, Service: reports.Distribution{P99: 40_000}},
			{Name: "refresh", Requests: 800, Errors: 10, Latency: reports.Distribution{P99: 8000}},
		},
	}
	for _, c := range []struct {
		text, got string
		held      bool
	}{
		{"issue-p99<50ms", "50ms", false}, {"issue-service-p99<50ms", "40ms", true}, {"refresh-p99<50ms", "8ms", true},
		{"issue-errors<=1%", "1%", true}, {"issue-errors<1%", "1%", false}, {"refresh-errors<=9", "10", false},
	} {
		o, err := parseObjective(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := o.judge(run); got.Got != c.got || got.Held != c.held {
			t.Errorf("%s: %q, held %t; wanted %q, held %t", c.text, got.Got, got.Held, c.got, c.held)
		}
	}
	for text, says := range map[string]string{
		"issue-rate>=5/s": "rate is about a whole run; of a part there are its times and its errors, such as issue-p99<50ms",
		"login-p99<5ms":   `there is no metric "login-p99"; choose from p50, p90, p95, p99, p999, max, mean, errors, rate, violations, or service- before one of the first 7`,
	} {
		if _, err := parseObjective(text); err == nil || err.Error() != says {
			t.Errorf("%s: %v", text, err)
		}
	}
	mix, err := parseScenario("mix=issue:1,refresh:1,validate:2")
	if err != nil {
		t.Fatal(err)
	}
	issue, err := parseObjective("issue-errors<1%")
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, o := range bounds([]objective{issue}, mix) {
		texts = append(texts, o.text)
	}
	if want := []string{"issue-errors<1%", "validate-errors<0.1%", "refresh-errors<0.1%"}; !slices.Equal(texts, want) {
		t.Errorf("the objectives are %q", texts)
	}
	if err := issue.fits(scenario{name: "validate", weights: [parts]int{validatePart: 1}}); err == nil {
		t.Error("issues are judged of a scenario that sends none")
	}
}
