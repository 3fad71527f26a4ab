package kitchenhub

import "gonogo/reference/kit"

// Quirks of requests that nobody expects.
var oddQuirks = kit.Odd[*hub](id, kit.OddRows{Path: tokenPath, Refuse: "KH-ISSUE-3", Use: "KH-USE-2", JSON: true})

// Quirks of how paths are read.
var pathQuirks = kit.Paths(id, "KH-USE-2", letIn)

// Quirks of compressed answers.
var codingQuirks = kit.Coded[*hub](id)
