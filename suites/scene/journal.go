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
func (s *Scene) Minted() []Token {
	s.mu.RLock()
	defer s.mu.RUnlock()
	tokens := make([]Token, 0, len(s.seen))
	for _, token := range s.seen {
		tokens = append(tokens, token)
	}
	slices.SortFunc(tokens, func(a, b Token) int { return a.Received.Compare(b.Received) })
	return tokens
}

// Live reports whether a value was handed out and, as far as the run knows, not used up.
func (s *Scene) Live(value string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, known := s.seen[value]
	return known && !s.spent[value]
}

// Leaks are the refusals so far that carried a token which turned out to work.
func (s *Scene) Leaks() []*Reply {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.leaks)
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
