package load

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"gonogo/internal/exchange"
)

// duels have two generators present one refresh token in the same moment: what one machine sends two servers behind one address may never
// answer at once. nil: there are none.
type duels struct {
	group  *group
	supply *supply
	ledger *ledger
	every  time.Duration // a race is offered
	due    chan duel     // for the prober

	mu      sync.Mutex
	offered map[uint32]*race // those of which nobody has told yet what became of them

	stop func()
	gone sync.WaitGroup
}

// duel is a race with another generator.
type duel struct {
	*race
	family *family   // nil: it is the other's token
	at     time.Time // by this generator's clock
}

// elsewhere is the other side of a race with another generator.
type elsewhere struct {
	number    uint32 // of the race, among those of who offers it
	generator int
	shown     atomic.Pointer[exchange.Exchange] // the answer with which this side won
}

// The kinds of what generators send each other about races.
const (
	offerKind   = "race" // a moment and a token
	outcomeKind = "won"  // a race was won by who did not offer it
)

const (
	// duelEvery is how often a generator offers a race at the most. At low rates it does so for one in 64 requests, each of which
	// comes to two: so the load stays what it was.
	duelEvery, duelAmong = 200 * time.Millisecond, 2 * raceEvery

	// duelIn is how long before its moment a race is offered, and duelLate by how much that may have passed for one to take part still.
	duelIn, duelLate = 150 * time.Millisecond, 5 * time.Millisecond

	// duelHeld is how long before it a race occupies the connection beside the pace.
	duelHeld = 10 * time.Millisecond

	mostOffered = 64
)

// duels are those of an attack with a prober, where a refresh token works once by a promise that counts.
func (r *run) duel(s *supply, p *prober, as shape) *duels {
	if r.group.count() == 1 || !s.mix.has(refreshPart) || s.sessions != nil || !s.offer.rotates {
		return nil
	}
	if p == nil || s.settle > 0 {
		r.ledger.note("no refresh races with one of another generator")
		return nil
	}
	every := time.Duration(duelAmong / (as.highest() / float64(r.group.Count)) * float64(time.Second)) // who has a prober has a rate
	d := &duels{group: r.group, supply: s, ledger: r.ledger, every: max(every, duelEvery), due: make(chan duel, 1), offered: map[uint32]*race{}}
	p.duels = d
	return d
}

// begin has races offered and taken up.
func (d *duels) begin(ctx context.Context) {
	if d == nil {
		return
	}
	ctx, d.stop = context.WithCancel(ctx)
	d.gone.Go(func() {
		tick := time.NewTicker(d.every)
		defer tick.Stop()
		offers, outcomes := d.group.Together.Receive(offerKind), d.group.Together.Receive(outcomeKind)
		for number := uint32(0); ; {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				number++
				d.offer(ctx, number)
			case data := <-offers:
				d.accept(ctx, data)
			case data := <-outcomes:
				d.hear(data)
			}
		}
	})
}

// over has no more races run.
func (d *duels) over() {
	if d != nil && d.stop != nil {
		d.stop()
		d.gone.Wait()
	}
}

// finish hears of the last races, once every generator has told of its tokens.
func (d *duels) finish() {
	if d == nil {
		return
	}
	outcomes := d.group.Together.Receive(outcomeKind)
	for {
		select {
		case data := <-outcomes:
			d.hear(data)
		default:
			return
		}
	}
}

// offer has another generator race for a token of this one.
func (d *duels) offer(ctx context.Context, number uint32) {
	if !d.supply.mayReplay() {
		return
	}
	f, ok := take(d.supply.reserve)
	if !ok {
		return
	}
	if f.doubtful || !known(f.ready) {
		put(d.supply.reserve, f)
		return
	}
	to := (d.group.Index + 1 + rand.IntN(d.group.Count-1)) % d.group.Count
	r := &race{token: f.refresh, elsewhere: &elsewhere{number: number, generator: to}}
	r.state.Store(accepted)
	d.mu.Lock()
	delete(d.offered, number-mostOffered)
	d.offered[number] = r
	d.mu.Unlock()
	now := d.group.Together.Now()
	text := binary.LittleEndian.AppendUint32([]byte{byte(d.group.Index)}, number)
	text = binary.LittleEndian.AppendUint64(text, uint64(now.Add(duelIn).UnixNano()))
	if d.group.Together.Send(to, offerKind, append(text, r.token...)) != nil {
		put(d.supply.reserve, f)
		return
	}
	d.call(ctx, duel{race: r, family: f, at: time.Now().Add(duelIn)})
}

// accept takes part in a race that another generator offers, unless it is too late for that.
func (d *duels) accept(ctx context.Context, data []byte) {
	const head = 1 + 4 + 8
	if len(data) <= head {
		return
	}
	moment := time.Unix(0, int64(binary.LittleEndian.Uint64(data[5:])))
	at := time.Now().Add(moment.Sub(d.group.Together.Now()))
	r := &race{token: data[head:], elsewhere: &elsewhere{number: binary.LittleEndian.Uint32(data[1:]), generator: int(data[0])}}
	r.state.Store(accepted)
	d.call(ctx, duel{race: r, at: at})
}

// called are the races that are due.
func (d *duels) called() <-chan duel {
	if d == nil {
		return nil
	}
	return d.due
}

// call has the prober at hand when a race is due.
func (d *duels) call(ctx context.Context, one duel) {
	d.gone.Go(func() {
		if wait(ctx, time.Until(one.at)-duelHeld) != nil || time.Since(one.at) > duelLate {
			return
		}
		select {
		case d.due <- one:
		case <-ctx.Done():
		}
	})
}

// ended takes note of what became of this side of a race.
func (d *duels) ended(one duel, got said, a, r []byte) {
	if one.family == nil {
		if got == yes {
			text := binary.LittleEndian.AppendUint32(nil, one.elsewhere.number)
			_ = d.group.Together.Send(one.elsewhere.generator, outcomeKind, text) // of which nobody will know is no finding
		}
		return
	}
	if got == yes && !d.supply.habits.revokes { // the other side has presented it, too
		one.family.renew(a, r)
		put(d.supply.reserve, one.family)
	}
}

// hear takes in that another generator has won a race that this one offered.
func (d *duels) hear(data []byte) {
	if len(data) < 4 {
		return
	}
	number := binary.LittleEndian.Uint32(data)
	d.mu.Lock()
	r := d.offered[number]
	delete(d.offered, number)
	d.mu.Unlock()
	if r != nil && r.wins.Add(1) > 1 {
		f := finding{violation: raceWon, call: d.supply.offer.refresh, why: duelWhy, wanted: "a refusal (4xx) of one of the two", got: "success of both"}
		d.ledger.violated(f, func() *exchange.Exchange { return r.elsewhere.shown.Load() })
	}
}

// duelWhy is what is special about a request of a race between generators.
const duelWhy = "with a refresh token that another generator presents in the same moment"

// task is one side of a race.
func (d *duels) task(one duel) task {
	t := task{part: replayPart, call: d.supply.offer.refresh, wanted: opponent, race: one.race, fill: fill{refresh: one.token}, why: duelWhy}
	if one.family != nil {
		t.wanted, t.fill.access = raced, one.family.access
	}
	return t
}
