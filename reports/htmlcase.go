package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// htmlCase is a case: an article if it has something to show, else a line.
type htmlCase struct {
	Case
	Anchor   string // "" in a line of a case that is shown elsewhere
	Href     string
	Rows     []htmlRow
	Evidence []htmlFinding
	Others   []htmlExchange // of the case, beside those of its findings
	LeftOut  int            // exchanges that only the json report has
}

// htmlFinding is a finding with the exchange that shows it.
type htmlFinding struct {
	Finding
	Row      htmlLink // the requirement that it violates, where the case serves several
	Number   string   // "2 of 3"
	Curl     string
	Exchange *htmlExchange
	Same     bool // its exchange stands above
	LeftOut  bool // there is no room for its exchange
}

// htmlExchange is an exchange in the words of the wire.
type htmlExchange struct {
	Summary      string
	At           string // since the run began
	Took         string
	Request      string
	RequestBody  htmlBody
	Response     string
	ResponseBody htmlBody
	Error        string
	Curl         string
}

// htmlBody is a body; a long one is folded away.
type htmlBody struct {
	Text string
	Size string // "" if it is short
}

// Bodies of the four dialects have at most 700 bytes, tokens marked; what is longer is a page or a mishap.
const longBody = 1 << 10

// What a page shows of exchanges has its bounds: a run whose every case fails had 1,800 exchanges, 3 MB of them, and
// the json report has them all. Each finding keeps its curl line in any case.
const (
	maxEvidence = 1 << 20 // bytes on the whole page
	maxOthers   = 8       // exchanges of a case that no finding points to
)

// evidenceRoom is how much may still be shown.
type evidenceRoom struct{ left int }

func (e *evidenceRoom) takes(x Exchange) bool {
	size := 512 + len(x.Request.Body) + len(x.Response.Body) + 2*len(x.Curl)
	if size > e.left {
		return false
	}
	e.left -= size
	return true
}

// line is a case in a list. It carries the case's anchor if no other place of the page does.
func (h *htmlDialect) line(c Case, here bool) htmlCase {
	shown := htmlCase{Case: c, Href: "#" + h.anchor(c.ID)}
	if here {
		shown.Anchor = h.anchor(c.ID)
	}
	return shown
}

// article is a case with all there is to say about it.
func (h *htmlDialect) article(c Case, room *evidenceRoom) htmlCase {
	shown := h.line(c, true)
	for _, id := range c.Requirements {
		row := htmlRow{Requirement: Requirement{ID: id}}
		if found := h.requirement(id); found != nil {
			row = htmlRow{Requirement: *found, Anchor: h.rowAnchor(id)}
		}
		shown.Rows = append(shown.Rows, row)
	}
	done := map[int]bool{}
	for i, f := range c.Findings {
		finding := htmlFinding{Finding: f, Curl: c.curl(f)}
		if len(c.Findings) > 1 {
			finding.Number = fmt.Sprintf("%d of %d", i+1, len(c.Findings))
		}
		if f.Requirement != "" && (len(c.Requirements) > 1 || !slices.Contains(c.Requirements, f.Requirement)) {
			finding.Row = h.rowLinks([]string{f.Requirement})[0]
		}
		if f.Exchange != nil && *f.Exchange >= 0 && *f.Exchange < len(c.Exchanges) {
			at := *f.Exchange
			switch {
			case done[at]:
				finding.Same = true
			case room.takes(c.Exchanges[at]):
				finding.Exchange = htmlExchangeOf(c.Exchanges[at])
			default:
				finding.LeftOut = true
			}
			done[at] = true
		}
		shown.Evidence = append(shown.Evidence, finding)
	}
	for i, x := range c.Exchanges {
		switch {
		case done[i]:
		case len(shown.Others) < maxOthers && room.takes(x):
			shown.Others = append(shown.Others, *htmlExchangeOf(x))
		default:
			shown.LeftOut++
		}
	}
	return shown
}

func htmlExchangeOf(x Exchange) *htmlExchange {
	answer := "no answer"
	if x.Error == "" {
		answer = fmt.Sprint(x.Response.Status)
	}
	h := &htmlExchange{
		Summary: fmt.Sprintf("%s %s → %s", plain(x.Request.Method), plain(x.Request.URL), answer),
		At:      moment(x.AtMS), Took: milliseconds(x.DurationMS),
		Request: plain(x.Request.Method+" "+x.Request.URL) + headerText(x.Request.Headers), RequestBody: htmlBodyOf(x.Request.Body),
		Error: x.Error, Curl: x.Curl,
	}
	if x.Error == "" {
		h.Response, h.ResponseBody = answer+headerText(x.Response.Headers), htmlBodyOf(x.Response.Body)
	}
	return h
}

func headerText(headers map[string][]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		for _, value := range headers[name] {
			fmt.Fprintf(&b, "\n%s: %s", plain(name), plain(value))
		}
	}
	return b.String()
}

func htmlBodyOf(body string) htmlBody {
	h := htmlBody{Text: plainText(body)}
	if len(body) > longBody {
		h.Size = threeDigits(float64(len(body))/1024) + " KiB"
	}
	return h
}
