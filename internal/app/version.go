package app

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"gonogo/reports"
)

// Version is set by release builds (-ldflags "-X gonogo/internal/app.Version=…").
var Version = "dev"

func tool() reports.Tool {
	return reports.Tool{Name: "gonogo", Version: Version, Commit: commit()}
}

func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return ""
}

func (a *App) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			t := tool()
			if t.Commit != "" {
				t.Version += " (" + t.Commit + ")"
			}
			_, err := fmt.Fprintln(a.stdout, t.Name, t.Version)
			return err
		},
	}
}
