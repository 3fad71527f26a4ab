package watch

import (
	"slices"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/lineage"
	"gonogo/specs"
)

// validating: what the API says of a token's validity is believed.
func validating(_ *specs.Dialect, declared specs.Flow) []look {
	return []look{{name: "believed", row: declared.Requirement, title: "a token that is said to be invalid is not used again", judge: func(s *stage, found *sight) {
		found.missing = "the client does not validate, or was not told that a token is invalid"
		for _, e := range s.of(specs.RoleValidate) {
			if len(e.Seen.Differs) > 0 {
				found.find(e, "a request as the document has it", "%s", e.Seen.Differs[0].Text)
			}
		}
		for _, told := range s.during("invalid") {
			t := told.Of(client.Access)
			if told.Deed != "invalid" || t == nil {
				continue
			}
			found.saw(told)
			for _, e := range s.all() {
				if isUse(e) && e.Of(client.Access) == t && e.Arrived.Sub(told.Done) > onTheWay {
					found.find(e, "another token", "‹%s›, %s after it was said to be invalid", t.Name(), e.Arrived.Sub(told.Done).Round(10*time.Millisecond))
				}
			}
		}
	}}}
}

// grace: the end of a token is no end of the client's work.
func grace(_ *specs.Dialect, declared specs.Flow) []look {
	return []look{{name: "ended", row: declared.Requirement, title: "the end of an access token does not keep the client from its work", judge: func(s *stage, found *sight) {
		found.missing = "the client met no end of an access token"
		for _, id := range ends {
			played := s.outcomes[id]
			switch {
			case played == nil || !played.reached || played.cut:
			case played.against() != "":
				e, why := s.last(id), played.against()
				if call := s.onlyReplaced(id); call != nil {
					e, why = call, why+": the client sends "+replaced(call)
				}
				found.find(e, "a call that is answered well, with another token", "%s", why)
			default:
				if e := s.last(id); e != nil {
					found.saw(e)
				}
			}
		}
		if s.exited != "" {
			found.find(nil, "a client that goes on until it is told to end", "%s", s.exited)
		}
	}}}
}

// onlyReplaced is the last call that was refused in a situation after a refresh, where each of them carried a token that had been replaced; nil:
// one carried another.
func (s *stage) onlyReplaced(situation string) (call *lineage.Event) {
	var renewed *lineage.Event
	for _, e := range s.during(situation) {
		switch {
		case refresh(e) && e.OK() && renewed == nil:
			renewed = e
		case !isUse(e) || !e.Refused() || !e.Before(renewed):
		case replaced(e) == "":
			return nil
		default:
			call = e
		}
	}
	return call
}

// last is the last exchange of a situation.
func (s *stage) last(situation string) *lineage.Event {
	if all := s.during(situation); len(all) > 0 {
		return all[len(all)-1]
	}
	return nil
}

// forbidden: a client that is not let in does not try again and again.
func forbidden(_ *specs.Dialect, declared specs.Flow) []look {
	return []look{{name: "ends", row: declared.Requirement, title: "a 403 is answered by no refresh, and by one more call at the most", judge: func(s *stage, found *sight) {
		found.missing = "the client was not answered 403"
		var told *lineage.Event
		for _, e := range s.during("refused-address") {
			switch {
			case e.Deed == "forbidden":
				told = e
				found.saw(e)
			case told != nil && refresh(e) && e.Before(told):
				if t := s.accessOf(e); t == nil || !t.Ended(e) {
					found.find(e, "no refresh: the token was not what was refused", "one, %s after the 403", e.Arrived.Sub(told.Done).Round(10*time.Millisecond))
				}
			}
		}
	}}}
}

// sessionEnd: a client that ends its session says so.
func sessionEnd(_ *specs.Dialect, declared specs.Flow) []look {
	return []look{{name: "revoked", row: declared.Requirement, title: "a session that ends is revoked", judge: func(s *stage, found *sight) {
		found.missing = "nobody could tell the client that its session ends: it follows no situation, and there is no --hook"
		for _, e := range s.of(specs.RoleRevoke) {
			found.saw(e)
		}
		if played := s.outcomes["session-ends"]; played != nil && found.seen == 0 && played.reached && !played.cut {
			found.find(s.last("session-ends"), "a revocation", "new tokens, and the old ones were left alive")
		}
	}}}
}

// envelope: what the answer says counts, and not its status alone.
func envelope(d *specs.Dialect, declared specs.Flow) []look {
	return []look{{name: "believed", row: declared.Requirement, title: "an answer that says that it is no success is none, whatever its status", judge: func(s *stage, found *sight) {
		found.missing = "the client was given no such answer"
		for _, told := range s.during("odd-answers") {
			if told.Deed != "unsuccessful" {
				continue
			}
			found.saw(told)
			for _, e := range s.all() {
				if isUse(e) && slices.ContainsFunc(e.Shown, func(t *lineage.Token) bool { return slices.Contains(told.Gave, t) }) {
					found.find(e, "no call with what stands in an answer that is no success", "‹%s›, which stood in one", e.Shown[0].Name())
				}
			}
		}
	}}}
}

// notRetried: what was refused for what it is is not sent again.
func notRetried(_ *specs.Dialect, declared specs.Flow) []look {
	return []look{{name: "malformed", row: declared.Requirement, title: "a refresh that is answered 400 is not sent again as it was", judge: func(s *stage, found *sight) {
		found.missing = "the client sent no refresh that could be answered 400"
		for _, t := range s.book.Tokens() {
			if t.Refused == nil || t.Refused.Deed != "malformed" {
				continue
			}
			if again := s.triedAgain(t); len(again) > 0 {
				found.find(again[0], "a new login, or no request", "the same request, %d times", len(again))
			} else {
				found.saw(t.Refused)
			}
		}
	}}}
}

// whoFor: whom a call is made for is in no request.
func whoFor(_ *specs.Dialect, declared specs.Flow) []look {
	return []look{{name: "own", row: declared.Requirement, title: "a call carries a token of whom it is made for", hidden: "no request says for whom it is made, so nobody sees from outside whose token it should carry"}}
}
