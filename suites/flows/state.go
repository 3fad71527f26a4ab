package flows

import (
	"cmp"
	"strings"
	"sync"

	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// state: what the client sent along comes back as it was (RFC 6749 section 4.1.2), whatever printable ASCII is
// in it (appendix A.5), and to nobody else.
func state(s *scene.Subject, declared specs.Flow) []engine.Case {
	parameter := cmp.Or(declared.Params["parameter"], "state")
	book := s.NewBook(declared.Name, declared.At).WithConsent()
	for _, v := range []struct {
		name, title string
		value       func() string
	}{
		{"plain", "a plain state comes back unchanged", scene.Unique},
		{"reserved", "a state with every printable ASCII character comes back unchanged", func() string { return scene.Unique() + printable() }},
		{"escaped", "a state that looks escaped comes back unchanged", func() string { return scene.Unique() + "%2B+%25&amp;" }},
		{"long", "a state of 400 characters comes back unchanged", func() string { return scene.Unique() + strings.Repeat("0123456789", 39) }},
	} {
		book.Works(v.name, v.title, func(a *scene.Act) error {
			sent := v.value()
			done, err := a.Ask(scene.Ask{Inputs: map[string]any{parameter: sent}, Doing: "with a state"}, false)
			if err != nil {
				return err
			}
			return sameState(a, done, parameter, sent)
		}, declared.Requirement)
	}
	book.Works("on-refusal", "the state comes back with a refusal, too", func(a *scene.Act) error {
		sent := scene.Unique()
		done, err := refused(a, scene.Ask{Inputs: map[string]any{parameter: sent}, Doing: "with a state, and the user refuses"})
		if err != nil {
			return err
		}
		return sameState(a, done, parameter, sent)
	}, declared.Requirement)
	book.Never("of-another", "of two authorizations at once, neither gets another state than its own", func(a *scene.Act) error {
		sent := [2]string{scene.Unique(), scene.Unique()}
		var done [2]*scene.Consented
		var errs [2]error
		var both sync.WaitGroup
		for i := range sent {
			both.Go(func() {
				done[i], errs[i] = a.Ask(scene.Ask{Inputs: map[string]any{parameter: sent[i]}, Doing: "while another authorization runs"}, false)
			})
		}
		both.Wait()
		for i := range sent {
			if errs[i] != nil {
				return errs[i]
			}
			if got, ok := done[i].Param(parameter); ok && got != sent[i] {
				a.FoundConsent(done[i], "the state it was asked with", "another state")
			}
		}
		return nil
	}, declared.Requirement)
	return book.Cases
}

func sameState(a *scene.Act, done *scene.Consented, parameter, sent string) error {
	if done.Redirect == nil {
		return engine.CouldNotRun("nothing was redirected: %s", done.Got())
	}
	switch got, ok := done.Param(parameter); {
	case !ok:
		a.FoundConsent(done, parameter+" unchanged in the redirect", "no "+parameter)
	case got != sent:
		a.FoundConsent(done, parameter+" "+sent, parameter+" "+got)
	}
	return nil
}

func printable() string {
	var all strings.Builder
	for c := byte(0x20); c < 0x7f; c++ {
		all.WriteByte(c)
	}
	return all.String()
}
