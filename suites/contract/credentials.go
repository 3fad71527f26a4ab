package contract

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"

	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// proof is a credential field that an operation presents, as an input or by a security scheme. A role's first
// field says who it is and its second proves it; further ones, a redirect URI say, are no secrets.
type proof struct {
	role, field string
	secret      bool
	requirement string // that is violated when it is not looked at
}

func (g *generator) proofs() []proof {
	var found []proof
	add := func(role, field string) {
		requirement := g.op.Authenticated // the client's own; those of others are the operation's business
		if role == "" {
			role = operation.Primary
		} else if role != operation.Primary {
			requirement = g.op.Refused
		}
		credential, ok := g.Dialect.Credential(role)
		at := slices.Index(credential.Fields, field)
		if ok && (at == 0 || at == 1) {
			found = append(found, proof{role, field, at == 1, requirement})
		}
	}
	for _, input := range g.op.Inputs {
		if input.Required && input.From.Field != "" {
			add(input.From.Role, input.From.Field)
		}
	}
	for _, auth := range g.op.Auth {
		for _, field := range auth.Fields {
			add("", field)
		}
	}
	return found
}

// brokenCredentials: somebody who does not exist, a secret that is wrong in every way that a careless
// comparison forgives, and no credentials where a security scheme wants them.
func (g *generator) brokenCredentials() {
	if g.sharesClients() {
		g.anyClient()
		return
	}
	for _, p := range g.proofs() {
		name := scene.Kebab(p.field)
		if !p.secret {
			g.refuseCredential("unknown-"+name, "with "+words.A(p.field)+" that nobody has", p, unknown)
			continue
		}
		for _, b := range []struct {
			name, what string
			change     func(t *scene.Trial, own string) string
		}{
			{"wrong-" + name, "with " + words.A(p.field) + " that is wrong throughout", unknown},
			{"near-miss-" + name, "with " + words.A(p.field) + " that is wrong in one letter", func(_ *scene.Trial, v string) string { return scene.OtherHead(v) }},
			{"half-" + name, "with the first half of the " + p.field, func(_ *scene.Trial, v string) string { return scene.Prefix(v) }},
			{"longer-" + name, "with the " + p.field + " and a letter after it", func(_ *scene.Trial, v string) string { return v + "x" }},
			{"other-case-" + name, "with the " + p.field + " in the other case", otherCase},
		} {
			g.refuseCredential(b.name, b.what, p, b.change)
		}
		g.secretOfAnother(p)
		g.ofAnotherKind(p)
		g.spaced(p)
	}
	for _, auth := range g.op.Auth {
		if len(auth.Fields) == 0 {
			continue
		}
		g.brokenBasic(auth)
		g.refuse(specs.NoCredentials, "no-"+scene.Kebab(auth.Scheme), "without the client's credentials", g.op.Authenticated, noAuth)
	}
}

// sharesClients reports an operation whose clients prove who they are in a header, at a path where another variant before it has tried
// that header in every way.
func (g *generator) sharesClients() bool {
	return g.op.Variant && !g.firstAtPath() && len(g.clientFields()) > 0
}

// clientFields are what a client proves who it is by in a header; none, where it does not.
func (g *generator) clientFields() []string {
	for _, auth := range g.op.Auth {
		if len(auth.Fields) > 0 {
			return auth.Fields
		}
	}
	return nil
}

// anyClient: that header is looked at here, too.
func (g *generator) anyClient() {
	fields := g.clientFields()
	c := g.Never("any-client", "whoever does not prove to be the client gets nothing", func(t *scene.Trial) {
		for _, wrong := range []struct {
			what   string
			why    specs.Break
			breaks breakage
		}{
			{"without the client's credentials", specs.NoCredentials, noAuth},
			{"with " + words.A(fields[0]) + " that nobody has", specs.WrongSecret, func(t *scene.Trial, args *operation.Args) {
				args.Fields = map[string]string{fields[0]: scene.Unknown(t.Credential(operation.Primary, fields[0]))}
			}},
			{"with a wrong " + fields[1], specs.WrongSecret, func(t *scene.Trial, args *operation.Args) {
				args.Fields = map[string]string{fields[1]: t.WrongSecret(operation.Primary, fields[1])}
			}},
		} {
			args := g.material(t)
			wrong.breaks(t, &args)
			if t.RefusedFor(t.Call(g.op, args, wrong.what), wrong.why); t.Failed() {
				return
			}
		}
	}, g.op.Authenticated)
	c.Requests *= 3
	scene.FailsLogins(c, 1, operation.Primary)
}

// secretOfAnother: a secret that is somebody's is good for nobody else. Whether that somebody gets in with it is not
// looked at: if not, it is wrong all the more.
func (g *generator) secretOfAnother(p proof) {
	if role, ok := g.Registered(); ok && p.role == role.Role {
		g.refuseCredential(scene.Kebab(p.field)+"-of-another", "with the "+p.field+" of another account", p, func(t *scene.Trial, _ string) string {
			return t.RegisterNew()[p.field]
		}).Requests++
	}
	if p.role != "" && p.role != operation.Primary {
		return
	}
	for _, other := range []struct {
		role string
		need target.Need
	}{{scene.Second, target.NeedSecond}, {scene.Listed, target.NeedListed}} {
		credential, ok := g.Dialect.Credential(other.role)
		if !ok || slices.Index(credential.Fields, p.field) != 1 {
			continue
		}
		c := g.refuseCredential(scene.Kebab(p.field)+"-of-another", "with the "+p.field+" of another account", p, func(t *scene.Trial, own string) string {
			theirs := t.Credential(other.role, p.field)
			if theirs == own {
				t.NotApplicable("credentials.%s has the same %s", other.role, p.field)
			}
			return theirs
		})
		scene.Need(c, other.need)
		c.Claims = append(c.Claims, engine.Shares("secret:"+other.role))
		return
	}
}

