// Package chromium shows pages in a headless Chromium and keeps every request of theirs in the hands of its user:
// Chromium itself reaches no network at all.
//
// It knows processes, windows and documents; it must never know what a page is for, whom it asks, or what anything
// on it means.
package chromium

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// Browser is one Chromium for a whole run. It is started at the first need and closed once. Methods may be called
// concurrently.
type Browser struct {
	path    string
	missing string
	env     []string
	slots   chan struct{} // as many visits at once as the machine can bear

	mu       sync.Mutex
	process  *process // the last one started
	restarts int
	closed   bool
}

// maxRestarts is how often a Chromium that died is started again: one page may bring it down, a machine without
// memory always will.
const maxRestarts = 2

// ErrLost says that Chromium died or could not be started: nothing that was to be seen in it can be judged.
var ErrLost = errors.New("the browser cannot go on")

// New looks for Chromium in an environment and starts nothing yet.
func New(env func(string) (string, bool)) *Browser {
	b := &Browser{env: environment(env), slots: make(chan struct{}, max(2, runtime.NumCPU()))}
	path, err := find(env)
	if err != nil {
		b.missing = err.Error()
	}
	b.path = path
	return b
}

// environment is what Chromium is told of this process's: what it needs to run, and none of the secrets that stand
// beside that in CI. Proxies are the sender's business.
func environment(env func(string) (string, bool)) []string {
	var kept []string
	for _, name := range []string{"PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "FONTCONFIG_PATH"} {
		if value, ok := env(name); ok {
			kept = append(kept, name+"="+value)
		}
	}
	return kept
}

// Missing says why there is no Chromium, as a phrase; empty if there is one. A nil Browser is none.
func (b *Browser) Missing() string {
	if b == nil {
		return "this run has been given no browser"
	}
	return b.missing
}

// Begin starts Chromium ahead of its first need, which it takes half a second of, and does not wait for it.
func (b *Browser) Begin() { _, _ = b.running() }

// Ready waits until Chromium is up.
func (b *Browser) Ready(ctx context.Context) error {
	_, err := b.ready(ctx)
	return err
}

func (b *Browser) ready(ctx context.Context) (*process, error) {
	p, err := b.running()
	if err != nil {
		return nil, err
	}
	return p, p.ready(ctx)
}

// running is the Chromium that is up or coming up.
func (b *Browser) running() (*process, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.missing != "":
		return nil, errors.New(b.missing)
	case b.closed:
		return nil, fmt.Errorf("%w: it was closed", ErrLost)
	case b.process == nil:
		b.process = start(b.path, b.env)
	case b.process.dead() && b.restarts < maxRestarts:
		b.restarts++
		b.process.close()
		b.process = start(b.path, b.env)
	}
	return b.process, nil
}

// Close ends Chromium, waits for it, and removes what it wrote.
func (b *Browser) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	if b.process != nil {
		b.process.close()
	}
}

// Visit begins a visit: a window of its own with cookies of its own, that nobody else shares. host answers what its
// pages ask for. The visit must be closed.
func (b *Browser) Visit(ctx context.Context, host Host) (*Visit, error) {
	select {
	case b.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	leave := func() { <-b.slots }
	p, err := b.ready(ctx)
	if err != nil {
		leave()
		return nil, err
	}
	v, err := p.visit(ctx, host, leave)
	if err != nil {
		leave()
	}
	return v, err
}

// answerTime is how long Chromium is given for what takes it some milliseconds: far above that, for machines that
// have a lot else to do. On two cores with 36 processes that wanted them a window took more than 20 s.
const answerTime = 60 * time.Second
