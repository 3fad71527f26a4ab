package flows

import (
	"fmt"
	"slices"

	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// tokenRoles are the operations that hand out tokens, take them in or end them: the authentication endpoints.
var tokenRoles = []specs.Role{specs.RoleIssue, specs.RoleExchange, specs.RoleRefresh, specs.RoleValidate, specs.RoleRevoke, specs.RoleRegister}

// envelope: what a dialect wraps its answers in, over everything that a run was answered. A client that looks at
// the envelope alone must not be misled, so a refusal never looks like a success, nor the other way round.
func envelope(s *scene.Subject, declared specs.Flow) []engine.Case {
	book := s.NewBook(declared.Name, declared.At)
	book.Phase, book.Claims, book.Requests = engine.Audit, nil, 0
	success, data, failure := specs.Pointer(declared.Params["success_at"]), specs.Pointer(declared.Params["data_at"]), specs.Pointer(declared.Params["error_at"])
	authentication := func(e scene.Entry) bool { return slices.Contains(tokenRoles, e.Answer.Op.Role) }

	book.Works("successes", fmt.Sprintf("every success of an authentication endpoint has %s true and an object at %s", success, data), func(a *scene.Act) {
		over(a, func(e scene.Entry, said *remarks) {
			if !e.Answer.Succeeded() || !authentication(e) || e.Answer.Cut {
				return
			}
			if value, ok := e.Answer.Value(success); !ok || value != true {
				said.add(a, e, fmt.Sprintf("%s true", success), otherThan(value, ok))
			}
			value, ok := e.Answer.Value(data)
			if _, object := value.(map[string]any); !object {
				said.add(a, e, fmt.Sprintf("an object at %s", data), otherThan(value, ok))
			}
		})
	}, declared.Requirement)
	book.Never("refusal-that-claims-success", fmt.Sprintf("no refusal has %s true", success), func(a *scene.Act) {
		over(a, func(e scene.Entry, said *remarks) {
			if value, _ := e.Answer.Value(success); e.Answer.Refused() && value == true {
				said.add(a, e, fmt.Sprintf("no %s that is true", success), fmt.Sprintf("%d with it", e.Answer.Status))
			}
		})
	}, declared.Requirement)
	book.Works("refusals", "every refusal has the body that the document describes for its status", func(a *scene.Act) {
		over(a, func(e scene.Entry, said *remarks) {
			if !e.Answer.Refused() {
				return
			}
			for _, m := range e.Answer.Mismatches {
				said.add(a, e, fmt.Sprintf("in a %d, %s", e.Answer.Status, m.Expected()), m.Got)
			}
		})
	}, declared.Params["errors"])
	book.Never("error-in-a-success", fmt.Sprintf("no success of an authentication endpoint carries %s", failure), func(a *scene.Act) {
		over(a, func(e scene.Entry, said *remarks) {
			if value, _ := e.Answer.Value(failure); e.Answer.Succeeded() && authentication(e) && value != nil {
				said.add(a, e, fmt.Sprintf("no %s in a success", failure), fmt.Sprintf("%d with it", e.Answer.Status))
			}
		})
	}, declared.Params["errors"])
	return book.Cases
}

// over looks at every answer of the run.
func over(a *scene.Act, look func(e scene.Entry, said *remarks)) {
	said := newRemarks()
	for _, e := range anything(a) {
		if e.Answer.Answered() {
			look(e, said)
		}
	}
	said.find()
}

// otherThan names what stands where something else should, never its value.
func otherThan(value any, present bool) string {
	switch v := value.(type) {
	case nil:
		if !present {
			return "no such member"
		}
		return "null"
	case bool:
		return fmt.Sprint(v)
	case string:
		return "a text"
	case float64:
		return "a number"
	case []any:
		return "an array"
	default:
		return "an object"
	}
}
