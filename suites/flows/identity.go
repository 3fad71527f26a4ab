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
	group := s.NewGroup("identity-of-"+string(declared.Grant), declared.At)
	group.Needs = append(group.Needs, target.NeedIdentity)
	others := s.OtherDoors(use)
	group.Late = declared.Grant == specs.RoleRefresh
	owner := operation.Primary
	if byConsent {
		group.WithConsent()
		owner = s.Human()
	}
	grant := func(t *scene.Trial, who string) *client.Grant {
		switch {
		case declared.Grant == specs.RoleRefresh:
			return refreshedOf(t, who, byConsent)
		case byConsent:
			return t.GrantByCode(who)
		default:
			return t.Grant(who)
		}
	}
	itsUser := func(t *scene.Trial, mint func(*scene.Trial, string) *client.Grant) *client.Grant {
		return actsAs(t, use, operation.Primary, owner, mint, func(reply *client.Reply, got, want string) {
			if got != want {
				t.Found(reply, "acting as user "+want+" (credentials."+owner+".acts_as)", "acting as user "+got)
			}
		})
	}
	group.Requests += others
	group.Works("acts-as-its-user", "the token acts as the user it was granted for", func(t *scene.Trial) {
		itsUser(t, grant)
	}, declared.Requirement)
	if refresh := s.Ops.First(specs.RoleRefresh); refresh != nil && (byConsent || !s.ByConsent(client.Refresh)) {
		renewed := group.Works("renewed-acts-as-its-user", "the token of each refresh acts as the user that the first one was granted for", func(t *scene.Trial) {
			from := grant(t, operation.Primary)
			for range generations {
				if from = itsUser(t, func(t *scene.Trial, _ string) *client.Grant { return t.Renewed(from) }); t.Failed() {
					return
				}
			}
		}, declared.Requirement)
		renewed.Requests += (2 + others) * generations
		s.Renews(renewed)
	}
	who, foreigner, title := operation.Primary, operation.Primary, "the token never acts as the client's own user"
	if !byConsent {
		who, title = scene.Second, "another client's token never acts as this client's user"
		group.WithSecond()
	}
	if _, has := s.Dialect.Credential(scene.Second); has {
		theirs := owner
		if owner == operation.Primary {
			theirs = scene.Second
		}
		second := group.Works("second-acts-as-its-user", "the token of another client acts as the user it was granted for", func(t *scene.Trial) {
			actsAs(t, use, scene.Second, theirs, grant, func(reply *client.Reply, got, want string) {
				if got != want {
					t.Found(reply, "acting as user "+want+" (credentials."+theirs+".acts_as)", "acting as user "+got)
				}
			})
		}, declared.Requirement)
		scene.Need(second, target.NeedSecond)
		second.Claims = append(second.Claims, scene.ClaimsOf(scene.Second)...)
	}
	group.Never("acts-as-another", title, func(t *scene.Trial) {
		foreign, own := t.Target.Credentials[foreigner].ActsAs, owner
		if !byConsent {
			own = who
		}
		if foreign == "" {
			t.NotExercised("credentials.%s.acts_as is not set", foreigner)
		}
		if foreign == t.Target.Credentials[own].ActsAs {
			t.NotExercised("credentials.%s.acts_as and credentials.%s.acts_as are the same user", own, foreigner)
		}
		actsAs(t, use, who, own, grant, func(reply *client.Reply, got, _ string) {
			if got == foreign {
				t.Found(reply, "acting as anybody but user "+foreign, "acting as user "+got)
			}
		})
	}, declared.Requirement)
	return group.Cases
}

// actsAs mints a token, uses it, and reads whom the answer names. It returns what was minted.
func actsAs(t *scene.Trial, use *operation.Op, who, owner string, mint func(*scene.Trial, string) *client.Grant, judge func(reply *client.Reply, got, want string)) *client.Grant {
	want := t.Target.Credentials[owner].ActsAs
	if want == "" {
		t.NotExercised("credentials.%s.acts_as is not set", owner)
	}
	grant := mint(t, who)
	reply := t.Use(use, grant.Value(client.Access), "to see whom it acts as")
	if !reply.Succeeded() {
		t.RefusedAtFirst(reply, grant.Value(client.Access))
		t.CouldNotRun("the token does not authorize %s: %s", use.Name(), reply.Got())
	}
	got, ok := t.Target.Settings.ActingUser.Text(reply.Body)
	if !ok {
		t.CouldNotRun("the answer names no user at settings.acting_user (%s)", t.Target.Settings.ActingUser)
	}
	judge(reply, got, want)
	if !t.Failed() {
		t.EachOther(use, func(door scene.Door) {
			reply := t.Show(door, grant.Value(client.Access), "to see whom it acts as")
			if got, ok := t.Target.Settings.ActingUser.Text(reply.Body); ok && reply.Succeeded() { // it may say something else there
				judge(reply, got, want)
			}
		})
	}
	return grant
}

func refreshedOf(t *scene.Trial, who string, byConsent bool) *client.Grant {
	mint := t.Grant
	if byConsent {
		mint = t.GrantByCode
	}
	next := t.Renewed(mint(who))
	if next.Value(client.Access) == "" {
		t.Broke(next.Reply, next.Reply.Op.Success, "an access token", "the refresh carried no access token: %s", next.Reply.Got())
	}
	return next
}
