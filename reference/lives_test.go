package reference

import "time"

// holder is what a client does with tokens, for a dialect's transcript.
type holder struct {
	issue, use, refresh func(token string) got // issue takes none
	note                func(step string, g got) got
	access, next        func(got) string // the two tokens of an answer
}

// lives is how tokens live that are used again and again, refreshed late and tried after they were spent.
func (tr *transcript) lives(h holder) {
	p := h.issue("")
	for range 5 {
		h.note("use once more", h.use(h.access(p)))
	}
	p = h.issue("")
	for range 3 {
		p = h.note("refresh in a chain", h.refresh(h.next(p)))
	}
	p = h.issue("")
	for range 3 {
		tr.advance(25 * time.Minute)
		h.note("use every 25 minutes", h.use(h.access(p)))
	}
	p = h.issue("")
	tr.advance(55 * time.Minute)
	late := h.note("refresh after 55 minutes", h.refresh(h.next(p)))
	tr.advance(10 * time.Minute)
	h.note("its access token ten minutes later", h.use(h.access(late)))
	h.note("the spent token ten minutes later", h.refresh(h.next(p)))
	p = h.issue("")
	tr.advance(23 * time.Hour)
	late = h.note("refresh after 23 hours", h.refresh(h.next(p)))
	tr.advance(2 * time.Hour)
	h.note("its refresh token two hours later", h.refresh(h.next(late)))
}

func tokenNamed(name string) func(got) string {
	return func(g got) string { return g.text(name) }
}
