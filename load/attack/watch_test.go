package attack_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/tsenart/vegeta/v12/lib"

	"gonogo/internal/wire"
	"gonogo/load/attack"
	"gonogo/reports"
)

// mixed is a worker of two parts, whose verdicts take turns.
type mixed struct {
	poster
	n *atomic.Int64
}

func (m *mixed) Fill(request *wire.Request) (int, bool) {
	_, _ = m.poster.Fill(request)
	return int(m.n.Load() % 2), true
}

func (m *mixed) Judge(_ *wire.Answer, err error, _ time.Time) attack.Verdict {
	switch n := m.n.Add(1); {
	case err != nil, n%10 == 1:
		return attack.Bad
	case n%10 == 2:
		return attack.Violation
	default:
		return attack.Good
	}
}

func mixedPlan(to *rawServer, rate float64, duration time.Duration) attack.Plan {
	p := plan(to.url, rate, duration, 1)
	var n atomic.Int64
	p.Parts = []string{"issue", "use"}
	p.Workers = func(int) attack.Worker { return &mixed{poster{url: to.url.String() + "/token?secret=s3cr3t"}, &n} }
	return p
}

func TestMeasured(t *testing.T) {
	server := serveRaw(t, answering(okay))
	r := run(t, mixedPlan(server, 100, 2*time.Second), over(server.url), attack.Watch{})
	got := reports.LoadRun{Scenario: "issue"}
	r.Fill(&got)
	if got.Scenario != "issue" || got.Requests != 200 || got.Errors != 40 || got.Asked != 100 || got.DurationMS != 2000 || got.Connections != 1 || got.Protocol != "HTTP/1.1" {
		t.Errorf("%+v", got)
	}
	if got.Achieved > 100 || got.Achieved < 90 {
		t.Errorf("achieved %v/s", got.Achieved)
	}
	if len(got.Parts) != 2 || got.Parts[0].Name != "issue" || got.Parts[0].Requests != 100 || got.Parts[0].Errors != 20 || got.Parts[1].Requests != 100 {
		t.Errorf("%+v", got.Parts)
	}
	if len(got.Seconds) != 2 || got.Seconds[1].Second != 1 || got.Seconds[1].Asked != 100 || got.Seconds[1].Errors != 20 || got.Seconds[1].Violations != 10 || got.Seconds[1].P99 <= 0 {
		t.Errorf("%+v", got.Seconds)
	}
	if len(got.Answers) != 1 || got.Answers[0] != (reports.LoadCount{What: "200", Count: 200}) {
		t.Errorf("%+v", got.Answers)
	}
	for name, d := range map[string]reports.Distribution{"latency": got.Latency, "service": got.Service, "lag": got.Lag, "part": got.Parts[1].Latency} {
		text, err := json.Marshal(d)
		var said struct{ Binary string }
		if err == nil {
			err = json.Unmarshal(text, &said)
		}
		h, wrong := hdrhistogram.Decode([]byte(said.Binary)) // as it stands in the JSON
		if err = errors.Join(err, wrong); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if attack.Quantile(h, .99) != d.P99 || d.P50 > d.P90 || d.P99 > d.Max || len(d.Curve) < 5 || d.Curve[len(d.Curve)-1].Quantile != 1 || d.Curve[len(d.Curve)-1].US < d.Max {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func TestProgress(t *testing.T) {
	server := serveRaw(t, answering(okay))
	var told []attack.Progress
	p := mixedPlan(server, 200, time.Second)
	p.WarmUp = 300 * time.Millisecond
	run(t, p, over(server.url), attack.Watch{Every: 100 * time.Millisecond, Progress: func(p attack.Progress) { told = append(told, p) }})
	if len(told) < 5 {
		t.Fatalf("%d times", len(told))
	}
	first, last := told[0], told[len(told)-1]
	if first.Elapsed >= 0 || first.Requests != 0 || first.Rate <= 0 || first.P99 <= 0 || first.P50 > first.P99 {
		t.Errorf("in the warm-up %+v", first)
	}
	if last.Requests < 100 || last.Errors < 15 || last.Violations < 5 || last.Left > 500*time.Millisecond || (last.Elapsed+last.Left-time.Second).Abs() > 500*time.Millisecond {
		t.Errorf("at last %+v", last)
	}
}

// What is kept is read by vegeta's own program.
func TestKeep(t *testing.T) {
	server := serveRaw(t, answering(okay))
	file := filepath.Join(t.TempDir(), "results.bin")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, mixedPlan(server, 500, time.Second), over(server.url), attack.Watch{Keep: out, Requests: []attack.Request{{Method: "POST", URL: "http://target/token"}, {Method: "POST", URL: "http://target/use"}}})
	if err := out.Close(); err != nil || r.KeepErr != nil || r.Unkept != 0 {
		t.Fatal(err, r.KeepErr, r.Unkept)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"s3cr3t", "client_secret", `"ok"`} {
		if bytes.Contains(content, []byte(secret)) {
			t.Errorf("the file holds %q", secret)
		}
	}
	decode, n, violations := vegeta.NewDecoder(bytes.NewReader(content)), 0, 0
	for {
		var result vegeta.Result
		if err := decode(&result); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if want := r.Started.Add(time.Duration(n) * 2 * time.Millisecond); result.Timestamp.Sub(want).Abs() > time.Millisecond {
			t.Fatalf("result %d was due at %s, not %s", n, result.Timestamp, want)
		}
		if result.Code != 200 || result.Latency <= 0 || result.BytesIn != 11 || result.BytesOut != 37 || result.Method != "POST" || !strings.HasPrefix(result.URL, "http://target/") {
			t.Fatalf("%+v", result)
		}
		if result.Error == "violation" {
			violations++
		}
		n++
	}
	if n != 500 || violations != 50 {
		t.Errorf("%d results, %d violations", n, violations)
	}
	report, err := exec.CommandContext(t.Context(), "go", "tool", "vegeta", "report", "-type=json", file).CombinedOutput()
	if err != nil || !strings.Contains(string(report), `"requests":500`) || !strings.Contains(string(report), `"status_codes":{"200":500}`) {
		t.Errorf("vegeta reports %v: %s", err, report)
	}
}

// blocked is a disk that takes nothing until it is let go.
type blocked struct {
	until chan struct{}
	err   error
}

func (b blocked) Write(p []byte) (int, error) {
	<-b.until
	return len(p), b.err
}

// instant is a connection to a server that takes no time at all, for what only shows at millions of answers.
type instant struct{ attack.Connection }

func (instant) Connect(time.Duration, bool) attack.Connection { return instant{} }
func (instant) Open(context.Context) error                    { return nil }
func (instant) Do(_ *wire.Request, answer *wire.Answer, _ time.Time, _ func()) (took time.Duration, also attack.Incident, err error) {
	answer.Status = 200
	return 0, 0, nil
}
func (instant) Protocol() string { return "" }
func (instant) Interrupt()       {}

// attackInstantly attacks nothing until look has seen enough.
func attackInstantly(t testing.TB, connections int, watch attack.Watch, look func(attack.Progress) (enough bool)) *attack.Result {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	watch.Every = time.Millisecond
	watch.Progress = func(p attack.Progress) {
		if look(p) {
			stop()
		}
	}
	r, err := attack.Run(ctx, plan(&url.URL{Scheme: "http", Host: "127.0.0.1:1"}, 0, time.Hour, connections), instant{}, watch)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestKeepTooSlow(t *testing.T) {
	disk := blocked{until: make(chan struct{})}
	done := false
	r := attackInstantly(t, 2, attack.Watch{Keep: disk}, func(p attack.Progress) bool {
		if !done && p.Requests > 600_000 { // twice what may wait for the disk
			done = true
			close(disk.until)
		}
		return done
	})
	if r.Unkept < 100_000 || r.Unkept >= r.Requests || r.KeepErr != nil {
		t.Errorf("%d of %d not kept, %v", r.Unkept, r.Requests, r.KeepErr)
	}
	if said := strings.Join(r.Shortfalls(), "; "); !strings.HasSuffix(said, "results were not kept, because they could not be written as fast as they came") {
		t.Error(said)
	}
}

// The memory does not grow with the run, and a million answers fit into 100 MB.
func TestMemory(t *testing.T) {
	heap := func() uint64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := heap()
	var first, last uint64
	attackInstantly(t, 64, attack.Watch{}, func(p attack.Progress) bool {
		switch {
		case first == 0 && p.Requests > 1_000_000:
			first = heap() - before
		case p.Requests > 3_000_000:
			last = heap() - before
		}
		return last > 0
	})
	if first > 100<<20 || last > first+20<<20 {
		t.Errorf("%d MB after a million answers, %d MB after three", first>>20, last>>20)
	}
}

func TestKeepFails(t *testing.T) {
	server := serveRaw(t, answering(okay))
	disk := blocked{make(chan struct{}), errors.New("no space left on device")}
	close(disk.until)
	r := run(t, plan(server.url, 1000, time.Second, 4), over(server.url), attack.Watch{Keep: disk})
	if said := strings.Join(r.Shortfalls(), "; "); r.Requests != 1000 || said != "not all results were kept: no space left on device" {
		t.Errorf("%d requests: %s", r.Requests, said)
	}
}
