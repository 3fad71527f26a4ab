package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"
)

// askArrivals is the line that asks the fast server for its arrivals.
const askArrivals = "arrivals"

// arrivals are the moments at which requests arrived, in Unix nanoseconds. Its capacity is all that is ever kept; what
// comes after that is counted.
type arrivals struct {
	mu   sync.Mutex
	at   []int64
	lost int64
}

// note notes some requests that arrived at once.
func (a *arrivals) note(now, count int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for range count {
		if len(a.at) == cap(a.at) {
			a.lost++
			continue
		}
		a.at = append(a.at, now)
	}
}

// print writes how many there are and how many were not kept, then a line for each, and forgets them. A server that
// notes none has none.
func (a *arrivals) print(out io.Writer) error {
	b := bufio.NewWriter(out)
	if a == nil {
		fmt.Fprintln(b, 0, 0)
		return b.Flush()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	fmt.Fprintln(b, len(a.at), a.lost)
	for _, at := range a.at {
		fmt.Fprintln(b, at)
	}
	a.at, a.lost = a.at[:0], 0
	return b.Flush()
}

// arrivals asks the server for the moments at which requests arrived since it was last asked, as times since the first.
func (p *process) arrivals() ([]time.Duration, error) {
	if _, err := io.WriteString(p.in, askArrivals+"\n"); err != nil {
		return nil, err
	}
	gone := errors.New("the fast server is gone")
	if !p.out.Scan() {
		return nil, gone
	}
	var n, lost int
	if _, err := fmt.Sscan(p.out.Text(), &n, &lost); err != nil {
		return nil, fmt.Errorf("the fast server's arrivals: %w", err)
	}
	moments := make([]time.Duration, 0, n)
	var first int64
	for i := range n {
		if !p.out.Scan() {
			return nil, gone
		}
		at, err := strconv.ParseInt(p.out.Text(), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the fast server's arrivals: %w", err)
		}
		if i == 0 {
			first = at
		}
		moments = append(moments, time.Duration(at-first))
	}
	if lost > 0 {
		return nil, fmt.Errorf("%d more requests arrived than the fast server was to note", lost)
	}
	return moments, nil
}
