package app

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gonogo/internal/spell"
	"gonogo/internal/target"
	"gonogo/reference"
	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
)

func (a *App) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain ID",
		Short: "Explain a requirement, case, defect or liberty",
		Long: `explain says what stands behind an id of a report: where the document promises it, which cases check it, and how to see
it broken. Nothing is sent.`,
		Example: `  gonogo explain ANY-CACHE                           a requirement
  gonogo explain DIALECT/refresh-rotation/race       a case
  gonogo explain DIALECT-refresh-replay              a defect of the reference server`,
		Args: oneArg("name a requirement, a case, a defect or a liberty"),
		RunE: func(_ *cobra.Command, args []string) error { return a.explain(args[0]) },
	}
}

// encyclopedia is everything that has an id.
type encyclopedia struct {
	plans              []*engine.Plan // of every built-in dialect
	defects, liberties []reference.Quirk
}

func (a *App) explain(id string) error {
	e := encyclopedia{defects: reference.Defects(), liberties: reference.Liberties()}
	for _, dialect := range specs.Builtin() {
		d, err := specs.Load(dialect)
		if err != nil {
			return harnessError{err}
		}
		e.plans = append(e.plans, catalog.Plan(d))
	}
	text, known := e.explain(id)
	if !known {
		if slices.Contains(specs.Builtin(), strings.ToLower(id)) {
			return usagef("%q is a dialect: gonogo spec show %s", id, strings.ToLower(id))
		}
		return usagef("there is no requirement, case, defect or liberty %q; the nearest are %s", id, spell.Join(spell.Nearest(id, e.ids())))
	}
	_, err := io.WriteString(a.stdout, text)
	return err
}

func (e encyclopedia) explain(id string) (string, bool) {
	var out strings.Builder
	if e.requirement(&out, id) {
		return out.String(), true
	}
	for _, plan := range e.plans {
		for _, c := range plan.Cases {
			if strings.EqualFold(c.ID, id) {
				e.explainCase(&out, plan, c)
				return out.String(), true
			}
		}
	}
	for _, list := range []struct {
		kind, verb string
		quirks     []reference.Quirk
	}{{"defect", "violates", e.defects}, {"liberty", "leans on", e.liberties}} {
		for _, q := range list.quirks {
			if strings.EqualFold(q.ID, id) {
				e.quirk(&out, list.kind, list.verb, q)
				return out.String(), true
			}
		}
	}
	return "", false
}

// requirement explains a row. A row of every dialect has its cases in each of them.
func (e encyclopedia) requirement(out *strings.Builder, id string) bool {
	var row specs.Requirement
	var dialects []string
	for _, plan := range e.plans {
		for _, r := range plan.Dialect.Requirements {
			if strings.EqualFold(r.ID, id) {
				row = r
				dialects = append(dialects, plan.Dialect.ID)
			}
		}
	}
	if len(dialects) == 0 {
		return false
	}
	of := dialects[0]
	if len(e.plans) > 1 && len(dialects) == len(e.plans) {
		of = "every dialect"
	}
	fmt.Fprintf(out, "%s, a %s requirement of %s\n  %s\n", row.ID, row.Level, of, row.Text)
	fmt.Fprintf(out, "  where: %s (%s)\n  level: %s\n", row.Where, row.At, meaning(row.Level))
	fmt.Fprint(out, "\ncases that check it\n")
	cases := 0
	for _, plan := range e.plans {
		for _, c := range plan.Cases {
			if slices.Contains(c.Requirements, row.ID) {
				fmt.Fprintf(out, "  %s%s\n    %s\n", c.ID, needsOf(c), c.Title)
				cases++
			}
		}
	}
	if cases == 0 {
		fmt.Fprint(out, "  none\n")
	}
	quirks(out, "defects that violate it, on purpose, in the reference server", row.ID, e.defects)
	quirks(out, "liberties that lean on it: what a server may do and must not be blamed for", row.ID, e.liberties)
	fmt.Fprint(out, "\n")
	if of == "every dialect" {
		fmt.Fprint(out, "run them: gonogo check --verbose\n")
		return true
	}
	fmt.Fprintf(out, "run them: gonogo check %s --verbose", of)
	for _, plan := range e.plans {
		for _, flow := range flowsOf(plan, row.ID) {
			fmt.Fprintf(out, " --case '%s/*'", flow)
		}
	}
	fmt.Fprint(out, "\n")
	return true
}

