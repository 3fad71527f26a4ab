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
