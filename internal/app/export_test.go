package app

import (
	"context"
	"io"
	"strings"
	"time"
)

// Explanations are what explain says of everything that has an id.
func Explanations() (map[string]string, error) {
	e, err := newExplainer()
	if err != nil {
		return nil, err
	}
	said := map[string]string{}
	for _, each := range e.entries() {
		e.out.Reset()
		each.explain()
		said[each.id] = e.out.String()
	}
	return said, nil
}

// RunTicking is Run with a clock of the test's: after tells once when so much time has passed.
func RunTicking(ctx context.Context, args []string, stdout, stderr io.Writer, now func() time.Time, after func(time.Duration) <-chan time.Time) int {
	env := func(string) (string, bool) { return "", false }
	a := &App{env: env, stdin: strings.NewReader(""), stdout: &tolerant{Writer: stdout}, stderr: stderr, now: now, after: after}
	return a.run(ctx, args)
}
