package load

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gonogo/internal/exchange"
)

// crossed finds tokens that two generators were handed. Each sends the fingerprints of its own to the generators that keep them, each of which
// keeps those of a part of all fingerprints and says which it was told of before. That is a second table of the size of the first, and
// some 20 bytes on the wire for each token. nil is a run of one generator.
type crossed struct {
	group  *group
	ledger *ledger
	calls  []*call
	table  *seen // of what this generator keeps
	out    []outbox
	lost   atomic.Int64 // fingerprints that there was no room for
	shown  atomic.Bool  // there is evidence, so that nobody needs more

	mu   sync.Mutex
	kept []*keepsakes // of each who is handed tokens

	ended                     sync.Once
	over, flushed, stop, gone chan struct{}
	told, heard               []bool // the generators that have no more to tell, and those that have told of all that this one had
}

// outbox is what goes to one keeper next.
type outbox struct {
	mu    sync.Mutex
	batch []byte
}

// The kinds of what generators send each other about tokens.
const (
	handedKind = "handed" // fingerprints of tokens, from who was handed them
	twiceKind  = "twice"  // those of them that somebody was handed before
	tokensKey  = "tokens" // which keeps fingerprints from meaning anything to others
)

const (
	// crossEvery is how often fingerprints are sent. An answer is kept as evidence for longer.
	crossEvery = 20 * time.Millisecond

	// handedSize is a fingerprint with its tag; who was handed it before makes a byte more. A batch has the number of who sends it in front,
	// and whether it is the last.
	handedSize, headSize = 17, 2

	// mostBatch is how much waits for a keeper: with less than a megabyte a message is one for any queue.
	mostBatch = 40_000 * handedSize
)

// keyed has fingerprints be the same at all generators, and finds what two of them were handed.
func (r *run) keyed(ctx context.Context, expected int) error {
	if r.group.count() == 1 {
		return nil
	}
	key, err := r.group.Together.Once(ctx, tokensKey, newKey)
	if err != nil {
		return r.group.apart(ctx, err)
	}
	n := r.group.Count
	c := &crossed{
		group: r.group, ledger: r.ledger, calls: r.offer.calls(), table: newSeen(expected), out: make([]outbox, n), told: make([]bool, n), heard: make([]bool, n),
		over: make(chan struct{}), flushed: make(chan struct{}), stop: make(chan struct{}), gone: make(chan struct{}),
	}
	if r.offer.renewable != r.offer.issue {
		c.calls = append(c.calls, r.offer.renewable)
	}
	r.account.seen.key(key)
	r.account.crossed, r.account.kept = c, c.keep(priorKept, nil)
	go c.loop()
	return nil
}

// hand takes note of a token that this generator was handed, of a kind and by a call.
func (c *crossed) hand(t fingerprint, kind int, by *call) {
	to, _ := bits.Mul64(t.mark, uint64(len(c.out)))
	var one [handedSize]byte
	binary.LittleEndian.PutUint64(one[:], t.mark)
	binary.LittleEndian.PutUint64(one[8:], t.at)
	one[16] = byte(max(slices.Index(c.calls, by), 0)<<1 | kind)
	box := &c.out[to]
	box.mu.Lock()
	room := len(box.batch) < mostBatch
	if room {
		box.batch = append(box.batch, one[:]...)
	}
	box.mu.Unlock()
	if !room {
		c.lost.Add(1)
	}
}

// loop sends, compares and hears what others have found, until everything is told.
func (c *crossed) loop() {
	defer close(c.gone)
	tick := time.NewTicker(crossEvery)
	defer tick.Stop()
	handed, twice, over := c.group.Together.Receive(handedKind), c.group.Together.Receive(twiceKind), c.over
	for slices.Contains(c.told, false) || slices.Contains(c.heard, false) {
		select {
		case <-tick.C:
			c.flush(false)
		case <-over:
			over = nil
			c.flush(true)
			close(c.flushed)
		case data := <-handed:
			c.compare(data)
		case data := <-twice:
			c.accuse(data)
		case <-c.stop:
			return
		}
	}
}

