package flows

import (
	"cmp"
	"strings"

	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// state: what the client sent along comes back as it was (RFC 6749 section 4.1.2), whatever printable ASCII is
// in it (appendix A.5), and to nobody else.
func state(s *scene.Subject, declared specs.Flow) []engine.Case {
	parameter := cmp.Or(declared.Params["parameter"], "state")
	group := s.NewGroup(declared.Name, declared.At).WithConsent()
	for _, v := range []struct {
		name, title string
		value       func() string
	}{
		{"plain", "a plain state comes back unchanged", scene.Unique},
		{"reserved", "a state with every printable ASCII character comes back unchanged", func() string { return scene.Unique() + printable() }},
		{"blank-ends", "a state with a blank at each end comes back unchanged", func() string { return " " + scene.Unique() + " " }},
		{"escaped", "a state that looks escaped comes back unchanged", func() string { return scene.Unique() + "%2B+%25&amp;" }},
		{"long", "a state of 400 characters comes back unchanged", func() string { return scene.Unique() + strings.Repeat("0123456789", 39) }},
	} {
		group.Works(v.name, v.title, func(t *scene.Trial) {
			sent, odd := v.value(), v.name != "plain"
			done := t.Ask(scene.Ask{Inputs: map[string]any{parameter: sent}, Doing: "with a state"}, odd)
			if odd && done.Redirect == nil && bringsBack(t, parameter) {
				t.FoundConsent(done, "a redirect with "+parameter+" unchanged, as with a plain one", done.Got())
				return
			}
			sameState(t, done, parameter, sent)
		}, declared.Requirement)
	}
	group.Works("on-refusal", "the state comes back with a refusal, too", func(t *scene.Trial) {
		sent := scene.Unique()
		done := refused(t, scene.Ask{Inputs: map[string]any{parameter: sent}, Doing: "with a state, and the user refuses"})
		sameState(t, done, parameter, sent)
	}, declared.Requirement)
	group.Never("of-another", "of two authorizations at once, neither gets another state than its own", func(t *scene.Trial) {
		sent := [2]string{scene.Unique(), scene.Unique()}
		t.AtOnce(len(sent), func(i int) {
			done := t.Ask(scene.Ask{Inputs: map[string]any{parameter: sent[i]}, Doing: "while another authorization runs"}, false)
			if got, ok := done.Param(parameter); ok && got != sent[i] {
				t.FoundConsent(done, "the state it was asked with", "another state")
			}
		})
	}, declared.Requirement)
	return group.Cases
}

// bringsBack reports whether a plain state comes back, so that another one that does not is what the target failed at.
func bringsBack(t *scene.Trial, parameter string) bool {
	sent := scene.Unique()
	done := t.Ask(scene.Ask{Inputs: map[string]any{parameter: sent}, Doing: "with a plain state, for comparison"}, true)
	got, _ := done.Param(parameter)
	return got == sent
}

func sameState(t *scene.Trial, done *scene.Consented, parameter, sent string) {
	if done.Redirect == nil {
		t.CouldNotRun("nothing was redirected: %s", done.Got())
	}
	switch got, ok := done.Param(parameter); {
	case !ok:
		t.FoundConsent(done, parameter+" unchanged in the redirect", "no "+parameter)
	case got != sent:
		t.FoundConsent(done, parameter+" "+sent, parameter+" "+got)
	}
}

func printable() string {
	var all strings.Builder
	for c := byte(0x20); c < 0x7f; c++ {
		all.WriteByte(c)
	}
	return all.String()
}
