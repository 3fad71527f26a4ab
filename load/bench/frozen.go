package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"gonogo/reports"
)

// The frozen table: an open loop at honestRate against a server that never stops; the generator itself is stopped once
// the server has counted freezeAfter requests, as a laptop does that sleeps or a host that lends its core to another.
const (
	freezeAfter  = honestRate // a second's worth
	freezeFor    = 500 * time.Millisecond
	frozenLength = 5 * time.Second
)

// frozenTruth is p99 of how long requests waited from the moment when they were due. Those that were due while the
// generator was stopped waited from all of that time down to nothing, evenly, and nobody else did. The slowest hundredth
// of all is as many requests as are due in a hundredth of the run; the fastest of these was due that long after the stop
// began.
func frozenTruth(stopped, length time.Duration) time.Duration {
	return max(stopped-length/100, 0)
}

// frozenRow is what the rounds gave for a generator.
type frozenRow struct {
	*bench
	says, ofTruth, saw, arrived figures
	admits                      figures // for how long it says that it stood still, in milliseconds
}

// frozen measures what generators say when they stood still themselves.
func (w *workshop) frozen(ctx context.Context) error {
	names := []string{"k6", yardstick, "fortio", loopName, loadName}
	var rows []*frozenRow
	for _, b := range w.install(ctx, func(g generator) bool { return !slices.Contains(names, g.name) }) {
		rows = append(rows, &frozenRow{bench: b})
	}
	s := *w
	s.length = frozenLength
	server, err := s.start(ctx, "listening ", s.self, "fast", "-arrivals", fmt.Sprint(s.expected(honestRate)+spare))
	if err != nil {
		return err
	}
	defer server.stop()
	for round := range w.rounds {
		fmt.Fprintf(w.log, "bench: frozen, round %d of %d\n", round+1, w.rounds)
		for _, row := range rows {
			if row.failed == nil && ctx.Err() == nil {
				row.failed = s.freeze(ctx, server, row)
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return w.frozenTable(rows).print(w.out)
}

// freeze measures one generator once.
func (w *workshop) freeze(ctx context.Context, server *process, row *frozenRow) error {
	if _, err := server.arrivals(); err != nil {
		return err
	}
	var stopped time.Duration
	s := shot{connections: honestConnections, length: frozenLength, rate: honestRate, folder: w.scratch}
	said, _, _, fault := w.fire(ctx, row.bench, server, s, func(generator *os.Process, ended <-chan struct{}) (err error) {
		if err = server.reaches(freezeAfter, ended); err == nil {
			stopped, err = stopFor(generator, freezeFor)
		}
		return err
	})
	if stopped == 0 {
		return fmt.Errorf("it was not stopped: %w", fault)
	}
	p99, err := row.p99(ctx, row.program, s, said)
	if err != nil {
		return errors.Join(err, fault)
	}
	moments, err := server.arrivals()
	if err != nil {
		return err
	}
	row.says = append(row.says, inMilliseconds(p99))
	row.ofTruth = append(row.ofTruth, p99.Seconds()/frozenTruth(stopped, frozenLength).Seconds())
	row.arrived = append(row.arrived, float64(len(moments)))
	saw := missing
	if moments, err := inEarnest(moments, w.expected(honestRate)); err == nil {
		saw = inMilliseconds(late(moments, honestRate).at(0.99))
	}
	row.saw = append(row.saw, saw)
	admits, err := row.bench.admits(s, said)
	row.admits = append(row.admits, inMilliseconds(admits))
	return err
}

// reaches waits until the server has counted so many requests since its last count.
func (p *process) reaches(count int64, ended <-chan struct{}) error {
	for sum := int64(0); ; {
		t, err := p.tally()
		if err != nil {
			return err
		}
		if sum += t.answered(); sum >= count {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("it ended after %d requests, of which %d were waited for", sum, count)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// admits is the longest time for which a generator says that it stood still; 0 for those that do not look.
func (g generator) admits(s shot, said []byte) (longest time.Duration, err error) {
	var spans []reports.Span
	switch g.name {
	case loopName:
		var report loopReport
		if err := json.Unmarshal(said, &report); err != nil {
			return 0, fmt.Errorf("the loop's report: %w", err)
		}
		spans = report.Frozen
	case loadName:
		run, err := loadRun(s)
		if err != nil {
			return 0, err
		}
		spans = run.Frozen
	}
	for _, span := range spans {
		longest = max(longest, time.Duration(span.ForMS)*time.Millisecond)
	}
	return longest, nil
}

func (w *workshop) frozenTable(rows []*frozenRow) *table {
	asked := honestRate * int(frozenLength.Seconds())
	t := &table{title: fmt.Sprintf("A generator that is stopped for %s after %d of %d requests, %d/s over %d connections, %d rounds: "+
		"p99 is %d ms; median (min-max)", freezeFor, freezeAfter, asked, honestRate, honestConnections, w.rounds, frozenTruth(freezeFor, frozenLength).Milliseconds())}
	t.add("generator", "says p99, ms", "of the truth", "p99 that the server saw, ms", "said of seen", "arrived of asked",
		"says it stood still, ms")
	for _, row := range rows {
		if row.failed != nil {
			t.add(row.name, "-")
			t.note("%s was not measured: %v", row.name, row.failed)
			continue
		}
		admits := row.admits.spread(0)
		if slices.Max(row.admits) == 0 {
			admits = "no"
		}
		t.add(row.name, row.says.spread(1), row.ofTruth.spread(3), row.saw.spread(1), row.says.over(row.saw).spread(3),
			fmt.Sprintf("%s of %s", row.arrived.spread(0), grouped(fmt.Sprint(asked))), admits)
	}
	t.note("%d of %d requests are due while it is stopped and leave up to %s late, evenly; p99 is the lateness of the %dth of them. "+
		"The truth of a round is made of how long the stop really took. What the server saw has what else delayed the generator, "+
		"and says nothing where more than a hundredth of the requests never came. The budget of gonogo is 0.97 to 1.03.",
		int(freezeFor.Seconds()*honestRate), asked, freezeFor, asked/100)
	return t
}
