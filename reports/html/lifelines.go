package html

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/words"
)

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
		if lane >= 0 && scene.X+width < l.Width && s.Title != "" { // what comes after the last has no title, and no label
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
	if ended && alive == end && line.Class == "alive" {
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
