package app

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// ownServer is a reference server in a process of its own: what it takes from the processors is then the system's
// matter, and not that of the generator's scheduler and collector.
type ownServer struct {
	targetFile string
	dir        string
	process    *exec.Cmd
	leash      io.Closer
	ended      chan struct{}
}

// startPatience is how long a server may take to listen. It takes a tenth of a second on an idle machine.
const startPatience = 30 * time.Second

// startServer runs this program once more, as "serve". The server ends when the pipe that is its standard input
// does, so also when this process is killed.
func startServer(ctx context.Context, dialect string) (*ownServer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "gonogo-load-*")
	if err != nil {
		return nil, err
	}
	s := &ownServer{dir: dir, targetFile: filepath.Join(dir, dialect+".yaml"), ended: make(chan struct{})}
	s.process = exec.Command(self, "serve", dialect, "--targets", dir, "--"+leashFlag)
	s.process.SysProcAttr = apart() // Ctrl-C is this process's to answer
	var complaint bytes.Buffer
	s.process.Stderr = &complaint
	out, err := s.process.StdoutPipe()
	if err == nil {
		s.leash, err = s.process.StdinPipe()
	}
	if err == nil {
		err = s.process.Start()
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	ready := make(chan bool, 1)
	go func() {
		defer close(s.ended)
		seen := waitFor(out, "TEST ONLY.")
		ready <- seen
		_, _ = io.Copy(io.Discard, out)
		_ = s.process.Wait()
	}()
	select {
	case seen := <-ready:
		if seen {
			return s, nil
		}
		err = errors.New("it ended before it listened")
	case <-ctx.Done():
		err = ctx.Err()
	case <-time.After(startPatience):
		err = fmt.Errorf("it does not listen after %s", startPatience)
	}
	s.stop()
	if text := strings.TrimSpace(complaint.String()); text != "" {
		err = fmt.Errorf("%w: %s", err, text)
	}
	return nil, err
}

// waitFor reads until a line with a text has come.
func waitFor(from io.Reader, text string) bool {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		if strings.Contains(lines.Text(), text) {
			return true
		}
	}
	return false
}

// endPatience is how long a server may take to end by itself.
const endPatience = 2 * time.Second

func (s *ownServer) stop() {
	_ = s.leash.Close()
	select {
	case <-s.ended:
	case <-time.After(endPatience):
		_ = s.process.Process.Kill()
		<-s.ended
	}
	_ = os.RemoveAll(s.dir)
}
