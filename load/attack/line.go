package attack

import (
	"time"

	"gonogo/internal/wire"
)

// line is one connection, who asks over it, and the latest answer for as long as its judging is not over.
type line struct {
	*run
	connection Connection
	records    *recorder
	worker     Worker
	settler    Settler // nil: nothing is left when the worker has judged
	request    wire.Request
	answers    [2]wire.Answer // the next and the latest, in turn
	turn       int
	judged     record // of the latest
	unsettled  bool
}

func (r *run) line(connection Connection, records *recorder, worker Worker) *line {
	settler, _ := worker.(Settler)
	return &line{run: r, connection: connection, records: records, worker: worker, settler: settler}
}

// settle has the judging of the latest answer end, if it has not yet.
func (l *line) settle() {
	if !l.unsettled {
		return
	}
	l.unsettled = false
	l.judged.verdict = max(l.judged.verdict, l.settler.Settle())
	l.records.add(l.judged)
}

// sleep is the run's, with nothing left to be settled.
func (l *line) sleep(until time.Duration) (now time.Duration, ok bool) {
	l.settle()
	return l.run.sleep(until)
}

// attack is the loop of one connection. It reads the clock as seldom as it can: three times are 2 % of a request.
func (l *line) attack() {
	defer l.settle()
	// free is when the connection would have become free if every request had left on time. What is late beyond that is
	// our own doing; until then it is the queue in front of a slow server.
	var free time.Duration
	for now := l.now(); !l.stopped.Load(); {
		intended, ok := now, now < l.end
		if l.schedule != nil {
			intended, ok = l.schedule.next()
		}
		if !ok {
			return
		}
		if now < intended {
			if now, ok = l.sleep(intended); !ok {
				return // it was not its turn yet
			}
		}
		if now > l.last {
			l.records.add(record{intended: intended, fate: unsent})
			return
		}
		part, ok := l.fill()
		sent := l.now()
		if !ok {
			l.records.add(record{intended: intended, fate: starved})
			if now = sent; l.schedule == nil {
				now, _ = l.sleep(now + idlePause)
			}
			continue
		}
		if l.schedule == nil {
			intended = sent
		}
		one, ok := l.exchange(record{intended: intended, sent: sent, part: part, free: max(free, intended)})
		if now = one.answered; !ok {
			return
		}
		free = one.free + one.answered - one.sent
		if l.schedule == nil && (one.why.unreached() || one.why.own()) {
			now, _ = l.sleep(now + idlePause)
		}
	}
}

func (l *line) fill() (part uint16, ok bool) {
	l.request.Reset()
	n, ok := l.worker.Fill(&l.request)
	return uint16(n), ok
}

// exchange sends the request that was filled last and has its answer judged; not ok is that the attack was stopped
// meanwhile, which is our own doing.
func (l *line) exchange(one record) (_ record, ok bool) {
	at, answer := l.start.Add(one.sent), &l.answers[l.turn]
	took, also, err := l.connection.Do(&l.request, answer, at, l.settle)
	l.settle() // where the request did not leave
	l.turn = 1 - l.turn
	one.answered, one.also, one.out = one.sent+took, also, uint32(len(l.request.Body))
	if err != nil {
		if l.stopped.Load() {
			one.fate = cutOff
			l.records.add(one)
			return one, false
		}
		answer.Reset()
		one.why = l.why(err)
	} else {
		one.status, one.in = uint16(answer.Status), uint32(len(answer.Body))
		answer.Unpack()
	}
	if also&Again != 0 {
		if doubter, ok := l.worker.(Doubter); ok {
			doubter.Doubt()
		}
	}
	one.verdict = l.worker.Judge(answer, err, at)
	if err != nil && one.verdict == Good {
		one.verdict = Bad
	}
	if l.settler == nil {
		l.records.add(one)
	} else {
		l.judged, l.unsettled = one, true
	}
	return one, true
}

// probe is the loop of the connection beside the pace: what there is to send is sent at once.
func (l *line) probe(prober Prober, over <-chan struct{}) {
	for !l.stopped.Load() && prober.Wait(over) {
		part, ok := l.fill()
		if !ok {
			continue
		}
		sent := l.now()
		one, ok := l.exchange(record{intended: sent, sent: sent, free: sent, part: part, beside: true})
		if !ok {
			return
		}
		l.settle()
		if one.why.unreached() || one.why.own() {
			_, _ = l.sleep(one.answered + idlePause)
		}
	}
}
