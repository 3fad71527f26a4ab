package app

import (
	"context"
	"fmt"

	"gonogo/load"
	"gonogo/reports/words"
)

// loadTarget settles what is put under load, and under which profile it is judged. stop ends what was started for it.
func (a *App) loadTarget(ctx context.Context, dialects []string, f loadFlags) (t *load.Target, stop func(), err error) {
	t, stop, err = a.loadTargetNamed(ctx, dialects, f)
	if err != nil || !f.given("profile") {
		return t, stop, err
	}
	if t, err = t.Profiled(f.profile); err != nil {
		return nil, stop, usagef("--profile: %w", err)
	}
	return t, stop, nil
}

// loadTargetNamed is the target that the command line names.
func (a *App) loadTargetNamed(ctx context.Context, dialects []string, f loadFlags) (t *load.Target, stop func(), err error) {
	nothing := func() {}
	if f.target() != "" {
		if t, err = load.ReadTarget(f.target(), a.env); err != nil {
			return nil, nothing, usageError{err}
		}
		if len(dialects) > 0 && !isDialect(t.Dialect(), dialects[0]) {
			return nil, nothing, usagef("%s is a target of the dialect %s, not of %s", f.target(), t.Dialect(), dialects[0])
		}
		return t, nothing, nil
	}
	if len(f.issuers) > 0 {
		issuer := f.issuers[0]
		at, _, found, err := a.issuerTarget(ctx, dialects, issuer, &f.issuer)
		if err != nil {
			return nil, nothing, err
		}
		_, _ = fmt.Fprintf(a.folding(a.stderr), "%s says at %s where it is; credentials go to %s and nowhere else\n", issuer, found.At, words.Join(hostsOf(at)))
		t, err = load.ParseTarget(commandLine, []byte(found.File.YAML()), a.env)
		return t, nothing, err
	}
	if len(dialects) == 0 {
		return nil, nothing, usagef("say what to put under load: a dialect, for the reference server, --target FILE, or the address of an issuer")
	}
	d, err := servedDialect(dialects[0])
	if err != nil {
		return nil, nothing, err
	}
	if f.config.HTTP2 {
		return nil, nothing, usagef("--http2 needs a target with an https address, and the reference server has none; name one with --target")
	}
	server, err := startServer(ctx, d.ID)
	if err != nil {
		return nil, nothing, harnessError{fmt.Errorf("the reference server does not start in a process of its own: %w", err)}
	}
	if t, err = load.ReadTarget(server.targetFile, a.env); err != nil {
		err = harnessError{fmt.Errorf("the target file of the reference server is wrong: %w", err)}
	}
	return t, server.stop, err
}
