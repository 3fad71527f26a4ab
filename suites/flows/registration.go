package flows

import (
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// registration: an account that was made can log in, its secret is shown to nobody, and its name is given once.
func registration(s *scene.Subject, declared specs.Flow) []engine.Case {
	login := s.Ops.First(specs.RoleIssue)
	role, ok := s.Registered()
	if login == nil || !ok {
		return nil
	}
	book := s.NewBook(declared.Name, declared.At)
	book.Requests = 6
	book.Works("created-account-logs-in", "an account can log in as soon as it was made", func(a *scene.Act) {
		logsIn(a, login, a.RegisterNew(), "as the account that was made a moment ago")
	}, declared.Requirement)
	newResource(s, book, role)
	book.Never("nobody-logs-in", "an account that nobody made never logs in", func(a *scene.Act) {
		a.FailedLogin()
		a.RefusedFor(a.Call(login, operation.Args{Fields: a.NewAccount()}, "as an account that nobody made"), specs.WrongSecret)
	}, declared.Requirement)
	book.Never("secret-shown", "the answer to a new account never shows its "+role.Fields[1], func(a *scene.Act) {
		account := a.NewAccount()
		made := a.Register(account, "to look for the "+role.Fields[1]+" in the answer")
		a.Made(made)
		shows(a, made, role, account)
		reply := a.Call(login, operation.Args{Fields: account}, "to look for the "+role.Fields[1]+" in the answer")
		shows(a, reply, role, account)
	}, declared.Params["secret"])
	book.Never("secret-shown-in-refusal", "the refusal of an incomplete account never shows its "+role.Fields[1]+" either", func(a *scene.Act) {
		account := a.NewAccount()
		omit := map[string]bool{}
		register := a.First(specs.RoleRegister)
		for _, input := range register.Inputs {
			omit[input.Name] = input.From.Role == role.Role && input.From.Field == role.Fields[0]
		}
		reply := a.Call(register, operation.Args{Fields: account, Omit: omit}, "without a "+role.Fields[0])
		shows(a, reply, role, account)
	}, declared.Params["secret"])
	c := book.Never("name-given-twice", "the name of an account is never given to another", func(a *scene.Act) {
		first := a.RegisterNew()
		a.Refused(a.Register(withNameOf(a, role, first), "with a name that is taken"))
	}, declared.Params["duplicate"])
	c.Requests = 4
	book.Works("first-owner-keeps-the-name", "who had a name first still logs in after somebody else asked for it", func(a *scene.Act) {
		first := a.RegisterNew()
		a.Register(withNameOf(a, role, first), "with a name that is taken")
		logsIn(a, login, first, "as the first owner of the name")
	}, declared.Params["duplicate"])
	return book.Cases
}

func logsIn(a *scene.Act, login *operation.Op, account map[string]string, doing string) {
	reply := a.Call(login, operation.Args{Fields: account}, doing)
	if a.Succeeds(reply) {
		a.Collect(operation.Primary, reply)
	}
}

// withNameOf is another account that asks for the name of one.
func withNameOf(a *scene.Act, role specs.Credential, taken map[string]string) map[string]string {
	other := a.NewAccount()
	other[role.Fields[0]] = taken[role.Fields[0]]
	return other
}

// shows looks for the very secret: a mask, or another member of that name, is none.
func shows(a *scene.Act, reply *client.Reply, role specs.Credential, account map[string]string) {
	field := role.Fields[1]
	if strings.Contains(answerText(reply.Exchange), account[field]) {
		a.Found(reply, "an answer without the "+field, reply.Got()+" with the "+field+" in it")
	}
}
