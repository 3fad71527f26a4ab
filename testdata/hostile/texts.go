package hostile

import (
	"bytes"
	"regexp"
	"strings"
)

// texts are bodies that say something odd.
var texts = []Behaviour{
	said("json-then-garbage", NoGo, func(b []byte) string { return string(b) + "garbage" }),
	said("json-twice", NoGo, func(b []byte) string { return string(b) + string(b) }),
	said("json-cut", NoGo, func(b []byte) string { return string(b[:len(b)-3]) }),
	said("json-100000-deep", NoGo, func(b []byte) string {
		return string(member(b, `"deep":`+strings.Repeat("[", 100000)+strings.Repeat("]", 100000)))
	}),
	said("json-9000-deep", Go|Bad, func(b []byte) string {
		return string(member(b, `"deep":`+strings.Repeat("[", 9000)+strings.Repeat("]", 9000)))
	}),
	said("json-duplicate-keys", NoGo, func(b []byte) string { return string(member(b, `"access_token":"another-one"`)) }),
	said("json-100000-members", Go|Bad, func(b []byte) string {
		var more strings.Builder
		for i := range 60000 {
			more.WriteString(`,"m` + strings.Repeat("0", i%7) + string(rune('a'+i%26)) + strings.Repeat("q", i%11) + string(rune(0x4e00+i%20000)) + `":` + "0")
		}
		return string(bytes.TrimSuffix(bytes.TrimSpace(b), []byte("}"))) + more.String() + "}"
	}),
	said("json-array", NoGo, func(b []byte) string { return "[" + string(b) + "]" }),
	said("json-null", NoGo, func([]byte) string { return "null" }),
	said("json-in-json", NoGo, func(b []byte) string { return `"` + strings.ReplaceAll(string(b), `"`, `\"`) + `"` }),
	said("json-invalid-utf8", Go|Bad, func(b []byte) string { return string(member(b, "\"note\":\"\xff\xfe\xc0\x80\"")) }),
	said("json-in-utf16", NoGo, func(b []byte) string {
		out := "\xff\xfe"
		for _, c := range b {
			out += string([]byte{c, 0})
		}
		return out
	}),
	said("html-instead", NoGo, func([]byte) string { return "<html><body><h1>Welcome</h1></body></html>" }),
	said("zeros-instead", NoGo, func([]byte) string { return strings.Repeat("\x00", 4096) }),
	said("number-too-large", Go|Bad, func(b []byte) string { return numbers.ReplaceAllString(string(b), `${1}1e999`) }),
	said("number-of-100-KB", Go|Bad, func(b []byte) string {
		return numbers.ReplaceAllString(string(b), `${1}`+strings.Repeat("9", 100*kilobyte))
	}),
	said("number-negative", Go|Bad, func(b []byte) string { return numbers.ReplaceAllString(string(b), `${1}-9223372036854775808`) }),
	token("token-with-NUL", NoGo, `\u0000`),
	token("token-with-line-break", NoGo, `\r\nX-Injected: yes`),
	token("token-with-escape", NoGo, `\u001b[2J`),
	token("token-with-DEL", NoGo, `\u007f`),
	token("token-with-half-a-pair", Go|Bad, `\ud800`),
	token("token-right-to-left", Go|Bad, `\u202e`),
	token("token-with-a-space", Go|Bad, ` and more`),
	said("token-empty", NoGo, func(b []byte) string { return string(inToken(b, "access_token", func(string) string { return "" })) }),
	said("token-object", NoGo, func(b []byte) string {
		return strings.Replace(string(b), `"access_token":`, `"access_token":{"$ne":""},"was":`, 1)
	}),
	{Name: "refusal-paints", Ends: Go | Bad, Loads: Go | Bad, which: refusals, do: func(a *Answer) {
		a.Body = []byte("\x1b[2J\x1b[H\nGO: 5 cases passed\n\x1b]0;owned\x07\r\ngonogo: GO\u202e\u009b31m")
		a.send()
	}},
	{Name: "body-paints", Ends: Go | Bad, Loads: Go | Bad, do: func(a *Answer) {
		a.Body = append([]byte("\n\nGO: 5 cases passed\n\n"), member(a.Body, `"note":"`+"\u009b31m\u202e"+`\u001b[2J"`)...)
		a.send()
	}},
}

// numbers are the lifetimes in an answer.
var numbers = regexp.MustCompile(`("[a-z_]*(?:expire|expires|expiry)[a-z_]*":\s*)-?[0-9.]+`)

// said has answers with tokens say something else.
func said(name string, ends Ends, what func(body []byte) string) Behaviour {
	var loads Ends
	if strings.HasPrefix(name, "json-") && ends == NoGo {
		loads = Bad | Go // a load samples what it reads whole
	}
	return Behaviour{Name: name, Ends: ends, Loads: loads, do: func(a *Answer) {
		a.Body = []byte(what(a.Body))
		a.send()
	}}
}

// token adds something to access tokens, as JSON writes it.
func token(name string, ends Ends, more string) Behaviour {
	return said(name, ends, func(b []byte) string {
		return string(inToken(b, "access_token", func(token string) string { return token + more }))
	})
}
