package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	_ "embed"
)

// shot is one measurement as a generator has to be told of it.
type shot struct {
	url         string
	body        string // of the requests …
	bodyFile    string // … and the same in a file
	connections int
	length      time.Duration
	rate        int // requests per second; 0 is as many as it can
	folder      string
}

func (s shot) seconds() string { return strconv.Itoa(int(s.length.Seconds())) }

// generator is a load generator, ours or somebody else's.
type generator struct {
	name    string
	install func(context.Context, *workshop) (program []string, err error)
	args    func(*workshop, shot) ([]string, error)

	// p99 reads the latency that it reports; nil where it cannot be told a rate.
	p99 func(ctx context.Context, program []string, s shot, said []byte) (time.Duration, error)
}

const contentType = "application/json"

// yardstick is the generator that the others are compared with.
const yardstick = "vegeta"

// vegetaCapped is the vegeta of the honesty table that has as many workers as the others have connections.
const vegetaCapped = "vegeta -max-workers"

// peers are pinned in peers/go.mod, or here.
var peers = []generator{
	{"k6", peerTool("go.k6.io/k6", "k6"), k6Args, k6P99},
	{"autocannon", installAutocannon, autocannonArgs, autocannonP99},
	{"hey", peerTool("github.com/rakyll/hey", "hey"), heyArgs, heyP99},
	{yardstick, peerTool("github.com/tsenart/vegeta/v12", "vegeta"), vegetaArgs, vegetaP99},
	{vegetaCapped, peerTool("github.com/tsenart/vegeta/v12", "vegeta"), vegetaCappedArgs, vegetaP99},
	{"fortio", peerTool("fortio.org/fortio", "fortio"), fortioArgs, fortioP99},
	{"wrk", installWrk, wrkArgs, nil},
}

func peerTool(pkg, name string) func(context.Context, *workshop) ([]string, error) {
	return func(ctx context.Context, w *workshop) ([]string, error) {
		path, err := w.build(ctx, filepath.Join("load", "bench", "peers"), pkg, name)
		return []string{path}, err
	}
}

func installWrk(ctx context.Context, _ *workshop) ([]string, error) {
	path, err := exec.LookPath("wrk")
	if err == nil {
		return []string{path}, nil
	}
	if apt, err := exec.LookPath("apt-get"); err != nil || os.Getuid() != 0 {
		return nil, errors.New("not installed (Debian: apt-get install wrk)")
	} else if said, err := exec.CommandContext(ctx, apt, "install", "-y", "-qq", "--no-install-recommends", "wrk").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("apt-get install wrk: %s", lastLine(said, err))
	}
	path, err = exec.LookPath("wrk")
	return []string{path}, err
}

const autocannon = "autocannon@9.0.0"

func installAutocannon(ctx context.Context, w *workshop) ([]string, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, errors.New("it takes Node.js, which is missing (Debian: apt-get install nodejs npm)")
	}
	script := filepath.Join(w.tools, "node_modules", "autocannon", "autocannon.js")
	if _, err := os.Stat(script); err != nil {
		// Not by npx: it would stand between the run and the process whose time counts.
		npm := exec.CommandContext(ctx, "npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", w.tools, autocannon)
		if said, err := npm.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("npm install %s: %s", autocannon, lastLine(said, err))
		}
	}
	return []string{node, script}, nil
}

func vegetaArgs(w *workshop, s shot) ([]string, error) {
	// body files are named in the targets, because its own flag for them would be read once per attack, too
	targets := filepath.Join(s.folder, "vegeta.targets")
	text := fmt.Sprintf("POST %s\nContent-Type: %s\n@%s\n", s.url, contentType, s.bodyFile)
	if err := os.WriteFile(targets, []byte(text), 0o600); err != nil {
		return nil, err
	}
	args := []string{"attack", "-targets", targets, "-duration", s.length.String(), "-rate", strconv.Itoa(s.rate)}
	if s.rate == 0 {
		return append(args, "-max-workers", strconv.Itoa(s.connections), "-output", os.DevNull), nil
	}
	return append(args, "-output", vegetaResults(s)), nil
}

func vegetaCappedArgs(w *workshop, s shot) ([]string, error) {
	args, err := vegetaArgs(w, s)
	return append(args, "-max-workers", strconv.Itoa(s.connections)), err
}

func vegetaResults(s shot) string { return filepath.Join(s.folder, "vegeta.results") }

func vegetaP99(ctx context.Context, program []string, s shot, _ []byte) (time.Duration, error) {
	said, err := exec.CommandContext(ctx, program[0], "report", "-type", "json", vegetaResults(s)).Output()
	if err != nil {
		return 0, fmt.Errorf("vegeta report: %w", err)
	}
	var report struct {
		Latencies struct {
			P99 time.Duration `json:"99th"`
		}
	}
	err = json.Unmarshal(said, &report)
	return report.Latencies.P99, err
}

