package terminal

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/words"
)

// blocks prints every case of the given outcomes with all that is known of it,
// the outcomes in the order given. Cases that have nothing to tell but the same
// reason share a block: a target that went away gives one, not sixty.
func (s *screen) blocks(d *reports.Dialect, outcomes ...reports.Outcome) {
	var bare []reports.Case
	for _, c := range prose.With(d.Cases, outcomes...) {
		if c.Reason != "" && len(c.Findings) == 0 && c.Outcome != reports.Fail {
			bare = append(bare, c)
		}
	}
	shared := map[string]prose.Group{} // by the id of the first case
	done := map[string]bool{}
	for _, g := range prose.Groups(bare) {
		if len(g.Cases) > 1 {
			shared[g.Cases[0].ID] = g
			for _, c := range g.Cases {
				done[c.ID] = true
			}
		}
	}
	for _, c := range prose.With(d.Cases, outcomes...) {
		if g, first := shared[c.ID]; first {
			s.sharedBlock(g)
			continue
		}
		if done[c.ID] {
			continue
		}
		s.block(d, c)
		for _, like := range alike(d, c) {
			s.labelled("the same in", like.ID+" ("+words.Join(like.Requirements)+")")
			done[like.ID] = true
		}
	}
}

// fewestAlike is how many cases have to have found the same for it to be told once.
const fewestAlike = 3

// alike are the cases after one that found what it did, each in its own way: they got the same where the same was wanted.
func alike(d *reports.Dialect, one reports.Case) (all []reports.Case) {
	for _, c := range d.Cases {
		if c.ID != one.ID && sameFound(one, c) {
			all = append(all, c)
		}
	}
	if len(all)+1 < fewestAlike {
		return nil
	}
	return all
}

func sameFound(a, b reports.Case) bool {
	if a.Outcome != b.Outcome || a.Reason != b.Reason || prose.Runs(a) != prose.Runs(b) || len(a.Findings) != 1 || len(b.Findings) != 1 {
		return false
	}
	one, other := a.Findings[0], b.Findings[0]
	return one.Wanted == other.Wanted && one.Got == other.Got && one.Where == other.Where
}

func (s *screen) heading(o reports.Outcome, text string) {
	s.blank()
	s.line("%s  %s", s.paint(outcomeColor(o), strings.ToUpper(string(o))), text)
}

// mostNamed is how many cases that share a reason are named: what keeps more from running is no matter of any of them.
const mostNamed = 8

func (s *screen) sharedBlock(g prose.Group) {
	s.heading(g.Outcome, words.Cases(len(g.Cases))+" for one reason")
	s.labelled("reason", g.Reason)
	if len(g.Cases) > mostNamed { // the reason and the count are enough
		return
	}
	s.labelled("requirement", words.Join(g.Rows()))
	var ids []string
	for _, c := range g.Cases {
		ids = append(ids, c.ID)
	}
	s.labelled("cases", strings.Join(ids, "\n"))
}

func (s *screen) block(d *reports.Dialect, c reports.Case) {
	s.heading(c.Outcome, words.Plain(c.Title))
	s.labelled("case", c.ID)
	for _, id := range c.Requirements {
		s.labelled("requirement", prose.Row(d, id))
	}
	s.labelled("reason", c.Reason)
	s.labelled("runs", prose.Runs(c))
	said := ""
	for i, f := range c.Findings {
		if len(c.Findings) > 1 {
			s.line("  finding %d of %d", i+1, len(c.Findings))
		}
		s.labelled("violates", prose.Violated(c, f))
		s.finding(f)
		x := c.Shown(f)
		s.verbatim("trace", prose.Trace(x))
		if x == nil {
			continue
		}
		switch name, line := prose.Reproduce(d, c, x); {
		case line != "" && line == said:
			s.labelled(name, "the same as above")
		default:
			said = line
			s.command(name, line)
		}
	}
}

// Case is all that there is to say about a case, as the report has it, for other places where people read: its
// outcome and title, requirements, reason, and each finding with the line that sends its request again. The dialect
// has the requirements.
func Case(d *reports.Dialect, c reports.Case) string {
	s := Options{}.screen()
	s.block(d, c)
	if c.Waiver != nil {
		s.labelled("waiver", prose.Waiver(c.Waiver))
	}
	return strings.TrimSpace(s.b.String())
}

// Exchange is an exchange for people: the line that sends the request again, then the answer, free of
// whatever it could do to a terminal.
func Exchange(x reports.Exchange) string {
	out := words.Plain(x.Curl) + "\n"
	if x.Together != nil {
		out += words.Plain(prose.Together(x.Together)) + "\n"
	}
	if trace := prose.Trace(&x); trace != "" {
		out += "trace " + words.Plain(trace) + "\n"
	}
	if x.Error != "" {
		return out + "no answer: " + words.Plain(x.Error) + "\n"
	}
	out += fmt.Sprintln(x.Response.Status)
	for _, name := range slices.Sorted(maps.Keys(x.Response.Headers)) {
		out += words.Plain(name+": "+strings.Join(x.Response.Headers[name], ", ")) + "\n"
	}
	if x.Response.Body != "" {
		out += "\n" + indented(words.Lines(x.Response.Body)) + "\n"
	}
	return out
}

// indented is a text that cannot be taken for a line of ours, whatever it says.
func indented(text string) string {
	return "    " + strings.ReplaceAll(text, "\n", "\n    ")
}
