package suites_test

import (
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestCtrlCEndsTheEngineAndTellsWhatWasFound interrupts a run that waits for a code to expire: half a minute, for
// a target without a clock control. By then has been found what does not need an account for itself, as whatever ends
// sessions does, which comes after the wait.
func TestCtrlCEndsTheEngineAndTellsWhatWasFound(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot send an interrupt to one process")
	}
	s := serve(t, "kitchenmonki", "--defect", "kitchenmonki-code-other-redirect")
	file := rewritten(t, s.file("kitchenmonki"), func(text string) string {
		before, rest, _ := strings.Cut(text, "clock:")
		return before + "operator:" + strings.SplitN(rest, "operator:", 2)[1]
	})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self, "-ginkgo.no-color", "-ginkgo.v", "-ginkgo.poll-progress-after=300ms",
		"-ginkgo.label-filter=code-binding || code-expiry")
	command.Env = append(os.Environ(), targetVariable+"="+file)
	// Ginkgo tells of a spec that has been at work for a while: the first one of the expiry, which waits
	out := &signal{when: regexp.MustCompile(`(?s)polling progress.*code-expiry.*?Spec Goroutine`), seen: make(chan struct{})}
	command.Stdout, command.Stderr = out, out
	var began time.Time
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	select {
	case <-out.seen:
		began = time.Now()
		_ = command.Process.Signal(os.Interrupt)
		<-ended
	case <-ended:
		t.Fatalf("it ended before it was interrupted:\n%s", out.String())
	}
	run := ginkgoRun{code: command.ProcessState.ExitCode(), output: out.String()}
	if took := time.Since(began); run.code != 1 || took > 20*time.Second {
		t.Errorf("exit %d, %s after the interrupt: the wait alone takes 27 s", run.code, took)
	}
	run.has(t,
		"kitchenmonki/code-binding/other-redirect-uri: fail, ", "FAIL  a code is never good for another redirect URI", // found before
		"reason       the run was interrupted", "FAIL! - Interrupted by User",
	)
	if leftover := regexp.MustCompile(`(?m)^.*code-expiry/.*: (pass|fail), .*$`).FindString(run.output); leftover != "" {
		t.Errorf("there is a verdict on what was interrupted: %s", leftover)
	}
}
