package kitchenmonki

import (
	"net/http"
	"slices"
	"time"

	"gonogo/reference/kit"
)

// What the quirks of the queue do.

func inHeader(c *kit.Call) bool { return c.Header["Authorization"] != nil }

func noForm(c *kit.Call) bool {
	return c.ContentLength != 0 && !kit.IsForm(c.Header.Get("Content-Type"))
}

// isBlind does not see a token among the parameters of a method.
func isBlind(method string) func(*monki) {
	return instead(shown, func(m *monki, c *kit.Call) kit.Answer {
		c.How = kit.CarriesNone
		return m.Unauthorized(c)
	}, kit.Not(inHeader), by(method))
}

func by(method string) kit.When { return func(c *kit.Call) bool { return c.Method == method } }

// wasAccess: the token is or was an access token.
func wasAccess(c *kit.Call) bool {
	e, known := c.Service.Tokens.Tokens.Get(kit.KeyOf(c.Token))
	return known && e.Value.Kind == kit.AccessToken
}

// olderThan: the access token was issued so long ago.
func olderThan(age time.Duration) kit.When {
	return func(c *kit.Call) bool {
		e, known := c.Service.Tokens.Tokens.Get(kit.KeyOf(c.Token))
		return known && !e.AliveAt(c.Now.Add(accessLife-age), 0)
	}
}

// showAnothers and showClients take the token for one of the next user, or of its client's own.
func (m *monki) showAnothers(c *kit.Call) kit.Answer {
	c.Grant.User++
	return show(c)
}

func (m *monki) showClients(c *kit.Call) kit.Answer {
	c.Grant.User = int64(m.clientOf(c.Grant.Client).ActsAs)
	return show(c)
}

// refusesWrites refuses requests to the queue before their tokens are looked at.
func refusesWrites(a kit.Answer, when ...kit.When) func(*monki) {
	return func(m *monki) {
		m.Before(func(c *kit.Call) (kit.Answer, bool) {
			fresh := a
			fresh.Body = slices.Clone(a.Body)
			return fresh, c.At == queuePath && kit.Both(when...)(c)
		})
	}
}

var readOnly = func() kit.Answer {
	a := kit.Refused(http.StatusMethodNotAllowed, "method_not_allowed", "The queue is read only.")
	a.Allow = "GET, HEAD, OPTIONS"
	return a
}()

// letIn shows the queue to whoever has no live token in one of these ways: that
// of the user whose token it would be, or of some user.
func letIn(when ...kit.When) func(*monki) {
	return instead(kit.Unauthorized, func(m *monki, c *kit.Call) kit.Answer {
		if c.Grant == (kit.Grant{}) {
			c.Grant.User = int64(m.anyUser().ActsAs)
		}
		return show(c)
	}, when...)
}
