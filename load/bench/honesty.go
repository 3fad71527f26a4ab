package main

import (
	"context"
	"fmt"
	"slices"
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

// moreConnections are what gonogo's own rows are repeated with. With 16 nearly all that is due during a stop waits in the
// generator, for a connection; with 1000 all of it waits in the sockets of the server.
var moreConnections = []int{64, 1000}

// stallTruth is that p99: the slowest hundredth of all is the slowest twentieth of the fifth that waited.
const stallTruth = stallFor - stallFor*time.Duration(stallEvery/stallFor)/100

// honestRow is a generator with so many connections, and what its rounds gave.
type honestRow struct {
	*bench
	connections             int
	says, ofTruth, answered figures
	failed                  error
}

// honesty measures what generators say of the stalls. Those that cannot be told a rate have nothing to say.
func (w *workshop) honesty(ctx context.Context) error {
	var rows []*honestRow
	for _, b := range w.install(ctx, func(g generator) bool { return g.p99 == nil }) {
		rows = append(rows, &honestRow{bench: b, connections: honestConnections, failed: b.failed})
		if slices.ContainsFunc(ours, func(g generator) bool { return g.name == b.name }) {
			for _, connections := range moreConnections {
				rows = append(rows, &honestRow{bench: b, connections: connections, failed: b.failed})
			}
		}
	}
	s := *w
	s.length = honestLength
	for round := range w.rounds {
		for _, row := range rows {
			if row.failed == nil && ctx.Err() == nil {
				fmt.Fprintf(w.log, "bench: honesty of %s, %d connections, round %d of %d\n", row.name, row.connections, round+1, w.rounds)
				row.failed = s.stalled(ctx, row)
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	t := &table{title: fmt.Sprintf("A server that stops for %s every %s, asked %d times a second for %s, %d rounds: p99 is %d ms; median (min-max)",
		stallFor, stallEvery, honestRate, honestLength, w.rounds, stallTruth.Milliseconds())}
	t.add("generator", "connections", "says p99, ms", "of the truth", "answered of asked")
	for _, row := range rows {
		if row.failed != nil {
			t.add(row.name, fmt.Sprint(row.connections), "-")
			t.note("%s, %d connections, was not measured: %v", row.name, row.connections, row.failed)
			continue
		}
		connections := fmt.Sprint(row.connections)
		if row.name == yardstick {
			connections = "any"
		}
		t.add(row.name, connections, row.says.spread(1), row.ofTruth.spread(3),
			fmt.Sprintf("%s of %s", row.answered.spread(0), grouped(fmt.Sprint(s.expected(honestRate)))))
	}
	t.note("The budget of gonogo is 0.97 to 1.03.")
	t.note("vegeta opens as many connections as it likes, unless -max-workers caps them at %d.", honestConnections)
	return t.print(w.out)
}

// stalled measures one generator once against a server of its own, whose stalls count from its first request.
func (w *workshop) stalled(ctx context.Context, row *honestRow) error {
	server, err := w.start(ctx, "listening ", w.self, "fast", "-stall", stallFor.String(), "-every", stallEvery.String())
	if err != nil {
		return err
	}
	defer server.stop()
	s := shot{connections: row.connections, length: honestLength, rate: honestRate, folder: w.scratch}
	said, _, count, fault := w.fire(ctx, row.bench, server, s, nil)
	p99, err := row.p99(ctx, row.program, s, said)
	if err != nil {
		if fault != nil {
			return fault
		}
		return err
	}
	// A generator that gives a verdict may end with an exit code of its own on such a server; what it reports counts.
	row.says, row.ofTruth = append(row.says, inMilliseconds(p99)), append(row.ofTruth, p99.Seconds()/stallTruth.Seconds())
	row.answered = append(row.answered, float64(count.answered()))
	return nil
}
