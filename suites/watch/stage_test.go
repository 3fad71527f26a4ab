package watch

import (
	"strings"
	"testing"
	"time"

	"gonogo/internal/front"
	"gonogo/internal/lineage"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
)

// TestATokenMadeWhileTheClockWasMoved may have been made after that, and so lives the longer of both lives. One that was there before, or
// came afterwards, ends when it was said to.
func TestATokenMadeWhileTheClockWasMoved(t *testing.T) {
	start := time.Now()
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	token := func(arrived, done int) *lineage.Token {
		return &lineage.Token{Given: &lineage.Event{Exchange: &front.Exchange{Arrived: at(arrived), Done: at(done)}}, Ends: at(100)}
	}
	moved := step{from: at(10), at: at(12), by: time.Hour}
	s := &stage{steps: []step{moved}}
	for name, c := range map[string]struct {
		token  *lineage.Token
		longer bool
	}{
		"before":         {token(1, 2), false},
		"across":         {token(9, 13), true},
		"over meanwhile": {token(9, 11), true},
		"come meanwhile": {token(11, 13), true},
		"after":          {token(12, 13), false},
		"no end":         {&lineage.Token{Given: token(9, 13).Given}, false},
	} {
		ended := c.token.Ends
		s.prolong([]*lineage.Token{c.token}, moved)
		if longer := c.token.Ends.After(ended); longer != c.longer {
			t.Errorf("%s: the end moves from %s to %s", name, ended, c.token.Ends)
		}
		if given := c.token.Given; s.stepped(given.Arrived, given.Done) != (c.longer || name == "no end") {
			t.Errorf("%s: whether the clock moved meanwhile is not told", name)
		}
	}
}

// TestWhatIsKeptHasAnEnd however large the bodies are that a client and an API send.
func TestWhatIsKeptHasAnEnd(t *testing.T) {
	s := &stage{full: make(chan struct{})}
	body := make([]byte, 1<<20)
	kept := 0
	for range 100 {
		e := &lineage.Event{Exchange: &front.Exchange{Request: front.Request{Body: body}, Origin: &front.Answer{Body: body}, Answer: &front.Answer{Body: body}}, Seen: &operation.Seen{}}
		if s.worthKeeping(e) {
			kept++
		}
	}
	if kept < 10 || kept > keptBytes/len(body)/3+1 || s.dropped != 100-kept {
		t.Errorf("%d of 100 are kept, %d dropped", kept, s.dropped)
	}
	select {
	case <-s.full:
	default:
		t.Error("the watch goes on")
	}
}

// TestWhatARestartShowed is said as it was: a client that went on with a live access token was started again.
func TestWhatARestartShowed(t *testing.T) {
	again := time.Now()
	call := &lineage.Event{
		Exchange: &front.Exchange{Situation: "restart", Arrived: again.Add(time.Second), Received: true, Answer: &front.Answer{Status: 200}},
		Seen:     &operation.Seen{Shown: []operation.Shown{{Value: "x"}}},
		Shown:    []*lineage.Token{{Kind: "access"}},
	}
	for want, s := range map[string]*stage{
		"was not started again":                          {events: []*lineage.Event{call}},
		"asked for no tokens":                            {again: again},
		"went on with its access token, which was alive": {again: again, events: []*lineage.Event{call}},
	} {
		seen := &sight{}
		storage(nil, specs.Flow{})[1].judge(s, seen)
		if seen.seen > 0 || !strings.Contains(seen.missing, want) {
			t.Errorf("it is said that %s, and not that it %s", seen.missing, want)
		}
	}
}

// TestANewSecretThatNobodyHandsOver is not made.
func TestANewSecretThatNobodyHandsOver(t *testing.T) {
	c := Config{Target: &target.Target{}}
	c.Target.Operator.RotateSecret = &target.Call{}
	s := &stage{heard: newHeard()}
	if why := rotates(s, c); !strings.Contains(why, "--hook") {
		t.Errorf("it is played: %q", why)
	}
	c.Hook = "true"
	if why := rotates(s, c); why != "" {
		t.Errorf("with a hook: %s", why)
	}
	c.Hook = ""
	s.follow("calls")
	if why := rotates(s, c); why != "" {
		t.Errorf("to who follows: %s", why)
	}
}
