package flows

import (
	"fmt"
	"slices"
	"strings"

	"gonogo/internal/operation"
	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/scene"
)

// handingOut are the operations whose successes hand tokens out.
var handingOut = []specs.Role{specs.RoleIssue, specs.RoleExchange, specs.RoleRefresh}

// uniqueID is the row that every dialect has about tokens that two sessions have.
const uniqueID = "ANY-UNIQUE"

// noneTwice looks for a token that two sessions were handed out, whoever began them. Within one session that is for others
// to judge: a refresh may hand its refresh token back where no document says otherwise, and a target that loses no answer
// may give the same one again to whoever repeats a request. A target that hands out a live token again may do so to one account.
func noneTwice(t *scene.Trial) {
	entries := anything(t)
	out, accounts := handed{by: map[string][]scene.Entry{}}, map[string]bool{}
	for _, e := range entries {
		if !e.Answer.Succeeded() || !slices.Contains(handingOut, e.Answer.Op.Role) {
			continue
		}
		if e.Answer.Account != "" {
			accounts[e.Answer.Account] = true
		}
		for kind, value := range e.Answer.Tokens {
			if _, known := out.by[value]; !known {
				out.values = append(out.values, value)
			}
			if out.by[value] = append(out.by[value], e); len(out.by[value]) > 1 {
				out.repeated = append(out.repeated, repeat{kind, value, e})
			}
		}
	}
	caches, said := t.CachesTokens(), newRemarks()
	if caches && len(accounts) < 2 {
		t.NotApplicable("the target hands out a live token again, and this run logged in as one account only")
	}
	for _, r := range out.repeated {
		first, again := out.by[r.value][0], r.again
		one, another := out.session(first, 0), out.session(again, 0)
		if one != another && !(caches && mayShare(one, another)) {
			said.add(t, again, words.A(r.kind+" token")+" of its own", fmt.Sprintf("the %s token that an answer in %s carried", r.kind, first.Case))
		}
	}
	said.find()
}

// mayShare reports whether two sessions may be of one account, which can have the same token again while it lives.
func mayShare(one, another *operation.Answer) bool {
	return one.Account == "" || another.Account == "" || one.Account == another.Account
}

type repeat struct {
	kind, value string
	again       scene.Entry
}

// handed is which answers carried which tokens.
type handed struct {
	values   []string // in the order they were handed out
	by       map[string][]scene.Entry
	repeated []repeat
}

// session is what an answer's tokens descend from: what was shown for them that no answer had handed out, or the answer that
// began it all.
func (h handed) session(e scene.Entry, depth int) *operation.Answer {
	if e.Answer.Op.Role != specs.RoleRefresh || depth > len(h.values) {
		return e.Answer
	}
	sent := scene.RequestText(e.Answer.Exchange)
	for _, value := range h.values {
		if from := h.by[value][0]; from.Answer != e.Answer && strings.Contains(sent, value) {
			return h.session(from, depth+1)
		}
	}
	return e.Answer
}
