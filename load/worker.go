package load

import (
	"math/rand/v2"
	"strconv"
	"time"

	"gonogo/internal/wire"
	"gonogo/load/attack"
)

// worker makes the requests of one connection and judges their answers.
type worker struct {
	*run
	connection int
	random     *rand.Rand
	picker     *picker
	found      [][]byte
	prefix     string // of texts that no other request contains
	made       uint64

	chain   *chain // nil: there is none at hand
	untried []byte // an access token that is to be tried next
	clients []*chain
	next    int // of clients

	doing doing
}

// doing is what the connection is at: the request that was filled last, and what its answer is to be held to.
type doing struct {
	part   part
	errand *errand
	fill   fill
	wanted wanted
	why    string // what is special about the request, for a finding
	twice  bool   // it was sent a second time, because no answer came to the first

	duel  *duel
	chain *chain // of a storm
	phase int32  // of a storm, when the request was filled
}

// wanted is what an answer is to be.
type wanted uint8

const (
	tokens   wanted = iota // new ones
	alive                  // yes, the token works
	dead                   // no, it does not work any more
	either                 // nobody knows which
	refused                // no tokens for one that was used
	dueled                 // at most one of two has tokens
	opponent               // likewise, for the connection that came second
)

// How often something is tried that clients would not do. A share of one in 32 finds what happens once in a while
// within a second at 200/s, and leaves the load what it was.
const (
	checkEvery  = 32
	replayEvery = 32
	duelEvery   = 32
	readEvery   = 64                    // whole answers are held to the document, which takes 10 to 20 µs
	readPause   = 10 * time.Millisecond // between two of them
)

func (r *run) worker(connection int) attack.Worker {
	random := rand.New(rand.NewPCG(uint64(r.Seed), uint64(connection)))
	w := &worker{
		run: r, connection: connection, random: random, picker: newPicker(random, len(r.stock.places), r.Zipf),
		found: make([][]byte, r.script.widest()), prefix: r.prefix + strconv.Itoa(connection) + "-",
	}
	if r.scenario.Name == stormScenario {
		w.clients = r.crowd[connection]
	}
	return w
}

// Fill writes the next request.
func (w *worker) Fill(request *wire.Request) (int, bool) {
	w.doing = doing{}
	if !w.decide() {
		return w.index[w.doing.part], false
	}
	if w.doing.errand.unique {
		w.made++
		w.doing.fill.unique = unique(w.doing.fill.unique[:0], w.prefix, w.made)
	}
	w.doing.errand.template.write(request, &w.doing.fill)
	return w.index[w.doing.part], true
}

// decide settles what is done next; false: there is no token to do it with.
func (w *worker) decide() bool {
	if w.clients != nil {
		return w.weather()
	}
	if w.untried != nil {
		w.doing = doing{part: checkPart, errand: w.script.live, wanted: alive, fill: fill{access: w.untried}, why: "with an access token that was handed out a moment ago"}
		w.untried = nil
		return true
	}
	switch w.turn() {
	case issuePart:
		w.doing = doing{part: issuePart, errand: w.script.issue, wanted: tokens}
		return true
	case validatePart:
		return w.present(validatePart, w.script.live)
	case usePart:
		return w.present(usePart, w.script.use)
	default:
		return w.refresh()
	}
}

// turn is the kind of request that comes next.
func (w *worker) turn() part {
	if w.only >= 0 {
		return w.only
	}
	at := w.random.IntN(w.weight)
	for p, weight := range w.scenario.weights {
		if at -= weight; at < 0 {
			return part(p)
		}
	}
	return issuePart // never: the weights sum up to weight
}

// present has a token of the working set tried.
func (w *worker) present(p part, e *errand) bool {
	w.doing = doing{part: p, errand: e, wanted: alive, why: "with a live access token"}
	held := w.stock.at(w.picker.pick(), time.Now())
	if held == nil {
		return false
	}
	w.doing.fill.access = held.access
	return true
}

// refresh has a token of a chain spent, or one presented again that should not work.
func (w *worker) refresh() bool {
	e := w.script.refresh
	if w.challenged(e) || w.replays(e) {
		return true
	}
	w.doing = doing{part: refreshPart, errand: e, wanted: tokens, why: "with a refresh token that nobody had used"}
	if w.chain == nil {
		select {
		case w.chain = <-w.spares:
		default:
			return false
		}
	}
	w.doing.fill = fill{access: w.chain.access, refresh: w.chain.refresh}
	if w.script.rotates && !w.chain.doubtful && w.Connections > 1 && w.tally.refreshing.one(duelEvery) && w.canSpare() {
		d := &duel{token: append([]byte(nil), w.chain.refresh...), from: w.connection}
		select {
		case w.duels <- d:
			w.doing.wanted, w.doing.duel, w.doing.fill.refresh = dueled, d, d.token
			w.doing.why = "with a refresh token that another connection races with"
		default:
		}
	}
	return true
}

// canSpare reports whether a chain may be lost: where a token that is presented again ends its family, it is.
func (w *worker) canSpare() bool { return !w.facts.revokes || len(w.spares) > spareChains/2 }

// challenged takes up a race that another connection has begun.
func (w *worker) challenged(e *errand) bool {
	if len(w.duels) == 0 {
		return false
	}
	select {
	case d := <-w.duels:
		if d.from == w.connection || !d.accept() {
			return false // its own has come to an end: it is on to the next request
		}
		w.doing = doing{part: replayPart, errand: e, wanted: opponent, duel: d, fill: fill{refresh: d.token}, why: "with a refresh token that another connection races with"}
		return true
	default:
		return false
	}
}

// replays presents a refresh token again that another connection has used.
func (w *worker) replays(e *errand) bool {
	if len(w.spent) == 0 {
		return false
	}
	select {
	case s := <-w.spent:
		if s.from == w.connection && w.Connections > 1 {
			select {
			case w.spent <- s:
			default:
			}
			return false
		}
		w.doing = doing{part: replayPart, errand: e, wanted: refused, fill: fill{refresh: s.token}, why: "with a refresh token that was used before"}
		return true
	default:
		return false
	}
}
