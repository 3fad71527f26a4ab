package html

import (
	"slices"
	"sort"

	"gonogo/reports"
)

// How a watch's time is laid out, in pixels. Real time is short and the API's clock makes leaps, so neither is drawn to scale throughout.
const (
	pixelsPerSecond = 16   // of what is not a move of the clock; calls every half second stand 8 apart
	longestWait     = 3000 // ms; a longer wait is drawn as this one
	leastTime       = 480  // px for all of it, at least and at most
	mostTime        = 1400
	apart           = 8    // px between marks that are no mere uses, which often follow one another in milliseconds
	mostApart       = 1200 // px for that in all
	longStep        = 46   // px of a move of the clock that has room for its label
	shortStep       = 18
	labelledStep    = 5 * 60_000 // ms; from here on
	beforeScene     = 12         // px before a situation begins
	lifeLeft        = 14         // px before the first moment, and behind the last
)

// timeline puts moments of the API's clock on an axis across.
type timeline struct {
	ms []int64
	x  []float64
}

func timelineOf(l *reports.Lives) timeline {
	begins, keys := map[int64]bool{}, map[int64]bool{}
	all := []int64{0, l.End.ClockMS}
	for _, s := range l.Situations {
		begins[s.ClockMS] = true
		all = append(all, s.ClockMS)
	}
	for _, s := range l.Steps {
		all = append(all, s.ClockMS, s.ClockMS+s.ByMS)
	}
	for _, t := range l.Tokens {
		for _, e := range t.Events {
			all = append(all, e.ClockMS)
			if e.What != reports.Used || e.IsAccused() {
				keys[e.ClockMS] = true
			}
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)

	var waited float64
	for i := 1; i < len(all); i++ {
		if stepAt(l, all[i-1], all[i]) == nil {
			waited += float64(min(all[i]-all[i-1], longestWait))
		}
	}
	scale := pixelsPerSecond / 1000.0
	if waited > 0 {
		scale = min(max(scale, leastTime/waited), mostTime/waited)
	}
	gap := min(apart, mostApart/float64(max(len(keys), 1)))
	t := timeline{ms: all, x: make([]float64, len(all))}
	x := float64(lifeLeft)
	for i, at := range all {
		if i > 0 {
			if step := stepAt(l, all[i-1], at); step != nil {
				x += stepWidth(*step) * float64(at-all[i-1]) / float64(step.ByMS)
			} else {
				x += float64(min(at-all[i-1], longestWait)) * scale
			}
			if begins[at] {
				x += beforeScene
			}
			if keys[at] {
				x = max(x, t.x[i-1]+gap)
			}
		}
		t.x[i] = x
	}
	return t
}

// stepAt is the move of the clock that two moments lie in; nil: none.
func stepAt(l *reports.Lives, from, to int64) *reports.ClockStep {
	i := sort.Search(len(l.Steps), func(i int) bool { return l.Steps[i].ClockMS+l.Steps[i].ByMS >= to })
	if i < len(l.Steps) && l.Steps[i].ClockMS <= from {
		return &l.Steps[i]
	}
	return nil
}

func stepWidth(s reports.ClockStep) float64 {
	if s.ByMS >= labelledStep {
		return longStep
	}
	return shortStep
}

// at is where a moment of the API's clock is.
func (t timeline) at(ms int64) px {
	i, found := slices.BinarySearch(t.ms, ms)
	switch {
	case found:
		return px(t.x[i])
	case i == 0:
		return px(t.x[0])
	case i == len(t.ms):
		return t.end()
	}
	share := float64(ms-t.ms[i-1]) / float64(t.ms[i]-t.ms[i-1])
	return px(t.x[i-1] + share*(t.x[i]-t.x[i-1]))
}

func (t timeline) end() px { return px(t.x[len(t.x)-1]) }
