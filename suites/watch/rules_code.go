package watch

import (
	"net/url"
	"regexp"
	"slices"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/lineage"
	text "gonogo/reports/words"
	"gonogo/specs"
)

// attempt is a request for consent, the code that came of it, and the exchanges of that.
type attempt struct {
	asked     *lineage.Event // nil: nobody saw it
	code      *lineage.Token
	exchanges []*lineage.Event
}

// attempts are those of which a code came back, in order.
func (s *stage) attempts() []attempt {
	var all []attempt
	asked := s.of(specs.RoleAuthorize)
	for _, t := range s.book.Tokens() {
		if !slices.ContainsFunc(s.dialect.ByRole(specs.RoleAuthorize), func(op *specs.Operation) bool { return op.Yields == t.Kind }) {
			continue
		}
		a := attempt{code: t, asked: askedFor(asked, t.Given)}
		for _, e := range s.all() {
			if e.Role() == specs.RoleExchange && slices.Contains(e.Shown, t) {
				a.exchanges = append(a.exchanges, e)
			}
		}
		all = append(all, a)
	}
	return all
}

// askedFor is the request for consent that a redirect answers: the last one before it whose state it brings back, or where neither has one
// the last.
func askedFor(asked []*lineage.Event, redirect *lineage.Event) *lineage.Event {
	state := ""
	if a := cameBack(redirect); a != nil {
		state = a.Query().Get("state")
	}
	for _, e := range slices.Backward(asked) {
		if !e.Arrived.After(redirect.Arrived) && e.Seen.Values["state"] == state {
			return e
		}
	}
	return nil
}

// cameBack is where a redirect leads; nil: it is none. Of one that was changed on its way it is what the API had said.
func cameBack(e *lineage.Event) *url.URL {
	a := e.Exchange.Answer
	if e.Origin != nil {
		a = e.Origin
	}
	if a == nil || a.Status/100 != 3 {
		return nil
	}
	at, err := url.Parse(a.Header.Get("Location"))
	if err != nil {
		return nil
	}
	return at
}

// coding: a code is exchanged once, in time, as it was asked for.
func coding(_ *specs.Dialect, declared specs.Flow) []look {
	of := func(name, row, title string, judge func(*stage, attempt, *sight)) look {
		return look{name: name, row: row, title: title, judge: func(s *stage, found *sight) {
			found.missing = "the client was given no code"
			for _, a := range s.attempts() {
				judge(s, a, found)
			}
		}}
	}
	return []look{
		of("redirect", declared.Requirement, "a code is exchanged with the redirect URI that it was asked for with", func(s *stage, a attempt, found *sight) {
			for _, e := range a.exchanges {
				for _, input := range e.Seen.Op.Inputs {
					if input.Format != "uri" || a.asked == nil {
						continue
					}
					switch before, now := a.asked.Seen.Values[input.Name], e.Seen.Values[input.Name]; {
					case before != "" && now != before:
						found.find(e, "the "+input.Name+" of the request for consent", "another, or none")
					default:
						found.saw(e)
					}
				}
			}
		}),
		of("once", declared.Params["once"], "a code is exchanged once", func(s *stage, a attempt, found *sight) {
			for i, e := range a.exchanges {
				if first := a.exchanges[0]; i > 0 && e.Before(first) && first.Status() > 0 && first.Status() != 429 && first.Status() < 500 {
					found.find(e, "a code that is used once", "‹%s› again, %s after it was answered %d", a.code.Name(), e.Arrived.Sub(first.Done).Round(10*time.Millisecond), first.Status())
				} else {
					found.saw(e)
				}
			}
		}),
		of("in-time", declared.Params["within"], "a code is exchanged before it ends", func(s *stage, a attempt, found *sight) {
			for _, e := range a.exchanges {
				if a.code.Ended(e) && !s.stepped(a.code.Given.Arrived, e.Arrived) {
					found.find(e, "an exchange before the code ends", "one %s after that", e.At.Sub(a.code.Ends).Round(time.Second))
				} else {
					found.saw(e)
				}
			}
		}),
		{name: "refused", row: declared.Params["refused"], title: "a code that is refused is given up, and the user asked again", judge: func(s *stage, found *sight) {
			found.missing = "no code of the client was refused"
			for _, a := range s.attempts() {
				refused := slices.IndexFunc(a.exchanges, func(e *lineage.Event) bool { return e.Deed == "refused" })
				if refused < 0 {
					continue
				}
				if rest := a.exchanges[refused+1:]; len(rest) > 0 {
					found.find(rest[0], "a new request for consent", "‹%s› again, %d times", a.code.Name(), len(rest))
				} else {
					found.saw(a.exchanges[refused])
				}
			}
		}},
	}
}

