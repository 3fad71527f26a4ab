package fleet

import (
	"fmt"

	"github.com/nats-io/nats.go"
)

// room is where generators agree. It belongs to the goroutine of the lead's Run.
type room struct {
	made  map[string]*making
	come  map[string]map[int]bool // which generators, to each point
	waits []waiting
	away  map[int]string // which will come to nothing more, and why, in words
}

// making is what the first generator that asked for it makes for all.
type making struct {
	by      int
	is      bool
	reply   reply
	waiting []*nats.Msg
}

// waiting is a question that is answered when n generators have come to a point.
type waiting struct {
	name string
	n    int
	m    *nats.Msg
}

func newRoom() *room {
	return &room{made: map[string]*making{}, come: map[string]map[int]bool{}, away: map[int]string{}}
}

func answer(m *nats.Msg, r reply) { _ = m.Respond(encoded(r)) } // who is gone needs none

// once answers who asks for what the first makes.
func (r *room) once(from int, p point, m *nats.Msg) {
	known := r.made[p.Name]
	switch {
	case known == nil:
		r.made[p.Name] = &making{by: from}
		answer(m, reply{Make: true})
	case known.is:
		answer(m, known.reply)
	default:
		known.waiting = append(known.waiting, m)
	}
}

// finish hands what was made to all who wait for it.
func (r *room) finish(name string, made reply) {
	making := r.made[name]
	if making == nil || making.is {
		return
	}
	making.is, making.reply = true, made
	for _, m := range making.waiting {
		answer(m, made)
	}
	making.waiting = nil
}

// signal says that a generator has come to a point.
func (r *room) signal(from int, name string) {
	if r.come[name] == nil {
		r.come[name] = map[int]bool{}
	}
	r.come[name][from] = true
	r.look()
}

func (r *room) wait(p point, m *nats.Msg) {
	r.waits = append(r.waits, waiting{p.Name, p.N, m})
	r.look()
}

// look answers the questions that can be answered: enough have come, or one of those that were to come never will.
func (r *room) look() {
	var still []waiting
	for _, w := range r.waits {
		here, why := r.come[w.name], ""
		for index, because := range r.away {
			if !here[index] {
				why = because
			}
		}
		switch {
		case len(here) >= w.n:
			answer(w.m, reply{})
		case why != "":
			answer(w.m, reply{Why: why})
		default:
			still = append(still, w)
		}
	}
	r.waits = still
}

// leave says that a generator will come to nothing more.
func (r *room) leave(index int, why string) {
	if r.away[index] != "" {
		return
	}
	r.away[index] = why
	for name, making := range r.made {
		if making.by == index && !making.is {
			r.finish(name, reply{Why: fmt.Sprintf("%s, while it made %s", why, name)})
		}
	}
	r.look()
}
