package watch

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/lineage"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// requests: every request of a role is as the document has it.
func requests(d *specs.Dialect, declared specs.Flow) []look {
	role := specs.Role(cmp.Or(declared.Params["role"], string(specs.RoleIssue)))
	return []look{{name: string(role), row: declared.Requirement, title: "each request of role " + string(role) + " is as the document has it",
		judge: func(s *stage, found *sight) {
			found.missing = "the client made no request of role " + string(role)
			for _, e := range s.all() {
				switch {
				case isUse(e) && role == specs.RoleIssue && slices.ContainsFunc(e.Strange, func(shown operation.Shown) bool { return strings.HasPrefix(shown.Value, decoy) }):
					found.find(e, "the tokens that stand where the document has them", "a value of the same name that stood elsewhere in the answer")
				case e.Role() == role:
					differs := slices.DeleteFunc(slices.Clone(e.Seen.Differs), func(d operation.Difference) bool { return slices.Contains(declared.Lists["may_lack"], d.Lacks) })
					if len(differs) > 0 {
						found.find(e, "a request as the document has it", "%s", differs[0].Text)
					} else {
						found.saw(e)
					}
				case e.Role() == "" && e.Status() == 404 && s.signsIn(e):
					found.find(e, "the path that the document has for it", "a path of which the document says nothing")
				}
			}
		}}}
}

// signsIn reports whether a request carries the client's secret, other than in its address.
func (s *stage) signsIn(e *lineage.Event) bool {
	for _, secret := range s.secrets {
		if secret.in(string(e.Request.Body)) || basicHolds(e.Request.Header["Authorization"], secret.value) {
			return true
		}
	}
	return false
}

// use: every call carries the access token where the document has it.
func use(d *specs.Dialect, declared specs.Flow) []look {
	return []look{
		{name: "carried", row: declared.Requirement, title: "every call carries the access token where the document has it",
			judge: func(s *stage, found *sight) {
				found.missing = "the client made no call"
				for _, e := range s.all() {
					switch {
					case !documentedUse(e) || s.firstGrant().IsZero() || e.Arrived.Before(s.firstGrant()):
					case e.Of(client.Access) != nil:
						found.saw(e)
					case len(e.Shown) > 0:
						found.find(e, "the access token", "a %s token in its place", e.Shown[0].Kind)
					case len(e.Strange) == 0:
						found.find(e, "the access token where the document has it", "a call without one there")
					}
				}
			}},
		{name: "preferred", row: declared.Params["preferred"], title: "the access token stands in the place that the document prefers",
			judge: func(s *stage, found *sight) {
				found.missing = "the client made no call"
				for _, e := range s.all() {
					if !documentedUse(e) || e.Of(client.Access) == nil {
						continue
					}
					if i := slices.IndexFunc(e.Seen.Shown, func(shown operation.Shown) bool { return shown.Scheme != "" }); i >= 0 && e.Seen.Shown[i].Scheme != preferred(e) {
						found.find(e, "the token in the place that the document prefers", "%s", e.Seen.Shown[i].Place)
						continue
					}
					found.saw(e)
				}
			}},
	}
}

func documentedUse(e *lineage.Event) bool { return e.Role() == specs.RoleUse }

// preferred is the security scheme that the document has first.
func preferred(e *lineage.Event) string {
	if auth := e.Seen.Op.Auth; len(auth) > 0 {
		return auth[0].Scheme
	}
	return ""
}

// firstGrant is when the client first received tokens; zero: never.
func (s *stage) firstGrant() time.Time {
	for _, t := range s.book.Tokens() {
		if t.Delivered {
			return t.Given.Done
		}
	}
	return time.Time{}
}

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
	if renewed {
		return
	}
	var late, anew *lineage.Event
	times := 0
	for _, e := range s.during(ends...) {
		if t := e.Of(client.Access); isUse(e) && t != nil && e.Status() == 401 && t.Ended(e) {
			late, times = e, times+1
		}
		if e.Role() == specs.RoleIssue && e.OK() && anew == nil {
			anew = e
		}
	}
	switch {
	case anew != nil:
		found.find(anew, "a refresh with the refresh token, which was alive", "new tokens for the credentials each time that an access token had ended")
	case late != nil && (s.outcomes[late.Situation].against() != "" || s.outcomes[late.Situation] == nil && times > 2): // who was interrupted may have been about to
		found.find(late, "a refresh, and the call again", "calls with a token that has ended, and no refresh")
	}
}

