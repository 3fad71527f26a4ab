package b2b

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"gonogo/reference/kit"
)

// clockSkew is more than any leeway, so that who compares two clocks is found out.
const clockSkew = 10 * time.Minute

// data changes what is in the envelope of a success, failure what is in that
// of an error.
func data(change kit.Change) kit.Change    { return kit.In("data", change) }
func failure(change kit.Change) kit.Change { return kit.In("error", change) }

func named(name string) kit.Change { return failure(kit.Put("name", kit.Text(name))) }
func coded(code string) kit.Change { return failure(kit.Put("code", kit.Text(code))) }

// message is what an error says.
func message(a kit.Answer) string { return a.Body.Inner("error").Said("message") }

// fails answers the error of another status, with the same message; failing
// with another one.
func fails(status int) kit.Change {
	return func(_ *kit.Call, a kit.Answer) kit.Answer { return refusal(status, faults[status], message(a)) }
}

func failing(status int, said string) kit.Change {
	return func(*kit.Call, kit.Answer) kit.Answer { return refusal(status, faults[status], said) }
}

func asSyntax(_ *kit.Call, a kit.Answer) kit.Answer {
	return refusal(http.StatusBadRequest, syntax, message(a))
}

// onErrors changes every error, whoever decided on it.
func onErrors(change kit.Change) func(*b2b) {
	return func(m *b2b) {
		m.OnEvery(func(c *kit.Call, a kit.Answer) kit.Answer {
			if a.Refusal() {
				a = change(c, a)
			}
			return a
		})
	}
}

// errorBody gives errors another body, made of their message.
func errorBody(of func(message string) kit.Object) kit.Change {
	return func(_ *kit.Call, a kit.Answer) kit.Answer {
		a.Body = of(message(a))
		return a
	}
}

var bareError = errorBody(func(message string) kit.Object { return kit.Object{{"message", kit.Text(message)}} })

// emptyError is what a serializer writes of an error that there is not.
var emptyError = kit.Put("error", kit.Raw(`{"name":"","code":"","message":""}`))

// bareData leaves the envelope out.
var bareData = kit.Body(func(o kit.Object) kit.Object { return *o.Inner("data") })

// written has timestamps written in another way; t is in UTC.
func written(how func(t time.Time) string) func(*b2b) {
	return func(m *b2b) { m.timestamp = func(t time.Time) string { return how(t.UTC()) } }
}

// issuedAsEnds announces the time of issue as the end of both tokens.
func issuedAsEnds(m *b2b) {
	on(loggedIn, data(func(c *kit.Call, a kit.Answer) kit.Answer {
		issued := kit.Text(m.timestamp(c.Pair.AccessEnds.Add(-m.AccessLife)))
		a.Body = a.Body.Set("access_expires_at", issued).Set("refresh_expires_at", issued)
		return a
	}))(m)
}

// Conditions on the token that was sent, and on what is wrong with it.
func looksLikeJWT(c *kit.Call) bool { return strings.Count(c.Token, ".") == 2 }
func garbage(c *kit.Call) bool      { return c.How == kit.CarriesToken && !looksLikeJWT(c) }
func expired(c *kit.Call) bool      { return errors.Is(c.Err, jwt.ErrTokenExpired) }
func forged(c *kit.Call) bool       { return errors.Is(c.Err, jwt.ErrTokenSignatureInvalid) }
func wellSigned(c *kit.Call) bool   { return c.Err == nil }
func unknown(c *kit.Call) bool      { return c.Err != nil && !expired(c) }

// letIn shows a resource to whoever has no live token in one of these ways.
func letIn(when ...kit.When) func(*b2b) {
	return instead(kit.Unauthorized, (*b2b).show, append(slices.Clip(when), atResources)...)
}

// wantsBody reads the body that a Content-Type promises, before anything else.
func wantsBody(refuse func(*b2b) kit.Answer, where kit.When) func(*b2b) {
	return func(m *b2b) {
		m.Before(func(c *kit.Call) (kit.Answer, bool) {
			if !where(c) || !slices.Contains(m.reading, c.Method) || !kit.IsJSON(c.Header.Get("Content-Type")) || c.ContentLength > 0 {
				return kit.Answer{}, false
			}
			return refuse(m), true
		})
	}
}

