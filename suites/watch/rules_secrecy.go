package watch

import (
	"cmp"
	"slices"

	text "gonogo/reports/words"
	"gonogo/specs"
)

// secrecy: the secret goes to the operations that take it, and nowhere else.
func secrecy(_ *specs.Dialect, declared specs.Flow) []look {
	field := cmp.Or(declared.Params["field"], declared.Params["secret"])
	of := func(name, row, title string, is func(leak) bool) look {
		return look{name: name, row: row, title: title, judge: func(s *stage, found *sight) {
			found.missing = "the client sent its secret nowhere"
			for _, e := range s.all() {
				if _, ok := e.Seen.Fields[field]; ok {
					found.saw(e)
				}
			}
			for _, l := range s.leaked() {
				if (field == "" || l.what == field) && is(l) {
					found.find(l.event, "no "+l.what+" outside of the operations that take it", "one in %s", l.where)
				}
			}
		}}
	}
	authorizing := func(l leak) bool { return l.event.Role() == specs.RoleAuthorize }
	elsewhere, kept := declared.Params["elsewhere"], declared.Requirement
	if kept == declared.Params["authorize"] {
		kept = ""
	}
	return []look{
		of("kept", kept, "the secret stands in no address, and goes to the operations that take it only", func(l leak) bool {
			return !(authorizing(l) && declared.Params["authorize"] != "") && (l.in != inBody || elsewhere == "")
		}),
		of("elsewhere", elsewhere, "the secret goes to no other operation of the API", func(l leak) bool { return l.in == inBody }),
		of("authorize", declared.Params["authorize"], "the address of the consent page has no secret", authorizing),
	}
}

func (s *stage) leaked() []leak {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.leaks)
}

// urls: no token stands in an address.
func urls(_ *specs.Dialect, declared specs.Flow) []look {
	return []look{{name: "none", row: declared.Requirement, title: "no token stands in an address", judge: func(s *stage, found *sight) {
		found.missing = "the client used no token"
		for _, e := range s.all() {
			if len(e.Shown) > 0 {
				found.saw(e)
			}
		}
		for _, l := range s.leaked() {
			if kind, known := s.dialect.Token(l.what); known && l.in == inAddress {
				found.find(l.event, "no token in an address", "%s in %s", text.A(kind.Noun()), l.where)
			}
		}
	}}}
}

// newSecretUsed: who is told of a new secret works on with it.
func newSecretUsed(_ *specs.Dialect, declared specs.Flow) []look {
	return []look{{name: "taken", row: declared.Requirement, title: "the client works on with a secret that it was told of", judge: func(s *stage, found *sight) {
		found.missing = "the watch did not come to it"
		played := s.outcomes["new-secret"]
		if played == nil || !played.reached || played.cut {
			if played != nil && played.why != "" {
				found.missing = played.why
			}
			return
		}
		e := s.last("new-secret")
		if why := played.against(); why != "" {
			found.find(e, "new tokens for the new secret", "%s", why)
			return
		}
		found.saw(e)
	}}}
}
