package app

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gonogo/internal/target"
	"gonogo/reference"
	"gonogo/reference/clients"
	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
)

// What a shell completes follows from what a command says of itself: the words of its usage line say what its arguments are, and those
// between backquotes what the value of a flag is.

// closedValues is the annotation of a flag that has the values it may be given.
const closedValues = "gonogo_values"

// closed says which values a flag may be given. After one that ends in = or : something follows.
func closed(flags *pflag.FlagSet, name string, values ...string) {
	_ = flags.SetAnnotation(name, closedValues, values)
}

// completing reports whether a shell asks what could stand next on a command line.
func completing(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// completed has a command and all below it tell a shell what could stand next. Cobra keeps that for as long as the process lives, so it is
// for one that is asked.
func (a *App) completed(cmd *cobra.Command) {
	for _, below := range cmd.Commands() {
		a.completed(below)
	}
	if cmd.HasParent() {
		cmd.ValidArgsFunction = a.arguments
	}
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		var placeholder string
		placeholder, flag.Usage = pflag.UnquoteUsage(flag) // a shell shows it as it is
		_ = cmd.RegisterFlagCompletionFunc(flag.Name, func(cmd *cobra.Command, args []string, written string) ([]string, cobra.ShellCompDirective) {
			return a.values(cmd, flag, placeholder, args, written)
		})
	})
}

// arguments are what may stand next beside flags.
func (a *App) arguments(cmd *cobra.Command, args []string, written string) (found []string, then cobra.ShellCompDirective) {
	_, takes, _ := strings.Cut(cmd.Use, " ")
	then = cobra.ShellCompDirectiveNoFileComp
	if len(args) > 0 && !strings.Contains(takes, "…") && !strings.Contains(takes, "B.yaml") {
		return nil, then
	}
	switch {
	case takes == "ID":
		return a.ids(cmd, written)
	case strings.Contains(takes, "DIALECT"):
		for _, id := range specs.Builtin() {
			if d, err := specs.Load(id); err == nil && !slices.Contains(args, id) {
				found = append(found, cobra.CompletionWithDesc(id, d.Title))
			}
		}
	}
	if strings.ContainsFunc(strings.ReplaceAll(takes, "ISSUER-URL", ""), func(r rune) bool { return r == '.' }) || containsAny(takes, "FILE", "DOCUMENT", "RESULTS", "DIR") {
		then = cobra.ShellCompDirectiveDefault
	}
	return found, then
}

func containsAny(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}

// values are what a flag may be given.
func (a *App) values(cmd *cobra.Command, flag *pflag.Flag, placeholder string, args []string, written string) (found []string, then cobra.ShellCompDirective) {
	then = cobra.ShellCompDirectiveNoFileComp
	if values, are := flag.Annotations[closedValues]; are {
		if slices.ContainsFunc(values, func(v string) bool { return strings.HasPrefix(v, written) && strings.HasSuffix(v, "=") }) {
			then |= cobra.ShellCompDirectiveNoSpace
		}
		return values, then
	}
	switch flag.Name {
	case "case", "trace", "reproduce":
		return inSteps(a.caseIDs(cmd, args), written)
	case "defect":
		return quirkIDs(reference.Defects(), args), then
	case "liberty":
		return quirkIDs(reference.Liberties(), args), then
	case "fault":
		for _, fault := range clients.Faults() {
			if len(args) == 0 || slices.Contains(args, fault.Dialect) {
				found = append(found, fault.ID())
			}
		}
		return found, then
	case "require":
		return listed(target.Needs(), written), then | cobra.ShellCompDirectiveNoSpace
	case "profile":
		for _, plan := range a.plansOf(cmd, args) {
			for _, p := range plan.Dialect.Profiles {
				found = append(found, cobra.CompletionWithDesc(p.Name, p.Text))
			}
		}
		return found, then
	}
	switch placeholder {
	case "FILE", "REPORT":
		then = cobra.ShellCompDirectiveDefault
	case "DIR":
		then = cobra.ShellCompDirectiveFilterDirs
	}
	return nil, then
}

// listed completes the last of several words with commas between them.
func listed[W ~string](words []W, written string) (found []string) {
	before := written[:strings.LastIndexByte(written, ',')+1]
	for _, word := range words {
		if !slices.Contains(strings.Split(before, ","), string(word)) {
			found = append(found, before+string(word))
		}
	}
	return found
}

// ids are all that explain explains.
func (a *App) ids(cmd *cobra.Command, written string) ([]string, cobra.ShellCompDirective) {
	e, err := a.explainer(cmd.Flag("target").Value.String(), cmd.Flag("document").Value.String())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var all []string
	for _, each := range e.entries() {
		all = append(all, each.id)
	}
	return inSteps(all, written)
}

// caseIDs are the cases of what is named, each with its title.
func (a *App) caseIDs(cmd *cobra.Command, args []string) (ids []string) {
	for _, plan := range a.plansOf(cmd, args) {
		for _, c := range plan.Cases {
			ids = append(ids, cobra.CompletionWithDesc(c.ID, c.Title))
		}
	}
	return ids
}

// plansOf are the plans of what a command line names so far, or of every built-in dialect. What cannot be read has none: a shell has no
// place for a complaint.
func (a *App) plansOf(cmd *cobra.Command, args []string) (plans []*engine.Plan) {
	dialects, targets, _ := sorted(args)
	if list, ok := flagValues(cmd, "target"); ok {
		targets = append(targets, list...)
	}
	for _, file := range targets {
		if t, d, err := target.Load(file, a.env); err == nil {
			plans = append(plans, catalog.PlanAt(d, t))
		}
	}
	if len(dialects)+len(targets) == 0 {
		dialects = specs.Builtin()
	}
	for _, id := range dialects {
		if d, err := specs.Load(id); err == nil {
			plans = append(plans, catalog.Plan(d))
		}
	}
	return plans
}

func flagValues(cmd *cobra.Command, name string) ([]string, bool) {
	flag := cmd.Flag(name)
	if flag == nil {
		return nil, false
	}
	list, ok := flag.Value.(pflag.SliceValue)
	if !ok {
		return nil, false
	}
	return list.GetSlice(), true
}

func quirkIDs(quirks []reference.Quirk, dialects []string) (ids []string) {
	for _, q := range quirks {
		if len(dialects) == 0 || slices.Contains(dialects, q.Dialect) {
			ids = append(ids, cobra.CompletionWithDesc(q.ID, q.Text))
		}
	}
	return ids
}

// inSteps completes ids that begin like what is written, as files are completed: up to the next slash. There are a thousand cases, and a
// shell would ask whether it may print them all.
func inSteps(ids []string, written string) ([]string, cobra.ShellCompDirective) {
	found, then := []string{}, cobra.ShellCompDirectiveNoFileComp
	for _, id := range ids {
		if !strings.HasPrefix(id, written) {
			continue
		}
		name, _, _ := strings.Cut(id, "\t")
		if end := strings.IndexByte(name[len(written):], '/'); end >= 0 {
			id, then = name[:len(written)+end+1], then|cobra.ShellCompDirectiveNoSpace
		}
		found = append(found, id)
	}
	return slices.Compact(slices.Sorted(slices.Values(found))), then
}
