package flows

import (
	"net/url"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// clientAuthentication: how a client proves who it is where tokens are issued (RFC 6749 section 2.3.1). The Basic header is what a
// server must take, with both parts form-encoded; the form is what it may take too, and nothing else is.
func clientAuthentication(s *scene.Subject, declared specs.Flow) []engine.Case {
	op := s.Ops.First(specs.RoleIssue)
	basic := basicOf(op)
	if basic == nil {
		return nil
	}
	name, secret := basic.Fields[0], basic.Fields[1]
	group := s.NewGroup(declared.Name, declared.At)
	group.Works("basic", "a client can prove who it is in a Basic header", func(t *scene.Trial) {
		t.Succeeds(t.Call(op, operation.Args{InHeader: true, Plain: t.Habits().TakesPlain(op.Path)}, "with the credentials in a Basic header"))
	}, declared.Params["basic"])

	encoded := group.Works("form-encoded", "an id and a secret that form-encoding changes are good when they are encoded", func(t *scene.Trial) {
		odd := 0
		for _, role := range []string{operation.Primary, scene.Second} {
			if id, proof := t.Credential(role, name), t.Credential(role, secret); url.QueryEscape(id) == id && url.QueryEscape(proof) == proof {
				continue
			}
			odd++
			reply := t.Call(op, operation.Args{Role: role, InHeader: true}, "as "+role+", form-encoded in a Basic header")
			if reply.Succeeded() {
				continue
			}
			t.FailedLogin()
			if t.Call(op, operation.Args{Role: role, InHeader: true, Plain: true}, "as "+role+", in a Basic header as it is").Succeeded() {
				t.Found(reply, "success (2xx): id and secret are form-encoded before they are joined", reply.Got()+", and as they are they are taken")
				return
			}
			if t.Call(op, operation.Args{Role: role, InBody: true}, "as "+role+", in the form").Succeeded() {
				t.Found(reply, "success (2xx), as in the form", reply.Got()+", and in the form they are taken")
				return
			}
			t.CouldNotRun("the credentials of %s are refused, form-encoded and as they are: %s; check credentials.%s in the target file", role, reply.Got(), role)
		}
		if odd == 0 {
			t.NotApplicable("no id or secret of the target file has a character that form-encoding changes, such as + or %%")
		}
	}, declared.Requirement)
	scene.Need(encoded, target.NeedSecond)
	encoded.Claims = append(encoded.Claims, scene.ClaimsOf(scene.Second)...)
	scene.FailsLogins(encoded, 1, operation.Primary, scene.Second)

	for _, at := range s.Ops.All() {
		if at.Path == op.Path && at != op || basicOf(at) == nil { // a path reads a form in one way
			continue
		}
		wrongInForm(group, op, at, declared.Params["in_body"])
	}

	group.Never("in-query", "credentials in the query get no token", func(t *scene.Trial) {
		query := url.Values{name: {t.Credential(operation.Primary, name)}, secret: {t.Credential(operation.Primary, secret)}}
		t.Refused(t.Call(op, operation.Args{NoAuth: true, Query: query.Encode()}, "with the credentials in the query"))
	}, declared.Params["in_query"])

	group.Never("twice", "credentials in the header and in the form get no token", func(t *scene.Trial) {
		needsForm(t, op)
		if reply := t.Call(op, operation.Args{InHeader: true, Plain: t.Habits().TakesPlain(op.Path)}, "with the credentials in the header, before the check"); !reply.Succeeded() {
			t.NotApplicable("the target does not take a client's credentials in the header")
		}
		both := map[string]string{name: t.Credential(operation.Primary, name), secret: t.Credential(operation.Primary, secret)}
		t.Refused(t.Call(op, operation.Args{InHeader: true, Plain: t.Habits().TakesPlain(op.Path), More: both}, "with the credentials in the header and in the form"))
	}, declared.Params["twice"])
	return group.Cases
}

// wrongInForm adds a case of an operation that a wrong secret, or none, opens no more in the form than in the header.
func wrongInForm(group *scene.Group, issue, op *operation.Op, row string) {
	basic := basicOf(op)
	name, secret := basic.Fields[0], basic.Fields[1]
	suffix, wrongs := "", 3
	if op != issue {
		suffix, wrongs, row = "-for-"+op.ID, 1, op.Authenticated
	}
	c := group.Never("wrong-in-form"+suffix, "a wrong secret in the form of "+op.Name()+" opens nothing, where the form may have the right one", func(t *scene.Trial) {
		needsForm(t, issue)
		var tokens map[string]string
		if op != issue {
			tokens = t.Grant(operation.Primary).Held()
		}
		refused := func(args operation.Args, what string) {
			args.Tokens = tokens
			t.Refused(t.Call(op, args, what))
		}
		own := t.Credential(operation.Primary, secret)
		for _, wrong := range []struct{ what, value string }{
			{"with a wrong " + secret + " in the form", scene.Unknown(own)},
			{"with " + words.A(secret) + " in the form that is wrong in one letter", scene.OtherHead(own)},
			{"with an empty " + secret + " in the form", ""},
		}[:wrongs] {
			t.FailedLogin()
			if wrong.value != "" {
				t.Secret("wrong "+secret, wrong.value)
			}
			refused(operation.Args{InBody: true, Fields: map[string]string{secret: wrong.value}}, wrong.what)
		}
		refused(operation.Args{NoAuth: true, More: map[string]string{name: t.Credential(operation.Primary, name)}}, "with the "+name+" in the form and no "+secret)
	}, row)
	c.Requests = 6
	if op.Role == specs.RoleRevoke {
		scene.Need(c, target.NeedRevocation)
		scene.EndsSessions(c, operation.Primary)
	}
	scene.FailsLogins(c, wrongs, operation.Primary)
}

// basicOf is the scheme of a client's Basic credentials; nil if an operation has none.
func basicOf(op *operation.Op) *specs.Auth {
	for _, auth := range op.Auth {
		if auth.Kind == specs.AuthBasic && op.Sends(specs.InForm) {
			return &auth
		}
	}
	return nil
}

// needsForm ends a case at a target that takes no credentials in the form, which it need not.
func needsForm(t *scene.Trial, op *operation.Op) {
	if reply := t.Call(op, operation.Args{InBody: true}, "with the credentials in the form, before the check"); !reply.Succeeded() || reply.Tokens[client.Access] == "" {
		t.NotApplicable("the target takes no credentials in the form, and need not: %s", reply.Got())
	}
}
