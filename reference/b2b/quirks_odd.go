package b2b

import (
	"net/netip"
	"slices"
	"strings"

	"gonogo/reference/kit"
)

// Quirks of requests that nobody expects.
var oddQuirks = kit.Odd[*b2b](id, kit.OddRows{Path: loginPath, Refuse: "BB-LOGIN-3", Use: "BB-USE-2", JSON: true})

// Quirks around the operations.
var outerQuirks = kit.Outer(id, loginPath, "BB-USE-2", letIn, func(m *b2b, c *kit.Call) (access, refresh string) {
	who := m.Accounts.SomeUser(func(u *kit.KnownUser) bool { return u.Dialect == id && u.Role == "primary" })
	m.Issue(c, kit.Account{Client: who.Number})
	return m.jwt.texts(c.Pair, who)
})

// Quirks of how addresses are compared.
var addressQuirks = []kit.Declared[*b2b]{
	defect("b2b-login-list-prefix", "BB-IP-1", "A login is let in from an address whose text begins like a listed one.", beginsListed(atLogin)),
	defect("b2b-refresh-list-prefix", "BB-IP-2", "A refresh is let in from an address whose text begins like a listed one.", beginsListed(atRefresh)),
	defect("b2b-api-list-prefix", "BB-IP-3", "An API request is let in from an address whose text begins like a listed one.", beginsListed(atAPI)),
}

// beginsListed compares addresses as texts, and not to their ends.
func beginsListed(where kit.When) func(*b2b) {
	return lists(func(m *b2b, c *kit.Call, usual func(*kit.Call) bool) bool {
		return usual(c) || where(c) && slices.ContainsFunc(c.User.Allow, func(p netip.Prefix) bool {
			return strings.HasPrefix(m.address(c).String(), p.Addr().String())
		})
	})
}
