package contract

import (
	"cmp"

	"gonogo/specs"
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
	reply, err := a.Call(g.op, args, doing)
	if err != nil {
		return err
	}
	if g.op.Says == nil {
		a.Succeeds(reply)
		return nil
	}
	if a.Valid(reply) {
		a.RemainingIsPlausible(reply, args.Tokens[scene.Access])
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
		args, err := g.material(a)
		if err != nil {
			return err
		}
		if err := g.wrong(a, args.Tokens); err != nil {
			return err
		}
		return g.stillSucceeds(a)
	}, g.op.Refused)
	c.Requests *= 2
}

// stillSucceeds looks at the status alone: what a success must say is the business of the success's own row.
func (g *generator) stillSucceeds(a *scene.Act) error {
	args, err := g.material(a)
	if err != nil {
		return err
	}
	reply, err := a.Call(g.op, args, "as documented, after a refused request")
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
