package load

import (
	"time"

	"gonogo/internal/operation"
)

// fresh is an access token that was handed out a moment ago, to be tried.
type fresh struct {
	access  []byte
	ready   time.Time // when every replica knows it; zero: at once
	family  *family   // whose it is, which does not go on before that: a refresh may end it; nil: nobody waits
	ended   bool      // its session was ended
	history *history
}

// besides is the most that is sent beside the pace, for each request of it: a check, a replay and an opponent of a race.
const besides = 1./checkEvery + 1./replayEvery + 1./raceEvery

// aside reports whether what a scenario tries now and then can be sent beside the pace: where two sessions of the account
// live side by side, and the target's limit leaves room for it. Else it takes turns of the pace's own, as it does where as
// much is sent as can be.
func (r *run) aside(s *supply, as shape) bool {
	most, all, t := r.asked.highest(as), 1+besides, r.offer.target
	if r.group.count() > 1 {
		all += 2. / duelAmong
	}
	return most > 0 && !s.habits.turns() && s.storm == nil && (t.Loopback() || most*all <= t.Limits.MaxRPS)
}

// prober sends what clients would not, over a connection of its own. It is the user behind that connection, too.
type prober struct {
	*worker
	due   task
	back  *family // to be laid back when there is an answer; nil: none
	duels *duels  // nil: no other generator races with this one
	duel  duel    // the one that is due; of no race: none is
}

func newProber(s *supply, l *ledger, prefix string) *prober {
	p := &prober{worker: newWorker(s, l, prefix, 0)}
	p.user = p
	return p
}

// Wait waits for what there is to be tried. An opponent of a race is sent at once; what replicas may not know yet waits.
func (p *prober) Wait(over <-chan struct{}) bool {
	for {
		var ready time.Time
		p.duel = duel{}
		select {
		case p.duel = <-p.duels.called():
			p.due, ready = p.duels.task(p.duel), p.duel.at
		case r := <-p.races:
			if !r.accept() {
				continue
			}
			p.due = p.opponent(r)
		case used := <-p.spent:
			p.due, ready = p.replay(used), used.ready
		case f := <-p.newborn:
			p.due, ready, p.back = p.check(f.access), f.ready, f.family
			p.due.history = f.history
			if f.ended {
				p.due.wanted, p.due.why = gone, "with an access token whose session was ended"
			}
		case <-over:
			return false
		}
		if known(ready) {
			return true
		}
		select {
		case <-time.After(time.Until(ready)):
			return true
		case <-over:
			return false
		}
	}
}

func (p *prober) next(t *task) bool {
	*t = p.due
	return true
}

func (p *prober) learn(t *task, got said, a, r []byte) {
	p.won(t, got, a, r)
	if p.duel.race != nil {
		p.duels.ended(p.duel, got, a, r)
	}
	p.layBack()
}

// layBack puts the family whose token was tried where it is taken from.
func (p *prober) layBack() {
	if p.back != nil {
		put(p.reserve, p.back)
		p.back = nil
	}
}

// leave lays back what nobody came to try.
func (p *prober) leave() {
	for f, ok := take(p.newborn); ok; f, ok = take(p.newborn) {
		if f.family != nil {
			put(p.reserve, f.family)
		}
	}
	p.layBack()
}

// prober is who sends beside the pace of an attack; nil where nobody does.
func (r *run) prober(s *supply, as shape) *prober {
	tries := s.mix.counts(checkPart) || s.mix.counts(replayPart)
	s.beside = r.aside(s, as) && tries
	if !s.beside {
		if s.sessions != nil && tries {
			r.ledger.note("no token is tried that was used or whose session was ended, for there is no room for more requests than those of the sessions")
		}
		return nil
	}
	return newProber(s, r.ledger, operation.Unique())
}
