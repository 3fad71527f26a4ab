package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// commands measures how long a user waits: for a check of every built-in dialect, and for the first request of one.
// Nothing is pinned, because a user pins nothing.
func (w *workshop) commands(ctx context.Context) error {
	program, err := w.gonogo(ctx)
	if err != nil {
		return err
	}
	// Nothing on PATH: gonogo finds no browser, and needs nothing else from there.
	bare := []string{"HOME=" + os.Getenv("HOME")}
	browser := append(bare, "PATH="+os.Getenv("PATH"), "CHROME_BIN="+os.Getenv("CHROME_BIN"))
	t := &table{title: fmt.Sprintf("Commands, the built binary, %d rounds; median (min-max)", w.rounds)}
	t.add("what", "ms", "budget, ms")
	for _, row := range []struct {
		name    string
		budget  int
		measure func() (time.Duration, error)
	}{
		{"gonogo check, every dialect, with the browser cases", 3000, func() (time.Duration, error) { return timeCheck(ctx, program, browser, "--require", "browser") }},
		{"gonogo check, every dialect, without them", 1500, func() (time.Duration, error) { return timeCheck(ctx, program, bare) }},
		{"gonogo check, from start to first request", 100, func() (time.Duration, error) { return w.firstRequest(ctx, program, bare) }},
	} {
		if !w.wants(row.name) {
			continue
		}
		var times figures
		for round := 0; round < w.rounds && err == nil; round++ {
			fmt.Fprintf(w.log, "bench: %s, round %d of %d\n", row.name, round+1, w.rounds)
			var took time.Duration
			took, err = row.measure()
			times = append(times, float64(took.Microseconds())/1000)
		}
		if err != nil {
			t.note("%s was not measured: %v", row.name, err)
			times, err = nil, nil
		}
		t.add(row.name, times.spread(0), fmt.Sprintf("< %d", row.budget))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return t.print(w.out)
}

// commandLimit is far beyond any budget.
const commandLimit = time.Minute

func timeCheck(ctx context.Context, program string, env []string, args ...string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, append([]string{"check", "--quiet"}, args...)...)
	cmd.Env = env
	begin := time.Now()
	said, err := cmd.CombinedOutput()
	took := time.Since(begin)
	if err != nil {
		return took, fmt.Errorf("gonogo check: %s (%w)", lastLine(said, err), err)
	}
	return took, nil
}

// firstRequest is the time from the start of the program to its first request at a target.
func (w *workshop) firstRequest(ctx context.Context, program string, env []string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	server, err := w.start(ctx, "listening ", w.self, "fast")
	if err != nil {
		return 0, err
	}
	defer server.stop()
	target, err := w.file("target.yaml", targetFile(server.url))
	if err != nil {
		return 0, err
	}
	// The fast server is no kitchenhub, and the check says so; its first request is all that counts here.
	cmd := exec.CommandContext(ctx, program, "check", "--quiet", "--target", target, "--case", "*/issue/documented-request")
	cmd.Env = env
	begin := time.Now()
	said, fault := cmd.CombinedOutput()
	t, err := server.tally()
	if err == nil && t.answered() == 0 {
		err = fmt.Errorf("gonogo check sent nothing: %s (%v)", lastLine(said, fault), fault)
	}
	return t.first.Sub(begin), err
}
