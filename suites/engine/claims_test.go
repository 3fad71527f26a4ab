package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestClaimsShareAndExclude(t *testing.T) {
	t.Parallel()
	both := []Claim{Shares("a"), Takes("b")}
	for name, tc := range map[string]struct {
		held, wanted []Claim
		turns, free  bool
	}{
		"nothing held":           {nil, both, false, true},
		"shared with shared":     {[]Claim{Shares("a")}, []Claim{Shares("a")}, false, true},
		"taken with shared":      {[]Claim{Shares("a")}, []Claim{Takes("a")}, false, false},
		"shared with taken":      {[]Claim{Takes("a")}, []Claim{Shares("a")}, false, false},
		"taken with taken":       {[]Claim{Takes("a")}, []Claim{Takes("a")}, false, false},
		"other names":            {[]Claim{Takes("a")}, []Claim{Takes("b")}, false, true},
		"one of two":             {[]Claim{Shares("b")}, both, false, false},
		"accounts, shared":       {[]Claim{Shares("account:x")}, []Claim{Shares("account:x")}, false, true},
		"accounts, in turns":     {[]Claim{Shares("account:x")}, []Claim{Shares("account:x")}, true, false},
		"two accounts, in turns": {[]Claim{Shares("account:x")}, []Claim{Shares("account:y")}, true, true},
		"others are shared":      {[]Claim{Shares("clock")}, []Claim{Shares("clock")}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClaims()
			c.takeTurns = tc.turns
			if !c.tryAcquire(tc.held) {
				t.Fatal("the first cannot have what nobody holds")
			}
			if got := c.tryAcquire(tc.wanted); got != tc.free {
				t.Fatalf("free %t, want %t", got, tc.free)
			}
			if tc.free {
				c.release(tc.wanted)
			}
			c.release(tc.held)
			if !c.tryAcquire(tc.wanted) {
				t.Error("what was given back is not free")
			}
		})
	}
}

func TestOnesOwnClaimsDoNotExcludeEachOther(t *testing.T) {
	t.Parallel()
	c := newClaims()
	mixed := []Claim{Shares("a"), Takes("a"), Takes("a"), Shares("a")}
	if !c.tryAcquire(mixed) {
		t.Fatal("a case that names a thing twice can never run")
	}
	if c.tryAcquire([]Claim{Shares("a")}) {
		t.Error("what was taken is shared")
	}
	c.release(mixed)
	if !c.tryAcquire([]Claim{Takes("a")}) {
		t.Error("not everything was given back")
	}
}

// tryAcquire takes all claims or none.
func (c *claims) tryAcquire(wanted []Claim) bool { return c.try([]Case{{Claims: wanted}}) == 0 }

// acquire is how one case gets its claims, in a slot that is its own.
func (c *claims) acquire(ctx context.Context, wanted []Claim) error {
	slots := make(chan struct{}, 1)
	slots <- struct{}{}
	_, err := c.next(ctx, slots, []Case{{Claims: wanted}})
	return err
}

func TestClaimsAreGivenInOrder(t *testing.T) {
	t.Parallel()
	c := newClaims()
	a, b := Case{Claims: []Claim{Shares("a")}}, Case{Claims: []Claim{Shares("b")}}
	alone := Case{Claims: []Claim{Takes("a"), Shares("c")}}
	if got := c.try([]Case{a, alone, a, b}); got != 0 {
		t.Fatalf("case %d begins, want the first", got)
	}
	if got := c.try([]Case{alone, a, b}); got != 2 { // another that shares a comes after the one that is to have it alone
		t.Fatalf("case %d begins, want the one that claims nothing of what the first waits for", got)
	}
	if got := c.try([]Case{alone, a, {Claims: []Claim{Takes("c")}}}); got != -1 {
		t.Fatalf("case %d begins, and claims what one before it waits for", got)
	}
	c.release(a.Claims)
	if got := c.try([]Case{alone, a}); got != 0 {
		t.Errorf("case %d begins, want the first", got)
	}
}

func TestAWaitForClaimsCanBeCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClaims()
		held := []Claim{Takes("a")}
		if err := c.acquire(t.Context(), held); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := c.acquire(ctx, []Claim{Shares("a"), Takes("b")}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if !c.tryAcquire([]Claim{Takes("b")}) {
			t.Error("who gave up still holds a half")
		}
	})
}

func TestClaimsUnderRandomLoad(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) { // a deadlock ends a bubble with an error
			c := newClaims()
			c.takeTurns = seed%2 == 1
			random := rand.New(rand.NewPCG(seed, 1))
			var mu sync.Mutex
			readers, writers := map[string]int{}, map[string]int{}
			var all sync.WaitGroup
			for range 200 {
				var wanted []Claim
				for i := range 4 {
					if name := fmt.Sprintf("account:%d", i); random.IntN(2) == 0 {
						wanted = append(wanted, Claim{Name: name, Exclusive: random.IntN(4) == 0})
					}
				}
				work := time.Duration(random.IntN(1000)) * time.Millisecond
				all.Go(func() {
					if err := c.acquire(t.Context(), wanted); err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for _, claim := range wanted {
						held := readers
						if claim.Exclusive || c.takeTurns {
							held = writers
						}
						held[claim.Name]++
						if w := writers[claim.Name]; w > 1 || w == 1 && readers[claim.Name] > 0 {
							t.Errorf("%s has %d writers and %d readers", claim.Name, w, readers[claim.Name])
						}
					}
					mu.Unlock()
					time.Sleep(work)
					mu.Lock()
					for _, claim := range wanted {
						if claim.Exclusive || c.takeTurns {
							writers[claim.Name]--
						} else {
							readers[claim.Name]--
						}
					}
					mu.Unlock()
					c.release(wanted)
				})
			}
			all.Wait()
			if len(c.shared)+len(c.exclusive) > 0 {
				t.Errorf("something is still held: %v %v", c.shared, c.exclusive)
			}
		})
	}
}
