package flows

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"gonogo/internal/operation"
	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/scene"
)

// unplain is an account that is not plain ASCII in one case, nor short. A target may refuse to make it; whoever has it logs in with it as it
// was given, and nobody with what is only like it.
type unplain struct {
	name, what string
	make       func(role specs.Credential, account map[string]string)
	likes      func(password string) []string // passwords that are not the account's
}

// blockOfBcrypt is how much of a password bcrypt reads.
const blockOfBcrypt = 72

var unplains = []unplain{
	{"mixed-case-name", "whose name has letters of both cases", func(role specs.Credential, account map[string]string) {
		name := role.Fields[0]
		turned, _ := scene.OtherCase(account[name])
		account[name] = account[name][:len(account[name])/2] + turned[len(turned)/2:]
	}, nil},
	{"non-ascii-name", "whose name has letters beyond ASCII", func(role specs.Credential, account map[string]string) {
		account[role.Fields[0]] += "-zoë-鍵"
	}, nil},
	{"marked-password", "whose password has signs that HTML, URLs and forms write otherwise", func(role specs.Credential, account map[string]string) {
		account[role.Fields[1]] += `&<>"q'+%41`
	}, func(password string) []string {
		return []string{strings.ReplaceAll(password, "+", " ")}
	}},
	{"non-ascii-password", "whose password has letters beyond ASCII", func(role specs.Credential, account map[string]string) {
		account[role.Fields[1]] += "-pässwörd-鍵-😀"
	}, func(password string) []string {
		return []string{
			strings.Map(func(r rune) rune { return replaced(r, '?') }, password),
			strings.Map(func(r rune) rune { return replaced(r, -1) }, password),
		}
	}},
	{"long-password", "whose password has 80 characters", func(role specs.Credential, account map[string]string) {
		password := account[role.Fields[1]]
		account[role.Fields[1]] = (password + strings.Repeat("abcdefghij", 8))[:80]
	}, func(password string) []string {
		return []string{password[:blockOfBcrypt] + strings.Repeat("z", len(password)-blockOfBcrypt), password[:blockOfBcrypt]}
	}},
}

func replaced(r, by rune) rune {
	if r >= utf8.RuneSelf {
		return by
	}
	return r
}

// unplainAccounts: an account that is not plain is as good as any other, if it is made at all.
func unplainAccounts(group *scene.Group, login *operation.Op, role specs.Credential, requirement string) {
	for _, u := range unplains {
		group.Works(u.name+"-logs-in", "an account "+u.what+" can log in, if it is made", func(t *scene.Trial) {
			logsIn(t, login, u.made(t, role), "as an account "+u.what)
		}, requirement)
		if u.likes == nil {
			continue
		}
		c := group.Never("like-"+u.name, "nobody logs in with a password that is only like that of an account "+u.what, func(t *scene.Trial) {
			account := u.made(t, role)
			for _, like := range u.likes(account[role.Fields[1]]) {
				t.FailedLogin()
				t.Secret("wrong "+role.Fields[1], like)
				wrong := map[string]string{role.Fields[0]: account[role.Fields[0]], role.Fields[1]: like}
				t.RefusedFor(t.Call(login, operation.Args{Fields: wrong}, "with "+words.A(role.Fields[1])+" that is only like that of an account "+u.what), specs.WrongSecret)
			}
		}, login.Refused)
		scene.FailsLogins(c, u.guesses(), role.Role)
	}
}

// guesses is how many passwords are tried that are not the account's.
func (u unplain) guesses() int { return len(u.likes(strings.Repeat("x", 2*blockOfBcrypt))) }

// made is such an account. A target that makes none has nothing to show.
func (u unplain) made(t *scene.Trial, role specs.Credential) map[string]string {
	account := t.NewAccount()
	u.make(role, account)
	t.Secret(role.Fields[1], account[role.Fields[1]])
	reply := t.Register(account, "of an account "+u.what)
	switch {
	case reply.Status >= http.StatusInternalServerError:
		t.Found(reply, "a success (2xx) or a refusal (4xx)", reply.Got())
		t.NotApplicable("the target fails to make an account %s", u.what)
	case !reply.Succeeded():
		t.NotApplicable("the target makes no account %s: %s", u.what, reply.Got())
	}
	return account
}
