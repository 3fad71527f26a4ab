package html

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"gonogo/reports"
	"gonogo/reports/prose"
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

// head lays out what stands above and below the lines: situations, moves of the clock, times.
func (l *lives) head() {
	lanes := []px{}
	for i, s := range l.Situations {
		scene := lifeScene{X: l.time.at(s.ClockMS) - beforeScene/2, ID: s.ID, Title: s.ID, Odd: i%2 == 1}
		end := l.time.end()
		if i+1 < len(l.Situations) {
			end = l.time.at(l.Situations[i+1].ClockMS) - beforeScene/2
		}
		if scene.Width = max(end-scene.X, 1); s.Title != "" {
			scene.Title += ": " + s.Title
		}
		width := px(letterWidth * float64(len(s.ID)))
		lane := slices.IndexFunc(lanes, func(taken px) bool { return taken <= scene.X })
		if lane < 0 && len(lanes) < mostLanes {
			lane, lanes = len(lanes), append(lanes, 0)
		}
		if lane >= 0 && scene.X+width < l.Width {
			lanes[lane], scene.LabelY = scene.X+width+6, px(12+lane*laneHeight)
		}
		l.Scenes = append(l.Scenes, scene)
	}
	l.Top = px(len(lanes)*laneHeight + 26)
	for _, s := range l.Lives.Steps {
		from, to := l.time.at(s.ClockMS), l.time.at(s.ClockMS+s.ByMS)
		step := lifeStep{X: from, Width: max(to-from, 1), Title: "the API's clock is moved by " + prose.Since(s.ByMS)}
		if s.ByMS >= labelledStep {
			step.Text = "+" + prose.Span(s.ByMS)
		}
		l.Steps = append(l.Steps, step)
	}
	free := px(0)
	tick := func(m reports.Moment) {
		t := lifeTick{X: l.time.at(m.ClockMS), API: prose.Since(m.ClockMS), Wall: prose.Since(m.AtMS)}
		if width := px(letterWidth * float64(max(len(t.API), len(t.Wall)))); t.X >= free && t.X+width <= l.Width {
			l.Ticks, free = append(l.Ticks, t), t.X+width+10
		}
	}
	for _, s := range l.Situations {
		tick(s.Moment)
	}
}

// place gives each token its row: grants one below the other, and in each the tokens as they came.
func (l *lives) place() {
	grants := map[string]int{}
	for _, t := range l.Tokens {
		if _, known := grants[t.Grant]; !known {
			grants[t.Grant] = len(grants)
		}
	}
	slices.SortStableFunc(l.Tokens, func(a, b reports.TokenLife) int { return cmp.Compare(grants[a.Grant], grants[b.Grant]) })
	y := l.Top
	for i, t := range l.Tokens {
		name := lifeName{Text: t.Name, Series: series(t.Kind), IsAccused: t.IsAccused()}
		if i > 0 && l.Tokens[i-1].Grant != t.Grant {
			y += lifeGrantGap
			name.Rule = true
		}
		name.Y = y + lifeRowHeight/2
		y += lifeRowHeight
		l.rows[t.Name] = name.Y
		if len(t.Events) > 0 {
			name.Href = "#" + l.mark(t, t.Events[0])
		}
		l.Names = append(l.Names, name)
	}
	l.Foot = y
	l.Height = y + 44
}

// series chooses the colour of a kind. Each document has access tokens, and most have refresh tokens.
func series(kind string) int {
	switch kind {
	case "access":
		return 1
	case "refresh":
		return 2
	}
	return 3
}

