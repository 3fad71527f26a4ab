package load

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"gonogo/internal/wire"
	"gonogo/load/attack"
	"gonogo/reports"
)

// sessions are the clients of a run of them, who come and go, and what became of them.
type sessions struct {
	*supply
	journey

	mu      sync.Mutex
	under   int // way
	told    reports.LoadSessions
	brokeAt [parts]int64
	planned int64 // requests
	made    atomic.Int64
	took    *hdrhistogram.Histogram // µs, of those that ended whole
}

// session is one client's. When its requests are due is settled by its begin, whatever answers take.
type session struct {
	of *sessions
	family
	random *rand.Rand
	begun  time.Duration // from the run's begin
	out    bool          // it is to log out

	step      part
	periods   int           // that are over
	uses      int           // in this one
	thought   time.Duration // in this one
	refreshed int           // times, in all
	ends      time.Time     // of the access token; zero: nobody says
	settled   time.Duration // how long its replicas take to know what it was told latest
	broke     part          // where its first answer was that was not as it should be
	broken    bool
	over      bool
	spent     []byte // a used refresh token, to be presented again when the session is over
}

// begin is the session that begins at a moment; not ok: as many are under way as may be.
func (s *sessions) begin(at time.Duration) (attack.Chain, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.under >= s.population {
		return nil, false
	}
	s.under++
	one := &session{of: s, begun: at, random: rand.New(rand.NewPCG(uint64(s.seed), uint64(at)))}
	one.out = one.random.Float64() < s.logout
	one.history = s.histories.session()
	if at >= 0 {
		s.told.Begun++
		s.planned += int64(s.steps(one.out))
		s.told.MostAtOnce = max(s.told.MostAtOnce, int64(s.under))
	}
	return one, true
}

// Next settles what the session asks next. Every period has its uses, each after some thought, and then the refresh.
func (one *session) Next(answered time.Duration) (due time.Duration, ok bool) {
	s := one.of
	if one.step == refreshPart {
		one.refreshed++
	}
	if one.begun >= 0 {
		s.made.Add(1)
	}
	if !one.over {
		due, ok = one.plan(answered)
	}
	if !ok {
		s.end(one, answered)
		return 0, false
	}
	if one.settled > 0 { // until every replica knows its tokens
		due, one.settled = max(due, answered+one.settled), 0
	}
	return due, true
}

func (one *session) plan(answered time.Duration) (due time.Duration, ok bool) {
	s := one.of
	from := one.begun + time.Duration(one.periods)*s.period
	switch {
	case one.step == logoutPart:
		return 0, false
	case one.uses < s.uses:
		one.uses++
		one.step = usePart
		one.thought += s.least
		if s.most > s.least {
			one.thought += time.Duration(one.random.Int64N(int64(s.most-s.least) + 1))
		}
		if due = from + one.thought; s.most == 0 { // as soon as there is the answer to the one before
			due = max(due, answered)
		}
	case one.periods < s.refreshes:
		one.periods++
		one.uses, one.thought, one.step = 0, 0, refreshPart
		due = from + s.period
	case one.out:
		one.step = logoutPart
		due = from + s.period
	default:
		return 0, false
	}
	return due, true
}

// end counts a session.
func (s *sessions) end(one *session, at time.Duration) {
	if one.spent != nil && one.step != logoutPart { // nobody's any more, so nothing is lost by it
		put(s.supply.spent, spentToken{token: one.spent, from: -1, ready: s.ready(), history: one.history})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.under--
	if one.begun < 0 {
		return
	}
	s.told.Refreshes += int64(one.refreshed)
	if one.broken {
		s.told.Broken++
		s.brokeAt[one.broke]++
		return
	}
	s.told.Whole++
	_ = s.took.RecordValue(min((at - one.begun).Microseconds(), s.took.HighestTrackableValue()))
}

// tell says what became of them.
func (s *sessions) tell(crowded int64) *reports.LoadSessions {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.told
	out.Foregone = s.planned - s.made.Load()
	out.Open, out.Crowded = out.Begun-out.Whole-out.Broken, crowded
	out.Length = attack.Distribution(s.took)
	for _, p := range journeyParts {
		if s.mix.has(p) {
			out.Steps = append(out.Steps, partNames[p])
		}
		if n := s.brokeAt[p]; n > 0 {
			out.BrokeAt = append(out.BrokeAt, reports.LoadCount{What: partNames[p], Count: n})
		}
	}
	return &out
}

// journeyParts are what a session is of, in its order.
var journeyParts = []part{issuePart, usePart, refreshPart, logoutPart}

// sessionWorker is a worker for whichever session is due.
type sessionWorker struct {
	*worker
	session *session
}

// worker has a connection's requests be those of whichever session is due.
func (s *sessions) worker(w *worker) *sessionWorker {
	of := &sessionWorker{worker: w}
	w.user = of
	return of
}

// Follow makes the next request one of a session.
func (w *sessionWorker) Follow(c attack.Chain) { w.session = c.(*session) }

// Judge also notes where a session was not answered as it should be. Nothing is left for later: another connection may have
// the session by then.
func (w *sessionWorker) Judge(answer *wire.Answer, err error, sent time.Time) attack.Verdict {
	verdict := w.worker.Judge(answer, err, sent)
	verdict = max(verdict, w.Settle())
	if one := w.session; (verdict != attack.Good || one.over) && !one.broken {
		one.broken, one.broke = true, one.step
	}
	return verdict
}

// next is what the session asks.
func (w *sessionWorker) next(t *task) bool {
	one, o := w.session, w.offer
	switch *t = (task{part: one.step, family: &one.family, history: one.history, fill: fill{access: one.access, refresh: one.refresh}}); one.step {
	case usePart:
		t.call, t.wanted, t.why = o.tries, alive, "with a session's access token"
		if !one.ends.IsZero() && !time.Now().Before(one.ends) { // it was held up for longer than its token lives
			t.wanted = either
		}
	case refreshPart:
		t.call, t.wanted, t.why = o.refresh, tokens, "with a refresh token that nobody had used"
	case logoutPart:
		t.call, t.wanted = o.revoke, confirmed
		if o.revoke.template.takes(accessGap) {
			t.wanted, t.why = alive, "to log out with a live access token"
		}
	default:
		t.call, t.wanted = o.issue, tokens
	}
	return true
}

// learn has a session go on with what it was handed. Without a token there is nothing more that it could do; a use that has
// no answer, or one of a server in trouble, ends nothing.
func (w *sessionWorker) learn(t *task, got said, a, r []byte) {
	one, s := w.session, w.session.of
	switch {
	case t.part == usePart:
		one.over = got == no || got == wrong
	case got != yes:
		one.over = true
	case t.part == logoutPart:
		if w.offer.live != nil && s.sampling.endings.one(checkEvery) {
			put(s.newborn, fresh{access: one.access, ready: s.ready(), ended: true, history: one.history})
		}
	default:
		if t.part == refreshPart && w.offer.rotates && !s.habits.replayEndsAll && s.sampling.refreshed.one(replayEvery) {
			if used := bytes.Clone(one.refresh); s.habits.revokes {
				one.spent = used
			} else {
				put(s.supply.spent, spentToken{token: used, from: -1, ready: s.ready(), history: one.history})
			}
		}
		one.renew(a, r)
		one.settled = s.settle
		if s.life > 0 {
			one.ends = time.Now().Add(s.life - min(margin, s.life/10))
		}
	}
}

func (w *sessionWorker) leave() {}
