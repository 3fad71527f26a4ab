package flows

import (
	"fmt"
	"net/http"
	"strings"

	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// allowList: an account with a list of addresses is served at those and nowhere else, whatever a sender says of
// itself; an account without one is served everywhere. The harness itself is at a listed address, and has a
// second one that is not.
func allowList(s *scene.Scene, declared specs.Flow) []engine.Case {
	book := s.NewBook(declared.Name, declared.At)
	book.Needs, book.Requests = []engine.Need{engine.NeedListed}, 8
	book.Claims = scene.ClaimsOf(scene.Listed)
	l := list{book, declared, s.Ops.First(specs.RoleIssue), s.Ops.First(specs.RoleRefresh), s.Ops.ByRole(specs.RoleUse)}
	l.insiders()
	book.Needs = append(book.Needs, engine.NeedOutsider)
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
		return l.shutOut(a, nil, "from an address that is not on the account's list")
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
		return l.noRefresh(a, grant, nil, "from an address that is not on the account's list")
	}, l.Params["refresh"])
	for _, use := range l.operations {
		l.Never("outsider-"+use.ID, "an access token never authorizes "+use.Name()+" from an address that is not on the account's list", func(a *scene.Act) error {
			grant, err := l.live(a, use)
			if err != nil {
				return err
			}
			return l.noUse(a, use, grant, nil, "from an address that is not on the account's list")
		}, l.Params["use"])
	}
}

// forwarding are headers that a proxy says the sender's address with. Only the first two are standards
// (RFC 7239); the others are what servers believe all the same.
var forwarding = []struct{ name, format string }{
	{"X-Forwarded-For", "%s"},
	{"Forwarded", "for=%s"},
	{"X-Real-IP", "%s"},
	{"True-Client-IP", "%s"},
	{"X-Client-IP", "%s"},
}

// believesLoopback is what a finding about a forwarding header must say: who owns the server may know it.
const believesLoopback = "; a server that trusts proxies at this second address, as some frameworks do on loopback, is set up for that"

// seesProxy is what a finding about a plain outsider must say.
const seesProxy = "; if a proxy in front of the target hides who asks, and the target does not know it, the list sees the proxy's address"

