package app

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"gonogo/internal/version"
)

func (a *App) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, its commit and when that was made",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.stdout, versionLine())
			return err
		},
	}
}

// versionLine is like "gonogo 1.2.0 (0123abc, 2026-11-30T12:00:00Z)", with what is known.
func versionLine() string {
	tool := version.Tool()
	var known []string
	for _, part := range []string{tool.Commit, version.Date()} {
		if part != "" {
			known = append(known, part)
		}
	}
	line := tool.Name + " " + tool.Version
	if len(known) > 0 {
		line += " (" + strings.Join(known, ", ") + ")"
	}
	return line
}
