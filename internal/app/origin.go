package app

import (
	"fmt"
	"regexp"
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

// of is the origin of the reports of a command.
func (o *originFlags) of(cmd *cobra.Command) reports.Origin {
	e := version.Here()
	cmd.Flags().Visit(func(flag *pflag.Flag) { e.Flags = append(e.Flags, "--"+flag.Name) })
	return reports.Origin{Labels: o.labels, Environment: e}
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
