package contract

import (
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// wrongTokens: in each place for a token, one that nobody was given, one wrong in a letter, its first half,
// garbage, and every other kind of token that the dialect has.
func (g *generator) wrongTokens() {
	for _, input := range g.op.Inputs {
		kind := input.From.Token
		if kind == "" || !input.Required {
			continue
		}
		for _, b := range []struct {
			name, what string
			change     func(string) string
		}{
			{"unknown-" + kind, "with an unknown " + input.Name, scene.Unknown},
			{"near-miss-" + kind, "with the " + input.Name + " that is wrong in one letter", scene.NearMiss},
			{"half-" + kind, "with the first half of the " + input.Name, scene.Prefix},
			{"garbage-" + kind, "with garbage for the " + input.Name, func(string) string { return scene.Garbage }},
			{"malformed-" + kind, "with characters that no " + input.Name + " has", func(string) string { return scene.Malformed }},
		} {
			g.refuse(b.name, b.what, g.op.Refused, func(a *scene.Act, args *operation.Args) error {
				args.Tokens[kind] = b.change(args.Tokens[kind])
				if value := args.Tokens[kind]; value != scene.Garbage && value != scene.Malformed {
					a.Secret("wrong "+kind, value)
				}
				args.WithoutDoc = true
				return nil
			})
		}
		for _, other := range g.Dialect.Tokens {
			if other.Name == kind {
				continue
			}
			name, what := other.Name+"-as-"+kind, "with a live "+other.Name+" token in place of the "+kind+" token"
			g.refuse(name, what, g.op.Refused, func(a *scene.Act, args *operation.Args) error {
				value, err := a.MintLive(other.Name)
				if err != nil {
					return err
				}
				args.Tokens[kind] = value
				return nil
			})
			g.needConsentFor(other.Name)
		}
	}
}

// unauthorized: an operation that a token authorizes, without it or with something else in its place.
func (g *generator) unauthorized() {
	g.refuseUse("no-token", "without a token", false, func(_ *scene.Act, args *operation.Args) error {
		args.NoAuth = true
		return nil
	}, g.op.Success)
	for _, auth := range g.op.Auth {
		if auth.Carries == "" {
			continue
		}
		suffix := ""
		if auth.Scheme != g.op.Auth[0].Scheme {
			suffix = "-in-" + scene.Kebab(auth.Scheme)
		}
		place := "as " + string(auth.Kind) + " token"
		for _, b := range []struct {
			name, what string
			change     func(string) string
		}{
			{"garbage" + suffix, "with garbage " + place, func(string) string { return scene.Garbage }},
			{"unknown-token" + suffix, "with an unknown token " + place, scene.Unknown},
			{"near-miss-token" + suffix, "with a token that is wrong in one letter " + place, scene.NearMiss},
			{"half-token" + suffix, "with the first half of a token " + place, scene.Prefix},
		} {
			g.refuseUse(b.name, b.what, false, func(a *scene.Act, args *operation.Args) error {
				args.Carrier, args.Tokens[auth.Carries] = auth.Scheme, b.change(args.Tokens[auth.Carries])
				if value := args.Tokens[auth.Carries]; value != scene.Garbage {
					a.Secret("wrong "+auth.Carries, value)
				}
				return nil
			}, auth.Success)
		}
		for _, other := range g.Dialect.Tokens {
			if other.Name == auth.Carries {
				continue
			}
			g.refuseUse(other.Name+"-as-"+auth.Carries+suffix, "with a live "+other.Name+" token "+place, false, func(a *scene.Act, args *operation.Args) error {
				value, err := a.MintLive(other.Name)
				if err != nil {
					return err
				}
				args.Carrier, args.Tokens[auth.Carries] = auth.Scheme, value
				return nil
			})
			g.needConsentFor(other.Name)
		}
		if auth.Kind == specs.AuthBearer {
			g.brokenBearer(auth)
		}
	}
}

// brokenBearer: a live token under another scheme, under none, and the scheme without a token. These are
// malformed or foreign headers, for which RFC 6750 section 3.1 also allows 400.
func (g *generator) brokenBearer(auth specs.Auth) {
	for _, b := range []struct {
		name, what string
		header     func(token string) string
	}{
		{"other-scheme", "with a live token under the Basic scheme", func(token string) string { return "Basic " + token }},
		{"no-scheme", "with a live token and no scheme", func(token string) string { return token }},
		{"scheme-only", "with the Bearer scheme and no token", func(string) string { return "Bearer" }},
	} {
		g.refuseUse(b.name, b.what, true, func(_ *scene.Act, args *operation.Args) error {
			header := b.header(args.Tokens[auth.Carries])
			args.RawAuth = &header
			return nil
		})
	}
}

// refuseUse makes a case of a request that must not be authorized. The token it starts from was live a
// moment before.
func (g *generator) refuseUse(name, what string, malformed bool, breakIt func(a *scene.Act, args *operation.Args) error, more ...string) {
	g.Never(name, "a request "+what+" is not authorized", func(a *scene.Act) error {
		args, err := g.material(a)
		if err != nil {
			return err
		}
		if live := args.Tokens[scene.Access]; live != "" {
			if err := a.MustBeLive(live); err != nil {
				return err
			}
		}
		if err := breakIt(a, &args); err != nil {
			return err
		}
		args.WithoutDoc = true
		reply, err := a.Call(g.op, args, what)
		if err != nil {
			return err
		}
		a.Unauthorized(reply, malformed)
		return nil
	}, append([]string{g.op.Refused}, more...)...)
}

// needConsentFor adds to the newest case what minting a kind takes.
func (g *generator) needConsentFor(kind string) {
	token, _ := g.Dialect.Token(kind)
	if _, redirected := token.At.InLocation(); !redirected || len(g.Cases) == 0 {
		return
	}
	c := &g.Cases[len(g.Cases)-1]
	scene.Need(c, engine.NeedConsent, engine.NeedUser)
	c.Claims = append(c.Claims, scene.ClaimsOf(g.Human())...)
	c.Requests = 15
}

// plainlyWrong is the plainest request of the operation that must be refused.
func (g *generator) plainlyWrong(a *scene.Act, live map[string]string) (operation.Args, string, error) {
	args := operation.Args{Role: operation.Primary, Tokens: map[string]string{}, WithoutDoc: true}
	for kind, value := range live {
		args.Tokens[kind] = scene.Unknown(value)
		a.Secret("wrong "+kind, args.Tokens[kind])
	}
	if len(args.Tokens) > 0 {
		return args, "with an unknown token", nil
	}
	if err := a.FailedLogin(); err != nil {
		return args, "", err
	}
	for _, proof := range g.proofs() {
		if proof.secret {
			wrong := scene.Unknown(a.Credential(proof.role, proof.field))
			a.Secret("wrong "+proof.field, wrong)
			args.Fields = map[string]string{proof.field: wrong}
			return args, "with a wrong " + proof.field, nil
		}
	}
	return args, "", engine.NotApplicable("the operation takes no secret")
}
