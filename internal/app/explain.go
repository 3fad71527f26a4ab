package app

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gonogo/internal/spell"
	"gonogo/internal/target"
	"gonogo/reference"
	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
	"gonogo/suites/watch"
)

func (a *App) explainCommand() *cobra.Command {
	var targetFile, document, profile string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain ID",
		Short: "Explain a requirement, case, defect or liberty",
		Long: `explain says what stands behind an id of a report: where the document promises it, which cases check it, and how to see
it broken. Of a requirement of clients, and a case of them, it says what gonogo watch looks for, what a client may do, and how to mend one.
Nothing is sent. Ids of a document of your own are explained where --document or --target names it.`,
		Example: `  gonogo explain ANY-CACHE                           a requirement
  gonogo explain DIALECT/refresh-rotation/race       a case
  gonogo explain DIALECT-refresh-replay              a defect of the reference server
  gonogo explain --target stage.yaml MINE-1          a requirement of the document that stage.yaml names`,
		Args: oneArg("name a requirement, a case, a defect or a liberty"),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := a.explainer(targetFile, document)
			if err == nil && profile != "" {
				err = e.under(profile)
			}
			if err != nil {
				return err
			}
			return a.explain(e, args[0], asJSON)
		},
	}
	cmd.Flags().StringVar(&targetFile, "target", "", "explain what is checked of the target in `FILE`")
	cmd.Flags().StringVar(&document, "document", "", "explain what stands in the document `FILE`")
	profileFlag(cmd.Flags(), &profile)
	cmd.Flags().BoolVar(&asJSON, "json", false, "say it as JSON, for programs")
	cmd.MarkFlagsMutuallyExclusive("target", "document")
	return cmd
}

func (a *App) explain(e *explainer, id string, asJSON bool) error {
	entries := e.entries()
	i := slices.IndexFunc(entries, func(each entry) bool { return strings.EqualFold(each.id, id) })
	switch {
	case i >= 0 && asJSON:
		_, err := io.WriteString(a.stdout, entries[i].data().String())
		return err
	case i >= 0:
		entries[i].explain()
		return a.page(e.out.String())
	case slices.Contains(specs.Builtin(), strings.ToLower(id)):
		return usagef("%q is a dialect: gonogo spec show %s", id, strings.ToLower(id))
	}
	if _, err := os.Stat(id); err == nil {
		flag := "--document"
		if kind, _ := kindOf(id); kind == targetFile {
			flag = "--target"
		}
		return usagef("%s is a file; name with it what is to be explained: %s ID", id, words.Command("gonogo", "explain", flag, id))
	}
	var ids []string
	for _, each := range entries {
		ids = append(ids, each.id)
	}
	slices.Sort(ids)
	return usagef("there is no requirement, case, situation, defect or liberty %q; the nearest are %s", id, spell.Join(spell.Nearest(id, slices.Compact(ids))))
}

// explainer writes explanations.
type explainer struct {
	plans              []*engine.Plan // of every built-in dialect
	defects, liberties []reference.Quirk
	at                 *target.Target // that the only plan is for; nil: none
	profile            string         // under which alone the plans are; empty: of each everything
	named              []string       // arguments that name to gonogo check what the plan is of; nil: a dialect's id does
	out                strings.Builder
}

// explainer explains what is checked of a target, or stands in a document; without either what is built in.
func (a *App) explainer(targetFile, document string) (*explainer, error) {
	switch {
	case targetFile != "":
		t, d, err := target.Load(targetFile, a.env)
		if err != nil {
			return nil, usageError{err}
		}
		e := explainerOf(catalog.PlanAt(d, t), "--target", targetFile)
		e.at = t
		return e, nil
	case document != "":
		d, err := specs.Load(document)
		if err != nil {
			return nil, usageError{err}
		}
		if d.BuiltIn {
			return explainerOf(catalog.Plan(d)), nil
		}
		return explainerOf(catalog.Plan(d), document), nil
	}
	return newExplainer()
}

// explainerOf explains one plan, and what the reference server does to its dialect if it speaks it.
func explainerOf(plan *engine.Plan, named ...string) *explainer {
	others := func(q reference.Quirk) bool { return q.Dialect != plan.Dialect.ID }
	return &explainer{
		plans: []*engine.Plan{plan}, named: named,
		defects: slices.DeleteFunc(reference.Defects(), others), liberties: slices.DeleteFunc(reference.Liberties(), others),
	}
}

// check is the command line that checks a dialect, or all of them, with these flags.
func (e *explainer) check(dialect string, flags ...string) string {
	args := []string{"gonogo", "check"}
	switch {
	case e.named != nil:
		args = append(args, e.named...)
	case dialect != "":
		args = append(args, dialect)
	}
	if e.profile != "" {
		args = append(args, "--profile", e.profile)
	}
	return words.Command(append(args, flags...)...)
}

func newExplainer() (*explainer, error) {
	e := &explainer{defects: reference.Defects(), liberties: reference.Liberties()}
	for _, dialect := range specs.Builtin() {
		d, err := specs.Load(dialect)
		if err != nil {
			return nil, harnessError{err}
		}
		e.plans = append(e.plans, catalog.Plan(d))
	}
	return e, nil
}

// entry is something that has an id.
type entry struct {
	id      string
	explain func()
	data    func() explained
}

