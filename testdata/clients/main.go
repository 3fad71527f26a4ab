// Package main is a client of the documented APIs, as an integrator writes one from a document: it holds tokens, calls, refreshes,
// logs in again, and goes on until SIGTERM. It comes in five good styles, and broken in one thing at a time. It is for
// proving a judge of clients and must never know how clients are judged.
//
//	clients kitchenhub --style eager --pace 100ms
//	clients kitchenhub --fault keeps-first-refresh
//	clients --faults
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

var dialects = []dialect{kitchenhub, pos, b2b, oauth2, kitchenmonki, pantry}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// options are a command line.
type options struct {
	style, fault, store string
	pace                time.Duration
	processes           int
	child               bool
}

// run is the program: 0, 1 for a client that gave up, 2 for a command line that nobody understands.
func run(args []string, out, errs io.Writer) int {
	if slices.Equal(args, []string{"--faults"}) {
		listFaults(out)
		return 0
	}
	usage := func(err error) int {
		fmt.Fprintf(errs, "clients: %v\nusage: clients DIALECT [--style S] [--fault F] [--pace D] [--store FILE] [--processes N], or clients --faults\n", err)
		return 2
	}
	if len(args) == 0 {
		return usage(errors.New("no dialect"))
	}
	var o options
	flags := flag.NewFlagSet("clients", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.style, "style", "lazy", "")
	flags.StringVar(&o.fault, "fault", "", "")
	flags.StringVar(&o.store, "store", "", "")
	flags.DurationVar(&o.pace, "pace", 200*time.Millisecond, "")
	flags.IntVar(&o.processes, "processes", 0, "")
	flags.BoolVar(&o.child, "child", false, "")
	if err := flags.Parse(args[1:]); err != nil {
		return usage(err)
	}
	c, err := o.client(args[0])
	if err != nil {
		return usage(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if c.processes > 1 && !o.child {
		return c.fleet(ctx, args, o, errs)
	}
	err = c.work(ctx, o.pace)
	fmt.Fprintf(errs, "clients: %d calls, %d in vain\n", c.calls.Load(), c.vain.Load())
	if err != nil {
		fmt.Fprintln(errs, "clients:", err)
		return 1
	}
	return 0
}

// client is the good client of a dialect in a style, and what its fault makes of it.
func (o options) client(name string) (*client, error) {
	i := slices.IndexFunc(dialects, func(d dialect) bool { return d.name == name })
	style, known := styles[o.style]
	if i < 0 || !known {
		return nil, fmt.Errorf("there is no dialect %q in a style %q", name, o.style)
	}
	h := good
	style(&h)
	c := newClient(dialects[i], h, newWorld(os.Environ()), nil)
	if o.fault != "" {
		f, ok := faultOf(o.fault, name)
		if !ok {
			return nil, fmt.Errorf("%s has no fault %q", name, o.fault)
		}
		f.deed(c)
	}
	if o.processes > 0 {
		c.processes = o.processes
	}
	if c.forgetful {
		o.store = ""
	}
	var err error
	c.store, err = openStore(o.store)
	return c, err
}

// work calls, as often as the pace has it, until it is told to stop; what is under way then has four seconds.
func (c *client) work(ctx context.Context, pace time.Duration) error {
	go c.follow(ctx)
	failed := make(chan error, c.workers)
	var workers sync.WaitGroup
	for range c.workers {
		workers.Go(func() {
			tick := time.NewTicker(pace)
			defer tick.Stop()
			for i := 0; ctx.Err() == nil; i++ {
				if err := c.turn(c.sessions[i%len(c.sessions)]); err != nil {
					failed <- err
					return
				}
				select {
				case <-ctx.Done():
				case <-tick.C:
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { workers.Wait(); close(done) }()
	select {
	case err := <-failed:
		return err
	case <-done:
	case <-ctx.Done():
		select {
		case <-done:
		case <-time.After(4 * time.Second):
		}
	}
	return nil
}

// turn is one call, or several at once while the client is busy. Only a client that is broken ends with an error.
func (c *client) turn(who string) error {
	if c.paused() {
		return nil
	}
	at := 1
	if c.busy.Load() {
		at = 8
	}
	errs := make([]error, at)
	var calls sync.WaitGroup
	for i := range at {
		calls.Go(func() {
			c.calls.Add(1)
			if errs[i] = c.call(who); errs[i] != nil {
				c.vain.Add(1)
			}
			if errors.Is(errs[i], errLost) {
				c.trouble(0)
			}
		})
	}
	calls.Wait()
	if err := errors.Join(errs...); errors.Is(err, errBrittle) {
		return err
	}
	return nil
}

// fleet runs several processes; those that share a store get one file.
func (c *client) fleet(ctx context.Context, args []string, o options, errs io.Writer) int {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(errs, "clients:", err)
		return 1
	}
	args = append(slices.Clone(args), "--child")
	if c.shared && o.store == "" {
		dir, err := os.MkdirTemp("", "client")
		if err != nil {
			fmt.Fprintln(errs, "clients:", err)
			return 1
		}
		defer os.RemoveAll(dir)
		args = append(args, "--store", filepath.Join(dir, "tokens.json"))
	}
	var running []*exec.Cmd
	for range c.processes {
		child := exec.Command(self, args...)
		child.Stderr = os.Stderr
		if err := child.Start(); err != nil {
			fmt.Fprintln(errs, "clients:", err)
			break
		}
		running = append(running, child)
	}
	go func() {
		<-ctx.Done()
		for _, child := range running {
			_ = child.Process.Signal(syscall.SIGTERM)
		}
	}()
	code := 0
	for _, child := range running {
		_ = child.Wait()
		if ended, ok := child.ProcessState.Sys().(syscall.WaitStatus); !ok || ended.Signal() != syscall.SIGTERM && ended.ExitStatus() != 0 { // told twice, by us and as a group
			code = 1
		}
	}
	return code
}
