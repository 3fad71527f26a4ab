package app

import (
	"errors"
	"fmt"

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

// guessFlag adds to the error of an unknown flag which was meant.
func guessFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if meant, ok := spell.Guess(unknown.GetSpecifiedName(), names); ok {
		return fmt.Errorf("%w; did you mean --%s?", err, meant)
	}
	return err
}
