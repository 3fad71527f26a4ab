package app

import (
	"strings"
	"time"

	"github.com/spf13/pflag"

	"gonogo/specs"
)

// The flags that several commands have, each in the same words.

func reportFlag(flags *pflag.FlagSet, files *[]string, formats []string) {
	flags.StringArrayVar(files, "report", nil, "write a report as `FORMAT=FILE`, or one as FORMAT=- to standard output; formats are "+strings.Join(formats, ", ")+"; may be given several times")
}

func levelFlag(flags *pflag.FlagSet, level *specs.Level) {
	flags.StringVar((*string)(level), "level", string(specs.Standard), "the weakest `LEVEL` whose violation is a no-go: documented, standard or practice")
}

func profileFlag(flags *pflag.FlagSet, profile *string) {
	flags.StringVar(profile, "profile", "", "under which of the document's profiles, by `NAME`; the first, unless the target file says another")
}

// seedFlag's default is the time, which pflag would print: settle it with newSeed where the flag was not given.
func seedFlag(flags *pflag.FlagSet, seed *int64) {
	flags.Int64Var(seed, "seed", 0, "`N` that decides what is left to chance; the default is the time, and the report says it")
}

func waitReadyFlag(flags *pflag.FlagSet, within *time.Duration) {
	flags.DurationVar(within, "wait-ready", 0, "wait so long for a target that does not answer yet, as `D` like 30s")
}

func newSeed() int64 { return time.Now().UnixNano() % 1_000_000_007 }