// leastState is how many letters a state has that nobody guesses.
const leastState = 8

// stating: each request for consent has a state of its own, and who comes back with another brings no code.
func stating(_ *specs.Dialect, declared specs.Flow) []look {
	name := declared.Params["parameter"]
	if name == "" {
		name = "state"
	}
	return []look{
		{name: "own", row: declared.Requirement, title: "each request for consent has a state of its own", judge: func(s *stage, found *sight) {
			found.missing = "the client asked for no consent"
			seen := map[string]bool{}
			for _, e := range s.requested() {
				state := e.Request.URL.Query().Get(name)
				switch {
				case state == "" && part(e, specs.ProofChallenge) != "":
					found.missing = boundByKey(name)
				case state == "":
					found.find(e, text.A(name), "none")
				case seen[state]:
					found.find(e, text.A(name)+" of its own", "one that was used before")
				case len(state) < leastState:
					found.find(e, text.A(name)+" that nobody guesses", "one of %d letters", len(state))
				default:
					found.saw(e)
				}
				seen[state] = true
			}
		}},
		{name: "forged", row: declared.Params["forged"], title: "a redirect with another state brings no code", judge: func(s *stage, found *sight) {
			if s.dropsCodes(found, "forged", name); found.seen == 0 {
				s.bindsCodes(found, name)
			}
		}},
	}
}

// issuing: a redirect that names another issuer brings no code (RFC 9207 section 2.4).
func issuing(_ *specs.Dialect, declared specs.Flow) []look {
	return []look{{name: "other", row: declared.Requirement, title: "a redirect that names another issuer brings no code", judge: func(s *stage, found *sight) {
		s.dropsCodes(found, "other-issuer", declared.Params["parameter"])
	}}}
}

// dropsCodes looks whether codes were exchanged that came with another value of a parameter than the API had given.
func (s *stage) dropsCodes(found *sight, deed, name string) {
	found.missing = "the client did not come to a redirect with another " + name
	for _, a := range s.attempts() {
		switch {
		case !isForged(a.code.Given, deed, name):
		case len(a.exchanges) > 0:
			found.find(a.exchanges[0], "no exchange of a code that came with another "+name, "one")
		default:
			found.saw(a.code.Given)
		}
	}
}

// boundByKey is why the state of a client is not judged that sends none and relies on its proof key, as it may (RFC 9700 section 2.1).
func boundByKey(state string) string {
	return "the client sent no " + state + ": its proof key binds a code to its user, too"
}

// bindsCodes looks whether codes were exchanged that nothing bound to the client's user.
func (s *stage) bindsCodes(found *sight, state string) {
	for _, a := range s.attempts() {
		switch {
		case a.asked == nil || a.asked.Seen.Values[state] != "":
		case part(a.asked, specs.ProofChallenge) != "":
			found.missing = boundByKey(state)
		case len(a.exchanges) > 0:
			found.find(a.exchanges[0], "no exchange of a code that came without "+text.A(state), "one")
		}
	}
}

// requested are the requests for consent, whatever came of them. A page on the way is none.
func (s *stage) requested() []*lineage.Event {
	return slices.DeleteFunc(s.of(specs.RoleAuthorize), func(e *lineage.Event) bool {
		return e.Request.Method != "GET" || e.Seen.Values[redirectInput(e)] == ""
	})
}

// redirectInput is the name of the input that has the redirect URI.
func redirectInput(e *lineage.Event) string {
	for _, input := range e.Seen.Op.Inputs {
		if input.Format == "uri" {
			return input.Name
		}
	}
	return ""
}

// verifierForm is RFC 7636 section 4.1.
var verifierForm = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)

