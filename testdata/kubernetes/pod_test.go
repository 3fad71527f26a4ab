package kubernetes_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// pod is a process, and what it says.
type pod struct {
	cmd   *exec.Cmd
	when  string
	mu    sync.Mutex
	text  bytes.Buffer
	once  sync.Once
	seen  chan struct{} // it has said what was waited for, or has ended
	ended chan struct{}
}

func run(t *testing.T, cmd *exec.Cmd, env []string, when string) *pod {
	t.Helper()
	p := &pod{cmd: cmd, when: when, seen: make(chan struct{}), ended: make(chan struct{})}
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), env...), p, p
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = cmd.Wait()
		p.once.Do(func() { close(p.seen) })
		close(p.ended)
	}()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-p.ended })
	return p
}

func (p *pod) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text.Write(text)
	if strings.Contains(p.text.String(), p.when) {
		p.once.Do(func() { close(p.seen) })
	}
	return len(text), nil
}

func (p *pod) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// withoutSecrets is a copy of a target file whose secrets come from an environment.
func withoutSecrets(t *testing.T, file string) (target string, env []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^( +client_secret: )(\S+)$`)
	copied := line.ReplaceAllStringFunc(string(text), func(found string) string {
		parts := line.FindStringSubmatch(found)
		name := fmt.Sprintf("SECRET_%d", len(env))
		env = append(env, name+"="+parts[2])
		return parts[1] + "${" + name + "}"
	})
	target = filepath.Join(filepath.Dir(file), "perf.yaml")
	if err := os.WriteFile(target, []byte(copied), 0o600); err != nil {
		t.Fatal(err)
	}
	return target, env
}
