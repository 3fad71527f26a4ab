package specs

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is something wrong in a document: where, what, and how to mend it.
type Problem struct {
	Place   Place
	Message string
	Fix     string
	Warning bool // worth mending, but the document can be used
}

func (p Problem) String() string {
	text := p.Place.String() + ": "
	if p.Warning {
		text += "warning: "
	}
	text += p.Message
	if p.Fix != "" {
		text += "; " + p.Fix
	}
	return text
}

func (p Place) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// Problems is every problem of a document, as an error.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// fatal are the problems with which a document cannot be used.
func (p Problems) fatal() Problems {
	return slices.DeleteFunc(slices.Clone(p), func(problem Problem) bool { return problem.Warning })
}

// sorted orders problems by line, so that people mend a file from the top.
func (p Problems) sorted() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int { return a.Place.Line - b.Place.Line })
	return p
}
