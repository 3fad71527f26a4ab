package flows

import (
	"cmp"
	"slices"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// bystanders: what one does is no other's loss. A login that fails ends nothing, and two accounts that log in at once get
// tokens of their own. Every document with an operation that issues tokens and one that takes them promises that.
func bystanders(s *scene.Subject) []engine.Case {
	login, use := s.Ops.First(specs.RoleIssue), s.Ops.First(specs.RoleUse)
	if login == nil || use == nil {
		return nil
	}
	group := s.NewGroup("bystanders", login.At)
	person, field, proves := whoLogsIn(s, login)
	if proves {
		c := group.Works("failed-login-ends-nothing", "a login with a wrong "+field+" leaves the tokens alone that the account has", func(t *scene.Trial) {
			grant := t.Grant("")
			t.MustBeLive(grant.Value(client.Access))
			t.Refused(t.CallAs(login, "", map[string]string{field: t.WrongSecret(person, field)}, "with a wrong "+field))
			t.Authorizes(use, grant.Value(client.Access), "with a token from before a login that failed")
			if t.First(specs.RoleRefresh) != nil && grant.Value(client.Refresh) != "" && !t.Habits().LateRefresh && !t.Failed() {
				t.Succeeds(t.RefreshWith(grant.Role, grant.Value(client.Refresh), "with a refresh token from before a login that failed"))
			}
		}, use.Success, refreshes(s))
		scene.FailsLogins(c, 1, person)
		c.Requests = 6
	}
	for _, other := range []struct {
		role string
		need target.Need
	}{{scene.Second, target.NeedSecond}, {scene.Listed, target.NeedListed}} {
		if _, has := s.Dialect.Credential(other.role); !has {
			continue
		}
		account := func(t *scene.Trial) map[string]string {
			if proves && person != operation.Primary {
				return accountWith(t, login, person, other.role)
			}
			return nil
		}
		c := group.Works("at-once-with-"+other.role, "two accounts that log in at once get tokens of their own, and both work", func(t *scene.Trial) {
			atOnce(t, login, use, other.role, account(t))
		}, login.Success)
		scene.Need(c, other.need)
		c.Claims = append(c.Claims, scene.ClaimsOf(other.role)...)
		c.Requests = 4*atOnceRounds + 2
		walk := group.Works("walk-of-"+other.role, "another account gets tokens that work, and refreshes them, as the primary one does", func(t *scene.Trial) {
			walk(t, logIn(t, login, other.role, account(t)))
		}, login.Success, refreshes(s))
		scene.Need(walk, other.need)
		walk.Claims, walk.Late = append(walk.Claims, scene.ClaimsOf(other.role)...), true
		walk.Requests = 4 + (1+generations)*(1+everyDoor(s))
		if s.Ops.First(specs.RoleRefresh) != nil && !s.ByConsent(client.Refresh) {
			named := group.Never("names-"+other.role, "a refresh never names another account than the one that it is for", func(t *scene.Trial) {
				theirs := account(t)
				namesItsAccount(t, map[string]func() *client.Grant{
					operation.Primary: func() *client.Grant { return t.Grant("") },
					other.role:        func() *client.Grant { return logIn(t, login, other.role, theirs) },
				}, other.role)
			}, refreshes(s))
			scene.Need(named, other.need)
			named.Claims, named.Late = append(named.Claims, scene.ClaimsOf(other.role)...), true
			named.Requests = 6 + 2*generations
		}
		break
	}
	return group.Cases
}

// whoLogsIn is the secret of whom a login is for: the role that its inputs come from, else the primary one.
func whoLogsIn(s *scene.Subject, login *operation.Op) (role, field string, ok bool) {
	for _, input := range login.Inputs {
		role := cmp.Or(input.From.Role, operation.Primary)
		credential, known := s.Dialect.Credential(role)
		if known && input.Required && slices.Index(credential.Fields, input.From.Field) == 1 {
			return role, input.From.Field, true
		}
	}
	return "", "", false
}

// accountWith is whom another client logs in for: a human of its own where users register, since a target may keep the
// users of one client from another, and end the former session of one who logs in again. It is nil for the human of the
// target file, for whom both log in.
func accountWith(t *scene.Trial, login *operation.Op, person, other string) map[string]string {
	register := t.First(specs.RoleRegister)
	if registered, ok := t.Registered(); ok && register != nil && registered.Role == person && len(t.Target.Credentials[person].Fields) == 0 {
		account := t.NewAccount()
		made := t.Call(register, operation.Args{Role: other, Fields: account}, "to have an account that the "+other+" client logs in for")
		if !made.Succeeded() {
			t.CouldNotRun("no account could be made to check with: %s was answered %s; check credentials.%s in the target file", register.Name(), made.Got(), other)
		}
		return account
	}
	if t.Habits().OneSession {
		t.NotApplicable("both log in for one human, who has one session at this target")
	}
	if reply := t.CallAs(login, other, nil, "to see whether the user can log in by it"); reply.Refused() {
		t.NotApplicable("the user of credentials.%s cannot log in by the client of credentials.%s, and need not", person, other)
	}
	return nil
}

// atOnceRounds are enough for a slot that two requests share to be shared.
const atOnceRounds = 3

// atOnce has the primary client and another log in. The other does so for an account, if there is one.
func atOnce(t *scene.Trial, login, use *operation.Op, other string, account map[string]string) {
	roles := []string{operation.Primary, other}
	for range atOnceRounds {
		grants := make([]*client.Grant, len(roles))
		t.AtOnce(len(roles), func(i int) {
			if roles[i] == other {
				grants[i] = logIn(t, login, other, account)
				return
			}
			grants[i] = t.Grant(roles[i])
		})
		if access, refresh := client.Same(grants[0], grants[1]); access || refresh {
			t.Found(grants[1].Reply, "tokens of its own, while "+roles[0]+" logs in at the same time", "a token that the other was handed out, too")
			return
		}
		for i, grant := range grants {
			if !t.Authorizes(use, grant.Value(client.Access), "with the token of "+roles[i]+", who logged in while another did") {
				return
			}
		}
	}
}

// logIn is a grant of a role, for an account if there is one.
func logIn(t *scene.Trial, login *operation.Op, role string, account map[string]string) *client.Grant {
	if account == nil {
		return t.Grant(role)
	}
	reply := t.CallAs(login, role, account, "for the account that it made")
	if !reply.Succeeded() || reply.Tokens[client.Access] == "" {
		t.BrokeAsDocumented(reply, "the account that was made got no tokens: %s was answered %s", login.Name(), reply.Got())
	}
	return t.Collect(role, reply)
}

// refreshes is the row of a refresh that succeeds, empty if the document has none for the tokens of a login.
func refreshes(s *scene.Subject) string {
	if op := s.Ops.First(specs.RoleRefresh); op != nil && !s.ByConsent(client.Refresh) {
		return op.Success
	}
	return ""
}

// walk wants a grant's tokens to work wherever they can be shown, and those of each refresh.
func walk(t *scene.Trial, grant *client.Grant) {
	stillGood(t, grant, "of another account")
	if t.Failed() || t.First(specs.RoleRefresh) == nil || t.ByConsent(client.Refresh) {
		return
	}
	eachGeneration(t, grant, func(next *client.Grant) { stillGood(t, next, "of a refresh by another account") })
}

// stillGood wants an access token to work wherever it can be shown.
func stillGood(t *scene.Trial, grant *client.Grant, of string) {
	access := grant.Value(client.Access)
	everyUse(t, func(use *operation.Op) { t.OpensAll(use, access, "with the token "+of) })
	if validate := t.First(specs.RoleValidate); validate != nil && !t.Failed() {
		t.ValidFor(validate.Success, askAbout(t, validate, grant, "with the token "+of))
	}
}

// askAbout asks whether a grant's access token is valid, as whom it was given to: another need not be told.
func askAbout(t *scene.Trial, validate *operation.Op, grant *client.Grant, doing string) *client.Reply {
	return t.Call(validate, operation.Args{Role: grant.Role, Tokens: map[string]string{client.Access: grant.Value(client.Access)}}, doing)
}