// ofAnotherKind: who is somebody of one kind is nobody of another: a user is no client, nor a client a user, whatever name and secret they
// have.
func (g *generator) ofAnotherKind(p proof) {
	if g.op.Role != specs.RoleIssue {
		return
	}
	asked, _ := g.Dialect.Credential(p.role)
	for _, other := range g.Dialect.Credentials {
		if len(other.Fields) < 2 || other.Fields[0] == asked.Fields[0] {
			continue
		}
		what := "with the name and secret of the role " + other.Role + " for those of " + asked.Role
		c := g.refuse(specs.WrongSecret, other.Role+"-as-"+asked.Role, what, p.requirement, func(t *scene.Trial, args *operation.Args) {
			t.FailedLogin()
			theirs := map[string]string{}
			if other.Registered {
				theirs = t.RegisterNew()
			} else {
				for _, field := range other.Fields {
					theirs[field] = t.Credential(other.Role, field)
				}
			}
			args.Fields = map[string]string{asked.Fields[0]: theirs[other.Fields[0]], asked.Fields[1]: theirs[other.Fields[1]]}
		})
		scene.FailsLogins(c, 1, p.role)
		c.Requests++
		if need, ok := map[string]target.Need{scene.Second: target.NeedSecond, scene.Listed: target.NeedListed, g.Human(): target.NeedUser}[other.Role]; ok && !other.Registered {
			scene.Need(c, need)
		}
		c.Claims = append(c.Claims, engine.Shares("secret:"+other.Role))
	}
}

// spaced: no document forbids to trim what was sent, and RFC 6749 compares exactly: a matter of practice. Where tokens are issued, or
// first given for a code, it is looked at once.
func (g *generator) spaced(p proof) {
	first := cmp.Or(g.Ops.First(specs.RoleIssue), g.Ops.First(specs.RoleExchange))
	if first == nil || g.op.ID != first.ID {
		return
	}
	c := g.Never("spaced-"+scene.Kebab(p.field), "white space around the "+p.field+" is not left out", func(t *scene.Trial) {
		args := g.material(t)
		t.FailedLogin()
		wrong := " " + t.Credential(cmp.Or(p.role, operation.Primary), p.field) + " "
		t.Secret("wrong "+p.field, wrong)
		args.Fields = map[string]string{p.field: wrong}
		if reply := t.Call(g.op, args, "with a space before and after the "+p.field); reply.Succeeded() {
			t.Found(reply, "a refusal (4xx)", reply.Got())
		}
	}, "ANY-EXACT")
	scene.FailsLogins(c, 1, p.role)
}

// brokenBasic: headers that are not RFC 7617's, and credentials that are nobody's.
func (g *generator) brokenBasic(auth specs.Auth) {
	own := func(t *scene.Trial) (name, secret string) {
		return t.Credential(operation.Primary, auth.Fields[0]), t.Credential(operation.Primary, auth.Fields[1])
	}
	refuse := func(why specs.Break, name, what string, header func(t *scene.Trial) string) *engine.Case {
		return g.refuse(why, name, what, g.op.Authenticated, authorization(header))
	}
	basic := func(why specs.Break, name, what string, header func(t *scene.Trial) string) {
		scene.FailsLogins(refuse(why, name, what, func(t *scene.Trial) string {
			t.FailedLogin()
			return header(t)
		}), 1, operation.Primary)
	}
	scheme := scene.Kebab(auth.Scheme)
	refuse(specs.NoCredentials, scheme+"-other-scheme", "with the client's credentials under the Bearer scheme", func(t *scene.Trial) string {
		return "Bearer " + strings.TrimPrefix(operation.Basic(own(t)), "Basic ")
	})
	refuse(specs.NoCredentials, scheme+"-malformed", "with a Basic header that is not base64", func(*scene.Trial) string { return "Basic {" }) // and names nobody
	basic(specs.NoCredentials, scheme+"-without-colon", "with a Basic header that has no colon in it", func(t *scene.Trial) string {
		name, _ := own(t)
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(name))
	})
	basic(specs.WrongSecret, scheme+"-colon-after-secret", "with a colon and more after the client's secret", func(t *scene.Trial) string {
		name, secret := own(t) // all after the first colon is the secret (RFC 7617 section 2)
		t.Secret("wrong "+auth.Fields[1], secret+":x")
		return operation.Basic(name, secret+":x")
	})
	basic(specs.NoCredentials, scheme+"-without-secret", "with the client's name and an empty secret", func(t *scene.Trial) string {
		name, _ := own(t)
		return operation.Basic(name, "")
	})
}

func unknown(_ *scene.Trial, value string) string { return scene.Unknown(value) }

func otherCase(t *scene.Trial, value string) string {
	if !scene.CasePreserved(value) {
		t.NotApplicable("the secret has no letters that are not hex, so that its case may not matter")
	}
	turned, ok := scene.OtherCase(value)
	if !ok {
		t.NotApplicable("the secret has no letters")
	}
	return turned
}

func (g *generator) refuseCredential(name, what string, p proof, change func(t *scene.Trial, own string) string) *engine.Case {
	c := g.refuse(specs.WrongSecret, name, what, p.requirement, func(t *scene.Trial, args *operation.Args) {
		t.FailedLogin()
		changed := change(t, t.Credential(p.role, p.field))
		t.Secret("wrong "+p.field, changed)
		args.Fields = map[string]string{p.field: changed}
	})
	scene.FailsLogins(c, 1, p.role)
	return c
}