func heyArgs(_ *workshop, s shot) ([]string, error) {
	args := []string{"-z", s.length.String(), "-c", strconv.Itoa(s.connections), "-m", "POST", "-T", contentType, "-D", s.bodyFile}
	if s.rate > 0 { // its rate is that of each connection
		args = append(args, "-q", strconv.FormatFloat(float64(s.rate)/float64(s.connections), 'f', -1, 64))
	}
	return append(args, s.url), nil
}

var heyLine = regexp.MustCompile(`99%+ in ([0-9.]+) secs`)

func heyP99(_ context.Context, _ []string, _ shot, said []byte) (time.Duration, error) {
	found := heyLine.FindSubmatch(said)
	if found == nil {
		return 0, errors.New("hey says no 99%")
	}
	return time.ParseDuration(string(found[1]) + "s")
}

func fortioArgs(_ *workshop, s shot) ([]string, error) {
	return []string{"load", "-quiet", "-c", strconv.Itoa(s.connections), "-qps", strconv.Itoa(s.rate), "-t", s.length.String(), "-p", "99",
		"-content-type", contentType, "-payload-file", s.bodyFile, "-json", "-", s.url}, nil
}

func fortioP99(_ context.Context, _ []string, _ shot, said []byte) (time.Duration, error) {
	var report struct {
		DurationHistogram struct {
			Percentiles []struct{ Percentile, Value float64 }
		}
	}
	if err := json.Unmarshal(said, &report); err != nil {
		return 0, fmt.Errorf("fortio's JSON: %w", err)
	}
	for _, p := range report.DurationHistogram.Percentiles {
		if p.Percentile == 99 {
			return time.Duration(p.Value * float64(time.Second)), nil
		}
	}
	return 0, errors.New("fortio says no 99 %")
}

//go:embed k6.js
var k6Script string

func k6Args(_ *workshop, s shot) ([]string, error) {
	script := filepath.Join(s.folder, "k6.js")
	if err := os.WriteFile(script, []byte(k6Script), 0o600); err != nil {
		return nil, err
	}
	return []string{"run", "--quiet", "--no-usage-report", "--summary-export", k6Summary(s), "-e", "URL=" + s.url, "-e", "BODY=" + s.body,
		"-e", "LENGTH=" + s.length.String(), "-e", "CONNECTIONS=" + strconv.Itoa(s.connections), "-e", "RATE=" + strconv.Itoa(s.rate), script}, nil
}

func k6Summary(s shot) string { return filepath.Join(s.folder, "k6.json") }

func k6P99(_ context.Context, _ []string, s shot, _ []byte) (time.Duration, error) {
	content, err := os.ReadFile(k6Summary(s))
	if err != nil {
		return 0, err
	}
	var report struct {
		Metrics struct {
			Duration struct {
				P99 float64 `json:"p(99)"`
			} `json:"http_req_duration"`
		}
	}
	err = json.Unmarshal(content, &report)
	return milliseconds(report.Metrics.Duration.P99), err
}

func autocannonArgs(_ *workshop, s shot) ([]string, error) {
	args := []string{"--json", "--no-progress", "-c", strconv.Itoa(s.connections), "-d", s.seconds(), "-m", "POST",
		"-H", "Content-Type=" + contentType, "-i", s.bodyFile}
	if s.rate > 0 {
		args = append(args, "-R", strconv.Itoa(s.rate))
	}
	return append(args, s.url), nil
}

func autocannonP99(_ context.Context, _ []string, _ shot, said []byte) (time.Duration, error) {
	var report struct{ Latency struct{ P99 float64 } }
	if err := json.Unmarshal(said, &report); err != nil {
		return 0, fmt.Errorf("autocannon's JSON: %w", err)
	}
	return milliseconds(report.Latency.P99), nil
}

func wrkArgs(_ *workshop, s shot) ([]string, error) {
	script := filepath.Join(s.folder, "post.lua")
	text := wrkScript("POST", s.body, map[string]string{"Content-Type": contentType})
	return wrkCommand(s, script), os.WriteFile(script, []byte(text), 0o600)
}

func wrkCommand(s shot, script string) []string {
	return []string{"-t", "1", "-c", strconv.Itoa(s.connections), "-d", s.length.String(), "-s", script, s.url}
}

// wrkScript tells wrk what to send; strings of JSON are strings of Lua, as long as they are ASCII.
func wrkScript(method, body string, headers map[string]string) string {
	text := fmt.Sprintf("wrk.method = %q\nwrk.body = %q\n", method, body)
	for name, value := range headers {
		text += fmt.Sprintf("wrk.headers[%q] = %q\n", name, value)
	}
	return text
}

func milliseconds(f float64) time.Duration { return time.Duration(f * float64(time.Millisecond)) }
