package load

import (
	"bytes"
	"net/http"
	"strconv"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/traceparent"
	"gonogo/internal/wire"
	"gonogo/load/attack"
)

// worker makes the requests of one connection, as its user wants them, and judges their answers.
type worker struct {
	*supply
	ledger *ledger
	worth  attack.Verdict // of what is wrong with an answer
	user   user
	hits   [2]hit // the one under way and the latest, in turn
	turn   int
	found  [][]byte
	prefix string // of texts that no other request contains
	made   uint64
	traces *traceparent.Many // nil: requests name none
	kept   *keepsakes        // nil: nobody else is handed tokens
}

// hit is a request and its answer, with what is to be looked up of it when the next request has left.
type hit struct {
	task
	answer *wire.Answer
	sent   time.Time
	prints [2]fingerprint // of tokens that must be new, until they are looked up
	named  []byte         // its traceparent, which a violation that is seen after the next request has left must show
	shown  [2][]byte      // the tokens that were presented, where others go on with their memory before those are looked up
}

// date is the Date of the answer; not ok: it has none.
func (h *hit) date() (at time.Time, ok bool) {
	for name, value := range h.answer.All {
		if bytes.EqualFold(name, []byte("Date")) {
			at, err := http.ParseTime(string(value))
			return at, err == nil
		}
	}
	return at, false
}

// newWorker makes the worker of a connection. No other attack may have the prefix.
func newWorker(s *supply, l *ledger, prefix string, connection int) *worker {
	w := &worker{supply: s, ledger: l, traces: traceparent.ManyOf(s.trace), found: make([][]byte, s.offer.widest()), prefix: prefix + strconv.Itoa(connection) + "-"}
	if s.crossed != nil {
		w.kept = s.crossed.keep(max(mostKept/s.connections, leastKept), w)
	}
	if s.storm != nil {
		w.user = &stormUsers{storm: s.storm, offer: s.offer, families: s.storm.families[connection]}
	} else {
		w.user = newUsers(s, connection)
	}
	return w
}

// under is the hit under way.
func (w *worker) under() *hit { return &w.hits[w.turn] }

// Fill writes the next request.
func (w *worker) Fill(request *wire.Request) (int, bool) {
	h := w.under()
	t := &h.task
	if !w.user.next(t) {
		return w.mix.index[t.part], false
	}
	if t.call.unique {
		w.made++
		t.fill.unique = unique(t.fill.unique[:0], w.prefix, w.made)
	}
	if w.traces != nil {
		h.named = w.traces.Append(h.named[:0])
		t.fill.trace = h.named
	}
	t.call.template.write(request, &t.fill)
	return w.mix.index[t.part], true
}

// Doubt is told that the request may have been acted on twice.
func (w *worker) Doubt() { w.under().twice = true }

// Judge holds the answer to what the request was for.
func (w *worker) Judge(answer *wire.Answer, err error, sent time.Time) attack.Verdict {
	h := w.under()
	h.answer, h.sent, h.prints = answer, sent, [2]fingerprint{}
	w.turn = 1 - w.turn
	if err != nil {
		w.follow(h, nothingSaid, false, err)
		w.user.learn(&h.task, nothingSaid, nil, nil)
		return attack.Bad
	}
	got, a, r := w.read(h)
	verdict := attack.Bad
	switch got {
	case wrong:
		verdict = max(w.worth, attack.Bad)
	case nothingSaid:
	default:
		verdict = w.hold(got, h, a, r)
	}
	if verdict == attack.Bad {
		w.ledger.failed(h.part, answer.Status, sent, func() *exchange.Exchange { return w.evidence(h) })
	}
	w.follow(h, got, verdict == attack.Violation, nil)
	w.user.learn(&h.task, got, a, r)
	return verdict
}

// Settle finds out whether tokens of the latest answer were handed out before.
func (w *worker) Settle() attack.Verdict {
	h := &w.hits[1-w.turn]
	prints := h.prints
	h.prints = [2]fingerprint{}
	for i, one := range prints {
		if one.mark != 0 && !w.seen.add(one) {
			return w.violated(repeated, h, "a new "+kindNames[i]+" token", "one that was handed out before")
		}
	}
	if w.crossed != nil {
		w.cross(h, prints)
	}
	return attack.Good
}

// cross has the tokens of an answer compared with those of other generators.
func (w *worker) cross(h *hit, prints [2]fingerprint) {
	if prints == ([2]fingerprint{}) {
		return
	}
	if !w.crossed.shown.Load() {
		w.kept.put([2]uint64{prints[0].mark, prints[1].mark}, h)
	}
	for i, one := range prints {
		if one.mark != 0 {
			w.crossed.hand(one, i, h.call)
		}
	}
}

// violated counts a violation, and says what the answer is worth: one that breaks no more than good practice is a good one.
func (w *worker) violated(kind violation, h *hit, wanted, got string) attack.Verdict {
	if got == "" {
		got = client.Got(h.answer.Status)
	}
	if w.worth = attack.Good; w.ledger.violated(finding{violation: kind, call: h.call, part: partNames[h.part], why: h.why, wanted: wanted, got: got}, func() *exchange.Exchange { return w.evidence(h) }) {
		w.worth = attack.Violation
	}
	return w.worth
}

// died counts a token that was refused and should live, unless somebody else has moved the target's clock past its end.
func (w *worker) died(kind violation, h *hit, wanted, got string) attack.Verdict {
	if date, ok := h.date(); ok && w.clock != nil && w.ledger.excuses(w.clock.MovedAt(date, time.Now())) {
		return attack.Bad
	}
	return w.violated(kind, h, wanted, got)
}

// exchange is a request and its answer, to be kept.
func (w *worker) exchange(h *hit) *exchange.Exchange {
	x := &exchange.Exchange{Sent: h.sent, Received: time.Now(), Method: h.call.op.Method, Status: h.answer.Status, Header: http.Header{}}
	if h.call.template == nil { // somebody else sent it
		x.URL = h.address
	} else {
		x.URL, x.RequestHeader, x.RequestBody = h.call.template.plain(&h.fill)
	}
	if h.took > 0 { // it is from before
		x.Received = h.sent.Add(h.took)
	}
	for name, value := range h.answer.All {
		x.Header.Add(string(name), string(value))
	}
	x.Body = bytes.Clone(h.answer.Body)
	if len(x.Body) > exchange.MaxBody {
		x.Body, x.Cut = x.Body[:exchange.MaxBody], true
	}
	return x
}

// evidence is the exchange to be shown: every token of it is a secret from now on.
func (w *worker) evidence(h *hit) *exchange.Exchange {
	x := w.exchange(h)
	w.ledger.redactor.Add(client.Access, string(h.fill.access))
	w.ledger.redactor.Add(client.Refresh, string(h.fill.refresh))
	for kind, value := range h.call.op.Read(x).Tokens {
		w.ledger.redactor.Add(kind, value)
	}
	return x
}
