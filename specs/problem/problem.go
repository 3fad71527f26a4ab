// Package problem says what is wrong in a file that somebody has written: where, what, and how to mend it. Documents,
// target files and waivers are all complained about in these words. The package must never know what the file is.
package problem

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Place is where something stands. Line and Column count from 1; zero says nothing.
type Place struct {
	File   string
	Line   int
	Column int
}

// String is file:line, or the file alone where there is no line.
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Problem is something wrong in a file: where, what, and how to mend it.
type Problem struct {
	Place   Place
	Message string
	Fix     string
	Warning bool // worth mending, but the file can be used
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

// List is every problem of a file, as an error: a line each.
type List []Problem

func (p List) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// Fatal are the problems with which a file cannot be used.
func (p List) Fatal() List {
	return slices.DeleteFunc(slices.Clone(p), func(problem Problem) bool { return problem.Warning })
}

// Sorted orders problems as they stand in the file, so that people mend it from the top.
func (p List) Sorted() List {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(a.Place.Line-b.Place.Line, a.Place.Column-b.Place.Column)
	})
	return p
}
