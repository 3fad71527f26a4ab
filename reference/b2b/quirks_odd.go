package b2b

import "gonogo/reference/kit"

// Quirks of requests that nobody expects.
var oddQuirks = kit.Odd[*b2b](id, kit.OddRows{Path: loginPath, Refuse: "BB-LOGIN-3", Use: "BB-USE-2", JSON: true})

// Quirks of how paths are read.
var pathQuirks = kit.Paths(id, "BB-USE-2", letIn)

// Quirks of compressed answers.
var codingQuirks = kit.Coded[*b2b](id)