// flush sends what there is to each keeper.
func (c *crossed) flush(last bool) {
	for to := range c.out {
		box := &c.out[to]
		box.mu.Lock()
		batch := box.batch
		box.batch = nil
		box.mu.Unlock()
		if len(batch) > 0 || last {
			c.send(to, handedKind, batch, last)
		}
	}
}

func (c *crossed) send(to int, kind string, batch []byte, last bool) {
	head := [headSize]byte{byte(c.group.Index), 0}
	if last {
		head[1] = 1
	}
	data := slices.Concat(head[:], batch)
	switch {
	case to == c.group.Index && kind == handedKind:
		c.compare(data)
	case to == c.group.Index:
		c.accuse(data)
	case c.group.Together.Send(to, kind, data) != nil && kind == handedKind:
		c.lost.Add(int64(len(batch) / handedSize))
	}
}

// compare looks up what a generator was handed, and tells it what another was handed before.
func (c *crossed) compare(data []byte) {
	from, batch, last, ok := c.opened(data)
	if !ok {
		return
	}
	var twice []byte
	for one := range slices.Chunk(batch, handedSize) {
		if len(one) < handedSize {
			break
		}
		t := fingerprint{binary.LittleEndian.Uint64(one), binary.LittleEndian.Uint64(one[8:])}
		if isNew, by := c.table.addOf(t, byte(from)); !isNew {
			twice = append(append(twice, one...), by)
		}
	}
	if len(twice) > 0 || last {
		c.send(from, twiceKind, twice, last)
	}
	c.told[from] = c.told[from] || last
}

// accuse counts what a keeper says was handed out twice.
func (c *crossed) accuse(data []byte) {
	from, batch, last, ok := c.opened(data)
	if !ok {
		return
	}
	for one := range slices.Chunk(batch, handedSize+1) {
		if len(one) <= handedSize {
			break
		}
		kind, at := int(one[16]&1), int(one[16]>>1)
		if at >= len(c.calls) {
			continue
		}
		f := finding{violation: repeated, call: c.calls[at], wanted: "a new " + kindNames[kind] + " token", got: fmt.Sprintf("one that generator %d was handed before", int(one[handedSize])+1)}
		var x *exchange.Exchange
		if !c.shown.Load() {
			x, f.why = c.evidence(binary.LittleEndian.Uint64(one))
			c.shown.Store(x != nil)
		}
		c.ledger.violated(f, func() *exchange.Exchange { return x })
	}
	c.heard[from] = c.heard[from] || last
}

// opened is a batch and who sends it.
func (c *crossed) opened(data []byte) (from int, batch []byte, last, ok bool) {
	if len(data) < headSize || int(data[0]) >= len(c.out) {
		return 0, nil, false, false
	}
	return int(data[0]), data[headSize:], data[1] == 1, true
}

// toldWithin is how long what was sent last may take on its way.
const toldWithin = 2 * time.Second

// end has nothing more compared.
func (c *crossed) end() {
	if c != nil {
		c.ended.Do(func() { close(c.stop) })
	}
}

// finish tells and hears the rest, once no more tokens are handed out, and says what was not compared.
func (c *crossed) finish(ctx context.Context, answers time.Duration) (why string) {
	if c == nil {
		return ""
	}
	close(c.over)
	<-c.flushed
	within, cancel := context.WithTimeout(ctx, answers+lateness)
	defer cancel()
	wait := toldWithin
	if c.group.meet(within, toldPoint) != nil {
		wait = 10 * crossEvery // one was lost, and of the others everything is on its way
	}
	select {
	case <-c.gone:
	case <-time.After(wait):
		c.end()
		<-c.gone
	}
	var missing []string
	for i := range c.told {
		if !c.told[i] || !c.heard[i] {
			missing = append(missing, fmt.Sprint(i+1))
		}
	}
	switch n := c.lost.Load(); {
	case len(missing) > 0:
		return fmt.Sprintf("a token that two generators were handed may not have been seen: nothing was heard of generator %s at the end", strings.Join(missing, " and "))
	case n > 0:
		return fmt.Sprintf("a token that two generators were handed may not have been seen: %d could not be compared as fast as they came", n)
	}
	return ""
}
