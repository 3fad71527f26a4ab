package flows

import (
	"cmp"
	"strings"

	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// deprecated: grants that OAuth 2.1 has no longer: a client that is told the user's password (RFC 9700 section 2.4), and a token in
// the address that the browser is sent back to (section 2.1.2).
func deprecated(s *scene.Subject, declared specs.Flow) []engine.Case {
	group := s.NewGroup(declared.Name, declared.At)
	human := s.Dialect.Human()
	if issue := cmp.Or(s.Ops.First(specs.RoleIssue), s.Ops.First(specs.RoleExchange)); issue != nil && len(human.Fields) > 1 {
		c := group.Never("password", "a client never gets tokens for the user's name and password", func(t *scene.Trial) {
			args := operation.Args{Inputs: map[string]any{}, More: map[string]string{}, Omit: map[string]bool{}}
			for _, input := range issue.Inputs {
				if args.Omit[input.Name] = input.From.Token != ""; input.Fixed != "" {
					args.Inputs[input.Name] = declared.Params["kind"]
				}
			}
			for i, name := range declared.Lists["password"] {
				args.More[name] = t.Credential(human.Role, human.Fields[i])
			}
			t.Refused(t.Call(issue, args, "with the user's name and password"))
		}, declared.Requirement)
		scene.Need(c, target.NeedUser)
		c.Claims, c.Requests = append(c.Claims, scene.ClaimsOf(human.Role)...), 2
	}
	authorize := s.Ops.First(specs.RoleAuthorize)
	if authorize == nil {
		return group.Cases
	}
	group.WithConsent()
	group.Never("token-in-redirect", "no access token stands in the address that the browser is sent back to", func(t *scene.Trial) {
		kind, _ := t.Dialect.Token("access")
		name := string(kind.At[strings.LastIndexByte(string(kind.At), '/')+1:])
		for _, input := range authorize.Inputs {
			if input.Fixed == "" {
				continue
			}
			for _, value := range declared.Lists["in_redirect"] {
				done := t.Ask(scene.Ask{Inputs: map[string]any{input.Name: value}, Doing: "with " + input.Name + " " + value}, true)
				if token, there := done.Param(name); there && token != "" {
					t.Secret(kind.Name, token)
					t.FoundConsent(done, "no "+name+" in the redirect", done.Got())
					return
				}
			}
		}
	}, declared.Params["implicit"]).Requests = 3 * aWalk
	return group.Cases
}
