package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// CaseText is all that there is to say about a case, in the words of the terminal report, for other places where
// people read: its outcome and title, requirements, reason, and each finding with the line that sends its
// request again. The dialect has the requirements.
func CaseText(d *Dialect, c Case) string {
	s := &screen{width: DefaultWidth}
	s.block(d, c)
	if w := c.Waiver; w != nil {
		s.labelled("waiver", fmt.Sprintf("(%s) %s; %s answers for it until %s", w.Outcome, w.Reason, w.Owner, w.Expires))
	}
	return strings.TrimSpace(s.b.String())
}

// ExchangeText is an exchange for people: the line that sends the request again, then the answer, free of
// whatever it could do to a terminal.
func ExchangeText(x Exchange) string {
	var out strings.Builder
	_, _ = fmt.Fprintf(&out, "%s\n", plain(x.Curl))
	if x.Error != "" {
		_, _ = fmt.Fprintf(&out, "no answer: %s\n", plain(x.Error))
		return out.String()
	}
	_, _ = fmt.Fprintf(&out, "%d\n", x.Response.Status)
	for _, name := range slices.Sorted(maps.Keys(x.Response.Headers)) {
		_, _ = fmt.Fprintf(&out, "%s: %s\n", plain(name), plain(strings.Join(x.Response.Headers[name], ", ")))
	}
	if x.Response.Body != "" {
		out.WriteByte('\n')
		for line := range strings.Lines(x.Response.Body) {
			out.WriteString(plain(strings.TrimRight(line, "\r\n")) + "\n")
		}
	}
	return out.String()
}
