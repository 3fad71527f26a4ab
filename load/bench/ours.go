package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gonogo/reports"
)

// ours is gonogo's own load generator, as its users start it: every answer is judged; and its loop by itself. This is
// the one place that knows the flags of gonogo load.
var ours = []generator{
	{loopName, func(_ context.Context, w *workshop) ([]string, error) { return []string{w.self}, nil }, loopArgs, loopP99},
	{loadName, installLoad, loadArgs, loadP99},
}

const loadName = "gonogo load"

// The account that is asked for; the fast server lets everybody in.
const (
	benchClient = "bench-client-alder"
	benchSecret = "Lw3bThicket7qCobble9vRidge"
	benchUser   = "bench-key-hazel"
)

// issuePath is where kitchenhub issues tokens.
const issuePath = "/v2/auth/token"

func issueRequest() string {
	return fmt.Sprintf(`{"client_id":%q,"client_secret":%q}`, benchClient, benchSecret)
}

// targetFile has gonogo send what the others send, which name no trace.
func targetFile(base string) string {
	return fmt.Sprintf("dialect: kitchenhub\nbase_url: %s\ntraceparent: false\ncredentials:\n  primary: {client_id: %s, client_secret: %s}\nabsent: [second]\n", base, benchClient, benchSecret)
}

func installLoad(ctx context.Context, w *workshop) ([]string, error) {
	program, err := w.gonogo(ctx)
	if err != nil {
		return nil, err
	}
	help, _ := exec.CommandContext(ctx, program, "load", "--help").Output()
	if !bytes.Contains(help, []byte("--scenario")) {
		return nil, errors.New("this gonogo has no command load")
	}
	return []string{program}, nil
}

func loadArgs(_ *workshop, s shot) ([]string, error) {
	target := filepath.Join(s.folder, "target.yaml")
	if err := os.WriteFile(target, []byte(targetFile(strings.TrimSuffix(s.url, issuePath))), 0o600); err != nil {
		return nil, err
	}
	return []string{"load", "kitchenhub", "--target", target, "--scenario", "issue", "--rate", strconv.Itoa(s.rate), "--duration", s.length.String(),
		"--connections", strconv.Itoa(s.connections), "--report", "json=" + loadReport(s)}, nil
}

// incomplete reports whether gonogo load measured and says that somebody should look: on a busy machine that the
// generator itself stood still for a while (exit code 3). Nothing it judged was wrong; that is a 1.
func incomplete(err error) bool {
	var ended *exec.ExitError
	return errors.As(err, &ended) && ended.ExitCode() == 3
}

func loadReport(s shot) string { return filepath.Join(s.folder, "report.json") }

func loadP99(_ context.Context, _ []string, s shot, _ []byte) (time.Duration, error) {
	run, err := loadRun(s)
	return time.Duration(run.Latency.P99) * time.Microsecond, err
}

// loadRun is what gonogo load reported.
func loadRun(s shot) (reports.LoadRun, error) {
	content, err := os.ReadFile(loadReport(s))
	if err != nil {
		return reports.LoadRun{}, err
	}
	var report reports.Report
	if err := json.Unmarshal(content, &report); err != nil {
		return reports.LoadRun{}, fmt.Errorf("the report of gonogo load: %w", err)
	}
	runs := report.Load
	if len(runs) == 0 {
		return reports.LoadRun{}, errors.New("the report of gonogo load has no load run")
	}
	return *runs[0], nil
}
