package flows

import (
	"net/http"
	"net/url"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/reports/words"
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
		if reply := t.Call(op, operation.Args{Omit: map[string]bool{optional: true}}, "without "+optional+", before the check"); !reply.Succeeded() {
			t.NotApplicable("the target wants %s", words.A(optional))
		}
		t.Succeeds(t.Call(op, operation.Args{More: map[string]string{optional: ""}}, "with an empty "+optional))
	}, declared.Params["empty"])
	atAuthorize(s, group, declared)
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

// atAuthorize is the same of a request for a user's consent (RFC 6749 section 3.1).
func atAuthorize(s *scene.Subject, tokens *scene.Group, declared specs.Flow) {
	kind, ok := s.CodeKind()
	authorize := s.Ops.First(specs.RoleAuthorize)
	if !ok || authorize == nil {
		return
	}
	code, _ := kind.At.InLocation()
	group := s.NewGroup(declared.Name, declared.At).WithConsent()
	group.Works("unknown-ignored-by-authorize", "a parameter that nobody knows changes nothing in a request for consent", func(t *scene.Trial) {
		done := t.Ask(scene.Ask{Query: "gonogo_" + scene.Unique() + "=x", Doing: "with a parameter that nobody knows"}, true)
		if _, got := done.Param(code); !got {
			t.FoundConsent(done, "a redirect with "+code, done.Got())
		}
	}, declared.Requirement)
	optional := declared.Params["optional"]
	if _, takes := authorize.Input(optional); takes {
		group.Works("empty-as-omitted-by-authorize", "an optional parameter without a value changes nothing in a request for consent", func(t *scene.Trial) {
			if without := t.Ask(scene.Ask{Omit: optional, Doing: "without " + optional + ", before the check"}, true); !without.Params.Has(code) {
				t.NotApplicable("the target wants %s", words.A(optional))
			}
			done := t.Ask(scene.Ask{Inputs: map[string]any{optional: ""}, Doing: "with an empty " + optional}, true)
			if _, got := done.Param(code); !got {
				t.FoundConsent(done, "a redirect with "+code, done.Got())
			}
		}, declared.Params["empty"]).Requests *= 2
	}
	if client, named := s.ClientInput(authorize); named {
		group.Never("repeated-to-authorize", "a request for consent with a parameter twice gets no code", func(t *scene.Trial) {
			own := url.Values{client.Name: {t.Credential(operation.Primary, client.From.Field)}}
			done := t.Ask(scene.Ask{Query: own.Encode(), Doing: "with " + client.Name + " twice"}, true)
			if _, got := done.Param(code); got {
				t.FoundConsent(done, "no "+code, done.Got())
			}
		}, declared.Params["repeated"])
	}
	tokens.Cases = append(tokens.Cases, group.Cases...)
}
