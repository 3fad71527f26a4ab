package reference

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"gonogo/reference/kit"
)

// journalSize is how many requests are remembered: more than a run of the
// harness sends to one dialect.
const journalSize = 4096

// received is a request as GET /__control/requests lists it: never its query,
// its headers or its body, where the secrets are.
type received struct {
	Sequence uint64    `json:"sequence"`
	Time     time.Time `json:"time"`
	Dialect  string    `json:"dialect"`
	Method   string    `json:"method"`
	Path     string    `json:"path"`
	Status   int       `json:"status"` // 0: the connection was dropped or left hanging
}

// journal is a ring of the latest requests.
type journal struct {
	mu   sync.Mutex
	last uint64
	ring [journalSize]received
}

func newJournal() *journal { return &journal{} }

func (j *journal) add(r *http.Request, dialect string, at *kit.Route, a kit.Answer, now time.Time) {
	// The request's own strings are part of its request line: keeping one
	// would keep the whole line, secrets and all, in memory.
	var path string
	if at != nil {
		path = at.Path
	} else {
		path = strings.Clone(r.URL.Path[:min(len(r.URL.Path), 200)])
	}
	method := methodName(r.Method)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	j.ring[j.last%journalSize] = received{j.last, now, dialect, method, path, a.Status}
}

// methodName is a method as it is kept: the usual ones need no copy.
func methodName(sent string) string {
	for _, usual := range []string{http.MethodPost, http.MethodGet, http.MethodHead} {
		if sent == usual {
			return usual
		}
	}
	return strings.Clone(sent[:min(len(sent), 20)])
}

// since lists the requests after the given sequence number, oldest first, and
// the number of the last one.
func (j *journal) since(sequence uint64) ([]received, uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	list := []received{}
	first := sequence + 1
	if j.last > journalSize {
		first = max(first, j.last-journalSize+1)
	}
	for n := first; n <= j.last && n > 0; n++ {
		list = append(list, j.ring[n%journalSize])
	}
	return list, j.last
}
