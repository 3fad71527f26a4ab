package app_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"gonogo/reports"
)

// TestATargetIsWaitedFor: a gateway that has nobody behind it yet is not the target, and no look at it counts.
func TestATargetIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	proxy := proxyTo(t, s.api, "")
	var looks, requests atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" && r.URL.Path != "" {
			requests.Add(1)
			proxy.ServeHTTP(w, r)
			return
		}
		statuses := []int{502, 503, 504, 404}
		w.WriteHeader(statuses[min(looks.Add(1)-1, 3)])
	}))
	t.Cleanup(front.Close)
	target := edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = front.URL; delete(f, "servers") })
	o, report := checked(t, "--target", target, "--wait-ready", "5m", "--case", "*/issue/*")
	o.exits(t, 0)
	if got := report.Requests(); looks.Load() != 4 || int64(got) != requests.Load() || got == 0 {
		t.Errorf("after %d looks the report has %d requests, and %d were sent", looks.Load(), got, requests.Load())
	}
}

func TestATargetThatComesLate(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	address := closedPort(t)
	target := edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = "http://" + address; delete(f, "servers") })
	for _, args := range [][]string{
		{"check", "--target", target, "--wait-ready", "10m", "--case", "*/issue/*"},
		{"load", "--target", target, "--wait-ready", "10m", "--scenario", "issue", "--rate", "50", "--duration", "500ms", "--working-set", "4"},
	} {
		k := tick(t, args...)
		k.until(`waiting until \d\d:\d\d:\d\d \((10m0s|9m5\ds)\): the target to answer$`)
		listener, err := net.Listen("tcp", address)
		if err != nil {
			t.Skipf("somebody else has the port now: %v", err)
		}
		server := &http.Server{Handler: proxyTo(t, s.api, "")}
		go func() { _ = server.Serve(listener) }()
		o := <-k.ended
		_ = server.Close()
		if o.code != 0 && (o.code != 3 || args[0] != "load") || strings.Contains(o.stdout, "cannot be reached") {
			t.Errorf("a target that came late is\n%s", o)
		}
	}
}

func TestATargetThatNeverComes(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	target := edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = "http://" + closedPort(t); delete(f, "servers") })
	for _, args := range [][]string{
		{"check", "--target", target, "--wait-ready", "300ms"},
		{"load", "--target", target, "--wait-ready", "300ms", "--scenario", "issue"},
		{"load", "capacity", "--target", target, "--wait-ready", "300ms", "--scenario", "issue"},
	} {
		file := filepath.Join(t.TempDir(), "r.json")
		o := gonogo(t, append(args, "--report", "json="+file)...)
		said := strings.Join(strings.Fields(o.stdout), " ")
		if o.code != 3 || !strings.Contains(said, " was waited for ") || !strings.Contains(said, "and is not ready: ") || !strings.Contains(said, "connection refused") || !strings.Contains(said, "INCOMPLETE: ") {
			t.Errorf("%v is\n%s", args, o)
		}
		if report := reportIn(t, file); report.Verdict != reports.Incomplete || report.Requests() != 0 {
			t.Errorf("%v: the report's verdict is %s after %d requests", args, report.Verdict, report.Requests())
		}
	}
	gonogo(t, "check", "--target", target, "--wait-ready", "-1s").refuses(t, "--wait-ready -1s: a wait cannot be negative")
	gonogo(t, "load", "--target", target, "--wait-ready", "-1s", "--scenario", "issue").refuses(t, "--wait-ready -1s: a wait cannot be negative")

	k := tick(t, "check", "--target", target, "--wait-ready", "10m")
	k.until(`: the target to answer$`)
	k.stop()
	if o := <-k.ended; o.code != 3 || !strings.Contains(o.stdout, "the run was interrupted") {
		t.Errorf("an interrupted wait is\n%s", o)
	}
}
