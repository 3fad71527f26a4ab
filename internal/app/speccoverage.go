package app

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gonogo/reports"
	"gonogo/reports/words"
	"gonogo/specs"
)

func (a *App) specCoverageCommand() *cobra.Command {
	var text string
	cmd := &cobra.Command{
		Use:   "coverage [DIALECT|FILE…]",
		Short: "Say what became of every heading of the published text",
		Long: `coverage prints, for each heading of the text that a document was written from, the requirements that answer it, and the
statements that no requirement answers, each with its reason. Without an argument it looks at the built-in documents.

The text itself is not part of a document, its headings and SHA-256 are: --text holds both against it.

Exit codes: 0 when every heading has a requirement or a reason, and the text is the one that the document was written
from; 1 when not; 2 when a document cannot be used, or does not say what it was written from.`,
		Example: `  gonogo spec coverage
  gonogo spec coverage mine.yaml --text published.txt`,
		RunE: func(_ *cobra.Command, args []string) error { return a.specCoverage(args, text) },
	}
	cmd.Flags().StringVar(&text, "text", "", "hold the document against the published text in this file")
	return cmd
}

func (a *App) specCoverage(names []string, text string) error {
	if len(names) == 0 {
		names = slices.DeleteFunc(specs.Builtin(), func(id string) bool { // one of many RFCs has no text of its own
			d, err := specs.Load(id)
			return err == nil && d.Published == nil
		})
	}
	var published []byte
	if text != "" {
		if len(names) != 1 {
			return usagef("--text is the text of one document, and there are %d: name the one", len(names))
		}
		var err error
		if published, err = os.ReadFile(text); err != nil {
			return usagef("the published text cannot be read: %v", err)
		}
	}
	var dialects []*specs.Dialect
	for _, name := range names { // all can be used before anything is said
		d, err := specs.Load(name)
		switch {
		case err != nil:
			return usagef("%s cannot be used:\n%w", name, err)
		case d.Published == nil:
			return usagef("%s does not say what it was written from: add x-gonogo/published with the text's sha256 and headings", d.File)
		}
		dialects = append(dialects, d)
	}
	var out strings.Builder
	for i, d := range dialects {
		if i > 0 {
			out.WriteByte('\n')
		}
		empty := coverage(&out, d)
		differences := []string(nil)
		if text != "" {
			if differences = d.CompareText(published); len(differences) == 0 {
				fmt.Fprintf(&out, "%s is the text that the document was written from.\n", text)
			}
			for _, difference := range differences {
				fmt.Fprintf(&out, "%s: %s\n", text, difference)
			}
		}
		if empty+len(differences) > 0 {
			a.exit = reports.ExitNoGo
		}
	}
	return a.page(out.String())
}

// coverage writes the table of a document, and answers how many headings have nothing.
func coverage(out *strings.Builder, d *specs.Dialect) (empty int) {
	fmt.Fprintf(out, "%s: %s\n%s, written from a text with the SHA-256 %s\n\n", d.ID, d.Title, d.File, d.Published.SHA256)
	rows, unjudged := map[string]bool{}, 0
	sections := d.Coverage()
	for _, section := range sections {
		fmt.Fprintf(out, "  %s\n", section.Heading)
		if section.Empty() {
			empty++
			out.WriteString("    - neither a requirement nor a reason\n")
		}
		if len(section.Rows) > 0 {
			fmt.Fprintf(out, "    %s\n", words.Join(section.Rows))
		}
		for _, id := range section.Rows {
			if row, _ := d.Requirement(id); row.Bound() != "" {
				fmt.Fprintf(out, "    %s: %s\n", id, row.Bound())
			}
		}
		for _, id := range section.Rows {
			rows[id] = true
		}
		for _, statement := range section.Unjudged {
			fmt.Fprintf(out, "    not judged, %s: %s\n", statement.Reason, statement.Text)
		}
		unjudged += len(section.Unjudged)
	}
	verdict := "each has a requirement or a reason"
	if empty > 0 {
		verdict = counted(empty, "heading") + " without either"
	}
	fmt.Fprintf(out, "\n%s, %s, %s not judged: %s\n", counted(len(sections), "heading"), counted(len(rows), "requirement"), counted(unjudged, "statement"), verdict)
	return empty
}
