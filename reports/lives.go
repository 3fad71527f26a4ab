package reports

import (
	"fmt"
	"slices"
	"time"
)

// Lives are the tokens that a watched client was handed out, and every exchange that was kept of each. No token's value is in them.
type Lives struct {
	// Began is when the watch began, by the API's clock.
	Began time.Time `json:"began"`
	// End is when it ended.
	End        Moment      `json:"end"`
	Situations []Stretch   `json:"situations"`
	Steps      []ClockStep `json:"clock_steps"`
	Tokens     []TokenLife `json:"tokens"` // in the order in which they were handed out
	LeftOut    LeftOut     `json:"left_out"`
}

// Moment is a moment of a watch by two clocks, in milliseconds since the watch began.
type Moment struct {
	AtMS    int64 `json:"at_ms"`    // by the wall clock
	ClockMS int64 `json:"clock_ms"` // by the API's clock, which a watch may move
}

// Stretch is a situation, which lasts until the next one.
type Stretch struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Moment
}

// ClockStep is a move of the API's clock.
type ClockStep struct {
	Moment       // before it
	ByMS   int64 `json:"by_ms"`
}

// LeftOut is how much there was beside what is listed.
type LeftOut struct {
	Tokens int `json:"tokens"`
	Events int `json:"events"` // of all tokens
}

// TokenLife is a token from the answer that handed it out to the last exchange that showed it.
type TokenLife struct {
	Name   string `json:"name"` // as findings call it: refresh a1
	Kind   string `json:"kind"`
	Grant  string `json:"grant"`            // all that came of one grant share the letter
	Origin string `json:"origin,omitempty"` // the token that was shown for it; "": credentials
	// EndsMS is when its life ends, by the API's clock, in milliseconds since the watch began; nil: nobody says.
	EndsMS  *int64       `json:"ends_ms,omitempty"`
	Events  []TokenEvent `json:"events"`
	LeftOut int          `json:"left_out,omitempty"` // events of it that are not listed
}

// TokenEvent is an exchange in the life of a token.
type TokenEvent struct {
	Moment
	What      Fate     `json:"what"`
	Exchange  int      `json:"exchange"` // its number in the watch
	Request   string   `json:"request"`  // method and path
	Status    int      `json:"status"`   // that the client was given; 0: none
	Deed      string   `json:"deed,omitempty"`
	Situation string   `json:"situation"`
	By        []string `json:"by,omitempty"` // tokens that the exchange handed out for it, or in its place
	// Accused are the findings that the exchange shows.
	Accused []Accusation `json:"accused,omitempty"`
}

// Fate is what an exchange was to a token.
type Fate string

// The fates.
const (
	Issued   Fate = "issued"   // its answer handed the token out
	Lost     Fate = "lost"     // the same, and the client did not receive it whole
	Used     Fate = "used"     // its request showed it
	Refused  Fate = "refused"  // the same, and was answered 4xx, for the token's sake
	Traded   Fate = "traded"   // the same, and its answer handed out others for it
	Replaced Fate = "replaced" // its answer handed out what takes the token's place, which its request did not show
	Revoked  Fate = "revoked"  // its request ended the token
)

// Fates are all of them.
func Fates() []Fate { return []Fate{Issued, Lost, Used, Refused, Traded, Replaced, Revoked} }

// Accusation names a finding.
type Accusation struct {
	Case    string `json:"case"`
	Finding int    `json:"finding"` // its index in the case
}

// IsAccused reports whether a finding shows the event.
func (e TokenEvent) IsAccused() bool { return len(e.Accused) > 0 }

// IsAccused reports whether a finding shows an exchange of the token.
func (t TokenLife) IsAccused() bool { return slices.ContainsFunc(t.Events, TokenEvent.IsAccused) }

// Thinned is l with so many tokens and events at the most, and says in LeftOut how many more there were. What is accused stays in any case, with the
// tokens that it came of and that came of it.
func (l *Lives) Thinned(tokens, events int) *Lives {
	thin := *l
	thin.Tokens = nil
	keep := l.chosen(tokens)
	for _, t := range l.Tokens {
		if keep[t.Name] {
			thin.Tokens = append(thin.Tokens, t)
			continue
		}
		thin.LeftOut.Tokens++
		thin.LeftOut.Events += len(t.Events) + t.LeftOut
	}
	stays := thin.sampled(events)
	at := 0
	for i, t := range thin.Tokens {
		kept := make([]TokenEvent, 0, len(t.Events))
		for _, e := range t.Events {
			if stays[at] {
				kept = append(kept, e)
			}
			at++
		}
		left := len(t.Events) - len(kept)
		thin.Tokens[i].Events = kept
		thin.Tokens[i].LeftOut += left
		thin.LeftOut.Events += left
	}
	return &thin
}

// chosen are the tokens that stay: what is accused and its neighbours, then the first and the last.
func (l *Lives) chosen(most int) map[string]bool {
	keep := map[string]bool{}
	for _, t := range l.Tokens {
		if !t.IsAccused() {
			continue
		}
		keep[t.Name] = true
		if t.Origin != "" {
			keep[t.Origin] = true
		}
		for _, e := range t.Events {
			if e.IsAccused() || e.What == Replaced || e.What == Traded && !slices.ContainsFunc(t.Events, func(o TokenEvent) bool { return o.What == Traded && o.Exchange < e.Exchange }) {
				for _, by := range e.By {
					keep[by] = true
				}
			}
		}
	}
	for i, j := 0, len(l.Tokens)-1; i <= j && len(keep) < most; i, j = i+1, j-1 {
		keep[l.Tokens[i].Name] = true
		if len(keep) < most {
			keep[l.Tokens[j].Name] = true
		}
	}
	return keep
}

// sampled says of each event, one token after the other, whether it stays: the accused ones, then what is no mere use, then uses, evenly where there
// are too many.
func (l *Lives) sampled(most int) []bool {
	var ranks [3][]int
	n := 0
	for _, t := range l.Tokens {
		for _, e := range t.Events {
			rank := 1
			if e.IsAccused() {
				rank = 0
			} else if e.What == Used {
				rank = 2
			}
			ranks[rank], n = append(ranks[rank], n), n+1
		}
	}
	stays := make([]bool, n)
	for rank, all := range ranks {
		room := min(max(most, 0), len(all))
		if rank == 0 {
			room = len(all)
		}
		for i, at := range all {
			stays[at] = (i+1)*room/len(all) > i*room/len(all)
		}
		most -= room
	}
	return stays
}

// tidy makes lists that are not nil.
func (l *Lives) tidy() {
	if l == nil {
		return
	}
	l.Began = l.Began.UTC().Truncate(time.Millisecond)
	l.Situations, l.Steps, l.Tokens = list(l.Situations), list(l.Steps), list(l.Tokens)
	for i := range l.Tokens {
		l.Tokens[i].Events = list(l.Tokens[i].Events)
	}
}

// checkWords refuses fates outside the closed list.
func (l *Lives) checkWords() error {
	if l == nil {
		return nil
	}
	for _, t := range l.Tokens {
		for _, e := range t.Events {
			if !slices.Contains(Fates(), e.What) {
				return fmt.Errorf("the fate %q of %s is none that the report format knows", e.What, t.Name)
			}
		}
	}
	return nil
}
