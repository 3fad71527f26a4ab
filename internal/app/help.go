package app

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"gonogo/reports/words"
)

// helped has a command and all below it say what they are for in lines that a terminal has room for.
func (a *App) helped(root *cobra.Command) {
	plain := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		width := a.width(a.stdout.Writer)
		if width == 0 {
			plain(cmd, args)
			return
		}
		cmd.SetUsageTemplate(strings.ReplaceAll(cmd.UsageTemplate(), "Flags.FlagUsages", fmt.Sprintf("Flags.FlagUsagesWrapped %d", width)))
		about := cmd.Long
		if about == "" {
			about = cmd.Short
		}
		_ = a.page(strings.Join(paragraphs(about, width), "\n") + "\n\n" + remarksBelow(cmd.UsageString(), width))
	})
}

// paragraphs fits a text into a width whose lines were broken for another one. What is set in stays as it is.
func paragraphs(text string, width int) (lines []string) {
	var open []string
	end := func() {
		if len(open) > 0 {
			lines, open = append(lines, words.Wrap(strings.Join(open, " "), width)...), nil
		}
	}
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		if line == "" || line[0] == ' ' {
			end()
			lines = append(lines, line)
			continue
		}
		open = append(open, line)
	}
	end()
	return lines
}

// remark is what stands beside an example, far behind it.
var remark = regexp.MustCompile(`^( +gonogo .*?\S) {3,}(\S.*)$`)

// remarksBelow moves what stands beside an example below it where both have no room on a line.
func remarksBelow(text string, width int) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if found := remark.FindStringSubmatch(line); found != nil && len([]rune(line)) > width {
			lines = append(lines, found[1], "      "+found[2])
			continue
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
