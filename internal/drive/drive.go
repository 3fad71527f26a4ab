// Package drive runs a command of the user's: in a process group of its own, with what it has to know in its environment, and to an end that
// takes with it whatever it started.
//
// It must never know what a command does, or what it was started for.
package drive

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

const (
	// Grace is how long a command may take to end after SIGTERM.
	Grace = 5 * time.Second
	// Kept is how much of the end of its output is kept, in bytes.
	Kept = 64 << 10
	// linger is how long output may trickle in after a command has ended by itself: what it left running holds the pipe.
	linger = time.Second
	// lookAgain is how often a group is asked whether it is still there. No event tells that.
	lookAgain = 10 * time.Millisecond
	// lastLook is how long a group that was killed is waited for. The system may take a moment, and may fail.
	lastLook = 2 * time.Second
)

// Command is what is run.
type Command struct {
	Line        string        // by the shell, sh -c
	Directory   string        // "": this process's
	Environment []string      // NAME=value, added to this process's; the last one of a name counts
	Output      io.Writer     // also gets what is kept, as it comes, from one goroutine; nil: nobody
	Grace       time.Duration // 0: Grace
}

// Process is a command that was started.
type Process struct {
	command  Command
	cmd      *exec.Cmd
	out      *output
	pipe     *os.File
	read     chan struct{} // is closed when the output has come to its end
	done     chan struct{} // is closed when end is known
	stopping sync.Mutex
	stopped  bool // was asked to end; under stopping, as what follows
	buried   bool // nothing of the group is left; its number may be another's soon
	end      End
}

// End is how a command ended.
type End struct {
	Code    int       // as a shell says it: 128 and the number for a signal
	At      time.Time // wall clock
	Asked   bool      // it was sent SIGTERM before
	Killed  bool      // it, or something that it started, had to be sent SIGKILL
	Late    bool      // of a hook: it took longer than it may
	Output  []byte    // the end of its standard output and error, as they came. It may hold secrets
	Dropped bool      // there was more of it before
}

// Good reports an end that says nothing against a client: by itself with 0, or with 0 or 143 after SIGTERM. Where there are no signals,
// being ended is what the code 1 says.
func (e End) Good() bool {
	return !e.Late && !e.Killed && (e.Code == 0 || e.Asked && e.Code == terminated)
}

// Start runs a command. The error is that it cannot be started; whatever happens later is its End.
func (c Command) Start() (*Process, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("cannot run %q: %w", c.Line, err)
	}
	p := &Process{command: c, pipe: read, out: &output{Tail: Tail{Most: Kept}, also: c.Output}, read: make(chan struct{}), done: make(chan struct{})}
	p.cmd = exec.Command("sh", "-c", c.Line)
	p.cmd.Dir, p.cmd.Env = c.Directory, append(os.Environ(), c.Environment...)
	p.cmd.Stdout, p.cmd.Stderr = write, write
	together(p.cmd)
	err = p.cmd.Start()
	_ = write.Close()
	if err != nil {
		_ = read.Close()
		return nil, fmt.Errorf("cannot run %q: %w", c.Line, err)
	}
	go func() {
		_, _ = io.Copy(p.out, read)
		close(p.read)
	}()
	go p.wait()
	return p, nil
}

// wait is for the command itself. What it has started may go on until Stop.
func (p *Process) wait() {
	_ = p.cmd.Wait()
	at := time.Now()
	select {
	case <-p.read:
	case <-time.After(linger):
	}
	p.stopping.Lock()
	p.end.At, p.end.Code, p.end.Asked = at, codeOf(p.cmd.ProcessState), p.stopped
	p.stopping.Unlock()
	close(p.done)
}

// Done is closed when the command has ended. What it started in the background may still be there: Stop ends that.
func (p *Process) Done() <-chan struct{} { return p.done }

// End is how the command ended, once Done is closed.
func (p *Process) End() End {
	<-p.done
	p.stopping.Lock()
	defer p.stopping.Unlock()
	end := p.end
	end.Output, end.Dropped = p.out.Kept()
	return end
}

// Stop ends the command and all that it started and that has not left its group: SIGTERM, and SIGKILL for what is still there after the
// grace. It returns when they are gone, and may be called again.
func (p *Process) Stop() End {
	p.stopping.Lock()
	buried := p.buried
	select {
	case <-p.done:
	default:
		p.stopped = true
	}
	p.stopping.Unlock()
	if !buried {
		killed := terminate(p.cmd) && !p.gone(cmp.Or(p.command.Grace, Grace))
		if killed {
			kill(p.cmd)
			p.gone(lastLook)
		}
		p.stopping.Lock()
		p.buried, p.end.Killed = true, p.end.Killed || killed
		p.stopping.Unlock()
	}
	<-p.done
	_ = p.pipe.Close() // whoever left the group and still writes is no longer listened to
	<-p.read
	return p.End()
}

// gone waits until nothing of the group is left, and reports whether that came to pass.
func (p *Process) gone(within time.Duration) bool {
	look := time.NewTicker(lookAgain)
	defer look.Stop()
	for end := time.Now().Add(within); ; <-look.C {
		if !p.alive() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}

// Restart stops the command and starts it anew. The End is that of the one that was stopped.
func (p *Process) Restart() (*Process, End, error) {
	end := p.Stop()
	next, err := p.command.Start()
	return next, end, err
}

// Hook runs a command to its end, and ends it when the context ends or after limit. The error is that it cannot be started.
func Hook(ctx context.Context, c Command, situation string, limit time.Duration) (End, error) {
	c.Environment = append(c.Environment[:len(c.Environment):len(c.Environment)], "GONOGO_SITUATION="+situation)
	p, err := c.Start()
	if err != nil {
		return End{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case <-p.Done():
		return p.Stop(), nil
	case <-ctx.Done():
		end := p.Stop()
		end.Late = true
		return end, nil
	}
}

// output is a command's, which somebody may want to see as it comes.
type output struct {
	Tail
	also io.Writer // nil: nobody does
}

func (o *output) Write(p []byte) (int, error) {
	if o.also != nil {
		_, _ = o.also.Write(p) // whoever cannot take it must not stop the command
	}
	return o.Tail.Write(p)
}
