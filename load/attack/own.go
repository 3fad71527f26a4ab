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

// vigil watches the generator for as long as an attack goes on. An alarm rings every so often, at a moment that is
// known, and comes in the way that answers do; how late it is heard is how late an answer would have been. For what would
// have rung while nobody listened the histogram is corrected.
type vigil struct {
	cpu  time.Duration
	late *hdrhistogram.Histogram
	done chan struct{}
	gone sync.WaitGroup
}

// Between alarms, by chance, so that they are in step with nothing: 500 a second cost half a percent of a core.
const leastWatch, mostWatch = time.Millisecond, 3 * time.Millisecond

func beginVigil() *vigil {
	v := &vigil{cpu: processorTime(), late: newHistogram(runDigits), done: make(chan struct{})}
	ring, quiet := bell()
	v.gone.Go(func() {
		defer quiet()
		for {
			select {
			case <-v.done:
				return
			default:
			}
			wait := leastWatch + rand.N(mostWatch-leastWatch)
			due := time.Now().Add(wait)
			ring(wait)
			late := min(max(time.Since(due).Microseconds(), 0), longest)
			_ = v.late.RecordCorrectedValue(late, ((leastWatch + mostWatch) / 2).Microseconds()) // within its bounds
		}
	})
	return v
}

func (v *vigil) end() Own {
	close(v.done)
	v.gone.Wait()
	return Own{CPU: processorTime() - v.cpu, Late: v.late}
}
