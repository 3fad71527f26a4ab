package watch

import (
	"slices"

	"gonogo/reports"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// Plan is the cases of a document's clients, to be listed, chosen, explained and waived as those of its servers are. A watch judges
// them all at its end, by what it saw: none is run by itself.
func Plan(d *specs.Dialect) *engine.Plan {
	plan := &engine.Plan{Dialect: d}
	for _, l := range looks(d) {
		plan.Cases = append(plan.Cases, engine.Case{ID: l.id(d), Title: l.title, Requirements: []string{l.row}, Polarity: reports.Positive, At: l.at})
	}
	return plan
}

// ByPage reports whether a row is about what a page of the client's does, which is seen where a browser opens it.
func ByPage(d *specs.Dialect, row string) bool {
	return slices.ContainsFunc(looks(d), func(l look) bool { return l.row == row && l.flow == "popup" })
}

// Situation is one of the script, for people.
type Situation struct {
	ID    string
	Title string // what happens
	Waits string // what the client is waited for
}

// Situations are those of the script, in its order.
func Situations() []Situation {
	var all []Situation
	for _, s := range script {
		all = append(all, Situation{s.id, s.title, awaited[s.id]})
	}
	return all
}

// awaited is what the client is waited for in each situation, as docs/watch.md says it.
var awaited = map[string]string{
	"calls":           "tokens, and calls",
	"access-ended":    "calls that are answered well again",
	"ended-thrice":    "a refresh each time, with the newest token",
	"busy-at-end":     "one refresh for all",
	"refresh-lost":    "a few tries, then a login",
	"refresh-dead":    "a login, or the user asked again",
	"invalid":         "another token, in no loop",
	"throttled":       "a pause as long as Retry-After says",
	"unavailable":     "a pause as long as Retry-After says, and the session is kept",
	"elsewhere":       "no token and no secret there",
	"odd-answers":     "tokens that are kept and used",
	"short-life":      "calls, and no refresh without end",
	"refused-address": "no refresh, no loop",
	"new-secret":      "new tokens with it",
	"restart":         "the newest refresh token, or a login",
	"consent":         "a request for consent, and its code exchanged in time",
	"forged-state":    "no exchange",
	"session-ends":    "a revocation",
}
