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
// second one that is not.
func allowList(s *scene.Subject, declared specs.Flow) []engine.Case {
	book := s.NewBook(declared.Name, declared.At)
	book.Needs, book.Requests = []target.Need{target.NeedListed}, 8
	book.Claims = scene.ClaimsOf(scene.Listed)
	l := list{book, declared, s.Ops.First(specs.RoleIssue), s.Ops.First(specs.RoleRefresh), s.Ops.ByRole(specs.RoleUse)}
	l.insiders()
	book.Needs = append(book.Needs, target.NeedOutsider)
	l.outsiders()
	l.spoofed()
	l.unlisted()
	return book.Cases
}

type list struct {
	*scene.Book
	specs.Flow
	login, refresh *operation.Op
	operations     []*operation.Op
}

// insiders: from a listed address all works.
func (l list) insiders() {
	l.Works("listed-login", "an account is let in from an address on its list", func(a *scene.Act) error {
		return l.loggedIn(a, scene.Listed)
	}, l.Requirement, l.Params["issue"])
	l.Works("listed-refresh", "an account refreshes from an address on its list", func(a *scene.Act) error {
		return l.refreshes(a, scene.Listed, a)
	}, l.Requirement, l.Params["refresh"])
	for _, use := range l.operations {
		l.Works("listed-"+use.ID, "an account's token authorizes "+use.Name()+" from an address on its list", func(a *scene.Act) error {
			return l.authorizes(a, scene.Listed, a, use)
		}, l.Requirement, l.Params["use"])
	}
}

// outsiders: from any other address nothing does.
func (l list) outsiders() {
	l.Never("outsider-login", "an account never logs in from an address that is not on its list", func(a *scene.Act) error {
		if err := l.letIn(a); err != nil {
			return err
		}
		reply, err := a.Outside().Call(l.login, operation.Args{Role: scene.Listed}, "from an address that is not on the account's list")
		return l.forbidden(a, reply, err)
	}, l.Params["issue"])
	l.Never("outsider-login-wrong", "wrong credentials of an account are refused from another address, too", func(a *scene.Act) error {
		if err := a.FailedLogin(); err != nil {
			return err
		}
		role, _ := l.Dialect.Credential(scene.Listed)
		proof := role.Fields[1]
		wrong := scene.Unknown(a.Credential(scene.Listed, proof))
		a.Secret("wrong "+proof, wrong)
		reply, err := a.Outside().Call(l.login, operation.Args{Role: scene.Listed, Fields: map[string]string{proof: wrong}}, "with a wrong "+proof+" from an address that is not on the account's list")
		if err != nil {
			return err
		}
		_, err = a.RefusedForAny(reply, specs.Outsider, specs.WrongSecret)
		return err
	}, l.Params["issue"])
	l.Never("outsider-refresh", "a refresh token is never good at an address that is not on the account's list", func(a *scene.Act) error {
		grant, err := a.Grant(scene.Listed)
		if err != nil {
			return err
		}
		reply, err := a.Outside().Call(l.refresh, operation.Args{Role: scene.Listed, Tokens: grant.Held()}, "from an address that is not on the account's list")
		return l.forbidden(a, reply, err)
	}, l.Params["refresh"])
	for _, use := range l.operations {
		l.Never("outsider-"+use.ID, "an access token never authorizes "+use.Name()+" from an address that is not on the account's list", func(a *scene.Act) error {
			grant, err := l.live(a, use)
			if err != nil {
				return err
			}
			reply, err := a.Outside().Call(use, operation.Args{Role: scene.Listed, Tokens: grant.Held()}, "from an address that is not on the account's list")
			return l.forbidden(a, reply, err)
		}, l.Params["use"])
	}
	l.outsiderRevokes()
}

// outsiderRevokes: to end a session is a request like any other. It may end all of the account's, so it goes alone.
func (l list) outsiderRevokes() {
	for _, revoke := range l.Ops.ByRole(specs.RoleRevoke) {
		c := l.Never("outsider-"+revoke.ID, "an access token never ends its session from an address that is not on the account's list", func(a *scene.Act) error {
			grant, err := a.Grant(scene.Listed)
			if err != nil {
				return err
			}
			if err := a.MustBeLive(grant.Value(client.Access)); err != nil {
				return err
			}
			reply, err := a.Outside().Call(revoke, operation.Args{Role: scene.Listed, Tokens: grant.Held()}, "from an address that is not on the account's list")
			return l.forbidden(a, reply, err)
		}, l.Params["use"])
		scene.Need(c, target.NeedRevocation)
		c.Phase, c.Claims = engine.Exclusive, []engine.Claim{engine.Takes("account:" + scene.Listed), engine.Shares("secret:" + scene.Listed)}
	}
}

