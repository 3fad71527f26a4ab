package contract

import (
	"cmp"
	"net/url"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/scene"
)

// twice: what stands in a request twice may be taken or refused (RFC 6749 section 3.2 forbids it to clients), as long as the target
// knows which.
func (g *generator) twice() {
	const what = "with a parameter twice"
	plain, tokens := map[string]bool{}, map[string]bool{}
	for _, input := range g.op.Inputs {
		switch {
		case input.From.Token != "" && input.Required:
			tokens[input.Name] = true
		case input.Required || input.Fixed != "":
			plain[input.Name] = true
		}
	}
	if len(plain)+len(tokens) == 0 {
		return
	}
	c := g.Never("parameter-twice", "a request "+what+" is never a server error", func(t *scene.Trial) {
		for _, names := range []map[string]bool{plain, tokens} {
			if len(names) == 0 {
				continue
			}
			args := g.material(t)
			args.Twice = names
			neverBroken(t, t.Call(g.op, args, what))
		}
	}, g.op.Refused, scene.AnyServerError)
	if len(tokens) > 0 {
		c.Requests *= 2
	}
	g.asArray()
	g.amongOthers()
	g.oneOfTwo()
}

// amongOthers: of a secret that stands in a request twice, the first may count or the last. Whoever takes either takes as many guesses as
// fit into a request for one.
func (g *generator) amongOthers() {
	for _, p := range g.proofs() {
		input, found := g.inputOf(p)
		if !p.secret || !found || input.In == specs.InJSON || g.op.Role != specs.RoleIssue {
			continue
		}
		c := g.Never(scene.Kebab(input.Name)+"-among-others", "a right "+input.Name+" beside a wrong one does not count whichever comes first", func(t *scene.Trial) {
			own, args := t.Credential(cmp.Or(p.role, operation.Primary), p.field), g.material(t)
			wrong := t.WrongSecret(cmp.Or(p.role, operation.Primary), p.field)
			args.Inputs, args.Again = map[string]any{input.Name: wrong}, map[string]string{input.Name: own}
			last := t.Call(g.op, args, "with a wrong "+input.Name+", and then the right one")
			t.FailedLogin()
			args.Inputs, args.Again = map[string]any{input.Name: own}, map[string]string{input.Name: wrong}
			first := t.Call(g.op, args, "with the right "+input.Name+", and then a wrong one")
			if last.Succeeded() && first.Succeeded() {
				t.Found(first, "a refusal (4xx) of this, or of the same with the wrong one first", first.Got())
			}
		}, p.requirement)
		scene.FailsLogins(c, 2, p.role)
	}
}

// asArray: some frameworks make an array of a parameter whose name ends in brackets, and some comparisons of an array with a text
// come out in the sender's favour.
func (g *generator) asArray() {
	for _, p := range g.proofs() {
		input, found := g.inputOf(p)
		if !p.secret || !found || input.In == specs.InJSON || g.op.Role == specs.RoleRegister {
			continue
		}
		c := g.refuse(specs.Missing, scene.Kebab(input.Name)+"-as-array", "with a wrong "+input.Name+" named "+input.Name+"[]", p.requirement, func(t *scene.Trial, args *operation.Args) {
			args.Inputs = map[string]any{input.Name: t.WrongSecret(cmp.Or(p.role, operation.Primary), p.field)}
			args.Renamed = map[string]string{input.Name: input.Name + "[]"}
		})
		scene.FailsLogins(c, 1, p.role)
	}
}

func (g *generator) inputOf(p proof) (specs.Input, bool) {
	for _, input := range g.op.Inputs {
		if input.Required && input.From.Field == p.field && cmp.Or(input.From.Role, operation.Primary) == cmp.Or(p.role, operation.Primary) {
			return input, true
		}
	}
	return specs.Input{}, false
}

// oneOfTwo: of two tokens or codes in one parameter one counts.
func (g *generator) oneOfTwo() {
	for _, input := range g.op.Inputs {
		kind := input.From.Token
		if kind == "" || !input.Required || input.In == specs.InJSON || g.op.Role == specs.RoleRegister {
			continue
		}
		c := g.Never(scene.Kebab(input.Name)+"-one-of-two", "of a live and an unknown "+input.Name+" in a request one counts, whichever comes first", func(t *scene.Trial) {
			g.either(t, input.Name, func() (operation.Args, string, string) {
				args := g.material(t)
				wrong := scene.Unknown(args.Tokens[kind])
				t.Secret("wrong "+input.Name, wrong)
				return args, args.Tokens[kind], wrong
			}, func(args *operation.Args, one, other string) {
				args.Inputs, args.Again = map[string]any{input.Name: one}, map[string]string{input.Name: other}
			})
		}, g.op.Refused)
		c.Requests *= 2
	}
}

// tokenOneOfTwo: of two tokens in the query one counts.
func (g *generator) tokenOneOfTwo() {
	for _, auth := range g.op.Auth {
		if auth.Kind != specs.AuthQuery || auth.Carries == "" {
			continue
		}
		g.Never("token-one-of-two", "of a live and an unknown "+auth.Name+" in the query one counts, whichever comes first", func(t *scene.Trial) {
			g.either(t, auth.Name, func() (operation.Args, string, string) {
				live := t.Mint(auth.Carries)
				return operation.Args{Carrier: auth.Scheme}, live, scene.Unknown(live)
			}, func(args *operation.Args, one, other string) {
				args.Tokens, args.Query = map[string]string{auth.Carries: one}, url.QueryEscape(auth.Name)+"="+url.QueryEscape(other)
			})
		}, g.op.Refused)
	}
}

// either looks at a request with a right and a wrong value of one parameter, in both orders. Which of them counts is the target's
// affair; that one of them is right is not enough.
func (g *generator) either(t *scene.Trial, name string, material func() (args operation.Args, right, wrong string), put func(args *operation.Args, one, other string)) {
	var last *client.Reply
	for _, order := range []string{"the right one first", "the wrong one first"} {
		args, one, other := material()
		if order == "the wrong one first" {
			one, other = other, one
		}
		args.WithoutDoc = true
		put(&args, one, other)
		last = t.Call(g.op, args, "with a right "+name+" and a wrong one, "+order)
		if neverBroken(t, last); !last.Affirms() {
			return
		}
	}
	t.Found(last, "a refusal (4xx) of this, or of the same with the right one first", last.Got())
}
