package flows

import (
	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// identity: a token acts as the user that the grant says: the client's own, or the one who consented, also
// after a refresh.
func identity(s *scene.Subject, declared specs.Flow) []engine.Case {
	use := s.Ops.First(specs.RoleUse)
	if use == nil {
		return nil
	}
	byConsent := s.Ops.First(specs.RoleExchange) != nil && declared.Grant != specs.RoleIssue
	book := s.NewBook("identity-of-"+string(declared.Grant), declared.At)
	book.Needs = []target.Need{target.NeedIdentity}
	book.Late = declared.Grant == specs.RoleRefresh
	owner := operation.Primary
	if byConsent {
		book.WithConsent()
		owner = s.Human()
	}
	grant := func(a *scene.Act, who string) *client.Grant {
		switch {
		case declared.Grant == specs.RoleRefresh:
			return refreshedOf(a, who, byConsent)
		case byConsent:
			return a.GrantByCode(who)
		default:
			return a.Grant(who)
		}
	}
	book.Works("acts-as-its-user", "the token acts as the user it was granted for", func(a *scene.Act) {
		actsAs(a, use, operation.Primary, owner, grant, func(reply *client.Reply, got, want string) {
			if got != want {
				a.Found(reply, "acting as user "+want+" (credentials."+owner+".acts_as)", "acting as user "+got)
			}
		})
	}, declared.Requirement)
	who, foreigner, title := operation.Primary, operation.Primary, "the token never acts as the client's own user"
	if !byConsent {
		who, title = scene.Second, "another client's token never acts as this client's user"
		book.WithSecond()
	}
	book.Never("acts-as-another", title, func(a *scene.Act) {
		foreign, own := a.Target.Credentials[foreigner].ActsAs, owner
		if !byConsent {
			own = who
		}
		if foreign == "" {
			a.NotExercised("credentials.%s.acts_as is not set", foreigner)
		}
		if foreign == a.Target.Credentials[own].ActsAs {
			a.NotExercised("credentials.%s.acts_as and credentials.%s.acts_as are the same user", own, foreigner)
		}
		actsAs(a, use, who, own, grant, func(reply *client.Reply, got, _ string) {
			if got == foreign {
				a.Found(reply, "acting as anybody but user "+foreign, "acting as user "+got)
			}
		})
	}, declared.Requirement)
	return book.Cases
}

// actsAs mints a token, uses it, and reads whom the answer names.
func actsAs(a *scene.Act, use *operation.Op, who, owner string, mint func(*scene.Act, string) *client.Grant, judge func(reply *client.Reply, got, want string)) {
	want := a.Target.Credentials[owner].ActsAs
	if want == "" {
		a.NotExercised("credentials.%s.acts_as is not set", owner)
	}
	grant := mint(a, who)
	reply := a.Use(use, grant.Value(client.Access), "to see whom it acts as")
	if !reply.Succeeded() {
		a.CouldNotRun("the token does not authorize %s: %s", use.Name(), reply.Got())
	}
	got, ok := a.Target.Settings.ActingUser.Text(reply.Body)
	if !ok {
		a.CouldNotRun("the answer names no user at settings.acting_user (%s)", a.Target.Settings.ActingUser)
	}
	judge(reply, got, want)
}

func refreshedOf(a *scene.Act, who string, byConsent bool) *client.Grant {
	mint := a.Grant
	if byConsent {
		mint = a.GrantByCode
	}
	next := a.Renewed(mint(who))
	if next.Value(client.Access) == "" {
		a.CouldNotRun("the refresh carried no access token: %s", next.Reply.Got())
	}
	return next
}
