package flows

import (
	"fmt"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/reports/words"
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
			measured(t, op, true)
			t.Unauthorized(t.Call(op, operation.Args{NoAuth: true, WithoutDoc: true}, "without a token"), true)
		}, refusedAt(s, op))
		shut := group.Never(op.ID+"-shut", fmt.Sprintf("%s %s is authorized by nothing but a live access token, in no place", op.Method, op.Path), func(t *scene.Trial) {
			grant, _ := measured(t, op, true)
			for _, door := range s.OwnDoors(op) {
				shutTo(t, door, grant)
			}
		}, refusedAt(s, op))
		shut.Requests = 2 + len(s.OwnDoors(op))*(2+len(s.Dialect.Tokens))
	}
	return group.Cases
}

// refusedAt is the row of what authorizes nothing at the path of an operation.
func refusedAt(s *scene.Subject, op *operation.Op) string {
	uses := s.Ops.ByRole(specs.RoleUse)
	for _, use := range uses {
		if use.Path == op.Path {
			return use.Refused
		}
	}
	if len(uses) == 0 {
		return ""
	}
	return uses[0].Refused
}

// shutTo shows what is no access token at a door: what nobody was given, what is almost a token, and one of another kind.
func shutTo(t *scene.Trial, door scene.Door, grant *client.Grant) {
	access := grant.Value(client.Access)
	for _, wrong := range []struct{ what, value string }{
		{"an unknown token", scene.Unknown(access)},
		{"a token that is wrong in one letter", scene.NearMiss(access)},
	} {
		t.Secret("wrong "+client.Access, wrong.value)
		t.Unauthorized(t.Show(door, wrong.value, "with "+wrong.what), true)
	}
	for kind, token := range grant.Tokens {
		if kind != client.Access {
			t.Unauthorized(t.Show(door, token.Value, "with "+words.A(kind+" token")), true)
		}
	}
}

// measured is a grant, and what comes of its token in the header.
func measured(t *scene.Trial, op *operation.Op, mustOpen bool) (*client.Grant, *client.Reply) {
	grant := t.Grant("")
	measure := t.Call(op, operation.Args{Tokens: grant.Held(), WithoutDoc: true}, "with the token in the header")
	if scene.NotThere(measure) {
		t.NotExercised("the target has no %s %s: it answers %d with the token in the header", op.Method, op.Path, measure.Status)
	}
	if mustOpen && !measure.Succeeded() {
		t.NotExercised("%s %s is refused with the token in the header, too: %s", op.Method, op.Path, measure.Got())
	}
	return grant, measure
}

func compare(t *scene.Trial, op *operation.Op, parameter string, garbage bool) {
	grant, measure := measured(t, op, garbage)
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
