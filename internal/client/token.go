package client

import (
	"cmp"
	"time"

	"gonogo/internal/operation"
	"gonogo/specs"
)

// Names of the token kinds that roles of operations imply. They are the standard's own words (RFC 6749
// section 1.4, 1.5), and a document's names for its kinds.
const (
	Access  = "access"
	Refresh = "refresh"
)

// Token is a value the target handed out, with when it did, by the target's clock.
type Token struct {
	Kind     specs.TokenKind
	Value    string
	Role     string    // who acted when it was handed out
	Sent     time.Time // of the request whose answer first carried it
	Received time.Time
	Lifetime time.Duration // from then on; zero: nobody says
}

// Grant is what one answer handed out: the tokens by kind.
type Grant struct {
	Role   string
	Reply  *Reply
	Tokens map[string]Token
}

// Value is a token's text, empty if the grant has none of the kind.
func (g *Grant) Value(kind string) string { return g.Tokens[kind].Value }

// Held are the grant's tokens as arguments of a request.
func (g *Grant) Held() map[string]string {
	held := map[string]string{}
	for kind, token := range g.Tokens {
		held[kind] = token.Value
	}
	return held
}

// Read takes the tokens out of an answer, and remembers none.
func (c *Client) Read(role string, reply *Reply) *Grant {
	grant := &Grant{Role: role, Reply: reply, Tokens: map[string]Token{}}
	sent, received := c.TargetTime(reply.Exchange.Sent), c.TargetTime(reply.Received)
	for _, kind := range c.Dialect.Tokens {
		if value := reply.Tokens[kind.Name]; value != "" {
			grant.Tokens[kind.Name] = Token{Kind: kind, Value: value, Role: role, Sent: sent, Received: received, Lifetime: c.Lifetime(kind, reply.Answer)}
		}
	}
	return grant
}

// Collect is Read for tokens that are remembered: one that was seen before is as it was then, for a target may hand out a
// live one again, and its life did not begin anew.
func (c *Client) Collect(role string, reply *Reply) *Grant {
	grant := c.Read(role, reply)
	for name, token := range grant.Tokens {
		grant.Tokens[name] = c.FirstSight(token)
	}
	c.dueLater(grant)
	if grant.Value(Access) != "" {
		c.mu.Lock()
		c.proven[cmp.Or(role, operation.Primary)] = true
		c.mu.Unlock()
	}
	return grant
}

// Expected is a token kind's documented lifetime, or the deviation that the target file declares.
func (m *Memory) Expected(kind specs.TokenKind) time.Duration {
	if declared, ok := m.Target.Lifetime(kind.Name); ok {
		return declared
	}
	return kind.Lifetime.Documented
}

// Lifetime is how long a token of an answer lives: what is expected, shortened to what the answer announces. A target
// that hands out a live token again announces less; one unit less is truncation.
func (m *Memory) Lifetime(kind specs.TokenKind, answer *operation.Answer) time.Duration {
	expected := m.Expected(kind)
	announced, _, ok := answer.Lifetime(kind)
	truncation := max(kind.Lifetime.Unit.Step(), 2*time.Second)
	if ok && announced > 0 && (expected == 0 || expected-announced > truncation) {
		return announced
	}
	return expected
}
