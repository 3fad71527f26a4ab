package load

import (
	"bytes"
	"time"
)

// settle draws what follows from an answer for the tokens that the connection has at hand.
func (w *worker) settle(got said, a, r []byte) {
	d := &w.doing
	switch {
	case d.chain != nil:
		w.weathered(got, a, r)
	case d.part == issuePart && got == yes:
		w.issued(a)
	case d.part == refreshPart:
		w.refreshed(got, a, r)
	case d.wanted == opponent && got == yes && d.duel.wins.Load() == 1 && !w.facts.revokes:
		// the connection that began the race has lost its chain to this one
		w.spare(&chain{access: bytes.Clone(a), refresh: bytes.Clone(r)})
	}
}

// spare puts a chain where other connections take one.
func (r *run) spare(c *chain) {
	select {
	case r.spares <- c:
	default:
	}
}

func (w *worker) issued(a []byte) {
	if w.script.live != nil && (!w.facts.alone || w.Connections == 1) && w.tally.issued.one(checkEvery) {
		w.untried = bytes.Clone(a)
	}
	if len(w.stock.places) > 0 {
		h := &holding{access: bytes.Clone(a)}
		if w.life > 0 {
			h.ends = time.Now().Add(w.life)
		}
		w.stock.put(h)
	}
}

func (w *worker) refreshed(got said, a, r []byte) {
	d := &w.doing
	raced := d.duel != nil && !d.duel.close() && d.duel.state.Load() == accepted
	switch {
	case got == yes && raced && w.facts.revokes:
		w.chain = nil
	case got == yes:
		w.rotate(a, r)
	case got == nothingSaid && !raced:
		w.chain.doubtful = true
	default:
		w.chain = nil
	}
}

// rotate has a chain go on with its new pair. Now and then the old refresh token is kept for another connection to
// present again, and the new access token is tried.
func (w *worker) rotate(a, r []byte) {
	c := w.chain
	replay := w.script.rotates && w.tally.refreshed.one(replayEvery) && w.canSpare()
	if replay {
		select {
		case w.spent <- spentToken{bytes.Clone(c.refresh), w.connection}:
		default:
			replay = false
		}
	}
	c.access, c.doubtful = append(c.access[:0], a...), false
	if len(r) > 0 {
		c.refresh = append(c.refresh[:0], r...)
	}
	switch {
	case replay && w.facts.revokes: // the family ends with it
		w.chain = nil
	case w.script.live != nil && w.tally.renewed.one(checkEvery):
		w.untried = c.access
	}
}
