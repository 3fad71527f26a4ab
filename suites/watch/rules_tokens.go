package watch

import (
	"net/http"
	"slices"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/lineage"
	"gonogo/specs"
)

// refreshing: an access token that has ended, or is about to, is renewed by a refresh.
func refreshing(d *specs.Dialect, declared specs.Flow) []look {
	before := declared.Params["when"] == "before"
	title := "when the access token has ended it is renewed with the refresh token"
	if before {
		title = "the access token is renewed before its end, and never used after it"
	}
	all := []look{{name: "renewed", row: declared.Requirement, title: title, judge: func(s *stage, found *sight) {
		found.missing = "the client met no end of an access token"
		if before {
			s.judgeBefore(found)
			return
		}
		s.judgeAfter(found)
	}}}
	if kept := declared.Params["kept"]; kept != "" {
		all = append(all, kinds("kept", kept, client.Access, client.Refresh))
	}
	return all
}

// ends are the situations in which an access token came to its end and nothing else happened.
var ends = []string{"access-ended", "ended-thrice", "busy-at-end"}

func (s *stage) judgeAfter(found *sight) {
	renewed := false
	for _, e := range s.during(ends...) {
		if refresh(e) && e.OK() {
			renewed = true
			found.saw(e)
		}
	}
	if again := s.sentOn(s.during(ends...)); len(again) >= fleet {
		found.find(again[0], "calls with the token of the refresh", "%d calls with %s, and each time another refresh", len(again), replaced(again[0]))
	}
	if renewed {
		return
	}
	var late, anew *lineage.Event
	times := 0
	for _, e := range s.during(ends...) {
		if t := e.Of(client.Access); isUse(e) && t != nil && e.Status() == 401 && t.Ended(e) {
			late, times = e, times+1
		}
		if fromStart(e) && e.OK() && s.alive(client.Refresh, e) && anew == nil && !s.invited(e) {
			anew = e
		}
	}
	switch {
	case anew != nil:
		found.find(anew, "a refresh with the refresh token, which was alive", "new tokens from the start each time that an access token had ended")
	case late != nil && (s.outcomes[late.Situation].against() != "" || s.outcomes[late.Situation] == nil && times > 2): // who was interrupted may have been about to
		found.find(late, "a refresh, and the call again", "calls with a token that has ended, and no refresh")
	}
}

// judgeBefore holds a client to renewing its tokens in time. One that does not know the time cannot.
func (s *stage) judgeBefore(found *sight) {
	if s.clock && !s.knowsTime() {
		found.missing = "the client did not ask the control API for the time, and the API's clock was moved: see --fake-clock and --lifetime"
		return
	}
	onTheWay, hands := map[*lineage.Token]*lineage.Event{}, s.hands()
	for _, e := range s.all() {
		t := e.Of(client.Access)
		switch {
		case refresh(e) && e.OK():
			if last := s.accessOf(e); last != nil && !last.Ended(e) {
				found.saw(e)
			}
		case !isUse(e) || t == nil || !t.Ended(e):
		case s.justStepped(e, hands):
			if slices.Contains(ends, e.Situation) {
				onTheWay[t] = e
			}
		default:
			found.find(e, "a refresh before the token ended", "the token had ended %s before it was used", e.At.Sub(t.Ends).Round(time.Second))
		}
	}
	if len(onTheWay) > 1 { // once a call may have been under way when the token ended
		for t, e := range onTheWay {
			found.find(e, "a refresh before the token ended, in the minutes that it was given", "‹%s› after its end, and so each time", t.Name())
		}
	}
}

// accessOf is the access token that a refresh renews: of the family and generation of the refresh token that it showed.
func (s *stage) accessOf(e *lineage.Event) *lineage.Token {
	shown := e.Of(client.Refresh)
	for _, t := range slices.Backward(s.book.Tokens()) {
		if shown != nil && t.Kind == client.Access && t.Family == shown.Family && t.Generation == shown.Generation {
			return t
		}
	}
	return nil
}

// storage: after a refresh only the newest tokens are used.
func storage(d *specs.Dialect, declared specs.Flow) []look {
	of := declared.Lists["tokens"]
	if len(of) == 0 {
		of = []string{client.Refresh}
	}
	return []look{
		kinds("newest", declared.Requirement, of...),
		{name: "restart", row: declared.Params["restart"], title: "the newest refresh token survives a restart", judge: func(s *stage, found *sight) {
			found.missing = "the client was not started again"
			if !s.again.IsZero() {
				found.missing = "the client was started again, and asked for no tokens: nobody saw whether it still had its refresh token"
			}
			for _, e := range s.restarted() {
				switch t := e.Of(client.Refresh); {
				case isUse(e) && e.OK() && e.Of(client.Access) != nil:
					found.missing = "the client was started again, and went on with its access token, which was alive: nobody saw whether it still had its refresh token"
					continue
				case fromStart(e) && e.OK() && len(e.Gave) > 0 && s.alive(client.Refresh, e):
					found.find(e, "what was stored before", "new tokens from the start, although the refresh token was alive")
				case refresh(e) && t != nil && t.Replaced != nil && t.Replaced.Done.Before(s.again):
					found.find(e, "the newest refresh token", "‹%s›, which had been replaced before the restart", t.Name())
				case tokenCall(e):
					found.saw(e)
				default:
					continue
				}
				return
			}
		}},
	}
}

