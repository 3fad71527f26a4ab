package b2b

import "gonogo/reference/kit"

// Quirks of requests that nobody expects.
var oddQuirks = kit.Odd[*b2b](id, kit.OddRows{Path: loginPath, Refuse: "BB-LOGIN-3", Use: "BB-USE-2", JSON: true})

// Quirks of how paths are read.
var pathQuirks = kit.Paths(id, "BB-USE-2", letIn)

// Quirks of compressed answers.
var codingQuirks = kit.Coded[*b2b](id)

// Quirks of the headers of refusals.
var headerQuirks = kit.RefusalHeaders(id, loginPath, func(m *b2b, c *kit.Call) (access, refresh string) {
	who := m.Accounts.SomeUser(func(u *kit.KnownUser) bool { return u.Dialect == id && u.Role == "primary" })
	m.Issue(c, kit.Account{Client: who.Number})
	return m.jwt.texts(c.Pair, who)
}, letIn)
