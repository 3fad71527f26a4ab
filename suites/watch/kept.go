package watch

import (
	"gonogo/internal/front"
	"gonogo/internal/lineage"
)

// What is kept of a watch. A client that calls thousands of times a second says the same each time: of uses that are as they should be the
// first few of each token are kept, in each situation, and the others are counted. When there is no room for another request, the watch ends.
const (
	keptUses   = 20
	keptEvents = 20_000
	keptBytes  = 64 << 20 // of bodies
)

// worthKeeping reports whether an exchange tells more than those before it. s.mu is held.
func (s *stage) worthKeeping(e *lineage.Event) bool {
	if ordinary(e) {
		t := e.Shown[0]
		if s.uses[t]++; s.uses[t] > keptUses || len(s.events) >= keptEvents {
			s.unkept[t]++
			return false
		}
		return true
	}
	if len(s.events) >= keptEvents || s.weight > keptBytes {
		if s.dropped++; s.dropped == 1 {
			close(s.full)
		}
		return false
	}
	s.weight += weight(e)
	return true
}

// weight is how many bytes of bodies an exchange keeps.
func weight(e *lineage.Event) int {
	n := len(e.Request.Body)
	for _, a := range []*front.Answer{e.Origin, e.Exchange.Answer} {
		if a != nil {
			n += len(a.Body)
		}
	}
	return n
}

// ordinary reports a use of a live token that was answered well.
func ordinary(e *lineage.Event) bool {
	return isUse(e) && e.OK() && e.Deed == "" && len(e.Shown) == 1 && len(e.Strange) == 0 && len(e.Seen.Differs) == 0 &&
		!e.Shown[0].Ended(e) && e.Shown[0].Refused == nil && e.Shown[0].Replaced == nil
}
