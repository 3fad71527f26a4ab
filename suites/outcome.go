package suites

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/terminal"
)

// result is what a spec's report says of its case for other programs. The spec's own run time is only how long
// it waited.
type result struct {
	Case       string          `json:"case"`
	Outcome    reports.Outcome `json:"outcome"`
	DurationMS int64           `json:"duration_ms"`
}

// resultEntry is the name of its report entry.
const resultEntry = "gonogo"

func (r result) String() string {
	return fmt.Sprintf("%s: %s, %s", r.Case, r.Outcome, time.Duration(r.DurationMS)*time.Millisecond)
}

// tell turns a case's result into what becomes of its spec. Nothing is green that was not seen to hold: what
// could not run fails, and what was left out is skipped, with the reason. d has the requirements.
func tell(d *reports.Dialect, c reports.Case, l leaf) {
	at := l.places[len(l.places)-1]
	ginkgo.AddReportEntry(resultEntry, result{c.ID, c.Outcome, c.DurationMS}, ginkgo.ReportEntryVisibilityFailureOrVerbose, at)
	if trace := traceOf(d, c); trace != "" {
		ginkgo.AddReportEntry("exchanges", trace, ginkgo.ReportEntryVisibilityFailureOrVerbose, at)
	}
	switch c.Outcome {
	case reports.Pass:
	case reports.Warn:
		ginkgo.AddReportEntry("warning", terminal.Case(d, c), at)
	case reports.Waived:
		ginkgo.AddReportEntry("waived", terminal.Case(d, c), at)
		ginkgo.Skip(waived(c))
	case reports.NotApplicable, reports.NotExercised:
		ginkgo.Skip(fmt.Sprintf("%s: %s", c.Outcome, c.Reason))
	default: // fail, could-not-run, error, and a word that nobody knows
		ginkgo.Fail(terminal.Case(d, c))
	}
}

func waived(c reports.Case) string {
	if c.Waiver == nil {
		return string(c.Outcome)
	}
	return fmt.Sprintf("waived (%s): %s; %s answers for it until %s", c.Waiver.Outcome, c.Waiver.Reason, c.Waiver.Owner, c.Waiver.Expires)
}

// mostExchanges is how many exchanges a spec's report holds: enough for every case but the races, which have
// several hundred that are alike.
const mostExchanges = 20

// traceOf shows a case's exchanges: those that findings cite, then the others from the start.
func traceOf(d *reports.Dialect, c reports.Case) string {
	cited := map[int]bool{}
	for _, f := range c.Findings {
		if f.Exchange != nil {
			cited[*f.Exchange] = true
		}
	}
	room := mostExchanges - len(cited)
	var out strings.Builder
	left := 0
	for i, x := range c.Exchanges {
		if !cited[i] {
			if room <= 0 {
				left++
				continue
			}
			room--
		}
		_, _ = fmt.Fprintf(&out, "[%d] at %d ms, %d ms\n%s\n", i, x.AtMS, x.DurationMS, terminal.Exchange(x))
	}
	if left > 0 {
		_, _ = fmt.Fprintf(&out, "and %d more, which this shows: %s\n", left, prose.Check(d, "--case", c.ID, "--trace", c.ID))
	}
	return strings.TrimRight(out.String(), "\n")
}

// told reads back which cases the specs of a run have spoken about, by the text of their dialect's container.
func told(report types.Report) map[string]bool {
	all := map[string]bool{}
	for _, spec := range report.SpecReports {
		for _, each := range spec.ReportEntries {
			if each.Name != resultEntry || len(spec.ContainerHierarchyTexts) == 0 {
				continue
			}
			r, ok := each.GetRawValue().(result)
			if !ok { // it came from another process
				_ = json.Unmarshal([]byte(each.Value.AsJSON), &r)
			}
			all[tellingKey(spec.ContainerHierarchyTexts[0], r.Case)] = true
		}
	}
	return all
}

func tellingKey(container, id string) string { return container + "\n" + id }
