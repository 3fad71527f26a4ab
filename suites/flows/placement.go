package flows

import (
	"fmt"
	"net/http"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// placement: a token may also stand as a parameter of the request (RFC 6750 sections 2.2, 2.3). The document
// promises the place, not what the operation does with the request: so the same request with the token in its
// header is the measure, and an operation that is not there cannot be judged.
func placement(s *scene.Subject, declared specs.Flow) []engine.Case {
	group := s.NewGroup(declared.Name, declared.At)
	group.Requests = 6
	parameter := declared.Params["parameter"]
	for _, id := range declared.Lists["form"] {
		op := s.Ops.Find(id)
		if op == nil {
			continue
		}
		what := fmt.Sprintf("a token as form parameter of %s %s", op.Method, op.Path)
		group.Works(op.ID, what+" authorizes as one in the header does", func(t *scene.Trial) {
			compare(t, op, parameter, false)
		}, declared.Requirement)
		group.Never(op.ID+"-garbage", "garbage in place of "+what+" is never authorized", func(t *scene.Trial) {
			compare(t, op, parameter, true)
		}, declared.Requirement)
		group.Never(op.ID+"-without-token", fmt.Sprintf("%s %s without a token is never authorized", op.Method, op.Path), func(t *scene.Trial) {
			measured(t, op, t.Grant(""))
			t.Unauthorized(t.Call(op, operation.Args{NoAuth: true}, "without a token"), false)
		}, s.Ops.First(specs.RoleUse).Refused)
	}
	return group.Cases
}

// measured is what the operation makes of the token in the header.
func measured(t *scene.Trial, op *operation.Op, grant *client.Grant) *client.Reply {
	measure := t.Call(op, operation.Args{Tokens: grant.Held(), WithoutDoc: true}, "with the token in the header")
	if measure.Status == http.StatusNotFound || measure.Status == http.StatusMethodNotAllowed || measure.Status == http.StatusNotImplemented {
		t.NotExercised("the target has no %s %s: it answers %d with the token in the header", op.Method, op.Path, measure.Status)
	}
	return measure
}

func compare(t *scene.Trial, op *operation.Op, parameter string, garbage bool) {
	grant := t.Grant("")
	measure := measured(t, op, grant)
	if garbage && !measure.Succeeded() {
		t.NotExercised("%s %s is refused with the token in the header, too: %s", op.Method, op.Path, measure.Got())
	}
	value, doing := grant.Value(client.Access), "with the token in the form"
	if garbage {
		value, doing = scene.Garbage, "with garbage for a token in the form"
	}
	reply := t.Call(op, operation.Args{NoAuth: true, Inputs: map[string]any{parameter: value}}, doing)
	switch {
	case garbage:
		t.Unauthorized(reply, false)
	case reply.Status/100 > measure.Status/100:
		t.Found(reply, fmt.Sprintf("as with the token in the header: %s", measure.Got()), reply.Got())
	}
}
