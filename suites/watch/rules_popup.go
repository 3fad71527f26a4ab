package watch

import (
	"encoding/json"
	"net/url"
	"slices"

	"gonogo/internal/lineage"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// popups: a popup is asked for where a window waits for its code, and that window takes no code from elsewhere.
func popups(_ *specs.Dialect, declared specs.Flow) []look {
	popup := func(e *lineage.Event) bool {
		return e.Seen.Values[declared.Params["parameter"]] == declared.Params["value"]
	}
	return []look{
		{name: "window", row: declared.Requirement, title: "a popup is asked for where a window waits", judge: func(s *stage, found *sight) {
			found.missing = s.unseen("the client's page asked for no popup")
			for _, e := range s.requested() {
				_, asked, is := s.visited(e)
				switch {
				case !is || !popup(e):
				case !asked.Opener:
					found.find(e, declared.Params["parameter"]+" "+declared.Params["value"]+" in a window that another one opened, and that waits for the code", "a window that no other one opened")
				case s.tookOf(e):
					found.saw(e)
				default:
					found.missing = "no code that came of a popup was exchanged, and answered well"
				}
			}
		}},
		{name: "origin", row: declared.Params["origin"], title: "messages from elsewhere bring no code", judge: func(s *stage, found *sight) {
			found.missing = s.unseen("no popup of the client's page was open in the situation forged-state")
			for _, made := range s.trips() {
				if len(made.forged) == 0 {
					continue
				}
				taken := slices.IndexFunc(s.of(specs.RoleExchange), func(e *lineage.Event) bool { return madeUp(e, made.forged) })
				switch {
				case taken >= 0:
					found.find(s.of(specs.RoleExchange)[taken], "no exchange of a code that a window from elsewhere said in a message", "one")
				case !made.Heard:
					found.missing = "the page listens to no messages: its code comes to it in another way"
				default:
					found.saw(s.askedIn(made))
				}
			}
		}},
	}
}

// unseen is why nobody has seen what happens on the client's page, or else what is given.
func (s *stage) unseen(otherwise string) string {
	if s.user == nil {
		return "nobody came to a page of the client's, and what its windows do is in no request: name the page with --page, where there is Chromium"
	}
	return otherwise
}

// askedIn is a request for consent that the user's browser made on a trip.
func (s *stage) askedIn(made trip) *lineage.Event {
	for _, e := range s.requested() {
		if of, _, is := s.visited(e); is && of.began.Equal(made.began) {
			return e
		}
	}
	return nil
}

// trips are the user's that are over.
func (s *stage) trips() []trip {
	if s.user == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.user.trips)
}

// tookOf reports whether a code was exchanged that came of a popup: after it was asked for, and one that no redirect had carried.
func (s *stage) tookOf(popup *lineage.Event) bool {
	return slices.ContainsFunc(s.of(specs.RoleExchange), func(e *lineage.Event) bool { return e.OK() && e.Before(popup) && len(e.Strange) > 0 })
}

// madeUp reports a request that shows a code of those that were made up.
func madeUp(e *lineage.Event, forged map[string]bool) bool {
	return slices.ContainsFunc(e.Strange, func(shown operation.Shown) bool { return forged[shown.Value] })
}

// forgeries are what a window from elsewhere says to one that waits for a code, where a popup was asked for: a code of its own in each of the
// usual forms, with the state that the client waits for. What a client must look at is where that comes from.
func (s *stage) forgeries(asked *url.URL, forged map[string]bool) (said []string) {
	declared, is := s.declares("popup")
	if !is || asked == nil || asked.Query().Get(declared.Params["parameter"]) != declared.Params["value"] {
		return nil
	}
	code := func() string {
		made := madeUpValue + operation.Unique()
		s.mu.Lock()
		defer s.mu.Unlock()
		forged[made] = true
		return made
	}
	fields := func() map[string]any {
		fields := map[string]any{"code": code()}
		if state := asked.Query().Get("state"); state != "" {
			fields["state"] = state
		}
		return fields
	}
	query := func() string {
		values := url.Values{}
		for name, value := range fields() {
			values.Set(name, value.(string))
		}
		return values.Encode()
	}
	inside, typed := fields(), fields()
	typed["type"] = "authorization_response"
	text, _ := json.Marshal(fields()) // texts always can be
	for _, message := range []any{
		fields(), query(), "?" + query(), s.user.errand.RedirectURI + "?" + query(), string(text), typed,
		map[string]any{"type": "authorization_response", "response": inside}, code(),
	} {
		quoted, _ := json.Marshal(message)
		said = append(said, string(quoted))
	}
	return said
}

// wasForged reports whether messages with codes were said to a page of the client's that listens to them.
func (s *stage) wasForged() bool {
	return slices.ContainsFunc(s.trips(), func(made trip) bool { return made.Heard })
}
