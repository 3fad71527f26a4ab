package prose

import (
	"slices"
	"strings"

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

// Reproduce is how to have the request of a finding again: the line that sends it, or, where a secret was taken out of that,
// the command line that prints a script for the whole case.
func Reproduce(d *reports.Dialect, c reports.Case, x *reports.Exchange) (name, line string) {
	if strings.Contains(x.Curl, "‹") && d != nil && d.Subject != reports.SubjectClient && (d.Target.Again != nil || d.Target.File != "") {
		return "reproduce", Check(d, "--reproduce", c.ID)
	}
	return "curl", x.Curl
}

// Check is the command line that checks the target of a dialect, or watches its client, once more, with these flags beside those that the run
// had. Of a target that only a program knows it is what to do there.
func Check(d *reports.Dialect, flags ...string) string {
	again := d.Target.Again
	if again == nil && d.Target.File != "" {
		again = []string{"--target", d.Target.File}
	}
	if again == nil {
		return "the same once more, with " + words.Command(flags...)
	}
	command := "check"
	if d.Subject == reports.SubjectClient {
		command = "watch"
	}
	return words.Command(slices.Concat([]string{"gonogo", command}, again, flags)...)
}
