// Package version says which build of gonogo made a report, and on what machine.
package version

import (
	"os"
	"runtime"
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

// Here is the machine that this process runs on. Flags are for the command to add.
func Here() *reports.Environment {
	host, _ := os.Hostname() // without one it has none
	return &reports.Environment{
		Host: host, OS: runtime.GOOS, Arch: runtime.GOARCH, Kernel: kernel(), Go: runtime.Version(), Cores: runtime.NumCPU(), Flags: []string{},
	}
}
