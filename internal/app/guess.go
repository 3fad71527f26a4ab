package app

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gonogo/internal/spell"
)

// onlyCommands takes no argument but a command, and guesses which was meant.
func onlyCommands(cmd *cobra.Command, args []string) error {
	err := cobra.NoArgs(cmd, args)
	if err == nil {
		return nil
	}
	if meant, ok := guessCommand(cmd, args[0]); ok {
		return fmt.Errorf("%w; did you mean %s?", err, meant)
	}
	return err
}

// oneDialect takes one dialect at the most, or a command, and guesses which was meant.
func oneDialect(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		if meant, ok := guessCommand(cmd, args[0]); ok {
			return fmt.Errorf("unknown command %q for %q; did you mean %s?", args[0], cmd.CommandPath(), meant)
		}
	}
	return cobra.MaximumNArgs(1)(cmd, args)
}

// guessCommand is the command below cmd that was meant.
func guessCommand(cmd *cobra.Command, written string) (meant string, ok bool) {
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return spell.Guess(written, names)
}

// flagError says in words what is wrong with a flag, and of an unknown one which was meant.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var empty *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown):
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if meant, ok := spell.Guess(unknown.GetSpecifiedName(), names); ok {
			return fmt.Errorf("%w; did you mean --%s?", err, meant)
		}
	case errors.As(err, &invalid):
		flag := invalid.GetFlag()
		why, ours := valueOf[flag.Value.Type()]
		if !ours {
			why = invalid.Unwrap().Error()
		}
		return fmt.Errorf("--%s %q: %s", flag.Name, invalid.GetValue(), why)
	case errors.As(err, &empty):
		return fmt.Errorf("--%s has no value; write --%s VALUE, and see gonogo %s --help", empty.GetFlag().Name, empty.GetFlag().Name, strings.TrimPrefix(cmd.CommandPath(), "gonogo "))
	}
	return err
}

// valueOf says what a flag's value has to be, by the type of the flag. Those of other types say it themselves.
var valueOf = map[string]string{
	"duration":    "it is no duration; write one like 500ms, 30s, 10m or 1h30m",
	"int":         "it is no whole number, or too large",
	"int64":       "it is no whole number, or too large",
	"bool":        "it is neither true nor false; a flag without a value is true",
	"float64":     "it is no number; write one like 0.5 or 1000",
	"stringSlice": "it is no list; write words with commas between them",
}
