package kit

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// requests are the quirks of requests that no document has, and of what anybody can write into a header, under ids of a dialect's own.
// use is the row that says that what is no live token opens nothing, and letIn opens it. Tokens are issued at a path.
func requests[D Served](dialect, path, use string, letIn func(...When) func(D)) []Declared[D] {
	crashes := func(id, text string, when When) Declared[D] {
		return Defect(dialect+"-"+id, "ANY-5XX", text+" is answered 500.", func(d D) { d.Base().OnEvery(Crash, when) })
	}
	opens := func(id, text string, when When) Declared[D] {
		return Defect(dialect+"-"+id, use, text+" opens what a token opens.", letIn(when))
	}
	const override = "X-HTTP-Method-Override"
	return []Declared[D]{
		Defect(dialect+"-other-method-crash", "ANY-5XX", "A method that a path does not have is answered 500.", func(d D) {
			d.Base().OnEvery(func(c *Call, a Answer) Answer {
				if a.Status == http.StatusMethodNotAllowed {
					return Crash(c, a)
				}
				return a
			})
		}),
		crashes("bad-query-crash", "A query that cannot be decoded", func(c *Call) bool { _, err := url.ParseQuery(c.URL.RawQuery); return err != nil }),
		crashes("forwarded-crash", "A request that says that it was forwarded", hasHeader("X-Forwarded-For")),
		opens("local-opens", "X-Forwarded-For with 127.0.0.1", func(c *Call) bool { return c.Header.Get("X-Forwarded-For") == "127.0.0.1" }),
		opens("named-user-opens", "X-Forwarded-User with any name", hasHeader("X-Forwarded-User")),
		opens("any-cookie-opens", "A cookie named session, whatever its value is,", func(c *Call) bool { _, err := c.Cookie("session"); return err == nil }),
		opens("override-opens", "A request that calls itself OPTIONS", func(c *Call) bool { return c.Header.Get(override) == http.MethodOptions }),
		Liberty(dialect+"-login-cookie-opens", use, "A cookie that is set where tokens are issued opens what the token does, and no other value does.", func(d D) {
			var sessions sync.Map
			d.Base().OnEvery(func(c *Call, a Answer) Answer {
				if a.Token && a.Status < http.StatusMultipleChoices {
					value := RandomToken()
					sessions.Store(value, true)
					c.w.Header().Set("Set-Cookie", "session="+value+"; Path=/; HttpOnly")
				}
				return a
			}, At(path))
			letIn(func(c *Call) bool {
				sent, err := c.Cookie("session")
				if err != nil {
					return false
				}
				_, known := sessions.Load(sent.Value)
				return known
			})(d)
		}),
		Liberty(dialect+"-other-method-501", "ANY-5XX", "A method that a path does not have is answered 501.", func(d D) {
			d.Base().OnEvery(func(c *Call, a Answer) Answer {
				if a.Status == http.StatusMethodNotAllowed {
					a = c.Service.Refuse(http.StatusNotImplemented, "server_error", "This server knows no such method.")
				}
				return a
			})
		}),
		Liberty(dialect+"-head-says-nothing", use, "HEAD is answered 200 without a body, whatever is asked for.", func(d D) {
			d.Base().OnEvery(func(_ *Call, a Answer) Answer {
				a.Status, a.Page = http.StatusOK, []byte{}
				return a
			}, Heads)
		}),
	}
}

// bodies are the quirks of bodies that are as documented but for what says how to read them, or how long they are, under ids of a
// dialect's own.
func bodies[D Served](dialect string) []Declared[D] {
	const row = "ANY-5XX"
	untyped := func(c *Call) bool { return c.ContentLength > 0 && c.Header.Get("Content-Type") == "" }
	return []Declared[D]{
		Defect(dialect+"-untyped-body-crash", row, "A body without a media type is answered 500.", func(d D) { d.Base().OnEvery(Crash, untyped) }),
		Defect(dialect+"-long-body-crash", row, "A body of more than 64 KiB is answered 500.", func(d D) { d.Base().OnEvery(Crash, Misread(BodyLarge)) }),
		Liberty(dialect+"-long-body-hangs-up", row, "Of a body of more than 64 KiB the connection is closed.", func(d D) { d.Base().OnEvery(HangUp, Misread(BodyLarge)) }),
		Liberty(dialect+"-untyped-body-415", row, "A body without a media type is answered 415.", func(d D) {
			d.Base().OnEvery(func(c *Call, _ Answer) Answer {
				return c.Service.Refuse(http.StatusUnsupportedMediaType, "invalid_request", BodyMedia.Said)
			}, untyped)
		}),
	}
}

func hasHeader(name string) When { return func(c *Call) bool { return c.Header.Get(name) != "" } }

// Heads: the request is for the head of an answer alone.
func Heads(c *Call) bool { return c.Method == http.MethodHead }

// Unwraps is a deed: an array of one text is read as that text, in requests for some paths.
func Unwraps[D Served](paths ...string) func(D) {
	return func(d D) {
		s := d.Base()
		usual := s.Read
		s.Read = func(c *Call, body []byte) (Fields, *BodyFault) {
			fields, fault := usual(c, body)
			if !At(paths...)(c) {
				return fields, fault
			}
			for i, f := range fields {
				var texts []string
				if json.Unmarshal(f.Raw, &texts) == nil && len(texts) == 1 {
					fields[i].Raw = AppendString(nil, texts[0])
				}
			}
			return fields, fault
		}
	}
}

// IsTrue and IsZero: the member is true, or 0, which a loose comparison takes for equal to any text.
func IsTrue(name string) When { return isRaw(name, "true") }
func IsZero(name string) When { return isRaw(name, "0") }

func isRaw(name, raw string) When {
	return sent(name, func(f Field, _ bool) bool { return strings.TrimSpace(string(f.Raw)) == raw })
}
