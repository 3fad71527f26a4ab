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
	book := s.NewBook(declared.Name, declared.At)
	book.Requests = 6
	parameter := declared.Params["parameter"]
	for _, id := range declared.Lists["form"] {
		op := s.Ops.Find(id)
		if op == nil {
			continue
		}
		what := fmt.Sprintf("a token as form parameter of %s %s", op.Method, op.Path)
		book.Works(op.ID, what+" authorizes as one in the header does", func(a *scene.Act) {
			compare(a, op, parameter, false)
		}, declared.Requirement)
		book.Never(op.ID+"-garbage", "garbage in place of "+what+" is never authorized", func(a *scene.Act) {
			compare(a, op, parameter, true)
		}, declared.Requirement)
	}
	return book.Cases
}

func compare(a *scene.Act, op *operation.Op, parameter string, garbage bool) {
	grant := a.Grant("")
	measure := a.Call(op, operation.Args{Tokens: grant.Held(), WithoutDoc: true}, "with the token in the header")
	if measure.Status == http.StatusNotFound || measure.Status == http.StatusMethodNotAllowed || measure.Status == http.StatusNotImplemented {
		a.NotExercised("the target has no %s %s: it answers %d with the token in the header", op.Method, op.Path, measure.Status)
	}
	if garbage && !measure.Succeeded() {
		a.NotExercised("%s %s is refused with the token in the header, too: %s", op.Method, op.Path, measure.Got())
	}
	value, doing := grant.Value(client.Access), "with the token in the form"
	if garbage {
		value, doing = scene.Garbage, "with garbage for a token in the form"
	}
	reply := a.Call(op, operation.Args{NoAuth: true, Inputs: map[string]any{parameter: value}}, doing)
	switch {
	case garbage:
		a.Unauthorized(reply, false)
	case reply.Status/100 > measure.Status/100:
		a.Found(reply, fmt.Sprintf("as with the token in the header: %s", measure.Got()), reply.Got())
	}
}
