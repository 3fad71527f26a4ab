package contract

import (
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/scene"
)

// refusalHeaders: a server that begins a session before it looks at who asks may hand it out in a header of the refusal.
func (g *generator) refusalHeaders() {
	c := g.Never("refusal-headers", "no header of a refusal gives access", func(t *scene.Trial) {
		var nothing operation.Args
		g.sendNothing(&nothing)
		wrong, what := g.hopeless(t)
		for _, one := range []struct {
			args operation.Args
			what string
		}{{nothing, "that carries none of its inputs"}, {wrong, what}} {
			if reply := t.Call(g.op, one.args, one.what); reply.Refused() {
				t.NothingInHeaders(reply)
			}
		}
	}, "ANY-LEAK")
	c.Requests = 24
	if p, ok := g.plainProof(); ok && len(g.tokenPlaces()) == 0 && g.op.Role != specs.RoleRegister {
		scene.FailsLogins(c, 1, p.role)
	}
}

// hopeless is a request that must be refused and takes no grant to make.
func (g *generator) hopeless(t *scene.Trial) (operation.Args, string) {
	places := g.tokenPlaces()
	if len(places) == 0 || g.op.Role == specs.RoleRegister {
		return g.plainlyWrong(t, nil)
	}
	args := operation.Args{Role: operation.Primary, Tokens: map[string]string{}, WithoutDoc: true}
	for _, p := range places {
		args.Tokens[p.kind] = scene.Garbage
	}
	return args, "with garbage for a token"
}
