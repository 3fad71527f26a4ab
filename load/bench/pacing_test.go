package main

import (
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

const ms = time.Millisecond

// onTime are arrivals at a rate of 1,000/s, each as late as told.
func onTime(n int, late func(i int) time.Duration) []time.Duration {
	var moments []time.Duration
	for i := range n {
		moments = append(moments, time.Duration(i)*ms+late(i))
	}
	slices.Sort(moments)
	return moments
}

func TestLatenessIsAgainstTheSchedule(t *testing.T) {
	shuffled := rand.New(rand.NewPCG(1, 2)).Perm(1000)
	for name, c := range map[string]struct {
		moments  []time.Duration
		p50, p99 time.Duration
	}{
		"every request on time":     {onTime(1000, func(int) time.Duration { return 0 }), 0, 0},
		"all as late as each other": {onTime(1000, func(int) time.Duration { return 7 * ms }), 0, 0},
		"evenly from 0 to 0.999 ms": {onTime(1000, func(i int) time.Duration { return time.Duration(shuffled[i]) * time.Microsecond }), 490 * time.Microsecond, 980 * time.Microsecond},
		"one in fifty is late":      {onTime(1000, func(i int) time.Duration { return time.Duration(i%50/49) * ms / 2 }), 0, ms / 2},
		"the first one is late":     {onTime(1000, func(i int) time.Duration { return time.Duration(max(1-i, 0)) * ms / 2 }), 0, 0},
		"one is early":              {onTime(1000, func(i int) time.Duration { return -time.Duration(max(1-i, 0)) * 300 * ms }), 0, 0},
		"one in two is early":       {onTime(1000, func(i int) time.Duration { return -time.Duration(i%2) * ms / 2 }), 0, ms / 2},
		"half a second late, once": {onTime(5000, func(i int) time.Duration {
			return max(0, min(time.Duration(i-1000), 1)) * max(0, time.Duration(1500-i)) * ms
		}), 0, 449 * ms},
		"a tenth too slow":            {onTime(1000, func(i int) time.Duration { return time.Duration(i) * ms / 10 }), 49 * ms, 98 * ms},
		"in bursts of 100, each late": {onTime(1000, func(i int) time.Duration { return time.Duration(99-i%100) * ms }), 49 * ms, 98 * ms},
	} {
		l := late(c.moments, 1000)
		if p50, p99 := l.at(0.5), l.at(0.99); p50 != c.p50 || p99 != c.p99 {
			t.Errorf("%s: p50 %s, p99 %s; want %s and %s", name, p50, p99, c.p50, c.p99)
		}
	}
	if l := late(nil, 1000); l.at(0.99) != 0 {
		t.Errorf("nothing is late: %s", l.at(0.99))
	}
	if l := late([]time.Duration{0, 333_333, 666_667, ms, 1_333_333}, 3000); l.at(1) != 0 {
		t.Errorf("a rate that is no part of a second makes requests late: %v", l)
	}
}

func TestLatenessIsOfTheRunInEarnest(t *testing.T) {
	moments := append([]time.Duration{0, ms, 40 * ms}, onTime(1000, func(int) time.Duration { return 100 * ms })...)
	scheduled, err := inEarnest(moments, 1000)
	if err != nil || len(scheduled) != 1000 || scheduled[0] != 100*ms {
		t.Fatalf("%d arrivals from %v on: %v", len(scheduled), scheduled[:1], err)
	}
	if l := late(scheduled, 1000); l.at(1) != 0 {
		t.Errorf("what was sent before makes requests late: %s", l.at(1))
	}
	if scheduled, err := inEarnest(moments[:992], 1000); err != nil || len(scheduled) != 992 {
		t.Errorf("a few that are missing: %d, %v", len(scheduled), err)
	}
	if _, err := inEarnest(moments[:989], 1000); err == nil || !strings.HasPrefix(err.Error(), "989 requests of 1000 arrived") {
		t.Errorf("many that are missing: %v", err)
	}
}

func TestFastServerNotesArrivals(t *testing.T) {
	p := role(t, "fast", "-arrivals", "5")
	begin := time.Now()
	post(t, p.url+issuePath, issueRequest())
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	aside := "POST /v2/auth/validate HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}" // which is at no time that was asked for
	two := strings.Repeat("POST "+issuePath+" HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 2)
	if _, err := conn.Write([]byte(aside + two)); err != nil {
		t.Fatal(err)
	}
	if err := p.reaches(4, nil); err != nil {
		t.Fatal(err)
	}
	most := time.Since(begin)
	moments, err := p.arrivals()
	if err != nil || len(moments) != 3 || moments[0] != 0 || moments[1] <= 0 || moments[2] < moments[1] || moments[2] > most {
		t.Errorf("three requests within %s arrived at %v: %v", most, moments, err)
	}
	if moments, err = p.arrivals(); err != nil || len(moments) != 0 {
		t.Errorf("they are not forgotten: %v, %v", moments, err)
	}
	for range 7 {
		post(t, p.url+issuePath, issueRequest())
	}
	if _, err = p.arrivals(); err == nil || !strings.HasPrefix(err.Error(), "2 more requests arrived") {
		t.Errorf("7 arrivals where 5 are kept: %v", err)
	}
	if moments, err = p.arrivals(); err != nil || len(moments) != 0 {
		t.Errorf("its next answer is not whole: %v, %v", moments, err)
	}
	p = role(t, "fast")
	post(t, p.url+issuePath, issueRequest())
	if moments, err := p.arrivals(); err != nil || len(moments) != 0 {
		t.Errorf("a server that is to note nothing notes %v, %v", moments, err)
	}
}

func TestWaitingForRequestsEndsWithTheGenerator(t *testing.T) {
	p := role(t, "fast")
	ended := make(chan struct{})
	close(ended)
	post(t, p.url+issuePath, issueRequest())
	if err := p.reaches(2, ended); err == nil || err.Error() != "it ended after 1 requests, of which 2 were waited for" {
		t.Error(err)
	}
}

func TestRoundThatIsMissingShiftsNoOther(t *testing.T) {
	f, base := figures{10, missing, 40}, figures{5, 100, 10}
	if got := f.spread(0); got != "25 (10-40)" {
		t.Error(got)
	}
	if got := f.over(base).spread(1); got != "3.0 (2.0-4.0)" {
		t.Error(got)
	}
	if got := base.over(f).spread(2); got != "0.38 (0.25-0.50)" {
		t.Error(got)
	}
	if got := (figures{missing}).spread(0); got != "-" {
		t.Error(got)
	}
}
