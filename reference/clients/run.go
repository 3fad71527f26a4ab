// Package clients are the reference's clients: of each documented API one as an integrator writes it from the document. It
// holds tokens, calls, refreshes, logs in again, and goes on until it is told to end. It comes in good styles, and broken in
// one thing at a time, for proving a judge of clients.
//
// It must never know how clients are judged, nor anything else of the harness.
package clients

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

var dialects = []dialect{kitchenhub, kitchenmonki, b2b, pos, oauth2}

// Dialects are those of which there is a client.
func Dialects() (names []string) {
	for _, d := range dialects {
		names = append(names, d.name)
	}
	return names
}

// Styles are the ways in which a good client goes about it.
func Styles() []string { return slices.Sorted(maps.Keys(styles)) }

// Sites are the styles of clients of a dialect whose users come to a page of theirs with a browser.
func Sites(name string) (names []string) {
	i := slices.IndexFunc(dialects, func(d dialect) bool { return d.name == name })
	if i >= 0 && dialects[i].authorize != nil {
		names = append(names, "web")
	}
	if i >= 0 && dialects[i].popups {
		names = append(names, "popup")
	}
	return names
}

// Fault is one thing that is wrong with a client of a dialect, and the row of the document that it violates.
type Fault struct{ Dialect, Row, Name string }

// ID names a fault among those of all dialects.
func (f Fault) ID() string { return f.Dialect + "/" + f.Row + "/" + f.Name }

// Text says in words what a client with the fault does.
func (f Fault) Text() string { return strings.ReplaceAll(f.Name, "-", " ") }

// Faults are those of every dialect; of what is wrong with a client of any, each dialect has one.
func Faults() (all []Fault) {
	for _, d := range dialects {
		for _, f := range faults {
			if f.of(d.name) {
				all = append(all, Fault{d.name, f.row, f.name})
			}
		}
	}
	return all
}

// Options say which client runs, and how.
type Options struct {
	Dialect   string
	Style     string        // of Styles
	Fault     string        // the name of one of the dialect; empty: none
	Page      string        // address and port at which its users find its page, /login; for clients that have one
	Store     string        // the file with its tokens; empty: it keeps them in memory
	Pace      time.Duration // from call to call
	Processes int           // as many as so many processes would be, with nothing in common but the file; 0: as the style has it

	Environment func(name string) (string, bool) // where the API is, and the credentials: GONOGO_BASE_URL, GONOGO_PRIMARY_CLIENT_ID, …
}

// Run runs a client until ctx ends. It answers how many calls it made, how many of them were in vain, and what made it give up.
func Run(ctx context.Context, o Options) (calls, vain int64, err error) {
	first, err := o.client()
	if err != nil {
		return 0, 0, err
	}
	if first.shared && o.Store == "" {
		dir, err := os.MkdirTemp("", "client")
		if err != nil {
			return 0, 0, err
		}
		defer os.RemoveAll(dir)
		o.Store = filepath.Join(dir, "tokens.json")
	}
	processes := first.processes
	if o.Processes > 0 {
		processes = o.Processes
	}
	errs := make([]error, processes)
	all := make([]*client, processes)
	for i := range all {
		if all[i], err = o.client(); err != nil {
			return 0, 0, err
		}
	}
	if first.site {
		close, err := all[0].openSite(o.Page)
		if err != nil {
			return 0, 0, err
		}
		defer close()
	}
	var running sync.WaitGroup
	for i, c := range all {
		running.Go(func() { errs[i] = c.work(ctx, o.Pace) })
	}
	running.Wait()
	for _, c := range all {
		calls, vain = calls+c.calls.Load(), vain+c.vain.Load()
	}
	return calls, vain, errors.Join(errs...)
}

// HasPage reports whether users come to the client with a browser.
func (o Options) HasPage() bool {
	o.Page, o.Store, o.Environment = "127.0.0.1:0", "", func(string) (string, bool) { return "", false }
	c, err := o.client()
	return err == nil && c.site
}

// client is the good client of a dialect in a style, and what its fault makes of it.
func (o Options) client() (*client, error) {
	i := slices.IndexFunc(dialects, func(d dialect) bool { return d.name == o.Dialect })
	if i < 0 || style(o.Style) == nil || sites[o.Style] != nil && !slices.Contains(Sites(o.Dialect), o.Style) {
		return nil, fmt.Errorf("there is no client of %q in the style %q", o.Dialect, o.Style)
	}
	h := good
	style(o.Style)(&h)
	c := newClient(dialects[i], h, newWorld(o.Environment), nil)
	if o.Fault != "" {
		f := slices.IndexFunc(faults, func(f fault) bool { return f.name == o.Fault && f.of(o.Dialect) })
		if f < 0 {
			return nil, fmt.Errorf("no client of %s has the fault %q", o.Dialect, o.Fault)
		}
		faults[f].deed(c)
	}
	if c.site && o.Page == "" {
		return nil, errors.New("its users need an address at which they find its page")
	}
	if c.forgetful {
		o.Store = ""
	}
	var err error
	c.store, err = openStore(o.Store)
	return c, err
}

// work calls, as often as the pace has it, until it is told to stop; what is under way then has four seconds.
func (c *client) work(ctx context.Context, pace time.Duration) error {
	defer c.http.CloseIdleConnections()
	go c.follow(ctx)
	failed := make(chan error, c.workers)
	var workers sync.WaitGroup
	for range c.workers {
		workers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				if err := c.turn(c.sessions[i%len(c.sessions)]); err != nil {
					failed <- err
					return
				}
				select {
				case <-ctx.Done():
				case <-time.After(pace): // after the call: on a slow machine, too, a call that is made anyhow differs from one that is repeated
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
