package app

import (
	"context"
	"fmt"

	"gonogo/internal/target"
	"gonogo/load"
	"gonogo/specs"
)

// loadTarget settles what is put under load. stop ends what was started for it.
func (a *App) loadTarget(ctx context.Context, dialects []string, f loadFlags, config *load.Config) (stop func(), err error) {
	if f.target != "" {
		t, d, err := target.Load(f.target, a.env)
		if err != nil {
			return nil, usageError{err}
		}
		if len(dialects) > 0 && dialects[0] != d.ID {
			return nil, usagef("%s is a target of the dialect %s, not of %s", f.target, d.ID, dialects[0])
		}
		config.Dialect, config.Target = d, t
		return func() {}, f.mayLoad(t, config.Shape)
	}
	if len(dialects) == 0 {
		return nil, usagef("say what to put under load: a dialect, for the reference server, or --target FILE")
	}
	d, err := specs.Load(dialects[0])
	if err != nil {
		return nil, usageError{err}
	}
	if !served(d.ID) {
		return nil, usagef("the reference server does not speak %s; name a target with --target", d.ID)
	}
	if f.http2 {
		return nil, usagef("--http2 needs a target with an https address, and the reference server has none; name one with --target")
	}
	server, err := startServer(ctx, d.ID)
	if err != nil {
		return nil, harnessError{fmt.Errorf("the reference server does not start in a process of its own: %w", err)}
	}
	config.Dialect = d
	if config.Target, _, err = target.Load(server.targetFile, a.env); err != nil {
		server.stop()
		return nil, harnessError{fmt.Errorf("the target file of the reference server is wrong: %w", err)}
	}
	return server.stop, nil
}

// mayLoad refuses a target that is somebody's by accident.
func (f loadFlags) mayLoad(t *target.Target, shape load.Shape) error {
	if _, err := t.Transport(); err != nil {
		return usagef("%s: %w", f.target, err)
	}
	if f.http2 && t.BaseURL.Scheme != "https" {
		return usagef("--http2 needs an https address, and %s has %s", f.target, t.BaseURL.Redacted())
	}
	if t.Loopback() {
		return nil
	}
	if !f.remote {
		return usagef("%s is at %s, which is not this machine: a load test could take somebody's service down; give --allow-remote if this target is yours to put under load", f.target, t.BaseURL.Redacted())
	}
	if highest := shape.Highest(); highest == 0 || highest > t.Limits.MaxRPS {
		asked := fmt.Sprintf("%v/s", highest)
		if highest == 0 {
			asked = "as much as the connections allow"
		}
		return usagef("%s: limits.max_rps allows this target %v/s, and the run asks for %s; raise it there, or ask for less", f.target, t.Limits.MaxRPS, asked)
	}
	return nil
}
