package pos

import (
	"crypto/sha256"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode"

	"gonogo/reference/kit"
)

// mintsAccess has access tokens made in another way.
func mintsAccess(mint func(*kit.Clock) func() string) func(*pos) {
	return func(p *pos) { p.MintAccess = mint(&p.Clock) }
}

// anyCase compares access tokens as UUIDs.
func anyCase(p *pos) {
	written := lower
	if token := p.MintAccess(); token == strings.ToUpper(token) {
		written = strings.ToUpper
	}
	p.canonical = written
}

// unhyphened answers some refreshes an access token without hyphens, and takes it.
func unhyphened(some kit.When) func(*pos) {
	return func(p *pos) {
		on(refreshed, kit.PutFound("access_token", func(c *kit.Call) kit.Value { return kit.Text(strings.ReplaceAll(c.Pair.Access, "-", "")) }), some)(p)
		p.canonical = func(token string) string {
			if len(token) != 32 {
				return token
			}
			return strings.Join([]string{token[:8], token[8:12], token[12:16], token[16:20], token[20:]}, "-")
		}
	}
}

// reads keeps passwords readable, for deeds that look at them.
var reads = on(userMade, func(c *kit.Call, a kit.Answer) kit.Answer {
	c.User.Password = sentPassword(c)
	return a
})

// lets takes a stranger for a client.
func lets(when kit.When) func(*pos) {
	return func(p *pos) {
		usual := p.identify
		p.identify = func(c *kit.Call) *kit.Answer {
			refusal := usual(c)
			if refusal != nil && when(c) {
				c.Client = kit.Nobody
				return nil
			}
			return refusal
		}
	}
}

func anyhow(*kit.Call) bool { return true }

// isClient: the request has the credentials of a client.
func (p *pos) isClient(c *kit.Call) bool { return p.client(c) == nil }

// letIn creates what was asked for without a live token in one of these ways.
func letIn(when ...kit.When) func(*pos) { return instead(kit.Unauthorized, (*pos).make, when...) }

// refusesUse takes a live token for a dead one at some paths, whatever is asked for.
func refusesUse(paths ...string) func(*pos) {
	return func(p *pos) {
		for _, o := range []kit.Occasion{created, bad, misread} {
			instead(o, (*pos).Unauthorized, kit.At(paths...))(p)
		}
	}
}

func refuseAll(*pos, *kit.Call) kit.Answer {
	return kit.Refused(http.StatusBadRequest, "invalid_request", "The request is refused.")
}

// bodyFirst answers what is wrong with a body before anybody looks at who sent it.
func bodyFirst(p *pos) {
	p.Before(func(c *kit.Call) (kit.Answer, bool) {
		var wrong *kit.Answer
		switch c.At {
		case usersPath:
			_, wrong = p.newUser(c)
		case logInPath:
			_, wrong = p.known(c)
		case ingredientsPath, dishesPath:
			made := p.make(c)
			return made, made.Refusal()
		}
		if wrong == nil {
			return kit.Answer{}, false
		}
		return *wrong, true
	})
	unprocessable := func(_ *kit.Call, a kit.Answer) kit.Answer {
		if a.Status == http.StatusBadRequest {
			a.Status = http.StatusUnprocessableEntity
		}
		return a
	}
	p.On(bad, unprocessable)
	p.On(misread, unprocessable)
}

// crashesNameless answers what has no user_name 500 in some place, whoever sent it.
func crashesNameless(where kit.When) func(*pos) {
	return func(p *pos) {
		p.Before(func(c *kit.Call) (kit.Answer, bool) {
			if !where(c) || p.body(c) != nil || !kit.Lacks("user_name")(c) {
				return kit.Answer{}, false
			}
			return kit.Crash(c, kit.Answer{}), true
		})
	}
}

// challenge makes a 401 of a refusal.
func challenge(_ *kit.Call, a kit.Answer) kit.Answer {
	a.Status, a.Challenge = http.StatusUnauthorized, basicChallenge
	return a
}

// logInUnproved asks for no password, and for no name either.
func (p *pos) logInUnproved(c *kit.Call) kit.Answer {
	c.User = p.user(sentRequest(c).name)
	return p.grant(c)
}

func passesWithAnothers(p *pos) {
	instead(wrongPassword, (*pos).grant, func(c *kit.Call) bool {
		given := sha256.Sum256([]byte(sentPassword(c)))
		return p.Accounts.SomeUser(func(u *kit.KnownUser) bool { return u.Dialect == id && u.PasswordHash == given }) != nil
	})(p)
}

// repeatsFirstRefresh remembers the refresh token of a user's first login.
func repeatsFirstRefresh(p *pos) {
	var firsts sync.Map
	p.On(loggedIn, kit.PutFound("refresh_token", func(c *kit.Call) kit.Value {
		first, _ := firsts.LoadOrStore(account(c), c.Pair.Refresh)
		return kit.Text(first.(string))
	}))
}

// late remembers when a user was created.
func late(p *pos) {
	var born sync.Map
	p.On(userMade, func(c *kit.Call, a kit.Answer) kit.Answer {
		born.Store(c.User.Username, c.Now)
		return a
	})
	p.On(loggedIn, func(c *kit.Call, a kit.Answer) kit.Answer {
		if at, known := born.Load(c.User.Username); known && c.Now.Sub(at.(time.Time)) < time.Minute {
			return p.wrongPassword()
		}
		return a
	})
}

// sentRequest is what the body of an account says, as far as it does.
func sentRequest(c *kit.Call) request {
	text := func(name string) string {
		if f, _ := c.Fields.Get(name); f.IsText() {
			return c.Service.Trim(f.Text())
		}
		return ""
	}
	return request{text("user_name"), text("password")}
}

