package attack

import (
	"container/heap"
	"sync"
	"time"
)

// Chain is what a client asks, one thing after another: none of its requests leaves before the one before it was answered.
type Chain interface {
	// Next is when the next request is due, from the run's begin; not ok: there is none any more. answered is when the
	// latest one was. What is due before it leaves at once, and its latency counts from when it was due.
	Next(answered time.Duration) (due time.Duration, ok bool)
}

// Follower is a Worker of requests that come in chains.
type Follower interface {
	Worker

	// Follow says whose request Fill is asked for next.
	Follow(c Chain)
}

// link is a request of a chain that is due; without a chain, one that begins.
type link struct {
	due   time.Duration
	ready time.Duration // when the one before it would have been answered if it had left on time
	chain Chain
}

// agenda hands out what is due of all chains, the earliest first, to whichever connection is free. A connection that waits
// for a moment to come has the earliest there is: only an answer brings an earlier one, and the connection that has the
// answer takes that.
type agenda struct {
	mu     sync.Mutex
	begins *schedule
	first  time.Duration // when the next chain begins
	more   bool          // there is one
	due    links
	end    time.Duration
}

func newAgenda(begins *schedule, end time.Duration) *agenda {
	a := &agenda{begins: begins, end: end}
	a.first, a.more = begins.next()
	return a
}

// next takes the earliest link; not ok: every chain is over, or in the hands of another connection.
func (a *agenda) next() (l link, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.take()
}

func (a *agenda) take() (l link, ok bool) {
	switch {
	case a.more && (len(a.due) == 0 || a.first < a.due[0].due):
		l.due = a.first
		a.first, a.more = a.begins.next()
		return l, true
	case len(a.due) > 0:
		return heap.Pop(&a.due).(link), true
	}
	return l, false
}

func (a *agenda) add(l link) {
	a.mu.Lock()
	defer a.mu.Unlock()
	heap.Push(&a.due, l)
}

// rest takes what nobody has taken and is due before a moment, and tells each.
func (a *agenda) rest(before time.Duration, each func(at time.Duration)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for l, ok := a.take(); ok; l, ok = a.take() {
		if l.due < before {
			each(l.due)
		}
	}
}

// position is the moment up to which everything has been taken.
func (a *agenda) position() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := a.end
	if a.more {
		at = a.first
	}
	if len(a.due) > 0 {
		at = min(at, a.due[0].due)
	}
	return at
}

// links are a heap, the earliest on top.
type links []link

func (l links) Len() int           { return len(l) }
func (l links) Less(i, j int) bool { return l[i].due < l[j].due }
func (l links) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *links) Push(one any)      { *l = append(*l, one.(link)) }
func (l *links) Pop() any {
	last := len(*l) - 1
	one := (*l)[last]
	(*l)[last] = link{}
	*l = (*l)[:last]
	return one
}

// follow is the loop of one connection where requests come in chains, as attack is where they do not.
func (l *line) follow(worker Follower) {
	defer l.settle()
	var free time.Duration
	for !l.stopped.Load() {
		next, ok := l.agenda.next()
		if !ok {
			return
		}
		now := l.now()
		if now < next.due {
			l.waker.at(next.due)
			if now, ok = l.sleep(next.due); !ok {
				return
			}
		}
		if now > l.last {
			l.records.add(record{intended: next.due, fate: unsent})
			return
		}
		if next.chain == nil {
			if next.chain, ok = l.plan.Chains(next.due - l.plan.WarmUp); !ok {
				l.records.add(record{intended: next.due, fate: crowded})
				continue
			}
		}
		worker.Follow(next.chain)
		part, ok := l.fill()
		sent := l.now()
		if !ok {
			l.records.add(record{intended: next.due, fate: starved})
			continue
		}
		one, ok := l.exchange(record{intended: next.due, sent: sent, part: part, free: max(free, next.ready, next.due)})
		if !ok {
			return
		}
		free = one.free + one.answered - one.sent
		if due, more := next.chain.Next(one.answered - l.plan.WarmUp); more {
			l.agenda.add(link{due: due + l.plan.WarmUp, ready: free, chain: next.chain})
		}
	}
}
