package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// milestones are the answers after which memory is looked at. What a run keeps for each of its answers shows between
// the first and the last.
var milestones = [2]int64{1_000_000, 3_000_000}

// memoryLimit is how long the last milestone may be in coming: 5 minutes at 10,000/s, which is a very busy machine.
const memoryLimit = 10 * time.Minute

// The two programs of vegeta's command line: its attack keeps nothing, and leaves the rest to another.
const (
	vegetaAttack = "vegeta attack"
	vegetaEncode = "vegeta encode"
)

// peaks are the most that a program had in memory, in bytes: after each milestone, and at its end.
type peaks []int64

// memory measures how much memory a saturating gonogo load takes to judge a million answers and three million; and
// vegeta to write down a million.
func (w *workshop) memory(ctx context.Context) error {
	benches := w.install(ctx, func(g generator) bool { return g.name != loadName && g.name != yardstick })
	server, err := w.start(ctx, "listening ", w.self, "fast")
	if err != nil {
		return err
	}
	defer server.stop()
	s := *w
	s.length = memoryLimit
	measured := map[string][]peaks{}
	for round := range w.rounds {
		for _, b := range benches {
			if b.failed != nil || ctx.Err() != nil {
				continue
			}
			fmt.Fprintf(w.log, "bench: memory of %s, round %d of %d\n", b.name, round+1, w.rounds)
			measure := s.vegetaMemory
			if b.name == loadName {
				measure = s.loadMemory
			}
			b.failed = measure(ctx, b, server, measured)
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	t := w.memoryTable(measured)
	for _, b := range benches {
		if b.failed != nil {
			t.note("%s was not measured: %v", b.name, b.failed)
		}
	}
	return t.print(w.out)
}

func (w *workshop) memoryTable(measured map[string][]peaks) *table {
	t := &table{title: fmt.Sprintf("Peak resident memory of a saturating run, %d connections, %d rounds; median (min-max)",
		w.connections, w.rounds)}
	t.add("program", "MiB after 1,000,000 answers", "after 3,000,000", "at its end", "growth from 1,000,000 to 3,000,000")
	for _, name := range []string{vegetaAttack, vegetaEncode, loadName} {
		var sizes [len(milestones) + 1]figures
		for _, round := range measured[name] {
			for i, size := range round {
				sizes[i] = append(sizes[i], float64(size)/(1<<20))
			}
		}
		t.add(name, sizes[0].spread(0), sizes[1].spread(0), sizes[2].spread(0), sizes[1].over(sizes[0]).spread(2))
	}
	t.note("Answers are counted by the server, memory by the kernel (VmHWM); the end includes the report. vegeta's two programs stand in a pipe. " +
		"The budget of gonogo is 286 MiB (300 MB) for a million, and no growth from there.")
	return t
}

// loadMemory measures gonogo load. It is told to run for long and interrupted at the last milestone.
func (w *workshop) loadMemory(ctx context.Context, b *bench, server *process, into map[string][]peaks) error {
	var found peaks
	s := shot{connections: w.connections, length: w.length, folder: w.scratch}
	_, _, _, fault := w.fire(ctx, b, server, s, func(generator *os.Process, ended <-chan struct{}) error {
		counted := int64(0)
		for _, milestone := range milestones {
			if err := server.reaches(milestone-counted, ended); err != nil {
				return err
			}
			counted = milestone
			peak, err := peakMemory(generator.Pid)
			if err != nil {
				return err
			}
			found = append(found, peak)
		}
		err := generator.Signal(os.Interrupt)
		found = append(found, lastPeak(generator.Pid, ended))
		return err
	})
	if fault != nil && !incomplete(fault) { // which it is, having been interrupted
		return fault
	}
	run, err := loadRun(s)
	if err != nil {
		return err
	}
	if run.Requests < milestones[1] || run.Errors > 0 {
		return fmt.Errorf("it judged %d answers, %d of them errors", run.Requests, run.Errors)
	}
	into[b.name] = append(into[b.name], found)
	return nil
}

// vegetaMemory measures vegeta's command line, for the first milestone only.
func (w *workshop) vegetaMemory(ctx context.Context, b *bench, server *process, into map[string][]peaks) error {
	ctx, cancel := context.WithTimeout(ctx, memoryLimit)
	defer cancel()
	bodyFile, err := w.file("body.json", issueRequest())
	if err != nil {
		return err
	}
	s := shot{url: server.url + issuePath, bodyFile: bodyFile, connections: w.connections, length: w.length, folder: w.scratch}
	args, err := vegetaArgs(w, s)
	if err != nil {
		return err
	}
	attack := pinned(ctx, w.loadCore, append(append([]string{b.program[0]}, args...), "-output", "stdout")...)
	encode := pinned(ctx, w.loadCore, b.program[0], "encode", "-output", os.DevNull)
	if encode.Stdin, err = attack.StdoutPipe(); err != nil {
		return err
	}
	if _, err := server.tally(); err != nil {
		return err
	}
	if err := encode.Start(); err != nil {
		return err
	}
	if err := attack.Start(); err != nil {
		cancel()
		return errors.Join(err, encode.Wait())
	}
	ended := make(chan struct{})
	var failed [2]error
	go func() {
		failed[0], failed[1] = attack.Wait(), encode.Wait()
		close(ended)
	}()
	err = server.reaches(milestones[0], ended)
	for _, program := range []struct {
		name string
		pid  int
	}{{vegetaAttack, attack.Process.Pid}, {vegetaEncode, encode.Process.Pid}} {
		var peak int64
		if err == nil {
			peak, err = peakMemory(program.pid)
		}
		if err == nil {
			into[program.name] = append(into[program.name], peaks{peak})
		}
	}
	if err == nil {
		err = attack.Process.Signal(os.Interrupt)
	}
	if err != nil {
		cancel()
	}
	<-ended
	return errors.Join(err, failed[0], failed[1])
}

// lastPeak is the peak of a process that is about to end, as it was when it could last be seen.
func lastPeak(pid int, ended <-chan struct{}) (last int64) {
	for {
		if peak, err := peakMemory(pid); err == nil {
			last = peak
		}
		select {
		case <-ended:
			return last
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// peakMemory is the most that a running process has had in memory so far, in bytes.
func peakMemory(pid int) (int64, error) {
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0, err
	}
	return highWater(status)
}

// highWater is the VmHWM of a process's status, in bytes.
func highWater(status []byte) (int64, error) {
	for line := range bytes.Lines(status) {
		if fields := bytes.Fields(line); len(fields) == 3 && string(fields[0]) == "VmHWM:" && string(fields[2]) == "kB" {
			kibibytes, err := strconv.ParseInt(string(fields[1]), 10, 64)
			return kibibytes << 10, err
		}
	}
	return 0, errors.New("the status of the process has no VmHWM: it has ended")
}
