package consent

import (
	"fmt"
	"strings"
)

// Kind tells apart the ways in which a driver loses its way.
type Kind int

const (
	CannotSee     Kind = iota // nothing on the page that the driver knows how to press
	SignInRefused             // the sign-in form came again after it was sent
	Loop                      // the pages or redirects do not end, or the same page asks the same thing again
	Helper                    // the command or the person at the terminal did not give an answer
	Abroad                    // the user's credentials were to go to a host that nobody named
)

// Error says that the driver could not find its way. It says nothing about the target: the case could not run.
type Error struct {
	Kind    Kind
	Why     string   // the sentence
	URL     string   // the page, without its query
	Page    string   // its gist
	Buttons []string // what could be pressed there, as labelled
	Mend    string   // what would help; empty: Hint says it, or nothing would
	Hint    string   // the key under `consent:` in the target file that would help, if one would
	Err     error
}

func (e *Error) Error() string {
	var s strings.Builder
	s.WriteString(e.Why)
	if e.URL != "" {
		fmt.Fprintf(&s, " at %s", e.URL)
	}
	if e.Page != "" {
		fmt.Fprintf(&s, " (the page says: %s)", e.Page)
	}
	if e.Kind == CannotSee {
		if len(e.Buttons) == 0 {
			s.WriteString("; it has no buttons")
		} else {
			fmt.Fprintf(&s, "; its buttons: %q", e.Buttons)
		}
	}
	if e.Hint != "" {
		fmt.Fprintf(&s, "; set consent: {%s: …} in the target file", e.Hint)
	}
	s.WriteString(e.Mend)
	if e.Err != nil {
		fmt.Fprintf(&s, ": %v", e.Err)
	}
	return s.String()
}

func (e *Error) Unwrap() error { return e.Err }

// TransportError says that the target did not answer a request of the walk.
type TransportError struct {
	Method string
	URL    string // without its query
	Err    error
}

func (e *TransportError) Error() string {
	return fmt.Sprintf("%s %s: no answer: %v", e.Method, e.URL, e.Err)
}

func (e *TransportError) Unwrap() error { return e.Err }
