package app_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gonogo/reports"
)

// TestTwoTargetsAreComparedInTurn: one that takes 5 ms longer is found, with an interval that holds the truth, or nothing is said.
func TestTwoTargetsAreComparedInTurn(t *testing.T) {
	t.Parallel()
	atOnce <- struct{}{}
	defer func() { <-atOnce }()
	a, b := serve(t, "kitchenhub").file("kitchenhub"), serve(t, "kitchenhub", "--delay", "5ms").file("kitchenhub")
	file := t.TempDir() + "/report.json"
	args := []string{"load", "compare", a, b, "--scenario", "use", "--rate", "100", "--duration", "300ms", "--working-set", "20", "--rounds", "8"}
	o := gonogo(t, append(args, "--max-regression", "p50=20%", "--report", "json="+file)...)
	report := reportIn(t, file)
	schema, _ := schemas(t)
	validates(t, schema, "the comparison", contents(t, file))
	c := report.Comparisons[0]
	if len(c.Rounds) != 8 || c.Rounds[0].First != "a" || c.Rounds[1].First != "b" {
		t.Errorf("the sides do not begin in turn: %+v", c.Rounds)
	}
	switch {
	case c.Difference == reports.CannotTell && len(c.Notes) > 0: // this machine had no time for a round
		o.exits(t, reports.ExitIncomplete)
	case c.Difference != reports.Worse || c.Low < 1.2:
		t.Errorf("5 ms more are %+v", c)
	default:
		o.exits(t, reports.ExitNoGo)
	}
	if !strings.Contains(o.stdout, "p50 of B is") && c.Difference != reports.CannotTell {
		t.Error(o)
	}
}

// TestAGeneratorThatWasStoppedSaysNothing: with a round less there are too few, and the reason is named.
func TestAGeneratorThatWasStoppedSaysNothing(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	a, proxy := s.file("kitchenhub"), proxyTo(t, s.api, "")
	var used atomic.Int64
	came := make(chan struct{}) // the 50th use: a handful is before the attack, 80 are B's first run
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/orders") && used.Add(1) == 50 {
			close(came)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	b := edited(t, a, func(f fields) { f["base_url"] = front.URL; delete(f, "servers") })
	cmd := exec.CommandContext(t.Context(), binary(t), "load", "compare", a, b, "--scenario", "use", "--rate", "400", "--duration", "200ms", "--working-set", "20", "--rounds", "6")
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-came
	stop := func(s syscall.Signal) {
		if err := cmd.Process.Signal(s); err != nil {
			t.Error(err)
		}
	}
	stop(syscall.SIGSTOP)
	time.Sleep(300 * time.Millisecond) // what is tested is time
	stop(syscall.SIGCONT)
	_ = cmd.Wait()
	text := stdout.String()
	if code := cmd.ProcessState.ExitCode(); code != reports.ExitIncomplete || !stopped.MatchString(text) || !strings.Contains(text, "it takes 6 to say something") {
		t.Errorf("exit %d\n%s", code, text)
	}
}

var stopped = regexp.MustCompile(`B: the\s+generator\s+itself\s+stood\s+still\s+for\s+([3-9]\d\dms|\d.*s)`)

// TestARoundWithoutTokensSaysWhatWasAnswered: a side that hands out nothing has no time, and the reason is the answer.
func TestARoundWithoutTokensSaysWhatWasAnswered(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	a := s.file("kitchenhub")
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	t.Cleanup(front.Close)
	b := edited(t, a, func(f fields) { f["base_url"] = front.URL; delete(f, "servers") })
	o := gonogo(t, "load", "compare", a, b, "--scenario", "use", "--rate", "20", "--duration", "200ms", "--working-set", "2", "--rounds", "6")
	o.exits(t, reports.ExitIncomplete)
	said := strings.Join(strings.Fields(o.stdout), " ")
	if !strings.Contains(said, "B: no tokens could be had to begin with: POST /v2/auth/token was answered 401 Unauthorized") || strings.Contains(said, " 0 µs ") {
		t.Error(o)
	}
}

func TestLoadCompareUsage(t *testing.T) {
	t.Parallel()
	a, other := serve(t, "kitchenhub").file("kitchenhub"), serve(t, "pos").file("pos")
	for says, args := range map[string][]string{
		"name two target files, of A and of B":          {a},
		"it takes 6 to say something":                   {a, a, "--rounds", "5"},
		"write it as METRIC=PERCENT, such as p99=10%":   {a, a, "--max-regression", "p99", "--scenario", "use"},
		"cannot be compared: the dialect is":            {a, other, "--scenario", "use", "--duration", "200ms", "--rate", "20", "--working-set", "2"},
		"there is no scenario \"nothing\"; choose from": {a, a, "--scenario", "nothing"},
	} {
		gonogo(t, append([]string{"load", "compare"}, args...)...).complains(t, says)
	}
	gonogo(t, "load", "compare", "kitchenhub", "kitchenhub").complains(t, "name two target files")
}
