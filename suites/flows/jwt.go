package flows

import (
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// jwtFlow: a token is a JWT (RFC 7519) that says the same of its end as the answer it came in, and nobody but its
// issuer can make one or change one.
func jwtFlow(s *scene.Subject, declared specs.Flow) []engine.Case {
	kind, _ := s.Dialect.Token(declared.Token)
	group := s.NewGroup(declared.Name, declared.At)
	for times, from := range []struct{ name, title string }{
		{"issued", "that is issued"}, {"refreshed", "of a refresh"}, {"refreshed-twice", "of a second refresh"},
	} {
		if times > 0 && s.Ops.First(specs.RoleRefresh) == nil {
			continue
		}
		mint := func(t *scene.Trial) *client.Grant { return renewedTimes(t, t.GrantOf(kind.Name, ""), times) }
		group.Late, group.Requests = false, times+2
		if times > 0 {
			mint = func(t *scene.Trial) *client.Grant { return renewedTimes(t, t.Renewable(""), times) }
			group.Renewing(times + 2)
		}
		group.Works(from.name+"-well-formed", "the "+kind.Noun()+" "+from.title+" is a well-formed JWT", func(t *scene.Trial) {
			read(t, mint, kind)
		}, declared.Requirement)
		group.Works(from.name+"-exp-agrees", "the exp of the "+kind.Noun()+" "+from.title+" agrees with the end that the answer announces", func(t *scene.Trial) {
			grant, token := read(t, mint, kind)
			if t.Failed() {
				return
			}
			expAgrees(t, grant, kind, token)
		}, declared.Requirement)
		group.Never(from.name+"-unsigned", "the "+kind.Noun()+" "+from.title+" is never one that anybody could have made", func(t *scene.Trial) {
			grant, token := read(t, mint, kind)
			if t.Failed() {
				return
			}
			if algorithm, _ := token.Header["alg"].(string); strings.EqualFold(algorithm, "none") || token.Signature == "" {
				t.FoundWithin(grant.Reply, "a signed token", "one without a signature")
			}
		}, declared.Requirement)
	}
	group.Cases = append(group.Cases, forgeries(s, declared, kind)...)
	return group.Cases
}

// read mints a token and reads it as a JWT; that it is none is a finding.
func read(t *scene.Trial, mint func(*scene.Trial) *client.Grant, kind specs.TokenKind) (*client.Grant, scene.JWT) {
	grant := mint(t)
	value := grant.Value(kind.Name)
	if value == "" {
		t.CouldNotRun("the grant carries no %s", kind.Noun())
	}
	token, why := scene.ReadJWT(value)
	if why != "" {
		t.FoundWithin(grant.Reply, "a JWT in the place of the "+kind.Noun(), why)
	}
	return grant, token
}

// expAgrees allows the two to differ by what rounding to seconds makes, either way.
func expAgrees(t *scene.Trial, grant *client.Grant, kind specs.TokenKind, token scene.JWT) {
	claim, there := token.Claims["exp"]
	if !there {
		t.NotApplicable("the token has no exp, and need not")
	}
	exp, err := jwt.MapClaims(token.Claims).GetExpirationTime()
	if err != nil || exp == nil {
		t.FoundWithin(grant.Reply, "an exp that is a NumericDate (RFC 7519 section 4.1.4)", fmt.Sprintf("a value of type %T", claim))
		return
	}
	remaining, written, ok := grant.Reply.Lifetime(kind)
	if !ok {
		t.CouldNotRun("the answer announces no end to compare with at %s", kind.Lifetime.Announced)
	}
	byToken, _, _ := grant.Reply.Remaining(float64(exp.Unix()), specs.Epoch)
	if (byToken - remaining).Abs() > 2*time.Second {
		t.FoundWithin(grant.Reply, fmt.Sprintf("an exp at %s, which is %s", kind.Lifetime.Announced, written), "an exp of "+exp.UTC().Format(time.RFC3339))
	}
}

// forgeries: at every operation that the token authorizes, each forgery of a token that was good a moment before; and all of
// them at one that ends its session.
func forgeries(s *scene.Subject, declared specs.Flow, kind specs.TokenKind) []engine.Case {
	group := s.NewGroup(declared.Name, declared.At)
	for i, op := range s.Ops.ByRole(specs.RoleUse) {
		if !carries(op, kind.Name) {
			continue
		}
		for _, f := range scene.Forgeries {
			group.Requests = 9
			group.Never(f.Name+suffix(i, op), "a token "+f.What+" is refused", func(t *scene.Trial) {
				token := jwtOf(t, t.MintLive(kind.Name))
				if !t.Forge(f, kind.Name, token, func(forged, doing string) *client.Reply {
					reply := t.Use(op, forged, doing)
					t.Unauthorized(reply, false)
					return reply
				}) {
					t.NotApplicable("a token signed by %v cannot be forged in this way", token.Header["alg"])
				}
			}, declared.Params["forged"])
		}
		group.Requests = 5
		group.Works("genuine-after-forged"+suffix(i, op), "a token still works after a forgery of it was refused", func(t *scene.Trial) {
			genuine := t.Mint(kind.Name)
			t.Forge(scene.Forgeries[0], kind.Name, jwtOf(t, genuine), func(forged, doing string) *client.Reply { return t.Use(op, forged, doing) })
			t.Authorizes(op, genuine, "with the genuine token, after a forged one")
		}, declared.Params["forged"])
	}
	if revoke := s.Ops.First(specs.RoleRevoke); revoke != nil {
		role := s.Spare()
		c := group.Never("forged-at-"+revoke.ID, "a forged token never ends the session of the genuine one", func(t *scene.Trial) {
			forgedRevocation(t, revoke, kind, session(t, role))
		}, declared.Params["forged"])
		scene.Need(c, target.NeedRevocation)
		c.Requests = 2*scene.MostForgeries + 2
		c.Phase, c.Claims = engine.Exclusive, scene.TakesAccount(role)
	}
	return group.Cases
}

// forgedRevocation shows an operation that ends sessions each forgery of a token. Where the token is what lets one in there,
// none may; where it is only named, any answer will do (RFC 7009 section 2.2). In both the genuine one lives on.
func forgedRevocation(t *scene.Trial, revoke *operation.Op, kind specs.TokenKind, grant *client.Grant) {
	use, token := t.First(specs.RoleUse), jwtOf(t, grant.Value(kind.Name))
	for _, f := range scene.Forgeries {
		can := t.Forge(f, kind.Name, token, func(forged, doing string) *client.Reply {
			reply := t.Call(revoke, operation.Args{Role: grant.Role, Tokens: map[string]string{kind.Name: forged, client.Refresh: scene.Unknown(grant.Value(client.Refresh))}}, doing)
			if carries(revoke, kind.Name) && !revoke.NamesSession() {
				t.Unauthorized(reply, false)
			}
			return reply
		})
		if t.Failed() {
			return
		}
		if use != nil && can {
			t.Authorizes(use, grant.Value(kind.Name), "with the genuine token, after the revocation of one "+f.What)
		}
	}
}

// jwtOf reads a token that has to be a JWT; another case says so where it is none.
func jwtOf(t *scene.Trial, value string) scene.JWT {
	token, why := scene.ReadJWT(value)
	if why != "" {
		t.CouldNotRun("the token is no JWT: %s", why)
	}
	return token
}
