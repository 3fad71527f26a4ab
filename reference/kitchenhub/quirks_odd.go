package kitchenhub

import "gonogo/reference/kit"

// Quirks of requests that nobody expects.
var oddQuirks = kit.Odd[*hub](id, kit.OddRows{Path: tokenPath, Refuse: "KH-ISSUE-3", Use: "KH-USE-2", JSON: true})

// Quirks of how tokens are looked up.
var patternQuirks = kit.Patterns(id, "KH-USE-2", letIn)

// Quirks of how paths are read.
var pathQuirks = kit.Paths(id, "KH-USE-2", letIn)

// Quirks of compressed answers.
var codingQuirks = kit.Coded[*hub](id)

// Quirks of the headers of refusals.
var headerQuirks = kit.RefusalHeaders(id, tokenPath, func(d *hub, c *kit.Call) (access, refresh string) {
	d.Issue(c, kit.Account{Client: d.Accounts.SomeClient(func(k *kit.KnownClient) bool { return k.Dialect == id }).Number})
	return c.Pair.Access, c.Pair.Refresh
}, letIn)
