package flows

import (
	"fmt"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// What a document promises of tokens it promises of those of a code, too. Where another grant yields tokens all cases take theirs
// from that one, which costs no consent; these see to the others.

// twoGrants reports whether a code is one of several ways to tokens of a kind.
func twoGrants(s *scene.Subject, kind string) bool {
	return s.Ops.First(specs.RoleExchange) != nil && !s.ByConsent(kind) && s.Ops.First(specs.RoleIssue) != nil
}

// ofCode names the tokens of so many refreshes of what a code gave.
func ofCode(generation int) string {
	if generation == 0 {
		return "of a code"
	}
	return "of a refresh of what a code gave"
}

// byCodeUse: the access token of a code works wherever one works that was issued.
func byCodeUse(s *scene.Subject) []engine.Case {
	use := s.Ops.First(specs.RoleUse)
	if !twoGrants(s, client.Access) || use == nil {
		return nil
	}
	exchange := s.Ops.First(specs.RoleExchange)
	group := s.NewGroup("access-reuse", exchange.At).WithConsent()
	group.Works("by-code-works", "the access token of a code authorizes "+group.Where(use), func(t *scene.Trial) {
		t.OpensAll(use, t.GrantByCode("").Value(client.Access), "with the access token of a code")
	}, exchange.Success).Requests += s.OtherDoors(use)
	return group.Cases
}

// byCodeExpiry looks at both ends of what a code gives, and of what a refresh of that gives.
func byCodeExpiry(s *scene.Subject, declared specs.Flow, kind specs.TokenKind, dead string) []engine.Case {
	if !twoGrants(s, kind.Name) || kind.At == "" || !s.Ops.First(specs.RoleExchange).Describes(kind.At) {
		return nil
	}
	group := s.NewGroup(kind.Name+"-expiry", declared.At).OnTimeline(kind.Name).WithConsent()
	group.Requests = 25 // two consents
	for _, o := range observers(s, kind) {
		group.Works("by-code-alive-for-"+o.op.ID, fmt.Sprintf("shortly before its lifetime ends, the %s of a code, and that of a refresh after it, work at %s", kind.Noun(), group.Where(o.op)), func(t *scene.Trial) {
			for generation, token := range byCodeSpecimens(t, kind) {
				announced(t, token)
				o.alive(t, token, aliveAt(token), fmt.Sprintf("with the %s %s, shortly before its end", kind.Noun(), ofCode(generation)))
			}
		}, declared.Requirement)
		group.Never("by-code-dead-for-"+o.op.ID, fmt.Sprintf("once its lifetime has ended, neither the %s of a code nor that of a refresh after it works at %s", kind.Noun(), group.Where(o.op)), func(t *scene.Trial) {
			tokens := byCodeSpecimens(t, kind)
			for i, token := range tokens { // all are asked about before one is waited for
				tokens[i] = ending(t, token)
			}
			for _, token := range tokens {
				o.dead(t, token)
			}
		}, deadFor(o, declared, []string{dead})...)
	}
	return group.Cases
}

// byCodeSpecimens are a token of a code, and one of a refresh of what another code gave. Where one would end the other there is
// the former alone.
func byCodeSpecimens(t *scene.Trial, kind specs.TokenKind) []client.Token {
	grant := t.GrantByCode("")
	token, ok := grant.Tokens[kind.Name]
	if !ok {
		t.CouldNotRun("the tokens of the code have no %s", kind.Noun())
	}
	if t.Habits().TakeTurns() || t.Habits().OneConsent || t.First(specs.RoleRefresh) == nil || !t.First(specs.RoleRefresh).Describes(kind.At) {
		return []client.Token{token}
	}
	return []client.Token{token, renewedSpecimen(t, kind, t.GrantByCode(""), 1)}
}

// byCodeRotation: the refresh token of a code works once, and so does that of a refresh after it.
func byCodeRotation(s *scene.Subject, declared specs.Flow, rotated func(t *scene.Trial, grant *client.Grant) *client.Grant) []engine.Case {
	if !twoGrants(s, client.Refresh) {
		return nil
	}
	group := s.NewGroup("refresh-rotation", declared.At).WithConsent()
	group.Late, group.Requests = true, 25
	once := group.Never("by-code-token-refused", "the refresh token of a code, and that of a refresh after it, is refused once it was used", func(t *scene.Trial) {
		for generation := range 2 {
			spent := t.GrantByCode("")
			for range generation {
				spent = rotated(t, spent)
			}
			rotated(t, spent)
			if replayed(t, spent); t.Failed() {
				return
			}
		}
	}, declared.Requirement)
	endsSessions(s, once)
	return group.Cases
}

// byCodeBinding: the refresh token of a code is good only for the client that got the code.
func byCodeBinding(s *scene.Subject, declared specs.Flow, byAnother func(t *scene.Trial, grant *client.Grant)) []engine.Case {
	if !twoGrants(s, client.Refresh) {
		return nil
	}
	group := s.NewGroup(declared.Name, declared.At).WithConsent().WithSecond()
	group.Late = true
	group.Never("by-code-other-client", "the refresh token of a code is never good for another client", func(t *scene.Trial) {
		t.CanAct(scene.Second)
		grant := t.GrantByCode(operation.Primary)
		t.AwaitEarliest(grant.Value(client.Refresh))
		byAnother(t, grant)
	}, declared.Requirement, clientBound(s))
	return group.Cases
}
