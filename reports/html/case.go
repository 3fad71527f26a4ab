package html

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/words"
)

// shownCase is a case: an article if it has something to show, else a line.
type shownCase struct {
	reports.Case
	Anchor   string // "" in a line of a case that is shown elsewhere
	Href     string
	Rows     []row
	Evidence []finding
	Others   []reports.Exchange // beside those of its findings
	LeftOut  int                // exchanges that only the json report has
}

// finding is a finding with the exchange that shows it.
type finding struct {
	reports.Finding
	Row      link // the requirement that it violates, where the case serves several
	ID       string
	Number   string // "2 of 3"
	Lines    []link // where the exchange stands in the lives of tokens
	Trace    string
	Curl     string // or how to get a script, where the line has marks in it
	Exchange *reports.Exchange
	Same     bool // its exchange stands above
	LeftOut  bool // there is no room for its exchange
}

// What a page shows of exchanges has its bounds: a run whose every case fails had 1,800 exchanges, 3 MB of them, and
// the json report has them all. Each finding keeps its curl line in any case.
const (
	maxEvidence = 1 << 20 // bytes on the whole page
	maxOthers   = 8       // exchanges of a case that no finding points to
)

// room is how much evidence may still be shown.
type room struct{ left int }

func (r *room) takes(x reports.Exchange) bool {
	size := 512 + len(x.Request.Body) + len(x.Response.Body) + 2*len(x.Curl)
	if size > r.left {
		return false
	}
	r.left -= size
	return true
}

// line is a case in a list. It carries the case's anchor if no other place of the page does.
func (h *dialect) line(c reports.Case, here bool) shownCase {
	shown := shownCase{Case: c, Href: "#" + h.anchor(c.ID)}
	if here {
		shown.Anchor = h.anchor(c.ID)
	}
	return shown
}

// article is a case with all there is to say about it.
func (h *dialect) article(c reports.Case, room *room) shownCase {
	shown := h.line(c, true)
	for _, id := range c.Requirements {
		each := row{Requirement: reports.Requirement{ID: id}}
		if found := h.Requirement(id); found != nil {
			each = row{Requirement: *found, Anchor: h.rowAnchor(id)}
		}
		shown.Rows = append(shown.Rows, each)
	}
	done := map[int]bool{}
	for i, f := range c.Findings {
		evidence := finding{Finding: f, ID: h.findingAnchor(c.ID, i), Lines: h.Drawn.links(c.ID, i)}
		if len(c.Findings) > 1 {
			evidence.Number = fmt.Sprintf("%d of %d", i+1, len(c.Findings))
		}
		if id := prose.Violated(c, f); id != "" {
			evidence.Row = h.rowLinks([]string{id})[0]
		}
		if x := c.Shown(f); x != nil {
			evidence.Trace = prose.Trace(x)
			_, evidence.Curl = prose.Reproduce(h.Dialect, c, x)
			switch {
			case done[*f.Exchange]:
				evidence.Same = true
			case room.takes(*x):
				evidence.Exchange = x
			default:
				evidence.LeftOut = true
			}
			done[*f.Exchange] = true
		}
		shown.Evidence = append(shown.Evidence, evidence)
	}
	for i, x := range c.Exchanges {
		switch {
		case done[i]:
		case len(shown.Others) < maxOthers && room.takes(x):
			shown.Others = append(shown.Others, x)
		default:
			shown.LeftOut++
		}
	}
	return shown
}

// headers are headers as they stand on the wire, behind a first line.
func headers(of map[string][]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(of)) {
		for _, value := range of[name] {
			fmt.Fprintf(&b, "\n%s: %s", words.Plain(name), words.Plain(value))
		}
	}
	return b.String()
}

// Bodies of the four dialects have at most 700 bytes, tokens marked; what is longer is a page or a mishap.
const longBody = 1 << 10

// size is that of a body that is folded away because it is long; "" of others.
func size(body string) string {
	if len(body) <= longBody {
		return ""
	}
	return words.ThreeDigits(float64(len(body))/1024) + " KiB"
}
