package app

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gonogo/internal/spell"
)

// farthest is how many letters a guess may be away from what was written: one in a short word, two in a longer one. More
// would be a riddle and no help.
func farthest(written string) int { return min(2, max(1, (len(written)-1)/2)) }

// guess is the word that was meant, if one is near enough.
func guess(written string, words []string) (meant string, ok bool) {
	most := farthest(written)
	least := most + 1
	for _, word := range words {
		if d := spell.Distance(written, word); d < least && d < len(word) {
			meant, least = word, d
		}
	}
	return meant, least <= most
}

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
	return guess(written, names)
}

// guessFlag adds to the error of an unknown flag which was meant.
func guessFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if meant, ok := guess(unknown.GetSpecifiedName(), names); ok {
		return fmt.Errorf("%w; did you mean --%s?", err, meant)
	}
	return err
}
