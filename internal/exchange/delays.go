package exchange

import (
	"fmt"
	"sync"
	"time"
)

// Delays count how often a busy target asked to come back later, and how long requests waited for that. Several
// clients can share one; a nil one counts nothing.
type Delays struct {
	Told func(status int, pause time.Duration) // called before each pause, from several goroutines; optional

	mu      sync.Mutex
	answers int
	longest time.Duration
}

// add counts a pause of a request that will then have waited for so long in all.
func (d *Delays) add(status int, pause, whole time.Duration) {
	if d == nil {
		return
	}
	d.mu.Lock()
	d.answers++
	d.longest = max(d.longest, whole)
	d.mu.Unlock()
	if d.Told != nil {
		d.Told(status, pause)
	}
}

// Note says it in a sentence; "" if there was no delay.
func (d *Delays) Note() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch d.answers {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("the target was busy: it asked once to come back later (429, or 503 with Retry-After), which took %s", d.longest.Round(time.Millisecond))
	}
	return fmt.Sprintf("the target was busy: it asked %d times to come back later (429, or 503 with Retry-After), and one request waited %s in all", d.answers, d.longest.Round(time.Millisecond))
}
