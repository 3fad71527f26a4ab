package pos

import (
	"html"
	"slices"
	"strings"
	"unicode/utf8"

	"gonogo/reference/kit"
)

// Quirks of requests that nobody expects.
var oddQuirks = slices.Concat(kit.Odd[*pos](id, kit.OddRows{Path: logInPath, Refuse: "POS-TOKEN-3", Use: "POS-USE-2", JSON: true}), []kit.Declared[*pos]{
	defect("pos-basic-long-crash", "POS-TOKEN-2", "Basic credentials of more than 4 kB are answered 500.", on(stranger, kit.Crash, func(c *kit.Call) bool { return len(c.Header.Get("Authorization")) > 4<<10 })),
	defect("pos-long-name-crash", "POS-USER-3", "A new user_name of more than 256 bytes is answered 500.", on(bad, kit.Crash, atUsers, func(c *kit.Call) bool { return c.Member == "user_name" && len(c.Sent) > 4<<10 })),
})

// Quirks around the operations.
var outerQuirks = kit.Outer(id, logInPath, "POS-USE-2", letIn, nil)

// Quirks of accounts that are not plain.
var accountQuirks = []kit.Declared[*pos]{
	defect("pos-name-kept-in-lower-case", "POS-USER-2", "A new user_name is kept in lower case, and found only so.", instead(loggedIn, func(p *pos, _ *kit.Call) kit.Answer { return p.wrongPassword() }, func(c *kit.Call) bool { return c.User.Username != lower(c.User.Username) })),
	defect("pos-name-kept-in-ascii", "POS-USER-2", "Letters beyond ASCII are lost from a new user_name, and not from one that a user logs in with.", keepsName(inASCII)),
	defect("pos-name-kept-as-latin", "POS-USER-2", "The bytes of a new user_name are kept as letters of their own.", keepsName(latin)),
	defect("pos-password-kept-escaped", "POS-USER-2", "A new password is escaped for HTML, and one that a user logs in with is not.", func(p *pos) { p.kept = html.EscapeString }),
	defect("pos-password-decoded-again", "POS-TOKEN-3", "A password is decoded as forms are, after JSON.", func(p *pos) { p.kept, p.compared = formDecoded, formDecoded }),
	defect("pos-password-plus-is-space", "POS-TOKEN-3", "A plus in a password is a space.", func(p *pos) { p.kept, p.compared = plusIsSpace, plusIsSpace }),
	liberty("pos-plain-accounts", "POS-USER-1", "A new user_name and password are of letters, digits and hyphens.", func(p *pos) {
		p.nameFault = oddName
		p.weakness = func(password string) string { return oddName(strings.ReplaceAll(password, "-", "")) }
	}),
	defect("pos-password-kept-in-ascii", "POS-USER-2", "Letters beyond ASCII are lost from a new password, and not from one that a user logs in with.", func(p *pos) { p.kept = inASCII }),
	defect("pos-long-password-cut-when-kept", "POS-USER-2", "A new password is cut after 72 bytes, and one that a user logs in with is not.", func(p *pos) { p.kept = first72 }),
	defect("pos-password-compared-in-ascii", "POS-TOKEN-3", "Letters beyond ASCII in a password make no difference.", func(p *pos) { p.kept, p.compared = inASCII, inASCII }),
	defect("pos-password-72-bytes", "POS-TOKEN-3", "Only the first 72 bytes of a password are compared.", func(p *pos) { p.kept, p.compared = first72, first72 }),
	defect("pos-long-password-crash", "POS-USER-2", "A new password of more than 72 bytes is answered 500.", on(userMade, kit.Crash, func(c *kit.Call) bool { return len(sentPassword(c)) > 72 })),
	liberty("pos-long-password-refused", "POS-USER-1", "A new password of more than 72 bytes is refused.", func(p *pos) {
		p.weakness = func(password string) string {
			if len(password) > 72 {
				return "The member password is longer than 72 bytes."
			}
			return ""
		}
	}),
	liberty("pos-ascii-passwords", "POS-USER-1", "A new password is of ASCII characters only.", func(p *pos) {
		p.weakness = func(password string) string {
			if inASCII(password) != password {
				return "The member password has letters beyond ASCII."
			}
			return ""
		}
	}),
}

func inASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return '?'
		}
		return r
	}, text)
}

func first72(text string) string { return text[:min(len(text), 72)] }

// latin takes each byte of a text for a letter.
func latin(text string) string {
	var out strings.Builder
	for _, b := range []byte(text) {
		out.WriteRune(rune(b))
	}
	return out.String()
}

func plusIsSpace(text string) string { return strings.ReplaceAll(text, "+", " ") }

// keepsName enters a new user under a user_name that was made of the one that was sent.
func keepsName(made func(string) string) func(*pos) {
	return func(p *pos) {
		usual := p.enter
		p.enter = func(c *kit.Call, in request) kit.Answer {
			in.name = made(in.name)
			return usual(c, in)
		}
	}
}