// proving: who sends a challenge sends its verifier, anew each time (RFC 7636).
func proving(d *specs.Dialect, declared specs.Flow) []look {
	of := func(name, row, title string, judge func(*stage, attempt, *sight)) look {
		return look{name: name, row: row, title: title, judge: func(s *stage, found *sight) {
			found.missing = "the client sent no challenge"
			for _, a := range s.attempts() {
				if a.asked != nil && part(a.asked, specs.ProofChallenge) != "" {
					judge(s, a, found)
				}
			}
		}}
	}
	fresh := of("fresh", declared.Params["fresh"], "each request for consent has a challenge of its own", nil)
	fresh.judge = func(s *stage, found *sight) {
		found.missing = "the client sent no challenge twice"
		seen := map[string]*lineage.Event{}
		for _, a := range s.attempts() {
			if a.asked == nil || part(a.asked, specs.ProofChallenge) == "" {
				continue
			}
			challenge := part(a.asked, specs.ProofChallenge)
			if before := seen[challenge]; before != nil && before != a.asked {
				found.find(a.asked, "a challenge of its own", "one that was sent before")
			} else if len(seen) > 0 {
				found.saw(a.asked)
			}
			seen[challenge] = a.asked
		}
	}
	return []look{
		of("verifier", declared.Requirement, "a code that was asked for with a challenge is exchanged with its verifier", func(s *stage, a attempt, found *sight) {
			for _, e := range a.exchanges {
				if part(e, specs.ProofVerifier) == "" {
					found.find(e, "the verifier of the challenge", "none")
				} else {
					found.saw(e)
				}
			}
		}),
		of("form", declared.Params["form"], "a verifier has 43 to 128 letters, digits and marks", func(s *stage, a attempt, found *sight) {
			for _, e := range a.exchanges {
				switch verifier := part(e, specs.ProofVerifier); {
				case verifier == "":
				case !verifierForm.MatchString(verifier):
					found.find(e, "a verifier of 43 to 128 letters, digits, and -._~", "one of %d letters, or with others", len(verifier))
				default:
					found.saw(e)
				}
			}
		}),
		fresh,
		{name: "hashed", row: declared.Params["hashed"], title: "a challenge is made by S256", judge: func(s *stage, found *sight) {
			found.missing = "the client sent no challenge"
			for _, e := range s.requested() {
				switch {
				case part(e, specs.ProofChallenge) == "":
				case part(e, specs.ProofMethod) != "S256":
					found.find(e, "the method S256", "another, or none, which is plain")
				default:
					found.saw(e)
				}
			}
		}},
		{name: "expected", row: declared.Params["expected"], title: "each request for consent has a challenge", judge: func(s *stage, found *sight) {
			found.missing = "the client asked for no consent"
			for _, e := range s.requested() {
				if part(e, specs.ProofChallenge) == "" {
					found.find(e, "a challenge", "none")
				} else {
					found.saw(e)
				}
			}
		}},
	}
}

// part is a part of a proof key that a request carries; empty: none.
func part(e *lineage.Event, which specs.ProofPart) string {
	for _, input := range e.Seen.Op.Inputs {
		if input.From.Proof == which {
			return e.Seen.Values[input.Name]
		}
	}
	return ""
}

// expiring: when a user's tokens have ended for good, the user is asked again.
func expiring(_ *specs.Dialect, declared specs.Flow) []look {
	return []look{{name: "asked-again", row: declared.Requirement, title: "when the refresh token has ended the user is asked again, without a loop", judge: func(s *stage, found *sight) {
		found.missing = "no refresh token of a user had ended when the client tried it"
		for _, t := range s.book.Tokens() {
			if t.Kind != client.Refresh || t.Refused == nil || t.Refused.Situation != "refresh-dead" || t.Grant != specs.RoleExchange {
				continue
			}
			if again := s.repeats(t, refresh); len(again) > 1 {
				found.find(again[0], "one try, and a request for consent", "%d tries more", len(again))
				continue
			}
			if slices.ContainsFunc(s.of(specs.RoleAuthorize), func(e *lineage.Event) bool { return e.Before(t.Refused) }) {
				found.saw(t.Refused)
			}
		}
	}}}
}
