// Package app puts the pieces together: it turns a command line into runs, reports and an exit code.
//
// It is the only place that reads the environment it is given. It must never check anything itself.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"gonogo/internal/version"
	"gonogo/reports"
	"gonogo/reports/github"
)

// exitUsage is the exit code of a wrong command line or configuration; the others are those of package reports.
const exitUsage = 2

// App is one invocation of the tool.
type App struct {
	env    func(string) (string, bool)
	stdin  io.Reader
	stdout *tolerant
	stderr io.Writer
	// annotations is the report that says as annotations what is wrong, also where the run is refused; nil: none was asked for.
	annotations *output
	exit        int // of a command that ran

	now   func() time.Time
	after func(time.Duration) <-chan time.Time // tells once when so much time has passed
}

// usageError is a fault in how the tool was called or configured, found before anything was sent.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// Run runs the tool and returns its exit code: 0 go, 1 no-go, 2 usage or configuration, 3 incomplete or a fault
// of the harness. It drives everything without a process of its own, for main and for tests.
func Run(ctx context.Context, args []string, env func(string) (string, bool), stdin io.Reader, stdout, stderr io.Writer) int {
	a := &App{env: env, stdin: stdin, stdout: &tolerant{Writer: stdout}, stderr: stderr, now: time.Now, after: time.After}
	return a.run(ctx, args)
}

func (a *App) run(ctx context.Context, args []string) int {
	out, stderr := a.stdout, a.stderr
	root := a.root()
	if completing(args) {
		a.completed(root)
	}
	root.SetArgs(slices.Concat([]string{}, args)) // none are none, not those of this process
	root.SetIn(a.stdin)
	root.SetOut(out)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if lost := out.lost(); lost != nil {
		err = errors.Join(err, reportError{exit: a.exit, error: harnessError{fmt.Errorf("standard output could not be written: %w", cause(lost))}})
	}
	if err == nil {
		return a.exit
	}
	_, _ = fmt.Fprintln(a.folding(stderr), "gonogo:", err)
	var unwritten reportError
	if errors.As(err, &unwritten) && unwritten.exit == reports.ExitNoGo {
		return reports.ExitNoGo
	}
	var harness harnessError
	if errors.As(err, &harness) {
		return reports.ExitIncomplete
	}
	if a.annotations != nil {
		_ = a.annotations.write(func(w io.Writer) error { return github.Refuse(w, err) }) // it is told on standard error as well
	}
	return exitUsage
}

// harnessError is a fault of the tool or its surroundings after it began.
type harnessError struct{ error }

func (e harnessError) Unwrap() error { return e.error }

func (a *App) root() *cobra.Command {
	root := &cobra.Command{
		Use:     "gonogo",
		Version: version.Tool().Version,
		Short:   "Says whether a token API does what its document says",
		Long: `gonogo checks an HTTP token API against the OpenAPI document of its auth dialect and says go or no-go, with the
evidence. Without a target it checks its own reference server, so that you can see it work.

Where OTEL_EXPORTER_OTLP_ENDPOINT names a collector of OpenTelemetry, such as http://127.0.0.1:4318, it is told of check, watch,
load and load capacity as spans, and of a load as metrics; for Prometheus there is gonogo load --metrics.

Exit codes: 0 go, 1 no-go, 2 usage or configuration (nothing was sent), 3 incomplete or a fault of the harness.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          onlyCommands,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(a.checkCommand(), a.watchCommand(), a.loadCommand(), a.generateCommand(), a.reportCommand(), a.serveCommand(), a.clientCommand(), a.proveCommand(), a.specCommand(), a.explainCommand(), a.initCommand(), a.doctorCommand(), a.manCommand(), a.versionCommand())
	a.helped(root)
	return root
}
