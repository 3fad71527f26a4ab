package reference

import (
	"net/http"
	"slices"
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

var usualMethods = []string{http.MethodPost, http.MethodGet, http.MethodHead}

func (j *journal) add(r *http.Request, dialect string, at *kit.Route, a kit.Answer, now time.Time) {
	// The request's own strings are part of its request line: keeping one
	// would keep the whole line, secrets and all, in memory.
	one := received{Time: now, Dialect: dialect, Status: a.Status}
	if usual := slices.Index(usualMethods, r.Method); usual >= 0 {
		one.Method = usualMethods[usual]
	} else {
		one.Method = strings.Clone(r.Method[:min(len(r.Method), 20)])
	}
	if at != nil {
		one.Path = at.Path
	} else {
		one.Path = strings.Clone(r.URL.Path[:min(len(r.URL.Path), 200)])
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	one.Sequence = j.last
	j.ring[j.last%journalSize] = one
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
