package load

import (
	"crypto/rand"
	"fmt"
	"testing"
)

func TestSeenNoticesEveryRepeatAmongTheLatestTokens(t *testing.T) {
	const n = 200_000
	s := newSeen(2 * n)
	token := func(i int) []byte { return fmt.Appendf(nil, "token-%d-%s", i, "0123456789abcdef") }
	for i := range n {
		if !s.add(s.fingerprint(0, token(i))) {
			t.Fatalf("token %d counts as seen, and was not", i)
		}
	}
	missed := 0
	for i := range n {
		if s.add(s.fingerprint(0, token(i))) {
			missed++
		}
	}
	// Of sets of seven with three tokens on average (a Poisson distribution) one in a hundred has more than seven.
	if missed > n/25 {
		t.Errorf("of %d repeats %d went unseen", n, missed)
	}
	if !s.add(s.fingerprint(1, token(n-1))) {
		t.Error("a text that is a token of another kind counts as seen")
	}
}

func TestSeenKeepsItsSize(t *testing.T) {
	s := newSeen(1 << 40)
	if got := len(s.sets); got != mostSets {
		t.Errorf("a run without end has %d sets, not %d", got, mostSets)
	}
	sets := len(s.sets)
	for range 100_000 {
		token := make([]byte, 32)
		_, _ = rand.Read(token)
		s.add(s.fingerprint(0, token))
	}
	if len(s.sets) != sets {
		t.Error("the table has grown")
	}
}

func BenchmarkSeen(b *testing.B) {
	s := newSeen(1 << 20)
	token := make([]byte, 43)
	_, _ = rand.Read(token)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		token[0], token[1], token[2], token[3] = byte(i), byte(i>>8), byte(i>>16), byte(i>>24)
		s.add(s.fingerprint(0, token))
	}
}
