// Package version says which build of gonogo made a report.
package version

import (
	"runtime/debug"

	"gonogo/reports"
)

// Version is set by release builds (-ldflags "-X gonogo/internal/version.Version=…").
var Version = "dev"

// module is this module's path, which is not the main one where somebody else's imports it.
const module = "gonogo"

// Tool is what a report names as its maker.
func Tool() reports.Tool {
	tool := reports.Tool{Name: "gonogo", Version: Version}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path != module {
		return tool
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			tool.Commit = setting.Value
		}
	}
	return tool
}
