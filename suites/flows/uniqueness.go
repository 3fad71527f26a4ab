package flows

import (
	"fmt"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// uniqueness: two issues do not hand out the same token. To hand out a live one again is legal where nobody
// promised otherwise, so this is practice.
func uniqueness(s *scene.Subject, declared specs.Flow) []engine.Case {
	group := s.NewGroup(declared.Name, declared.At)
	group.Works("issue-again", "a second issue for the same client succeeds as the first did", func(t *scene.Trial) {
		issue := t.First(specs.RoleIssue)
		again := func() *client.Reply { return t.Call(issue, operation.Args{}, "once more") }
		if issue == nil {
			again = func() *client.Reply { return t.Exchange("", t.Code("").Value, "with another code") }
		}
		for range 2 {
			reply := again()
			if !t.Succeeds(reply) {
				return
			}
			t.Collect(operation.Primary, reply)
		}
	}, declared.Requirement)
	for _, kind := range s.Dialect.Tokens {
		if _, redirected := kind.At.InLocation(); redirected {
			continue
		}
		group.Never(kind.Name+"-token-repeats", fmt.Sprintf("two issues never hand out the same %s", kind.Noun()), func(t *scene.Trial) {
			first := t.Grant("")
			second := t.Grant("")
			if first.Value(kind.Name) == "" || second.Value(kind.Name) == "" {
				t.CouldNotRun("an issue carried no %s", kind.Noun())
			}
			if first.Value(kind.Name) == second.Value(kind.Name) {
				t.Found(second.Reply, "a new "+kind.Noun(), "the one that was handed out before")
			}
		}, declared.Requirement)
	}
	return group.Cases
}
