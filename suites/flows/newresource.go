package flows

import (
	"reflect"
	"strings"

	"gonogo/specs"
	"gonogo/suites/scene"
)

// newResource: the answer to a new account shows that account and no other. What it shows of it is the target's
// business: its name may stand anywhere, or not at all. But a member that is called as the name is in the request does
// not hold somebody else's, and two accounts are not answered with the very same.
func newResource(s *scene.Subject, group *scene.Group, role specs.Credential) {
	op := s.Ops.First(specs.RoleRegister)
	if op == nil {
		return
	}
	member := role.Fields[0]
	for _, input := range op.Inputs {
		if input.From.Role == role.Role && input.From.Field == role.Fields[0] {
			member = input.Name
		}
	}
	group.Works("answer-is-the-account", "the answer to a new account is about that account", func(t *scene.Trial) {
		var before any
		for range 2 {
			account := t.NewAccount()
			reply := t.Register(account, "to look for the account in the answer")
			t.Made(reply)
			shown, ok := reply.JSON()
			if !ok {
				t.CouldNotRun("the answer to a new account is not JSON: %s", reply.Got())
			}
			name := account[role.Fields[0]]
			if shows, names := names(shown, member, name); names && !shows {
				t.Found(reply, "the account that was asked for, with its own "+member+" if it shows one", reply.Got()+", with another "+member)
				return
			}
			if before != nil && reflect.DeepEqual(before, shown) {
				t.Found(reply, "the new account", reply.Got()+", the very same as for another account before it")
				return
			}
			before = shown
		}
	}, op.Success)
}

// names looks through an answer for the name of an account: whether it shows that name anywhere, and whether it has the
// member at all that is called like it. A target may write the name in the other case, or make it longer.
func names(value any, member, name string) (shows, has bool) {
	switch v := value.(type) {
	case string:
		return strings.Contains(strings.ToLower(v), strings.ToLower(name)), false
	case []any:
		for _, each := range v {
			s, h := names(each, member, name)
			shows, has = shows || s, has || h
		}
	case map[string]any:
		for key, each := range v {
			s, h := names(each, member, name)
			text, isText := each.(string)
			shows, has = shows || s, has || h || isText && text != "" && sameName(key, member)
		}
	}
	return shows, has
}

// sameName: user_name, userName and user-name are one name.
func sameName(a, b string) bool {
	plain := strings.NewReplacer("_", "", "-", "")
	return strings.EqualFold(plain.Replace(a), plain.Replace(b))
}