// entries are all that there is to explain. A row of every dialect is there once for each.
func (e *explainer) entries() []entry {
	var all []entry
	for _, plan := range e.plans {
		for _, row := range plan.Dialect.Requirements {
			all = append(all, entry{row.ID, func() { e.requirement(plan.Dialect.ID, row) }, func() explained { return e.rowData(plan.Dialect, row) }})
		}
		for _, row := range plan.Dialect.ClientRows {
			all = append(all, entry{row.ID, func() { e.clientRow(plan.Dialect, row) }, func() explained { return e.rowData(plan.Dialect, row) }})
		}
		for _, c := range watch.Plan(plan.Dialect).Cases {
			all = append(all, entry{c.ID, func() { e.clientCase(plan.Dialect, c) }, func() explained { return e.clientCaseData(plan.Dialect, c) }})
		}
		for _, c := range plan.Cases {
			all = append(all, entry{c.ID, func() { e.testCase(plan, c) }, func() explained { return e.caseData(plan, c) }})
		}
	}
	for _, s := range watch.Situations() {
		all = append(all, entry{s.ID, func() { e.situation(s) }, func() explained { return e.situationData(s) }})
	}
	for _, q := range slices.Concat(e.defects, e.liberties) {
		all = append(all, entry{q.ID, func() { e.quirk(q) }, func() explained { return e.quirkData(q) }})
	}
	return all
}

func (e *explainer) printf(format string, args ...any) { fmt.Fprintf(&e.out, format, args...) }

// requirement explains a row. One that every dialect has got its cases in each of them.
func (e *explainer) requirement(dialect string, row specs.Requirement) {
	everywhere := len(e.plans) > 1 && !slices.ContainsFunc(e.plans, func(plan *engine.Plan) bool {
		_, has := plan.Dialect.Requirement(row.ID)
		return !has
	})
	of, run := dialect, dialect
	if everywhere {
		of, run = "every dialect", ""
	}
	if e.profile != "" {
		of += " under " + e.profile
	}
	e.printf("%s, a %s requirement of %s\n  %s\n", row.ID, row.Level, of, row.Text)
	e.printf("  where: %s (%s)\n", row.Where, row.At)
	if len(row.Also) > 0 {
		e.printf("  also: %s\n", strings.Join(row.Also, "; "))
	}
	e.printf("  level: %s\n", meaning(row.Level))
	for _, plan := range e.plans {
		if own, _ := plan.Dialect.Requirement(row.ID); everywhere && own.At != row.At {
			e.printf("  in %s: a %s requirement, %s (%s, %s)\n", plan.Dialect.ID, own.Level, own.Text, own.Where, own.At)
		}
	}
	if bound := row.Bound(); bound != "" {
		e.printf("  profiles: %s\n", bound)
	}
	for _, id := range row.Threats {
		for _, threat := range specs.Threats() {
			if threat.ID == id {
				e.printf("  threat: %s (%s)\n", threat.Text, threat.ID)
			}
		}
	}
	e.printf("\ncases that check it\n")
	none := true
	flags := []string{"--verbose"}
	for _, plan := range e.plans {
		for _, c := range plan.Cases {
			if !slices.Contains(c.Requirements, row.ID) {
				continue
			}
			none = false
			e.printf("  %s%s\n    %s\n", c.ID, needsOf(c), c.Title)
			if flow := strings.TrimSuffix(c.ID, c.Name()) + "*"; !everywhere && !slices.Contains(flags, flow) {
				flags = append(flags, "--case", flow)
			}
		}
	}
	if none {
		e.printf("  none\n")
	}
	e.quirksOf(row.ID, e.defects, "defects that violate it, on purpose, in the reference server")
	e.quirksOf(row.ID, e.liberties, "liberties that lean on it: what a server may do and must not be blamed for")
	e.printf("\nrun them: %s\n", e.check(run, flags...))
}

// meaning says what a violation of a level comes to.
func meaning(level specs.Level) string {
	switch level {
	case specs.Documented:
		return "the dialect's document says it; a violation is a no-go"
	case specs.Standard:
		return "a standard that the document invokes says it, or access control would be broken without it; a violation is a no-go"
	default:
		return "good practice that nobody promised; a violation is a warning, and a no-go with --level practice"
	}
}

func (e *explainer) quirksOf(requirement string, quirks []reference.Quirk, title string) {
	for _, q := range quirks {
		if q.Requirement != requirement {
			continue
		}
		if title != "" {
			e.printf("\n%s\n", title)
			title = ""
		}
		e.printf("  %s\n    %s\n", q.ID, q.Text)
	}
}

func (e *explainer) quirk(q reference.Quirk) {
	verb, wanted := "violates", "must be caught by a case of "+q.Requirement
	if !q.Defect {
		verb, wanted = "leans on", "must pass every case"
	}
	e.printf("%s, a %s of the reference server's %s\n  %s\n  %s %s", q.ID, q.Kind(), q.Dialect, q.Text, verb, q.Requirement)
	for _, plan := range e.plans {
		if row, ok := plan.Dialect.Requirement(q.Requirement); ok && plan.Dialect.ID == q.Dialect {
			e.printf(" (%s): %s", row.Level, row.Text)
		}
	}
	e.printf("\n  %s\n\ntry it:   gonogo serve %s --%s %s\n", wanted, q.Dialect, q.Kind(), q.ID)
	e.printf("prove it: gonogo prove %s --%s %s --verbose\n", q.Dialect, q.Kind(), q.ID)
}
