package flows

import (
	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// publicClient: a client without a secret says who it is by its id alone (RFC 6749 section 3.2.1). What keeps others from using
// its codes and refresh tokens is the proof key, and that a refresh token works once (RFC 9700 sections 2.1.1 and 4.14).
func publicClient(s *scene.Subject, declared specs.Flow) []engine.Case {
	group := s.NewGroup(declared.Name, declared.At).WithConsent()
	group.Needs = append(group.Needs, target.NeedPublic)
	group.Claims = append(group.Claims, scene.ClaimsOf(scene.Public)...)
	group.Works("code", "a client without a secret gets tokens that work for its code", func(t *scene.Trial) {
		reply := t.Exchange(scene.Public, t.Code(scene.Public).Value, "by a client without a secret")
		if use := t.First(specs.RoleUse); t.Succeeds(reply) && use != nil {
			t.Authorizes(use, reply.Tokens[client.Access], "with the access token of a client without a secret")
		}
	}, declared.Requirement)
	bound := group.Never("other-client", "a code is never good for another client, where either has no secret", func(t *scene.Trial) {
		t.Refused(t.ExchangeArgs(withOwnRedirect(t, operation.Primary), t.Code(scene.Public).Value, "by a client with a secret, of a code of one without"))
		t.Refused(t.ExchangeArgs(withOwnRedirect(t, scene.Public), t.Code(operation.Primary).Value, "by a client without a secret, of a code of one with a secret"))
	}, declared.Params["bound"])
	bound.Requests *= 2
	unchallenged := scene.Ask{Role: scene.Public, NoProof: true, Doing: "by a client without a secret, without a challenge"}
	group.Never("no-challenge", "where a challenge is required of clients without a secret, a request for consent without one is sent back with an error and no code", func(t *scene.Trial) {
		if s := t.Target.Settings.PKCE; s != target.PKCEPublic && s != target.PKCERequired {
			t.NotApplicable("the target does not say that it requires a challenge of clients without a secret (settings.pkce: %s)", target.PKCEPublic)
		}
		sentBackWith(t, t.Ask(unchallenged, true), "invalid_request")
	}, declared.Params["missing"]).Requests = aWalk
	group.Never("no-code-without-challenge", "a client without a secret never gets a code without a challenge", func(t *scene.Trial) {
		kind, _ := t.CodeKind()
		if code, done := t.AskForCode(unchallenged, true); code.Value != "" {
			t.FoundConsent(done, "no "+kind.Name, done.Got())
		}
	}, declared.Params["challenge"]).Requests = aWalk
	if s.Ops.First(specs.RoleRefresh) == nil {
		return group.Cases
	}
	group.Late = true
	group.Works("refresh", "a client without a secret can refresh, where it has a refresh token", func(t *scene.Trial) {
		t.Succeeds(t.Refresh(renewable(t)))
	}, declared.Requirement)
	if flow, declared := s.Dialect.Flow("client-binding"); declared {
		foreign := group.Never("other-clients-refresh", "a refresh token is never good for another client, where either has no secret", func(t *scene.Trial) {
			theirs := t.Spendable(t.GrantByCode(operation.Primary))
			t.AwaitEarliest(theirs)
			t.Refused(t.RefreshWith(scene.Public, theirs, "by a client without a secret, of one with a secret"))
			own := renewable(t).Value(client.Refresh)
			t.AwaitEarliest(own)
			t.Refused(t.RefreshWith(operation.Primary, own, "by a client with a secret, of one without"))
		}, flow.Requirement, clientBound(s))
		foreign.Requests *= 2
	}
	once := group.Never("replay", "the refresh token of a client without a secret never works twice", func(t *scene.Trial) {
		grant := renewable(t)
		t.Renewed(grant)
		replayed(t, grant)
	}, declared.Params["rotation"])
	scene.EndsSessions(once, scene.Public, s.Human())
	family := group.Never("replayed-family", "what a client without a secret got for a refresh token never outlives its second use", func(t *scene.Trial) {
		grant := renewable(t)
		next := t.Renewed(grant)
		if !another(next, grant) {
			t.NotApplicable("a refresh hands out no other refresh token here")
		}
		if again := t.RefreshWith(scene.Public, grant.Value(client.Refresh), "with a refresh token that was used before"); again.Succeeded() {
			t.Found(again, "a refusal (4xx), without a token", again.Got())
			return
		}
		t.Refused(t.RefreshWith(scene.Public, next.Value(client.Refresh), "with the refresh token that came of one that was used twice"))
	}, declared.Params["family"])
	scene.EndsSessions(family, scene.Public, s.Human())
	return group.Cases
}

// renewable are the tokens of a client without a secret. It need not get a refresh token.
func renewable(t *scene.Trial) *client.Grant {
	grant := t.GrantByCode(scene.Public)
	if grant.Value(client.Refresh) == "" {
		t.NotApplicable("the target hands a client without a secret no refresh token, and need not")
	}
	return grant
}
