package app

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"gonogo/reports"
	"gonogo/reports/words"
	"gonogo/specs"
)

func (a *App) specCoverageCommand() *cobra.Command {
	var files []string
	cmd := &cobra.Command{
		Use:   "coverage [DIALECT|FILE…]",
		Short: "Say what became of every heading of the published text",
		Long: `coverage prints, for each heading of the text that a document was written from, the requirements that answer it, and the
statements that no requirement answers, each with its reason. What the text asks of clients is named apart: no report of a
server shows it. Without an argument it looks at the built-in documents.

The text itself is not part of a document, its headings and SHA-256 are: --text holds both against it. Of a document with
several texts it finds out which one a file has; --text NAME=FILE says so.

Exit codes: 0 when every heading has a requirement or a reason, and the text is the one that the document was written
from; 1 when not; 2 when a document cannot be used, or does not say what it was written from.`,
		Example: `  gonogo spec coverage
  gonogo spec coverage mine.yaml --text published.txt
  gonogo spec coverage DIALECT --text rfc6749.txt --text 'RFC 9700=best-practice.txt'`,
		RunE: func(_ *cobra.Command, args []string) error { return a.specCoverage(args, files) },
	}
	cmd.Flags().StringArrayVar(&files, "text", nil, "hold the document against the published text in this `FILE`, or NAME=FILE; can be repeated")
	return cmd
}

func (a *App) specCoverage(names, files []string) error {
	if len(names) == 0 {
		names = specs.Builtin()
	}
	if len(files) > 0 && len(names) != 1 {
		return usagef("--text is the text of one document, and there are %d: name the one", len(names))
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
	var compared []comparison
	for _, file := range files {
		held, err := compare(dialects[0], file)
		if err != nil {
			return err
		}
		compared = append(compared, held)
	}
	var out strings.Builder
	for i, d := range dialects {
		if i > 0 {
			out.WriteByte('\n')
		}
		if coverage(&out, d) > 0 {
			a.exit = reports.ExitNoGo
		}
	}
	for _, held := range compared {
		held.print(&out)
		if len(held.differences) > 0 {
			a.exit = reports.ExitNoGo
		}
	}
	return a.page(out.String())
}

// comparison is what came of holding a document against a file with one of its texts.
type comparison struct {
	file        string
	text        specs.Text
	differences []string
}

// compare reads a file that --text names, alone or after the name of the text that it has.
func compare(d *specs.Dialect, named string) (comparison, error) {
	file, told := named, (*specs.Text)(nil)
	for _, text := range d.Published {
		if rest, ok := strings.CutPrefix(named, text.Name+"="); ok && text.Name != "" {
			file, told = rest, &text
		}
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return comparison{}, usagef("the published text cannot be read: %v", err)
	}
	if told == nil {
		text, known := d.Recognize(content)
		if !known {
			var names []string
			for _, text := range d.Published {
				names = append(names, text.Name)
			}
			return comparison{}, usagef("which of its texts %s has cannot be told from it, so say it: --text NAME=%s, where NAME is one of %s", file, file, words.Join(names))
		}
		told = &text
	}
	return comparison{file, *told, told.Compare(content)}, nil
}

func (c comparison) print(out *strings.Builder) {
	which := "the text"
	if c.text.Name != "" {
		which = "the text of " + c.text.Name
	}
	switch {
	case len(c.differences) > 0:
	case c.text.SHA256 == "":
		fmt.Fprintf(out, "%s has the headings of %s, of whose bytes the document says nothing.\n", c.file, c.text.Name)
	default:
		fmt.Fprintf(out, "%s is %s that the document was written from.\n", c.file, which)
	}
	for _, difference := range c.differences {
		fmt.Fprintf(out, "%s: %s\n", c.file, difference)
	}
}

// coverage writes the table of a document, and answers how many headings have nothing.
func coverage(out *strings.Builder, d *specs.Dialect) (empty int) {
	fmt.Fprintf(out, "%s: %s\n%s, %s\n", d.ID, d.Title, d.File, writtenFrom(d.Published))
	rows, clients, unjudged := map[string]bool{}, map[string]bool{}, 0
	sections := d.Coverage()
	for i, section := range sections {
		if i == 0 || section.Text != sections[i-1].Text {
			fmt.Fprintf(out, "\n%s", textHeading(d, section.Text))
		}
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
		if len(section.Client) > 0 {
			fmt.Fprintf(out, "    of clients: %s\n", words.Join(section.Client))
		}
		for _, id := range section.Client {
			clients[id] = true
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
	if len(clients) > 0 {
		fmt.Fprintf(out, "Beside them stand %s of clients, which gonogo watch judges.\n", counted(len(clients), "requirement"))
	}
	return empty
}

// writtenFrom says what a document was written from.
func writtenFrom(texts []specs.Text) string {
	if texts[0].Name == "" {
		return "written from a text with the SHA-256 " + texts[0].SHA256
	}
	return "written from " + counted(len(texts), "text")
}

// textHeading stands before the sections of one of a document's texts; before those of its only one there is nothing.
func textHeading(d *specs.Dialect, name string) string {
	for _, text := range d.Published {
		switch {
		case text.Name != name || name == "":
		case text.SHA256 == "":
			return name + "\n"
		default:
			return fmt.Sprintf("%s, with the SHA-256 %s\n", name, text.SHA256)
		}
	}
	return ""
}
