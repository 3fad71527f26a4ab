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
	Others   []*exchange // beside those of its findings
	LeftOut  int         // exchanges that only the json report has
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
	Exchange *exchange
	Same     bool // its exchange stands above
	LeftOut  bool // there is no room for its exchange
}

// exchange is one as it is shown, with its bodies.
type exchange struct {
	*reports.Exchange
	Sent, Got body
}

// body is one as it is shown: where it stands on the page already, a link to it, which the page's script puts it in place of.
type body struct {
	Text   string
	Anchor string // "" of a short one
	Above  bool
}

// What a page shows of exchanges has its bounds: a run whose every case fails had 1,800 exchanges, 3 MB of them, and
// the json report has them all. Each finding keeps its curl line in any case.
const (
	maxEvidence = 1 << 20 // bytes on the whole page
	maxOthers   = 8       // exchanges of a case that no finding points to
)

// shortBody is what a link to it would be longer than.
const shortBody = 100

// room is how much evidence may still be shown, and which bodies stand on the page already.
type room struct {
	left   int
	bodies map[string]string // their anchors; nil: each is to stand where it belongs
}

// shown is an exchange, if there is one and room for it.
func (r *room) shown(x *reports.Exchange) *exchange {
	if x == nil {
		return nil
	}
	size := 1024 + 2*len(x.Curl)
	for i, text := range []string{x.Request.Body, x.Response.Body} {
		if r.bodies[text] == "" && (i == 0 || text != x.Request.Body) {
			size += len(text)
		}
	}
	if size > r.left {
		return nil
	}
	r.left -= size
	return &exchange{x, r.body(x.Request.Body), r.body(x.Response.Body)}
}

func (r *room) body(text string) body {
	if r.bodies == nil || len(text) < shortBody {
		return body{Text: text}
	}
	anchor, above := r.bodies[text]
	if !above {
		anchor = fmt.Sprintf("body.%d", len(r.bodies)+1)
		r.bodies[text] = anchor
	}
	return body{text, anchor, above}
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
			if done[*f.Exchange] {
				evidence.Same = true
			} else {
				evidence.Exchange = room.shown(x)
				evidence.LeftOut = evidence.Exchange == nil
			}
			done[*f.Exchange] = true
		}
		shown.Evidence = append(shown.Evidence, evidence)
	}
	for i, x := range c.Exchanges {
		if done[i] {
			continue
		}
		var other *exchange
		if len(shown.Others) < maxOthers {
			other = room.shown(&x)
		}
		if other == nil {
			shown.LeftOut++
		} else {
			shown.Others = append(shown.Others, other)
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
