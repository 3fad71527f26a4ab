package flows

import (
	"gonogo/internal/consent"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/scene"
)

// carried: a page may carry what the request for consent said, in hidden fields and in addresses. It was looked at when the page was
// opened, and comes back from a browser, where anybody can have changed it.
func carried(s *scene.Subject, group *scene.Group, requirement string) {
	changed := group.Never("page-carries-redirect-uri", "a redirect URI that was changed on the page is never redirected to", func(t *scene.Trial) {
		own := t.RedirectURI(operation.Primary)
		there := false
		for _, signIn := range []bool{false, true} {
			for _, v := range changedOnPage {
				asked := v.of(t)
				done := neverRedirects(t, scene.Ask{
					Alter: &consent.Alteration{Was: own, Is: asked, SignIn: signIn}, RedirectURI: asked,
					Doing: "and sends the page back with a redirect URI " + v.title,
				})
				if t.Failed() {
					return
				}
				if !done.Altered {
					break // nor will the other be there
				}
				there = true
			}
		}
		if !there {
			t.NotApplicable("the pages carry no redirect URI that could be changed")
		}
	}, requirement)
	changed.Requests = 4 * 8
	client, named := s.ClientInput(s.Ops.First(specs.RoleAuthorize))
	if _, has := s.Dialect.Credential(scene.Second); !has || !named || s.Ops.First(specs.RoleExchange) == nil {
		return
	}
	another := group.Never("page-carries-client", "a client that was changed on the page never gets a code at the redirect URI of the one that asked", func(t *scene.Trial) {
		own, other := t.Credential(operation.Primary, client.From.Field), t.Credential(scene.Second, client.From.Field)
		ours, theirs := registered(t, operation.Primary), registered(t, scene.Second)
		if own == other || ours.String() == theirs.String() {
			t.NotApplicable("credentials.second is the same client, or has the same redirect URI")
		}
		code, done := t.AskForCode(scene.Ask{Alter: &consent.Alteration{Was: own, Is: other}, Doing: "and sends the page back with another client"}, true)
		switch {
		case !done.Altered:
			t.NotApplicable("the page carries no client that could be changed")
		case code.Value != "":
			t.RefusedAsSaid(t.ExchangeArgs(withOwnRedirect(t, scene.Second), code.Value, "by the client that the page was sent back with, which has another redirect URI"), specs.WrongToken)
		}
	}, requirement)
	scene.Need(another, target.NeedSecond)
	another.Claims = append(another.Claims, scene.ClaimsOf(scene.Second)...)
}

// changedOnPage are the redirect URIs that a page is sent back with.
var changedOnPage = []variation{elsewhere[0], elsewhere[5]}

// withOwnRedirect is an exchange by another client, with the redirect URI of the primary one.
func withOwnRedirect(t *scene.Trial, role string) operation.Args {
	args := operation.Args{Role: role}
	if input, ok := t.RedirectInput(); ok {
		if _, taken := t.First(specs.RoleExchange).Input(input.Name); taken {
			args.Inputs = map[string]any{input.Name: t.RedirectURI(operation.Primary)}
		}
	}
	return args
}
