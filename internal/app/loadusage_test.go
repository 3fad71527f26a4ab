package app_test

import (
	"strings"
	"testing"
)

func TestLoadUsage(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub", "--control", "off")
	file := s.file("kitchenhub")
	metrics := "there is no metric \"p42\"; choose from p50, p90, p95, p99, p999, max, mean, errors, rate, violations, or service- before one of the first 7"
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "--scenario is missing; choose from issue, validate, use, refresh, mix, storm, session"},
		{[]string{"--scenario", "login"}, `--scenario login: there is no scenario "login"; choose from issue, validate, use, refresh, mix, storm, session`},
		{[]string{"--scenario", "issue=3"}, "--scenario issue=3: only mix has weights; write --scenario issue"},
		{[]string{"--scenario", "mix=issue"}, `--scenario mix=issue: "" is not a weight of issue; write a whole number, such as mix=issue:1,validate:8,refresh:1`},
		{[]string{"--scenario", "mix", "--weights", "issue:0"}, "--weights issue:0: a mix of nothing sends nothing; give a weight above 0, such as mix=issue:1,validate:8,refresh:1"},
		{[]string{"--scenario", "mix", "--weights", "storm:1"}, `--weights storm:1: a mix has no "storm"; choose from issue, validate, use, refresh, such as mix=issue:1,validate:8,refresh:1`},
		{[]string{"--scenario", "issue", "--weights", "issue:1"}, "--weights belongs to --scenario mix, and this is --scenario issue"},
		{[]string{"--scenario", "issue", "--rate", "-5"}, "--rate -5: a rate of -5 is not one that can be kept; ask for 0.1/s or more"},
		{[]string{"--scenario", "issue", "--rate", "1e9"}, "--rate 1e+09: a rate of 1e+09 is beyond what one generator can send and judge; ask for 200000/s or less"},
		{[]string{"--scenario", "issue", "--rate", "5", "--shape", "ramp:1-2"}, "--rate and --shape ramp:1-2 are both about the rate; give one of them"},
		{[]string{"--scenario", "issue", "--shape", "ramp:5"}, "--shape ramp:5: write it like ramp:100-2000"},
		{[]string{"--scenario", "issue", "--shape", "sine"}, `--shape sine: there is no shape "sine"; choose constant, ramp:FROM-TO or steps:A,B,…`},
		{[]string{"--scenario", "issue", "--arrivals", "bursts"}, "--arrivals bursts: choose even or poisson"},
		{[]string{"--scenario", "issue", "--rate", "0", "--arrivals", "poisson"}, "--arrivals poisson: with --rate 0 no request is due at a moment; give a rate"},
		{[]string{"--scenario", "issue", "--duration", "0s"}, "--duration 0s: choose from 100ms to 24h"},
		{[]string{"--scenario", "issue", "--connections", "0"}, "--connections 0: choose from 1 to 10000"},
		{[]string{"--scenario", "issue", "--working-set", "0"}, "--working-set 0: choose from 1 to 1000000"},
		{[]string{"--scenario", "issue", "--pick", "random"}, "--pick random: choose uniform or zipf"},
		{[]string{"--scenario", "issue", "--level", "strict"}, "--level strict: choose documented, standard or practice"},
		{[]string{"--scenario", "issue", "--objective", "p99"}, "--objective p99: write it as METRIC, one of <, <=, >, >=, and a bound, such as 'p99<20ms', 'errors<0.1%' or 'rate>=1990/s'"},
		{[]string{"--scenario", "issue", "--objective", "p42<1ms"}, "--objective p42<1ms: " + metrics},
		{[]string{"--scenario", "issue", "--objective", "service-errors<1%"}, "--objective service-errors<1%: " + strings.Replace(metrics, "p42", "service-errors", 1)},
		{[]string{"--scenario", "issue", "--objective", "p99<20"}, `--objective p99<20: "20" is not a time; write it with its unit, such as p99<20ms`},
		{[]string{"--scenario", "issue", "--objective", "rate>=1990"}, `--objective rate>=1990: "1990" is not a rate; write it like rate>=1990/s`},
		{[]string{"--scenario", "issue", "--objective", "errors<few"}, `--objective errors<few: "few" is not a number; write it like errors<0.1%, or errors<5 for a number of them`},
		{[]string{"--scenario", "issue", "--objective", "violations<1%"}, `--objective violations<1%: "1%" is not a number; write it like violations<1`},
		{[]string{"--scenario", "issue", "--objective", "errors<NaN%"}, `--objective errors<NaN%: "NaN%" is not a number; write it like errors<0.1%, or errors<5 for a number of them`},
		{[]string{"--scenario", "issue", "--objective", "rate>=inf/s"}, `--objective rate>=inf/s: "inf/s" is not a rate; write it like rate>=1990/s`},
		{[]string{"--scenario", "issue", "--objective", "errors<200%"}, `--objective errors<200%: no run can have 200% of errors; write a share up to 100%, or errors<5 for a number of them`},
		{[]string{"--scenario", "issue", "--objective", "errors<0%"}, "--objective errors<0%: nothing is less than 0, so no run could hold it; write errors<=0%"},
		{[]string{"--scenario", "issue", "--objective", "service-p99<0s"}, "--objective service-p99<0s: nothing is less than 0, so no run could hold it; write service-p99<=0s"},
		{[]string{"--scenario", "issue", "--report", "pdf=x"}, `--report pdf=x: this command has no format "pdf"; choose from ctrf, github, har, html, json, jsonl, junit, md, sarif`},
		{[]string{"--scenario", "issue", "--report", "json=/tmp/one-file", "--out", "/tmp/one-file"}, "--out /tmp/one-file: the json report goes there, too; two things cannot be one file"},
		{[]string{"--scenario", "issue", "--metrics", "9100"}, "--metrics 9100: write it like 127.0.0.1:9100"},
		{[]string{"--scenario", "issue", "--metrics", "0.0.0.0:9100"}, "--metrics 0.0.0.0:9100: others can reach that address; write 127.0.0.1, or give --expose-metrics"},
		{[]string{"--scenario", "issue", "--http2"}, "--http2 needs an https address, and " + file + " has " + s.api},
		{[]string{"--scenario", "storm"}, "--scenario storm: everybody's token ends in the same second when the target's clock is moved, and the target file has no way to; add clock: {advance: …}"},
		{[]string{"b2b", "--scenario", "issue"}, file + " is a target of the dialect kitchenhub, not of b2b"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			t.Parallel()
			gonogo(t, append([]string{"load", "--target", file}, c.args...)...).refuses(t, c.says)
		})
	}
	gonogo(t, "load", "--scenario", "issue").refuses(t, "say what to put under load: a dialect, for the reference server, --target FILE, or the address of an issuer")
	if n := s.requests; s.control != "" && n(t) != 0 {
		t.Error("something was sent")
	}
}

func TestLoadStaysOnThisMachine(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	far := edited(t, s.file("kitchenhub"), func(c fields) {
		c["base_url"] = "https://stage.example.invalid/hub"
		delete(c, "servers")
	})
	gonogo(t, "load", "--target", far, "--scenario", "issue").refuses(t, far+" is at https://stage.example.invalid/hub, which is not this machine: a load test could take somebody's service down; give --allow-remote if this target is yours to put under load")
	gonogo(t, "load", "--target", far, "--scenario", "issue", "--allow-remote", "--rate", "60").refuses(t, far+": limits.max_rps allows this target 50/s, and the run asks for 60/s; raise it there, or ask for less")
	gonogo(t, "load", "--target", far, "--scenario", "issue", "--allow-remote", "--rate", "0").refuses(t, far+": limits.max_rps allows this target 50/s, and the run asks for as much as the connections allow; raise it there, or ask for less")
	o := gonogo(t, "load", "--target", far, "--scenario", "issue", "--allow-remote", "--rate", "50", "--duration", "1s")
	if o.code != 3 || !strings.Contains(o.stdout, "INCOMPLETE: the target cannot be reached at https://stage.example.invalid/hub: ") {
		t.Errorf("nobody is there, and it is\n%s", o)
	}
}
