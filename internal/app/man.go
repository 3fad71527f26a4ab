package app

import (
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"gonogo/internal/version"
)

// manCommand is for whoever packs releases, and so not among the commands that help lists.
func (a *App) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write a manual page for each command into a folder",
		Long:   `man writes a manual page of section 1 for each command into the folder DIR: gonogo.1, gonogo-check.1 and so on.`,
		Hidden: true,
		Args:   oneArg("name the folder that the manual pages are written into"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return usagef("%s: no folder can be made there: %w", args[0], cause(err))
			}
			tool := version.Tool()
			header := &doc.GenManHeader{Source: "gonogo " + tool.Version, Manual: "gonogo"}
			if built, err := time.Parse(time.RFC3339, version.Date()); err == nil {
				header.Date = &built
			}
			cmd.Root().DisableAutoGenTag = true // it would carry the day
			if err := doc.GenManTree(cmd.Root(), header, args[0]); err != nil {
				return usagef("%s: the manual pages could not be written: %w", args[0], cause(err))
			}
			return nil
		},
	}
}
