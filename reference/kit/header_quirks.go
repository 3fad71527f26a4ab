package kit

import (
	"net/http"
	"sync"
)

// refusalHeaders are the quirks of what stands in the headers of refusals where tokens are issued, under ids of a dialect's own. mint
// begins a session and answers its tokens as clients get them; letIn opens what a token does.
func refusalHeaders[D Served](dialect, path string, mint func(D, *Call) (access, refresh string), letIn func(...When) func(D)) []Declared[D] {
	const row = "ANY-LEAK"
	carries := func(add func(d D, c *Call, h http.Header), when ...When) func(D) {
		return func(d D) {
			d.Base().OnEvery(func(c *Call, a Answer) Answer {
				if a.Refusal() && a.Page == nil {
					add(d, c, c.w.Header())
				}
				return a
			}, when...)
		}
	}
	cookie := func(h http.Header, value string) { h.Set("Set-Cookie", "session="+value+"; Path=/; HttpOnly") }
	var opens sync.Map
	return []Declared[D]{
		Defect(dialect+"-refusal-cookie-token", row, "A refusal of any kind sets a cookie with an access token.", carries(func(d D, c *Call, h http.Header) {
			access, _ := mint(d, c)
			cookie(h, access)
		})),
		Defect(dialect+"-refusal-header-token", row, "A refusal where tokens are issued has a refresh token in a header.", carries(func(d D, c *Call, h http.Header) {
			_, refresh := mint(d, c)
			h.Set("X-Session-Token", "token "+refresh)
		}, At(path))),
		Defect(dialect+"-refusal-cookie-opens", row, "A refusal where tokens are issued sets a cookie of a session that opens all that a token does.", carries(func(_ D, _ *Call, h http.Header) {
			value := RandomToken()
			opens.Store(value, true)
			cookie(h, value)
		}, At(path)), letIn(func(c *Call) bool {
			sent, err := c.Cookie("session")
			if err != nil {
				return false
			}
			_, known := opens.Load(sent.Value)
			return known
		})),
		Liberty(dialect+"-refusal-cookie", row, "A refusal where tokens are issued sets a cookie that opens nothing, and names its request.", carries(func(_ D, _ *Call, h http.Header) {
			cookie(h, RandomToken())
			h.Set("X-Request-Id", RandomUUID())
		}, At(path))),
	}
}
