package flows

import (
	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/scene"
)

// namesItsAccount finds out what in the answers to two accounts tells them apart, and wants a refresh never to name the other.
// Nobody has to say which member that is: what each account is told at every login, and the other is told otherwise. The logins
// take turns, so that a time or a count is none of it.
func namesItsAccount(t *scene.Trial, logins map[string]func() *client.Grant, other string) {
	roles := []string{operation.Primary, other}
	grants, names := map[string]*client.Grant{}, map[string]map[string]any{}
	for turn := range 2 {
		for _, role := range roles {
			former := grants[role]
			grants[role] = logins[role]()
			said := toldBy(grants[role])
			if turn == 0 {
				names[role] = said
				continue
			}
			if access, _ := client.Same(former, grants[role]); access {
				t.NotApplicable("a second login is answered as the first one was, so that what is an account's own cannot be told from what is a login's")
			}
			for where, value := range names[role] {
				if said[where] != value {
					delete(names[role], where)
				}
			}
		}
	}
	mine, theirs := names[operation.Primary], names[other]
	for where, value := range mine {
		if others, told := theirs[where]; !told || others == value {
			delete(mine, where)
		}
	}
	if len(mine) == 0 {
		t.NotApplicable("nothing in an answer names the account that it is for")
	}
	for i, role := range roles {
		foreign := names[roles[1-i]]
		eachGeneration(t, grants[role], func(next *client.Grant) {
			said := toldBy(next)
			for where := range mine {
				if got, told := said[where]; told && got == foreign[where] {
					t.Found(next.Reply, where+" to be that of the account that refreshes", "what the other account is told")
					return
				}
			}
		})
		if t.Failed() {
			return
		}
	}
}

// toldBy is every scalar of an answer, and every one in a JWT among its tokens, by where it stands; tokens are left out.
func toldBy(grant *client.Grant) map[string]any {
	told, tokens := map[string]any{}, map[any]bool{}
	for kind, token := range grant.Tokens {
		tokens[token.Value] = true
		if read, why := scene.ReadJWT(token.Value); why == "" {
			for at, value := range specs.Scalars(read.Claims) {
				told["the "+kind+" token's "+string(at)] = value
			}
		}
	}
	for at, value := range grant.Reply.Scalars() {
		if !tokens[value] {
			told[string(at)] = value
		}
	}
	return told
}
