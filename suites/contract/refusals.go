package contract

import (
	"fmt"

	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/scene"
)

// refuse makes a case whose request is the documented one with something broken in it.
func (g *generator) refuse(name, what string, requirement string, breakIt func(a *scene.Act, args *operation.Args) error, more ...string) {
	title := fmt.Sprintf("a request %s is refused", what)
	if g.op.Says != nil {
		title = fmt.Sprintf("a request %s is not reported valid", what)
	}
	g.Never(name, title, func(a *scene.Act) error {
		args, err := g.material(a)
		if err != nil {
			return err
		}
		if err := breakIt(a, &args); err != nil {
			return err
		}
		reply, err := a.Call(g.op, args, what)
		if err != nil {
			return err
		}
		_, err = a.Refused(reply)
		return err
	}, append([]string{requirement}, more...)...)
}

// requirementOf is the row that a broken input violates: what identifies the client may have one of its own.
func (g *generator) requirementOf(input specs.Input) string {
	if input.From.Field != "" {
		return g.op.Authenticated
	}
	return g.op.Refused
}

// brokenInputs: each required input missing or empty, and in JSON null, an object or an array.
func (g *generator) brokenInputs() {
	for _, input := range g.op.Inputs {
		if !input.Required || input.Fixed != "" {
			continue
		}
		name, requirement := scene.Kebab(input.Name), g.requirementOf(input)
		g.refuse(name+"-missing", "without "+input.Name, requirement, func(_ *scene.Act, args *operation.Args) error {
			args.Omit = map[string]bool{input.Name: true}
			return nil
		})
		broken := []struct {
			kind, what string
			value      any
		}{{"empty", "with an empty " + input.Name, ""}}
		if input.In == specs.InJSON {
			broken = append(broken, []struct {
				kind, what string
				value      any
			}{
				{"null", "with null for " + input.Name, nil},
				{"object", "with an object for " + input.Name, map[string]any{"is": "an object"}},
				{"array", "with an array for " + input.Name, []any{"an array"}},
				{"number", "with a number for " + input.Name, 20260101},
			}...)
		}
		for _, b := range broken {
			g.refuse(name+"-"+b.kind, b.what, requirement, func(_ *scene.Act, args *operation.Args) error {
				args.Inputs = map[string]any{input.Name: b.value}
				return nil
			})
		}
	}
}

// brokenBody: a JSON body that is not JSON, not there, or not an object; a form that cannot be decoded.
func (g *generator) brokenBody() {
	type broken struct{ name, what, body string }
	var all []broken
	switch {
	case g.op.Sends(specs.InJSON):
		all = []broken{
			{"body-malformed", "whose body is not JSON", `{"`},
			{"body-empty", "whose body is empty", ""},
			{"body-array", "whose body is an array", "[]"},
			{"body-text", "whose body is a bare text", `"text"`},
			{"body-null", "whose body is null", "null"},
		}
	case g.op.Sends(specs.InForm):
		all = []broken{
			{"body-malformed", "whose form cannot be decoded", "%zz=%"},
			{"body-empty", "whose form is empty", ""},
		}
	}
	for _, b := range all {
		g.refuse(b.name, b.what, g.op.Refused, func(_ *scene.Act, args *operation.Args) error {
			args.RawBody = &b.body
			return nil
		})
	}
}

// brokenFixed: the value that tells variants apart is unknown or missing. Variants share it, so only an
// issuing one checks it.
func (g *generator) brokenFixed() {
	if g.op.Role != specs.RoleIssue {
		return
	}
	for _, input := range g.op.Inputs {
		if input.Fixed == "" {
			continue
		}
		g.refuse(scene.Kebab(input.Name)+"-unknown", "with an unknown "+input.Name, g.op.Refused, func(_ *scene.Act, args *operation.Args) error {
			args.Inputs = map[string]any{input.Name: scene.Garbage}
			return nil
		})
		g.refuse(scene.Kebab(input.Name)+"-missing", "without "+input.Name, g.op.Refused, func(_ *scene.Act, args *operation.Args) error {
			args.Omit = map[string]bool{input.Name: true}
			return nil
		})
	}
}

// nothing: with nothing in it the operation must not hand anything out. It is the negative side of its
// success: what needs no credentials proves nothing by succeeding.
func (g *generator) nothing() {
	if len(g.op.Inputs) == 0 {
		return
	}
	g.refuse("nothing-sent", "that carries none of its inputs", g.op.Refused, func(_ *scene.Act, args *operation.Args) error {
		args.Omit, args.NoAuth = map[string]bool{}, true
		for _, input := range g.op.Inputs {
			args.Omit[input.Name] = input.Fixed == ""
		}
		return nil
	}, g.op.Success)
}
