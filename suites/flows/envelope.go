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
	group := s.NewGroup(declared.Name, declared.At)
	group.Phase, group.Needs, group.Claims, group.Requests = engine.Audit, nil, nil, 0
	success, data, failure := specs.Pointer(declared.Params["success_at"]), specs.Pointer(declared.Params["data_at"]), specs.Pointer(declared.Params["error_at"])
	authentication := func(e scene.Entry) bool { return slices.Contains(tokenRoles, e.Answer.Op.Role) }

	group.Works("successes", fmt.Sprintf("every success of an authentication endpoint has %s true and an object at %s", success, data), func(t *scene.Trial) {
		over(t, func(e scene.Entry, said *remarks) {
			if !e.Answer.Succeeded() || !authentication(e) || e.Answer.Cut {
				return
			}
			if value, ok := e.Answer.Value(success); !ok || value != true {
				said.add(t, e, fmt.Sprintf("%s true", success), otherThan(value, ok))
			}
			value, ok := e.Answer.Value(data)
			if _, object := value.(map[string]any); !object {
				said.add(t, e, fmt.Sprintf("an object at %s", data), otherThan(value, ok))
			}
		})
	}, declared.Requirement)
	group.Never("refusal-that-claims-success", fmt.Sprintf("no refusal has %s true", success), func(t *scene.Trial) {
		over(t, func(e scene.Entry, said *remarks) {
			if value, _ := e.Answer.Value(success); e.Answer.Refused() && value == true {
				said.add(t, e, fmt.Sprintf("no %s that is true", success), fmt.Sprintf("%d with it", e.Answer.Status))
			}
		})
	}, declared.Requirement)
	group.Works("refusals", "every refusal has the body that the document describes for its status", func(t *scene.Trial) {
		over(t, func(e scene.Entry, said *remarks) {
			if !e.Answer.Refused() {
				return
			}
			for _, m := range e.Answer.Deviations() {
				said.add(t, e, fmt.Sprintf("in a %d, %s", e.Answer.Status, m.Expected()), m.Got)
			}
		})
	}, declared.Params["errors"])
	group.Never("error-in-a-success", fmt.Sprintf("no success of an authentication endpoint carries %s", failure), func(t *scene.Trial) {
		over(t, func(e scene.Entry, said *remarks) {
			if value, _ := e.Answer.Value(failure); e.Answer.Succeeded() && authentication(e) && value != nil {
				said.add(t, e, fmt.Sprintf("no %s in a success", failure), fmt.Sprintf("%d with it", e.Answer.Status))
			}
		})
	}, declared.Params["errors"])
	return group.Cases
}

// over looks at every answer of the run.
func over(t *scene.Trial, look func(e scene.Entry, said *remarks)) {
	said := newRemarks()
	for _, e := range anything(t) {
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
