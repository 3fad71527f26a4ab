package prose

import (
	"fmt"
	"time"

	"gonogo/reports"
	"gonogo/reports/words"
)

// Fate is what an exchange was to a token, behind the token's name.
func Fate(e reports.TokenEvent) string {
	said := ""
	switch e.What {
	case reports.Issued:
		said = "handed out"
	case reports.Lost:
		said = "handed out, in an answer that the client did not receive"
	case reports.Used:
		said = "used, " + answered(e)
	case reports.Refused:
		said = "refused with " + fmt.Sprint(e.Status)
	case reports.Traded:
		said = "shown for " + Tokens(e.By)
		if e.Status == 0 {
			said += ", and the answer was lost"
		}
	case reports.Replaced:
		said = "replaced by " + Tokens(e.By)
	case reports.Revoked:
		said = "revoked"
	}
	if e.Deed != "" && e.Status != 0 {
		said += " (" + e.Deed + ")"
	}
	return said
}

func answered(e reports.TokenEvent) string {
	if e.Status == 0 {
		return "no answer"
	}
	return "answered " + fmt.Sprint(e.Status)
}

// Tokens are tokens by their names.
func Tokens(names []string) string {
	marked := make([]string, len(names))
	for i, name := range names {
		marked[i] = "‹" + name + "›"
	}
	return words.Join(marked)
}

// Since is a time since the watch began, in as few words as are true: 4.2 s, 1 h 1 min 6 s, 2 d 11 h.
func Since(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	switch day := 24 * time.Hour; {
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < day:
		return fmt.Sprintf("%d h %d min %d s", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%d d %d h %d min", int(d/day), int(d.Hours())%24, int(d.Minutes())%60)
	}
}

// Span is a time rounded to its largest unit, for labels: 64 s, 55 min, 24 h, 14 d.
func Span(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	for _, unit := range []struct {
		name string
		of   time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"min", time.Minute}} {
		if d >= 2*unit.of {
			return fmt.Sprintf("%d %s", (d+unit.of/2)/unit.of, unit.name)
		}
	}
	return fmt.Sprintf("%d s", int64(d.Round(time.Second)/time.Second))
}
