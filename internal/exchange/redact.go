package exchange

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Redactor replaces secrets by fingerprints, wherever and however they are written. It works by value: a
// secret is found in a URL, a form, a JSON or HTML text and inside base64 alike, whatever the key beside it
// is called. Fingerprints are keyed per run, so that lines of one report still correlate and two reports do
// not.
//
// The zero value is not usable; NewRedactor makes one. Methods may be called concurrently.
type Redactor struct {
	key []byte

	mu      sync.RWMutex
	known   map[string]bool
	needles map[ending][]needle
	long    map[uint64][]int     // how long those are that begin with these eight bytes, longest first
	begins  [1 << 16 / 64]uint64 // a bit for what hashes of first eight bytes there are: most of a text begins no secret
	short   [256][]int           // how long those of fewer bytes are that begin with this one, longest first
	spaces  bool                 // a secret has a space in it, which a form writes as a plus
	public  []string             // texts that may be shown although a secret reads like a part of them
}

// ending is what needles are kept by: JWTs begin alike by the thousand, and what tells them apart is their end.
type ending struct {
	length int
	tail   string
}

func endingOf(text string) ending { return ending{len(text), text[max(0, len(text)-tailLen):]} }

// needle is a text that must not be shown, and what is shown instead.
type needle struct {
	text, mark, value string
	coded             bool // the part of the value's base64 that does not depend on what stands before and after it
	name              bool // a name, which counts as a word of its own only
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

const (
	prefixLen = 8
	tailLen   = 32
)

// codedNeedle is how much is kept of a secret in base64, of which there are many forms.
const codedNeedle = 512

// NewRedactor makes a redactor with a key of its own.
func NewRedactor() *Redactor {
	key := make([]byte, 16)
	_, _ = rand.Read(key) // crypto/rand.Read never fails (Go 1.24)
	return &Redactor{key: key, known: map[string]bool{}, needles: map[ending][]needle{}, long: map[uint64][]int{}}
}

// Add makes a value secret from now on; kind says what it is ("access", "client_secret") and shows in its
// fingerprint.
func (r *Redactor) Add(kind, value string) {
	r.add(value, func() string { return kind + " " + r.fingerprint(value) })
}

// AddAs is Add for a value that people know by a name of its own, which is shown instead of a fingerprint.
func (r *Redactor) AddAs(name, value string) { r.add(value, func() string { return name }) }

func (r *Redactor) add(value string, name func() string) {
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
	if !r.first(value) {
		return
	}
	mark := "‹" + name() + "›"
	if strings.Contains(mark, value) { // a password that is the name of its kind
		mark = "‹" + r.fingerprint(value) + "›"
	}
	r.insert(needle{text: value, mark: mark, value: value})
	for _, form := range base64Forms(value) {
		if len(form) > codedNeedle { // enough to know it by; the rest follows
			form = form[:codedNeedle]
		}
		r.insert(needle{text: form, mark: mark, value: value, coded: true})
	}
}

// AddName hides a name that somebody signs in with: where it stands as a word of its own, and where it begins Basic credentials. Within
// a longer word, a token say, the same letters mean nothing. A value that is a secret, too, stays one.
func (r *Redactor) AddName(kind, name string) {
	if len(name) < minSecret {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.first(name) {
		return
	}
	mark := "‹" + kind + " " + r.fingerprint(name) + "›"
	r.insert(needle{text: name, mark: mark, value: name, name: true})
	begins := base64.RawStdEncoding.EncodeToString([]byte(name + ":"))[:(len(name)+1)*8/6]
	r.insert(needle{text: begins, mark: mark, value: name, coded: true, name: true})
}

// first reports whether a value is hidden from now on, and was not before. r.mu is held.
func (r *Redactor) first(value string) bool {
	known := r.known[value]
	r.known[value] = true
	r.spaces = r.spaces || strings.Contains(value, " ")
	return !known
}

// Show says of texts that they may be shown, whatever secret a part of them reads like: what a document fixes is no secret because
// somebody's password is the same word.
func (r *Redactor) Show(texts ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.public = append(r.public, texts...)
}

func (r *Redactor) fingerprint(value string) string {
	mac := hmac.New(sha256.New, r.key)
	mac.Write([]byte(value))
	return hex.EncodeToString(mac.Sum(nil)[:3])
}

func (r *Redactor) insert(n needle) {
	end := endingOf(n.text)
	r.needles[end] = append(r.needles[end], n)
	if len(n.text) < prefixLen {
		r.short[n.text[0]] = withLength(r.short[n.text[0]], len(n.text))
		return
	}
	key := prefix(n.text)
	word, bit := spot(key)
	r.begins[word] |= bit
	r.long[key] = withLength(r.long[key], len(n.text))
}

func withLength(lengths []int, length int) []int {
	at, has := slices.BinarySearchFunc(lengths, length, func(a, b int) int { return b - a })
	if has {
		return lengths
	}
	return slices.Insert(lengths, at, length)
}

// spot is where the bit of a prefix stands, by the upper 16 bits of its product with 2^64 divided by the golden ratio.
func spot(key uint64) (word int, bit uint64) {
	hash := key * 0x9e3779b97f4a7c15 >> 48
	return int(hash / 64), 1 << (hash % 64)
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
	return slices.DeleteFunc(spans, func(s span) bool { return r.shows(text, s) })
}

// shows reports that a span stands in a text that may be shown. r.mu is held.
func (r *Redactor) shows(text string, s span) bool {
	return slices.ContainsFunc(r.public, func(public string) bool {
		for from := max(0, s.to-len(public)); from <= s.from && from+len(public) <= len(text); from++ {
			if text[from:from+len(public)] == public {
				return true
			}
		}
		return false
	})
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
			if n.name && (from > 0 && isWord(v.text[from-1]) || !n.coded && to < len(v.text) && isWord(v.text[to])) {
				continue
			}
			if n.coded {
				from, to = codedGroup(v.text, from, to)
			}
			found = append(found, span{v.from(from), v.from(to), len(n.text), n.mark, n.value})
		}
	}
	return found
}

// isWord is a byte that continues a word or a token: what base64url and hex are made of, and all beyond ASCII.
func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c >= utf8.RuneSelf
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
	most := to + 3
	if to-from >= codedNeedle {
		most = len(text)
	}
	for to < len(text) && to < most && isBase64(text[to]) {
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
	text = text[i:]
	if len(text) >= prefixLen {
		key := prefix(text)
		if word, bit := spot(key); r.begins[word]&bit != 0 {
			if n, ok := r.longest(r.long[key], text); ok {
				return n, true
			}
		}
	}
	return r.longest(r.short[text[0]], text)
}

// longest is the first needle of those lengths that a text begins with.
func (r *Redactor) longest(lengths []int, text string) (needle, bool) {
	for _, length := range lengths {
		if length > len(text) {
			continue
		}
		for _, n := range r.needles[endingOf(text[:length])] {
			if n.text == text[:length] {
				return n, true
			}
		}
	}
	return needle{}, false
}
