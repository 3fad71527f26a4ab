package reference

import (
	"fmt"
	"sync"
	"time"
)

// holder is what a client does with tokens, for a dialect's transcript.
type holder struct {
	issue, use, refresh func(token string) got // issue takes none
	note                func(step string, g got) got
	access, next        func(got) string // the two tokens of an answer
	wrong               func() got       // a login of the same account that is refused; nil: none is tried
}

// lives is how tokens live that are used again and again, refreshed late and tried after they were spent.
func (tr *transcript) lives(h holder) {
	p := h.issue("")
	for range 32 { // more than some quirks count to
		h.note("one of many", h.use(h.access(h.issue(""))))
	}
	h.note("the first of many", h.use(h.access(p)))
	var pair [2]got
	var wg sync.WaitGroup
	for i := range pair {
		wg.Go(func() { pair[i] = h.issue("") })
	}
	wg.Wait()
	tr.say(fmt.Sprint("two at once get their own: ", h.access(pair[0]) != h.access(pair[1])))
	if h.wrong != nil {
		h.note("a wrong login", h.wrong())
		h.note("a token from before it", h.use(h.access(pair[0])))
	}
	p = h.issue("")
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