// judgeBefore holds a client to renewing its tokens in time. One that does not know the time cannot.
func (s *stage) judgeBefore(found *sight) {
	if s.clock && !s.asksTime() {
		found.missing = "the client did not ask the control API for the time, and the API's clock was moved: see --lifetime"
		return
	}
	onTheWay := map[*lineage.Token]*lineage.Event{}
	for _, e := range s.all() {
		t := e.Of(client.Access)
		switch {
		case refresh(e) && e.OK():
			if last := s.accessOf(e); last != nil && !last.Ended(e) {
				found.saw(e)
			}
		case !isUse(e) || t == nil || !t.Ended(e):
		case s.justStepped(e):
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
			for _, e := range s.restarted() {
				switch t := e.Of(client.Refresh); {
				case e.Role() == specs.RoleIssue && e.OK() && len(e.Gave) > 0 && s.alive(client.Refresh, e):
					found.find(e, "what was stored before, or a new consent", "new tokens for the credentials, although the refresh token was alive")
				case refresh(e) && t != nil && s.stale(t, e):
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
	return slices.DeleteFunc(s.during("restart"), func(e *lineage.Event) bool { return s.again.IsZero() || e.Arrived.Before(s.again) })
}

// alive reports whether the newest token of a kind could have been used instead of what an exchange did.
func (s *stage) alive(kind string, e *lineage.Event) bool {
	for _, t := range slices.Backward(s.book.Tokens()) {
		if t.Kind == kind && t.Delivered && !t.Given.Before(e) && t.Given != e {
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
				found.find(s.last(id), "a call that is answered well, with another token", "%s", played.against())
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

// last is the last exchange of a situation.
func (s *stage) last(situation string) *lineage.Event {
	if all := s.during(situation); len(all) > 0 {
		return all[len(all)-1]
	}
	return nil
}

// secrecy: the secret goes to the operations that take it, and nowhere else.
func secrecy(_ *specs.Dialect, declared specs.Flow) []look {
	field := cmp.Or(declared.Params["field"], declared.Params["secret"])
	of := func(name, row, title string, is func(leak) bool) look {
		return look{name: name, row: row, title: title, judge: func(s *stage, found *sight) {
			found.missing = "the client sent its secret nowhere"
			for _, e := range s.all() {
				if _, ok := e.Seen.Fields[field]; ok {
					found.saw(e)
				}
			}
			for _, l := range s.leaked() {
				if (field == "" || l.what == field) && is(l) {
					found.find(l.event, "no "+l.what+" outside of the operations that take it", "one in %s", l.where)
				}
			}
		}}
	}
	authorizing := func(l leak) bool { return l.event.Role() == specs.RoleAuthorize }
	elsewhere, kept := declared.Params["elsewhere"], declared.Requirement
	if kept == declared.Params["authorize"] {
		kept = ""
	}
	return []look{
		of("kept", kept, "the secret stands in no address, and goes to the operations that take it only", func(l leak) bool {
			return !(authorizing(l) && declared.Params["authorize"] != "") && (l.in != inBody || elsewhere == "")
		}),
		of("elsewhere", elsewhere, "the secret goes to no other operation of the API", func(l leak) bool { return l.in == inBody }),
		of("authorize", declared.Params["authorize"], "the address of the consent page has no secret", authorizing),
	}
}

func (s *stage) leaked() []leak {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.leaks)
}

// urls: no token stands in an address.
func urls(_ *specs.Dialect, declared specs.Flow) []look {
	return []look{{name: "none", row: declared.Requirement, title: "no token stands in an address", judge: func(s *stage, found *sight) {
		found.missing = "the client used no token"
		for _, e := range s.all() {
			if len(e.Shown) > 0 {
				found.saw(e)
			}
		}
		for _, l := range s.leaked() {
			if _, kind := s.dialect.Token(l.what); kind && l.in == inAddress {
				found.find(l.event, "no token in an address", "a %s token in %s", l.what, l.where)
			}
		}
	}}}
}

// newSecretUsed: who is told of a new secret works on with it.
func newSecretUsed(_ *specs.Dialect, declared specs.Flow) []look {
	return []look{{name: "taken", row: declared.Requirement, title: "the client works on with a secret that it was told of", judge: func(s *stage, found *sight) {
		found.missing = "nobody could hand the new secret to the client: it follows no situation, and there is no --hook"
		played := s.outcomes["new-secret"]
		if played == nil || !played.reached || played.cut {
			if played != nil && played.why != "" {
				found.missing = played.why
			}
			return
		}
		e := s.last("new-secret")
		if why := played.against(); why != "" {
			found.find(e, "new tokens for the new secret", "%s", why)
			return
		}
		found.saw(e)
	}}}
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

// moment: an end that is announced with an offset is the moment that it is.
func moment(d *specs.Dialect, declared specs.Flow) []look {
	return []look{{name: "offset", row: declared.Requirement, title: "a moment with an offset is read as the moment that it is", judge: func(s *stage, found *sight) {
		found.missing = "the client was given no moment with an offset, or does not go by time"
		if s.clock && !s.asksTime() {
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
	}}}
}
