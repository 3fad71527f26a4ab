package pos

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"time"

	"gonogo/reference/kit"
)

// request is the body of /users or /auth/token.
type request struct{ name, password string }

var errNameTaken = errors.New("there is a user of this name already")

// newUser reads and checks the body of POST /users.
func (p *pos) newUser(c *kit.Call) (in request, wrong *kit.Answer) {
	if wrong = p.body(c); wrong != nil {
		return in, wrong
	}
	if in.name, wrong = p.text(c, "user_name"); wrong != nil {
		return in, wrong
	}
	if why := p.nameFault(in.name); why != "" {
		return in, badMember(c, "user_name", "invalid_request", why)
	}
	if in.password, wrong = p.text(c, "password"); wrong != nil {
		return in, wrong
	}
	if why := p.weakness(in.password); why != "" {
		return in, badMember(c, "password", "invalid_request", why)
	}
	return in, p.usersGrant(c)
}

// known reads and checks the body of POST /auth/token. The document lists no
// grant_type here, so it may be left out; the companion pages send "password".
func (p *pos) known(c *kit.Call) (in request, wrong *kit.Answer) {
	if wrong = p.body(c); wrong != nil {
		return in, wrong
	}
	if in.name, wrong = p.text(c, "user_name"); wrong != nil {
		return in, wrong
	}
	if in.password, wrong = p.text(c, "password"); wrong != nil {
		return in, wrong
	}
	return in, p.logInGrant(c)
}

// grantType: what is asked for is the password grant, and nothing else.
func (p *pos) grantType(c *kit.Call) *kit.Answer {
	asked, wrong := p.text(c, "grant_type")
	if wrong == nil && asked != "password" {
		wrong = badMember(c, "grant_type", "unsupported_grant_type", "The grant_type here is password.")
	}
	return wrong
}

func (p *pos) grantTypeIfSent(c *kit.Call) *kit.Answer {
	if _, sent := c.Fields.Get("grant_type"); !sent {
		return nil
	}
	return p.grantType(c)
}

// register creates a user account, unless the name is taken. Of two requests
// for one name at the same time, one gets it.
func (p *pos) register(c *kit.Call, in request) kit.Answer {
	c.User = &kit.KnownUser{User: kit.User{Dialect: id, Username: p.userName(in.name)}, PasswordHash: sha256.Sum256([]byte(p.kept(in.password)))}
	err := p.Accounts.Edit(func(s *kit.Snapshot) error {
		place := kit.AccountID{Dialect: id, ID: c.User.Username}
		switch {
		case s.Users[place] != nil:
			return errNameTaken
		case len(s.Users) >= kit.MaxAccounts:
			return kit.ErrFull
		}
		c.User.ActsAs = p.Accounts.NextUser()
		s.Users[place] = c.User
		return nil
	})
	switch err {
	case nil:
		return p.show(c)
	case errNameTaken:
		return kit.Refused(http.StatusConflict, "invalid_request", "There is a user of this user_name already.").As(taken)
	}
	panic(err) // full
}

// show answers the user of the call, as the new resource.
func (p *pos) show(c *kit.Call) kit.Answer {
	return kit.Answer{Status: http.StatusCreated, Why: userMade, Body: kit.Object{
		{"user_id", kit.Number(int64(c.User.ActsAs))},
		{"user_name", kit.Text(c.User.Username)},
		{"created_at", timestamp(c.Now)},
	}}
}

// user finds a user, or kit.NoUser.
func (p *pos) user(name string) *kit.KnownUser { return p.Accounts.UserOrNobody(id, p.userName(name)) }

// entersLate looks first whether a name is free, and so much later takes it from whoever has it by then.
func entersLate(gap time.Duration) func(*pos) {
	return func(p *pos) {
		p.enter = func(c *kit.Call, in request) kit.Answer {
			free := p.Accounts.User(id, p.userName(in.name)) == nil
			time.Sleep(gap)
			made := p.register(c, in)
			if free && made.Refusal() {
				return p.replace(c)
			}
			return made
		}
	}
}

// crashesLate is a name that an index of the database keeps unique, which nobody reckons with.
func crashesLate(p *pos) {
	p.enter = func(c *kit.Call, in request) kit.Answer {
		free := p.Accounts.User(id, p.userName(in.name)) == nil
		time.Sleep(kit.NarrowGap)
		made := p.register(c, in)
		if free && made.Refusal() {
			return kit.Crash(c, made)
		}
		return made
	}
}
