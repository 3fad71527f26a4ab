package app

import (
	"github.com/spf13/cobra"
)

func (a *App) specCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "spec", Short: "List, show and lint dialect documents"}
	return cmd
}

func (a *App) explainCommand() *cobra.Command {
	return &cobra.Command{Use: "explain ID", Short: "Explain a requirement, case, defect or liberty"}
}
