package load

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gonogo/reports"
	"gonogo/reports/words"
)

// skewAt is how far apart generators may begin before what they sent is not the load that was asked for: as late as one of them
// may send.
const skewAt = lateAt

// generator is what a run's own report says of the generator that made it.
func (s *Share) generator(out *reports.LoadRun, late time.Duration) reports.LoadGenerator {
	return reports.LoadGenerator{
		Number: s.Index + 1, Of: s.Count, TraceID: out.TraceID, Requests: out.Requests, Errors: out.Errors, Achieved: out.Achieved,
		P50: out.Latency.P50, P99: out.Latency.P99, Late: late.Microseconds(),
	}
}

// generatorsOf are the generators that made the runs, in their order; none: they are shards that nobody brought together. lost
// are those of which there is no run.
func generatorsOf(runs []*reports.LoadRun, lost []reports.LoadGenerator) (all []reports.LoadGenerator, err error) {
	if !slices.ContainsFunc(runs, func(r *reports.LoadRun) bool { return len(r.Generators) > 0 }) {
		return nil, nil
	}
	for _, run := range runs {
		if len(run.Generators) != 1 {
			return nil, fmt.Errorf("one of the runs was made by %s, so it is no part of another", madeBy(run))
		}
		all = append(all, run.Generators[0])
	}
	of := all[0].Of
	for number := 1; number <= of; number++ {
		is := func(g reports.LoadGenerator) bool { return g.Number == number }
		if slices.ContainsFunc(all, is) {
			continue
		}
		gone := reports.LoadGenerator{Number: number, Lost: "there is no report of it"}
		if i := slices.IndexFunc(lost, is); i >= 0 {
			gone = lost[i]
		}
		gone.Of = of
		all = append(all, gone)
	}
	slices.SortFunc(all, func(a, b reports.LoadGenerator) int { return cmp.Compare(a.Number, b.Number) })
	for i, g := range all {
		switch {
		case g.Of != of:
			return nil, fmt.Errorf("one is generator %d of %d, and another one of %d", g.Number, g.Of, of)
		case g.Number != i+1:
			return nil, fmt.Errorf("there are two runs of generator %d of %d", g.Number, of)
		}
	}
	return all, nil
}

// jointly says what is to be known of a run because several generators made it: a note, and what keeps it from being the one that was asked for.
func jointly(out *reports.LoadRun) (note string, short []string) {
	skew := out.Skew()
	for _, g := range out.Generators {
		if g.Lost != "" {
			short = append(short, fmt.Sprintf("generator %d of %d was lost: %s", g.Number, g.Of, g.Lost))
		}
	}
	if skew > skewAt {
		short = append(short, fmt.Sprintf("the generators may have begun %s after one another, which is more than %s, so the load of all was not the one that was asked for", skew, skewAt))
	}
	return fmt.Sprintf("what %s measured is added up; p50 and p99 of a second are the highest of theirs", words.Count(len(out.Generators), "generator")), short
}

// sayings are what several runs say, each text once, with whose it is unless it is all of theirs.
type sayings struct {
	name  string // of one run
	texts []string
	whose [][]int // the numbers of the runs, for each text
}

func (s *sayings) add(number int, texts []string) {
	for _, text := range texts {
		i := slices.Index(s.texts, text)
		if i < 0 {
			i = len(s.texts)
			s.texts, s.whose = append(s.texts, text), append(s.whose, nil)
		}
		if !slices.Contains(s.whose[i], number) {
			s.whose[i] = append(s.whose[i], number)
		}
	}
}

// of are the texts, of so many runs.
func (s *sayings) of(runs int) (all []string) {
	for i, text := range s.texts {
		numbers, name := []string(nil), s.name
		for _, number := range s.whose[i] {
			numbers = append(numbers, fmt.Sprint(number))
		}
		if len(numbers) > 1 {
			name += "s"
		}
		if len(numbers) < max(runs, 2) && !strings.HasPrefix(text, "generator ") { // which says itself of which
			text = fmt.Sprintf("%s %s: %s", name, words.Join(numbers), text)
		}
		all = append(all, text)
	}
	return all
}
