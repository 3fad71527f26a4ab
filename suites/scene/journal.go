package scene

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"sync"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
)

// journal is everything a run's cases sent and got, for the cases that look over all of it.
type journal struct {
	mu      sync.Mutex
	entries []Entry
	large   int // how many bytes large refusals have taken

	refusals []Refusal
}

// What a run remembers of the bodies of its answers: small ones, of large refusals as many as there is room for, and of
// large successes the beginning.
const (
	smallBody = 64 << 10
	roomOfRun = 16 << 20
)

// Entry is one exchange, read.
type Entry struct {
	Case   string
	Answer *operation.Answer
}

func (j *journal) add(e Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if length := len(e.Answer.Body); length > smallBody {
		keep := smallBody
		if e.Answer.Refused() && j.large+length <= roomOfRun {
			keep, j.large = length, j.large+length
		}
		e.Answer = e.Answer.Slim(keep)
		e.Answer.Cut = e.Answer.Cut || e.Answer.Refused() && keep < length
	}
	j.entries = append(j.entries, e)
}

func (j *journal) all() []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.entries)
}

// Refusal is a refusal that a case got, of which a row that is not the case's promises how it looks.
type Refusal struct {
	Case        string
	Reply       *client.Reply
	Row         string
	Wanted, Got string // empty where it looks as promised
}

func (j *journal) refused(r Refusal) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r.Reply = &client.Reply{Answer: r.Reply.Slim(smallBody), Doing: r.Reply.Doing}
	j.refusals = append(j.refusals, r)
}

// Refusals are those of which a row promises how they look, in the order they came.
func (t *Trial) Refusals(row string) []Refusal {
	t.run.journal.mu.Lock()
	defer t.run.journal.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(t.run.journal.refusals), func(r Refusal) bool { return r.Row != row })
}

// Entries is everything that the run's cases have sent so far, in order.
func (t *Trial) Entries() []Entry { return t.run.journal.all() }

// Leaks are the refusals so far that carried a token which turned out to work.
func (t *Trial) Leaks() []*client.Reply {
	t.run.mu.RLock()
	defer t.run.mu.RUnlock()
	return slices.Clone(t.run.leaks)
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