// unlisted: an account without a list is served everywhere.
func (l list) unlisted() {
	l.Claims = append(l.Claims, scene.ClaimsOf(operation.Primary)...)
	l.Works("unlisted-login", "an account without a list logs in from every address", func(a *scene.Act) error {
		reply, err := a.Outside().Call(l.login, operation.Args{}, "of an account without a list, from the second address")
		if err != nil {
			return err
		}
		if a.Succeeds(reply) {
			a.Collect(operation.Primary, reply)
		}
		return nil
	}, l.Requirement)
	l.Works("unlisted-refresh", "an account without a list refreshes from every address", func(a *scene.Act) error {
		return l.refreshes(a, operation.Primary, a.Outside())
	}, l.Requirement)
	for _, use := range l.operations {
		l.Works("unlisted-"+use.ID, "a token of an account without a list authorizes "+use.Name()+" from every address", func(a *scene.Act) error {
			return l.authorizes(a, operation.Primary, a.Outside(), use)
		}, l.Requirement)
	}
	l.Never("unlisted-wrong-login", "an account without a list never logs in from the second address with wrong credentials", func(a *scene.Act) error {
		if err := a.FailedLogin(); err != nil {
			return err
		}
		role, _ := l.Dialect.Credential(operation.Primary)
		proof := role.Fields[1]
		wrong := scene.Unknown(a.Credential(operation.Primary, proof))
		a.Secret("wrong "+proof, wrong)
		reply, err := a.Outside().Call(l.login, operation.Args{Fields: map[string]string{proof: wrong}}, "with a wrong "+proof+" from the second address")
		if err != nil {
			return err
		}
		_, err = a.RefusedFor(reply, specs.WrongSecret)
		return err
	}, l.Requirement)
}

func (l list) loggedIn(a *scene.Act, role string) error {
	reply, err := a.Call(l.login, operation.Args{Role: role}, "from a listed address")
	if err != nil {
		return err
	}
	if reply.Status == http.StatusUnauthorized { // an address is refused otherwise
		return engine.CouldNotRun("the account's credentials are refused: %s was answered %s; check credentials.%s in the target file", reply.Op.Name(), reply.Got(), role)
	}
	if a.Succeeds(reply) {
		a.Collect(role, reply)
	}
	return nil
}

func (l list) refreshes(a *scene.Act, role string, from *scene.Act) error {
	grant, err := a.Grant(role)
	if err != nil {
		return err
	}
	reply, err := from.Refresh(grant)
	if err == nil {
		a.Succeeds(reply)
	}
	return err
}

func (l list) authorizes(a *scene.Act, role string, from *scene.Act, use *operation.Op) error {
	grant, err := a.Grant(role)
	if err != nil {
		return err
	}
	_, err = from.Authorizes(use, grant.Value(client.Access), "with a live token")
	return err
}

// letIn makes sure that the credentials are good where they may be used.
func (l list) letIn(a *scene.Act) error {
	_, err := a.Grant(scene.Listed)
	return err
}

// live is a grant whose access token was good a moment ago, where it may be used.
func (l list) live(a *scene.Act, use *operation.Op) (*client.Grant, error) {
	grant, err := a.Grant(scene.Listed)
	if err != nil {
		return nil, err
	}
	reply, err := a.Use(use, grant.Value(client.Access), "from a listed address, before the check")
	if err == nil && !reply.Succeeded() {
		err = engine.CouldNotRun("the token does not work from a listed address either: %s", reply.Got())
	}
	return grant, err
}

func (l list) forbidden(a *scene.Act, reply *client.Reply, err error) error {
	if err != nil {
		return err
	}
	if reply.Succeeded() {
		a.Found(reply, "a refusal (4xx), without a token", reply.Got()+seesProxy)
		return nil
	}
	_, err = a.RefusedFor(reply, specs.Outsider)
	return err
}

// seesProxy is what a finding about a plain outsider must say.
const seesProxy = "; if a proxy in front of the target hides who asks, and the target does not know it, the list sees the proxy's address"
