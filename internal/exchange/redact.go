package exchange

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Redactor replaces secrets by fingerprints, wherever and however they are written. It works by value: a
// secret is found in a URL, a form, a JSON or HTML text and inside base64 alike, whatever the key beside it
// is called. Fingerprints are keyed per run, so that lines of one report still correlate and two reports do
// not.
//
// The zero value is not usable; NewRedactor makes one. Methods may be called concurrently.
type Redactor struct {
	key []byte

	mu    sync.RWMutex
	known map[string]bool
	long  map[uint64][]needle // by their first eight bytes
	short []needle
}

type needle struct{ text, mark string }

// minSecret is the shortest value that is redacted. Shorter ones would turn ordinary words of a report into
// fingerprints and are too guessable to be secrets.
const minSecret = 4

const prefixLen = 8

// NewRedactor makes a redactor with a key of its own.
func NewRedactor() *Redactor {
	key := make([]byte, 16)
	_, _ = rand.Read(key) // crypto/rand.Read never fails (Go 1.24)
	return &Redactor{key: key, known: map[string]bool{}, long: map[uint64][]needle{}}
}

// Add makes a value secret from now on; kind says what it is ("access", "client_secret") and shows in its
// fingerprint.
func (r *Redactor) Add(kind, value string) {
	if len(value) < minSecret {
		return
	}
	r.mu.RLock()
	seen := r.known[value]
	r.mu.RUnlock()
	if seen {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known[value] {
		return
	}
	r.known[value] = true
	mark := "‹" + kind + " " + r.fingerprint(value) + "›"
	for _, form := range writtenForms(value) {
		r.insert(needle{form, mark})
	}
}

func (r *Redactor) fingerprint(value string) string {
	mac := hmac.New(sha256.New, r.key)
	mac.Write([]byte(value))
	return hex.EncodeToString(mac.Sum(nil)[:3])
}

func (r *Redactor) insert(n needle) {
	longestFirst := func(a, b needle) int { return len(b.text) - len(a.text) }
	if len(n.text) < prefixLen {
		r.short = append(r.short, n)
		slices.SortStableFunc(r.short, longestFirst)
		return
	}
	key := binary.LittleEndian.Uint64([]byte(n.text[:prefixLen]))
	list := append(r.long[key], n)
	slices.SortStableFunc(list, longestFirst)
	r.long[key] = list
}

// writtenForms are the ways a value can stand in a request, an answer or a log.
func writtenForms(value string) []string {
	forms := []string{value, url.QueryEscape(value), url.PathEscape(value), html.EscapeString(value), lowerPercent(url.QueryEscape(value))}
	if quoted, err := json.Marshal(value); err == nil {
		inner := string(quoted[1 : len(quoted)-1])
		forms = append(forms, inner, strings.ReplaceAll(inner, "/", `\/`))
	}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		forms = append(forms, insideBase64(encoding, value)...)
	}
	slices.Sort(forms)
	return slices.DeleteFunc(slices.Compact(forms), func(f string) bool { return len(f) < minSecret })
}

// insideBase64 is what a value looks like somewhere in a base64 text, at each of the three alignments:
// without the characters at its ends that also depend on its neighbours.
func insideBase64(encoding *base64.Encoding, value string) []string {
	var forms []string
	for shift := range 3 {
		encoded := encoding.EncodeToString(append(make([]byte, shift), value...))
		from := (shift*8 + 5) / 6
		to := (shift + len(value)) * 8 / 6
		// shorter pieces would be found by chance in an unrelated token
		if to-from >= prefixLen {
			forms = append(forms, encoded[from:to])
		}
	}
	return forms
}

func lowerPercent(escaped string) string {
	out := []byte(escaped)
	for i := 0; i+2 < len(out); i++ {
		if out[i] == '%' {
			copy(out[i+1:i+3], strings.ToLower(string(out[i+1:i+3])))
		}
	}
	return string(out)
}

// String is text without secrets.
func (r *Redactor) String(text string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var out strings.Builder
	kept := 0 // text before this index is in out already
	for i := 0; i < len(text); {
		n, found := r.at(text, i)
		if !found {
			i++
			continue
		}
		out.WriteString(text[kept:i])
		out.WriteString(n.mark)
		i += len(n.text)
		kept = i
	}
	if kept == 0 {
		return text
	}
	out.WriteString(text[kept:])
	return out.String()
}

// at is the longest secret that begins at an index.
func (r *Redactor) at(text string, i int) (needle, bool) {
	if len(text)-i >= prefixLen {
		for _, n := range r.long[binary.LittleEndian.Uint64([]byte(text[i:i+prefixLen]))] {
			if strings.HasPrefix(text[i:], n.text) {
				return n, true
			}
		}
	}
	for _, n := range r.short {
		if strings.HasPrefix(text[i:], n.text) {
			return n, true
		}
	}
	return needle{}, false
}
