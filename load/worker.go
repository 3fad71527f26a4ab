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
	task   task
	found  [][]byte
	prefix string // of texts that no other request contains
	made   uint64
	traces *traceparent.Many // nil: requests name none
	trace  []byte            // what the latest one names
}

// newWorker makes the worker of a connection. No other attack may have the prefix.
func newWorker(s *supply, l *ledger, prefix string, connection int) *worker {
	w := &worker{supply: s, ledger: l, traces: traceparent.ManyOf(s.trace), found: make([][]byte, s.offer.widest()), prefix: prefix + strconv.Itoa(connection) + "-"}
	if s.storm != nil {
		w.user = &stormUsers{storm: s.storm, offer: s.offer, families: s.storm.families[connection]}
	} else {
		w.user = newUsers(s, connection)
	}
	return w
}

// Fill writes the next request.
func (w *worker) Fill(request *wire.Request) (int, bool) {
	t := &w.task
	if !w.user.next(t) {
		return w.mix.index[t.part], false
	}
	if t.call.unique {
		w.made++
		t.fill.unique = unique(t.fill.unique[:0], w.prefix, w.made)
	}
	if w.traces != nil {
		w.trace = w.traces.Append(w.trace[:0])
		t.fill.trace = w.trace
	}
	t.call.template.write(request, &t.fill)
	return w.mix.index[t.part], true
}

// Doubt is told that the request may have been acted on twice.
func (w *worker) Doubt() { w.task.twice = true }

// Judge holds the answer to what the request was for.
func (w *worker) Judge(answer *wire.Answer, err error, sent time.Time) attack.Verdict {
	if err != nil {
		w.user.learn(&w.task, nothingSaid, nil, nil)
		return attack.Bad
	}
	got, a, r := w.read(answer, sent)
	verdict := attack.Bad
	switch got {
	case wrong:
		verdict = max(w.worth, attack.Bad)
	case nothingSaid:
	default:
		verdict = w.hold(got, answer, sent, a, r)
	}
	if verdict == attack.Bad {
		w.ledger.failed(w.task.part, answer.Status, sent, func() *exchange.Exchange { return w.evidence(answer, sent) })
	}
	w.user.learn(&w.task, got, a, r)
	return verdict
}

// violated counts a violation, and says what the answer is worth: one that breaks no more than good practice is a good one.
func (w *worker) violated(kind violation, answer *wire.Answer, sent time.Time, wanted, got string) attack.Verdict {
	if got == "" {
		got = client.Got(answer.Status)
	}
	if w.worth = attack.Good; w.ledger.violated(finding{kind, w.task.call, w.task.why, wanted, got}, func() *exchange.Exchange { return w.evidence(answer, sent) }) {
		w.worth = attack.Violation
	}
	return w.worth
}

// exchange is the request that was filled last and its answer, to be kept.
func (w *worker) exchange(answer *wire.Answer, sent time.Time) *exchange.Exchange {
	c := w.task.call
	x := &exchange.Exchange{Sent: sent, Received: time.Now(), Method: c.op.Method, Status: answer.Status, Header: http.Header{}}
	if c.template == nil { // somebody else sent it
		x.URL, x.Received = w.task.address, sent.Add(w.task.took)
	} else {
		x.URL, x.RequestHeader, x.RequestBody = c.template.plain(&w.task.fill)
	}
	for name, value := range answer.All {
		x.Header.Add(string(name), string(value))
	}
	x.Body = bytes.Clone(answer.Body)
	if len(x.Body) > exchange.MaxBody {
		x.Body, x.Cut = x.Body[:exchange.MaxBody], true
	}
	return x
}

// evidence is the exchange to be shown: every token of it is a secret from now on.
func (w *worker) evidence(answer *wire.Answer, sent time.Time) *exchange.Exchange {
	x := w.exchange(answer, sent)
	w.ledger.redactor.Add(client.Access, string(w.task.fill.access))
	w.ledger.redactor.Add(client.Refresh, string(w.task.fill.refresh))
	for kind, value := range w.task.call.op.Read(x).Tokens {
		w.ledger.redactor.Add(kind, value)
	}
	return x
}
