//go:build unix

package attack_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"gonogo/load/attack"
)

// childTarget names the server that the test program attacks when it is started as a generator to be stopped.
const childTarget = "GONOGO_ATTACK_CHILD"

// childSaw is what the child tells of its attack.
type childSaw struct {
	Started  time.Time
	Requests int64
	Frozen   []attack.Span
	Latency  *hdrhistogram.Snapshot
	LagP99   int64
}

func TestMain(m *testing.M) {
	target := os.Getenv(childTarget)
	if target == "" {
		os.Exit(m.Run())
	}
	to, err := url.Parse(target)
	if err != nil {
		panic(err)
	}
	r, err := attack.Run(context.Background(), plan(to, 1000, 4*time.Second, 16), over(to), attack.Watch{})
	if err != nil {
		panic(err)
	}
	saw := childSaw{r.Started, r.Requests, r.Frozen, r.Latency.Export(), r.Lag.ValueAtPercentile(99)}
	if err := json.NewEncoder(os.Stdout).Encode(saw); err != nil {
		panic(err)
	}
}

func TestFrozenGenerator(t *testing.T) {
	const frozen = 500 * time.Millisecond
	server := newWitness(t, time.Hour, 0)
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childTarget+"="+server.url.String())
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the child attacks", func() bool { return server.count() > 1500 })
	stopped := time.Now()
	if err := child.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	time.Sleep(frozen) // what is tested is time
	if err := child.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	stood := time.Since(stopped)

	var saw childSaw
	if err := json.NewDecoder(out).Decode(&saw); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err != nil {
		t.Fatal(err)
	}
	if saw.Requests != 4000 {
		t.Errorf("%d requests of 4000", saw.Requests)
	}
	// The child's clock reading crosses the process boundary as wall-clock time; on one machine that is one clock.
	truth := server.latencies(saw.Started, time.Millisecond)
	agree(t, hdrhistogram.Import(saw.Latency), truth, 95, 99)
	if p99 := truth[len(truth)*99/100]; p99 < frozen*9/10-60*time.Millisecond {
		t.Errorf("the generator did not stand still: the server's p99 is %s", p99)
	}
	if saw.LagP99 < 350_000 {
		t.Errorf("the lag does not show it: p99 is %d µs", saw.LagP99)
	}
	for _, span := range saw.Frozen {
		if began := saw.Started.Add(span.At).Sub(stopped).Abs(); began < 100*time.Millisecond && (span.For-stood).Abs() < 100*time.Millisecond {
			return
		}
	}
	t.Errorf("standing still for %s from %s on is not reported: %v", stood, stopped.Sub(saw.Started), saw.Frozen)
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for until := time.Now().Add(10 * time.Second); !is(); {
		if time.Now().After(until) {
			t.Fatal(fmt.Errorf("it never came to this: %s", what))
		}
		time.Sleep(time.Millisecond)
	}
}
