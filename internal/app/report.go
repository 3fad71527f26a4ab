package app

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"gonogo/internal/version"
	"gonogo/load"
	"gonogo/reports"
	"gonogo/reports/terminal"
)

// reportFlags are the flags of the commands that read reports.
type reportFlags struct {
	reports []string
	quiet   bool
	origin  originFlags // of what is made anew
}

func (a *App) reportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Show a report that was kept in another form, add several up, compare them, or show them over time",
		Args:  onlyCommands,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.renderCommand(), a.mergeCommand(), a.reportCompareCommand(), a.trendCommand())
	return cmd
}

func (a *App) renderCommand() *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "render FILE",
		Short: "Write every form of a report that was kept as json or jsonl",
		Long: `render reads a report that check, watch or load wrote with --report json=FILE or jsonl=FILE, prints it, and writes it in
other forms. It ends with the exit code of the run that the report is of.`,
		Example: `  gonogo report render run.json
  gonogo report render run.jsonl --report html=run.html --report junit=run.xml`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			report, err := kept(args[0])
			if err != nil {
				return err
			}
			return a.rendered(report, f, args)
		},
	}
	cmd.Flags().SortFlags = false
	reportFlag(cmd.Flags(), &f.reports, sortedKeys(formats))
	cmd.Flags().BoolVar(&f.quiet, "quiet", false, "print only verdicts, what failed and what could not run")
	return cmd
}

func (a *App) mergeCommand() *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "merge FILE FILE…",
		Short: "Add up the shards of one load run",
		Long: `merge reads the reports of gonogo load that several generators wrote of the same load of the same target at the same time,
and adds them up: times bucket by bucket of their histograms, counts, seconds, violations. The verdict is drawn anew. Reports
of different plans, scenarios or targets are refused.`,
		Example: `  gonogo report merge one.json two.json three.json --report json=all.json --report html=all.html`,
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			report, err := merged(args)
			if err != nil {
				return err
			}
			made := a.originOf(cmd, f.origin)
			for name, value := range made.Labels { // what the user says now, before what all shards say
				report.Labels[name] = value
			}
			if report.Environment == nil {
				report.Environment = made.Environment
			}
			return a.rendered(report, f, args)
		},
	}
	cmd.Flags().SortFlags = false
	f.origin.addTo(cmd.Flags())
	reportFlag(cmd.Flags(), &f.reports, sortedKeys(formats))
	cmd.Flags().BoolVar(&f.quiet, "quiet", false, "print only the numbers and the verdict")
	return cmd
}

// kept reads a report.
func kept(path string) (*reports.Report, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, usagef("the report %s cannot be read: %w", path, cause(err))
	}
	defer func() { _ = file.Close() }()
	report, err := reports.Read(file)
	if err != nil {
		return nil, usagef("%s: %w", path, err)
	}
	return report, nil
}

// keptLoad reads a report of one load run; what is what there can be of such alone.
func keptLoad(path, what string) (*reports.Report, error) {
	report, err := kept(path)
	if err == nil && (len(report.Load) != 1 || len(report.Dialects)+len(report.Capacity)+len(report.Comparisons) > 0) {
		return nil, usagef("%s is no report of one load run, of which alone %s", path, what)
	}
	return report, err
}

// merged is the report of a load run whose shards these files are.
func merged(files []string) (*reports.Report, error) {
	var whole *reports.Report
	var shards []*reports.LoadRun
	var ended time.Time
	for _, file := range files {
		report, err := keptLoad(file, "shards can be added up")
		if err != nil {
			return nil, err
		}
		shards = append(shards, report.Load[0])
		if end := report.Started.Add(time.Duration(report.DurationMS) * time.Millisecond); end.After(ended) {
			ended = end
		}
		if whole == nil {
			whole = &reports.Report{Schema: reports.SchemaID, Tool: report.Tool, Started: report.Started, Seed: report.Seed, Policy: report.Policy, Origin: report.Origin}
			if whole.Labels == nil {
				whole.Labels = map[string]string{}
			}
			continue
		}
		switch {
		case report.Tool != whole.Tool:
			return nil, usagef("%s was made by another build than %s: %s %s, and not %s %s", file, files[0], report.Tool.Version, report.Tool.Commit, whole.Tool.Version, whole.Tool.Commit)
		case report.Policy != whole.Policy:
			return nil, usagef("%s was held to another --level than %s: %s, and not %s", file, files[0], report.Policy.Gate, whole.Policy.Gate)
		}
		if report.Started.Before(whole.Started) {
			whole.Started = report.Started
		}
		for name, value := range whole.Labels {
			if report.Labels[name] != value {
				delete(whole.Labels, name) // it is not of all
			}
		}
	}
	whole.Tool = version.Tool()
	whole.DurationMS = ended.Sub(whole.Started).Milliseconds()
	run, err := load.Merge(shards)
	if err != nil {
		return nil, usagef("%s cannot be added up: %w", files[0], err)
	}
	whole.Environment = nil // the machine of one shard is not that of all
	whole.Load = []*reports.LoadRun{run}
	reports.Decide(whole, whole.Policy)
	return whole, nil
}

// rendered prints a report, and writes the forms of it that are asked for.
func (a *App) rendered(report *reports.Report, f reportFlags, read []string) error {
	outputs, err := a.parseReports(f.reports)
	if err != nil {
		return err
	}
	if err := errors.Join(outputs.spares(read...), outputs.writable()); err != nil {
		return err
	}
	streams, err := outputs.open()
	if err != nil {
		return err
	}
	for _, stream := range streams {
		stream.Begin(reports.Begun(report))
		stream.End(report)
	}
	options := terminal.Options{Color: a.wantsColor(), Quiet: f.quiet, Width: a.width(a.stdout.Writer)}
	if err := shown(a.stdout, options, report); err != nil {
		return harnessError{err}
	}
	a.exit = reports.ExitCode(report)
	return outputs.write(report, streams)
}

// shown prints everything that a report is of, as the command that made it did.
func shown(w io.Writer, options terminal.Options, r *reports.Report) error {
	var lost error
	if len(r.Dialects) > 0 || len(r.Load)+len(r.Comparisons) == 0 {
		lost = options.Write(w, r)
	}
	for i := range r.Capacity {
		var steps []*reports.LoadRun
		for _, run := range r.Load {
			if r.Capacity[i].Has(run) {
				steps = append(steps, run)
				lost = errors.Join(lost, options.WriteStep(w, run))
			}
		}
		lost = errors.Join(lost, options.WriteCapacity(w, &r.Capacity[i], steps))
	}
	for i := range r.Comparisons {
		lost = errors.Join(lost, options.WriteComparison(w, &r.Comparisons[i]))
	}
	for _, run := range r.Load {
		if !r.IsStep(run) {
			lost = errors.Join(lost, options.WriteLoad(w, run))
		}
	}
	if lost != nil {
		return fmt.Errorf("the report could not be printed: %w", lost)
	}
	return nil
}
