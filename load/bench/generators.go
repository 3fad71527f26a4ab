package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"
)

// bench is a generator that is there, and what its rounds gave.
type bench struct {
	generator
	program []string

	rates, cpus figures // per round: requests in a second, CPU microseconds of a request
	remark      error   // on rounds that count all the same
	failed      error
}

// install makes every generator ready. One that cannot be had is a row that says so, and fails nothing.
func (w *workshop) install(ctx context.Context, skip func(generator) bool) []*bench {
	var benches []*bench
	for _, g := range slices.Concat(peers, ours) {
		if skip(g) || !w.wants(g.name) && g.name != yardstick {
			continue
		}
		fmt.Fprintf(w.log, "bench: preparing %s\n", g.name)
		b := &bench{generator: g}
		b.program, b.failed = g.install(ctx, w)
		benches = append(benches, b)
	}
	return benches
}

// fire makes one measurement with a generator against the fast server, and something meanwhile unless that is nil.
func (w *workshop) fire(ctx context.Context, b *bench, server *process, s shot, during meanwhile) (said []byte, cpu time.Duration, t tally, err error) {
	s.folder, s.body, s.url = w.scratch, issueRequest(), server.url+issuePath
	if s.bodyFile, err = w.file("body.json", s.body); err != nil {
		return nil, 0, t, err
	}
	args, err := b.args(w, s)
	if err != nil {
		return nil, 0, t, err
	}
	// What the round before left would otherwise be read as what a run that failed reports.
	for _, old := range []string{vegetaResults(s), k6Summary(s), loadReport(s)} {
		_ = os.Remove(old)
	}
	if _, err := server.tally(); err != nil { // of what a former generator still had under way
		return nil, 0, t, err
	}
	said, cpu, fault := w.load(ctx, append(slices.Clone(b.program), args...), during)
	t, err = server.tally()
	if err == nil {
		err = fault
	}
	return said, cpu, t, err
}

// generators measures how much each generator sends from one core.
func (w *workshop) generators(ctx context.Context) error {
	benches := w.install(ctx, func(g generator) bool { return g.name == vegetaCapped })
	server, err := w.start(ctx, "listening ", w.self, "fast")
	if err != nil {
		return err
	}
	defer server.stop()
	var own figures // of the server
	for round := range w.rounds {
		fmt.Fprintf(w.log, "bench: generators, round %d of %d\n", round+1, w.rounds)
		for _, b := range benches {
			if b.failed != nil || ctx.Err() != nil {
				continue
			}
			before, err := server.cpu()
			if err != nil {
				return err
			}
			_, cpu, t, err := w.fire(ctx, b, server, shot{connections: w.connections, length: w.length}, nil)
			n := t.answered()
			if b.name == loadName && incomplete(err) {
				b.remark, err = err, nil
			}
			if err == nil && t.rate() == 0 {
				err = fmt.Errorf("it sent %d requests, too few to measure", n)
			}
			if err != nil {
				b.failed = err
				continue
			}
			b.rates = append(b.rates, t.rate())
			b.cpus = append(b.cpus, float64(cpu.Microseconds())/float64(n))
			after, err := server.cpu()
			if err != nil {
				return err
			}
			own = append(own, float64((after-before).Microseconds())/float64(n))
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return w.generatorTable(benches, own).print(w.out)
}

func (w *workshop) generatorTable(benches []*bench, server figures) *table {
	t := &table{title: fmt.Sprintf("Generators on one core, %d connections, %d rounds of %s each; median (min-max)", w.connections, w.rounds, w.length)}
	t.add("generator", "requests/s", "µs/request", "CPU µs/request", "× vegeta", "× vegeta by CPU")
	var base bench
	for _, b := range benches {
		if b.name == yardstick {
			base = *b
		}
	}
	for _, b := range benches {
		if b.failed != nil {
			t.add(b.name, "-")
			t.note("%s was not measured: %v", b.name, b.failed)
			continue
		}
		if b.remark != nil {
			t.note("%s had a remark: %v", b.name, b.remark)
		}
		t.add(b.name, b.rates.spread(0), fmt.Sprintf("%.1f", 1e6/b.rates.median()), b.cpus.spread(1), b.rates.over(base.rates).spread(2), base.cpus.over(b.cpus).spread(2))
	}
	t.note("Requests are counted by the server, which used %s µs of CPU time for one. A generator's CPU time includes its start.", server.spread(1))
	return t
}
