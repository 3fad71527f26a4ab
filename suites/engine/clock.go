package engine

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"gonogo/internal/target"
)

// advance asks the target's clock control for a step. The control is a service of its own: its calls are no
// evidence and count for nothing. A connection is never used twice: a step that is lost on a stale one could
// not be repeated, for nobody would know whether it was taken.
func (r *run) advance(ctx context.Context, by time.Duration) error {
	req, err := r.target.Clock.Advance.Request(ctx, map[string]string{
		"duration": by.String(), "duration_seconds": fmt.Sprint(int64(by / time.Second)),
	})
	if err != nil {
		return err
	}
	client := &http.Client{
		Timeout:   r.target.Limits.Timeout,
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true},
	}
	response, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("the clock control answered %s", response.Status)
	}
	return nil
}

// unitOf is what a clock control can be moved by: a second when the call says whole seconds. Otherwise a
// millisecond, for a clock may count in those, and truncate.
func unitOf(clock *target.Clock) time.Duration {
	if clock.Advance.Takes("duration_seconds") {
		return time.Second
	}
	return time.Millisecond
}
