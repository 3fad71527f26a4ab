package attack

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Own is what the generator itself took of the time that requests seem to take. An answer that is there is read when a
// processor comes to it: in a generator that has more to do than its processors can, and on a machine where others are
// busy, that is later, and shows as the server's time.
type Own struct {
	CPU  time.Duration           // processor time of the process; 0 where nobody says
	Late *hdrhistogram.Histogram // µs until something that had come in was looked at
}

// Each is what the generator took of each of n requests, on average.
func (o Own) Each(n int64) time.Duration {
	return time.Duration(o.Late.Mean()*float64(time.Microsecond)) + o.CPU/time.Duration(max(n, 1))
}

// selfWatch watches the generator for as long as an attack goes on. A timer ends every so often, at a moment that is
// known, and that comes in the way that answers do; how late it is noticed is how late an answer would have been. For what
// would have ended while nobody looked the histogram is corrected.
type selfWatch struct {
	cpu  time.Duration
	late *hdrhistogram.Histogram
	done chan struct{}
	gone sync.WaitGroup
}

// Between two ends, by chance, so that they are in step with nothing: 500 a second cost half a percent of a core.
const leastWatch, mostWatch = time.Millisecond, 3 * time.Millisecond

func watchSelf() *selfWatch {
	w := &selfWatch{cpu: processorTime(), late: newHistogram(runDigits), done: make(chan struct{})}
	t := newTimer()
	w.gone.Go(func() {
		if t != nil {
			defer t.close()
		}
		for {
			select {
			case <-w.done:
				return
			default:
			}
			wait := leastWatch + rand.N(mostWatch-leastWatch)
			due := time.Now().Add(wait)
			if t == nil || !t.wait(wait) {
				time.Sleep(wait)
			}
			late := min(max(time.Since(due).Microseconds(), 0), longest)
			_ = w.late.RecordCorrectedValue(late, ((leastWatch + mostWatch) / 2).Microseconds()) // within its bounds
		}
	})
	return w
}

func (w *selfWatch) end() Own {
	close(w.done)
	w.gone.Wait()
	return Own{CPU: processorTime() - w.cpu, Late: w.late}
}
