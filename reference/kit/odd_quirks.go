package kit

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// OddRows names what a dialect says of requests that nobody expects.
type OddRows struct {
	Path   string // where tokens are issued
	Refuse string // wrong credentials get nothing there
	Use    string // what is no live token opens nothing
	JSON   bool   // bodies are JSON
	Form   bool   // or forms
}

// Odd are the quirks of careless readers, under ids of a dialect's own.
func Odd[D Served](dialect string, r OddRows) (all []Declared[D]) {
	defect := func(id, row, text string, deed func(*Service)) {
		all = append(all, Defect(dialect+"-"+id, row, text, func(d D) { deed(d.Base()) }))
	}
	crashes := func(id, text string, when When) {
		defect(id, r.Refuse, text+" is answered 500 where tokens are issued.", func(s *Service) { s.OnEvery(Crash, At(r.Path), when) })
	}
	defect("text-ends-at-nul", r.Refuse, "Credentials in a request are read as far as a NUL in them.", func(s *Service) {
		s.Trim = func(text string) string { text, _, _ = strings.Cut(text, "\x00"); return text }
	})
	defect("odd-letters-dropped", r.Refuse, "Letters beyond ASCII are left out of the credentials in a request.", func(s *Service) {
		s.Trim = func(text string) string {
			return strings.Map(func(c rune) rune {
				if c >= utf8.RuneSelf {
					return -1
				}
				return c
			}, text)
		}
	})
	crashes("long-text-crash", "A request of more than 4 kB", func(c *Call) bool { return len(c.URL.RawQuery)+len(c.Sent) > 4<<10 })
	crashes("odd-bytes-crash", "A text with a NUL in it", written(func(text string) bool { return strings.Contains(text, "\x00") }))
	crashes("member-name-crash", "A text that is the name of a member of every object of JavaScript", written(func(text string) bool { return strings.Contains(text, "constructor") }))
	if r.JSON || r.Form {
		all = append(all, bodies[D](dialect)...)
	}
	if r.JSON {
		crashes("deep-nesting-crash", "JSON that is nested more than 1000 deep", sentText(strings.Repeat("[", 1000)))
		crashes("lone-surrogate-crash", "Half a surrogate pair in JSON", sentText(`"\ud800"`))
	}
	defect("four-byte-letters-crash", "ANY-5XX", "A letter that takes four bytes is answered 500, wherever it stands.", func(s *Service) {
		s.OnEvery(Crash, written(func(text string) bool { return strings.Contains(text, "\xf0") }))
	})
	defect("parameter-twice-crash", "ANY-5XX", "A parameter that stands in a request twice is answered 500.", func(s *Service) { s.OnEvery(Crash, twice) })
	defect("spaced-token-crash", r.Use, "A Bearer token with a space in it is answered 500.", func(s *Service) {
		s.On(Unauthorized, Crash, func(c *Call) bool { return strings.Count(c.Header.Get("Authorization"), " ") > 1 })
	})
	if !r.Form {
		all = append(all, Liberty(dialect+"-parameter-twice-last", r.Refuse, "Of a parameter that stands in a request twice, the last counts.", func(d D) { lastOfTwo(d.Base()) }))
	}
	return all
}

// patterns are the quirks of tokens that are looked up by pattern, under ids of a dialect's own. row says that what is no live token
// opens nothing, and letIn opens it.
func patterns[D Served](dialect, row string, letIn func(...When) func(D)) []Declared[D] {
	sent := func(pattern string) func(D) {
		return letIn(func(c *Call) bool { return c.Header.Get("Authorization") == "Bearer "+pattern })
	}
	return []Declared[D]{
		Defect(dialect+"-token-like", row, "A token is looked up with LIKE, and a percent sign is like every token.", sent("%")),
		Defect(dialect+"-token-keys", row, "A token is looked up as a pattern of keys, and an asterisk fits every token.", sent("*")),
	}
}

// Outer are the quirks that lie around a dialect's operations, under ids of its own: how tokens and paths are looked up, how answers are
// compressed, what the headers of refusals carry, and what comes of requests that no document has. Tokens are issued at a path; use is the row that says that what is no live token
// opens nothing, and letIn opens it. mint begins a session and answers its tokens as clients get them; nil begins some client's.
func Outer[D Served](dialect, path, use string, letIn func(...When) func(D), mint func(D, *Call) (access, refresh string)) []Declared[D] {
	if mint == nil {
		mint = func(d D, c *Call) (access, refresh string) {
			s := d.Base()
			s.Issue(c, Account{Client: s.Accounts.SomeClient(func(k *KnownClient) bool { return k.Dialect == dialect }).Number})
			return c.Pair.Access, c.Pair.Refresh
		}
	}
	return slices.Concat(patterns(dialect, use, letIn), paths(dialect, use, letIn), coded[D](dialect), framed[D](dialect), refusalHeaders(dialect, path, mint, letIn), requests(dialect, path, use, letIn))
}

// lastOfTwo reads the last of what stands in a request twice.
func lastOfTwo(s *Service) {
	usual := s.Read
	s.Read = func(c *Call, body []byte) (Fields, *BodyFault) {
		found, fault := usual(c, body)
		if fault != BodyDuplicate || !IsJSON(c.Header.Get("Content-Type")) {
			return found, fault
		}
		last := Fields{}
		for _, f := range slices.Backward(wellFormedObject(body)) {
			if _, seen := last.Get(f.Name); !seen {
				last = append(last, f)
			}
		}
		return last, nil
	}
	s.Before(func(c *Call) (Answer, bool) {
		in := c.URL.Query()
		for name, values := range in {
			in[name] = values[len(values)-1:]
		}
		c.URL.RawQuery = in.Encode()
		return Answer{}, false
	})
}

// written is a condition on what a request says, with its escapes read.
func written(is func(text string) bool) When {
	return func(c *Call) bool {
		query, _ := url.QueryUnescape(c.URL.RawQuery)
		header := c.Header.Get("Authorization")
		_, encoded, _ := strings.Cut(header, " ")
		basic, _ := base64.StdEncoding.DecodeString(encoded)
		body := strings.ReplaceAll(string(c.Sent), `\u0000`, "\x00")
		form, _ := url.QueryUnescape(body)
		return is(query) || is(header) || is(string(basic)) || is(body) || is(form)
	}
}

// sentText: the body has a text in it, as it was sent.
func sentText(text string) When {
	return func(c *Call) bool { return strings.Contains(string(c.Sent), text) }
}

// twice: a parameter of the query, or a member of the body, stands there twice.
func twice(c *Call) bool {
	for _, values := range c.URL.Query() {
		if len(values) > 1 {
			return true
		}
	}
	return c.Fault == BodyDuplicate
}
