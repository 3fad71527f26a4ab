package flows

import (
	"net/http"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// allowList: an account with a list of addresses is served at those and nowhere else, whatever a sender says of
// itself; an account without one is served everywhere. The harness itself is at a listed address, and has a
// second one that is not; where its loopback has more of them, also one that begins like the listed one.
func allowList(s *scene.Subject, declared specs.Flow) []engine.Case {
	group := s.NewGroup(declared.Name, declared.At)
	group.Needs, group.Requests = []target.Need{target.NeedListed}, 8
	group.Claims = scene.ClaimsOf(scene.Listed)
	l := list{group, declared, s.Ops.First(specs.RoleIssue), s.Ops.First(specs.RoleRefresh), s.Ops.ByRole(specs.RoleUse)}
	l.insiders()
	l.alike()
	group.Needs = append(group.Needs, target.NeedOutsider)
	l.outsiders()
	l.spoofed()
	l.unlisted()
	return group.Cases
}

type list struct {
	*scene.Group
	specs.Flow
	login, refresh *operation.Op
	operations     []*operation.Op
}

// insiders: from a listed address all works.
func (l list) insiders() {
	l.Works("listed-login", "an account is let in from an address on its list", func(t *scene.Trial) {
		l.loggedIn(t, scene.Listed)
	}, l.Requirement, l.Params["issue"])
	l.Works("listed-refresh", "an account refreshes from an address on its list", func(t *scene.Trial) {
		l.refreshes(t, scene.Listed, t)
	}, l.Requirement, l.Params["refresh"])
	for _, use := range l.operations {
		l.Works("listed-"+use.ID, "an account's token authorizes "+use.Name()+" from an address on its list", func(t *scene.Trial) {
			l.authorizes(t, scene.Listed, t, use)
		}, l.Requirement, l.Params["use"])
	}
}

const fromElsewhere = "from an address that is not on the account's list"

// outsiders: from any other address nothing does.
func (l list) outsiders() {
	l.Never("outsider-login", "an account never logs in from an address that is not on its list", func(t *scene.Trial) {
		t.Grant(scene.Listed) // the credentials are good where they may be used
		l.forbidden(t, l.login, nil)
	}, l.Params["issue"])
	wrong := l.Never("outsider-login-wrong", "wrong credentials of an account are refused from another address, too", func(t *scene.Trial) {
		reply := l.loginWithWrong(t, scene.Listed, fromElsewhere)
		t.RefusedFor(reply, specs.Outsider, specs.WrongSecret)
	}, l.Params["issue"])
	scene.FailsLogins(wrong, 1, scene.Listed)
	l.Never("outsider-refresh", "a refresh token is never good at an address that is not on the account's list", func(t *scene.Trial) {
		l.forbidden(t, l.refresh, t.Grant(scene.Listed).Held())
	}, l.Params["refresh"])
	for _, use := range l.operations {
		l.Never("outsider-"+use.ID, "an access token never authorizes "+use.Name()+" from an address that is not on the account's list", func(t *scene.Trial) {
			l.forbidden(t, use, l.live(t, use).Held())
		}, l.Params["use"])
	}
	l.outsiderRevokes()
}

// outsiderRevokes: to end a session is a request like any other. It may end all of the account's, so it goes alone.
func (l list) outsiderRevokes() {
	for _, revoke := range l.Ops.ByRole(specs.RoleRevoke) {
		c := l.Never("outsider-"+revoke.ID, "an access token never ends its session from an address that is not on the account's list", func(t *scene.Trial) {
			grant := t.Grant(scene.Listed)
			t.MustBeLive(grant.Value(client.Access))
			l.forbidden(t, revoke, grant.Held())
		}, l.Params["use"])
		scene.Need(c, target.NeedRevocation)
		c.Phase, c.Claims = engine.Exclusive, scene.TakesAccount(scene.Listed)
	}
}

// unlisted: an account without a list is served everywhere.
func (l list) unlisted() {
	l.Claims = append(l.Claims, scene.ClaimsOf(operation.Primary)...)
	l.Works("unlisted-login", "an account without a list logs in from every address", func(t *scene.Trial) {
		reply := t.Outside().Call(l.login, operation.Args{}, "of an account without a list, from the second address")
		if t.Succeeds(reply) {
			t.Collect(operation.Primary, reply)
		}
	}, l.Requirement)
	l.Works("unlisted-refresh", "an account without a list refreshes from every address", func(t *scene.Trial) {
		l.refreshes(t, operation.Primary, t.Outside())
	}, l.Requirement)
	for _, use := range l.operations {
		l.Works("unlisted-"+use.ID, "a token of an account without a list authorizes "+use.Name()+" from every address", func(t *scene.Trial) {
			l.authorizes(t, operation.Primary, t.Outside(), use)
		}, l.Requirement)
	}
	wrong := l.Never("unlisted-wrong-login", "an account without a list never logs in from the second address with wrong credentials", func(t *scene.Trial) {
		t.RefusedFor(l.loginWithWrong(t, operation.Primary, "from the second address"), specs.WrongSecret)
	}, l.Requirement)
	scene.FailsLogins(wrong, 1, operation.Primary)
}

func (l list) loginWithWrong(t *scene.Trial, role, from string) *client.Reply {
	credential, _ := l.Dialect.Credential(role)
	proof := credential.Fields[1]
	wrong := map[string]string{proof: t.WrongSecret(role, proof)}
	return t.Outside().Call(l.login, operation.Args{Role: role, Fields: wrong}, "with a wrong "+proof+" "+from)
}

func (l list) loggedIn(t *scene.Trial, role string) {
	reply := t.Call(l.login, operation.Args{Role: role}, "from a listed address")
	if reply.Status == http.StatusUnauthorized { // an address is refused otherwise
		t.CouldNotRun("the account's credentials are refused: %s was answered %s; check credentials.%s in the target file", reply.Op.Name(), reply.Got(), role)
	}
	if t.Succeeds(reply) {
		t.Collect(role, reply)
	}
}

func (l list) refreshes(t *scene.Trial, role string, from *scene.Trial) {
	grant := t.Grant(role)
	t.Succeeds(from.Refresh(grant))
}

func (l list) authorizes(t *scene.Trial, role string, from *scene.Trial, use *operation.Op) {
	grant := t.Grant(role)
	from.Authorizes(use, grant.Value(client.Access), "with a live token")
}

// live is a grant whose access token was good a moment ago, where it may be used.
func (l list) live(t *scene.Trial, use *operation.Op) *client.Grant {
	grant := t.Grant(scene.Listed)
	if reply := t.Use(use, grant.Value(client.Access), "from a listed address, before the check"); !reply.Succeeded() {
		if reply.Status == http.StatusUnauthorized { // an address is refused otherwise
			t.RefusedAtFirst(reply, grant.Value(client.Access))
		}
		t.CouldNotRun("the token does not work from a listed address either: %s", reply.Got())
	}
	return grant
}

// forbidden calls an operation from the second address, and wants that to be refused.
func (l list) forbidden(t *scene.Trial, op *operation.Op, tokens map[string]string) {
	reply := t.Outside().Call(op, operation.Args{Role: scene.Listed, Tokens: tokens}, fromElsewhere)
	if reply.Succeeded() {
		t.Found(reply, "a refusal (4xx), without a token", reply.Got()+seesProxy)
		return
	}
	t.RefusedFor(reply, specs.Outsider)
}

// seesProxy is what a finding about a plain outsider must say.
const seesProxy = "; if a proxy in front of the target hides who asks, and the target does not know it, the list sees the proxy's address"
