package reference

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// holder is what a client does with tokens, for a dialect's transcript.
type holder struct {
	issue, use, refresh func(token string) got // issue takes none
	note                func(step string, g got) got
	access, next        func(got) string       // the two tokens of an answer
	wrong               func() got             // a login of the same account that is refused; nil: none is tried
	also                func(token string) got // another operation that takes an access token; nil: there is none
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
	tr.generations(h)
}

// generations is what becomes of refreshed tokens, and of what those are refreshed to.
func (tr *transcript) generations(h holder) {
	one, two := h.issue(""), h.issue("")
	var spent []string
	for range 3 {
		spent = append(spent, h.next(one))
		one, two = h.note("one more generation", h.refresh(h.next(one))), h.refresh(h.next(two))
		h.note("its access token", h.use(h.access(one)))
		if h.also != nil {
			h.note("its access token elsewhere", h.also(h.access(one)))
		}
		tr.say(fmt.Sprint("as that of the other session: ", h.access(one) == h.access(two)))
		tr.advance(10 * time.Minute)
		h.note("its access token after ten minutes", h.use(h.access(one)))
	}
	tr.advance(2 * time.Hour)
	h.note("its access token after two hours", h.use(h.access(one)))
	h.note("its refresh token after two hours", h.refresh(h.next(one)))
	h.note("the third one's spent token", h.refresh(spent[2]))
	one = h.issue("")
	one = h.refresh(h.next(one))
	replayed := h.next(one)
	h.refresh(replayed)
	h.note("the second one's spent token", h.refresh(replayed))
	one = h.refresh(h.next(h.refresh(h.next(h.issue("")))))
	tr.advance(40 * 24 * time.Hour)
	h.note("the refresh token of a second refresh after 40 days", h.refresh(h.next(one)))
	seen, live, renewable := map[string]bool{}, 0, 0
	for range 10 {
		p := h.issue("")
		seen[h.next(p)] = true
		if h.use(h.access(p)).status < 300 {
			live++
		}
		if h.refresh(h.next(p)).status < 300 {
			renewable++
		}
	}
	tr.say(fmt.Sprintf("of ten sessions %d have a refresh token of their own, %d can use the API, %d can be refreshed", len(seen), live, renewable))
	one = h.issue("")
	h.note("an access token and more", h.use(h.access(one)+"x"))
	h.note("an access token in the other case", h.use(strings.ToUpper(h.access(one))))
	h.note("a refresh token and more", h.refresh(h.next(one)+"x"))
	one = h.issue("")
	h.note("a refresh token in the other case", h.refresh(strings.ToUpper(h.next(one))))
}

func tokenNamed(name string) func(got) string {
	return func(g got) string { return g.text(name) }
}
