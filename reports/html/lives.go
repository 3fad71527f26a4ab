package html

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"gonogo/reports"
	"gonogo/reports/words"
)

// What a page draws at the most: a row is 24 px high, and a mark takes 600 bytes with its line in the table.
const (
	drawnTokens = 120
	drawnEvents = 1500
)

// lives is the drawing of the lives of tokens: a line for each, from left to right, in pixels. Names stand beside it, and stay where they are while
// the drawing is moved.
type lives struct {
	*reports.Lives
	ID            string
	Width, Height px
	Top, Foot     px // of the lines
	Names         []lifeName
	Scenes        []lifeScene
	Steps         []lifeStep
	Lines         []lifeLine
	Branches      []lifeBranch
	Marks         []lifeMark // the accused ones last, on top
	Callouts      []plotLabel
	Ticks         []lifeTick
	Rows          []lifeRow // the same as a table; nil: without
	Said          []string  // what is not drawn

	time    timeline
	rows    map[string]px // of tokens, by name
	accused func(reports.Accusation) accused
}

// accused is what a finding says of an exchange.
type accused struct {
	Href    string
	Rows    []string // requirements
	Text    string
	Outcome reports.Outcome
}

type lifeName struct {
	Y         px
	Text      string
	Series    int
	Href      string
	Rule      bool // the first of its grant
	IsAccused bool
}

type lifeScene struct {
	X, Width, LabelY px
	ID, Title        string
	Odd              bool
}

type lifeStep struct {
	X, Width    px
	Text, Title string
}

type lifeLine struct {
	Series int
	Class  string // alive, spent, late or lost
	From   px
	To     px
	Y      px
}

type lifeBranch struct {
	Path    string
	Outcome reports.Outcome // "": nothing is found
}

type lifeMark struct {
	X, Y        px
	Series      int
	What        reports.Fate
	Title, Href string
	ID          string
	Outcome     reports.Outcome // of the worst finding; "": none
}

type lifeTick struct {
	X         px
	API, Wall string
}

// lifeRow is an event in the table.
type lifeRow struct {
	ID                                  string
	API, Wall, Token, What, Request, In string
	Exchange                            int
	Findings                            []link
	Outcome                             reports.Outcome
}

const (
	lifeRowHeight = 24
	lifeGrantGap  = 12
	laneHeight    = 15
	letterWidth   = 6.6 // px of a letter of 11 px, generously
	mostLanes     = 5
)

// livesOf lays out the lives of a dialect's tokens; nil: there are none. link says where a finding stands.
func livesOf(d *reports.Dialect, key string, link func(reports.Accusation) string) *lives {
	if d.Lives == nil || len(d.Lives.Tokens) == 0 {
		return nil
	}
	thin := d.Lives.Thinned(drawnTokens, drawnEvents)
	l := &lives{Lives: thin, ID: key + ".lives", time: timelineOf(thin), rows: map[string]px{}}
	l.accused = func(a reports.Accusation) accused { return accusedOf(d, a, link) }
	l.Width = l.time.end() + lifeLeft
	l.head()
	l.place()
	for _, t := range l.Tokens {
		l.line(t)
		l.marks(t)
	}
	slices.SortStableFunc(l.Marks, func(a, b lifeMark) int { return cmp.Compare(weight(a), weight(b)) })
	l.say()
	return l
}

// weight orders marks from below to above.
func weight(m lifeMark) int {
	switch {
	case m.Outcome != "":
		return 2
	case m.What != reports.Used:
		return 1
	}
	return 0
}

func accusedOf(d *reports.Dialect, a reports.Accusation, link func(reports.Accusation) string) accused {
	i := slices.IndexFunc(d.Cases, func(c reports.Case) bool { return c.ID == a.Case })
	if i < 0 || a.Finding < 0 || a.Finding >= len(d.Cases[i].Findings) {
		return accused{Outcome: reports.Warn, Text: a.Case}
	}
	c := d.Cases[i]
	return accused{link(a), c.Requirements, c.Findings[a.Finding].Got, c.Outcome}
}

// links lead from a finding to the marks of what it is about.
func (l *lives) links(id string, finding int) (all []link) {
	if l == nil {
		return nil
	}
	for _, t := range l.Tokens {
		for _, e := range t.Events {
			if slices.Contains(e.Accused, reports.Accusation{Case: id, Finding: finding}) {
				all = append(all, link{"#" + l.mark(t, e), "‹" + t.Name + "›", ""})
			}
		}
	}
	return all
}

// say tells what is not drawn.
func (l *lives) say() {
	if l.LeftOut.Tokens > 0 {
		l.Said = append(l.Said, fmt.Sprintf("%s are left out: the first and the last are drawn, and all that a finding is about", words.Count(l.LeftOut.Tokens, "token")))
	}
	if l.LeftOut.Events > 0 {
		l.Said = append(l.Said, fmt.Sprintf("%s that went as it should, or came too often, are counted and not drawn", words.Count(l.LeftOut.Events, "exchange")))
	}
	slices.SortStableFunc(l.Rows, func(a, b lifeRow) int { return cmp.Compare(a.Exchange, b.Exchange) })
}

// WriteLives writes the drawing of the lives of a dialect's tokens by itself, without its table, for pages that use Style. link says where on that
// page the case of a finding stands.
func WriteLives(w io.Writer, d *reports.Dialect, link func(reports.Accusation) string) error {
	l := livesOf(d, d.ID, link)
	if l == nil {
		return nil
	}
	l.Rows = nil
	for i := range l.Marks {
		if l.Marks[i].Outcome == "" {
			l.Marks[i].Href = "#" + l.Marks[i].ID
		}
	}
	return templates().ExecuteTemplate(w, "lives", l)
}

// Style is the style sheet of every page.
func Style() string {
	text, _ := embedded("style.css")
	return text
}

// What the template asks for.

func (l *lives) Tall() px        { return l.Foot - l.Top }
func (l *lives) ClockY() px      { return l.Foot + 20 }
func (l *lives) WallY() px       { return l.Foot + 36 }
func (l *lives) StepY() px       { return l.Top - 7 }
func (n lifeName) RuleY() px     { return n.Y - lifeRowHeight/2 - lifeGrantGap/2 }
func (s lifeScene) TextX() px    { return s.X + 3 }
func (s lifeStep) Middle() px    { return s.X + s.Width/2 }
func (m lifeMark) Shape() string { return string(m.What) }
func (r lifeRow) Mark() string   { return strings.TrimSuffix(r.ID, ".row") }
func (l lifeLine) Path() string {
	if l.Class == "end" {
		return fmt.Sprintf("M%s %sv12", l.From, l.Y-6)
	}
	return fmt.Sprintf("M%s %sH%s", l.From, l.Y, l.To)
}