// repeatsAccess answers the access token that the family of tokens began with.
func repeatsAccess(m *b2b) {
	on(refreshed, data(kit.PutFound("access_token", func(c *kit.Call) kit.Value {
		access, _ := m.jwt.texts(m.Tokens.FirstPair(c.Grant), c.User)
		return kit.Text(access)
	})))(m)
}

// namesAnother answers the number of another user.
func namesAnother(m *b2b) {
	on(refreshed, data(kit.PutFound("client_id", func(c *kit.Call) kit.Value { return kit.Number(int64(m.another(c).ActsAs)) })))(m)
}

// claimsAnother has an access token say that it is another user's.
func claimsAnother(m *b2b) {
	on(refreshed, data(kit.PutFound("access_token", func(c *kit.Call) kit.Value {
		access, _ := m.jwt.texts(c.Pair, m.another(c))
		return kit.Text(access)
	})))(m)
}

// another is a user who does not act here: the first one, or for that one the one on a list.
func (m *b2b) another(c *kit.Call) *kit.KnownUser {
	return cmp.Or(m.Accounts.SomeUser(func(u *kit.KnownUser) bool {
		return u.Dialect == id && u.ActsAs != c.User.ActsAs && (u.Role == "primary" || u.Role == "listed")
	}), kit.NoUser)
}

// leaksToken gives the newest access token away.
func leaksToken(m *b2b) {
	m.On(noRefreshToken, func(c *kit.Call, a kit.Answer) kit.Answer {
		newest := m.Tokens.NewestPair()
		e, _ := m.Tokens.Tokens.Get(kit.KeyOf(newest.Access))
		access, _ := m.jwt.texts(newest, m.Accounts.UserNumbered(e.Value.Client))
		return failure(kit.Put("message", kit.Text(message(a)+" The session has "+access)))(c, a)
	})
}

// pairForNobody is for whoever has no refresh token.
func (m *b2b) pairForNobody(c *kit.Call) kit.Answer {
	c.User = kit.NoUser
	m.Issue(c, kit.Account{})
	return succeed(m.pair(c)).As(refreshed)
}

// enterUnproved asks for no password.
func (m *b2b) enterUnproved(c *kit.Call) kit.Answer {
	values, refusal := m.members(c, "username")
	if refusal != nil {
		return *refusal
	}
	if c.User = m.Accounts.User(id, values[0]); c.User == nil {
		return m.wrongPassword(c)
	}
	return m.enter(c)
}

// refreshWithFirst takes the first of several tokens.
func (m *b2b) refreshWithFirst(c *kit.Call) kit.Answer {
	f, _ := c.Fields.Get("refresh_token")
	var list []string
	if json.Unmarshal(f.Raw, &list) != nil || len(list) == 0 {
		_, refusal := m.members(c, "refresh_token")
		return *refusal
	}
	return m.refreshWith(c, list[0])
}

// readsFirst reads to the end of the first JSON value.
func readsFirst(where kit.When) func(*b2b) {
	return func(m *b2b) {
		m.Read = func(c *kit.Call, body []byte) (kit.Fields, *kit.BodyFault) {
			if where(c) {
				return kit.ReadFirst(body)
			}
			return kit.ReadObject(body)
		}
	}
}

// credential is a condition on either member of a login.
func credential(is func(name string) kit.When) kit.When {
	return kit.Either(is("username"), is("password"))
}

var lacksCredentials = credential(kit.Lacks)

// coercible: all members are there, and texts or numbers.
func coercible(c *kit.Call) bool {
	names := []string{"refresh_token"}
	if c.At == loginPath {
		names = []string{"username", "password"}
	}
	for _, name := range names {
		if f, _ := c.Fields.Get(name); !f.IsText() && !f.IsNumber() {
			return false
		}
	}
	return true
}