// restarted are the exchanges after the client was started again.
func (s *stage) restarted() []*lineage.Event {
	return slices.DeleteFunc(s.during("restart"), func(e *lineage.Event) bool {
		return s.again.IsZero() || e.Arrived.Before(s.again) || s.invited(e)
	})
}

// fromStart reports a request for tokens for which no refresh token is shown.
func fromStart(e *lineage.Event) bool { return tokenCall(e) && !refresh(e) }

// alive reports whether the newest token of a kind that came of the same grant could have been used instead of what an exchange did.
func (s *stage) alive(kind string, e *lineage.Event) bool {
	for _, t := range slices.Backward(s.book.Tokens()) {
		if t.Kind == kind && t.Grant == grantOf(e) && t.Delivered && e.Before(t.Given) {
			return !t.Ended(e) && t.Refused == nil && t.Revoked == nil
		}
	}
	return false
}

// kinds is the case that of some kinds of tokens only the newest is used.
func kinds(name, row string, of ...string) look {
	return look{name: name, row: row, title: "after a refresh the newest tokens are used, and none before them", judge: func(s *stage, found *sight) {
		found.missing = "the client did not refresh twice"
		for _, e := range s.all() {
			for _, t := range e.Shown {
				if !slices.Contains(of, t.Kind) {
					continue
				}
				if s.stale(t, e) {
					found.find(e, "the newest "+t.Kind+" token", "‹%s›, which ‹%s› had replaced %s before: the client had received that, and did not use it", t.Name(), t.Replaced.Handed(t.Kind).Name(), e.Arrived.Sub(t.Replaced.Done).Round(10*time.Millisecond))
				} else if t.Generation > 0 {
					found.saw(e)
				}
			}
		}
	}}
}

// stale reports whether a token was used that had been replaced, and not by another worker a moment ago. The clock is not moved in that
// moment.
func (s *stage) stale(t *lineage.Token, e *lineage.Event) bool {
	return t.Replaced != nil && t.Replaced != e && e.Before(t.Replaced) && e.Arrived.Sub(t.Replaced.Done) > onTheWay
}

// sentOn are the calls with an access token that the client goes on with: over the connection over which they come it was refused, and then a
// newer one was received, both long ago, and before each of them there was another refresh. No worker had them in hand meanwhile, and one
// with a copy of its own would have looked for a newer token when it was refused.
func (s *stage) sentOn(events []*lineage.Event) (most []*lineage.Event) {
	type hand struct {
		from  string
		token *lineage.Token
	}
	type known struct {
		renewed time.Time // zero: not yet
		fresh   bool      // there was a refresh since the last call
		again   []*lineage.Event
	}
	hands := map[hand]*known{}
	for _, e := range events {
		t := e.Of(client.Access)
		switch {
		case refresh(e) && e.OK() && e.Deed == "" && e.Handed(client.Access) != nil:
			for h, k := range hands {
				if newer := e.Handed(client.Access); h.token.Family != newer.Family || h.token.Generation >= newer.Generation {
					continue
				}
				if k.fresh = true; h.from == e.From && k.renewed.IsZero() {
					k.renewed = e.Done
				}
			}
		case t == nil || !isUse(e) || e.Status() != http.StatusUnauthorized:
		case hands[hand{e.From, t}] == nil:
			hands[hand{e.From, t}] = &known{}
		default:
			k := hands[hand{e.From, t}]
			if k.fresh && !k.renewed.IsZero() && e.Arrived.Sub(k.renewed) > onTheWay && e.Before(t.Replaced) {
				k.fresh, k.again = false, append(k.again, e)
			}
			if len(k.again) > len(most) {
				most = k.again
			}
		}
	}
	return most
}

// replaced names the access token of a call, and what had replaced it; empty: nothing had.
func replaced(e *lineage.Event) string {
	t := e.Of(client.Access)
	if t == nil || !e.Before(t.Replaced) {
		return ""
	}
	return "‹" + t.Name() + "›, which ‹" + t.Replaced.Handed(client.Access).Name() + "› had replaced"
}

// unit: a lifetime is read in the unit that the document has.
func unit(d *specs.Dialect, declared specs.Flow) []look {
	return []look{{name: "read", row: declared.Requirement, title: "announced lifetimes are read in the unit of the document", judge: func(s *stage, found *sight) {
		found.missing = "the client renews its tokens when they are refused, so nobody sees how it reads their lifetimes"
		kind, _ := s.dialect.Token(client.Access)
		step := kind.Lifetime.Unit.Step()
		if step == 0 || s.clock && !s.knowsTime() {
			return
		}
		early := 0
		for _, e := range s.all() {
			t := s.accessOf(e)
			if !refresh(e) || !e.OK() || t == nil || t.Announced == 0 || t.Refused != nil && e.Before(t.Refused) || e.Situation == "short-life" || t.Given.Deed != "" && t.Given.Deed != "shortened" && t.Given.Deed != "decoy" {
				continue
			}
			age := e.At.Sub(t.Given.At)
			switch {
			case age*60 <= t.Announced*5/4: // a smaller unit is a sixtieth, or a thousandth
				if early++; early > 1 {
					found.find(e, "a token that lives "+t.Announced.String()+" kept until about its end", "a refresh after %s already, and that each time", age.Round(time.Second))
				}
			default:
				found.saw(e)
			}
		}
	}}}
}
