package kit

import (
	"math/rand/v2"
	"testing"
)

// The table beside Go's map, which does the same: some thousand additions and
// removals, over keys that meet on one head more often than hashes would.
func TestTableIsAMap(t *testing.T) {
	var tab table[int]
	want := map[Key]int{}
	random := rand.New(rand.NewPCG(1, 2))
	for step := range 20_000 {
		k := Key{low: 1 + random.Uint64N(40)<<random.IntN(20), high: random.Uint64N(50)}
		_, there := want[k]
		e := tab.find(k)
		if (e != nil) != there || there && e.Value != want[k] {
			t.Fatalf("step %d: %v, want %v %d", step, e, there, want[k])
		}
		switch {
		case !there:
			tab.add(k, Entry[int]{Value: step})
			want[k] = step
		case random.IntN(2) == 0:
			tab.remove(k)
			delete(want, k)
		default:
			e.Value, want[k] = -step, -step
		}
		if step%5000 == 4999 {
			odd := func(n int) bool { return n&1 != 0 }
			before := len(want)
			for k, n := range want {
				if odd(n) {
					delete(want, k)
				}
			}
			if removed := tab.removeIf(func(e Entry[int]) bool { return odd(e.Value) }); removed != before-len(want) {
				t.Fatalf("step %d: %d removed, want %d", step, removed, before-len(want))
			}
		}
		if tab.count != len(want) {
			t.Fatalf("step %d: %d entries, want %d", step, tab.count, len(want))
		}
	}
	for k, n := range want {
		if e := tab.find(k); e == nil || e.Value != n {
			t.Errorf("%v: %v, want %d", k, e, n)
		}
	}
}

// What is removed makes room for what comes: a server that runs for days takes
// as much memory as its fullest hour needed.
func TestTableUsesRowsAgain(t *testing.T) {
	var tab table[int]
	for round := range uint64(50) {
		for i := range uint64(1000) {
			tab.add(Key{round*1000 + i, 1}, Entry[int]{})
		}
		if removed := tab.removeIf(func(Entry[int]) bool { return true }); removed != 1000 {
			t.Fatalf("round %d: %d of 1000 removed", round, removed)
		}
	}
	if tab.used != 1000 {
		t.Errorf("%d rows for 1000 entries at a time", tab.used)
	}
}
