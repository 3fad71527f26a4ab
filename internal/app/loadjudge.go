package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"gonogo/internal/embedded"
	"gonogo/load"
	"gonogo/specs"
)

func (a *App) loadJudgeCommand() *cobra.Command {
	var c load.Config
	f := loadFlags{config: &c}
	cmd := &cobra.Command{
		Use:   "judge RESULTS… --target FILE --scenario S",
		Short: "Judge the answers that vegeta kept of an attack",
		Long: `judge reads what vegeta attack wrote (or vegeta encode: gob, JSON or CSV; - is standard input) of targets that gonogo load
targets made, and judges every answer as load does. Nothing is sent. Results of several machines are judged together; of the
reference server name the dialect instead of a target file.

Vegeta keeps no request and, with a small -max-body, not all of an answer. What cannot be seen for that is said, and an answer
that was not kept whole makes it incomplete.

Exit codes: 0 go; 1 a wrong answer, or an objective that is not held; 2 usage, or results of something else; 3 results that are
empty, damaged or not whole: what could be read is judged.`,
		Example: `  gonogo load judge results.bin --target perf.yaml --scenario validate --objective 'p99<20ms' --report html=attack.html
  vegeta attack … | tee results.bin | gonogo load judge - --target perf.yaml --scenario issue`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.given, f.cmd = cmd.Flags().Changed, cmd
			return a.loadJudge(cmd.Context(), args, f)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVar(&f.targets, "target", nil, "target `FILE` of the attack")
	profileFlag(flags, &f.profile)
	f.scenarioTo(flags)
	f.gateTo(flags)
	aheadFlags(flags)
	return cmd
}

func (a *App) loadJudge(ctx context.Context, args []string, f loadFlags) (err error) {
	var dialects, files []string
	for _, arg := range args {
		switch _, err := os.Stat(arg); {
		case err != nil && slices.Contains(specs.Builtin(), arg):
			dialects = append(dialects, arg)
		case slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(arg)):
			f.targets = append(f.targets, arg)
		default:
			files = append(files, arg)
		}
	}
	switch {
	case len(files) == 0:
		return usagef("name the file with vegeta's results, or - for standard input")
	case len(dialects)+len(f.targets) != 1:
		return usagef("say of which target the results are: --target FILE, or the dialect, if it was the reference server")
	}
	if len(dialects) > 0 {
		if f.config.Target, err = a.embeddedTarget(ctx, dialects[0]); err != nil {
			return err
		}
	}
	f.reads = files
	var kept []load.Kept
	for _, name := range files {
		if name == standardOutput {
			kept = append(kept, load.Kept{Name: "standard input", Reader: a.stdin})
			continue
		}
		file, err := os.Open(name)
		if err != nil {
			return usagef("%s cannot be read: %w", name, cause(err))
		}
		defer func() { _ = file.Close() }()
		if about, err := file.Stat(); err == nil && about.IsDir() {
			return usagef("%s is a folder; name the files in it", name)
		}
		kept = append(kept, load.Kept{Name: name, Reader: file})
	}
	st, err := a.setStage(ctx, nil, f, func() error { return f.config.CheckJudge() })
	if err != nil {
		return err
	}
	defer st.clear()
	run, err := load.Judge(ctx, *f.config, kept...)
	st.status.end()
	if err != nil {
		return usageError{err}
	}
	st.report.Load = append(st.report.Load, run)
	return st.end(ctx, func(w io.Writer) error { return st.options.WriteLoad(w, run) })
}

// embeddedTarget is a target of a built-in dialect, wherever its server was.
func (a *App) embeddedTarget(ctx context.Context, id string) (*load.Target, error) {
	d, err := specs.Load(id)
	if err != nil {
		return nil, usageError{err}
	}
	server, err := embedded.Start(ctx, d, nil, nil)
	if err != nil {
		return nil, harnessError{err}
	}
	defer server.Stop()
	t, err := load.ParseTarget("the reference server", []byte(server.YAML()), a.env)
	if err != nil {
		return nil, harnessError{fmt.Errorf("the target file of the reference server is wrong: %w", err)}
	}
	return t.Anywhere(), nil
}
