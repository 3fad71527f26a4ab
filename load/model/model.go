// Package model says whether what a token service answered about the tokens of one family can be explained by any order of
// its answers: a token is alive until it ends, and has then ended for ever. When each answer took effect nobody knows but
// that it was between its request and its arrival, so what overlaps may have come in either order.
//
// Everything that may have happened without anybody being told, such as what became of a request whose answer was lost, or
// a session that the service ended on its own account, can only end tokens. So what is not known is left out, and nothing
// that is left out makes a contradiction.
package model

import (
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// MostTokens is how many tokens of a kind a history may be about.
const MostTokens = 64

// Act is what happened to a token.
type Act uint8

// The acts, those that a contradiction can best do without first.
const (
	Refused  Act = iota // it was shown at a door, and does not open it from then on
	Worked              // it was shown at a door, and opened it
	Replaced            // it worked for the last time: another was given for it
	Ended               // it was revoked, or its lifetime passed, which holds at every door
)

// Doors are where a token is shown: an access token at two, where it is used and where it is asked about, a refresh token at
// one.
const (
	Use = iota
	Validate
	Renew
	doors
)

// Event is something that happened to a token between two moments, in nanoseconds of one clock.
type Event struct {
	Act
	Token    int // of its kind, below MostTokens
	Door     int // at which it was shown; of Ended any of its kind
	Left     int // what an answer says of the rest of its life, in units of Slack; 0: nothing
	From, To int64
}

// state is what a service knows of a family.
type state struct {
	dead [doors]uint64 // a bit for each token that no longer opens the door
	left [MostTokens]int64
}

// Verdict is what came of a search.
type Verdict uint8

// The verdicts.
const (
	Explained    Verdict = iota // there is an order
	Contradicted                // there is none
	Unknown                     // the time was over before one was found, or all were tried
)

// Check looks for an order that explains a history, for as long as it may. Where there is none, against are the places of a
// few events that contradict each other whatever else happened, in the order in which they began. slack is how much more an
// answer may say to be left of a life than an earlier one did.
func Check(history []Event, slack int, until time.Time) (against []int, v Verdict) {
	kept := make([]int, len(history))
	for i := range history {
		kept[i] = i
	}
	if v = explains(history, kept, slack, until); v != Contradicted {
		return nil, v
	}
	// What can be left out is. The latest goes first, so the earliest contradiction is left.
	order := slices.Clone(kept)
	slices.SortStableFunc(order, func(a, b int) int {
		if by := int(history[a].Act) - int(history[b].Act); by != 0 {
			return by
		}
		return int(min(max(history[b].From-history[a].From, -1), 1))
	})
	for _, i := range order {
		without := slices.DeleteFunc(slices.Clone(kept), func(k int) bool { return k == i })
		switch explains(history, without, slack, until) {
		case Contradicted:
			kept = without
		case Unknown:
			return nil, Unknown // that there is a contradiction is certain, and between what nobody could say
		}
	}
	slices.SortStableFunc(kept, func(a, b int) int { return int(min(max(history[a].From-history[b].From, -1), 1)) })
	return kept, Contradicted
}

func explains(history []Event, of []int, slack int, until time.Time) Verdict {
	left := time.Until(until)
	if left <= 0 {
		return Unknown
	}
	operations := make([]porcupine.Operation, len(of))
	for n, i := range of {
		e := &history[i]
		operations[n] = porcupine.Operation{Input: e, Call: e.From, Return: max(e.From, e.To)}
	}
	service := porcupine.Model{
		Init: func() any { return state{} },
		Step: func(s, input, _ any) (bool, any) {
			before := s.(state)
			possible := before.after(input.(*Event), slack)
			return possible, before
		},
	}
	switch porcupine.CheckOperationsTimeout(service, operations, left) {
	case porcupine.Ok:
		return Explained
	case porcupine.Illegal:
		return Contradicted
	}
	return Unknown
}

// after makes of a state what it is after an event, and reports whether the event is possible in it.
func (s *state) after(e *Event, slack int) bool {
	bit := uint64(1) << (e.Token % MostTokens)
	switch e.Act {
	case Refused:
		s.dead[e.Door] |= bit
	case Ended:
		for door := range s.dead {
			if (door == Renew) == (e.Door == Renew) {
				s.dead[door] |= bit
			}
		}
	case Worked, Replaced:
		if s.dead[e.Door]&bit != 0 {
			return false
		}
		if e.Act == Replaced {
			s.dead[e.Door] |= bit
		}
		if known, said := &s.left[e.Token%MostTokens], int64(e.Left); said != 0 {
			if *known != 0 && said > *known+int64(slack) {
				return false
			}
			if *known == 0 || said < *known {
				*known = said
			}
		}
	}
	return true
}
