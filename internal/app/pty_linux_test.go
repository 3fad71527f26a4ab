package app_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// pseudo is a terminal of a width: what is written to the one end is read from the other.
func pseudo(t *testing.T, columns uint16) (screen, program *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("there are no terminals here: %v", err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	fd := int(screen.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns})
	}
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return screen, program
}

// inTerminal is all that the tool writes to a terminal, and its exit code. It is ended as Ctrl-C does when a text has come.
func inTerminal(t *testing.T, columns uint16, until string, args ...string) (string, int) {
	t.Helper()
	screen, program := pseudo(t, columns)
	cmd := exec.Command(binary(t), args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
	cmd.Env = []string{"TERM=xterm", "PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = program.Close()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	var seen bytes.Buffer
	buffer, stopped := make([]byte, 4096), false
	for {
		n, err := screen.Read(buffer)
		seen.Write(buffer[:n])
		if !stopped && until != "" && strings.Contains(seen.String(), until) {
			stopped = true
			_ = cmd.Process.Signal(syscall.SIGINT)
		}
		if err != nil { // EIO: nobody has the other end any more
			break
		}
	}
	_ = cmd.Wait()
	return seen.String(), cmd.ProcessState.ExitCode()
}

var (
	colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	labels  = regexp.MustCompile(`^ *[a-z0-9-]* +`)
)

// fits wants no line that a terminal of so many columns would break, but those that nobody could: a single word, or a
// single argument of a command.
func fits(t *testing.T, seen string, columns int) {
	t.Helper()
	for _, line := range strings.FieldsFunc(strings.ReplaceAll(seen, "\x1b[K", "\n"), func(r rune) bool { return r == '\n' || r == '\r' }) {
		line = colours.ReplaceAllString(line, "")
		word := strings.TrimSuffix(labels.ReplaceAllString(line, ""), ` \`)
		if n := utf8.RuneCountInString(line); n > columns && strings.Contains(word, " ") && !strings.HasPrefix(word, "'") {
			t.Errorf("%d characters: %s", n, line)
		}
		if strings.Contains(line, "\x1b") {
			t.Errorf("an escape sequence that is no colour is in %q", line)
		}
	}
}

func TestNothingWrapsByAccident(t *testing.T) {
	t.Parallel()
	broken := serve(t, "--defect", "kitchenhub-refresh-replay", "--defect", "kitchenmonki-code-replay")
	sound := serve(t, "--control", "off")
	dir := t.TempDir()
	for _, c := range []struct {
		name  string
		code  int
		until string
		args  []string
	}{
		{"check", 0, "", []string{"check", "kitchenhub", "b2b", "--case", "*/issue/*", "--case", "*/login/*"}},
		{"check verbose", 0, "", []string{"check", "pos", "--case", "*/use/*", "--verbose"}},
		{"failing check", 1, "", []string{"check", "--target", broken.file("kitchenhub"), "--case", "*/refresh-*"}},
		{"failing check of long addresses", 1, "", []string{"check", "--target", broken.file("kitchenmonki"), "--case", "*/code-*", "--case", "*/exchange/*"}},
		{"could not run", 3, "", []string{"check", "--target", edited(t, sound.file("b2b"), func(f fields) { f["base_url"] = "http://" + closedPort(t) })}},
		{"waits", 3, "; waiting ", []string{"check", "--target", sound.file("kitchenmonki"), "--case", "*/code-expiry/*-for-exchange"}},
		{"plan", 0, "", []string{"check", "--plan"}},
		{"load", 1, "", []string{"load", "--target", broken.file("kitchenhub"), "--scenario", "mix", "--rate", "200", "--duration", "1s"}},
		{"capacity", 3, " left", []string{"load", "capacity", "kitchenhub", "--scenario", "issue", "--duration", "10m"}},
		{"prove", 0, "", []string{"prove", "--defect", "kitchenhub-refresh-replay", "--verbose"}},
		{"explain a requirement", 0, "", []string{"explain", "ANY-5XX"}},
		{"explain a case", 0, "", []string{"explain", "kitchenhub/refresh-rotation/race"}},
		{"explain a defect", 0, "", []string{"explain", "kitchenhub-refresh-replay"}},
		{"serve", 0, "Ctrl-C ends it", []string{"serve", "--targets", filepath.Join(dir, "targets"), "--defect", "kitchenhub-refresh-replay"}},
		{"defects", 0, "", []string{"serve", "--defect", "list"}},
		{"documents", 0, "", []string{"spec", "list"}},
		{"a document", 0, "", []string{"spec", "show", "kitchenmonki"}},
		{"a document of many RFCs", 0, "", []string{"spec", "show", "oauth2"}},
		{"coverage", 0, "", []string{"spec", "coverage"}},
		{"a document with mistakes", 2, "", []string{"spec", "lint", written(t, "d.yaml", "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {}\nx-gonogo: {dialect: mine, requirements: [{id: M-1, level: Documented, text: t, where: w}], tokns: {}}\n")}},
		{"a mistake", 2, "", []string{"check", "--target", written(t, "t.yaml", "dialect: kitchenhub\nbase_url: http://127.0.0.1:1\ncredentials: {primary: {client_id: a, client_secrett: b}}\n")}},
		{"help", 0, "", []string{"--help"}},
		{"help of check", 0, "", []string{"check", "--help"}},
		{"help of load", 0, "", []string{"load", "--help"}},
		{"help of capacity", 0, "", []string{"load", "capacity", "--help"}},
		{"help of serve", 0, "", []string{"serve", "--help"}},
		{"help of prove", 0, "", []string{"prove", "--help"}},
		{"help of explain", 0, "", []string{"explain", "--help"}},
		{"help of coverage", 0, "", []string{"spec", "coverage", "--help"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			seen, code := inTerminal(t, 80, c.until, c.args...)
			if code != c.code && (c.name != "load" || code != 3) { // a machine may be too busy for a load
				t.Errorf("exit %d, and not %d:\n%s", code, c.code, seen)
			}
			fits(t, seen, 80)
		})
	}
}

func TestATerminalsWidthIsObeyed(t *testing.T) {
	t.Parallel()
	wide, _ := inTerminal(t, 132, "", "explain", "ANY-5XX")
	narrow, _ := inTerminal(t, 50, "", "explain", "ANY-5XX")
	fits(t, wide, 132)
	fits(t, narrow, 50)
	if a, b := strings.Count(wide, "\n"), strings.Count(narrow, "\n"); a >= b {
		t.Errorf("132 columns take %d lines, 50 take %d", a, b)
	}
	o := gonogoIn(t.Context(), map[string]string{"COLUMNS": "60"}, "explain", "ANY-5XX")
	fits(t, o.stdout, 60)
	plain := gonogo(t, "explain", "ANY-5XX")
	if strings.Count(plain.stdout, "\n") >= strings.Count(o.stdout, "\n") || strings.Contains(plain.stdout, `\`) {
		t.Errorf("where there is no terminal, lines are broken:\n%s", plain)
	}
}
