package kitchenhub

import "gonogo/reference/kit"

// Quirks of requests that nobody expects.
var oddQuirks = kit.Odd[*hub](id, kit.OddRows{Path: tokenPath, Refuse: "KH-ISSUE-3", Use: "KH-USE-2", JSON: true})

// Quirks around the operations.
var outerQuirks = kit.Outer(id, tokenPath, "KH-USE-2", letIn, nil)
