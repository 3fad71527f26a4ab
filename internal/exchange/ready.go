package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// How long is waited between two looks at whether a target is there: at first no longer than a process takes to begin to
// listen, in the end no more often than a person would look.
const (
	firstLook = 50 * time.Millisecond
	laterLook = time.Second
)

// Ready waits until a target answers at an address, whatever its answer says, but that of a gateway in front of nobody
// (502, 503, 504). waited is for how long; the error is why it was not there in time, or the context's. What is sent for
// that is not counted by Sent.
func (c *Client) Ready(ctx context.Context, at *url.URL, within time.Duration) (waited time.Duration, err error) {
	began := time.Now()
	deadline := began.Add(within)
	for pause := firstLook; ; pause = min(2*pause, laterLook) {
		err = c.look(ctx, at, min(c.options.Timeout, max(time.Until(deadline), firstLook)))
		switch left := time.Until(deadline); {
		case err == nil:
			return time.Since(began), nil
		case ctx.Err() != nil:
			return time.Since(began), ctx.Err()
		case left <= 0:
			return time.Since(began), err
		default:
			if err := sleep(ctx, min(pause, left)); err != nil {
				return time.Since(began), err
			}
		}
	}
}

// look asks once, over a connection of its own; the error is why nobody is there yet.
func (c *Client) look(ctx context.Context, at *url.URL, timeout time.Duration) error {
	timed, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(timed, http.MethodGet, at.String(), nil)
	if err != nil {
		return err
	}
	if _, err := c.prepare(req); err != nil {
		return err
	}
	response, err := c.fresh.RoundTrip(req)
	if err != nil {
		return reason(err, timeout)
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, MaxHeader)); err != nil && !errors.Is(err, io.EOF) {
		return reason(err, timeout)
	}
	switch response.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return fmt.Errorf("it answers %d %s", response.StatusCode, http.StatusText(response.StatusCode))
	}
	return nil
}
