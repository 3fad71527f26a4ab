package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Origin is where a report comes from beside the tool: what who ran it calls it, and on what it was made.
type Origin struct {
	// Labels are the user's own, by name: build=abc.
	Labels map[string]string `json:"labels,omitempty"`
	// Commit is of the work tree in which it was made, as the CI or git says; with -dirty where files are not as they are in it;
	// empty where nobody says.
	Commit string `json:"commit,omitempty"`
	// Environment is nil in a report that does not say.
	Environment *Environment `json:"environment,omitempty"`
}

// Environment is what a report was made on, so that like is compared with like. No secret and no user's name is in it:
// of the command line there are the names of the flags alone.
type Environment struct {
	Host   string   `json:"host"` // the machine's name
	OS     string   `json:"os"`   // as Go calls it, such as linux
	Arch   string   `json:"arch"`
	Kernel string   `json:"kernel"` // its release; empty where the system does not say
	Go     string   `json:"go"`     // the version that the tool was built with
	Cores  int      `json:"cores"`  // that the tool could use
	Flags  []string `json:"flags"`  // the names of those that were given, in order
}

// String is the environment in a line.
func (e *Environment) String() string {
	if e == nil {
		return ""
	}
	text := fmt.Sprintf("%s, %s/%s, %d cores, %s", e.Host, e.OS, e.Arch, e.Cores, e.Go)
	if e.Kernel != "" {
		text += ", kernel " + e.Kernel
	}
	return text
}

// Labelled are the labels in a line, by name; empty without any.
func (o Origin) Labelled() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(o.Labels)) {
		all = append(all, name+"="+o.Labels[name])
	}
	return strings.Join(all, ", ")
}

// Revision is what was run: what the labels commit or build say of that, else the work tree's commit; empty where nothing says.
func (o Origin) Revision() string { return cmp.Or(o.Labels["commit"], o.Labels["build"], o.Commit) }
