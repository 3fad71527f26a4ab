package load

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/load/model"
	"gonogo/specs"
)

// histories are what some families of a run's tokens lived through, which the model is held to after the attack. Those
// that are not followed cost a look at a nil, and those that are have room for so much and no more: some 12 MB in all, of
// answers of 2 KB.
type histories struct {
	mu       sync.Mutex
	all      []*history
	sessions turns
	each     uint64         // one session in so many is followed
	moves    []time.Time    // begin and end of each time when the run moved the clock past every access token's end
	room     map[string]int // left, by what kind of client
}

// How many families are followed of a kind of client, and how much of each.
const (
	mostHistories = 64
	mostMoments   = 48
	keptBody      = 4 << 10
)

// The kinds of clients.
const (
	ofChains   = "chains"
	ofHeld     = "working set"
	ofSessions = "sessions"
	ofRevoked  = "revoked after the attack"
)

func newHistories(seed int64, sessions float64) *histories {
	h := &histories{room: map[string]int{ofChains: mostHistories, ofHeld: mostHistories / 2, ofSessions: mostHistories, ofRevoked: 1}}
	h.sessions.seed = mixed(mixed(uint64(seed)) + uint64(len(h.room)))
	h.each = max(uint64(sessions/mostHistories), 1)
	return h
}

// follow begins a history, if there is room for one of its kind; else it is nil, which takes in nothing.
func (h *histories) follow(kind string) *history {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.room[kind] == 0 {
		return nil
	}
	h.room[kind]--
	one := &history{}
	one.stride.Store(1)
	h.all = append(h.all, one)
	return one
}

// session is follow for a session, of which only some are.
func (h *histories) session() *history {
	if h == nil || !h.sessions.one(h.each) {
		return nil
	}
	return h.follow(ofSessions)
}

// granted is follow for whoever was granted tokens before the attack.
func (h *histories) granted(kind string, g *client.Grant) *history {
	one := h.follow(kind)
	one.replied(g.Reply, yes, nil)
	return one
}

// moved is told when the run begins to move the target's clock, and when it has.
func (h *histories) moved() {
	if h != nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.moves = append(h.moves, time.Now())
	}
}

// history is what one family lived through.
type history struct {
	stride atomic.Uint64 // one look in so many is kept
	looks  atomic.Uint64

	mu    sync.Mutex
	lived []moment
}

// moment is a request with tokens of a family and its answer.
type moment struct {
	op    *operation.Op
	shown [2]string // by kind
	got   said
	told  bool // as a violation by itself, and is none of the history
	x     *exchange.Exchange
}

// look reports a moment that says no more than that a token still works.
func (m *moment) look() bool { return glances(m.op, m.got) }

func glances(op *operation.Op, got said) bool { return got == yes && !grants(op) && !revokes(op) }

// skips reports a moment that there is no room for: of looks one in so many is kept.
func (h *history) skips(op *operation.Op, got said) bool {
	return h == nil || glances(op, got) && h.looks.Add(1)%h.stride.Load() != 0
}

// add takes in a moment. When there is no room left, every second of the looks gives way, and fewer are kept from then on.
func (h *history) add(m moment) {
	if len(h.lived) >= mostMoments {
		second := false
		h.lived = slices.DeleteFunc(h.lived, func(m moment) bool {
			second = second != m.look()
			return m.look() && second
		})
		if len(h.lived) < mostMoments {
			h.stride.Store(2 * h.stride.Load())
		}
	}
	if len(h.lived) < mostMoments {
		h.lived = append(h.lived, m)
	}
}

// replied takes in what the run's account was answered; held are the tokens that were shown.
func (h *history) replied(reply *client.Reply, got said, held map[string]string) {
	if h.skips(reply.Op, got) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.add(moment{op: reply.Op, shown: [2]string{held[client.Access], held[client.Refresh]}, got: got, x: reply.Exchange})
}

// follow takes in what a worker was answered about a family that is followed.
func (w *worker) follow(h *hit, got said, told bool, err error) {
	if h.history.skips(h.call.op, got) {
		return
	}
	x := w.exchange(h)
	if x.Err = err; len(x.Body) > keptBody {
		x.Body, x.Cut = x.Body[:keptBody], true
	}
	h.history.mu.Lock()
	defer h.history.mu.Unlock()
	h.history.add(moment{told: told, op: h.call.op, shown: [2]string{string(h.fill.access), string(h.fill.refresh)}, got: got, x: x})
}

// token is one of a family's.
type token struct {
	kind, number int
	text         string
	born         *exchange.Exchange // nil: nobody saw it
	life         time.Duration      // 0: nobody says
}

// chronicle is a history as the model has it.
type chronicle struct {
	moments []moment
	tokens  []token
	gave    [][]int // the tokens of each moment's answer
	events  []model.Event
	of      []int // the moment of each event; -1: the end of a token's life
}

