package load

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"gonogo/load/attack"
)

// usual is a session as gonogo's flags have it.
func usual() Session {
	return Session{Refreshes: DefaultRefreshes, Period: DefaultPeriod, Uses: DefaultUses, Logout: DefaultLogout, Population: DefaultPopulation}
}

// crowd are sessions whose every request is answered at once, as it should be.
func crowd(t *testing.T, of Session, seed int64) *sessions {
	t.Helper()
	j, err := of.read()
	if err != nil {
		t.Fatal(err)
	}
	return &sessions{supply: &supply{seed: seed}, journey: j, took: attack.NewHistogram()}
}

// lived is what a session asks and when, with answers that take a while.
func (s *sessions) lived(t *testing.T, begin, each time.Duration) (steps []part, at []time.Duration) {
	t.Helper()
	chain, ok := s.begin(begin)
	if !ok {
		t.Fatal("there is no room")
	}
	one := chain.(*session)
	for due, more, now := begin, true, begin; more; due, more = one.Next(now) {
		steps, at = append(steps, one.step), append(at, due)
		now = max(due, now) + each
	}
	return steps, at
}

// When requests of a session are due is settled as it begins: a slow target moves none.
func TestASessionKeepsItsPeriods(t *testing.T) {
	for _, c := range []struct {
		refreshes, uses int
		think           string
		each            time.Duration
	}{
		{10, 1, "500ms", 0}, {10, 1, "500ms", 30 * time.Millisecond}, {3, 4, "0s-240ms", 0}, {20, 0, "0s", 0}, {0, 3, "10ms-20ms", 0}, {2, 1, "500ms", 3 * time.Second}, {2, 3, "", 0},
	} {
		of := usual()
		of.Refreshes, of.Uses, of.Think = c.refreshes, c.uses, c.think
		s := crowd(t, of, 7)
		for n := range 200 {
			begin := time.Duration(n) * 37 * time.Millisecond
			steps, at := s.lived(t, begin, c.each)
			wanted := []part{issuePart}
			for period := range c.refreshes + 1 {
				wanted = append(wanted, slices.Repeat([]part{usePart}, c.uses)...)
				if period < c.refreshes {
					wanted = append(wanted, refreshPart)
				}
			}
			if wanted = append(wanted, logoutPart); !slices.Equal(steps, wanted) {
				t.Fatalf("%+v: the steps are %v, not %v", c, steps, wanted)
			}
			refreshed := begin
			for i, step := range steps {
				if i > 0 && at[i] < at[i-1] {
					t.Fatalf("%+v: step %d is due before the one before it: %v", c, i, at)
				}
				if step != refreshPart && step != logoutPart {
					continue
				}
				if at[i]-refreshed != of.Period {
					t.Fatalf("%+v: a refresh is due %s after the one before it", c, at[i]-refreshed)
				}
				refreshed = at[i]
			}
		}
	}
}

func TestSessionsThinkAndLogOutByChance(t *testing.T) {
	of := usual()
	of.Refreshes, of.Think, of.Logout = 0, "100ms-900ms", "30%"
	s, again, other := crowd(t, of, 7), crowd(t, of, 7), crowd(t, of, 8)
	var thought, differs, out float64
	const n = 4000
	for i := range n {
		begin := time.Duration(i) * time.Millisecond
		steps, at := s.lived(t, begin, 0)
		_, same := again.lived(t, begin, 0)
		_, others := other.lived(t, begin, 0)
		if !slices.Equal(at, same) {
			t.Fatal("the same seed has other sessions")
		}
		if at[1] != others[1] {
			differs++
		}
		if at[1]-begin < 100*time.Millisecond || at[1]-begin > 900*time.Millisecond {
			t.Fatalf("somebody thought for %s", at[1]-begin)
		}
		thought += (at[1] - begin).Seconds()
		if steps[len(steps)-1] == logoutPart {
			out++
		}
	}
	if math.Abs(thought/n-.5) > .02 || math.Abs(out/n-.3) > .03 || differs < n-n/10 {
		t.Errorf("on average they thought for %v s, %v logged out, and of another seed %v differ", thought/n, out/n, differs)
	}
	if told := s.tell(0); told.Whole != n || told.Open != 0 || told.MostAtOnce != 1 {
		t.Errorf("%+v", told)
	}
}

func TestAPopulationIsTheMostThereAre(t *testing.T) {
	of := usual()
	of.Population = 3
	s := crowd(t, of, 1)
	var all []*session
	for range 3 {
		chain, ok := s.begin(0)
		if !ok {
			t.Fatal("there is room for three")
		}
		all = append(all, chain.(*session))
	}
	if _, ok := s.begin(0); ok {
		t.Error("there is a fourth of three")
	}
	all[1].over = true
	all[1].Next(time.Second)
	if _, ok := s.begin(0); !ok {
		t.Error("nobody takes the place of one that ended")
	}
}

func TestSessionsThatCannotBe(t *testing.T) {
	for says, change := range map[string]func(*Session){
		"--refreshes -1: choose from 0 to 100000":  func(s *Session) { s.Refreshes = -1 },
		"--period 0s: choose from 1ms to 1h":       func(s *Session) { s.Period = 0 },
		"--period -5s: choose from 1ms to 1h":      func(s *Session) { s.Period = -5 * time.Second },
		"--uses -2: choose from 0 to 10000":        func(s *Session) { s.Uses = -2 },
		"--population 0: choose from 1 to 1000000": func(s *Session) { s.Population = 0 },
		"--think -1s: a think time cannot be negative; write it like 500ms, or 200ms-2s for one by chance":       func(s *Session) { s.Think = "-1s" },
		"--think 5: it is not a time; write it like 500ms, or 200ms-2s for one by chance":                        func(s *Session) { s.Think = "5" },
		"--think 2ms-1ms: the least comes first, as in 200ms-2s":                                                 func(s *Session) { s.Think = "2ms-1ms" },
		"--think 300ms: 4 of them (--uses) take up to 1.2s, which does not fit into a --period of 1s":            func(s *Session) { s.Think, s.Uses = "300ms", 4 },
		"--logout 130%: choose from 0% to 100%; no more than all sessions can log out":                           func(s *Session) { s.Logout = "130%" },
		"--logout half: write the share of sessions that log out, such as 30%":                                   func(s *Session) { s.Logout = "half" },
		"--logout 0.3: write the share of sessions that log out, such as 30%":                                    func(s *Session) { s.Logout = "0.3" },
		"--refreshes 5000, one in every --period of 1s: a session of 1h23m21s is longer than 1h0m0s":             func(s *Session) { s.Refreshes = 5000 },
		"--rate 0: sessions begin at a rate; ask for one above 0":                                                nil,
		"--rate 20000: with 23 requests in each session that is beyond the 200000 requests in a second that one": func(s *Session) { s.Population = 1 },
	} {
		c := Config{
			Scenario: sessionScenario, Level: "standard", Duration: time.Second, Connections: 1, WorkingSet: 1, Pick: uniform, Session: usual(),
		}
		if change != nil {
			c.Rate = 20_000
			change(&c.Session)
		}
		if err := c.Check(); err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("it is said %v, not %s", err, says)
		}
	}
}
