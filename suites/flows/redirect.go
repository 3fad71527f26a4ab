package flows

import (
	"cmp"
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
	group := s.NewGroup(declared.Name, declared.At).WithConsent()
	group.Works("registered", "the registered redirect URI is redirected to", func(t *scene.Trial) {
		done := t.Ask(scene.Ask{Doing: "with the registered redirect URI"}, false)
		if done.Redirect == nil {
			t.FoundConsent(done, "a redirect to the registered redirect URI", done.Got())
		}
	}, declared.Requirement, op.Success)
	never := func(v variation, requirement string) *engine.Case {
		c := group.Never(v.name, "a redirect URI "+v.title+" is never redirected to", func(t *scene.Trial) {
			asked := v.of(t)
			neverRedirects(t, scene.Ask{
				Inputs: map[string]any{input.Name: asked}, RedirectURI: asked,
				Doing: "with a redirect URI " + v.title,
			})
		}, requirement)
		c.Requests = 8 // no code is exchanged
		return c
	}
	for _, v := range elsewhere {
		never(v, declared.Requirement)
	}
	for _, v := range spellings {
		c := group.Never(v.name, "a redirect URI "+v.title+" is never redirected to", func(t *scene.Trial) {
			for _, asked := range v.of(t) {
				neverRedirects(t, scene.Ask{
					Inputs: map[string]any{input.Name: asked}, RedirectURI: asked,
					Doing: "with a redirect URI " + v.title,
				})
				if t.Failed() {
					return
				}
			}
		}, declared.Requirement)
		c.Requests = 24 // three walks
	}
	carried(s, group, declared.Requirement)
	askedTwice(s, group, op, input.Name, declared.Requirement)
	queries(group, input.Name, cmp.Or(declared.Params["kept"], declared.Params["practice"]), declared.Params["practice"])
	spelt(group, input.Name, declared.Params["exact"])
	if _, ok := s.Dialect.Credential(scene.Second); ok {
		c := never(variation{"of-another-client", "that another client registered", ofAnotherClient}, declared.Requirement)
		scene.Need(c, target.NeedSecond)
	}
	if client, ok := s.ClientInput(op); ok {
		group.Never("unknown-client", "an unknown client's redirect URI is never redirected to", func(t *scene.Trial) {
			unknown := scene.Unknown(t.Credential(operation.Primary, client.From.Field))
			neverRedirects(t, scene.Ask{
				Inputs: map[string]any{client.Name: unknown},
				Doing:  "of a client that does not exist",
			})
		}, declared.Requirement)
	}
	return group.Cases
}

// queries: the query is compared, too, and the registered one is kept (RFC 6749 section 3.1.2). The client is one that
// registered a URI with a query, where the target file has one.
func queries(group *scene.Group, name, keeps, practice string) {
	kept := group.Works("query-kept", "the registered redirect URI is redirected to with the query that is registered", func(t *scene.Trial) {
		role := withQuery(t)
		done := t.Ask(scene.Ask{Role: role, Doing: "with the registered redirect URI"}, false)
		if done.Redirect == nil {
			t.FoundConsent(done, "a redirect to the registered redirect URI", done.Got())
			return
		}
		for parameter, values := range registered(t, role).Query() {
			if !slices.Equal(done.Redirect.Query()[parameter], values) {
				t.FoundConsent(done, "a redirect with the registered parameter "+parameter, done.Got())
			}
		}
	}, keeps)
	other := group.Never("other-query", "a redirect URI with another query than the registered one is never redirected to", func(t *scene.Trial) {
		for _, role := range slices.Compact([]string{operation.Primary, withQuery(t)}) {
			for _, asked := range otherQueries(registered(t, role)) {
				neverRedirects(t, scene.Ask{
					Role: role, Inputs: map[string]any{name: asked}, RedirectURI: asked,
					Doing: "with another query than the registered one in the redirect URI",
				})
				if t.Failed() {
					return
				}
			}
		}
	}, practice)
	other.Requests = 45 // up to five walks
	for _, c := range []*engine.Case{kept, other} {
		c.Phase = engine.Exclusive // the user approves the other client, which refusals need unapproved where that is remembered
		c.Claims = append(c.Claims, scene.ClaimsOf(scene.Second)...)
	}
}

// spelt: the registered URI written in another way leads to the same place, and is still not what is registered (RFC 9700 section
// 4.1.3). Who sends the user to the registered one as it is registered harms nobody.
func spelt(group *scene.Group, name, exact string) {
	c := group.Never("spelt-otherwise", "the registered redirect URI in another spelling is never redirected to", func(t *scene.Trial) {
		for _, asked := range respelt(registered(t, operation.Primary)) {
			done := t.Ask(scene.Ask{
				Inputs: map[string]any{name: asked.String()}, RedirectURI: asked.String(),
				Doing: "with the registered redirect URI in another spelling",
			}, true)
			if back := done.Redirect; back != nil && back.Host == asked.Host && back.EscapedPath() == asked.EscapedPath() {
				t.FoundConsent(done, "an error page of the target's own, and no redirect", done.Got())
				return
			}
		}
	}, exact)
	c.Requests = 3 * 10
}

// withQuery is the first role whose registered redirect URI has a query, or else the primary one.
func withQuery(t *scene.Trial) string {
	for _, role := range []string{operation.Primary, scene.Second} {
		if len(t.Target.Credentials[role].Fields) > 0 && registered(t, role).RawQuery != "" {
			return role
		}
	}
	return operation.Primary
}

// neverRedirects sends the user all the way to the approval, as far as the target goes.
func neverRedirects(t *scene.Trial, ask scene.Ask) *scene.Consented {
	ask.Decision = consent.Approve
	done := t.Ask(ask, true)
	if done.Stray != nil || done.Redirect != nil && (ask.RedirectURI == "" || reached(done, ask.RedirectURI, t.RedirectURI(cmp.Or(ask.Role, operation.Primary)))) {
		t.FoundConsent(done, "an error page of the target's own, and no redirect", done.Got())
	}
	return done
}

// reached reports whether a walk came to the URI that was asked for, and not to the registered one.
func reached(done *scene.Consented, asked, registered string) bool {
	if done.Matched != registered {
		return true
	}
	a, errA := url.Parse(asked)
	r, errR := url.Parse(registered)
	if errA != nil || errR != nil { // what is no URL has nothing that the registered one could have taken from it
		return false
	}
	if a.Fragment != "" && strings.HasPrefix(done.Redirect.Fragment, a.Fragment) {
		return true
	}
	query := done.Redirect.RawQuery
	return a.RawQuery != r.RawQuery && r.RawQuery != "" && query != r.RawQuery && !strings.HasPrefix(query, r.RawQuery+"&")
}
