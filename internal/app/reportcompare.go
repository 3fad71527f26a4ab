package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gonogo/internal/version"
	"gonogo/load"
	"gonogo/reports"
)

func (a *App) reportCompareCommand() *cobra.Command {
	var f reportFlags
	var c compareFlags
	var label string // that tells the sides apart; empty: whatever does
	cmd := &cobra.Command{
		Use:   "compare FILE FILE…",
		Short: "Say whether one side of kept load reports is slower than the other",
		Long: `compare holds kept reports of gonogo load against each other. There are two sides: two files, or two values of a label, or two
targets, or two numbers of generators; A is the side of the first file. The i-th run of A and the i-th of B, by when they began, are a round; it takes six.
One metric is looked at, which is named before, and an interval says with 95 % confidence what B takes of what A does.

Exit codes: 0 within the limit, or none was given; 1 worse by more than --max-regression allows; 2 what cannot be compared;
3 cannot tell.`,
		Example: `  gonogo report compare old-*.json new-*.json --by build --max-regression p99=10%`,
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			report, err := compared(args, c, label)
			if err != nil {
				return err
			}
			report.Origin = a.originOf(cmd, f.origin)
			return a.rendered(report, f, args)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	c.addTo(cmd)
	flags.StringVar(&label, "by", "", "the `LABEL` whose two values are the sides")
	f.origin.addTo(flags)
	reportFlag(flags, &f.reports, sortedKeys(formats))
	flags.BoolVar(&f.quiet, "quiet", false, "print no rounds")
	return cmd
}

// one is a kept report of one load run.
type one struct {
	file   string
	report *reports.Report
	run    *reports.LoadRun
}

// compared is the report of a comparison of these files.
func compared(files []string, c compareFlags, label string) (*reports.Report, error) {
	by, err := load.ParseStandard(c.metric, c.maxRegression)
	if err != nil {
		return nil, usageError{err}
	}
	var all []one
	whole := &reports.Report{Schema: reports.SchemaID, Tool: version.Tool()}
	for _, file := range files {
		report, err := keptLoad(file, "there can be a comparison")
		if err != nil {
			return nil, err
		}
		all = append(all, one{file, report, report.Load[0]})
		if why := unlike(all[0], all[len(all)-1]); why != "" {
			return nil, usagef("%s and %s cannot be compared: %s", files[0], file, why)
		}
		whole.Policy = report.Policy
	}
	sides, err := split(all, label)
	if err != nil {
		return nil, err
	}
	var runs [2][]*reports.LoadRun
	for i, side := range sides {
		slices.SortFunc(side, func(a, b one) int { return a.run.Started.Compare(b.run.Started) })
		for _, each := range side {
			runs[i] = append(runs[i], each.run)
		}
	}
	made, err := load.Compare(by, runs[0], runs[1])
	if err != nil {
		return nil, usageError{err}
	}
	made.A.Labels, made.B.Labels = common(sides[0]), common(sides[1])
	if last, first := runs[0][len(runs[0])-1].Started, runs[1][0].Started; last.Before(first) || runs[1][len(runs[1])-1].Started.Before(runs[0][0].Started) {
		made.Notes = append(made.Notes, "the sides did not run in turn, so whatever else changed on the machine in between is in the difference")
	}
	whole.Started = slices.MinFunc(all, func(a, b one) int { return a.run.Started.Compare(b.run.Started) }).report.Started
	for _, each := range all {
		end := each.report.Started.Add(time.Duration(each.report.DurationMS) * time.Millisecond)
		whole.DurationMS = max(whole.DurationMS, end.Sub(whole.Started).Milliseconds())
	}
	whole.Comparisons = []reports.Comparison{*made}
	reports.Decide(whole, whole.Policy)
	return whole, nil
}

// unlike says why two reports cannot be compared; empty if they can.
func unlike(a, b one) string {
	if why := otherMachine(a.report, b.report); why != "" {
		return why
	}
	return load.Unlike(a.run, b.run)
}

// otherMachine says of two reports that other machines or builds made them; empty if the same did.
func otherMachine(a, b *reports.Report) string {
	x, y := a.Environment, b.Environment
	switch {
	case x == nil || y == nil:
		return "one of them does not say on which machine it was made; make it with this version of gonogo"
	case x.Host != y.Host:
		return "one was made on " + x.Host + " and the other on " + y.Host
	case x.Cores != y.Cores || x.Kernel != y.Kernel:
		return "the machine was another: " + x.String() + "; " + y.String()
	case a.Tool != b.Tool || x.Go != y.Go:
		return "they were made by two builds of gonogo, which measure differently"
	}
	return ""
}

// split are the two sides: those of a label, or of what has two values and no more.
func split(all []one, label string) (sides [2][]one, err error) {
	if label != "" {
		return twoOf(all, "the label "+label, func(each one) string { return each.report.Labels[label] })
	}
	if len(all) == 2 {
		return [2][]one{all[:1], all[1:]}, nil
	}
	names := map[string]bool{}
	for _, each := range all {
		for name := range each.report.Labels {
			names[name] = true
		}
	}
	var differ []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if _, err := twoOf(all, name, func(each one) string { return each.report.Labels[name] }); err == nil {
			differ = append(differ, name)
		}
	}
	switch len(differ) {
	case 0:
		sides, err = twoOf(all, "the target's base_url", func(each one) string { return each.run.Target.BaseURL })
		if err == nil {
			return sides, nil
		}
		if byCount, other := twoOf(all, "the number of generators", func(each one) string { return fmt.Sprint(len(each.run.Generators)) }); other == nil {
			return byCount, nil
		}
		return sides, err
	case 1:
		return split(all, differ[0])
	}
	return sides, usagef("the labels %s tell two sides apart; say by which one, with --by", strings.Join(differ, ", "))
}

// twoOf splits by what has two values; the side of the first file is the first.
func twoOf(all []one, what string, of func(one) string) (sides [2][]one, err error) {
	var values []string
	for _, each := range all {
		value := of(each)
		i := slices.Index(values, value)
		if i < 0 {
			i = len(values)
			values = append(values, value)
		}
		if value == "" || i > 1 {
			break
		}
		sides[i] = append(sides[i], each)
	}
	if len(values) != 2 || slices.Contains(values, "") {
		return sides, usagef("%s does not tell two sides apart: its values are %q; label the runs, as --label build=abc, and say --by build", what, values)
	}
	return sides, nil
}

// common are the labels that all of a side have.
func common(side []one) map[string]string {
	all := maps.Clone(side[0].report.Labels)
	for _, each := range side {
		maps.DeleteFunc(all, func(name, value string) bool { return each.report.Labels[name] != value })
	}
	return all
}
