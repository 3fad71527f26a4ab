package watch

import (
	"cmp"
	"slices"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/lineage"
	"gonogo/specs"
)

// moment: an end that is announced with an offset is the moment that it is.
func moment(d *specs.Dialect, declared specs.Flow) []look {
	return []look{
		{name: "offset", row: declared.Requirement, title: "a moment with an offset is read as the moment that it is", judge: func(s *stage, found *sight) {
			found.missing = "the client was given no moment with an offset, or does not go by time"
			if s.clock && !s.knowsTime() {
				return
			}
			for _, odd := range s.during("odd-answers") {
				t := odd.Handed(client.Access)
				if odd.Deed != "odd" || t == nil {
					continue
				}
				for _, e := range s.during("odd-answers") {
					switch {
					case isUse(e) && e.Of(client.Access) == t && t.Ended(e):
						found.find(e, "a refresh before the token ended", "the token had ended %s before it was used", e.At.Sub(t.Ends).Round(time.Second))
					case refresh(e) && e.OK() && s.accessOf(e) == t && !t.Ended(e):
						found.saw(e)
					}
				}
			}
		}},
		{name: "skewed", row: declared.Params["skewed"], title: "a token that was refused is renewed, whatever the client's own clock says", judge: func(s *stage, found *sight) {
			found.missing = "the client met no end of a token that came before the time that it had been told"
			for _, told := range s.during("odd-answers") {
				t := told.Handed(client.Access)
				if told.Deed != "skewed" || t == nil || t.Refused == nil {
					continue
				}
				if again := s.repeats(t, isUse); len(again) > s.hands()+1 { // one in each hand, and a repeat or two
					found.find(again[0], "another token: a 401 tells more than a clock", "‹%s› %d times more after it was refused", t.Name(), len(again))
				} else {
					found.saw(t.Refused)
				}
			}
		}},
	}
}

// leastFleet is how many instances of a client can be in step.
const leastFleet = 3

// jitter looks at who renews tokens by time, before they are refused, and whether all do in the same second, again and again. Where the clock
// was moved it is only seen between small steps.
func jitter(s *stage, found *sight) {
	found.missing = "no three instances of the client refreshed by time, with tokens of their own"
	var inTime []*lineage.Event
	fleet := map[int]bool{}
	for _, e := range s.during(ends...) {
		if t := s.accessOf(e); refresh(e) && e.OK() && t != nil && (t.Refused == nil || t.Refused.Before(e)) && s.movedBy(e) <= smallStep+2*time.Second {
			inTime, fleet[t.Family] = append(inTime, e), true
		}
	}
	if len(fleet) < leastFleet {
		return
	}
	slices.SortFunc(inTime, func(a, b *lineage.Event) int { return a.At.Compare(b.At) })
	together := 0
	for i := 0; i < len(inTime); {
		same := map[int]bool{}
		first := inTime[i]
		for ; i < len(inTime) && inTime[i].At.Sub(first.At) <= time.Second; i++ {
			same[inTime[i].Shown[0].Family] = true
		}
		if len(same) < len(fleet) {
			found.saw(first)
		} else if together++; together > 1 { // once is what those do that were started together
			found.find(first, "refreshes of a fleet that are spread over some time", "%d instances that refresh in the same second, each time", len(fleet))
		}
	}
}

// movedBy is by how much the clock was moved the last time before an exchange; 0: not at all.
func (s *stage) movedBy(e *lineage.Event) (by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, step := range s.steps {
		if step.from.Before(e.Arrived) {
			by = step.by
		}
	}
	return by
}

// leastPerpetual is from how many renewals on one can speak of a loop.
const leastPerpetual = 4

// shortLife counts the tokens of a short life that were renewed long before their end, after one call at the most. A client that calls
// seldom meets the end of each.
func shortLife(s *stage, found *sight) {
	found.missing = "the client was given no token of a short life"
	var short *lineage.Event
	calm := false // a token of a short life was used twice
	uses, given, hasty := map[*lineage.Token]int{}, 0, 0
	for _, e := range s.during("short-life") {
		if t := e.Of(client.Access); isUse(e) && t != nil {
			uses[t]++
			calm = calm || t.Given.Deed == "short" && uses[t] > 1
		}
		if e.Deed == "short" && e.OK() {
			short, given = cmp.Or(short, e), given+1
		}
		if t := s.accessOf(e); refresh(e) && e.OK() && t != nil && t.Given.Deed == "short" && uses[t] <= 1 && e.At.Sub(t.Given.At) < t.Announced/2 {
			hasty++
		}
	}
	switch {
	case short == nil:
	case hasty >= leastPerpetual && hasty >= given/2:
		found.find(short, "calls in between, however short the announced life", "%d of %d tokens renewed before half of their life was over, for one call each", hasty, given)
	case calm || given >= leastPerpetual:
		found.saw(short)
	default:
		found.missing = "the client made no second call with a token of a short life, and too few others to see how it renews them"
	}
}
