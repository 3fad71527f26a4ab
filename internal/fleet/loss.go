package fleet

import (
	"fmt"
	"time"

	"gonogo/load"
)

// look finds generators of which nothing has been heard, whose connection is gone, or which take too long.
func (l *Lead) look(now time.Time) {
	if now.Sub(l.looked) > stalled { // this process stood still itself, and what was sent meanwhile is still to be read
		for _, m := range l.members {
			if m != nil {
				m.heard = now
			}
		}
	}
	l.looked = now
	for _, e := range l.exits {
		l.processEnded(e)
	}
	l.exits = nil
	late := !l.until.IsZero() && now.After(l.until)
	for _, m := range l.members {
		switch {
		case m == nil || m.result != nil || m.lost != "":
		case l.server.GetClient(m.Connection) == nil:
			l.lose(m, "its connection broke off")
		case late && (l.going || l.asked != ""):
			l.lose(m, "it did not hand in what it measured")
		case now.Sub(m.heard) > silence:
			l.lose(m, fmt.Sprintf("nothing was heard of it for %s", silence))
		}
	}
	if late && !l.going && l.asked == "" {
		l.abort(fmt.Sprintf("%d of %d generators were ready within %s", l.ready(), len(l.members), joinPatience))
	}
}

func (l *Lead) ready() (n int) {
	for _, m := range l.members {
		if m != nil && m.ready != nil {
			n++
		}
	}
	return n
}

// lose counts a generator as lost. Before all begin another may join in its place.
func (l *Lead) lose(m *member, how string) {
	if !l.going && l.asked == "" {
		l.note(fmt.Sprintf("%s has gone before the run began: %s; another may join", l.named(m), how))
		l.members[m.index] = nil
		l.joined()
		return
	}
	m.lost = how
	l.room.leave(m.index, fmt.Sprintf("%s was lost: %s", l.named(m), how))
}

// processEnded is of a process that was started on this machine: nobody else will join in its place.
func (l *Lead) processEnded(e ended) {
	for _, m := range l.members {
		if m == nil || m.PID != e.pid {
			continue
		}
		if m.result == nil && m.lost == "" && (l.going || l.asked != "") {
			l.lose(m, e.how)
		}
		if l.going || l.asked != "" {
			return
		}
	}
	if !l.going && l.asked == "" {
		l.abort("a generator ended before the run began: " + e.how)
	}
}

// named is a generator in words.
func (l *Lead) named(m *member) string {
	return fmt.Sprintf("generator %d of %d (%s process %d)", m.index+1, len(l.members), m.Host, m.PID)
}

// progress is how the whole stands. What was counted stays counted.
func (l *Lead) progress() (sum load.Progress) {
	for _, m := range l.members {
		switch {
		case m == nil:
		case m.result != nil || m.lost != "":
			sum = sum.Together(m.progress.Counted())
		default:
			sum = sum.Together(m.progress)
		}
	}
	return sum
}
