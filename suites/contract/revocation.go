package contract

import (
	"cmp"
	"slices"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// revocation: to end a session takes what its client or its token proves, and what proves nothing ends nobody's. That a
// token which it does not know is ended a target may confirm: there is nothing left to do (RFC 7009 section 2.2).
func (g *generator) revocation() {
	role := g.Spare()
	g.Phase, g.Needs, g.Requests = engine.Exclusive, []target.Need{target.NeedRevocation}, 5
	g.Claims = g.TakesSession(role)
	for _, auth := range g.op.Auth {
		what := "without the client's credentials"
		if auth.Carries != "" {
			what = "without the " + auth.Carries + " token"
		}
		g.endsNothing("no-"+scene.Kebab(auth.Scheme), what, role, func(t *scene.Trial, args *operation.Args) {
			args.NoAuth = true
			if auth.Carries != "" { // nor anywhere else, as in a body
				unknownTokens(t, args)
			}
		}, func(t *scene.Trial, reply *client.Reply) {
			if auth.Carries != "" && g.op.NamesSession() { // what it names is a token that nobody was given
				neverBroken(t, reply)
				return
			}
			if g.op.Refusals != nil && auth.Carries == "" {
				t.RefusedFor(reply, specs.NoCredentials)
				return
			}
			t.Unauthorized(reply, false)
		}, g.op.Authenticated)
	}
	for _, p := range g.proofs() {
		if !p.secret || p.role != operation.Primary {
			continue
		}
		wrong := g.endsNothing("wrong-"+scene.Kebab(p.field), "with a wrong "+p.field, role, func(t *scene.Trial, args *operation.Args) {
			args.Fields = map[string]string{p.field: t.WrongSecret(role, p.field)}
		}, func(t *scene.Trial, reply *client.Reply) { t.RefusedFor(reply, specs.WrongSecret) }, g.op.Authenticated)
		scene.FailsLogins(wrong, 1, role)
	}
	g.endsNothing("unknown-token", "of tokens that nobody was given", role, unknownTokens, neverBroken, g.op.Refused)
	g.endsNothing("garbage-token", "of garbage in place of tokens", role, func(_ *scene.Trial, args *operation.Args) {
		for kind := range args.Tokens {
			args.Tokens[kind] = scene.Garbage
		}
	}, neverBroken, g.op.Refused)
	g.othersSession()
	for _, input := range g.op.Inputs {
		if input.From.Token == "" || len(g.Dialect.Refusal(g.op.Operation, specs.Missing).Answers) == 0 {
			continue
		}
		g.endsNothing(scene.Kebab(input.Name)+"-missing", "without "+input.Name, role, without(input.Name), func(t *scene.Trial, reply *client.Reply) {
			t.RefusedFor(reply, specs.Missing)
		}, g.formal(specs.Missing))
	}
}

// othersSession: a client that says who it is ends its own sessions only (RFC 7009 section 2.1). Where the token alone
// speaks for the client there is no other one.
func (g *generator) othersSession() {
	if !slices.ContainsFunc(g.proofs(), func(p proof) bool { return p.role == operation.Primary && p.secret }) {
		return
	}
	role := scene.Second
	c := g.endsNothing("other-client", "of another client's tokens", role, func(_ *scene.Trial, args *operation.Args) { args.Role = operation.Primary }, neverBroken, g.op.Refused)
	scene.Need(c, target.NeedSecond)
	c.Claims = append(scene.ClaimsOf(operation.Primary), g.TakesSession(role)...)
}

// endsNothing makes a case of a revocation after which the session that it is about goes on. judge says what its answer may
// be.
func (g *generator) endsNothing(name, what, role string, breakIt breakage, judge func(*scene.Trial, *client.Reply), requirement string) *engine.Case {
	return g.Never(name, "a revocation "+what+" ends no session", func(t *scene.Trial) {
		grant := t.Grant(role)
		t.MustBeLive(grant.Value(client.Access))
		args := operation.Args{Role: role, Tokens: grant.Held(), WithoutDoc: true}
		breakIt(t, &args)
		reply := t.Call(g.op, args, what)
		judge(t, reply)
		shown := cmp.Or(t.First(specs.RoleUse), t.First(specs.RoleValidate))
		if shown == nil {
			return
		}
		if after := t.Use(shown, grant.Value(client.Access), "after a revocation "+what); !after.Affirms() {
			t.Found(after, "the session goes on", after.Got())
		}
	}, requirement)
}

func unknownTokens(t *scene.Trial, args *operation.Args) {
	for kind, value := range args.Tokens {
		present(t, args, kind, scene.Unknown(value))
	}
}