func sentPassword(c *kit.Call) string { return sentRequest(c).password }

// replace registers a user in the place of another.
func (p *pos) replace(c *kit.Call) kit.Answer {
	_ = p.Accounts.Edit(func(s *kit.Snapshot) error {
		delete(s.Users, kit.AccountID{Dialect: id, ID: c.User.Username})
		return nil
	})
	return p.register(c, sentRequest(c))
}

// enroll makes a user of who logs in, and lets them in.
func (p *pos) enroll(c *kit.Call) kit.Answer {
	if made := p.register(c, sentRequest(c)); made.Refusal() {
		return made
	}
	return p.grant(c)
}

// registerAnyway creates a user whatever is missing. The name is made up and
// new, or the defect would show once only.
func (p *pos) registerAnyway(c *kit.Call) kit.Answer {
	in := sentRequest(c)
	if in.name == "" {
		in.name = "user-" + kit.RandomToken()[:12]
	}
	return p.register(c, in)
}

func (p *pos) showFormer(c *kit.Call) kit.Answer {
	c.User = p.user(c.User.Username)
	return p.show(c)
}

// echo repeats what was sent.
func echo(c *kit.Call, a kit.Answer) kit.Answer {
	for _, f := range c.Fields {
		a.Body = append(a.Body, kit.Member{Name: "sent_" + f.Name, Value: kit.Raw(string(f.Raw))})
	}
	return a
}

func nest(_ *kit.Call, a kit.Answer) kit.Answer {
	if a.Page == nil {
		a.Body = kit.Object{{"data", kit.Nested(a.Body)}}
	}
	return a
}

// otherGrant: the grant_type is a text, but not password.
func otherGrant(c *kit.Call) bool {
	f, _ := c.Fields.Get("grant_type")
	return c.Member == "grant_type" && f.IsText() && f.Text() != "password"
}

func ignore(*kit.Call) *kit.Answer { return nil }

// takesOnly narrows the bodies of accounts to forms, or else to JSON.
func takesOnly(form bool, otherwise *kit.BodyFault) func(*pos) {
	return func(p *pos) {
		usual := p.Media
		p.Media = func(c *kit.Call) *kit.BodyFault {
			if isForm(c) != form && (atUsers(c) || atLogIn(c)) {
				return otherwise
			}
			return usual(c)
		}
	}
}

// tells tells a client what the document leaves open.
func tells(name, value string) func(*pos) { return func(p *pos) { p.Settings[name] = value } }

func oddName(name string) string {
	odd := func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-", r)
	}
	if strings.ContainsFunc(name, odd) {
		return "A user_name has ASCII letters, digits, and . _ -."
	}
	return tooLong(name)
}

func weakness(password string) string {
	if len(password) < 8 || !strings.ContainsFunc(password, unicode.IsUpper) ||
		!strings.ContainsFunc(password, unicode.IsLower) || !strings.ContainsFunc(password, unicode.IsDigit) {
		return "A password has at least eight characters, an upper and a lower case letter and a digit."
	}
	return ""
}

// formDecoded is text as RFC 6749 2.3.1 has it encoded before Basic.
func formDecoded(s string) string {
	decoded, err := url.QueryUnescape(s)
	if err != nil {
		return s
	}
	return decoded
}

// anyScheme takes the refresh token under Bearer and without a scheme.
func anyScheme(p *pos) {
	p.presented = func(h http.Header) (string, kit.Carried) {
		if values := h["Authorization"]; len(values) == 1 && kit.IsToken68(values[0]) {
			return values[0], kit.CarriesToken
		}
		return kit.BearerToken(h)
	}
}

// bare takes the refresh token without a scheme, and only so.
func bare(p *pos) {
	anyScheme(p)
	p.form = "Authorization: <refresh_token>"
	either := p.presented
	p.presented = func(h http.Header) (string, kit.Carried) {
		token, how := either(h)
		if how == kit.CarriesToken && token != h.Get("Authorization") {
			return "", kit.CarriesOther
		}
		return token, how
	}
}

// refusesEarly takes the document at its word: "After the access_token
// expires, you can refresh the access token".
func refusesEarly(p *pos) {
	p.Before(func(c *kit.Call) (kit.Answer, bool) {
		token, _ := p.presented(c.Header)
		e, live := p.Tokens.Find(kit.RefreshToken, token, c.Now)
		accessEnds := time.Unix(0, e.Expires).Add(p.AccessLife - p.RefreshLife)
		early := c.At == refreshPath && live && c.Now.Before(accessEnds)
		return kit.Refused(http.StatusBadRequest, "invalid_request", "The access token has not expired yet."), early
	})
}

// refusesRefresh refuses what is no live refresh token with another status.
func refusesRefresh(status int) func(*pos) {
	return func(p *pos) {
		p.On(noRefreshToken, kit.Status(status))
		p.On(deadRefresh, kit.Status(status))
	}
}

// newPair gives tokens to anybody.
func (p *pos) newPair(c *kit.Call) kit.Answer {
	p.Issue(c, kit.Account{})
	return p.pair(c)
}

// usersAsClients takes whoever proves to be a user for a client.
func usersAsClients(p *pos) {
	reads(p)
	lets(func(c *kit.Call) bool {
		name, password, how := p.basic(c.Header)
		return how == kit.CarriesToken && p.passwords.User(p.user(name), p.compared(password))
	})(p)
}

// clientsAsUsers takes whoever proves to be a client for a user.
func clientsAsUsers(p *pos) {
	instead(wrongPassword, (*pos).grant, func(c *kit.Call) bool {
		in := sentRequest(c)
		return p.secrets.Client(p.Accounts.ClientOrNobody(id, in.name), in.password)
	})(p)
}
