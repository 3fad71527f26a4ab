package app

import (
	"fmt"

	"github.com/spf13/cobra"

	"gonogo/internal/version"
)

func (a *App) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			tool := version.Tool()
			if tool.Commit != "" {
				tool.Version += " (" + tool.Commit + ")"
			}
			_, err := fmt.Fprintln(a.stdout, tool.Name, tool.Version)
			return err
		},
	}
}