// revokes has a logout do something else.
func revokes(what func(*b2b, kit.Grant)) func(*b2b) {
	return func(m *b2b) { m.revoke = func(g kit.Grant, _ time.Time) { what(m, g) } }
}

func nothing(*b2b, kit.Grant) {}

// barsCategories keeps a list of accounts where one of sessions belongs.
func barsCategories(m *b2b) {
	var barred sync.Map
	m.On(loggedOut, func(c *kit.Call, a kit.Answer) kit.Answer {
		barred.Store(c.Grant.Client, true)
		return a
	})
	instead(shown, (*b2b).Unauthorized, atCategories, func(c *kit.Call) bool {
		_, is := barred.Load(c.Grant.Client)
		return is
	})(m)
}

// endsLast ends the session that began last where a logout does not say which.
func endsLast(when kit.When) func(*b2b) {
	return func(m *b2b) {
		m.On(kit.Unauthorized, func(c *kit.Call, a kit.Answer) kit.Answer {
			newest, _ := m.Tokens.Tokens.Get(kit.KeyOf(m.Tokens.NewestPair().Access))
			m.Tokens.Revoke(newest.Value.Family, c.Now)
			return a
		}, atLogout, when)
	}
}

// forget removes some of the tokens of the grant's account.
func (m *b2b) forget(g kit.Grant, some func(kit.Grant) bool) {
	m.Tokens.Tokens.DropIf(func(o kit.Grant) bool { return o.Client == g.Client && some(o) })
}

// lists has the allow-list looked at in another way; usual is the document's.
func lists(admits func(m *b2b, c *kit.Call, usual func(*kit.Call) bool) bool) func(*b2b) {
	return func(m *b2b) {
		usual := m.admits
		m.admits = func(c *kit.Call) bool { return admits(m, c, usual) }
	}
}

func skipsList(where kit.When) func(*b2b) {
	return lists(func(_ *b2b, c *kit.Call, usual func(*kit.Call) bool) bool { return where(c) || usual(c) })
}

func refusesListed(where kit.When) func(*b2b) {
	return lists(func(_ *b2b, c *kit.Call, usual func(*kit.Call) bool) bool {
		return usual(c) && !(where(c) && len(c.User.Allow) > 0)
	})
}

func listsEverybody(addresses ...netip.Addr) func(*b2b) {
	return lists(func(m *b2b, c *kit.Call, usual func(*kit.Call) bool) bool {
		if len(c.User.Allow) == 0 {
			return slices.Contains(addresses, m.address(c))
		}
		return usual(c)
	})
}

// believes takes a header's word for where a request comes from, whoever sends
// it, and the first of its addresses.
func believes(header string, where kit.When) func(*b2b) {
	return func(m *b2b) {
		m.address = func(c *kit.Call) netip.Addr {
			if all := chainOf(c.Header, header); where(c) && len(all) > 0 && all[0].IsValid() {
				return all[0]
			}
			return m.origin(c)
		}
	}
}

func anywhere(*kit.Call) bool { return true }

// leaksPair answers the tokens beside the refusal.
func leaksPair(m *b2b) {
	m.On(forbidden, func(c *kit.Call, a kit.Answer) kit.Answer {
		m.Issue(c, kit.Account{Client: c.User.Number})
		a.Body = a.Body.Set("data", kit.Nested(m.pair(c)))
		return a
	}, atLogin)
}

// listFirst looks at the list before the credentials, and before a token's end.
func listFirst(m *b2b) {
	unlisted := func(c *kit.Call) bool { return c.User != nil && !m.admits(c) }
	for _, o := range []kit.Occasion{wrongPassword, kit.Unauthorized, noRefreshToken} {
		instead(o, (*b2b).forbidden, unlisted)(m)
	}
}

// burns uses a refresh token up that comes from an address that is not listed.
func burns(m *b2b) {
	m.On(forbidden, func(c *kit.Call, a kit.Answer) kit.Answer {
		if handle, err := m.jwt.handle(kit.RefreshToken, c.Token); err == nil {
			m.Tokens.Tokens.Take(kit.KeyOf(handle))
		}
		return a
	}, atRefresh)
}
