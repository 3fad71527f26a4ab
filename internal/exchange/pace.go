package exchange

import (
	"context"
	"sync/atomic"
)

// prepaid is the key of how many requests a context may still send without waiting.
type prepaid struct{}

// Prepay waits until n requests may leave at once, as a race must, and returns the context to send them with.
// More than the limiter's burst cannot be prepaid; granted says how many were.
func (c *Client) Prepay(ctx context.Context, n int) (paid context.Context, granted int, err error) {
	if c.options.Limiter == nil {
		return ctx, n, nil
	}
	n = min(n, c.options.Limiter.Burst())
	if err := c.limit(ctx, n); err != nil {
		return ctx, 0, err
	}
	left := new(atomic.Int64)
	left.Store(int64(n))
	return context.WithValue(ctx, prepaid{}, left), n, nil
}

// pace waits until a request may be sent.
func (c *Client) pace(ctx context.Context) error {
	if left, ok := ctx.Value(prepaid{}).(*atomic.Int64); ok && left.Add(-1) >= 0 || c.options.Limiter == nil {
		return ctx.Err()
	}
	return c.limit(ctx, 1)
}

// limit waits for the limiter. Its own error, that the wait would outlast the context, is the context's, only
// earlier.
func (c *Client) limit(ctx context.Context, n int) error {
	err := c.options.Limiter.WaitN(ctx, n)
	if _, limited := ctx.Deadline(); err != nil && limited && ctx.Err() == nil {
		return context.DeadlineExceeded
	}
	return err
}
