package flows

import (
	"net/url"
	"strings"

	"gonogo/internal/consent"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// foreignHost is a name that nobody can register (RFC 6761 section 6.4), so an unsafe redirect leads nowhere.
const foreignHost = "gonogo.invalid"

// redirectSafety: an address that the client did not register is never redirected to, not even after the
// user's approval (RFC 6749 section 10.15). Another query and another loopback port may be legal, so they are
// not tried. The target's own error page may come with any status, at once or after the sign-in.
func redirectSafety(s *scene.Scene, declared specs.Flow) []engine.Case {
	op := s.Ops.First(specs.RoleAuthorize)
	input, ok := s.RedirectInput()
	if op == nil || !ok {
		return nil
	}
	book := s.NewBook(declared.Name, declared.At).WithConsent()
	book.Works("registered", "the registered redirect URI is redirected to", func(a *scene.Act) error {
		done, err := a.Ask(scene.Ask{Doing: "with the registered redirect URI"}, false)
		if err != nil {
			return err
		}
		if done.Redirect == nil {
			a.FoundConsent(done, "a redirect to the registered redirect URI", done.Got())
		}
		return nil
	}, declared.Requirement, op.Success)
	for _, v := range []struct {
		name, title string
		change      func(*url.URL)
	}{
		{"other-host", "on another host", func(u *url.URL) { u.Host = foreignHost }},
		{"host-suffix", "on a host that begins like the registered one", func(u *url.URL) { u.Host = u.Hostname() + "." + foreignHost }},
		{"host-prefix", "on a host that ends like the registered one", func(u *url.URL) { u.Host = "gonogo-" + u.Host }},
		{"userinfo", "that shows the registered host as a user name", func(u *url.URL) { u.User, u.Host = url.User(u.Hostname()), foreignHost }},
		{"other-path", "with another path on the registered host", func(u *url.URL) { u.Path = "/gonogo/elsewhere" }},
		{"longer-path", "with a path that begins like the registered one", func(u *url.URL) { u.Path += "x" }},
		{"sub-path", "with a path below the registered one", func(u *url.URL) { u.Path = strings.TrimSuffix(u.Path, "/") + "/gonogo" }},
		{"other-scheme", "with another scheme", otherScheme},
	} {
		book.Never(v.name, "a redirect URI "+v.title+" is never redirected to", func(a *scene.Act) error {
			u, err := url.Parse(a.RedirectURI(operation.Primary))
			if err != nil {
				return engine.CouldNotRun("credentials.primary has a redirect URI that is no URL")
			}
			v.change(u)
			return neverRedirects(a, scene.Ask{
				Inputs: map[string]any{input.Name: u.String()}, RedirectURI: u.String(),
				Doing: "with a redirect URI " + v.title,
			})
		}, declared.Requirement)
	}
	if client, ok := s.ClientInput(op); ok {
		book.Never("unknown-client", "an unknown client's redirect URI is never redirected to", func(a *scene.Act) error {
			unknown := scene.Unknown(a.Credential(operation.Primary, client.From.Field))
			return neverRedirects(a, scene.Ask{
				Inputs: map[string]any{client.Name: unknown}, RedirectURI: a.RedirectURI(operation.Primary),
				Doing: "of a client that does not exist",
			})
		}, declared.Requirement)
	}
	return book.Cases
}

func otherScheme(u *url.URL) {
	if u.Scheme == "https" {
		u.Scheme = "http"
		return
	}
	u.Scheme = "https"
}

// neverRedirects sends the user all the way to the approval, as far as the target goes.
func neverRedirects(a *scene.Act, ask scene.Ask) error {
	ask.Decision = consent.Approve
	done, err := a.Ask(ask, true)
	if err != nil {
		return err
	}
	if done.Redirect != nil || done.Stray != nil {
		a.FoundConsent(done, "an error page of the target's own, and no redirect", done.Got())
	}
	return nil
}
