package kit

import (
	"fmt"
	"testing"
	"time"
)

// TestWhatIsOverKeepsNobodyOut: room is for what is open, not for all there ever was.
func TestWhatIsOverKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	s, now := NewStore[int](3), time.Now()
	for i := range 10 {
		if err := s.Enter(KeyOf(fmt.Sprint(i)), i, now, now.Add(time.Minute)); err != nil {
			t.Fatalf("number %d: %v", i, err)
		}
		s.Spend(KeyOf(fmt.Sprint(i)))
		now = now.Add(30 * time.Second)
	}
	for i := range 3 {
		if err := s.Enter(KeyOf(fmt.Sprint("open", i)), i, now, now.Add(time.Hour)); err != nil && i < 1 {
			t.Error(err)
		}
	}
	if s.Enter(KeyOf("one more"), 0, now, now.Add(time.Hour)) == nil && s.Len() > 3 {
		t.Error("there is no bound")
	}
}
