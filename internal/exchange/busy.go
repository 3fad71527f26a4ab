package exchange

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// minPause keeps a target that says "retry after 0" from being asked in a tight loop. It doubles each time:
// the default patience of 45 s is used up by eight requests, not by 450.
const minPause = 100 * time.Millisecond

// atOnce is the key of a context whose requests wait for nobody.
type atOnce struct{}

// AtOnce is a context in which the answer of a busy target is an answer like any other: who is refused on purpose is not
// to come back later.
func AtOnce(ctx context.Context) context.Context { return context.WithValue(ctx, atOnce{}, true) }

// Busy reports whether an answer asks to come back later, and in how long.
func Busy(x *Exchange) (pause time.Duration, busy bool) {
	if x == nil || !isBusy(x) {
		return 0, false
	}
	return max(retryAfter(x), minPause), true
}

// isBusy reports the two answers that ask to come back later (RFC 6585 section 4, RFC 9110 section 15.6.4).
func isBusy(x *Exchange) bool {
	return x.Status == http.StatusTooManyRequests ||
		x.Status == http.StatusServiceUnavailable && x.Header.Get("Retry-After") != ""
}

// longestPause stands for every longer one that a target may ask for: nobody waits a century, and a
// duration cannot hold much more.
const longestPause = 100 * 365 * 24 * time.Hour

// retryAfter is the pause a busy target asks for (RFC 9110 section 10.2.3); a second when it does not say.
func retryAfter(x *Exchange) time.Duration {
	value := strings.TrimSpace(x.Header.Get("Retry-After"))
	if value != "" && strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(longestPause/time.Second) {
			return longestPause
		}
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		now := x.Received
		if date, ok := x.Date(); ok {
			now = date // the target may live on another clock
		}
		return min(max(at.Sub(now), 0), longestPause)
	}
	return time.Second
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
