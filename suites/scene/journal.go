package scene

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"sync"

	"gonogo/internal/exchange"
	"gonogo/internal/operation"
)

// Journal is everything a run's cases sent and got, for the cases that look over all of it.
type Journal struct {
	mu      sync.Mutex
	entries []Entry
}

// Entry is one exchange, read.
type Entry struct {
	Case   string
	Answer *operation.Answer
}

func (j *Journal) add(e Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, e)
}

// Entries is what was sent so far, in order.
func (j *Journal) Entries() []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Entry{}, j.entries...)
}

// Minted are the tokens seen so far, in the order they were handed out.
func (m *Memory) Minted() []Token {
	m.mu.RLock()
	defer m.mu.RUnlock()
	tokens := make([]Token, 0, len(m.seen))
	for _, token := range m.seen {
		tokens = append(tokens, token)
	}
	slices.SortFunc(tokens, func(a, b Token) int { return a.Received.Compare(b.Received) })
	return tokens
}

// Live reports whether a value was handed out and, as far as the run knows, not used up.
func (m *Memory) Live(value string) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	_, known := m.seen[value]
	return known && !m.spent[value]
}

// Leaks are the refusals so far that carried a token which turned out to work.
func (m *Memory) Leaks() []*Reply {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.Clone(m.leaks)
}

// RequestText is everything a request said, as written and decoded: an answer may repeat any of it.
func RequestText(x *exchange.Exchange) string {
	parts := []string{x.URL, string(x.RequestBody)}
	for _, text := range parts[:2] {
		if plain, err := url.QueryUnescape(text); err == nil {
			parts = append(parts, plain)
		}
	}
	for _, values := range x.RequestHeader {
		for _, value := range values {
			parts = append(parts, value)
			if encoded, ok := strings.CutPrefix(value, "Basic "); ok {
				if plain, err := base64.StdEncoding.DecodeString(encoded); err == nil {
					parts = append(parts, string(plain))
				}
			}
		}
	}
	return strings.Join(parts, "\n")
}
