package flows

import (
	"net/url"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// bearer: how a token stands in a request, and where it does not (RFC 6750 section 2).
func bearer(s *scene.Subject, declared specs.Flow) []engine.Case {
	use := s.Ops.First(specs.RoleUse)
	if use == nil {
		return nil
	}
	group := s.NewGroup(declared.Name, declared.At)
	group.Works("scheme-in-other-case", "a live token works whichever way the word Bearer is written", func(t *scene.Trial) {
		live := t.Grant(operation.Primary).Value(client.Access)
		t.MustBeLive(live)
		for _, scheme := range []string{"bearer", "BEARER", "bEARER"} {
			header := scheme + " " + live
			t.Succeeds(t.Call(use, operation.Args{RawAuth: &header}, "with a live token under the scheme "+scheme))
		}
	}, declared.Requirement)
	parameter := declared.Params["parameter"]
	inQuery := func(token string) string { return url.Values{parameter: {token}}.Encode() }
	group.Never("token-in-query", "a token in the query opens nothing", func(t *scene.Trial) {
		live := t.Grant(operation.Primary).Value(client.Access)
		t.MustBeLive(live)
		if reply := t.Call(use, operation.Args{NoAuth: true, Query: inQuery(live)}, "with a live token as "+parameter+" in the query"); reply.Succeeded() {
			t.Found(reply, "a refusal (4xx)", reply.Got())
		}
	}, declared.Params["in_query"])
	group.Never("token-twice", "a token in the header and in the query opens nothing, where each would alone, and of two only one counts", func(t *scene.Trial) {
		live := t.Grant(operation.Primary).Value(client.Access)
		t.MustBeLive(live)
		if reply := t.Call(use, operation.Args{NoAuth: true, Query: inQuery(live)}, "with a live token as "+parameter+" in the query, before the check"); !reply.Succeeded() {
			oneCounts(t, use, live, inQuery)
			return
		}
		args := operation.Args{Tokens: map[string]string{client.Access: live}, Query: inQuery(live)}
		if reply := t.Call(use, args, "with a live token in the header and in the query"); reply.Succeeded() {
			t.Found(reply, "a refusal (4xx)", reply.Got())
		}
	}, declared.Params["twice"])
	return group.Cases
}

// oneCounts: who takes no token in the query alone ignores one there, whatever stands in the header.
func oneCounts(t *scene.Trial, use *operation.Op, live string, inQuery func(token string) string) {
	for _, other := range []string{scene.Unknown(live), scene.Garbage} {
		t.Secret("wrong "+client.Access, other)
		args := operation.Args{Tokens: map[string]string{client.Access: other}, Query: inQuery(live)}
		if reply := t.Call(use, args, "with a live token in the query, beside one in the header that is none"); reply.Succeeded() {
			t.Found(reply, "a refusal (4xx)", reply.Got())
		}
	}
}
