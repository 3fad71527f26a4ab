// Package contract makes cases from each operation's schema and security: the documented request succeeds
// as described, and each way of breaking it is refused.
//
// It must never know a flow or a dialect.
package contract

import (
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// Cases makes the contract cases of a dialect, in document order.
func Cases(s *scene.Subject) []engine.Case {
	var cases []engine.Case
	for _, op := range s.Ops.All() {
		g := newGenerator(s, op)
		switch op.Role {
		case specs.RoleIssue, specs.RoleRefresh, specs.RoleExchange, specs.RoleValidate:
			g.documented()
			g.brokenInputs()
			g.brokenBody()
			g.brokenCredentials()
			g.brokenFixed()
			g.oddValues()
			g.twice()
			g.neverUnexpected()
			g.neverInDisguise()
			g.inGzip()
			g.refusalHeaders()
			g.wrongTokens()
			g.nothing()
			g.rightAfterWrong()
			g.rightAfterBroken()
		case specs.RoleRegister:
			g.documented()
			g.brokenInputs()
			g.brokenBody()
			g.brokenFixed()
			g.oddValues()
			g.twice()
			g.neverUnexpected()
			g.inGzip()
			g.refusalHeaders()
			g.nothing()
			g.rightAfterWrong()
		case specs.RoleAuthorize:
			g.neverUnexpected()
		case specs.RoleRevoke:
			g.revocation()
		case specs.RoleUse:
			g.documented()
			g.otherPlaces()
			g.alsoWith()
			g.unauthorized()
			g.oddTokens()
			g.otherSpellings()
			g.neverUnexpected()
			g.neverInDisguise()
			g.inGzip()
			g.refusalHeaders()
			g.rightAfterWrong()
			g.tokenOneOfTwo()
		}
		cases = append(cases, g.Cases...)
	}
	return cases
}

// generator makes the cases of one operation.
type generator struct {
	*scene.Group
	op *operation.Op
}

func newGenerator(s *scene.Subject, op *operation.Op) *generator {
	g := &generator{Group: s.NewGroup(op.ID, op.At), op: op}
	g.Requests = 5
	if op.Role == specs.RoleRefresh {
		g.Renewing(g.Requests)
	}
	if op.Role == specs.RoleExchange {
		g.WithConsent()
	}
	return g
}

// material is what the documented request is made of. Its tokens are minted for it alone, because looking at a
// single-use token spends it.
func (g *generator) material(t *scene.Trial) operation.Args {
	args := operation.Args{Role: operation.Primary, Tokens: map[string]string{}}
	if g.op.Role == specs.RoleRegister {
		args.Fields = t.NewAccount()
	}
	for _, input := range g.op.Inputs {
		if kind := input.From.Token; kind != "" {
			args.Tokens[kind] = t.Mint(kind)
		}
	}
	for _, auth := range g.op.Auth {
		if kind := auth.Carries; kind != "" && args.Tokens[kind] == "" {
			args.Tokens[kind] = t.Mint(kind)
		}
	}
	return args
}
