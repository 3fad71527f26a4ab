// Package compared shows what gonogo load compare is worth: of a server beside itself it claims a difference no oftener than
// it says, and one that is known it finds, or says that it cannot tell. It takes ten minutes, and a machine that does little
// else: make prove-compare.
package compared

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gonogo/reports"
)

// The sizes of the proof. A comparison of eight rounds claims a difference where there is none in 10 of 256 at the most, so in
// two of fifty; more than five come once in eighty proofs.
const (
	itself  = 50
	claimed = 5
	known   = 10 // comparisons of a difference that is known
	missed  = 2  // of them, whose interval may not hold it: it does in 95 of 100, so more come once in eighty
)

var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "gonogo-compared-*")
		if err == nil {
			defer os.RemoveAll(dir)
			program = filepath.Join(dir, "gonogo")
			err = run(exec.Command("go", "build", "-o", program, "gonogo/cmd/gonogo"))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

func run(cmd *exec.Cmd) error {
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// serve starts a reference server in a process of its own, and returns its target file.
func serve(t *testing.T, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command(program, append([]string{"serve", "kitchenhub", "--targets", dir}, args...)...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.Contains(lines.Text(), "TEST ONLY.") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return filepath.Join(dir, "kitchenhub.yaml")
		}
	}
	t.Fatal("the reference server ended before it listened")
	return ""
}

// compared is what a comparison comes to.
func compared(t *testing.T, a, b string) reports.Comparison {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	cmd := exec.Command(program, "load", "compare", a, b, "--scenario", "use", "--rate", "400", "--duration", "300ms", "--connections", "4", "--working-set", "50", "--rounds", "8", "--quiet", "--report", "json="+file)
	if err := run(cmd); err != nil && cmd.ProcessState.ExitCode() != reports.ExitIncomplete {
		t.Fatal(err)
	}
	r, err := reports.ReadFile(file)
	if err != nil || len(r.Comparisons) != 1 {
		t.Fatalf("%v, %d comparisons", err, len(r.Comparisons))
	}
	return r.Comparisons[0]
}

func TestAServerBesideItself(t *testing.T) {
	found := map[reports.Difference]int{}
	others, told := 0, 0
	for i := range itself {
		a, b := serve(t), serve(t)
		c := compared(t, a, b)
		found[c.Difference]++
		t.Logf("%d: %s: %.3f (%.3f to %.3f)", i+1, c.Difference, c.Ratio, c.Low, c.High)
		for _, o := range c.Others {
			if o.Difference == reports.Worse || o.Difference == reports.Better {
				others++
				break
			}
		}
		if c.Difference != reports.CannotTell {
			told++
		}
	}
	t.Logf("of %d comparisons of the reference with itself: %v; of its other metrics one or more in %d", itself, found, others)
	if n := found[reports.Worse] + found[reports.Better]; n > claimed {
		t.Errorf("a difference is claimed in %d of %d", n, itself)
	}
	if others > claimed {
		t.Errorf("a difference of another metric is claimed in %d of %d", others, itself)
	}
	if told < itself/2 {
		t.Errorf("the machine is too busy: %d of %d say anything", told, itself)
	}
}

// TestADelayIsFound: --delay 1ms makes p50 a millisecond longer, and what this machine's timers are late by.
func TestADelayIsFound(t *testing.T) {
	const delay = time.Millisecond
	late := lateness(delay)
	a, b := serve(t), serve(t, "--delay", delay.String())
	counted(t, fmt.Sprintf("%s more, and %s by which a timer is late", delay, late), func() reports.Comparison {
		c := compared(t, a, b)
		if c.Difference == reports.NoneShown || c.Difference == reports.Better {
			t.Errorf("a millisecond is %s", c.Difference)
		}
		return c
	}, func([]reports.Comparison) (least, most float64) { return micros(delay), micros(delay + late) })
}

// TestFivePercentAreFoundOrNotTold puts a busy loop of 5 % of p50 into the way to one of two servers. Where requests wait for each other, and for a
// processor, it costs more than itself: the truth is between the loop and what all comparisons together say.
func TestFivePercentAreFoundOrNotTold(t *testing.T) {
	a := behind(t, serve(t), 0)
	var all []float64
	for _, r := range compared(t, a, behind(t, serve(t), 0)).Rounds {
		all = append(all, r.A, r.B)
	}
	slices.Sort(all)
	p50 := all[len(all)/2]
	loop := time.Duration(0.05 * p50 * float64(time.Microsecond))
	b := behind(t, serve(t), loop)
	counted(t, fmt.Sprintf("%s of %.0f µs more", loop, p50), func() reports.Comparison { return compared(t, a, b) },
		func(all []reports.Comparison) (least, most float64) {
			var more []float64
			for _, c := range all {
				more = append(more, c.More)
			}
			slices.Sort(more)
			return micros(loop), max(micros(loop), more[len(more)/2])
		})
}

// counted counts comparisons whose interval holds the truth, which is between two numbers of µs, among those that have one.
func counted(t *testing.T, what string, compared func() reports.Comparison, truth func([]reports.Comparison) (least, most float64)) {
	t.Helper()
	found, wrong := map[reports.Difference]int{}, 0
	var all []reports.Comparison
	for i := range known {
		c := compared()
		all = append(all, c)
		found[c.Difference]++
		t.Logf("%d: %s: %.3f (%.3f to %.3f), %.0f µs more (%.0f to %.0f)", i+1, c.Difference, c.Ratio, c.Low, c.High, c.More, c.MoreLow, c.MoreHigh)
	}
	least, most := truth(all)
	for _, c := range all {
		if c.Low > 0 && (c.MoreLow > most || c.MoreHigh < least) {
			wrong++
		}
	}
	t.Logf("%s, which is %.0f to %.0f µs: %v; the interval does not hold it in %d of %d", what, least, most, found, wrong, known)
	if wrong > missed {
		t.Errorf("the interval does not hold the truth in %d of %d", wrong, known)
	}
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// lateness is by how much a timer of this machine is late, most of the time at the most.
func lateness(of time.Duration) time.Duration {
	var all []time.Duration
	for range 300 {
		began := time.Now()
		<-time.After(of)
		all = append(all, time.Since(began)-of)
	}
	slices.Sort(all)
	return all[len(all)*9/10]
}

var baseURL = regexp.MustCompile(`(?m)^base_url: .*$`)

// behind is the target file of a server that is reached through this process, which does nothing for so long with each request.
func behind(t *testing.T, target string, loop time.Duration) string {
	t.Helper()
	text, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	at := string(baseURL.Find(text))
	_, upstream, found := strings.Cut(strings.TrimRight(strings.TrimSpace(at), `"'`), "http://")
	if !found {
		t.Fatalf("no address in %q", at)
	}
	go func() {
		for {
			client, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			server, err := net.Dial("tcp", upstream)
			if err != nil {
				_ = client.Close()
				continue
			}
			go carry(server, client, loop)
			go carry(client, server, 0)
		}
	}()
	file := filepath.Join(t.TempDir(), "target.yaml")
	if err := os.WriteFile(file, baseURL.ReplaceAll(text, []byte("base_url: http://"+listener.Addr().String())), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func carry(to, from net.Conn, loop time.Duration) {
	defer to.Close()
	room := make([]byte, 64<<10)
	for {
		n, err := from.Read(room)
		for began := time.Now(); n > 0 && time.Since(began) < loop; {
			continue // it keeps a processor, as a slower build does
		}
		if _, lost := to.Write(room[:n]); lost != nil || err != nil {
			return
		}
	}
}
