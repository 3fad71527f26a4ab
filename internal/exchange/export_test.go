package exchange

import "context"

// Pace is what a request waits for before it is sent.
func Pace(c *Client, ctx context.Context) error { return c.pace(ctx) }
