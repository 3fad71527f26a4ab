// Package version says which build of gonogo made a report, and on what machine.
package version

import (
	"cmp"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"

	"gonogo/reports"
)

// What a release is built with: -ldflags "-X gonogo/internal/version.Version=…". Other builds know what the Go command knew.
var (
	Version = unreleased
	commit  string
	date    string // of the commit, RFC 3339
)

// unreleased is the version of a build of a work tree.
const unreleased = "dev"

// Tool is what a report names as its maker.
func Tool() reports.Tool {
	settings, published := built()
	tool := reports.Tool{Name: "gonogo", Version: Version, Commit: cmp.Or(commit, settings["vcs.revision"])}
	if Version == unreleased && published != "" {
		tool.Version = published
	}
	return tool
}

// Date is when what was built was committed, as RFC 3339 has it; empty if nobody knows.
func Date() string {
	settings, _ := built()
	return cmp.Or(date, settings["vcs.time"])
}

// built is what the Go command says of this program: the settings of its build, and the version under which it came from a module
// proxy. Where it is somebody else's program, which imports this one, it says nothing of it.
func built() (settings map[string]string, published string) {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path != module() {
		return nil, ""
	}
	settings = map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	if settings["vcs"] == "" && info.Main.Version != "(devel)" {
		published = info.Main.Version
	}
	return settings, published
}

// module is this module's path.
func module() string {
	type here struct{}
	return strings.TrimSuffix(reflect.TypeFor[here]().PkgPath(), "/internal/version")
}

// Here is the machine that this process runs on. Flags are for the command to add.
func Here() *reports.Environment {
	host, _ := os.Hostname() // without one it has none
	return &reports.Environment{
		Host: host, OS: runtime.GOOS, Arch: runtime.GOARCH, Kernel: kernel(), Go: runtime.Version(), Cores: runtime.NumCPU(), Flags: []string{},
	}
}
