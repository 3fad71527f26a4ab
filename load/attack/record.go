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
	again                    bool
}

type fate uint8

const (
	judged  fate = iota
	starved      // the worker had nothing to send
	unsent       // the attack was over before its turn came
	cutOff       // under way when the attack was stopped
)

// recorder hands a connection's records to the collector, which comes for them ten times a second. Its lock is one that
// no two connections share. Histograms for each connection would be faster still, but a thousand connections with one
// for each part are 800 MB.
type recorder struct {
	mu      sync.Mutex
	records []record
}

func (r *recorder) add(one record) {
	r.mu.Lock()
	r.records = append(r.records, one)
	r.mu.Unlock()
}

// swap takes the records and leaves an empty buffer.
func (r *recorder) swap(empty []record) []record {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.records) == 0 {
		return empty
	}
	full := r.records
	r.records = empty[:0]
	return full
}
