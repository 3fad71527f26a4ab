package flows

import (
	"cmp"
	"net/url"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// codeUse: a code works once (RFC 6749 section 4.1.2). That its reuse should revoke what it gave is practice.
func codeUse(s *scene.Subject, declared specs.Flow) []engine.Case {
	if s.Ops.First(specs.RoleExchange) == nil {
		return nil
	}
	group := s.NewGroup(declared.Name, declared.At).WithConsent()
	group.Works("first-exchange", "a code is good for one exchange", func(t *scene.Trial) {
		t.Succeeds(t.Exchange("", t.Code("").Value, "with a fresh code"))
	}, declared.Requirement)
	again := group.Never("second-exchange", "a code is never good for a second exchange", func(t *scene.Trial) {
		_, code := spend(t)
		t.RefusedAsSaid(t.Exchange("", code, "with a code that was used before"), specs.WrongToken)
	}, declared.Requirement)
	endsSessions(s, again)
	revived := group.Never("spent-after-another", "a code that was used is not good again once the user has consented anew", func(t *scene.Trial) {
		_, code := spend(t)
		t.Code("")
		t.RefusedAsSaid(t.Exchange("", code, "with a code that was used before the user consented anew"), specs.WrongToken)
	}, declared.Requirement)
	revived.Requests += 10 // another walk
	endsSessions(s, revived)
	race := group.Never("race", "of exchanges that race with one code, at most one wins", func(t *scene.Trial) {
		codeRace.of("exchanges of one code", gotTokens).oneWins(t, func() func(*scene.Trial) *client.Reply {
			code := t.Code("")
			return func(t *scene.Trial) *client.Reply {
				return t.Exchange("", code.Value, "in a race of many with the same code")
			}
		})
	}, declared.Requirement)
	race.Burst, race.Requests = codeRace.racers, codeRace.requests(12)
	endsSessions(s, race)
	reuse(s, group, declared.Params["practice"])
	return append(group.Cases, usedForGood(s, declared)...)
}

// spend gets tokens and the code that is spent now.
func spend(t *scene.Trial) (*client.Grant, string) {
	code := t.Code("")
	reply := t.Exchange("", code.Value, "with a fresh code")
	if !reply.Succeeded() || reply.Tokens[client.Access] == "" {
		t.RefusedAtFirst(reply, code.Value)
		t.CouldNotRun("the first exchange did not succeed: %s", reply.Got())
	}
	return t.Collect(operation.Primary, reply), code.Value
}

// reuse: a code that comes a second time was stolen by one of the two (RFC 9700 section 4.5, RFC 6749 section
// 10.5), so the tokens it gave should end.
func reuse(s *scene.Subject, group *scene.Group, practice string) {
	use := s.Ops.First(specs.RoleUse)
	if use == nil {
		return
	}
	group.Works("tokens-before-reuse", "the tokens of a code work as long as nobody uses the code again", func(t *scene.Trial) {
		grant, _ := spend(t)
		t.Authorizes(use, grant.Value(client.Access), "with the access token of a code")
	}, practice)
	after := group.Never("tokens-after-reuse", "the tokens of a code never outlive its reuse", func(t *scene.Trial) {
		grant, code := spend(t)
		t.MustBeLive(grant.Value(client.Access))
		t.Exchange("", code, "with a code that was used before")
		if t.OpensNone(use, grant.Value(client.Access), "with the access token of a code that was used again"); t.Failed() || t.First(specs.RoleRefresh) == nil || grant.Value(client.Refresh) == "" {
			return
		}
		t.Refused(t.RefreshWith(grant.Role, grant.Value(client.Refresh), "with the refresh token of a code that was used again"))
	}, practice)
	after.Requests += s.OtherDoors(use) + 1
	endsSessions(s, after)
}

// endsSessions says that a case does what may end the sessions of the user and of the client.
func endsSessions(s *scene.Subject, c *engine.Case) {
	scene.EndsSessions(c, operation.Primary, s.Human())
}

// codeBinding: a code is good only for the client, the redirect URI and the secret it was made for (RFC 6749
// section 4.1.3). A refused exchange may burn the code, so each try has one of its own.
func codeBinding(s *scene.Subject, declared specs.Flow) []engine.Case {
	if s.Ops.First(specs.RoleExchange) == nil {
		return nil
	}
	group := s.NewGroup(declared.Name, declared.At).WithConsent()
	group.Works("own-client", "a code is good for the client and redirect URI it was made for", func(t *scene.Trial) {
		t.Succeeds(t.Exchange("", t.Code("").Value, "by its own client"))
	}, declared.Requirement, declared.Params["redirect"])
	for _, what := range declared.Lists["bound_to"] {
		switch what {
		case "client":
			otherClientsCode(s, group, declared.Requirement)
		case "redirect_uri":
			otherRedirectURI(group, cmp.Or(declared.Params["redirect"], declared.Requirement))
		}
	}
	return group.Cases
}

func otherClientsCode(s *scene.Subject, group *scene.Group, requirement string) {
	c := group.Never("other-client", "a code is never good for another client", func(t *scene.Trial) {
		t.CanAct(scene.Second)
		code := t.Code("")
		t.RefusedAsSaid(t.ExchangeArgs(withOwnRedirect(t, scene.Second), code.Value, "by another client"), specs.WrongToken) // only the client is another
	}, requirement, clientBound(s))
	scene.Need(c, target.NeedSecond)
	c.Claims = append(c.Claims, scene.ClaimsOf(scene.Second)...)
}

// otherRedirectURIs: what the exchange names has to be identical with what the authorization named, query and all
// (RFC 6749 section 4.1.3).
var otherRedirectURIs = []variation{
	{"other-redirect-uri", "another redirect URI", to(func(u *url.URL) { u.Path, u.RawPath = "/gonogo/elsewhere", "" })},
	{"longer-redirect-uri", "a redirect URI that begins like its own", to(func(u *url.URL) { u.Path, u.RawPath = u.Path+"x", "" })},
	{"shorter-redirect-uri", "the beginning of its redirect URI", func(t *scene.Trial, u *url.URL) {
		path := []rune(u.Path)
		switch {
		case u.RawQuery != "":
			u.RawQuery = ""
		case len(path) < 2:
			t.NotApplicable("the registered redirect URI has no path")
		default:
			u.Path, u.RawPath = string(path[:len(path)-1]), ""
		}
	}},
	{"other-case-redirect-uri", "its redirect URI in the other case", otherCasePath},
	{"added-query-redirect-uri", "its redirect URI with a parameter more", to(addQuery)},
}

func otherRedirectURI(group *scene.Group, requirement string) {
	for _, v := range otherRedirectURIs {
		group.Never(v.name, "a code is never good for "+v.title, func(t *scene.Trial) {
			input, ok := t.RedirectInput()
			if !ok {
				t.NotApplicable("the exchange names no redirect URI")
			}
			other := v.of(t)
			t.RefusedAsSaid(t.ExchangeArgs(operation.Args{Inputs: map[string]any{input.Name: other}}, t.Code("").Value, "with "+v.title), specs.WrongToken)
		}, requirement)
	}
}