// line draws a life: thick while the token is the newest and alive, thin behind that as far as it is used, dotted behind its end.
func (l *lives) line(t reports.TokenLife) {
	if len(t.Events) == 0 {
		return
	}
	first, last := t.Events[0], t.Events[len(t.Events)-1].ClockMS
	end, ended := l.End.ClockMS, false
	if t.EndsMS != nil && *t.EndsMS < end {
		end, ended = *t.EndsMS, true
	}
	alive := end
	for _, e := range t.Events {
		if e.What == reports.Traded || e.What == reports.Replaced || e.What == reports.Revoked {
			alive = min(alive, e.ClockMS)
			break
		}
	}
	line := lifeLine{Series: series(t.Kind), Class: "alive", From: l.time.at(first.ClockMS), To: l.time.at(alive), Y: l.rows[t.Name]}
	if first.What == reports.Lost {
		line.Class = "lost"
		line.To = min(line.To, l.time.at(last)+30)
	}
	l.Lines = append(l.Lines, line)
	if from, to := l.time.at(alive), l.time.at(min(last, end)); to > from {
		l.Lines = append(l.Lines, lifeLine{line.Series, "spent", from, to, line.Y})
	}
	if ended && alive == end {
		l.Lines = append(l.Lines, lifeLine{line.Series, "end", l.time.at(end), l.time.at(end), line.Y})
	}
	if from, to := l.time.at(end), l.time.at(last); to > from {
		l.Lines = append(l.Lines, lifeLine{line.Series, "late", from, to, line.Y})
	}
}

// mark is the id of an event on the page.
func (l *lives) mark(t reports.TokenLife, e reports.TokenEvent) string {
	return fmt.Sprintf("%s.%s.%d.%s", l.ID, strings.ReplaceAll(t.Name, " ", "-"), e.Exchange, e.What)
}

// marks draws the events of a token, and what they hand out.
func (l *lives) marks(t reports.TokenLife) {
	y := l.rows[t.Name]
	called := false
	for _, e := range t.Events {
		m := lifeMark{X: l.time.at(e.ClockMS), Y: y, Series: series(t.Kind), What: e.What, ID: l.mark(t, e)}
		m.Title = fmt.Sprintf("‹%s› %s: %s, exchange %d, in %s, %s by the API's clock, %s after the watch began", t.Name, prose.Fate(e), e.Request, e.Exchange, e.Situation, prose.Since(e.ClockMS), prose.Since(e.AtMS))
		row := lifeRow{ID: m.ID + ".row", API: prose.Since(e.ClockMS), Wall: prose.Since(e.AtMS), Token: t.Name, What: prose.Fate(e), Request: e.Request, In: e.Situation, Exchange: e.Exchange}
		m.Href = "#" + row.ID
		var ids []string
		for _, a := range e.Accused {
			found := l.accused(a)
			if m.Outcome == "" || found.Outcome == reports.Fail {
				m.Outcome = found.Outcome
				if found.Href != "" {
					m.Href = found.Href
				}
			}
			m.Title += ". " + words.Join(found.Rows) + ": " + found.Text
			ids = append(ids, found.Rows...)
			row.Findings = append(row.Findings, link{found.Href, words.Join(found.Rows), ""})
		}
		row.Outcome = m.Outcome
		if text := words.Join(ids); text != "" && !called {
			l.callout(m, text)
			called = true
		}
		if e.What == reports.Traded {
			l.branch(m, e)
		}
		l.Marks, l.Rows = append(l.Marks, m), append(l.Rows, row)
	}
}

// callout writes which requirement an exchange violates, once for each line, where there is room.
func (l *lives) callout(m lifeMark, text string) {
	label := plotLabel{m.X + 11, m.Y - 8, text, "start"}
	if m.X+px(8*len(text)) > l.Width {
		label.X, label.Anchor = m.X-11, "end"
	}
	if !slices.ContainsFunc(l.Callouts, label.overlaps) {
		l.Callouts = append(l.Callouts, label)
	}
}

// branch leads from a token that was shown to those that were handed out for it.
func (l *lives) branch(m lifeMark, e reports.TokenEvent) {
	for _, name := range e.By {
		y, drawn := l.rows[name]
		if !drawn || y == m.Y {
			continue
		}
		i := slices.IndexFunc(l.Tokens, func(t reports.TokenLife) bool { return t.Name == name })
		at := slices.IndexFunc(l.Tokens[i].Events, func(o reports.TokenEvent) bool {
			return o.Exchange == e.Exchange && (o.What == reports.Issued || o.What == reports.Lost)
		})
		if at < 0 {
			continue
		}
		x := l.time.at(l.Tokens[i].Events[at].ClockMS)
		l.Branches = append(l.Branches, lifeBranch{fmt.Sprintf("M%s %sC%s %s %s %s %s %s", m.X, m.Y, m.X, (m.Y+y)/2, m.X, y, x, y), m.Outcome})
	}
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
	text, _ := style()
	return string(text)
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
