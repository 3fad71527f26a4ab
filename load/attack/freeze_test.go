//go:build unix

package attack_test

import (
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"gonogo/load/attack"
)

// generate makes the test program the generator that TestFrozenGenerator stops.
var generate = flag.String("generate", "", "attack this server and print what was seen")

// childSaw is what the generator tells of its attack.
type childSaw struct {
	seen
	Started time.Time
	Frozen  []attack.Span
	Latency *hdrhistogram.Snapshot
	LagP99  int64
	LateP99 int64 // of Own
}

func TestFrozenGenerator(t *testing.T) {
	if *generate != "" {
		beGenerator(t)
		return
	}
	const frozen = 500 * time.Millisecond
	server := newWitness(t, time.Hour, 0)
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFrozenGenerator$", "-generate="+server.url.String())
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	signal := func(s syscall.Signal) time.Time {
		if err := child.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		return time.Now()
	}
	for server.answers.count() < 1500 {
		if t.Context().Err() != nil {
			t.Fatal("the generator does not attack")
		}
		time.Sleep(time.Millisecond)
	}
	from := signal(syscall.SIGSTOP)
	time.Sleep(frozen) // what is tested is time
	to := time.Now()
	signal(syscall.SIGCONT)

	var saw childSaw
	if err := json.NewDecoder(out).Decode(&saw); err != nil {
		t.Fatal(err)
	}
	_ = child.Process.Kill() // it has said everything
	_ = child.Wait()
	latency := hdrhistogram.Import(saw.Latency)
	// two processes of one machine have one wall clock, which JSON carries to the nanosecond
	saw.check(t, saw.Started, server.answers.sorted(), latency, time.Millisecond)
	// 500 of 4,000 requests left 500 to 0 ms late
	if p99 := latency.ValueAtPercentile(99); p99 < 460_000*97/100 {
		t.Errorf("p99 is %d µs; in truth it is 460 ms or more", p99)
	}
	if saw.LagP99 < 460_000*97/100 {
		t.Errorf("the lag does not show it: p99 is %d µs", saw.LagP99)
	}
	if saw.LateP99 < 460_000*97/100 {
		t.Errorf("it says that it would have read an answer %d µs late; in truth it is 460 ms or more", saw.LateP99)
	}
	var covered time.Duration
	for _, span := range saw.Frozen {
		began := saw.Started.Add(span.At)
		ended := began.Add(span.For)
		if began.Before(from) {
			began = from
		}
		if ended.After(to) {
			ended = to
		}
		covered += max(ended.Sub(began), 0)
	}
	if stood := to.Sub(from); covered < stood*95/100 {
		t.Errorf("of the %s from %s on in which it stood still %s are reported: %v", stood, from.Sub(saw.Started), covered, saw.Frozen)
	}
}

func beGenerator(t *testing.T) {
	to, err := url.Parse(*generate)
	if err != nil {
		t.Fatal(err)
	}
	r, saw := see(t, to, 16)
	if err := json.NewEncoder(os.Stdout).Encode(childSaw{saw, r.Started, r.Frozen, r.Latency.Export(), r.Lag.ValueAtPercentile(99), r.Own.Late.ValueAtPercentile(99)}); err != nil {
		t.Fatal(err)
	}
}
