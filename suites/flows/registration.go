package flows

import (
	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/reports/words"
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
	group := s.NewGroup(declared.Name, declared.At)
	group.Requests = 6
	group.Works("created-account-logs-in", "an account can log in as soon as it was made", func(t *scene.Trial) {
		logsIn(t, login, t.RegisterNew(), "as the account that was made a moment ago")
	}, declared.Requirement)
	group.Never("tokens-of-another", "of two accounts that log in one right after the other, none is ever handed a token of the other", func(t *scene.Trial) {
		theirOwn(t, login, t.RegisterNew())
	}, uniqueID)
	newResource(s, group, role)
	unplainAccounts(group, login, role, declared.Requirement)
	nobody := group.Never("nobody-logs-in", "an account that nobody made never logs in", func(t *scene.Trial) {
		t.FailedLogin()
		t.RefusedFor(t.Call(login, operation.Args{Fields: t.NewAccount()}, "as an account that nobody made"), specs.WrongSecret)
	}, declared.Requirement)
	scene.FailsLogins(nobody, 1, role.Role)
	group.Never("secret-shown", "the answer to a new account never shows its "+role.Fields[1], func(t *scene.Trial) {
		account := t.NewAccount()
		made := t.Register(account, "to look for the "+role.Fields[1]+" in the answer")
		t.Made(made)
		shows(t, made, role, account)
		reply := t.Call(login, operation.Args{Fields: account}, "to look for the "+role.Fields[1]+" in the answer")
		shows(t, reply, role, account)
	}, declared.Params["secret"])
	group.Never("secret-shown-in-refusal", "the refusal of an incomplete account never shows its "+role.Fields[1]+" either", func(t *scene.Trial) {
		account := t.NewAccount()
		omit := map[string]bool{}
		register := t.First(specs.RoleRegister)
		for _, input := range register.Inputs {
			omit[input.Name] = input.From.Role == role.Role && input.From.Field == role.Fields[0]
		}
		reply := t.Call(register, operation.Args{Fields: account, Omit: omit}, "without "+words.A(role.Fields[0]))
		shows(t, reply, role, account)
	}, declared.Params["secret"])
	c := group.Never("name-given-twice", "the name of an account is never given to another", func(t *scene.Trial) {
		first := t.RegisterNew()
		t.Refused(t.Register(withNameOf(t, role, first), "with a name that is taken"))
	}, declared.Params["duplicate"])
	c.Requests = 4
	c = group.Never("name-race", "of accounts that are asked for at once under one name, at most one is made", func(t *scene.Trial) {
		nameRace.of("accounts of one name", (*client.Reply).Succeeded).oneWins(t, func() func(*scene.Trial) *client.Reply {
			wanted := t.NewAccount()
			return func(t *scene.Trial) *client.Reply {
				return t.Register(withNameOf(t, role, wanted), "in a race of many for one name")
			}
		})
	}, declared.Params["duplicate"])
	c.Burst, c.Requests = nameRace.racers, nameRace.requests(0)
	group.Works("first-owner-keeps-the-name", "who had a name first still logs in after somebody else asked for it", func(t *scene.Trial) {
		first := t.RegisterNew()
		t.Register(withNameOf(t, role, first), "with a name that is taken")
		logsIn(t, login, first, "as the first owner of the name")
	}, declared.Requirement, declared.Params["duplicate"]) // that the account which was made can log in has no end in the document, and no other makes one
	return group.Cases
}

func logsIn(t *scene.Trial, login *operation.Op, account map[string]string, doing string) {
	reply := t.Call(login, operation.Args{Fields: account}, doing)
	if t.Succeeds(reply) {
		t.Collect(operation.Primary, reply)
	}
}

// theirOwn wants an account to be handed none of the tokens that the run's own was handed a moment before by the same client. A server
// that remembers an answer for a moment, and not whose it was, is seen by nothing else for sure.
func theirOwn(t *scene.Trial, login *operation.Op, account map[string]string) {
	for range 2 {
		own, other := t.Grant(""), t.Call(login, operation.Args{Fields: account}, "right after another account")
		for kind, value := range other.Tokens {
			if value == own.Value(kind) {
				t.FoundWithin(other, words.A(kind+" token")+" of its own", "the "+kind+" token that the other account was handed")
				return
			}
		}
		if !other.Succeeded() {
			t.BrokeAsDocumented(other, "the account that was made got no tokens: %s was answered %s", login.Name(), other.Got())
		}
	}
}

// withNameOf is another account that asks for the name of one.
func withNameOf(t *scene.Trial, role specs.Credential, taken map[string]string) map[string]string {
	other := t.NewAccount()
	other[role.Fields[0]] = taken[role.Fields[0]]
	return other
}

// shows looks for the very secret, however it is written: a mask, or another member of that name, is none.
func shows(t *scene.Trial, reply *client.Reply, role specs.Credential, account map[string]string) {
	field := role.Fields[1]
	finder := exchange.NewRedactor()
	finder.Add(field, account[field])
	if len(finder.Finds(answerText(reply.Exchange))) > 0 {
		t.FoundWithin(reply, "an answer without the "+field, reply.Got()+" with the "+field+" in it")
	}
}
