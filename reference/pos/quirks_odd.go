package pos

import (
	"slices"

	"gonogo/reference/kit"
)

// Quirks of requests that nobody expects.
var oddQuirks = slices.Concat(kit.Odd[*pos](id, kit.OddRows{Path: logInPath, Refuse: "POS-TOKEN-3", Use: "POS-USE-2", JSON: true}), []kit.Declared[*pos]{
	defect("pos-basic-long-crash", "POS-TOKEN-2", "Basic credentials of more than 4 kB are answered 500.", on(stranger, kit.Crash, func(c *kit.Call) bool { return len(c.Header.Get("Authorization")) > 4<<10 })),
	defect("pos-long-name-crash", "POS-USER-3", "A new user_name of more than 256 bytes is answered 500.", on(bad, kit.Crash, atUsers, func(c *kit.Call) bool { return c.Member == "user_name" && len(c.Sent) > 4<<10 })),
})

// Quirks of how paths are read.
var pathQuirks = kit.Paths(id, "POS-USE-2", letIn)

// Quirks of compressed answers.
var codingQuirks = kit.Coded[*pos](id)

// Quirks of the headers of refusals.
var headerQuirks = kit.RefusalHeaders(id, logInPath, func(d *pos, c *kit.Call) (access, refresh string) {
	d.Issue(c, kit.Account{Client: d.Accounts.SomeClient(func(k *kit.KnownClient) bool { return k.Dialect == id }).Number})
	return c.Pair.Access, c.Pair.Refresh
}, letIn)
