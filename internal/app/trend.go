package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gonogo/internal/spell"
	"gonogo/internal/version"
	"gonogo/reports"
	"gonogo/reports/html"
	"gonogo/reports/terminal"
	"gonogo/reports/trend"
	"gonogo/reports/words"
)

// trendFormats are the report formats of report trend.
var trendFormats = map[string]func(io.Writer, *trend.Trend) error{
	"html": html.WriteTrend,
	"json": func(w io.Writer, t *trend.Trend) error { return reports.Indented(w, t) },
}

// trendFlags are the flags of report trend.
type trendFlags struct {
	scenarios []string
	labels    map[string]string
	last      int
	reports   []string
}

func (a *App) trendCommand() *cobra.Command {
	f := trendFlags{labels: map[string]string{}}
	cmd := &cobra.Command{
		Use:   "trend DIR|FILE…",
		Short: "Show kept reports over time: times, rates and verdicts, run by run",
		Long: `trend reads the reports in a folder, such as --history of check, watch and load keeps them, or as --report json=FILE and
jsonl=FILE wrote them, and shows the runs of each thing in the order in which they began: of a load its times and its rate,
of a search the rate that it found, of a comparison B / A, of a check its counts; and each run's verdict. Runs stand under
each other where dialect, profile, scenario, shape and target are the same. Where one cannot be held against the one before,
because machine, plan, document or build of gonogo is another, the line breaks, and the reason is said.

It judges nothing: gonogo report compare does. Exit codes: 0; 2 usage; 3 none of the files could be read.`,
		Example: `  gonogo load perf.yaml --scenario issue --label build=abc --history perf/
  gonogo report trend perf/ --report html=trend.html
  gonogo report trend perf/ --scenario issue --label branch=main --last 30 --report json=-`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.last < 1 && cmd.Flags().Changed("last") {
				return usagef("--last %d: show one run or more", f.last)
			}
			return a.trend(args, f)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVar(&f.scenarios, "scenario", nil, "only loads, searches and comparisons of scenario `S`; may be given several times")
	flags.Var(labelFlag{f.labels}, "label", "only runs that have the label `NAME=VALUE`; may be given several times")
	flags.IntVar(&f.last, "last", 0, "only the latest `N` runs of each thing")
	reportFlag(flags, &f.reports, sortedKeys(trendFormats))
	return cmd
}

func (a *App) trend(args []string, f trendFlags) error {
	outputs, err := a.parseOutputs(f.reports, sortedKeys(trendFormats))
	if err != nil {
		return err
	}
	files, err := keptFiles(args)
	if err != nil {
		return err
	}
	if err := errors.Join(outputs.spares(files...), outputs.writable()); err != nil {
		return err
	}
	made := &trend.Trend{Schema: trend.SchemaID, Tool: version.Tool(), Skipped: []trend.Skipped{}}
	var from []string
	var all []*reports.Report
	for _, file := range files {
		report, why := keptWhole(file)
		if i := slices.IndexFunc(all, func(r *reports.Report) bool {
			return report != nil && r.Seed == report.Seed && r.Started.Equal(report.Started)
		}); i >= 0 {
			why = "it is the same run as " + from[i]
		}
		if why != "" {
			made.Skipped = append(made.Skipped, trend.Skipped{File: file, Why: why})
			continue
		}
		from, all = append(from, file), append(all, report)
	}
	if made.Groups, err = f.chosen(from, all); err != nil {
		return err
	}
	made.Read = len(all)
	options := terminal.Options{Color: a.wantsColor(), Width: a.width(a.stdout.Writer)}
	if err := options.WriteTrend(a.stdout, made); err != nil {
		return harnessError{err}
	}
	var none error
	if made.Read == 0 {
		a.exit = reports.ExitIncomplete
		none = harnessError{fmt.Errorf("no report could be read in %s", strings.Join(args, ", "))}
	}
	return errors.Join(none, outputs.render(a.exit, nil, func(format string, _ []string) func(io.Writer) error {
		return func(w io.Writer) error { return trendFormats[format](w, made) }
	}))
}

// keptFiles are the files that can be reports, of folders and of files that are named.
func keptFiles(args []string) (files []string, err error) {
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, usagef("%s cannot be read: %w", arg, cause(err))
		}
		if !info.IsDir() {
			files = append(files, arg)
			continue
		}
		entries, err := os.ReadDir(arg)
		if err != nil {
			return nil, usagef("%s cannot be read: %w", arg, cause(err))
		}
		for _, e := range entries {
			name := e.Name()
			if !e.IsDir() && !strings.HasPrefix(name, ".") && slices.Contains([]string{".json", ".jsonl"}, filepath.Ext(name)) {
				files = append(files, filepath.Join(arg, name))
			}
		}
	}
	return files, nil
}

