package app

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gonogo/internal/version"
	"gonogo/reports"
)

// originFlags are what a report says of where it comes from: the labels that it is given, and the rest of itself.
type originFlags struct{ labels map[string]string }

func (o *originFlags) addTo(flags *pflag.FlagSet) {
	o.labels = map[string]string{}
	flags.Var(labelFlag{o.labels}, "label", "write the label `NAME=VALUE` into every report, as it is, such as build=abc; may be given several times")
}

// originOf is the origin of the reports of a command.
func (a *App) originOf(cmd *cobra.Command, o originFlags) reports.Origin {
	e := version.Here()
	cmd.Flags().Visit(func(flag *pflag.Flag) { e.Flags = append(e.Flags, "--"+flag.Name) })
	origin := reports.Origin{Labels: o.labels, Environment: e}
	if cmd.Flags().Changed("report") || cmd.Flags().Changed("history") { // to ask git takes some milliseconds
		origin.Commit = a.commit(cmd.Context())
	}
	return origin
}

// commits are where CI systems say what they have checked out: GitHub and Gitea, GitLab and Woodpecker, Jenkins, Buildkite,
// CircleCI, Bitbucket, Azure, Travis, Drone.
var commits = []string{
	"GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT", "BUILDKITE_COMMIT", "CIRCLE_SHA1", "BITBUCKET_COMMIT", "BUILD_SOURCEVERSION", "TRAVIS_COMMIT", "DRONE_COMMIT_SHA",
}

var commitForm = regexp.MustCompile(`^[0-9a-f]{7,64}(-dirty)?$`)

// gitPatience is how long git may take: to find out whether files have changed it looks at all of them.
const gitPatience = 2 * time.Second

// commit is that of the work tree that the command was called in; empty where nobody says.
func (a *App) commit(ctx context.Context) string {
	for _, name := range commits {
		if sha, _ := a.env(name); commitForm.MatchString(sha) {
			return sha
		}
	}
	ctx, cancel := context.WithTimeout(ctx, gitPatience)
	defer cancel()
	out, _ := exec.CommandContext(ctx, "git", "-c", "core.fsmonitor=false", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*").Output()
	if sha := strings.TrimSpace(string(out)); commitForm.MatchString(sha) {
		return sha
	}
	return ""
}

// labelFlag takes in labels.
type labelFlag struct{ to map[string]string }

var labelForm = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9._/-]{0,63})=(.{1,200})$`)

func (l labelFlag) String() string { return "" }

func (l labelFlag) Type() string { return "label" }

func (l labelFlag) Set(text string) error {
	m := labelForm.FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("write NAME=VALUE, such as build=abc: a name of letters, digits and . _ / - that begins with a letter, and a value of 1 to 200 characters")
	}
	for _, r := range m[2] {
		if !unicode.IsPrint(r) {
			return fmt.Errorf("the value has a character that cannot be shown")
		}
	}
	if before, given := l.to[m[1]]; given {
		return fmt.Errorf("%s is given twice, as %s before", m[1], before)
	}
	l.to[m[1]] = m[2]
	return nil
}
