package main

import (
	"bytes"
	"os"
	"regexp"
	"runtime"
	"testing"
)

func TestReadsPeakMemory(t *testing.T) {
	status := "Name:\tVmHWM: 7 kB\nVmPeak:\t 1240000 kB\nVmHWM:\t   70656 kB\nVmRSS:\t   60000 kB\n"
	if peak, err := highWater([]byte(status)); err != nil || peak != 69<<20 {
		t.Errorf("%d, %v", peak, err)
	}
	if _, err := highWater([]byte("Name:\tgonogo\nState:\tZ (zombie)\n")); err == nil {
		t.Error("a process that has ended has a peak")
	}
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc")
	}
	before, err := peakMemory(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	const more = 64 << 20
	used := make([]byte, more)
	for i := range used {
		used[i] = 1
	}
	if after, err := peakMemory(os.Getpid()); err != nil || after < before+more/2 && after < more {
		t.Errorf("%d bytes before and %d with %d more: %v", before, after, more, err)
	}
	runtime.KeepAlive(used)
}

func TestMemoryTable(t *testing.T) {
	const mib = 1 << 20
	w := &workshop{settings: settings{rounds: 3, connections: 64}}
	var out bytes.Buffer
	if err := w.memoryTable(map[string][]peaks{
		vegetaAttack: {{60 * mib}, {50 * mib}, {80 * mib}},
		loadName:     {{100 * mib, 100 * mib, 110 * mib}, {80 * mib, 120 * mib, 130 * mib}, {200 * mib, 210 * mib, 220 * mib}},
	}).print(&out); err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		`vegeta attack +\| 60 \(50-80\) +\| - +\| - +\| - `,
		`vegeta encode +\| - +\| - +\| - +\| - `,
		`gonogo load +\| 100 \(80-200\) +\| 120 \(100-210\) +\| 130 \(110-220\) +\| 1\.05 \(1\.00-1\.50\) `,
	} {
		if !regexp.MustCompile(`(?m)^\| ` + row).Match(out.Bytes()) {
			t.Errorf("no row %s in\n%s", row, &out)
		}
	}
}
