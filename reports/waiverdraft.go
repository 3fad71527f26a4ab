package reports

import (
	"fmt"
	"strings"
	"time"

	"gonogo/reports/words"
)

// draftedFor is how long a waiver that was drafted is to hold.
const draftedFor = 30 * 24 * time.Hour

// DraftWaivers is a file of waivers for the cases of a decided report that failed and that no waiver is for, with what was found above each, and
// how many they are. Reason and owner are left empty: the file is refused until somebody has written them.
func DraftWaivers(r *Report, now time.Time) (text string, n int) {
	var out strings.Builder
	out.WriteString("# Say of each why it may fail, and who answers for it; take out what is to be mended instead (docs/reports.md).\n")
	drafted := map[string]bool{} // of two targets of one dialect a waiver is for both
	for _, d := range r.Dialects {
		for _, c := range d.Cases {
			if c.Outcome != Fail || drafted[c.ID] {
				continue
			}
			drafted[c.ID] = true
			fmt.Fprintf(&out, "\n# %s\n", words.Plain(c.Title))
			for _, f := range c.Findings {
				fmt.Fprintf(&out, "# wanted %s; got %s\n", words.Short(f.Wanted, maxDrafted), words.Short(f.Got, maxDrafted))
			}
			fmt.Fprintf(&out, "- case: '%s'\n  outcome: fail\n  reason:\n  owner:\n  expires: %s\n", words.Plain(c.ID), now.Add(draftedFor).Format(time.DateOnly))
		}
	}
	return out.String(), len(drafted)
}

// maxDrafted is how many characters of what was wanted and got stand in a comment.
const maxDrafted = 200
