package watch_test

import (
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"gonogo/suites/watch"
)

// TestAClientThatCallsWithoutEnd is watched like any other, and what is kept of it does not grow with its calls.
func TestAClientThatCallsWithoutEnd(t *testing.T) {
	r := &recorder{T: t}
	w := watch.Start(r, "kitchenhub")
	p := ask(t, w.URL+"/v2/auth/token", w.Credentials("primary"))
	calls := func(n int) {
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				for range n / 2 {
					if status := call(t, w.URL+"/v2/orders", p.Access); status != http.StatusOK {
						t.Errorf("a call is answered %d", status)
						return
					}
				}
			})
		}
		all.Wait()
	}
	calls(200)
	before := held()
	calls(2000)
	if grown := held() - before; grown > 1<<20 { // what a call was is more than 1 KB
		t.Errorf("2,000 calls more take %d KB more", grown>>10)
	}
	for range 2 {
		w.Advance(61 * time.Minute)
		call(t, w.URL+"/v2/orders", p.Access)
		p = ask(t, w.URL+"/v2/auth/refresh", map[string]string{"refresh_token": p.Refresh})
		calls(200)
	}
	if got := r.end(); got != "" {
		t.Errorf("it fails with %q", got)
	}
}

// held is how much memory is in use.
func held() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
