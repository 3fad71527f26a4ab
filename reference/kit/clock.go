package kit

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// maxOffset keeps every expiry inside what UnixNano can hold (year 2262) and
// every Date header at four digits.
const maxOffset = 50 * 365 * 24 * time.Hour

// Clock is real time plus an offset. It is never frozen: a frozen clock would
// hide a server that forgets to count. Every lifetime, every announced number
// and the Date header come from the one clock of their server.
type Clock struct {
	offset atomic.Int64
	date   atomic.Pointer[dateLine]
}

// dateLine is the Date header of one second, kept because formatting it anew
// for each answer costs more than looking a token up.
type dateLine struct {
	second int64
	header []string
}

// Now is the server's time.
func (c *Clock) Now() time.Time { return time.Now().Add(c.Offset()) }

// Offset is how far the server's time is ahead of real time.
func (c *Clock) Offset() time.Duration { return time.Duration(c.offset.Load()) }

// Advance moves the clock forward and answers its new time. Backwards is
// refused: tokens that had expired would come back to life.
func (c *Clock) Advance(d time.Duration) (time.Time, error) {
	if d < 0 {
		return time.Time{}, fmt.Errorf("the clock only moves forward, so advance cannot be %s", d)
	}
	for {
		old := c.offset.Load()
		if d > maxOffset-time.Duration(old) {
			return time.Time{}, fmt.Errorf("the clock cannot run more than %s ahead of real time", maxOffset)
		}
		if c.offset.CompareAndSwap(old, old+int64(d)) {
			return c.Now(), nil
		}
	}
}

// DateHeader is the Date header for now, ready to be put into a header map.
func (c *Clock) DateHeader(now time.Time) []string {
	second := now.Unix()
	if line := c.date.Load(); line != nil && line.second == second {
		return line.header
	}
	line := &dateLine{second, []string{now.UTC().Format(http.TimeFormat)}}
	c.date.Store(line)
	return line.header
}

// Skew sets the clock wrong, in either direction, before it has told the time.
func (c *Clock) Skew(d time.Duration) { c.offset.Add(int64(d)) }
