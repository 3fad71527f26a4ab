package exchange

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
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

	mu     sync.RWMutex
	known  map[string]bool
	long   map[uint64][]needle // by their first eight bytes, longest first
	short  [256][]needle       // by their first byte, longest first
	spaces bool                // a secret has a space in it, which a form writes as a plus
}

// needle is a text that must not be shown, and what is shown instead.
type needle struct {
	text, mark, value string
	coded             bool // the part of the value's base64 that does not depend on what stands before and after it
}

// span is a piece of a text that must not be shown.
type span struct {
	from, to int
	length   int // of the needle that was found
	mark     string
	value    string // the secret that was found
}

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
	r.spaces = r.spaces || strings.Contains(value, " ")
	mark := "‹" + kind + " " + r.fingerprint(value) + "›"
	if strings.Contains(mark, value) { // a password that is the name of its kind
		mark = "‹" + r.fingerprint(value) + "›"
	}
	r.insert(needle{value, mark, value, false})
	for _, form := range base64Forms(value) {
		r.insert(needle{form, mark, value, true})
	}
}

func (r *Redactor) fingerprint(value string) string {
	mac := hmac.New(sha256.New, r.key)
	mac.Write([]byte(value))
	return hex.EncodeToString(mac.Sum(nil)[:3])
}

func (r *Redactor) insert(n needle) {
	if len(n.text) < prefixLen {
		r.short[n.text[0]] = insertByLength(r.short[n.text[0]], n)
		return
	}
	key := prefix(n.text)
	r.long[key] = insertByLength(r.long[key], n)
}

func insertByLength(list []needle, n needle) []needle {
	at, _ := slices.BinarySearchFunc(list, n, func(a, b needle) int { return len(b.text) - len(a.text) })
	return slices.Insert(list, at, n)
}

func prefix(text string) uint64 { return binary.LittleEndian.Uint64([]byte(text[:prefixLen])) }

// Finds lists the secrets that stand in a text, however they are written there, each once.
func (r *Redactor) Finds(text string) []string {
	var values []string
	for _, s := range r.spans(text) {
		if !slices.Contains(values, s.value) {
			values = append(values, s.value)
		}
	}
	return values
}

func (r *Redactor) spans(text string) []span {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var spans []span
	for _, v := range views(text, r.spaces) {
		spans = r.search(spans, v)
	}
	return spans
}

// String is text without secrets.
func (r *Redactor) String(text string) string {
	spans := r.spans(text)
	if len(spans) == 0 {
		return text
	}
	var out strings.Builder
	kept := 0 // text before this index is in out already
	for _, s := range merge(spans) {
		out.WriteString(text[kept:s.from])
		out.WriteString(s.mark)
		kept = s.to
	}
	out.WriteString(text[kept:])
	return out.String()
}

// search finds every secret in a view, also those that overlap others.
func (r *Redactor) search(found []span, v view) []span {
	for i := range len(v.text) {
		if n, ok := r.at(v.text, i); ok {
			from, to := i, i+len(n.text)
			if n.coded {
				from, to = codedGroup(v.text, from, to)
			}
			found = append(found, span{v.from(from), v.from(to), len(n.text), n.mark, n.value})
		}
	}
	return found
}

// codedGroup adds the letters of base64 on either side that can hold bits of the secret: what is left of the groups
// of four that it begins and ends in.
func codedGroup(text string, from, to int) (int, int) {
	isBase64 := func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("+/-_=", c) >= 0
	}
	for least := from - 3; from > 0 && from > least && isBase64(text[from-1]); {
		from--
	}
	for most := to + 3; to < len(text) && to < most && isBase64(text[to]); {
		to++
	}
	return from, to
}

// merge joins what overlaps: when two secrets share some letters, the rest of neither may be shown. What is
// joined bears the mark of the longest.
func merge(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(a.from-b.from, b.to-a.to) })
	merged := spans[:1]
	for _, s := range spans[1:] {
		last := &merged[len(merged)-1]
		if s.from >= last.to {
			merged = append(merged, s)
			continue
		}
		last.to = max(last.to, s.to)
		if s.length > last.length {
			last.length, last.mark = s.length, s.mark
		}
	}
	return merged
}

// at is the longest secret that begins at an index.
func (r *Redactor) at(text string, i int) (needle, bool) {
	if len(text)-i >= prefixLen {
		for _, n := range r.long[prefix(text[i:])] {
			if strings.HasPrefix(text[i:], n.text) {
				return n, true
			}
		}
	}
	for _, n := range r.short[text[i]] {
		if strings.HasPrefix(text[i:], n.text) {
			return n, true
		}
	}
	return needle{}, false
}
