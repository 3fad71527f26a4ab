package contract

import (
	"cmp"
	"slices"
	"strings"

	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/scene"
)

// operators: a store that is asked with what was sent takes an object in the place of a text for a condition, which every
// secret meets. Some frameworks make such an object of a parameter of a query or form whose name ends in brackets.
func (g *generator) operators(input specs.Input, requirement string) {
	const what = "with an operator of a query language for "
	name := scene.Kebab(input.Name) + "-operator"
	if input.In != specs.InJSON {
		if !g.secret(input) || g.op.Role == specs.RoleRegister {
			return
		}
		g.refuse(specs.Missing, name, what+input.Name, requirement, func(_ *scene.Trial, args *operation.Args) {
			args.Inputs, args.Renamed = map[string]any{input.Name: ""}, map[string]string{input.Name: input.Name + "[$ne]"}
		})
		return
	}
	all := []map[string]any{{"$ne": ""}, {"$gt": ""}, {"$regex": ".*"}, {"$exists": true}}
	c := g.refuse(specs.WrongType, name, what+input.Name, requirement, func(t *scene.Trial, args *operation.Args) {
		for _, operator := range all[1:] {
			args.Inputs = map[string]any{input.Name: operator}
			if t.RefusedFor(t.Call(g.op, *args, what+input.Name), specs.WrongType); t.Failed() {
				return
			}
		}
		args.Inputs = map[string]any{input.Name: all[0]}
	})
	c.Requests += len(all)
}

// otherTypes: in JSON what proves who asks is a text. What is none is not the right one, whatever a language's loose comparison makes of
// it: true and zero are equal to any text in some, an array of one text to that text.
func (g *generator) otherTypes(input specs.Input, requirement string) {
	place := slices.IndexFunc(g.slots(), func(s slot) bool { return s.name == input.Name && s.part == specs.InJSON })
	if place < 0 || g.op.Role == specs.RoleRegister || !g.secret(input) {
		return
	}
	login := g.proves(input.From.Role, input.From.Field)
	name, what := scene.Kebab(input.Name)+"-other-type", "with the right "+input.Name+" in another type"
	c := g.refuse(specs.WrongType, name, what, requirement, func(t *scene.Trial, args *operation.Args) {
		own := g.slots()[place].own(t, *args)
		for _, one := range []struct {
			what  string
			value any
			why   specs.Break
		}{
			{"with true for " + input.Name, true, specs.OddValue},
			{"with zero for " + input.Name, 0, specs.OddValue},
			{"with the right " + input.Name + " as the operand of an operator", map[string]any{"$eq": own}, specs.WrongType},
		} {
			if login && one.why == specs.OddValue { // who reads it as a text has been sent a wrong one
				t.FailedLogin()
			}
			args.Inputs = map[string]any{input.Name: one.value}
			if t.RefusedFor(t.Call(g.op, *args, one.what), one.why); t.Failed() {
				return
			}
		}
		args.Inputs = map[string]any{input.Name: []any{own}}
	})
	c.Requests += 3
	if login {
		scene.FailsLogins(c, 2, input.From.Role)
	}
}

// unusualBody: a body that is as documented but for what says how to read it, or how long it is.
func (g *generator) unusualBody() {
	inForm := g.op.Sends(specs.InForm)
	if !inForm && !g.op.Sends(specs.InJSON) {
		return
	}
	requirement := cmp.Or(g.Dialect.Refusal(g.op.Operation, specs.NotJSON).Requirement, g.op.Refused)
	g.tolerate("without-media", "that says nothing of its media type, with a good body", requirement, func(_ *scene.Trial, args *operation.Args) {
		args.NoMedia = true
	})
	filling := strings.Repeat(" ", manyBytes)
	if inForm {
		filling = "&gonogo=" + strings.Repeat("x", manyBytes)
	}
	const what = "with 100 kB in its body"
	g.Never("body-long", "a request "+what+" is never a server error", func(t *scene.Trial) {
		args := g.material(t)
		args.Trailing = filling
		if reply := t.CallSpelt(g.op, args, what); reply != nil { // who has had enough may hang up on the rest
			neverBroken(t, reply)
		}
	}, requirement, scene.AnyServerError)
}

const manyBytes = 100 << 10
