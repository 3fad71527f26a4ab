package app

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"gonogo/specs"
	"gonogo/suites/catalog"
)

func (a *App) specCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "spec",
		Short: "List, show and lint dialect documents",
		Long: `spec reads the documents that everything is checked by: OpenAPI documents with an extension, x-gonogo, that says what
OpenAPI cannot. A dialect is a built-in id, or the path of a document of your own. Nothing is sent.`,
		Args: onlyCommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "list",
		Short: "List the built-in dialects",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.specList() },
	})
	var text bool
	show := &cobra.Command{
		Use:   "show DIALECT|FILE",
		Short: "Show what a document promises",
		Example: `  gonogo spec show mine.yaml
  gonogo spec show --yaml DIALECT > mine.yaml        a start for a document of your own`,
		Args: oneArg("name a dialect (%s) or the path of a document", strings.Join(specs.Builtin(), ", ")),
		RunE: func(_ *cobra.Command, args []string) error { return a.specShow(args[0], text) },
	}
	show.Flags().BoolVar(&text, "yaml", false, "print the document itself")
	cmd.AddCommand(show, &cobra.Command{
		Use:   "lint [DIALECT|FILE…]",
		Short: "Say what is wrong with documents",
		Long: `lint prints every problem of a document as file:line: message; fix. Without an argument it looks at the built-in ones.

Exit codes: 0 when there are no problems, warnings or not; 2 when a document cannot be used.`,
		RunE: func(_ *cobra.Command, args []string) error { return a.specLint(args) },
	})
	cmd.AddCommand(a.specCoverageCommand())
	return cmd
}

// oneArg wants one argument and says what it is for.
func oneArg(format string, words ...any) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usagef("%s takes one argument, not %d: "+format, append([]any{cmd.CommandPath(), len(args)}, words...)...)
		}
		return nil
	}
}

func (a *App) specList() error {
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "DIALECT\tTITLE\tVERSION\tOPERATIONS\tREQUIREMENTS")
	common := 0
	for _, id := range specs.Builtin() {
		d, err := specs.Load(id)
		if err != nil {
			return harnessError{err}
		}
		own := ownRequirements(d)
		common = len(d.Requirements) - len(own)
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d (%s)\n", d.ID, d.Title, d.Version, len(d.Operations), len(own), levels(own))
	}
	_ = table.Flush() // into memory
	return a.page(fmt.Sprintf("%s\nEvery dialect has %d requirements more (ANY-…). gonogo spec show DIALECT says what they are.\nWhat they ask of clients is not counted: it stands there too, and gonogo watch judges it.\n", out.String(), common))
}

// ownRequirements are the rows of a document itself, without those that every dialect has.
func ownRequirements(d *specs.Dialect) []specs.Requirement {
	return slices.DeleteFunc(slices.Clone(d.Requirements), func(r specs.Requirement) bool { return r.At.File != d.File })
}

// levels counts requirements by level: "11 documented, 3 standard, 1 practice".
func levels(requirements []specs.Requirement) string {
	var counts []string
	for _, level := range specs.Levels() {
		n := 0
		for _, r := range requirements {
			if r.Level == level {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, level))
		}
	}
	return strings.Join(counts, ", ")
}

// specLint looks at every document, also after one that cannot be read.
func (a *App) specLint(names []string) error {
	if len(names) == 0 {
		names = specs.Builtin()
	}
	var unread []error
	for _, name := range names {
		file, data, err := specs.Open(name)
		if err != nil {
			unread = append(unread, err)
			continue
		}
		problems, cases := lint(file, data)
		wrong := 0
		for _, p := range problems {
			if !p.Warning {
				wrong++
			}
			if err := a.page(p.String() + "\n"); err != nil {
				return err
			}
		}
		verdict := fmt.Sprintf("clean, good for %d cases", cases)
		if len(problems) > 0 {
			verdict = counted(wrong, "problem") + ", " + counted(len(problems)-wrong, "warning")
		}
		if _, err := fmt.Fprintf(a.stdout, "%s: %s\n", file, verdict); err != nil {
			return err
		}
		if wrong > 0 {
			a.exit = exitUsage
		}
	}
	if len(unread) > 0 {
		return usageError{errors.Join(unread...)}
	}
	return nil
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// lint adds to what the document itself shows what only its plan does: rows that no case came of, and cases
// that nobody could tell apart.
func lint(file string, data []byte) (problems specs.Problems, cases int) {
	problems = specs.Lint(file, data)
	d, err := specs.Parse(file, data)
	if err != nil {
		return problems, 0
	}
	checked, ids := map[string]bool{}, map[string]bool{}
	plan := catalog.Plan(d)
	for _, c := range plan.Cases {
		if ids[c.ID] {
			problems = append(problems, specs.Problem{Place: c.At, Message: "two cases would have the id " + c.ID, Fix: "rename the operation or the variant that it comes from"})
		}
		ids[c.ID] = true
		for _, id := range c.Requirements {
			checked[id] = true
		}
	}
	for _, r := range ownRequirements(d) {
		known := slices.ContainsFunc(problems, func(p specs.Problem) bool { return p.Place == r.At })
		if !checked[r.ID] && !known {
			problems = append(problems, specs.Problem{Place: r.At, Warning: true, Message: "no case checks " + r.ID + ", though the document names it", Fix: "name it where a case comes of it: a success or refused of an operation that cases are made of, or a flow"})
		}
	}
	slices.SortStableFunc(problems, func(p, q specs.Problem) int { return p.Place.Line - q.Place.Line })
	return problems, len(plan.Cases)
}
