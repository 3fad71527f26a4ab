package reference

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"
)

// maxUserName bounds what 10,000 users can take of the memory.
const maxUserName = 256

var errNameTaken = errors.New("there is a user of this name already")

// register creates a user account, unless the name is taken. Of two requests
// for one name at the same time, one gets it.
func (p *pos) register(in userRequest, now time.Time) (*user, error) {
	who := &user{
		User:         User{Dialect: p.dialect, Username: p.userName(in.username), Password: p.readablePassword(in.password)},
		passwordHash: sha256.Sum256([]byte(in.password)),
	}
	err := p.accounts.change(func(s *snapshot) error {
		place := name{p.dialect, who.Username}
		if former := s.users[place]; former != nil {
			who.ActsAs = former.ActsAs
			switch {
			case p.has(posDuplicateIgnored):
				who = former
				return nil
			case !p.has(posDuplicateReplaces):
				return errNameTaken
			}
		}
		if len(s.users) >= maxAccounts {
			return errFull
		}
		if who.ActsAs == 0 {
			who.ActsAs = p.accounts.nextUser()
		}
		s.users[place] = who
		return nil
	})
	if err == nil {
		p.born(who, now)
	}
	return who, err
}

// user finds a user; nil is nobody.
func (p *pos) user(username string) *user { return p.accounts.user(p.dialect, p.userName(username)) }

// provesItself compares a password in constant time, that of an unknown user
// with one that nobody knows: the refusal of either takes the same way.
func (p *pos) provesItself(who *user, password string, now time.Time) bool {
	holder := nobody
	if who != nil {
		holder = &client{Client: Client{Secret: who.Password}, secretHash: who.passwordHash}
	}
	return p.passwords().accepts(holder, password) && !p.lockedOut(who, now) || p.isAnothers(password)
}

// userRequest is the body of /users or /auth/token.
type userRequest struct {
	username, password string
	proved             bool // a defect asks for no password
}

// newUserRequest reads and checks the body of POST /users.
func (p *pos) newUserRequest(c *call) (userRequest, *answer) {
	var in userRequest
	body, fault := p.read(c)
	if fault != "" {
		return p.misreadUser(fault)
	}
	var bad *answer
	if in.username, bad = p.newUserName(body); bad == nil {
		in.password, bad = p.newPassword(body)
	}
	if bad == nil {
		bad = p.newUserGrantType(body)
	}
	if bad != nil {
		return in, p.incompleteUser(*bad, body)
	}
	return in, nil
}

// logInRequest reads and checks the body of POST /auth/token. The document
// lists no grant_type here, so it may be left out; the companion pages send
// "password".
func (p *pos) logInRequest(c *call) (userRequest, *answer) {
	var in userRequest
	body, fault := p.read(c)
	if fault != "" {
		return in, p.misreadLogIn(fault)
	}
	var bad *answer
	var anybody, unasked bool
	if in.username, anybody, bad = p.logInName(body); bad != nil {
		return in, bad
	}
	if in.password, unasked, bad = p.logInPassword(body); bad != nil {
		return in, bad
	}
	in.proved = anybody || unasked
	p.crashOnGrantType(body, posLogInNoGrant, posLogInOtherGrant, posLogInGrantNumber)
	return in, p.grantType(body, p.has(posTokenGrantType))
}

// grantType: what is asked for is the password grant, and nothing else.
func (p *pos) grantType(body fields, required bool) *answer {
	if _, sent := body.get("grant_type"); !sent && !required || p.has(posGrantTypeAny) {
		return nil
	}
	asked, bad := p.text(body, "grant_type")
	if bad == nil && asked != "password" {
		bad = p.bad("unsupported_grant_type", "The grant_type here is password.")
	}
	return bad
}

// text is a member that must be there, must be a string and must not be empty.
func (p *pos) text(body fields, name string) (string, *answer) {
	f, found := body.get(name)
	why := ""
	switch {
	case !found:
		why = "is missing"
	case f.isNumber() && p.has(posNumbersCoerced):
		return string(f.raw), nil
	case !f.isText():
		why = "must be a string"
	default:
		if s := trimmed(f.text(), p.has(p.common.trims)); s != "" {
			return s, nil
		}
		why = "is empty"
	}
	return "", p.bad("invalid_request", fmt.Sprintf("The member %s %s.", name, why))
}
