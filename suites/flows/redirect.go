package flows

import (
	"net/url"
	"slices"
	"strings"

	"gonogo/internal/consent"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// redirectSafety: an address that the client did not register is never redirected to, not even after the
// user's approval (RFC 6749 sections 3.1.2.3 and 10.15). Another query may be legal where only the rest of the
// URI is registered, and another port on loopback for a native app (RFC 8252 section 7.3): the former is
// practice's business, the latter is not tried. The target's own error page may come with any status, at once or
// after the sign-in, and who sends the user to the registered URI instead of the one asked for harms nobody.
func redirectSafety(s *scene.Subject, declared specs.Flow) []engine.Case {
	op := s.Ops.First(specs.RoleAuthorize)
	input, ok := s.RedirectInput()
	if op == nil || !ok {
		return nil
	}
	book := s.NewBook(declared.Name, declared.At).WithConsent()
	book.Works("registered", "the registered redirect URI is redirected to", func(a *scene.Act) {
		done := a.Ask(scene.Ask{Doing: "with the registered redirect URI"}, false)
		if done.Redirect == nil {
			a.FoundConsent(done, "a redirect to the registered redirect URI", done.Got())
		}
	}, declared.Requirement, op.Success)
	never := func(v variation, requirement string) *engine.Case {
		c := book.Never(v.name, "a redirect URI "+v.title+" is never redirected to", func(a *scene.Act) {
			asked := v.of(a)
			neverRedirects(a, scene.Ask{
				Inputs: map[string]any{input.Name: asked}, RedirectURI: asked,
				Doing: "with a redirect URI " + v.title,
			})
		}, requirement)
		c.Requests = 10 // no code is exchanged
		return c
	}
	for _, v := range elsewhere {
		never(v, declared.Requirement)
	}
	queries(book, input.Name, declared.Params["practice"])
	if _, ok := s.Dialect.Credential(scene.Second); ok {
		c := never(variation{"of-another-client", "that another client registered", ofAnotherClient}, declared.Requirement)
		scene.Need(c, target.NeedSecond)
	}
	if client, ok := s.ClientInput(op); ok {
		book.Never("unknown-client", "an unknown client's redirect URI is never redirected to", func(a *scene.Act) {
			unknown := scene.Unknown(a.Credential(operation.Primary, client.From.Field))
			neverRedirects(a, scene.Ask{
				Inputs: map[string]any{client.Name: unknown},
				Doing:  "of a client that does not exist",
			})
		}, declared.Requirement)
	}
	return book.Cases
}

// queries: the query is compared, too, and the registered one is kept (RFC 6749 section 3.1.2).
func queries(book *scene.Book, name, practice string) {
	book.Works("query-kept", "the registered redirect URI is redirected to with the query that is registered", func(a *scene.Act) {
		u := registered(a, operation.Primary)
		done := a.Ask(scene.Ask{Doing: "with the registered redirect URI"}, false)
		if done.Redirect == nil {
			a.FoundConsent(done, "a redirect to the registered redirect URI", done.Got())
			return
		}
		for parameter, values := range u.Query() {
			if !slices.Equal(done.Redirect.Query()[parameter], values) {
				a.FoundConsent(done, "a redirect with the registered parameter "+parameter, done.Got())
			}
		}
	}, practice)
	c := book.Never("other-query", "a redirect URI with another query than the registered one is never redirected to", func(a *scene.Act) {
		for _, asked := range otherQueries(registered(a, operation.Primary)) {
			neverRedirects(a, scene.Ask{
				Inputs: map[string]any{name: asked}, RedirectURI: asked,
				Doing: "with another query than the registered one in the redirect URI",
			})
			if a.Failed() {
				return
			}
		}
	}, practice)
	c.Requests = 30 // three walks
}

// neverRedirects sends the user all the way to the approval, as far as the target goes.
func neverRedirects(a *scene.Act, ask scene.Ask) {
	ask.Decision = consent.Approve
	done := a.Ask(ask, true)
	if done.Stray != nil || done.Redirect != nil && (ask.RedirectURI == "" || reached(done, ask.RedirectURI, a.RedirectURI(operation.Primary))) {
		a.FoundConsent(done, "an error page of the target's own, and no redirect", done.Got())
	}
}

// reached reports whether a walk came to the URI that was asked for, and not to the registered one.
func reached(done *scene.Consented, asked, registered string) bool {
	if done.Matched != registered {
		return true
	}
	a, errA := url.Parse(asked)
	r, errR := url.Parse(registered)
	if errA != nil || errR != nil {
		return true
	}
	if a.Fragment != "" && strings.HasPrefix(done.Redirect.Fragment, a.Fragment) {
		return true
	}
	query := done.Redirect.RawQuery
	return a.RawQuery != r.RawQuery && r.RawQuery != "" && query != r.RawQuery && !strings.HasPrefix(query, r.RawQuery+"&")
}
