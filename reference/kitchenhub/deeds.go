package kitchenhub

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"gonogo/reference/kit"
)

// announces has both lifetimes said to be something else, in issue and refresh.
func announces(access, refresh int64) func(*hub) {
	return func(h *hub) {
		for _, o := range []kit.Occasion{issued, refreshed} {
			h.On(o, kit.Put("access_token_expire", kit.Number(access)))
			h.On(o, kit.Put("refresh_token_expire", kit.Number(refresh)))
		}
	}
}

// reports has a validation tell something else of what is left of a token.
func reports(what func(left time.Duration) kit.Value) func(*hub) {
	return on(validated, kit.PutFound("expires_in", func(c *kit.Call) kit.Value { return what(left(c)) }))
}

// letIn shows the orders to whoever has no live token in one of these ways.
func letIn(when ...kit.When) func(*hub) { return instead(kit.Unauthorized, (*hub).list, when...) }

// issueUnproved asks for no secret.
func (h *hub) issueUnproved(c *kit.Call) kit.Answer {
	name, refusal := h.TextMember(c, "client_id")
	if refusal != nil {
		return *refusal
	}
	if c.Client = h.Accounts.Client(id, name); c.Client == nil {
		return h.wrongClient()
	}
	return h.issueTo(c)
}

// issueToNobody gives a pair to whoever asks.
func (h *hub) issueToNobody(c *kit.Call) kit.Answer {
	c.Client = kit.Nobody
	return h.issueTo(c)
}

// issuesOnce gives a client no second pair while the access token of its first lives.
func issuesOnce(h *hub) {
	var ends sync.Map
	h.On(issued, func(c *kit.Call, a kit.Answer) kit.Answer {
		if until, had := ends.Load(c.Client.Number); had && c.Now.Before(until.(time.Time)) {
			return kit.Refused(http.StatusConflict, "invalid_request", "This client has tokens already.")
		}
		ends.Store(c.Client.Number, c.Pair.AccessEnds)
		return a
	})
}

// pretend says that a token is valid.
func (h *hub) pretend(*kit.Call) kit.Answer { return said(true, 45) }

func prolong(c *kit.Call, a kit.Answer) kit.Answer {
	c.Service.Tokens.Prolong(c.Token, c.Grant, c.Now)
	return a
}

// Conditions on the token that was sent.
func isAccess(c *kit.Call) bool { return isKind(c, kit.AccessToken) }

func isRefresh(c *kit.Call) bool { return isKind(c, kit.RefreshToken) }

func isKind(c *kit.Call, k kit.Kind) bool {
	e, known := c.Service.Tokens.Tokens.Get(kit.KeyOf(c.Token))
	return known && e.Value.Kind == k
}

func hasEnded(c *kit.Call) bool {
	e, _ := c.Service.Tokens.Tokens.Get(kit.KeyOf(c.Token))
	return !e.AliveAt(c.Now, 0)
}

// odd: some character could stand in no token of this server.
func odd(c *kit.Call) bool {
	return strings.ContainsFunc(c.Token, func(r rune) bool {
		return !('a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '_')
	})
}
