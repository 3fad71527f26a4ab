package contract

import (
	"cmp"
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// documented: the request as the document shows it succeeds as the document says.
func (g *generator) documented() {
	g.Works("documented-request", "the documented request succeeds as the document describes", func(a *scene.Act) error {
		return g.succeed(a, "as documented")
	}, g.op.Success)
}

// otherPlaces: a token in each further place that the document allows is as good as in the first.
func (g *generator) otherPlaces() {
	for i, auth := range g.op.Auth {
		if i == 0 || auth.Carries == "" {
			continue
		}
		place := "with the token in its place for " + auth.Scheme
		g.Works("documented-request-in-"+auth.Scheme, "the documented request succeeds "+place, func(a *scene.Act) error {
			return g.succeedBy(a, auth.Scheme, place)
		}, cmp.Or(auth.Success, g.op.Success))
	}
}

func (g *generator) succeed(a *scene.Act, doing string) error { return g.succeedBy(a, "", doing) }

func (g *generator) succeedBy(a *scene.Act, carrier, doing string) error {
	args, err := g.material(a)
	if err != nil {
		return err
	}
	args.Carrier = carrier
	reply, err := g.callRipe(a, args, doing)
	if err != nil {
		return err
	}
	if g.op.Says == nil {
		a.Succeeds(reply)
		return nil
	}
	if a.Valid(reply) {
		a.RemainingIsPlausible(reply, args.Tokens[client.Access])
	}
	return nil
}

// rightAfterWrong: what is refused is refused for its own sake: the right request works before and after. It
// is the positive side of the refusals, and finds a server that shuts everything after one wrong request.
func (g *generator) rightAfterWrong() {
	if g.op.Refused == "" {
		return
	}
	c := g.Works("right-after-wrong", "the documented request still succeeds after a refused one", func(a *scene.Act) error {
		if err := g.rightBefore(a); err != nil {
			return err
		}
		args, err := g.material(a)
		if err != nil {
			return err
		}
		if err := g.wrong(a, args.Tokens); err != nil {
			return err
		}
		return g.stillSucceeds(a)
	}, g.op.Refused)
	c.Requests *= 3
	if g.op.Authenticated == g.op.Refused || g.op.Role != specs.RoleIssue {
		return
	}
	c = g.Works("right-after-wrong-client", "the documented request still succeeds after one with a client's wrong secret", func(a *scene.Act) error {
		if err := g.rightBefore(a); err != nil {
			return err
		}
		for _, p := range g.proofs() {
			if !p.secret || p.requirement != g.op.Authenticated {
				continue
			}
			reply, err := g.withWrong(a, p)
			if err != nil {
				return err
			}
			if _, err := a.Refused(reply); err != nil {
				return err
			}
			return g.stillSucceeds(a)
		}
		return engine.NotApplicable("the operation takes no client's secret")
	}, g.op.Authenticated)
	c.Requests *= 3
}

func (g *generator) withWrong(a *scene.Act, p proof) (*client.Reply, error) {
	if err := a.FailedLogin(); err != nil {
		return nil, err
	}
	wrong := scene.Unknown(a.Credential(p.role, p.field))
	a.Secret("wrong "+p.field, wrong)
	return a.Call(g.op, operation.Args{Fields: map[string]string{p.field: wrong}}, "with a wrong "+p.field)
}

// rightBefore makes sure that the documented request works at all: where it never does, a refusal before it is not
// what ended it, and the row of refusals is not to blame.
func (g *generator) rightBefore(a *scene.Act) error {
	args, err := g.material(a)
	if err != nil {
		return err
	}
	reply, err := g.callRipe(a, args, "as documented, before a refused request")
	if err == nil && !reply.Succeeded() {
		err = engine.CouldNotRun("the documented request does not succeed before a refused one either: %s", reply.Got())
	}
	return err
}

// stillSucceeds looks at the status alone: what a success must say is the business of the success's own row.
func (g *generator) stillSucceeds(a *scene.Act) error {
	args, err := g.material(a)
	if err != nil {
		return err
	}
	reply, err := g.callRipe(a, args, "as documented, after a refused request")
	if err == nil && !reply.Succeeded() {
		a.Found(reply, "success (2xx)", reply.Got())
	}
	return err
}

// wrong sends one request that must be refused, the plainest for the operation's role.
func (g *generator) wrong(a *scene.Act, live map[string]string) error {
	args, doing, err := g.plainlyWrong(a, live)
	if err != nil {
		return err
	}
	reply, err := a.Call(g.op, args, doing)
	if err != nil {
		return err
	}
	if g.op.Role == specs.RoleUse {
		a.Unauthorized(reply, false)
		return nil
	}
	_, err = a.Refused(reply)
	return err
}

// callRipe sends a request that must succeed, once its tokens are sure to work.
func (g *generator) callRipe(a *scene.Act, args operation.Args, doing string) (*client.Reply, error) {
	if g.op.Role == specs.RoleRefresh {
		if err := a.Ripen(args.Tokens[client.Refresh]); err != nil {
			return nil, err
		}
	}
	return a.Call(g.op, args, doing)
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
	g.Works("documented-request-with-"+name, "the documented request succeeds "+what+" too", func(a *scene.Act) error {
		args, err := g.material(a)
		if err != nil {
			return err
		}
		args.Header = with
		reply, err := a.Call(g.op, args, what)
		if err == nil {
			a.Succeeds(reply)
		}
		return err
	}, also.Requirement)
	g.Never("no-token-with-"+name, "a request without a token is not authorized "+what+" either", func(a *scene.Act) error {
		reply, err := a.Call(g.op, operation.Args{NoAuth: true, Header: with}, "without a token, "+what)
		if err == nil {
			a.Unauthorized(reply, false)
		}
		return err
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
		breaks func(*operation.Args)
	}{
		{specs.Missing, "that carries none of its inputs", func(args *operation.Args) { args.RawBody = text("{}") }},
		{specs.NotJSON, "whose body is not JSON", func(args *operation.Args) { args.RawBody = text(malformedJSON) }},
	} {
		requirement := g.Dialect.Refusals[b.why].Requirement
		if done[requirement] {
			continue
		}
		done[requirement] = true
		c := g.Works("right-after-"+string(b.why), "the documented request still succeeds after one "+b.what, func(a *scene.Act) error {
			if err := g.rightBefore(a); err != nil {
				return err
			}
			args, err := g.material(a)
			if err != nil {
				return err
			}
			b.breaks(&args)
			reply, err := a.Call(g.op, args, b.what)
			if err != nil {
				return err
			}
			if _, err := a.Refused(reply); err != nil {
				return err
			}
			return g.stillSucceeds(a)
		}, requirement)
		c.Requests *= 3
	}
}

func text(s string) *string { return &s }