// spoofed: a header that the sender makes up changes nothing.
func (l list) spoofed() {
	for _, f := range forwarding {
		name := strings.ToLower(f.name)
		with := func(a *scene.Act) (map[string]string, error) {
			address := a.Pretended()
			if !address.IsValid() {
				return nil, engine.CouldNotRun("nothing is known of the address that the harness is listed with (add pretends to outsider in the target file)")
			}
			text := address.String()
			if f.name == "Forwarded" && address.Is6() { // RFC 7239 section 6
				text = `"[` + text + `]"`
			}
			return map[string]string{f.name: fmt.Sprintf(f.format, text)}, nil
		}
		doing := "from an address that is not on the account's list, with a listed one in " + f.name
		l.Never("spoofed-login-"+name, f.name+" of a sender's own never lets it log in", func(a *scene.Act) error {
			header, err := with(a)
			if err != nil {
				return err
			}
			if err := l.letIn(a); err != nil {
				return err
			}
			plain, err := a.Outside().Call(l.login, operation.Args{Role: scene.Listed}, plainly)
			if err := l.shutAlready(plain, err); err != nil {
				return err
			}
			return l.shutOut(a, header, doing)
		}, l.Params["spoofed"])
		l.Never("spoofed-refresh-"+name, f.name+" of a sender's own never makes a refresh token good", func(a *scene.Act) error {
			header, err := with(a)
			if err != nil {
				return err
			}
			first, err := a.Grant(scene.Listed)
			if err != nil {
				return err
			}
			plain, err := a.Outside().Call(l.refresh, operation.Args{Role: scene.Listed, Tokens: first.Held()}, plainly)
			if err := l.shutAlready(plain, err); err != nil {
				return err
			}
			grant, err := a.Grant(scene.Listed) // the refused one may be spent
			if err != nil {
				return err
			}
			return l.noRefresh(a, grant, header, doing)
		}, l.Params["spoofed"])
		for i, use := range l.operations {
			suffix := ""
			if i > 0 {
				suffix = "-for-" + use.ID
			}
			l.Never("spoofed-use-"+name+suffix, f.name+" of a sender's own never makes an access token good at "+use.Name(), func(a *scene.Act) error {
				header, err := with(a)
				if err != nil {
					return err
				}
				grant, err := l.live(a, use)
				if err != nil {
					return err
				}
				plain, err := a.Outside().Call(use, operation.Args{Role: scene.Listed, Tokens: grant.Held()}, plainly)
				if err := l.shutAlready(plain, err); err != nil {
					return err
				}
				return l.noUse(a, use, grant, header, doing)
			}, l.Params["spoofed"])
		}
	}
	l.Works("own-address-after-spoofing", "an account is still let in from its own address after an outsider pretended to be there", func(a *scene.Act) error {
		if err := l.letIn(a); err != nil {
			return err
		}
		if address := a.Pretended(); address.IsValid() {
			args := operation.Args{Role: scene.Listed, Header: map[string]string{forwarding[0].name: address.String()}}
			if _, err := a.Outside().Call(l.login, args, "from an address that is not on the account's list, with a listed one in "+forwarding[0].name); err != nil {
				return err
			}
		}
		return l.loggedIn(a, scene.Listed)
	}, l.Params["spoofed"])
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

// plainly is the request that a forged header is compared with.
const plainly = "from an address that is not on the account's list, before the check"

// shutAlready makes sure that an outsider without a forged header is shut out: otherwise the header does nothing.
func (l list) shutAlready(plain *scene.Reply, err error) error {
	if err == nil && plain.Succeeded() {
		err = engine.CouldNotRun("an outsider gets in without the header, too, so that the header shows nothing: %s", plain.Got())
	}
	return err
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
	_, err = from.Authorizes(use, grant.Value(scene.Access), "with a live token")
	return err
}

// letIn makes sure that the credentials are good where they may be used.
func (l list) letIn(a *scene.Act) error {
	_, err := a.Grant(scene.Listed)
	return err
}

// live is a grant whose access token was good a moment ago, where it may be used.
func (l list) live(a *scene.Act, use *operation.Op) (*scene.Grant, error) {
	grant, err := a.Grant(scene.Listed)
	if err != nil {
		return nil, err
	}
	reply, err := a.Use(use, grant.Value(scene.Access), "from a listed address, before the check")
	if err == nil && !reply.Succeeded() {
		err = engine.CouldNotRun("the token does not work from a listed address either: %s", reply.Got())
	}
	return grant, err
}

func (l list) shutOut(a *scene.Act, header map[string]string, doing string) error {
	reply, err := a.Outside().Call(l.login, operation.Args{Role: scene.Listed, Header: header}, doing)
	return l.forbidden(a, reply, err, header)
}

func (l list) noRefresh(a *scene.Act, grant *scene.Grant, header map[string]string, doing string) error {
	reply, err := a.Outside().Call(l.refresh, operation.Args{Role: scene.Listed, Tokens: grant.Held(), Header: header}, doing)
	return l.forbidden(a, reply, err, header)
}

func (l list) noUse(a *scene.Act, use *operation.Op, grant *scene.Grant, header map[string]string, doing string) error {
	reply, err := a.Outside().Call(use, operation.Args{Role: scene.Listed, Tokens: grant.Held(), Header: header}, doing)
	return l.forbidden(a, reply, err, header)
}

func (l list) forbidden(a *scene.Act, reply *scene.Reply, err error, header map[string]string) error {
	if err != nil {
		return err
	}
	switch {
	case reply.Succeeded() && header != nil:
		a.Found(reply, "a refusal, as without the header", reply.Got()+believesLoopback)
		return nil
	case reply.Succeeded():
		a.Found(reply, "a refusal (4xx), without a token", reply.Got()+seesProxy)
		return nil
	}
	_, err = a.RefusedFor(reply, specs.Outsider)
	return err
}
