package watch

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/lineage"
	"gonogo/specs"
)

// implied are the cases of every document, as far as it has the operations that they are about.
func implied(d *specs.Dialect) []look {
	all := []look{
		{flow: "unexpected", name: "once", row: "ANYW-401-1", title: "an unexpected 401 leads to one new token and one more call, in no loop", judge: unexpected},
		{flow: "throttled", name: "obeyed", row: "ANYW-429-1", title: "Retry-After is obeyed", judge: paused},
		{flow: "leak", name: "elsewhere", row: "ANYW-LEAK-1", title: "no token or secret goes to another host, or into headers that others read", judge: leaks},
		{flow: "cache", name: "dropped", row: "ANYW-CACHE-1", title: "a token that was refused is not sent again", judge: dropped},
		{flow: "jitter", name: "spread", row: "ANYW-JITTER-1", title: "a fleet of clients does not refresh in the same second", judge: jitter},
	}
	if len(d.ByRole(specs.RoleRefresh)) > 0 {
		all = append(all,
			look{flow: "storm", name: "one", row: "ANYW-STORM-1", title: "many calls at a token's end lead to one refresh", judge: storm},
			look{flow: "race", name: "winner", row: "ANYW-RACE-1", title: "after refreshes at the same time the tokens of the one that won are used", judge: race},
			look{flow: "lost", name: "recovered", row: "ANYW-LOST-1", title: "a lost answer to a refresh is followed by few tries and a new beginning", judge: lost},
			look{flow: "dead", name: "given-up", row: "ANYW-TERM-1", title: "a refresh token that was refused is not tried again", judge: dead},
			look{flow: "parse", name: "kept", row: "ANYW-PARSE-1", title: "an answer in an odd form that is allowed is kept", judge: parsed},
		)
	}
	if kind, _ := d.Token(client.Access); kind.Lifetime.Announced != "" {
		all = append(all, look{flow: "short-life", name: "calm", row: "ANYW-SHORT-1", title: "a very short lifetime leads to no perpetual refresh", judge: shortLife})
	}
	for i := range all {
		if row, ok := d.ClientRow(all[i].row); ok {
			all[i].at = row.At
		}
	}
	return all
}

// tries are the requests that showed the same refresh token, of which those that left before an answer to another could arrive count as one
// process's storm.
func storm(s *stage, found *sight) {
	found.missing = "the client did not refresh at the end of a token"
	byToken := map[*lineage.Token][]*lineage.Event{}
	for _, e := range s.during(ends...) {
		if t := e.Of(client.Refresh); refresh(e) && t != nil {
			byToken[t] = append(byToken[t], e)
		}
	}
	for _, tries := range byToken {
		if len(tries) == 1 {
			found.saw(tries[0])
			continue
		}
		if span := tries[len(tries)-1].Arrived.Sub(tries[0].Arrived); span < onTheWay {
			found.find(tries[1], "one refresh for all calls that meet the end of a token", "%d refreshes with the same token within %s", len(tries), span.Round(time.Millisecond))
		}
	}
}

// race looks at what is used after several refreshes at once with one token, of which one won.
func race(s *stage, found *sight) {
	found.missing = "the client did not refresh twice at the same time"
	for _, t := range s.book.Tokens() {
		winner := t.Replaced
		if t.Kind != client.Refresh || winner == nil {
			continue
		}
		raced := slices.ContainsFunc(s.all(), func(e *lineage.Event) bool {
			return refresh(e) && e.Of(client.Refresh) == t && e.Exchange != winner.Exchange && e.Arrived.Before(winner.Done) && winner.Arrived.Before(e.Done)
		})
		if !raced {
			continue
		}
		late := slices.IndexFunc(s.all(), func(e *lineage.Event) bool {
			return slices.ContainsFunc(e.Shown, func(shown *lineage.Token) bool {
				return shown.Family == t.Family && shown.Generation <= t.Generation && shown.Kind != client.Access && s.stale(shown, e)
			})
		})
		if late >= 0 {
			e := s.all()[late]
			found.find(e, "the tokens of the refresh that won", "‹%s›, which they had replaced", e.Shown[0].Name())
			continue
		}
		found.saw(winner)
	}
}

func (s *stage) usedOrRenewed(tokens ...*lineage.Token) bool {
	return slices.ContainsFunc(s.all(), func(e *lineage.Event) bool {
		return slices.ContainsFunc(e.Shown, func(t *lineage.Token) bool { return slices.Contains(tokens, t) })
	})
}

