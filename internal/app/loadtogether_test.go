package app_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"gonogo/reports"
)

func TestGeneratorsOfOneMachineAreOneRun(t *testing.T) {
	t.Parallel()
	s, c := serve(t, "kitchenhub"), newCollector(t)
	file := filepath.Join(t.TempDir(), "r.json")
	var env []string
	for name, value := range c.env {
		env = append(env, name+"="+value)
	}
	o := here.starts(t, env, "GO", slices.Concat([]string{"load", "--target", s.file("kitchenhub"), "--scenario", "issue", "--generators", "4", "--report", "json=" + file}, short)...).ends(t)
	if o.code == 2 {
		t.Fatal(o)
	}
	r := reportIn(t, file).Load[0]
	if why := undone(r); len(why) > 0 || o.code != 0 && len(r.Because) == 0 {
		t.Errorf("it is not a whole run: %q in\n%s", why, o)
	}
	if r.Requests+r.Unsent != 200 || r.Errors > 0 || len(r.Violations) > 0 || r.Connections != 64 {
		t.Errorf("%d requests and %d unsent over %d connections, %d errors, violations %+v in\n%s", r.Requests, r.Unsent, r.Connections, r.Errors, r.Violations, o)
	}
	if len(r.Generators) != 4 || slices.ContainsFunc(r.Generators, func(g reports.LoadGenerator) bool {
		return g.Host == "" || g.Within == 0 || g.Lost != "" || g.Requests > 50
	}) {
		t.Errorf("the generators are %+v", r.Generators)
	}
	c.figures(t, r) // which the lead has of all four
}

// What goes between lead and generators is recorded: no secret and no token is in it, and a stranger does not get in.
func TestGeneratorsAreSealedAgainstStrangers(t *testing.T) {
	t.Parallel()
	j := joined(t, 2, "--duration", "1s")
	other := written(t, "other.secret", "another secret that is long enough")
	o := run(t, binary(t), "generate", "nats://"+j.address, "--join-secret-file", other)
	o.refuses(t, j.address+": the lead there has another join secret")
	proxy := recording(t, j.address)
	files := []string{filepath.Join(t.TempDir(), "one.gob"), filepath.Join(t.TempDir(), "two.gob")}
	j.join(t, proxy.address, "--out", files[0])
	j.join(t, j.address, "--out", files[1])
	for _, g := range j.generators {
		g.ends(t).exits(t, 0)
	}
	o = j.lead.ends(t)
	r := j.run(t)
	if why := undone(r); len(why) > 0 || r.Requests+r.Unsent != 200 || r.Errors > 0 {
		t.Errorf("%d requests, %d errors, %q in\n%s", r.Requests, r.Errors, why, o)
	}
	if one, two := hits(t, files[0]), hits(t, files[1]); int64(len(one)) != r.Generators[0].Requests || int64(len(two)) != r.Generators[1].Requests {
		t.Errorf("there are %d and %d hits of %+v", len(one), len(two), r.Generators)
	}
	hidden := []string{contents(t, j.secret)[:12], "client_secret", "kitchenhub", "openapi", "SECRET_OF_", "requests"}
	for _, each := range j.env {
		_, value, _ := strings.Cut(each, "=")
		hidden = append(hidden, value)
	}
	n := len(hidden)
	j.tokens.Range(func(issued, _ any) bool {
		hidden = append(hidden, issued.(string))
		return true
	})
	seen := proxy.seen()
	if len(hidden)-n < 60 || len(seen) < 10_000 {
		t.Fatalf("%d tokens were issued, and %d bytes passed", len(hidden)-n, len(seen))
	}
	for _, text := range hidden {
		if bytes.Contains(seen, []byte(text)) {
			t.Errorf("%q is in what passed", text)
		}
	}
}

