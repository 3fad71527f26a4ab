package reference

import (
	"fmt"
	"time"
)

// kmByCode is how the tokens of a code live, and what becomes of codes.
func kmByCode(tr *transcript, one, two Client) {
	given := func() got { return tr.exchange(one, tr.code(one)) }
	renew := func(who Client, p got) got {
		return tr.kmGrant(who, "refresh_token", "refresh_token", p.text("refresh_token"))
	}
	first := given()
	tr.note("by code: a second consent", given())
	tr.note("by code: the first one's access token", tr.queue(first.text("access_token")))
	tr.note("by code: another client refreshes", renew(two, given()))
	for _, p := range []got{given(), renew(one, given())} {
		renew(one, p)
		tr.note("by code: spent", renew(one, p))
	}
	for _, after := range []time.Duration{40 * time.Minute, 10 * 24 * time.Hour, 40 * 24 * time.Hour} {
		plain := tr.kmGrant(one, "client_credentials")
		all := []got{given(), renew(one, given()), renew(one, plain), renew(one, renew(one, tr.kmGrant(one, "client_credentials")))}
		tr.advance(after)
		for i, p := range all {
			tr.note(fmt.Sprint("by code: access ", i, " after ", after), tr.queue(p.text("access_token")))
			tr.note(fmt.Sprint("by code: refresh ", i, " after ", after), renew(one, p))
		}
	}
	used, unused := tr.code(one), tr.code(one)
	tr.exchange(one, used)
	for range 3 {
		tr.advance(20 * time.Second)
		tr.note("by code: used before", tr.exchange(one, used))
	}
	tr.advance(5 * time.Second)
	tr.note("by code: ended", tr.exchange(one, unused))
}
