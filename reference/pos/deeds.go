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

// reads keeps passwords readable, for deeds that look at them.
func reads(p *pos) { p.readable = true }

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
			instead(o, func(p *pos, c *kit.Call) kit.Answer { return p.Unauthorized(c.How) }, kit.At(paths...))(p)
		}
	}
}

func refuseAll(*pos, *kit.Call) kit.Answer {
	return kit.Refused(http.StatusBadRequest, "invalid_request", "The request is refused.")
}

func bodyFirst(p *pos) {
	p.bodyFirst = true
	p.On(bad, kit.Status(http.StatusUnprocessableEntity))
	p.On(misread, func(_ *kit.Call, a kit.Answer) kit.Answer {
		if a.Status == http.StatusBadRequest {
			a.Status = http.StatusUnprocessableEntity
		}
		return a
	})
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

func jsonOnly(form bool) kit.BodyFault {
	if form {
		return kit.BodyMedia
	}
	return ""
}

func formOnly(p *pos) {
	p.tell("body", "form")
	p.encoding = func(form bool) kit.BodyFault {
		if !form {
			return bodyFormMedia
		}
		return ""
	}
}

// tell tells a client what the document leaves open.
func (p *pos) tell(name, value string) {
	if p.Settings == nil {
		p.Settings = map[string]string{}
	}
	p.Settings[name] = value
}

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
	p.tell("refresh_scheme", "bare")
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

func unknown(c *kit.Call) bool { return !c.Service.Knows(c.Token) }

// newPair gives tokens to anybody.
func (p *pos) newPair(c *kit.Call) kit.Answer {
	if p.Issue(c, kit.Account{}) != nil {
		return kit.Full()
	}
	return p.pair(c)
}
