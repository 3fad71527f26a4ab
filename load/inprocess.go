package load

import (
	"context"
	"errors"
	"sync"
	"time"
)

// InProcess are the shares of n generators in this process. clock is what each of them takes for the lead's clock; nil is this machine's.
func InProcess(n int, clock func(generator int) time.Time) []*Share {
	if clock == nil {
		clock = func(int) time.Time { return time.Now() }
	}
	room := &room{made: map[string]*made{}, come: map[string]int{}, moved: make(chan struct{}), boxes: map[box]chan []byte{}}
	var all []*Share
	for i := range n {
		all = append(all, &Share{Index: i, Count: n, Together: &neighbour{room, i, func() time.Time { return clock(i) }}})
	}
	return all
}

// room is where the generators of one process meet.
type room struct {
	mu    sync.Mutex
	made  map[string]*made
	come  map[string]int // generators, to each point
	moved chan struct{}  // is closed when somebody comes to a point
	boxes map[box]chan []byte
}

// made is what somebody makes for all.
type made struct {
	once sync.Once
	text []byte
	err  error
}

// box is where bytes of a kind come in for a generator.
type box struct {
	to   int
	kind string
}

// boxSize is how much waits for a generator that does not look.
const boxSize = 1 << 12

// neighbour is one generator of a room.
type neighbour struct {
	*room
	index int
	now   func() time.Time
}

func (n *neighbour) Once(_ context.Context, name string, make func() ([]byte, error)) ([]byte, error) {
	n.mu.Lock()
	m := n.made[name]
	if m == nil {
		m = &made{}
		n.made[name] = m
	}
	n.mu.Unlock()
	m.once.Do(func() { m.text, m.err = make() })
	return m.text, m.err
}

func (n *neighbour) Signal(_ context.Context, name string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.come[name]++
	close(n.moved)
	n.moved = make(chan struct{})
	return nil
}

func (n *neighbour) Wait(ctx context.Context, name string, many int) error {
	for {
		n.mu.Lock()
		come, moved := n.come[name], n.moved
		n.mu.Unlock()
		if come >= many {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moved:
		}
	}
}

func (n *neighbour) Now() time.Time { return n.now() }

func (n *neighbour) Send(to int, kind string, data []byte) error {
	if !put(n.box(to, kind), data) {
		return errors.New("too much waits for it")
	}
	return nil
}

func (n *neighbour) Receive(kind string) <-chan []byte { return n.box(n.index, kind) }

func (n *neighbour) box(to int, kind string) chan []byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	at := box{to, kind}
	if n.boxes[at] == nil {
		n.boxes[at] = make(chan []byte, boxSize)
	}
	return n.boxes[at]
}
