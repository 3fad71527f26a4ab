package contract

import (
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/scene"
)

// inGzip: a client that says it reads gzip can read what it gets, a refusal too: those are often written by another part of a server than
// the one that compresses.
func (g *generator) inGzip() {
	gzip := map[string]string{"Accept-Encoding": "gzip"}
	g.Works("in-gzip", "answers can be read by who asks for gzip", func(t *scene.Trial) {
		legible := func(args operation.Args, what string) {
			args.Header = gzip
			reply := t.Call(g.op, args, what+", asking for gzip")
			if reply.Miscoded != "" {
				t.Found(reply, "a Content-Encoding that says how the body is compressed", reply.Miscoded)
			}
		}
		var nothing operation.Args
		g.sendNothing(&nothing)
		legible(nothing, "that carries none of its inputs")
		if g.op.Role == specs.RoleIssue || g.op.Role == specs.RoleUse {
			legible(g.material(t), "as documented")
		}
	}, "ANY-CODING")
}
