package contract

import (
	"cmp"
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/scene"
)

// documented: the request as the document shows it succeeds as the document says.
func (g *generator) documented() {
	g.Works("documented-request", "the documented request succeeds as the document describes", func(t *scene.Trial) {
		g.succeed(t, "as documented")
	}, g.op.Success)
}

// otherPlaces: a token in each further place that the document allows is as good as in the first.
func (g *generator) otherPlaces() {
	for i, auth := range g.op.Auth {
		if i == 0 || auth.Carries == "" {
			continue
		}
		place := "with the token in its place for " + auth.Scheme
		g.Works("documented-request-in-"+auth.Scheme, "the documented request succeeds "+place, func(t *scene.Trial) {
			g.succeedBy(t, auth.Scheme, place)
		}, cmp.Or(auth.Success, g.op.Success))
	}
}

func (g *generator) succeed(t *scene.Trial, doing string) { g.succeedBy(t, "", doing) }

func (g *generator) succeedBy(t *scene.Trial, carrier, doing string) {
	args := g.material(t)
	args.Carrier = carrier
	reply := g.callAtEarliest(t, args, doing)
	if g.op.Says == nil {
		t.Succeeds(reply)
		return
	}
	if t.Valid(reply) {
		t.RemainingIsPlausible(reply, args.Tokens[client.Access])
	}
}

// rightAfterWrong: what is refused is refused for its own sake: the right request works before and after. It
// is the positive side of the refusals, and finds a server that shuts everything after one wrong request.
func (g *generator) rightAfterWrong() {
	if g.op.Refused == "" {
		return
	}
	c := g.Works("right-after-wrong", "the documented request still succeeds after a refused one", func(t *scene.Trial) {
		g.rightBefore(t)
		g.wrong(t, g.material(t).Tokens)
		g.stillSucceeds(t)
	}, g.op.Refused)
	c.Requests *= 3
	if p, ok := g.plainProof(); ok {
		scene.FailsLogins(c, 1, p.role)
	}
	if g.op.Authenticated == g.op.Refused || g.op.Role != specs.RoleIssue {
		return
	}
	c = g.Works("right-after-wrong-client", "the documented request still succeeds after one with a client's wrong secret", func(t *scene.Trial) {
		g.rightBefore(t)
		for _, p := range g.proofs() {
			if !p.secret || p.requirement != g.op.Authenticated {
				continue
			}
			t.Refused(g.withWrong(t, p))
			g.stillSucceeds(t)
			return
		}
		t.NotApplicable("the operation takes no client's secret")
	}, g.op.Authenticated)
	c.Requests *= 3
	scene.FailsLogins(c, 1, operation.Primary)
}

func (g *generator) withWrong(t *scene.Trial, p proof) *client.Reply {
	return t.Call(g.op, operation.Args{Fields: map[string]string{p.field: t.WrongSecret(p.role, p.field)}}, "with a wrong "+p.field)
}

// rightBefore makes sure that the documented request works at all: where it never does, a refusal before it is not
// what ended it, and the row of refusals is not to blame.
func (g *generator) rightBefore(t *scene.Trial) {
	if reply := g.callAtEarliest(t, g.material(t), "as documented, before a refused request"); !reply.Succeeded() {
		t.BrokeAsDocumented(reply, "the documented request does not succeed before a refused one either: %s", reply.Got())
	}
}

// stillSucceeds looks at the status alone: what a success must say is the business of the success's own row.
func (g *generator) stillSucceeds(t *scene.Trial) {
	if reply := g.callAtEarliest(t, g.material(t), "as documented, after a refused request"); !reply.Succeeded() {
		t.Found(reply, "success (2xx)", reply.Got())
	}
}

// wrong sends one request that must be refused, the plainest for the operation's role.
func (g *generator) wrong(t *scene.Trial, live map[string]string) {
	args, doing := g.plainlyWrong(t, live)
	reply := t.Call(g.op, args, doing)
	if g.op.Role == specs.RoleUse {
		t.UnauthorizedFor(reply, false, specs.WrongToken)
		return
	}
	t.Refused(reply)
}

// callAtEarliest sends a request that must succeed, once its tokens are sure to work.
func (g *generator) callAtEarliest(t *scene.Trial, args operation.Args, doing string) *client.Reply {
	if g.op.Role == specs.RoleRefresh {
		t.AwaitEarliest(args.Tokens[client.Refresh])
	}
	return t.Call(g.op, args, doing)
}

// alsoWith: a header that the document's own client sends changes nothing, neither for a live token nor
// without one.
func (g *generator) alsoWith() {
	also := g.op.Also
	if also == nil {
		return
	}
	name, what := strings.ToLower(also.Name), "with "+also.Name+": "+also.Value
	with := map[string]string{also.Name: also.Value}
	g.Works("documented-request-with-"+name, "the documented request succeeds "+what+" too", func(t *scene.Trial) {
		args := g.material(t)
		args.Header = with
		t.Succeeds(t.Call(g.op, args, what))
	}, also.Requirement)
	g.Never("no-token-with-"+name, "a request without a token is not authorized "+what+" either", func(t *scene.Trial) {
		t.Unauthorized(t.Call(g.op, operation.Args{NoAuth: true, Header: with}, "without a token, "+what), false)
	}, also.Requirement)
}

// rightAfterBroken is rightAfterWrong for what the document promises by itself of requests that are broken.
func (g *generator) rightAfterBroken() {
	if !g.op.Sends(specs.InJSON) {
		return
	}
	done := map[string]bool{g.op.Refused: true, "": true}
	for _, b := range []struct {
		why    specs.Break
		what   string
		breaks breakage
	}{
		{specs.Missing, "that carries none of its inputs", body("{}")},
		{specs.NotJSON, "whose body is not JSON", body(malformedJSON)},
	} {
		requirement := g.Dialect.Refusal(g.op.Operation, b.why).Requirement
		if done[requirement] {
			continue
		}
		done[requirement] = true
		c := g.Works("right-after-"+string(b.why), "the documented request still succeeds after one "+b.what, func(t *scene.Trial) {
			g.rightBefore(t)
			args := g.material(t)
			b.breaks(t, &args)
			t.Refused(t.Call(g.op, args, b.what))
			g.stillSucceeds(t)
		}, requirement)
		c.Requests *= 3
	}
}