// keptWhole is a report of a run that came to its end; else why there is none.
func keptWhole(file string) (*reports.Report, string) {
	report, err := reports.ReadFile(file)
	if err != nil {
		var form struct{ Schema string }
		if data, lost := os.ReadFile(file); lost == nil && json.Unmarshal(data, &form) == nil && form.Schema == reports.HistorySchema {
			return nil, "an earlier version kept it, with the outcomes of cases alone; waivers still go by it"
		}
		return nil, strings.TrimPrefix(err.Error(), file+": ")
	}
	if report.Interrupted != "" {
		return nil, "its run did not come to its end: " + report.Interrupted
	}
	return report, ""
}

// chosen are the runs of reports that the flags choose.
func (f trendFlags) chosen(files []string, all []*reports.Report) ([]*trend.Group, error) {
	var from []string
	var labelled []*reports.Report
	for i, r := range all {
		fits := true
		for name, value := range f.labels {
			fits = fits && r.Labels[name] == value
		}
		if fits {
			from, labelled = append(from, files[i]), append(labelled, r)
		}
	}
	groups := trend.Of(from, labelled, breaks)
	var scenarios []string
	for _, g := range groups {
		if g.Scenario != "" && !slices.Contains(scenarios, g.Scenario) {
			scenarios = append(scenarios, g.Scenario)
		}
	}
	if len(f.scenarios) > 0 {
		groups = slices.DeleteFunc(groups, func(g *trend.Group) bool { return !slices.Contains(f.scenarios, g.Scenario) })
	}
	if f.last > 0 {
		trend.Last(groups, f.last)
	}
	switch {
	case len(all) == 0 || len(groups) > 0:
		return append([]*trend.Group{}, groups...), nil
	case len(labelled) == 0:
		return nil, usagef("none of %s has these labels", words.Count(len(all), "report"))
	case len(f.scenarios) > 0 && len(scenarios) > 0:
		return nil, usagef("--scenario %s: there is %s", strings.Join(f.scenarios, ", "), spell.Join(scenarios))
	}
	return nil, usagef("there is no load, check or watch in %s", words.Count(len(all), "report"))
}

// breaks says why a run cannot be held against the one before; empty if it can.
func breaks(before, now trend.Kept) string {
	if now.Load != nil {
		return unlike(one{before.File, before.Report, before.Load}, one{now.File, now.Report, now.Load})
	}
	a, b := before.Report, now.Report
	for i := range min(len(a.Capacity), len(b.Capacity)) {
		if x, y := a.Capacity[i], b.Capacity[i]; x.Precision != y.Precision || !slices.Equal(x.Objectives, y.Objectives) {
			return fmt.Sprintf("one looked for %s, to %s, and the other for %s, to %s", words.Join(x.Objectives), words.Percent(x.Precision), words.Join(y.Objectives), words.Percent(y.Precision))
		}
	}
	if now.About.Kind == trend.Check || now.About.Kind == trend.Watch { // whose verdicts are no matter of the machine
		if documentOf(a, now.About) != documentOf(b, now.About) {
			return "the document is another"
		}
		return ""
	}
	return otherMachine(a, b)
}

// documentOf is the sum of the document of a report's dialect.
func documentOf(r *reports.Report, of trend.About) string {
	for _, d := range r.Dialects {
		if d.ID == of.Dialect {
			return d.Document.SHA256
		}
	}
	return ""
}
