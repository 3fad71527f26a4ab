package client

import (
	"fmt"

	"gonogo/internal/operation"
)

// Unable is why a client could not do something. It accuses nobody: what a target did wrong is for those to say who know
// what was promised.
type Unable struct {
	Why    Why
	Reason string            // a sentence
	Answer *operation.Answer // that it follows from; nil if it follows from none
	Doing  string            // what was special about the request of that answer
}

// Why says what kind of obstacle there was.
type Why int

// The kinds.
const (
	Broken      Why = iota // something that was promised or is needed is missing or broke
	NotPromised            // the document has no such thing
	NotGranted             // it would cost what the user did not grant, or the target need not have it
)

func (u *Unable) Error() string { return u.Reason }

func broken(format string, args ...any) error {
	return &Unable{Why: Broken, Reason: fmt.Sprintf(format, args...)}
}

func notPromised(format string, args ...any) error {
	return &Unable{Why: NotPromised, Reason: fmt.Sprintf(format, args...)}
}

func notGranted(format string, args ...any) error {
	return &Unable{Why: NotGranted, Reason: fmt.Sprintf(format, args...)}
}

// unlessAnswered is broken because of an answer.
func unlessAnswered(reply *Reply, format string, args ...any) error {
	return &Unable{Why: Broken, Reason: fmt.Sprintf(format, args...), Answer: reply.Answer, Doing: reply.Doing}
}
