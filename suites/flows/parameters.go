package flows

import (
	"net/http"
	"net/url"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// parameters: what a server makes of parameters where tokens are issued (RFC 6749 section 3.2): of those that it does not know, of
// one without a value, of one that comes twice, and of those of another method.
func parameters(s *scene.Subject, declared specs.Flow) []engine.Case {
	op := s.Ops.First(specs.RoleIssue)
	group := s.NewGroup(declared.Name, declared.At)
	group.Works("unknown-ignored", "a parameter that nobody knows changes nothing", func(t *scene.Trial) {
		t.Succeeds(t.Call(op, operation.Args{More: map[string]string{"gonogo_" + scene.Unique(): "x"}}, "with a parameter that nobody knows"))
	}, declared.Requirement)
	optional := declared.Params["optional"]
	group.Works("empty-as-omitted", "an optional parameter without a value changes nothing", func(t *scene.Trial) {
		if reply := t.Call(op, operation.Args{}, "without "+optional+", before the check"); !reply.Succeeded() {
			t.NotApplicable("the target wants a %s", optional)
		}
		t.Succeeds(t.Call(op, operation.Args{More: map[string]string{optional: ""}}, "with an empty "+optional))
	}, declared.Params["empty"])
	group.Never("repeated", "a request with a parameter twice gets no token", func(t *scene.Trial) {
		twice := map[string]bool{}
		for _, input := range op.Inputs {
			twice[input.Name] = input.Fixed != ""
		}
		t.Refused(t.Call(op, operation.Args{Twice: twice}, "with a parameter twice"))
	}, declared.Params["repeated"])
	group.Never("other-method", "the same in the query of a GET gets no token", func(t *scene.Trial) {
		query, empty := url.Values{}, ""
		for _, input := range op.Inputs {
			if input.Fixed != "" {
				query.Set(input.Name, input.Fixed)
			}
		}
		args := operation.Args{Method: http.MethodGet, Query: query.Encode(), RawBody: &empty, NoMedia: true}
		if reply := t.CallSpelt(op, args, "with the method GET, all in the query"); reply != nil && reply.Tokens[client.Access] != "" {
			t.Found(reply, "a refusal (4xx)", reply.Got())
		}
	}, declared.Params["other_method"])
	return group.Cases
}

// scopes: whoever is given another scope than he asked for is told which (RFC 6749 section 3.3).
func scopes(s *scene.Subject, declared specs.Flow) []engine.Case {
	op, at, parameter := s.Ops.First(specs.RoleIssue), specs.Pointer(declared.Params["at"]), declared.Params["parameter"]
	group := s.NewGroup(declared.Name, declared.At)
	// given is what an answer says of the scope of its token, and else who is asked about it.
	given := func(t *scene.Trial, reply *client.Reply) (scope string, named, known bool) {
		if scope, named = reply.Text(at); named {
			return scope, true, true
		}
		if validate := t.First(specs.RoleValidate); validate != nil {
			if told := t.Use(validate, reply.Tokens[client.Access], "to see its scope"); told.Affirms() {
				scope, known = told.Text(at)
			}
		}
		return scope, false, known
	}
	group.Works("same-again", "the scope that a client has by itself it can ask for", func(t *scene.Trial) {
		reply := t.Call(op, operation.Args{}, "without a "+parameter)
		if !reply.Succeeded() {
			t.NotApplicable("the target wants a %s", parameter)
		}
		t.Collect(operation.Primary, reply)
		scope, _, known := given(t, reply)
		if !known || scope == "" {
			t.NotApplicable("nothing says which scope a client has")
		}
		t.Succeeds(t.Call(op, operation.Args{More: map[string]string{parameter: scope}}, "with the "+parameter+" that it was given before"))
	}, declared.Requirement)
	group.Never("other-unnamed", "another scope than the one asked for is never given without a word", func(t *scene.Trial) {
		asked := "gonogo-" + scene.Unique()
		reply := t.Call(op, operation.Args{More: map[string]string{parameter: asked}}, "with a "+parameter+" that there is not")
		if !reply.Succeeded() {
			t.Refused(reply)
			return
		}
		t.Collect(operation.Primary, reply)
		switch scope, named, known := given(t, reply); {
		case named:
		case !known:
			t.NotApplicable("nothing says which scope the token has")
		case scope != asked:
			t.Found(reply, "the scope that was given at "+string(at)+", or a refusal (4xx)", reply.Got()+", without a scope, and the token has another than was asked for")
		}
	}, declared.Requirement)
	return group.Cases
}
