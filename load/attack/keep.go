package attack

import (
	"bufio"

	"github.com/tsenart/vegeta/v12/lib"
)

// keeper writes results for vegeta, in a goroutine of its own: a disk that is slow must not slow the attack.
type keeper struct {
	watch   Watch
	run     *run
	batches chan []record
	empty   chan []record
	batch   []record
	seq     uint64
	unkept  int64
	gone    chan struct{}
	failed  error // and how many were lost by it, once gone
	lost    int64
}

// keepBatches is how many batches may wait for the disk, 4,096 results each: 19 MB, or a second at 250,000/s.
const keepBatches, keepBatch = 64, 4096

func keep(watch Watch, r *run) *keeper {
	k := &keeper{watch: watch, run: r, batches: make(chan []record, keepBatches), empty: make(chan []record, keepBatches), gone: make(chan struct{})}
	go k.write()
	return k
}

func (k *keeper) add(one *record) {
	if len(k.batch) >= keepBatch && !k.flush() {
		k.unkept += int64(len(k.batch))
		k.batch = k.batch[:0]
	}
	k.batch = append(k.batch, *one)
}

// sweep passes on what there is if the writer has nothing else to do. Otherwise it may wait until the batch is full.
func (k *keeper) sweep() {
	if len(k.batches) == 0 && len(k.batch) > 0 {
		k.flush()
	}
}

func (k *keeper) flush() bool {
	select {
	case k.batches <- k.batch:
	default:
		return false
	}
	select {
	case k.batch = <-k.empty:
		k.batch = k.batch[:0]
	default:
		k.batch = make([]record, 0, keepBatch)
	}
	return true
}

// close waits until everything is written.
func (k *keeper) close() (unkept int64, err error) {
	if len(k.batch) > 0 {
		k.batches <- k.batch // the attack is over: there is time
	}
	close(k.batches)
	<-k.gone
	return k.unkept + k.lost, k.failed
}

func (k *keeper) write() {
	defer close(k.gone)
	out := bufio.NewWriterSize(k.watch.Keep, 64<<10)
	encode := vegeta.NewEncoder(out)
	for batch := range k.batches {
		for i := range batch {
			if k.failed == nil {
				k.failed = encode(k.result(&batch[i]))
			}
			if k.failed != nil {
				k.lost++
			}
		}
		select {
		case k.empty <- batch:
		default:
		}
	}
	if k.failed == nil {
		k.failed = out.Flush()
	}
}

func (k *keeper) result(one *record) *vegeta.Result {
	result := &vegeta.Result{
		Attack: k.run.plan.Parts[one.part], Seq: k.seq, Code: one.status,
		Timestamp: k.run.start.Add(one.intended).Round(0), Latency: one.answered - one.intended,
		BytesOut: uint64(one.out), BytesIn: uint64(one.in),
	}
	k.seq++
	switch {
	case one.why != Answered:
		result.Error = one.why.String()
	case one.verdict == Violation:
		result.Error = "violation"
	case one.verdict == Bad:
		result.Error = "not what it should be"
	}
	if int(one.part) < len(k.watch.Requests) {
		result.Method, result.URL = k.watch.Requests[one.part].Method, k.watch.Requests[one.part].URL
	}
	return result
}
