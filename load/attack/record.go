package attack

import (
	"sync"
	"time"
)

// record is what became of one intended request. Moments count from the attack's start.
type record struct {
	intended, sent, answered time.Duration
	free                     time.Duration // when the request could have left: its moment, or later its connection's
	out, in                  uint32        // bytes of the bodies
	status                   uint16
	part                     uint16
	why                      Why
	verdict                  Verdict
	fate                     fate
	beside                   bool // the pace: at no time that was intended
	also                     Incident
}

type fate uint8

const (
	judged  fate = iota
	starved      // the worker had nothing to send
	unsent       // the attack was over before its turn came
	cutOff       // under way when the attack was stopped
	denied       // never sent, because this machine was at a limit of its own
	crowded      // a chain that did not begin, because as many were under way as may be
)

// recorder hands a connection's records to the collector, which comes for them ten times a second. Its lock is one that
// no two connections share. Histograms for each connection would be faster still, but a thousand connections with one
// for each part are 800 MB.
//
// A full recorder calls the collector and waits for it. That takes more than two million answers a second, or a
// collector without a core; the alternative is memory without bound.
type recorder struct {
	mu      sync.Mutex
	records []record
	most    int
	full    chan struct{} // calls the collector; shared
	emptied chan struct{}
}

// mostRecords is how many may wait for the collector altogether, 20 MB, and leastRecords how many on each connection.
const mostRecords, leastRecords = 256 << 10, 256

func newRecorders(connections int) (all []*recorder, full chan struct{}) {
	full = make(chan struct{}, 1)
	for range connections {
		all = append(all, &recorder{most: max(mostRecords/connections, leastRecords), full: full, emptied: make(chan struct{})})
	}
	return all, full
}

func (r *recorder) add(one record) {
	r.mu.Lock()
	r.records = append(r.records, one)
	full := len(r.records) >= r.most
	r.mu.Unlock()
	if !full {
		return
	}
	select {
	case r.full <- struct{}{}:
	default: // it has been called
	}
	<-r.emptied
}

// swap takes the records and leaves an empty buffer.
func (r *recorder) swap(empty []record) []record {
	r.mu.Lock()
	records := r.records
	if len(records) == 0 {
		r.mu.Unlock()
		return empty
	}
	r.records = empty[:0]
	r.mu.Unlock()
	if len(records) >= r.most {
		r.emptied <- struct{}{} // its only connection waits, or is about to
	}
	return records
}
