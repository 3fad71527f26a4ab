package main

import (
	"context"
	"fmt"
	"time"
)

// The honesty table: an open loop at honestRate against a server that stops for stallFor in each stallEvery. Requests
// that were due while it stood still waited for up to stallFor, evenly, and nobody else did; so p99 is known.
const (
	honestRate        = 1000
	honestLength      = 10 * time.Second
	honestConnections = 16
	stallFor          = time.Second
	stallEvery        = 5 * time.Second
)

// stallTruth is that p99: the slowest hundredth of all is the slowest twentieth of the fifth that waited.
const stallTruth = stallFor - stallFor*time.Duration(stallEvery/stallFor)/100

// honesty measures what generators say of the stalls. Those that cannot be told a rate have nothing to say.
func (w *workshop) honesty(ctx context.Context) error {
	benches := w.install(ctx, func(g generator) bool { return g.p99 == nil })
	t := &table{title: fmt.Sprintf("A server that stops for %s every %s, asked %d times a second for %s over %d connections: p99 is %d ms",
		stallFor, stallEvery, honestRate, honestLength, honestConnections, stallTruth.Milliseconds())}
	t.add("generator", "says p99, ms", "of the truth", "answered of asked")
	s := *w
	s.length = honestLength
	for _, b := range benches {
		if b.failed == nil && ctx.Err() == nil {
			fmt.Fprintf(w.log, "bench: honesty of %s\n", b.name)
			b.failed = s.stalled(ctx, t, b)
		}
		if b.failed != nil {
			t.add(b.name, "-")
			t.note("%s was not measured: %v", b.name, b.failed)
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	t.note("One run each. vegeta opens as many connections as it likes, unless -max-workers caps them at %d.", honestConnections)
	return t.print(w.out)
}

// stalled measures one generator against a server of its own, whose stalls count from its first request.
func (w *workshop) stalled(ctx context.Context, t *table, b *bench) error {
	server, err := w.start(ctx, "listening ", w.self, "fast", "-stall", stallFor.String(), "-every", stallEvery.String())
	if err != nil {
		return err
	}
	defer server.stop()
	s := shot{connections: honestConnections, length: honestLength, rate: honestRate, folder: w.scratch}
	said, _, count, fault := w.fire(ctx, b, server, s)
	p99, err := b.p99(ctx, b.program, s, said)
	if err != nil {
		if fault != nil {
			return fault
		}
		return err
	}
	// A generator that gives a verdict may end with an exit code of its own on such a server; what it reports counts.
	asked := honestRate * int64(honestLength.Seconds())
	t.add(b.name, fmt.Sprintf("%.1f", float64(p99.Microseconds())/1000), fmt.Sprintf("%.3f", p99.Seconds()/stallTruth.Seconds()),
		fmt.Sprintf("%s of %s", grouped(fmt.Sprint(count.answered())), grouped(fmt.Sprint(asked))))
	return nil
}
