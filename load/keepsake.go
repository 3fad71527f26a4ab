package load

import (
	"crypto/rand"
	"slices"
	"sync"
	"time"

	"gonogo/internal/exchange"
	"gonogo/internal/wire"
)

// keepsakes are the latest answers that carried tokens, as evidence for when somebody finds out that one of them was handed out twice.
type keepsakes struct {
	worker *worker // whose they are; nil: they are from before the attack

	mu   sync.Mutex
	ring []keepsake
	at   int // of the oldest
}

// keepsake is an answer and the request that it is to.
type keepsake struct {
	marks    [2]uint64
	hit      hit                // in memory of its own
	texts    [4][]byte          // which the hit shows
	exchange *exchange.Exchange // of one from before the attack
}

const (
	// mostKept is how many answers are kept, of all connections together: some 8 MB. At 20,000 tokens a second they are those of
	// 200 ms, ten times of what it takes to hear of a repeat.
	mostKept  = 4096
	leastKept = 2 // of a connection
	priorKept = 256

	// longestCopied is the longest body of which a copy is kept.
	longestCopied = 16 << 10
)

// newKey makes what all generators make fingerprints with.
func newKey() ([]byte, error) {
	key := make([]byte, 16)
	_, err := rand.Read(key)
	return key, err
}

// keep makes room for the latest answers of somebody who is handed tokens.
func (c *crossed) keep(n int, of *worker) *keepsakes {
	k := &keepsakes{worker: of, ring: make([]keepsake, n)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = append(c.kept, k)
	return k
}

// next is the place of the next answer. The lock is held.
func (k *keepsakes) next() *keepsake {
	one := &k.ring[k.at]
	k.at = (k.at + 1) % len(k.ring)
	return one
}

// prior keeps an answer from before the attack.
func (k *keepsakes) prior(t fingerprint, x *exchange.Exchange) {
	k.mu.Lock()
	defer k.mu.Unlock()
	*k.next() = keepsake{marks: [2]uint64{t.mark}, exchange: x}
}

// put keeps a copy of an answer: its memory is its connection's, which has the next one soon.
func (k *keepsakes) put(marks [2]uint64, h *hit) {
	if len(h.answer.Body) > longestCopied {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	one := k.next()
	answer := one.hit.answer
	if answer == nil {
		answer = &wire.Answer{}
	}
	answer.Copy(h.answer)
	one.marks, one.hit = marks, hit{task: task{part: h.part, call: h.call, wanted: h.wanted, why: h.why, took: time.Since(h.sent)}, answer: answer, sent: h.sent}
	for i, text := range [len(one.texts)][]byte{h.fill.access, h.fill.refresh, h.fill.unique, h.fill.trace} {
		one.texts[i] = append(one.texts[i][:0], text...)
	}
	one.hit.fill = fill{one.texts[0], one.texts[1], one.texts[2], one.texts[3]}
}

// evidence is the answer that carried a token, if it is still there, and what was special about its request.
func (c *crossed) evidence(mark uint64) (x *exchange.Exchange, why string) {
	c.mu.Lock()
	all := slices.Clone(c.kept)
	c.mu.Unlock()
	for _, k := range all {
		if x, why = k.find(mark); x != nil {
			return x, why
		}
	}
	return nil, ""
}

func (k *keepsakes) find(mark uint64) (x *exchange.Exchange, why string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range k.ring {
		switch one := &k.ring[i]; {
		case !slices.Contains(one.marks[:], mark):
		case one.exchange != nil:
			return one.exchange, beforehand
		default:
			return k.worker.evidence(&one.hit), one.hit.why
		}
	}
	return nil, ""
}
