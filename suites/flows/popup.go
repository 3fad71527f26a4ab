package flows

import (
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// popup: in a popup window the code goes to the window that opened it. Only a browser has such windows; one
// that drives the page without scripts sees at least that the popup itself is not sent to the redirect URI.
func popup(s *scene.Scene, declared specs.Flow) []engine.Case {
	book := s.NewBook(declared.Name, declared.At).WithConsent()
	book.Needs = append(book.Needs, engine.NeedBrowser)
	parameter, value := declared.Params["parameter"], declared.Params["value"]
	book.Never("code-in-popup", "the popup itself is never sent to the redirect URI", func(a *scene.Act) error {
		done, err := a.Ask(scene.Ask{Inputs: map[string]any{parameter: value}, Doing: "with " + parameter + "=" + value}, true)
		if err != nil {
			return err
		}
		if done.Redirect != nil {
			a.FoundConsent(done, "a page that hands the code to the opener", done.Got())
		}
		return nil
	}, declared.Requirement)
	return book.Cases
}
