package flows

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/consent"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// maxGuesses is how many things that reached the opener are tried as the code: it may have been told more.
const maxGuesses = 3

// popup: in a popup window the code goes to the window that opened it, and not to the popup. How it gets there the
// document leaves open: the opener is sent to the redirect URI, or told by a message. Only a browser has such windows.
func popup(s *scene.Subject, declared specs.Flow) []engine.Case {
	group := s.NewGroup(declared.Name, declared.At).WithConsent()
	group.Needs = append(group.Needs, target.NeedBrowser)
	parameter, value := declared.Params["parameter"], declared.Params["value"]
	ask := scene.Ask{Popup: true, Inputs: map[string]any{parameter: value}, Doing: "with " + parameter + "=" + value + " in a popup window"}
	group.Works("code-to-opener", "the window that opened the popup gets a code that works", func(t *scene.Trial) {
		done := t.Ask(ask, false)
		codes := t.OpenerCodes(done)
		if len(codes) == 0 {
			t.FoundConsent(done, "the code, given to the window that opened the popup", done.Got())
			return
		}
		if t.First(specs.RoleExchange) == nil {
			return
		}
		var reply *client.Reply
		for _, code := range codes[:min(len(codes), maxGuesses)] {
			if reply = t.Exchange("", code, "with what the window that opened the popup got"); reply.Succeeded() {
				return
			}
		}
		t.Succeeds(reply)
	}, declared.Requirement)
	stateToOpener(s, group, ask)
	group.Never("code-in-popup", "the popup itself is never sent to the redirect URI with a code", func(t *scene.Trial) {
		done := t.Ask(ask, true)
		kind, _ := t.CodeKind()
		name, _ := kind.At.InLocation()
		if _, got := done.Param(name); got {
			t.FoundConsent(done, "a page that hands the code to the opener", done.Got())
			return
		}
		if len(t.OpenerCodes(done)) == 0 {
			t.CouldNotRun("no code came back at all, so nothing shows where it would go: %s ended with %s", done.Sent(), done.Got())
		}
	}, declared.Requirement)
	return group.Cases
}

// stateToOpener: what the client sent along comes back through the popup too, wherever the code goes.
func stateToOpener(s *scene.Subject, group *scene.Group, ask scene.Ask) {
	declared, ok := s.Dialect.Flow("state")
	if !ok {
		return
	}
	parameter := cmp.Or(declared.Params["parameter"], "state")
	group.Works("state-to-opener", "the window that opened the popup gets the state with the code, unchanged", func(t *scene.Trial) {
		sent := scene.Unique()
		asked := ask
		asked.Inputs = maps.Clone(ask.Inputs)
		asked.Inputs[parameter] = sent
		done := t.Ask(asked, false)
		if len(t.OpenerCodes(done)) == 0 {
			t.CouldNotRun("no code reached the window that opened the popup: %s", done.Got())
		}
		if !slices.ContainsFunc(done.Handed, func(h consent.Handover) bool {
			unnamed := strings.Join(h.Params[""], " ")
			return h.Params.Get(parameter) == sent || strings.Contains(unnamed, sent)
		}) {
			t.FoundConsent(done, parameter+" unchanged, given to the window that opened the popup", done.Got())
		}
	}, declared.Requirement)
}
