package prove

import (
	"testing"

	"gonogo/suites/engine"
)

func TestProofsThatTakeABrowserAreSpread(t *testing.T) {
	all, err := Choose([]string{"kitchenmonki", "pos"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	const repeat = 2
	times, browsers, last := map[int]int{}, 0, -1
	plans := map[string]*engine.Plan{}
	for n, i := range order(all, repeat) {
		if times[i]++; times[i] != n/len(all)+1 {
			t.Fatalf("number %d is %s for the %d. time", n, all[i].ID, times[i])
		}
		if !proofOf(all[i]).browses(plans) {
			continue
		}
		if browsers++; last >= 0 && n-last < 5 {
			t.Errorf("%s, number %d, takes a browser, and so does number %d", all[i].ID, n, last)
		}
		last = n
	}
	if len(times) != len(all) || browsers < 20*repeat {
		t.Errorf("of %d proofs %d begin, and %d take a browser", len(all), len(times), browsers)
	}
}
