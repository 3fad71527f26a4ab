package watch

import (
	"cmp"
	"slices"
	"time"

	"gonogo/internal/lineage"
	"gonogo/reports"
)

// What a report has of the lives of tokens at the most: about 5 MB of JSON.
const (
	mostLives  = 2000
	mostEvents = keptEvents
)

// accusations are the findings that each exchange shows.
type accusations map[*lineage.Event][]reports.Accusation

// lives are the tokens of the watch so far, with every exchange that was kept of each.
func (s *stage) lives(started time.Time, accused accusations) *reports.Lives {
	s.mu.Lock() // what is known of tokens changes under it
	defer s.mu.Unlock()
	now := time.Now()
	l := &reports.Lives{Began: s.clockAt(started), End: s.moment(started, now)}
	for id, began := range s.began {
		l.Situations = append(l.Situations, reports.Stretch{ID: id, Title: titleOf(id), Moment: s.moment(started, began)})
	}
	slices.SortFunc(l.Situations, func(a, b reports.Stretch) int { return cmp.Or(cmp.Compare(a.AtMS, b.AtMS), cmp.Compare(a.ID, b.ID)) })
	for _, step := range s.steps {
		at := reports.Moment{AtMS: step.at.Sub(started).Milliseconds()}
		at.ClockMS = s.clockAt(step.at).Add(-step.by).Sub(l.Began).Milliseconds()
		l.Steps = append(l.Steps, reports.ClockStep{Moment: at, ByMS: step.by.Milliseconds()})
	}
	events := s.fates(accused, func(wall, clock time.Time) reports.Moment {
		return reports.Moment{AtMS: wall.Sub(started).Milliseconds(), ClockMS: clock.Sub(l.Began).Milliseconds()}
	})
	for _, t := range s.book.Tokens() {
		life := reports.TokenLife{Name: t.Name(), Kind: t.Kind, Grant: t.Letter(), Events: events[t], LeftOut: s.unkept[t]}
		slices.SortStableFunc(life.Events, func(a, b reports.TokenEvent) int { return cmp.Compare(a.AtMS, b.AtMS) })
		if t.Parent != nil {
			life.Origin = t.Parent.Name()
		}
		if !t.Ends.IsZero() {
			life.EndsMS = new(t.Ends.Sub(l.Began).Milliseconds())
		}
		l.LeftOut.Events += life.LeftOut
		l.Tokens = append(l.Tokens, life)
	}
	return l.Thinned(mostLives, mostEvents)
}

// fates are the exchanges of each token. s.mu is held.
func (s *stage) fates(accused accusations, at func(wall, clock time.Time) reports.Moment) map[*lineage.Token][]reports.TokenEvent {
	all := map[*lineage.Token][]reports.TokenEvent{}
	instead := map[*lineage.Event][]*lineage.Token{} // what an answer replaced that its request did not show
	for _, t := range s.book.Tokens() {
		if t.Replaced != nil && !slices.Contains(t.Replaced.Shown, t) {
			instead[t.Replaced] = append(instead[t.Replaced], t)
		}
	}
	for _, e := range s.events {
		one := reports.TokenEvent{
			Exchange: e.Number, Request: s.connection.Redactor.String(e.Request.Method + " " + e.Request.URL.Path), Status: e.Status(), Deed: e.Deed, Situation: e.Situation,
		}
		add := func(t *lineage.Token, what reports.Fate, moment reports.Moment, by []string, accused []reports.Accusation) {
			one.What, one.Moment, one.By, one.Accused = what, moment, by, accused
			all[t] = append(all[t], one)
		}
		sent, told := at(e.Arrived, e.At), at(e.Done, e.Until)
		if e.Until.IsZero() {
			told.ClockMS = sent.ClockMS
		}
		gave := names(e.Gave)
		for _, t := range e.Shown {
			switch {
			case len(gave) > 0:
				add(t, reports.Traded, sent, gave, accused[e])
			case t.Revoked == e:
				add(t, reports.Revoked, sent, nil, accused[e])
			case e.Refused() && !slices.Contains(notOfToken, e.Status()):
				add(t, reports.Refused, sent, nil, accused[e])
			default:
				add(t, reports.Used, sent, nil, accused[e])
			}
		}
		var mine []reports.Accusation
		if len(e.Shown) == 0 { // a finding about a request that shows no token stands at those that it brought
			mine = accused[e]
		}
		for _, t := range e.Gave {
			if e.Received && e.Answer != nil && len(e.Answer.Tokens) > 0 {
				add(t, reports.Issued, told, nil, mine)
			} else {
				add(t, reports.Lost, told, nil, mine)
			}
		}
		for _, t := range instead[e] {
			if successor := e.Handed(t.Kind); successor != nil {
				add(t, reports.Replaced, told, []string{successor.Name()}, nil)
			}
		}
	}
	return all
}

func names(tokens []*lineage.Token) (all []string) {
	for _, t := range tokens {
		all = append(all, t.Name())
	}
	return all
}

// notOfToken are refusals that say nothing of the token.
var notOfToken = []int{403, 404, 429}

// moment is a moment of the wall clock by both clocks. s.mu is held.
func (s *stage) moment(started, wall time.Time) reports.Moment {
	return reports.Moment{AtMS: wall.Sub(started).Milliseconds(), ClockMS: s.clockAt(wall).Sub(s.clockAt(started)).Milliseconds()}
}

// clockAt is what the API's clock said at a moment of the wall clock. s.mu is held.
func (s *stage) clockAt(wall time.Time) time.Time {
	then := s.connection.TargetTime(wall)
	for _, step := range s.steps {
		if step.at.After(wall) {
			then = then.Add(-step.by)
		}
	}
	return then
}

func titleOf(id string) string {
	if i := slices.IndexFunc(script, func(s situation) bool { return s.id == id }); i >= 0 {
		return script[i].title
	}
	return ""
}
