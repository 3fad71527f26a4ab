package engine

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"gonogo/internal/target"
)

// advance asks the target's clock control for a step. The control is a service of its own: its calls are no
// evidence and count for nothing. A connection is never used twice: a step that is lost on a stale one could
// not be repeated, for nobody would know whether it was taken.
func (r *run) advance(ctx context.Context, by time.Duration) error {
	req, err := r.target.Clock.Advance.Request(ctx, durations(by.String(), fmt.Sprint(int64(by/time.Second))))
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

func durations(text, seconds string) map[string]string {
	return map[string]string{"duration": text, "duration_seconds": seconds}
}

// tickOf is the finest step that a clock control can be asked for: a second when the call says whole seconds.
// Otherwise a millisecond, for a clock may count in those, and truncate. The offset has to be what the clock
// was really moved: a rest that is rounded away at every step would add up to more than a leeway.
func tickOf(clock *target.Clock) (time.Duration, error) {
	const seconds = "112233445566"
	req, err := clock.Advance.Request(context.Background(), durations("1h", seconds))
	if err != nil {
		return 0, err
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return 0, err
	}
	if strings.Contains(req.URL.String(), seconds) || strings.Contains(string(body), seconds) {
		return time.Second, nil
	}
	return time.Millisecond, nil
}
