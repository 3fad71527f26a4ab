package app

import (
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"gonogo/reports"
	"gonogo/specs"
)

// The flags that several commands have, each in the same words.

func reportFlag(flags *pflag.FlagSet, files *[]string, formats []string) {
	flags.StringArrayVar(files, "report", nil, "write a report as `FORMAT=FILE`, or one as FORMAT=- to standard output; formats are "+strings.Join(formats, ", ")+"; may be given several times")
	var forms []string
	for _, form := range formats {
		forms = append(forms, form+"=")
	}
	closed(flags, "report", forms...)
}

func levelFlag(flags *pflag.FlagSet, level *specs.Level) {
	flags.StringVar((*string)(level), "level", string(specs.Standard), "the weakest `LEVEL` whose violation is a no-go: documented, standard or practice")
	closed(flags, "level", string(specs.Documented), string(specs.Standard), string(specs.Practice))
}

func profileFlag(flags *pflag.FlagSet, profile *string) {
	flags.StringVar(profile, "profile", "", "under which of the document's profiles, by `NAME`; the first, unless the target file says another")
}

// choiceFlags choose among the cases of a plan.
func (f *checkFlags) choiceFlags(flags *pflag.FlagSet) {
	flags.BoolVar(&f.plan, "plan", false, "print the cases that there would be, and send nothing")
	flags.StringArrayVar(&f.cases, "case", nil, "only cases whose id matches `GLOB`, where * crosses slashes; may be given several times")
	flags.StringVar(&f.labelFilter, "label-filter", "", "only cases whose labels `EXPR` accepts, such as 'documented && !time'; labels are dialect, level, flow, requirement ids and needs")
	flags.StringVar(&f.rerunFailed, "rerun-failed", "", "only the cases that did not pass in this `REPORT` (json or jsonl)")
	flags.StringVar(&f.trace, "trace", "", "print every exchange of this `CASE`")
}

// gateFlags say how what was found counts.
func (f *checkFlags) gateFlags(flags *pflag.FlagSet) {
	levelFlag(flags, &f.level)
	profileFlag(flags, &f.profile)
	flags.BoolVar(&f.strict, "strict", false, "a documented requirement that was not exercised makes the run incomplete")
	flags.StringVar(&f.waivers, "waivers", "", "`FILE` with waivers, instead of the target file's")
	historyFlag(flags, &f.history)
	flags.Lookup("history").Usage += "; a flaky waiver that was of no use in the last " + strconv.Itoa(reports.StaleAfter) + " is stale"
}

// checkGate looks over them.
func (f *checkFlags) checkGate() error {
	switch {
	case !f.level.Valid():
		return usagef("--level %s: choose documented, standard or practice", f.level)
	case f.given("history") && f.history == "":
		return errNoFolder
	}
	return nil
}

// seedFlag's default is the time, which pflag would print: settle it with newSeed where the flag was not given.
func seedFlag(flags *pflag.FlagSet, seed *int64) {
	flags.Int64Var(seed, "seed", 0, "`N` that decides what is left to chance; the default is the time, and the report says it")
}

func waitReadyFlag(flags *pflag.FlagSet, within *time.Duration) {
	flags.DurationVar(within, "wait-ready", 0, "wait so long for a target that does not answer yet, as `D` like 30s")
}

func newSeed() int64 { return time.Now().UnixNano() % 1_000_000_007 }
