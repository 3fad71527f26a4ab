package prose

import (
	"slices"

	"gonogo/reports"
	"gonogo/reports/words"
)

// The command lines that a report names can be pasted into a POSIX shell as they stand, in the folder where the run was.

// Explain is the command line that explains a requirement or a case of a dialect.
func Explain(d *reports.Dialect, id string) string {
	args := []string{"gonogo", "explain"}
	switch {
	case d.Target.File != "":
		args = append(args, "--target", d.Target.File)
	case d.Document.File != "":
		args = append(args, "--document", d.Document.File)
	}
	return words.Command(append(args, id)...)
}

// Check is the command line that checks the target of a dialect once more, with these flags beside those that the run
// had. Of a target that only a program knows it is what to do there.
func Check(d *reports.Dialect, flags ...string) string {
	again := d.Target.Again
	if again == nil && d.Target.File != "" {
		again = []string{"--target", d.Target.File}
	}
	if again == nil {
		return "the same once more, with " + words.Command(flags...)
	}
	return words.Command(slices.Concat([]string{"gonogo", "check"}, again, flags)...)
}