// nextTokenCall is the first request after another for tokens of the same grant; nil: none.
func (s *stage) nextTokenCall(after *lineage.Event) *lineage.Event {
	for _, e := range s.all() {
		if asksFor(grantOf(after))(e) && e.Before(after) {
			return e
		}
	}
	return nil
}

// mostTries is how often a refresh may be tried whose answer was lost. A request that is safe to repeat is repeated by the HTTP libraries of
// clients, too, without their doing (RFC 9110 section 9.2.2).
const mostTries = 4

func triesOf(e *lineage.Event) int {
	if e.Request.Method == http.MethodGet {
		return 2 * mostTries
	}
	return mostTries
}

func lost(s *stage, found *sight) {
	found.missing = "the client did not refresh when an answer was to be lost"
	for _, told := range s.during("throttled", "unavailable") {
		if anew := s.nextTokenCall(told); refresh(told) && told.Deed != "" && anew != nil && fromStart(anew) && s.same(anew, told) && s.alive(client.Refresh, anew) {
			found.find(anew, "the refresh again, as soon as the API can", "new tokens from the start, as if the API had refused what it had no time for")
		}
	}
	for _, cut := range s.during("refresh-lost") {
		if cut.Deed != "lost" {
			continue
		}
		played, tries := s.outcomes["refresh-lost"], 0
		for _, e := range s.all() {
			if refresh(e) && len(e.Shown) > 0 && slices.Contains(cut.Shown, e.Shown[0]) {
				tries++
			}
		}
		switch {
		case tries > triesOf(cut):
			found.find(cut, "a few tries, and then a new login", "%d tries with the token of the refresh that got lost", tries)
		case played.against() != "":
			found.find(cut, "a new login, and calls that are answered well", "%s", played.against())
		default:
			found.saw(cut)
		}
		return
	}
}

func dead(s *stage, found *sight) {
	found.missing = "the client tried no refresh token that was dead"
	for _, t := range s.book.Tokens() {
		if t.Kind != client.Refresh || t.Refused == nil || t.Refused.Deed == "malformed" {
			continue
		}
		if again := s.triedAgain(t); len(again) > 0 {
			e := again[0]
			found.find(e, "no second try with a refresh token that was refused", "%d more with ‹%s›, the first %s after it was refused", len(again), t.Name(), e.Arrived.Sub(t.Refused.Done).Round(10*time.Millisecond))
			continue
		}
		found.saw(t.Refused)
	}
}

// triedAgain are the refreshes with a token that had been refused. One at once may be another worker's.
func (s *stage) triedAgain(t *lineage.Token) []*lineage.Event {
	again := s.repeats(t, refresh)
	if len(again) < max(2, s.hands()) && (len(again) == 0 || again[len(again)-1].Arrived.Sub(t.Refused.Done) <= onTheWay/2) {
		return nil
	}
	return again
}

// repeats are the requests of a sort that showed a token after it had been refused, one after the other: each began when the one before
// had been refused, with no request for tokens under way. Those that another worker sends meanwhile are none.
func (s *stage) repeats(t *lineage.Token, which func(*lineage.Event) bool) (again []*lineage.Event) {
	last := t.Refused
	for _, e := range s.all() {
		switch {
		case last == nil || e.Arrived.Before(last.Done):
		case which(e) && e.Refused() && slices.Contains(e.Shown, t):
			again, last = append(again, e), e
		case tokenCall(e):
			return again
		}
	}
	return again
}

// hands is how many calls the client can have in hand at once: as many as were under way together. A client that never had two of them
// before it was made busy has one; what it was given to do then may go on for a while. Each worker may have taken a token in hand before that was refused to another, and sends it when it gets to it.
func (s *stage) hands() int {
	var own, all []*lineage.Event
	busy := false
	for _, e := range s.all() {
		if !isUse(e) {
			continue
		}
		if busy = busy || e.Situation == "busy-at-end"; !busy {
			own = append(own, e)
		}
		all = append(all, e)
	}
	if together(own) == 1 {
		return 1
	}
	return max(1, together(all))
}

// together is how many of some exchanges, in the order in which they arrived, were under way at the same time. Over one connection one is over
// when the next arrives, whenever the end of it was noted.
func together(events []*lineage.Event) (most int) {
	var open []*lineage.Event
	for _, e := range events {
		open = append(slices.DeleteFunc(open, func(before *lineage.Event) bool { return before.From == e.From || !before.Done.After(e.Arrived) }), e)
		most = max(most, len(open))
	}
	return most
}