// A generator that is lost makes the run incomplete, and what the others measured is kept.
func TestAGeneratorIsLost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		of     int
		signal os.Signal
		says   string
	}{
		{"killed", 8, syscall.SIGKILL, " was lost: its connection broke off"},
		{"stopped", 3, syscall.SIGSTOP, " was lost: nothing was heard of it for 5s"},
		{"interrupted", 3, syscall.SIGINT, " was interrupted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			j := joined(t, c.of, "--duration", "3s")
			for range c.of {
				j.join(t, j.address)
			}
			j.attacks(t)
			victim := j.generators[1]
			_ = victim.cmd.Process.Signal(c.signal)
			o := j.lead.ends(t)
			o.exits(t, 3)
			r := j.run(t)
			if why := undone(r); !slices.ContainsFunc(why, func(why string) bool {
				return strings.HasPrefix(why, "generator ") && strings.Contains(why, fmt.Sprintf("process %d)", victim.cmd.Process.Pid)) && strings.Contains(why, c.says)
			}) {
				t.Errorf("it is incomplete because of %q in\n%s", why, o)
			}
			if sent := r.Requests + r.Unsent; sent < 600/int64(c.of)*int64(c.of-1) || r.Errors > 0 || r.Latency.P50 == 0 {
				t.Errorf("%d requests and %d errors are what the others measured, in\n%s", sent, r.Errors, o)
			}
			for i, g := range j.generators {
				if i != 1 {
					g.ends(t).exits(t, 0)
				}
			}
		})
	}
}

func TestCtrlCAtTheLeadEndsAll(t *testing.T) {
	t.Parallel()
	j := joined(t, 2, "--duration", "10m")
	j.join(t, j.address)
	j.join(t, j.address)
	j.attacks(t)
	_ = j.lead.cmd.Process.Signal(os.Interrupt)
	j.lead.ends(t).exits(t, 3)
	if report := reportIn(t, j.report); report.Interrupted == "" || report.Load[0].Requests < 50 || report.Load[0].Errors > 0 {
		t.Errorf("interrupted %q, %d requests, %d errors", report.Interrupted, report.Load[0].Requests, report.Load[0].Errors)
	}
	for _, g := range j.generators {
		g.ends(t).exits(t, 0)
	}
}

func TestGeneratorsOfAKilledLeadEnd(t *testing.T) {
	t.Parallel()
	j := joined(t, 2, "--duration", "10m")
	j.join(t, j.address)
	j.join(t, j.address)
	j.attacks(t)
	_ = j.lead.cmd.Process.Kill()
	for _, g := range j.generators {
		if o := g.ends(t); o.code != 3 || !strings.HasSuffix(o.stderr, "gonogo: the connection to the lead is gone\n") {
			t.Errorf("it ends by %s", o)
		}
	}
}

func TestAGeneratorWithoutTheTargetsSecrets(t *testing.T) {
	t.Parallel()
	j := joined(t, 1)
	o := run(t, binary(t), "generate", "nats://"+j.address, "--join-secret-file", j.secret)
	const says = "takes its value from the environment variable SECRET_OF_PRIMARY, which is not set"
	if o.code != 2 || !strings.Contains(o.stderr, says) {
		t.Errorf("the generator ends by %s", o)
	}
	if o := j.lead.ends(t); o.code != 2 || !strings.Contains(o.stderr, "cannot do what it was asked for: ") || !strings.Contains(o.stderr, says) {
		t.Errorf("the lead ends by %s", o)
	}
}

// A target that hands each token out twice is found out, though no generator is handed one twice.
func TestATokenThatTwoGeneratorsWereHanded(t *testing.T) {
	t.Parallel()
	const before = 400 // requests, at the least, until the attack goes on
	var issued atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path != "/v2/auth/token" {
			_, _ = io.WriteString(w, `{"valid":true,"expires_in":60}`)
			return
		}
		n := issued.Add(1)
		if n > before {
			n = before + (n-before)/2
		}
		_, _ = fmt.Fprintf(w, `{"access_token":"Wm3bA1x9fPp7QqLr2Vt5Yz8Cc4%012d","refresh_token":"Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2%012d","access_token_expire":60,"refresh_token_expire":1440}`, n, n)
	}))
	t.Cleanup(s.Close)
	target := written(t, "twice.yaml", "dialect: kitchenhub\nbase_url: "+s.URL+"\ncredentials:\n  primary: {client_id: a, client_secret: Lw3bThicket7qCobble9v}\nabsent: [second]\n")
	file := filepath.Join(t.TempDir(), "r.json")
	o := run(t, binary(t), "load", "--target", target, "--scenario", "issue", "--level", "practice", "--generators", "2", "--rate", "400", "--duration", "2s", "--report", "json="+file)
	o.exits(t, 1)
	r := reportIn(t, file).Load[0]
	shows(t, o, r, "a token was handed out twice", "KH-ISSUE-4")
	if n := r.Violations[0].Count; n < 100 { // of some 200 that follow each other at once, which are hardly ever of one generator
		t.Errorf("only %d were found in\n%s", n, o)
	}
}
