package contract

import (
	"maps"
	"slices"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// place is where an operation takes a token: an input, or a header that a security scheme names.
type place struct {
	kind, name string
	carrier    *specs.Auth // nil for an input
}

func (g *generator) tokenPlaces() []place {
	var places []place
	for _, input := range g.op.Inputs {
		if input.From.Token != "" && input.Required {
			places = append(places, place{input.From.Token, input.Name, nil})
		}
	}
	for _, auth := range g.op.Auth {
		if auth.Carries != "" {
			places = append(places, place{auth.Carries, auth.Carries + " token", &auth})
		}
	}
	return places
}

// wrongTokens: in each place for a token, one that nobody was given, one wrong in a letter, its first half,
// garbage, and every other kind of token that the dialect has.
func (g *generator) wrongTokens() {
	for _, p := range g.tokenPlaces() {
		unknown := g.refuse(specs.WrongToken, "unknown-"+p.kind, "with an unknown "+p.name, g.op.Refused, func(t *scene.Trial, args *operation.Args) {
			args.WithoutDoc = true
			g.forged(t, *args, p.kind, func(reply *client.Reply) { t.RefusedFor(reply, specs.WrongToken, specs.MalformedToken) })
			present(t, args, p.kind, scene.Unknown(args.Tokens[p.kind]))
		})
		unknown.Requests += scene.MostForgeries
		for _, b := range []struct {
			name, what string
			why        specs.Break
			change     func(string) string
		}{
			{"near-miss-" + p.kind, "with the " + p.name + " that is wrong in one letter", specs.WrongToken, scene.NearMiss},
			{"half-" + p.kind, "with the first half of the " + p.name, specs.MalformedToken, scene.Prefix},
			{"garbage-" + p.kind, "with garbage for the " + p.name, specs.MalformedToken, func(string) string { return scene.Garbage }},
			{"malformed-" + p.kind, "with characters that no " + p.name + " has", specs.MalformedToken, func(string) string { return scene.Malformed }},
		} {
			g.refuse(b.why, b.name, b.what, g.op.Refused, func(t *scene.Trial, args *operation.Args) {
				args.Tokens[p.kind] = b.change(args.Tokens[p.kind])
				if value := args.Tokens[p.kind]; value != scene.Garbage && value != scene.Malformed {
					t.Secret("wrong "+p.kind, value)
				}
				args.WithoutDoc = true
			})
		}
		near := g.refuse(specs.WrongToken, "like-"+p.kind, "with what is almost the "+p.name, g.op.Refused, func(t *scene.Trial, args *operation.Args) {
			args.WithoutDoc = true
			nearly, head := scene.Longer(args.Tokens[p.kind]), scene.OtherHead(args.Tokens[p.kind])
			if turned, another := scene.TokenInOtherCase(args.Tokens[p.kind]); another {
				present(t, args, p.kind, turned)
				t.RefusedFor(t.Call(g.op, *args, "with the "+p.name+" in the other case"), specs.WrongToken, specs.MalformedToken)
			}
			present(t, args, p.kind, head)
			t.RefusedFor(t.Call(g.op, *args, "with the "+p.name+" that is wrong in its first letter"), specs.WrongToken, specs.MalformedToken)
			present(t, args, p.kind, nearly)
		})
		near.Requests += 2
		g.unsigned(p)
		if p.carrier != nil {
			g.emptyCarrier(p)
		}
		for _, other := range g.Dialect.Tokens {
			if other.Name == p.kind || len(g.Ops.Sources(other.Name)) == 0 || p.carrier == nil && g.takes(p.name, other.Name) {
				continue
			}
			asked, _ := g.Dialect.Token(p.kind)
			name, what := other.Name+"-as-"+p.kind, "with a live "+other.Noun()+" in place of the "+asked.Noun()
			g.refuse(specs.WrongToken, name, what, g.op.Refused, func(t *scene.Trial, args *operation.Args) {
				args.Tokens[p.kind] = t.MintLive(other.Name)
			})
			g.needConsentFor(other.Name)
		}
	}
}

// takes reports whether a token of a kind may stand in an input.
func (g *generator) takes(input, kind string) bool {
	in, ok := g.op.Input(input)
	return ok && in.Takes(kind)
}

// unsigned: a refresh token that turns out to be a JWT is no good without its signature. Access tokens have a flow
// of their own, where a document promises JWTs.
func (g *generator) unsigned(p place) {
	if p.kind != client.Refresh || !g.PromisesJWT() {
		return
	}
	g.refuse(specs.WrongToken, "unsigned-"+p.kind, "with the "+p.name+" as an unsigned JWT (alg none)", g.op.Refused, func(t *scene.Trial, args *operation.Args) {
		unsigned, ok := scene.Unsigned(args.Tokens[p.kind])
		if !ok {
			t.NotApplicable("the target's %s tokens are no JWTs", p.kind)
		}
		t.Secret("wrong "+p.kind, unsigned)
		args.Tokens[p.kind] = unsigned
	})
}

// forged tries all forgeries of a token that turns out to be a JWT, whatever the document says of it: there it is not enough
// that no answer ever carried the like.
func (g *generator) forged(t *scene.Trial, args operation.Args, kind string, refused func(*client.Reply)) {
	token, why := scene.ReadJWT(args.Tokens[kind])
	if why != "" {
		return
	}
	for _, f := range scene.Forgeries {
		t.Forge(f, kind, token, func(forged, doing string) *client.Reply {
			args.Tokens = maps.Clone(args.Tokens)
			args.Tokens[kind] = forged
			reply := t.Call(g.op, args, doing)
			refused(reply)
			return reply
		})
		if t.Failed() {
			return
		}
	}
}

// present puts a wrong token in the place of a kind's.
func present(t *scene.Trial, args *operation.Args, kind, wrong string) {
	t.Secret("wrong "+kind, wrong)
	args.Tokens[kind] = wrong
}

// emptyCarrier: a header for a token, without one or with the client's credentials.
func (g *generator) emptyCarrier(p place) {
	g.refuse(specs.Missing, "no-"+p.kind, "without the "+p.name, g.op.Refused, noAuth)
	if p.carrier.Kind == specs.AuthBearer {
		g.refuse(specs.Missing, "scheme-only-"+p.kind, "with the Bearer scheme and no "+p.name, g.op.Refused, authorization(func(*scene.Trial) string { return "Bearer" }))
	}
	if clients := g.clientsOwn(); clients != nil {
		g.refuse(specs.WrongToken, "client-as-"+p.kind, "with the client's Basic credentials in place of the "+p.name, g.op.Refused, clients)
	}
}

// clientsOwn presents the client's credentials in a Basic header, nil if the dialect has none.
func (g *generator) clientsOwn() breakage {
	for _, op := range g.Ops.All() {
		for _, auth := range op.Auth {
			if auth.Kind == specs.AuthBasic {
				return authorization(func(t *scene.Trial) string {
					return operation.Basic(t.Credential(operation.Primary, auth.Fields[0]), t.Credential(operation.Primary, auth.Fields[1]))
				})
			}
		}
	}
	return nil
}

// unauthorized: an operation that a token authorizes, without it or with something else in its place.
func (g *generator) unauthorized() {
	g.refuseUse("no-token", "without a token", specs.Missing, noAuth, g.op.Success)
	for _, auth := range g.op.Auth {
		if auth.Carries == "" {
			continue
		}
		suffix := ""
		if auth.Scheme != g.op.Auth[0].Scheme {
			suffix = "-in-" + scene.Kebab(auth.Scheme)
		}
		place := "as " + string(auth.Kind) + " token"
		unknown := g.refuseUse("unknown-token"+suffix, "with an unknown token "+place, specs.WrongToken, func(t *scene.Trial, args *operation.Args) {
			args.Carrier = auth.Scheme
			if !g.PromisesJWT() { // where one is promised, each forgery has a case of its own
				args.WithoutDoc = true
				g.forged(t, *args, auth.Carries, func(reply *client.Reply) { t.Unauthorized(reply, true) })
			}
			present(t, args, auth.Carries, scene.Unknown(args.Tokens[auth.Carries]))
		}, auth.Success)
		if !g.PromisesJWT() {
			unknown.Requests += scene.MostForgeries
		}
		near := g.refuseUse("like-token"+suffix, "with what is almost a token "+place, specs.WrongToken, func(t *scene.Trial, args *operation.Args) {
			args.Carrier, args.WithoutDoc = auth.Scheme, true
			nearly, head := scene.Longer(args.Tokens[auth.Carries]), scene.OtherHead(args.Tokens[auth.Carries])
			if turned, another := scene.TokenInOtherCase(args.Tokens[auth.Carries]); another {
				present(t, args, auth.Carries, turned)
				t.UnauthorizedFor(t.Call(g.op, *args, "with a token in the other case "+place), false, specs.WrongToken)
			}
			present(t, args, auth.Carries, head)
			t.UnauthorizedFor(t.Call(g.op, *args, "with a token that is wrong in its first letter "+place), false, specs.WrongToken)
			present(t, args, auth.Carries, nearly)
		}, auth.Success)
		near.Requests += 2
		for _, b := range []struct {
			name, what string
			change     func(string) string
		}{
			{"garbage" + suffix, "with garbage " + place, func(string) string { return scene.Garbage }},
			{"near-miss-token" + suffix, "with a token that is wrong in one letter " + place, scene.NearMiss},
			{"half-token" + suffix, "with the first half of a token " + place, scene.Prefix},
		} {
			g.refuseUse(b.name, b.what, specs.WrongToken, func(t *scene.Trial, args *operation.Args) {
				args.Carrier, args.Tokens[auth.Carries] = auth.Scheme, b.change(args.Tokens[auth.Carries])
				if value := args.Tokens[auth.Carries]; value != scene.Garbage {
					t.Secret("wrong "+auth.Carries, value)
				}
			}, auth.Success)
		}
		for _, other := range g.Dialect.Tokens {
			if other.Name == auth.Carries || len(g.Ops.Sources(other.Name)) == 0 { // the target file says that there is none
				continue
			}
			g.refuseUse(other.Name+"-as-"+auth.Carries+suffix, "with a live "+other.Noun()+" "+place, specs.WrongToken, func(t *scene.Trial, args *operation.Args) {
				args.Carrier, args.Tokens[auth.Carries] = auth.Scheme, t.MintLive(other.Name)
			})
			g.needConsentFor(other.Name)
		}
		if auth.Kind == specs.AuthBearer {
			g.brokenBearer(auth)
		}
		if clients := g.clientsOwn(); clients != nil && auth.Kind == specs.AuthBearer {
			g.refuseUse("client-credentials"+suffix, "with the client's Basic credentials in place of a token", specs.MalformedToken, clients)
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
		g.refuseUse(b.name, b.what, specs.MalformedToken, func(_ *scene.Trial, args *operation.Args) {
			header := b.header(args.Tokens[auth.Carries])
			args.RawAuth = &header
		})
	}
}

// refuseUse makes a case of a request that must not be authorized. The token it starts from was live a
// moment before.
func (g *generator) refuseUse(name, what string, why specs.Break, breakIt breakage, more ...string) *engine.Case {
	return g.Never(name, "a request "+what+" is not authorized", func(t *scene.Trial) {
		args := g.material(t)
		if live := args.Tokens[client.Access]; live != "" {
			t.MustBeLive(live)
		}
		breakIt(t, &args)
		args.WithoutDoc = true
		t.UnauthorizedFor(t.Call(g.op, args, what), why == specs.MalformedToken, why)
	}, append([]string{g.op.Refused}, more...)...)
}

// needConsentFor adds to the newest case what minting a kind takes.
func (g *generator) needConsentFor(kind string) {
	token, _ := g.Dialect.Token(kind)
	if _, redirected := token.At.InLocation(); !redirected && !g.ByConsent(kind) || len(g.Cases) == 0 {
		return
	}
	c := &g.Cases[len(g.Cases)-1]
	scene.Need(c, target.NeedConsent, target.NeedUser)
	c.Claims = append(c.Claims, g.Consents()...)
	c.Requests = 15
}

// plainlyWrong is the plainest request of the operation that must be refused.
func (g *generator) plainlyWrong(t *scene.Trial, live map[string]string) (operation.Args, string) {
	args := operation.Args{Role: operation.Primary, Tokens: map[string]string{}, WithoutDoc: true}
	for kind, value := range live {
		args.Tokens[kind] = scene.Unknown(value)
		t.Secret("wrong "+kind, args.Tokens[kind])
	}
	if len(args.Tokens) > 0 {
		return args, "with an unknown token"
	}
	if role, ok := g.Registered(); ok && g.op.Role == specs.RoleRegister {
		args.Fields = t.NewAccount()
		args.Omit = map[string]bool{}
		for _, input := range g.op.Inputs {
			args.Omit[input.Name] = input.From.Role == role.Role && input.From.Field != role.Fields[0]
		}
		return args, "without a password"
	}
	if proof, ok := g.plainProof(); ok {
		args.Fields = map[string]string{proof.field: t.WrongSecret(proof.role, proof.field)}
		return args, "with a wrong " + proof.field
	}
	t.NotApplicable("the operation takes no secret")
	return args, ""
}

// plainProof is the secret that the plainest wrong request has wrong, where it is about no token.
func (g *generator) plainProof() (proof, bool) {
	all := g.proofs()
	i := slices.IndexFunc(all, func(p proof) bool { return p.secret && p.requirement == g.op.Refused })
	if i < 0 || len(g.tokenPlaces()) > 0 || g.op.Role == specs.RoleRegister {
		return proof{}, false
	}
	return all[i], true
}
