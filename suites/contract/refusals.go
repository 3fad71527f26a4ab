package contract

import (
	"cmp"
	"fmt"
	"slices"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// breakage breaks a documented request.
type breakage func(t *scene.Trial, args *operation.Args)

// without leaves an input out.
func without(input string) breakage {
	return func(_ *scene.Trial, args *operation.Args) { args.Omit = map[string]bool{input: true} }
}

// with gives an input another value.
func with(input string, value any) breakage {
	return func(_ *scene.Trial, args *operation.Args) { args.Inputs = map[string]any{input: value} }
}

// body replaces the whole body.
func body(raw string) breakage {
	return func(_ *scene.Trial, args *operation.Args) { args.RawBody = &raw }
}

// trailing puts something after the body.
func trailing(after string) breakage {
	return func(_ *scene.Trial, args *operation.Args) { args.Trailing = after }
}

// noAuth presents nothing by the security schemes.
func noAuth(_ *scene.Trial, args *operation.Args) { args.NoAuth = true }

// authorization replaces the Authorization header.
func authorization(header func(t *scene.Trial) string) breakage {
	return func(t *scene.Trial, args *operation.Args) {
		raw := header(t)
		args.RawAuth = &raw
	}
}

// refuse makes a case whose request is the documented one with something broken in it. What the document says of
// such requests, if anything, is wanted of the refusal, under the row that promises it.
func (g *generator) refuse(why specs.Break, name, what string, requirement string, breakIt breakage, more ...string) *engine.Case {
	return g.refuseFor([]specs.Break{why}, name, what, requirement, breakIt, more...)
}

// refuseFor is refuse where any of several things may be told to be broken.
func (g *generator) refuseFor(whys []specs.Break, name, what string, requirement string, breakIt breakage, more ...string) *engine.Case {
	title := fmt.Sprintf("a request %s is refused", what)
	if g.op.Says != nil {
		title = fmt.Sprintf("a request %s is not reported valid", what)
	}
	return g.Never(name, title, func(t *scene.Trial) {
		args := g.material(t)
		breakIt(t, &args)
		t.RefusedFor(t.Call(g.op, args, what), whys...)
	}, append([]string{cmp.Or(g.Dialect.Refusal(g.op.Operation, whys[0]).Requirement, requirement)}, more...)...)
}

// requirementOf is the row that a broken input violates: what identifies the client may have one of its own.
func (g *generator) requirementOf(input specs.Input) string {
	if redirect, has := g.RedirectInput(); has && input.Name == redirect.Name {
		if flow, _ := g.Dialect.Flow("code-binding"); flow.Params["redirect"] != "" {
			return flow.Params["redirect"]
		}
	}
	if input.From.Field != "" && input.From.Role == "" {
		return g.op.Authenticated
	}
	return g.op.Refused
}

// toldOf is what may be told to be wrong where an input is: what a code was made for is missing, or not that.
func (g *generator) toldOf(input specs.Input, why specs.Break) []specs.Break {
	if redirect, has := g.RedirectInput(); has && input.Name == redirect.Name {
		return []specs.Break{why, specs.WrongToken}
	}
	return []specs.Break{why}
}

// brokenInputs: each required input missing or empty, and in JSON null, an object or an array.
func (g *generator) brokenInputs() {
	for _, input := range g.op.Inputs {
		if !input.Required || input.Fixed != "" {
			continue
		}
		name, requirement, before := scene.Kebab(input.Name), g.requirementOf(input), len(g.Cases)
		g.refuseFor(g.toldOf(input, specs.Missing), name+"-missing", "without "+input.Name, requirement, without(input.Name))
		type broken struct {
			kind, what string
			value      any
			why        specs.Break
		}
		number := broken{"number", "with a number for " + input.Name, 20260101, specs.OddValue}
		all := []broken{{"empty", "with an empty " + input.Name, "", specs.OddValue}}
		if input.In == specs.InJSON {
			all = append(all, []broken{
				{"null", "with null for " + input.Name, nil, specs.OddValue},
				{"object", "with an object for " + input.Name, map[string]any{"is": "an object"}, specs.WrongType},
				{"array", "with an array for " + input.Name, []any{"an array"}, specs.WrongType},
			}...)
			if g.op.Role == specs.RoleRegister { // nobody is harmed by a number that is read as its digits
				g.tolerate(name+"-number", number.what, requirement, with(input.Name, number.value))
			} else {
				all = append(all, number)
			}
		}
		g.operators(input, requirement)
		g.otherTypes(input, requirement)
		for _, b := range all {
			g.refuseFor(g.toldOf(input, b.why), name+"-"+b.kind, b.what, requirement, with(input.Name, b.value))
		}
		for i := range g.Cases[before:] {
			g.Cases[before+i].Guesses = input.From.Field != "" && g.op.Role != specs.RoleRegister
		}
	}
}

// brokenBody: a JSON body that is not JSON, not there, or not an object; a form that cannot be decoded.
func (g *generator) brokenBody() {
	type broken struct {
		name, what, body string
		why              specs.Break
	}
	var all []broken
	switch {
	case g.op.Sends(specs.InJSON):
		all = []broken{
			{"body-malformed", "whose body is not JSON", malformedJSON, specs.NotJSON},
			{"body-empty", "whose body is empty", "", specs.NotAnObject},
			{"body-array", "whose body is an array", "[]", specs.NotAnObject},
			{"body-text", "whose body is a bare text", `"text"`, specs.NotAnObject},
			{"body-null", "whose body is null", "null", specs.NotAnObject},
		}
	case g.op.Variant && !g.firstAtPath(): // a form that does not say which variant is meant was tried at the first
	case g.op.Sends(specs.InForm):
		all = []broken{
			{"body-malformed", "whose form cannot be decoded", "%zz=%", specs.Missing},
			{"body-empty", "whose form is empty", "", specs.Missing},
		}
	}
	g.unusualBody()
	if g.op.Sends(specs.InJSON) {
		g.brokenAfterwards()
		g.tolerate("other-media", "whose media type is text/plain, with a good body", cmp.Or(g.Dialect.Refusal(g.op.Operation, specs.NotJSON).Requirement, g.op.Refused), func(_ *scene.Trial, args *operation.Args) {
			args.Media = "text/plain"
		})
	}
	for _, b := range all {
		row := g.op.Refused
		if g.op.Role == specs.RoleIssue {
			row = g.formal(b.why)
		}
		g.refuse(b.why, b.name, b.what, row, body(b.body))
	}
}

// brokenAfterwards: the documented body with something after it is not JSON. Many readers stop where the object ends, so only a
// document that says what becomes of a body that is not JSON rules it out.
func (g *generator) brokenAfterwards() {
	const name, what, after = "body-trailing", "whose body goes on after the documented object", " trailing }"
	if documented := g.Dialect.Refusal(g.op.Operation, specs.NotJSON); len(documented.Answers) == 0 {
		g.tolerate(name, what, g.op.Refused, trailing(after))
		return
	}
	g.refuse(specs.NotJSON, name, what, g.op.Refused, trailing(after))
}

// brokenFixed: the value that tells variants apart is unknown or missing. Variants share it, so only an
// issuing one checks it. A value that tells nothing apart may be read or not.
func (g *generator) brokenFixed() {
	if g.op.Role != specs.RoleIssue && g.op.Role != specs.RoleRegister {
		return
	}
	for _, input := range g.op.Inputs {
		if input.Fixed == "" {
			continue
		}
		if !g.hasVariants() {
			g.brokenConstant(input)
			continue
		}
		g.refuse(specs.OddValue, scene.Kebab(input.Name)+"-unknown", "with an unknown "+input.Name, g.formal(specs.OddValue), with(input.Name, scene.Garbage))
		g.refuse(specs.Missing, scene.Kebab(input.Name)+"-missing", "without "+input.Name, g.formal(specs.Missing), without(input.Name))
	}
}

// formal is the row that is broken by taking a request in which something is wrong that proves nothing: where it shows by a scheme who
// sends it, and how such requests are refused is a row of its own, that one.
func (g *generator) formal(why specs.Break) string {
	if manner := g.Dialect.Refusal(g.op.Operation, why).Manner; manner != "" && len(g.op.Auth) > 0 {
		return manner
	}
	return g.op.Refused
}

func (g *generator) hasVariants() bool {
	return g.op.Variant || slices.ContainsFunc(g.Ops.All(), func(other *operation.Op) bool {
		return other != g.op && other.Method == g.op.Method && other.Path == g.op.Path
	})
}

func (g *generator) brokenConstant(input specs.Input) {
	name := scene.Kebab(input.Name)
	g.tolerate(name+"-unknown", "with an unknown "+input.Name, g.op.Refused, with(input.Name, scene.Garbage))
	g.tolerate(name+"-missing", "without "+input.Name, g.op.Refused, without(input.Name))
	if input.In == specs.InJSON {
		g.tolerate(name+"-number", "with a number for "+input.Name, g.op.Refused, with(input.Name, 20260101))
	}
}

// control makes sure that the documented request succeeds, so that a refusal of a broken one says something.
func (g *generator) control(t *scene.Trial, args operation.Args) {
	if reply := g.callAtEarliest(t, args, "as documented, before the check"); !reply.Succeeded() {
		t.BrokeAsDocumented(reply, "the documented request does not succeed either, so that a refusal shows nothing: %s", reply.Got())
	}
}

// tolerate makes a case whose request a target may take or refuse, as long as it knows which.
func (g *generator) tolerate(name, what, requirement string, breakIt breakage) {
	g.Never(name, "a request "+what+" is never a server error", func(t *scene.Trial) {
		args := g.material(t)
		breakIt(t, &args)
		neverBroken(t, t.Call(g.op, args, what))
	}, requirement)
}

// neverBroken lets an operation take what it is sent or refuse it.
func neverBroken(t *scene.Trial, reply *client.Reply) {
	if !reply.Succeeded() && !reply.Refused() {
		t.Found(reply, "a success (2xx) or a refusal (4xx)", reply.Got())
	}
}

const malformedJSON = `{"`

// nothing: with nothing in it the operation must not hand anything out. It is the negative side of its
// success: what needs no credentials proves nothing by succeeding.
func (g *generator) nothing() {
	if len(g.op.Inputs) == 0 && len(g.op.Auth) == 0 {
		return
	}
	why, also := specs.Missing, specs.Missing
	clients := len(g.clientFields()) > 0
	if clients {
		also = specs.NoCredentials // either may be told first
	}
	if !slices.ContainsFunc(g.op.Inputs, func(in specs.Input) bool { return in.Required && in.Fixed == "" }) && clients {
		why = specs.NoCredentials
	}
	g.refuseFor([]specs.Break{why, also}, "nothing-sent", "that carries none of its inputs", g.op.Refused, func(t *scene.Trial, args *operation.Args) {
		if g.op.Role == specs.RoleRefresh { // a target that refuses every refresh shows nothing by refusing this one
			g.control(t, *args)
		}
		g.sendNothing(args)
	}, g.op.Success)
}

// sendNothing leaves out all that a request can do without and still be one for the operation.
func (g *generator) sendNothing(args *operation.Args) {
	args.Omit, args.NoAuth = map[string]bool{}, true
	for _, input := range g.op.Inputs {
		args.Omit[input.Name] = input.Fixed == ""
	}
}