// tell reads a history: which token is which, and what happened to each.
func (r *run) tell(h *history, life time.Duration, moves []time.Time) *chronicle {
	t := &chronicle{moments: slices.Clone(h.lived)}
	slices.SortStableFunc(t.moments, func(a, b moment) int { return a.x.Sent.Compare(b.x.Sent) })
	t.gave = make([][]int, len(t.moments))
	for i := range t.moments {
		m := &t.moments[i]
		if m.got == yes && grants(m.op) {
			answer := m.op.Read(m.x)
			for kind, name := range kindNames {
				if text := answer.Tokens[name]; text != "" {
					n := t.token(kind, text)
					if one := &t.tokens[n]; one.born == nil {
						k, _ := r.offer.dialect.Token(name)
						one.born, one.life = m.x, r.account.client.Lifetime(k, answer)
					}
					t.gave[i] = append(t.gave[i], n)
				}
			}
		}
	}
	r.ends(t, life, moves)
	settle := r.offer.target.Limits.Settle
	for i := range t.moments {
		if e, is := r.event(t, i); is {
			if e.Act != model.Worked {
				e.To += int64(settle) // until then a replica may not know
			}
			t.events, t.of = append(t.events, e), append(t.of, i)
		}
	}
	return t
}

// token is the place of a token among a family's.
func (t *chronicle) token(kind int, text string) int {
	n := 0
	for i, known := range t.tokens {
		if known.kind != kind {
			continue
		}
		if known.text == text {
			return i
		}
		n++
	}
	t.tokens = append(t.tokens, token{kind: kind, number: n, text: text})
	return len(t.tokens) - 1
}

// ends are where the lives of access tokens end, as far as a document says that they do. The run moves the clock past the end of
// what lives no longer than life.
func (r *run) ends(t *chronicle, life time.Duration, moves []time.Time) {
	if r.offer.flow("expiry", client.Access).Name == "" {
		return
	}
	settle := r.offer.target.Limits.Settle
	for _, one := range t.tokens {
		if one.kind != 0 || one.born == nil {
			continue
		}
		end := func(from, to time.Time) {
			t.events = append(t.events, model.Event{Act: model.Ended, Token: one.number, Door: model.Use, From: r.at(from), To: r.at(to.Add(settle))})
			t.of = append(t.of, -1)
		}
		if one.life <= 0 {
			continue
		}
		end(one.born.Sent.Add(one.life), one.born.Received.Add(one.life+client.Leeway))
		for i := 0; i+1 < len(moves); i += 2 {
			if one.life <= life && one.born.Received.Before(moves[i]) {
				end(moves[i], moves[i+1])
			}
		}
	}
}

// event is what a moment says of the token that was shown; not ok: nothing that the document speaks of.
func (r *run) event(t *chronicle, i int) (e model.Event, ok bool) {
	m := &t.moments[i]
	kind := 0
	e = model.Event{Door: model.Use, From: r.at(m.x.Sent), To: r.at(m.x.Received)}
	switch {
	case r.offer.refresh != nil && m.op == r.offer.refresh.op:
		kind, e.Door = 1, model.Renew
	case r.offer.validate != nil && m.op == r.offer.validate.op:
		e.Door = model.Validate
	case grants(m.op):
		return e, false
	}
	if m.shown[kind] == "" || m.told || m.got != yes && m.got != no {
		return e, false
	}
	place := t.token(kind, m.shown[kind])
	if e.Token = t.tokens[place].number; e.Token >= model.MostTokens {
		return e, false
	}
	switch {
	case m.got == no:
		e.Act = model.Refused
		return e, !r.excused(t, i, kind)
	case len(t.gave[i]) > 0 && !slices.ContainsFunc(t.gave[i], func(n int) bool { return t.tokens[n].born == m.x }):
		return e, false // an answer that was given before: the service did nothing
	case revokes(m.op):
		e.Act = model.Ended
		return e, r.offer.flow("revocation", "").Name != ""
	}
	if e.Act = model.Worked; kind == 1 && r.offer.rotates && slices.ContainsFunc(t.gave[i], func(n int) bool { return t.tokens[n].kind == 1 && n != place }) {
		e.Act = model.Replaced
	}
	if says := m.op.Says; says != nil && says.Remaining != "" && r.counts() != "" {
		if n, is := m.op.Read(m.x).Value(says.Remaining); is {
			number, _ := n.(float64)
			e.Left = int(number)
		}
	}
	return e, true
}

// excused reports a refusal that another may follow in which the token works: a refresh that comes too early where the
// document lets it be refused, and one at a time when the token came, changed or came to its end, of which replicas may
// know at different moments.
func (r *run) excused(t *chronicle, i, kind int) bool {
	if k, _ := r.offer.dialect.Token(kindNames[kind]); k.EarlyRefusable {
		return true
	}
	settle, x := r.offer.target.Limits.Settle, t.moments[i].x
	for n, m := range t.moments {
		changes := grants(m.op) || revokes(m.op)
		if n != i && changes && !m.x.Sent.After(x.Received) && !m.x.Received.Add(settle).Before(x.Sent) {
			return true
		}
	}
	for n, e := range t.events {
		early := int64(client.Leeway)
		if t.of[n] < 0 && kind == 0 && e.From-early <= r.at(x.Received) && e.To >= r.at(x.Sent) {
			return true
		}
	}
	return false
}

// at is a moment as the model has it, by a clock that nobody sets.
func (r *run) at(moment time.Time) int64 { return int64(moment.Sub(r.started)) }

func grants(op *operation.Op) bool {
	return op.Role == specs.RoleIssue || op.Role == specs.RoleExchange || op.Role == specs.RoleRefresh
}

func revokes(op *operation.Op) bool { return op.Role == specs.RoleRevoke }

// counts is the row by which what an answer says to be left of a life does not grow; empty if there is none.
func (r *run) counts() string {
	return cmp.Or(r.offer.flow("countdown", "").Requirement, r.offer.flow("introspection", "").Requirement)
}
