// Package hostile is a server that answers in the ways in which a client can be harmed or fooled, one at a time.
//
// It stands in front of an honest server, passes every request on, and turns the answers that a behaviour is about into
// something else. It writes bytes, for most of what it does no HTTP library would write. It must never know who asks.
package hostile

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
)

// Ends says with which exit codes a run may end that meets a behaviour.
type Ends uint8

const (
	Go         Ends = 1 << iota // nothing is wrong: answers may look like that
	NoGo                        // it is a fault of the target
	Incomplete                  // nothing can be said
)

// Bad is for what must never pass.
const Bad = NoGo | Incomplete

// Allows reports whether a run may end with an exit code.
func (e Ends) Allows(exit int) bool {
	switch exit {
	case 0:
		return e&Go != 0
	case 1:
		return e&NoGo != 0
	case 3:
		return e&Incomplete != 0
	}
	return false
}

// Behaviour is one way to be hostile.
type Behaviour struct {
	Name  string
	Ends  Ends // a check
	Loads Ends // a load; 0: it would show nothing that a check does not
	Heavy bool // it is about the memory of a whole run
	// Padded is what the front adds to tokens; it is taken out of requests before they are passed on.
	Padded string

	which func(*Answer) bool // nil: every answer with tokens
	do    func(*Answer)
}

// Answer is what the honest server answered, and the connection to answer otherwise on.
type Answer struct {
	Method    string
	Status    int
	Header    http.Header
	Body      []byte
	Elsewhere string // the address of a server that is nobody's, which remembers what reaches it
	Shut      bool   // the connection is no good any more

	conn *pipe
}

// Behaviours are all there are, by name.
func Behaviours() []Behaviour {
	all := slices.Concat(bodies, texts, headers, framings, connections)
	slices.SortFunc(all, func(a, b Behaviour) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Scripts reports whether it takes scripts to see a behaviour.
func (b Behaviour) Scripts() bool { return strings.HasPrefix(b.Name, "script-") }

// Pages are those that only a page for people can have.
func Pages() []Behaviour { return slices.Clone(pages) }

// Named is the behaviour of a name.
func Named(name string) (Behaviour, bool) {
	all := append(Behaviours(), pages...)
	i := slices.IndexFunc(all, func(b Behaviour) bool { return b.Name == name })
	if i < 0 {
		return Behaviour{}, false
	}
	return all[i], true
}

func (b Behaviour) concerns(a *Answer) bool {
	if b.which == nil {
		return tokens(a)
	}
	return b.which(a)
}

func tokens(a *Answer) bool {
	return a.Status/100 == 2 && bytes.Contains(a.Body, []byte(`"access_token"`))
}
func every(*Answer) bool      { return true }
func refusals(a *Answer) bool { return a.Status/100 == 4 }
func page(a *Answer) bool     { return strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") }
