package watch

import (
	"slices"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/lineage"
	"gonogo/specs"
)

// unexpected looks for a loop of refusals and renewals. A client that renews once for each of its calls makes none, however fast it calls.
func unexpected(s *stage, found *sight) {
	found.missing = "the client was not refused a live token"
	told, renewals := map[specs.Role][]*lineage.Event{}, map[specs.Role]int{} // by grant
	for _, e := range s.during("invalid") {
		switch {
		case e.Deed == "unexpected" && e.Of(client.Access) != nil:
			grant := e.Of(client.Access).Grant
			told[grant] = append(told[grant], e)
		case tokenCall(e):
			renewals[grantOf(e)]++
		}
	}
	for grant, refused := range told {
		switch played := s.outcomes["invalid"]; {
		case s.connections(refused) == 1 && renewals[grant] >= leastPerpetual && len(refused) <= renewals[grant]+1 && s.repeated(refused) >= leastPerpetual-1:
			found.find(refused[0], "one refresh, and the call once more", "%d requests for tokens for %d calls that were refused", renewals[grant], len(refused))
		case played.against() != "":
			found.find(refused[0], "one refresh, and a call that is answered well", "%s", played.against())
		default:
			found.saw(refused[0])
		}
	}
}

// repeated is how many calls came so soon after new tokens that they were no calls that the client would have made anyhow: within half the
// time that it leaves between two calls when all is well.
func (s *stage) repeated(calls []*lineage.Event) (n int) {
	var gaps []time.Duration
	var last, tokens *lineage.Event
	soon := map[*lineage.Event]time.Duration{}
	for _, e := range s.all() {
		switch {
		case e.From != calls[0].From:
		case tokenCall(e):
			last, tokens = nil, e
		case isUse(e) && slices.Contains(calls, e):
			if tokens != nil {
				soon[e] = e.Arrived.Sub(tokens.Done)
			}
			last, tokens = nil, nil
		case isUse(e) && e.OK() && e.Deed == "":
			if last != nil {
				gaps = append(gaps, e.Arrived.Sub(last.Done))
			}
			last, tokens = e, nil
		}
	}
	if len(gaps) == 0 {
		return len(soon)
	}
	slices.Sort(gaps)
	for _, gap := range soon {
		if gap < gaps[len(gaps)/2]/2 {
			n++
		}
	}
	return n
}

// connections is over how many connections requests came: each process has its own.
func (s *stage) connections(events []*lineage.Event) int {
	from := map[string]bool{}
	for _, e := range events {
		from[e.From] = true
	}
	return len(from)
}