func paused(s *stage, found *sight) {
	found.missing = "the client was not asked to wait"
	for _, told := range s.during("throttled", "unavailable") {
		if told.Deed != "throttled" && told.Deed != "unavailable" {
			continue
		}
		early := slices.DeleteFunc(s.all(), func(e *lineage.Event) bool {
			return !tokenCall(e) || !e.Before(told) || !s.same(e, told) || s.stepped(told.Done, e.Arrived) ||
				e.Arrived.Sub(told.Done) >= pause-time.Second // who counts in seconds waits up to one less
		})
		if len(early) >= fleet || slices.ContainsFunc(early, func(e *lineage.Event) bool { return e.From == told.From }) {
			e := early[0]
			found.find(e, "no request for tokens before Retry-After is over, which is "+pause.String(), "one after %s", e.Arrived.Sub(told.Done).Round(10*time.Millisecond))
			continue
		}
		found.saw(told)
	}
}

// fleet is how many processes may share their tokens and not hear what one of them was told. Who comes over the same connection has heard it.
const fleet = 4

// same reports whether two requests for tokens came from the same client, for the same grant: they showed tokens of one family, or there is
// but one client.
func (s *stage) same(a, b *lineage.Event) bool {
	if refresh(a) && refresh(b) && len(a.Shown) > 0 && len(b.Shown) > 0 {
		return a.Shown[0].Family == b.Shown[0].Family
	}
	return grantOf(a) == grantOf(b) && s.single(grantOf(a))
}

// single reports whether the tokens of one family were used at a time, of those that came of a grant. Who uses several in turn is several
// clients.
func (s *stage) single(grant specs.Role) bool {
	first, last := map[int]time.Time{}, map[int]time.Time{}
	for _, e := range s.all() {
		for _, t := range e.Shown {
			if t.Grant != grant {
				continue
			}
			if first[t.Family].IsZero() {
				first[t.Family] = e.Arrived
			}
			last[t.Family] = e.Arrived
		}
	}
	var before time.Time // the last use of the families so far
	for _, family := range slices.Sorted(maps.Keys(first)) {
		if first[family].Before(before) {
			return false
		}
		if last[family].After(before) {
			before = last[family]
		}
	}
	return true
}

func leaks(s *stage, found *sight) {
	found.missing = "the client was sent nowhere else"
	for _, e := range s.during("elsewhere") {
		if e.Deed == "elsewhere" {
			found.saw(e)
		}
	}
	for _, l := range s.leaked() {
		if l.in == inShared || l.in == inOther {
			found.find(l.event, "no "+l.what+" there", "one in %s", l.where)
		}
	}
}

func dropped(s *stage, found *sight) {
	found.missing = "no access token of the client was refused"
	if again := s.sentOn(s.all()); len(again) >= fleet {
		found.find(again[0], "no token that was refused before", "%d calls more, each long after, with %s", len(again), replaced(again[0]))
	}
	var repeated []*lineage.Event
	hands := s.hands()
	for _, t := range s.book.Tokens() {
		if t.Kind != client.Access || t.Refused == nil || t.Refused.Situation == "busy-at-end" { // where many calls meet the end
			continue
		}
		over := func(e *lineage.Event) bool { return isUse(e) && e.From == t.Refused.From } // another process does not hear of it
		if again := s.repeats(t, over); len(again) > hands {
			repeated = append(repeated, again[0])
			late := again[len(again)-1].Arrived.Sub(t.Refused.Done) > onTheWay // until then they may be other workers, over the same connection
			if len(repeated) > 1 || late && len(again) > hands+1 {
				found.find(again[0], "no token that was refused before", "‹%s› %d times more after it was refused", t.Name(), len(again))
			}
			continue
		}
		found.saw(t.Refused)
	}
}

func parsed(s *stage, found *sight) {
	found.missing = "the client did not refresh when the answer was odd"
	for _, odd := range s.during("odd-answers") {
		if odd.Deed != "odd" || len(odd.Gave) == 0 || !odd.Received {
			continue
		}
		if s.usedOrRenewed(odd.Gave...) {
			found.saw(odd)
		} else {
			found.find(odd, "calls with the tokens of the answer, which no document forbids", "none of them was used")
		}
	}
}
