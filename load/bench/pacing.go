package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

var (
	// lateRates are those at which moments are compared: on the first most of the time is spent asleep, on the second a
	// sleep is shorter than a tick of a careless timer.
	lateRates = []int{1000, 5000}

	// askedRates are those at which a generator with a core to itself must keep up.
	askedRates = []int{1000, 5000, 10_000, 20_000, 30_000}
)

// pace is what a generator did at a rate in a round.
type pace struct {
	p50, p99 float64 // lateness in milliseconds
	achieved float64 // of what was asked
}

// rounds are those of a rate.
type rounds struct{ p50, p99, achieved figures }

func (r *rounds) add(p pace) {
	r.p50, r.p99, r.achieved = append(r.p50, p.p50), append(r.p99, p.p99), append(r.achieved, p.achieved)
}

// paced is a generator and what it did at each rate.
type paced struct {
	*bench
	at map[int]*rounds
}

// pacing measures when requests arrive, and how many.
func (w *workshop) pacing(ctx context.Context) error {
	late := []string{yardstick, vegetaCapped, "fortio", loopName, loadName}
	noting := []string{"-arrivals", fmt.Sprint(w.expected(slices.Max(lateRates)) + spare)}
	if err := w.paces(ctx, late, lateRates, honestConnections, noting, w.punctual, w.lateTable); err != nil {
		return err
	}
	return w.paces(ctx, []string{vegetaCapped, loopName, loadName}, askedRates, w.connections, nil, w.keptUp, w.achievedTable)
}

// spare is room for what a generator sends before it begins.
const spare = 1000

// expected is how many requests a rate makes in one measurement.
func (s settings) expected(rate int) int { return rate * int(s.length.Seconds()) }

// paces measures some generators at some rates, in rounds, and prints the table of it.
func (w *workshop) paces(ctx context.Context, names []string, rates []int, connections int, mode []string,
	read func(*process, tally, int) (pace, error), print func([]*paced) *table) error {
	var all []*paced
	for _, b := range w.install(ctx, func(g generator) bool { return !slices.Contains(names, g.name) }) {
		p := &paced{bench: b, at: map[int]*rounds{}}
		for _, rate := range rates {
			p.at[rate] = &rounds{}
		}
		all = append(all, p)
	}
	server, err := w.start(ctx, "listening ", append([]string{w.self, "fast"}, mode...)...)
	if err != nil {
		return err
	}
	defer server.stop()
	for round := range w.rounds {
		for _, rate := range rates {
			fmt.Fprintf(w.log, "bench: %d/s, round %d of %d\n", rate, round+1, w.rounds)
			for _, p := range all {
				if p.failed != nil || ctx.Err() != nil {
					continue
				}
				if _, err := server.arrivals(); err != nil { // of what a former generator sent
					return err
				}
				_, _, t, err := w.fire(ctx, p.bench, server, shot{connections: connections, length: w.length, rate: rate}, nil)
				if p.name == loadName && incomplete(err) {
					p.remark, err = fmt.Errorf("at %d/s: %w", rate, err), nil
				}
				one := pace{missing, missing, missing}
				if err == nil {
					one, err = read(server, t, rate)
				}
				if err != nil { // on a busy machine one round may fail, and says nothing of the others
					p.remark = fmt.Errorf("a round is left out, at %d/s: %w", rate, err)
				}
				p.at[rate].add(one)
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	t := print(all)
	for _, p := range all {
		if p.failed != nil {
			t.note("%s was not measured: %v", p.name, p.failed)
		} else if p.remark != nil {
			t.note("%s had a remark: %v", p.name, p.remark)
		}
	}
	return t.print(w.out)
}

// punctual reads how late requests arrived.
func (w *workshop) punctual(server *process, _ tally, rate int) (pace, error) {
	p := pace{missing, missing, missing}
	moments, err := server.arrivals()
	if err != nil {
		return p, err
	}
	if moments, err = inEarnest(moments, w.expected(rate)); err != nil {
		return p, err
	}
	l := late(moments, rate)
	p.p50, p.p99 = inMilliseconds(l.at(0.5)), inMilliseconds(l.at(0.99))
	return p, nil
}

// keptUp reads how many requests arrived.
func (w *workshop) keptUp(_ *process, t tally, rate int) (pace, error) {
	return pace{missing, missing, t.rate() / float64(rate)}, nil
}

func (w *workshop) lateTable(all []*paced) *table {
	t := &table{title: fmt.Sprintf("How late requests arrive against the schedule, %d connections, %d rounds of %s each; median (min-max)",
		honestConnections, w.rounds, w.length)}
	t.add("asked, requests/s", "generator", "p50, ms", "p99, ms", "p99 × vegeta")
	for _, rate := range lateRates {
		var base figures
		for _, p := range all {
			if p.name == yardstick {
				base = p.at[rate].p99
			}
		}
		for _, p := range all {
			if one := p.at[rate]; p.failed == nil {
				t.add(grouped(fmt.Sprint(rate)), p.name, one.p50.spread(2), one.p99.spread(2), one.p99.over(base).spread(2))
			} else {
				t.add(grouped(fmt.Sprint(rate)), p.name, "-")
			}
		}
	}
	t.note("The server noted the moments. On time is what the earliest hundredth of all requests does not exceed, each seen from " +
		"its own place in the schedule. The budget of gonogo is 1 × vegeta.")
	return t
}

func (w *workshop) achievedTable(all []*paced) *table {
	t := &table{title: fmt.Sprintf("Achieved rate, as a part of the one that was asked for, %d connections, %d rounds of %s each; median (min-max)",
		w.connections, w.rounds, w.length)}
	head := []string{"asked, requests/s"}
	for _, p := range all {
		head = append(head, p.name)
	}
	t.add(head...)
	for _, rate := range askedRates {
		row := []string{grouped(fmt.Sprint(rate))}
		for _, p := range all {
			if p.failed == nil {
				row = append(row, p.at[rate].achieved.spread(4))
			} else {
				row = append(row, "-")
			}
		}
		t.add(row...)
	}
	t.note("Requests are counted by the server, in whole tenths of a second, the first and the last left out. " +
		"The budget of gonogo is 0.995 to 1.005.")
	return t
}

func inMilliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
