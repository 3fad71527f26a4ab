package exchange

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// view is a text with escapes undone, and where each of its bytes comes from. Secrets are looked for in
// views as they are, so it does not matter which characters a server chose to escape, and in which case.
type view struct {
	text  string
	start []int32 // of each byte, and of the end, in the text as it was written; nil: nothing was undone
}

// from is where a byte of the view begins in the text as it was written.
func (v view) from(i int) int {
	if v.start == nil {
		return i
	}
	return int(v.start[i])
}

// An unescape undoes the escape that a text begins with: by what it is replaced, and how long it is.
type unescape func(text string) (by string, length int)

// rounds is how often escapes are undone on top of each other: a code in a redirect URI that is itself a
// parameter of a form that stands in a JSON text is escaped three times.
const rounds = 3

// views are the ways to read a text: as it is, with each kind of escape undone, and with all of them undone
// again and again. The single kinds matter for secrets that look like an escape of another kind. A plus is a
// space in a form and a plus everywhere else, so where spaces matter it is read both ways.
func views(text string, spaces bool) []view {
	all := []view{{text: text}}
	add := func(v view, kind unescape) (view, bool) {
		v, changed := undo(v, kind)
		if changed {
			all = append(all, v)
		}
		return v, changed
	}
	var kinds []unescape
	for _, k := range []struct {
		mark string
		kind unescape
	}{{"%", unescapeURL}, {`\`, unescapeJSON}, {"&", unescapeHTML}} {
		if strings.Contains(text, k.mark) {
			kinds = append(kinds, k.kind)
		}
	}
	if len(kinds) > 1 { // one alone is the first round
		for _, kind := range kinds {
			add(all[0], kind)
		}
	}
	readings := [][]unescape{{unescapeURL, unescapeJSON, unescapeHTML}}
	if spaces && strings.ContainsAny(text, "+%") {
		readings = append(readings, []unescape{unescapePlus, unescapeURL, unescapeJSON, unescapeHTML})
	}
	for _, reading := range readings {
		v, changed := all[0], true
		for range rounds {
			if v, changed = add(v, either(reading)); !changed {
				break
			}
		}
	}
	return all
}

// either undoes whatever of several kinds of escape comes.
func either(kinds []unescape) unescape {
	return func(text string) (string, int) {
		for _, kind := range kinds {
			if by, length := kind(text); length > 0 {
				return by, length
			}
		}
		return "", 0
	}
}

// undo replaces all escapes of a kind.
func undo(v view, kind unescape) (view, bool) {
	if !strings.ContainsAny(v.text, `%\&+`) {
		return v, false
	}
	out := make([]byte, 0, len(v.text))
	start := make([]int32, 0, len(v.text)+1)
	for i := 0; i < len(v.text); {
		by, length := "", 0
		switch v.text[i] {
		case '%', '\\', '&', '+':
			by, length = kind(v.text[i:])
		}
		if length == 0 {
			by, length = v.text[i:i+1], 1
		}
		for range len(by) {
			start = append(start, int32(v.from(i)))
		}
		out = append(out, by...)
		i += length
	}
	start = append(start, int32(v.from(len(v.text))))
	return view{string(out), start}, string(out) != v.text
}

func unescapePlus(text string) (string, int) {
	if text[0] != '+' {
		return "", 0
	}
	return " ", 1
}

func unescapeURL(text string) (string, int) {
	if text[0] != '%' || len(text) < 3 {
		return "", 0
	}
	b, err := strconv.ParseUint(text[1:3], 16, 8)
	if err != nil {
		return "", 0
	}
	return string([]byte{byte(b)}), 3
}

// unescapeJSON is RFC 8259 section 7.
func unescapeJSON(text string) (string, int) {
	if text[0] != '\\' || len(text) < 2 {
		return "", 0
	}
	if i := strings.IndexByte(`"\/bfnrt`, text[1]); i >= 0 {
		return "\"\\/\b\f\n\r\t"[i : i+1], 2
	}
	first, ok := codeUnit(text)
	if !ok {
		return "", 0
	}
	if utf16.IsSurrogate(first) && len(text) > 6 {
		if second, ok := codeUnit(text[6:]); ok {
			if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
				return string(r), 12
			}
		}
	}
	return string(first), 6
}

func codeUnit(text string) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(unit), err == nil
}

// longestEntity is the length of the longest reference that is undone, &#x10FFFF; with some leading zeros.
const longestEntity = 12

func unescapeHTML(text string) (string, int) {
	if text[0] != '&' {
		return "", 0
	}
	end := strings.IndexByte(text[:min(len(text), longestEntity)], ';') + 1
	by := html.UnescapeString(text[:end])
	if utf8.RuneCountInString(by) != 1 { // something that is no reference, or more than one
		return "", 0
	}
	return by, end
}

// base64Forms are what a value looks like inside base64: of itself, as in Basic credentials, of the form in
// which RFC 6749 section 2.3.1 puts it there, and of what JSON makes of it, as in the payload of a JWT.
func base64Forms(value string) []string {
	inner := []string{value}
	if strings.ContainsFunc(value, special) {
		inner = append(append(inner, url.QueryEscape(value), url.PathEscape(value)), jsonForms(value)...)
	}
	slices.Sort(inner)
	var forms []string
	for _, text := range slices.Compact(inner) {
		for _, form := range insideBase64(text) {
			forms = append(forms, form)
			if strings.ContainsAny(form, "+/") { // all other forms are the same in both alphabets
				forms = append(forms, urlAlphabet.Replace(form))
			}
		}
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// special is a character that URLs or JSON may write as an escape: what RFC 3986 section 2.3 does not call unreserved.
func special(c rune) bool {
	return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-._~", c))
}

// jsonForms are the ways in which common libraries write a text in JSON.
func jsonForms(value string) []string {
	quoted, err := json.Marshal(value)
	if err != nil {
		return nil // never: every string has a JSON form
	}
	careful := string(quoted[1 : len(quoted)-1])
	plain := bareHTML.Replace(careful)
	var forms []string
	for _, form := range []string{careful, plain} {
		forms = append(forms, form, strings.ReplaceAll(form, "/", `\/`), ascii(form), ascii(strings.ReplaceAll(form, "/", `\/`)))
	}
	return forms
}

// bareHTML is what json.Marshal escapes and other libraries do not.
var bareHTML = strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&")

// ascii writes everything beyond ASCII as Python's and PHP's libraries do.
func ascii(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			out.WriteString(`\u` + strconv.FormatUint(0x10000|uint64(unit), 16)[1:])
		}
	}
	return out.String()
}

// urlAlphabet turns base64 into base64url.
var urlAlphabet = strings.NewReplacer("+", "-", "/", "_")

// insideBase64 is what a value looks like somewhere in a base64 text, at each of the three alignments:
// without the characters at its ends that also depend on its neighbours.
func insideBase64(value string) []string {
	var forms []string
	shifted := append(make([]byte, 2, 2+len(value)), value...)
	for shift := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString(shifted[2-shift:])
		from := (shift*8 + 5) / 6
		to := (shift + len(value)) * 8 / 6
		// a shorter piece would be found by chance in an unrelated token
		if to-from >= minSecret {
			forms = append(forms, encoded[from:to])
		}
	}
	return forms
}
