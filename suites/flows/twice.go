package flows

import (
	"net/http"
	"net/url"
	"strconv"

	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/scene"
)

// askedTwice: of a parameter that stands in a request for consent twice one counts, or none (RFC 6749 section 3.1): who looks at one and
// redirects to the other redirects to anybody. So does who looks at the redirect URI of one client and makes a code for the other.
func askedTwice(s *scene.Subject, group *scene.Group, op *operation.Op, redirect, requirement string) {
	client, named := s.ClientInput(op)
	_, second := s.Dialect.Credential(scene.Second)
	c := group.Never("parameter-twice", "a request for consent with a parameter twice redirects to no URI that is not registered for the client that counts, and is never a server error", func(t *scene.Trial) {
		own, foreign := t.RedirectURI(operation.Primary), elsewhere[0].of(t)
		for _, order := range [][2]string{{own, foreign}, {foreign, own}} {
			done := neverRedirects(t, scene.Ask{
				Inputs: map[string]any{redirect: order[0]}, Query: pair(redirect, order[1]), RedirectURI: foreign,
				Doing: "with a registered " + redirect + " and another one",
			})
			if pageNotBroken(t, done); t.Failed() {
				return
			}
		}
		if !named {
			return
		}
		us := t.Credential(operation.Primary, client.From.Field)
		them := scene.Unknown(us)
		if second && len(t.Target.Credentials[scene.Second].Fields) > 0 && registered(t, scene.Second).String() != own {
			them = t.Credential(scene.Second, client.From.Field)
		}
		for _, order := range [][2]string{{us, them}, {them, us}} {
			code, done := t.AskForCode(scene.Ask{
				Inputs: map[string]any{client.Name: order[0]}, Query: pair(client.Name, order[1]), Doing: "with two values of " + client.Name,
			}, true)
			if pageNotBroken(t, done); t.Failed() {
				return
			}
			if code.Value != "" && them == t.Credential(scene.Second, client.From.Field) && t.First(specs.RoleExchange) != nil {
				t.Refused(t.ExchangeArgs(withOwnRedirect(t, scene.Second), code.Value, "by the other client that asked, which has another redirect URI"))
			}
		}
	}, requirement, scene.AnyServerError)
	c.Requests = 4*8 + 2
	if second {
		c.Claims = append(c.Claims, scene.ClaimsOf(scene.Second)...)
	}
}

func pair(name, value string) string { return url.QueryEscape(name) + "=" + url.QueryEscape(value) }

func pageNotBroken(t *scene.Trial, done *scene.Consented) {
	if done.Status >= http.StatusInternalServerError {
		t.FoundConsent(done, "no server error", strconv.Itoa(done.Status))
	}
}