// flowsOf are the first two parts of the ids of a requirement's cases.
func flowsOf(plan *engine.Plan, requirement string) []string {
	var flows []string
	for _, c := range plan.Cases {
		flow := c.ID[:strings.LastIndexByte(c.ID, '/')]
		if slices.Contains(c.Requirements, requirement) && !slices.Contains(flows, flow) {
			flows = append(flows, flow)
		}
	}
	return flows
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

func quirks(out *strings.Builder, title, requirement string, all []reference.Quirk) {
	begun := false
	for _, q := range all {
		if q.Requirement != requirement {
			continue
		}
		if !begun {
			fmt.Fprintf(out, "\n%s\n", title)
			begun = true
		}
		fmt.Fprintf(out, "  %s\n    %s\n", q.ID, q.Text)
	}
}

func (e encyclopedia) explainCase(out *strings.Builder, plan *engine.Plan, c engine.Case) {
	d := plan.Dialect
	fmt.Fprintf(out, "%s, a case of %s\n  %s\n  promised at %s\n  %s\n", c.ID, d.Title, c.Title, c.At, when(c))
	if claims := claimed(c.Claims); claims != "" {
		fmt.Fprintf(out, "  %s\n", claims)
	}
	fmt.Fprint(out, "\nchecks\n")
	for _, id := range c.Requirements {
		r, _ := d.Requirement(id)
		fmt.Fprintf(out, "  %s (%s)\n    %s\n", id, r.Level, r.Text)
	}
	if len(c.Needs) > 0 {
		fmt.Fprint(out, "\nneeds\n")
		for _, need := range c.Needs {
			fmt.Fprintf(out, "  %-10s %s\n", need, needMeans[need])
		}
	}
	fmt.Fprintf(out, "\nrun it: gonogo check %s --case %s --trace %s\n", d.ID, c.ID, c.ID)
	for _, q := range e.defects {
		if q.Dialect == d.ID && slices.Contains(c.Requirements, q.Requirement) {
			fmt.Fprintf(out, "see %s broken: gonogo prove %s --defect %s --verbose\n", q.Requirement, d.ID, q.ID)
			break
		}
	}
}

// needMeans says what a need asks of a target, in words; the list is the contract's.
var needMeans = map[target.Need]string{
	target.NeedTime:       "a way to move the target's clock, or a real wait within limits.max_wait",
	target.NeedOutsider:   "a second source address (outsider)",
	target.NeedConsent:    "a way to approve the consent page (consent)",
	target.NeedBrowser:    "a real browser (Chromium on this machine)",
	target.NeedSecond:     "a second client or account (credentials.second)",
	target.NeedListed:     "an account with allow-list entries (credentials.listed)",
	target.NeedUser:       "a human's login (credentials.user)",
	target.NeedIdentity:   "an answer that names the acting user (settings.acting_user, acts_as)",
	target.NeedOperator:   "control over the server (operator)",
	target.NeedRevocation: "a known revocation path (settings.revoke_path)",
}

func needsOf(c engine.Case) string {
	if len(c.Needs) == 0 {
		return ""
	}
	words := make([]string, len(c.Needs))
	for i, need := range c.Needs {
		words[i] = string(need)
	}
	return "  (needs " + strings.Join(words, ", ") + ")"
}

// when says in words in which phase a case has its turn.
func when(c engine.Case) string {
	switch c.Phase {
	case engine.Exclusive:
		return "runs when the ordinary cases are done, because it takes something from everybody"
	case engine.Timeline:
		return "runs on the timeline, once for all waits together"
	case engine.Audit:
		return "runs last and looks over everything that was sent"
	default:
		return "runs side by side with others"
	}
}

// claimed says in words what a case keeps from others meanwhile.
func claimed(claims []engine.Claim) string {
	var shared, alone []string
	for _, claim := range claims {
		what := claim.Name
		if thing, role, ok := strings.Cut(claim.Name, ":"); ok {
			what = "the " + thing + " of " + role
		} else {
			what = "the " + what
		}
		list := &shared
		if claim.Exclusive {
			list = &alone
		}
		if !slices.Contains(*list, what) {
			*list = append(*list, what)
		}
	}
	var parts []string
	if len(alone) > 0 {
		parts = append(parts, "has "+strings.Join(alone, ", ")+" to itself")
	}
	if len(shared) > 0 {
		parts = append(parts, "shares "+strings.Join(shared, ", ")+" with others")
	}
	return strings.Join(parts, " and ")
}

func (e encyclopedia) quirk(out *strings.Builder, kind, verb string, q reference.Quirk) {
	fmt.Fprintf(out, "%s, a %s of the reference server's %s\n  %s\n  %s %s", q.ID, kind, q.Dialect, q.Text, verb, q.Requirement)
	if plan := e.plan(q.Dialect); plan != nil {
		if r, ok := plan.Dialect.Requirement(q.Requirement); ok {
			fmt.Fprintf(out, " (%s): %s", r.Level, r.Text)
		}
	}
	wanted := "must be caught by a case of " + q.Requirement
	if kind == "liberty" {
		wanted = "must pass every case"
	}
	fmt.Fprintf(out, "\n  %s\n\ntry it:   gonogo serve %s --%s %s\n", wanted, q.Dialect, kind, q.ID)
	fmt.Fprintf(out, "prove it: gonogo prove %s --%s %s --verbose\n", q.Dialect, kind, q.ID)
}

func (e encyclopedia) plan(dialect string) *engine.Plan {
	for _, plan := range e.plans {
		if plan.Dialect.ID == dialect {
			return plan
		}
	}
	return nil
}

// ids are every id that can be explained, each once.
func (e encyclopedia) ids() []string {
	var ids []string
	for _, plan := range e.plans {
		for _, r := range plan.Dialect.Requirements {
			ids = append(ids, r.ID)
		}
		for _, c := range plan.Cases {
			ids = append(ids, c.ID)
		}
	}
	for _, q := range slices.Concat(e.defects, e.liberties) {
		ids = append(ids, q.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
