package app

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"

	"gonogo/reports/terminal"
)

// unknownWidth is that of a terminal that does not say how wide it is.
const unknownWidth = 80

// wantsColor reports whether standard output is to be coloured.
func (a *App) wantsColor() bool {
	value, _ := a.env("NO_COLOR")
	return value == "" && a.obeys(a.stdout.Writer)
}

// isTerminal reports whether somebody sees an output as it is written.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// obeys reports whether an output is a terminal that knows more than lines: colours, and how to write over one.
func (a *App) obeys(w io.Writer) bool {
	kind, _ := a.env("TERM")
	return kind != "dumb" && isTerminal(w)
}

// width is how wide an output is, in characters: what COLUMNS says, else what its terminal does. 0: it is no terminal.
func (a *App) width(w io.Writer) int {
	value, _ := a.env("COLUMNS")
	if columns, err := strconv.Atoi(value); err == nil && columns > 0 {
		return columns
	}
	if !isTerminal(w) {
		return 0
	}
	if columns, _, err := term.GetSize(int(w.(*os.File).Fd())); err == nil && columns > 0 {
		return columns
	}
	return unknownWidth
}

// page prints lines, folded where a terminal is narrower than they are.
func (a *App) page(text string) error {
	if width := a.width(a.stdout.Writer); width > 0 {
		text = terminal.Page(text, width)
	}
	_, err := io.WriteString(a.stdout, text)
	return err
}

// folding is an output whose lines are folded where a terminal is narrower than they are. Each is written in one go.
func (a *App) folding(w io.Writer) io.Writer {
	if a.width(w) == 0 {
		return w
	}
	return folding{w, a}
}

type folding struct {
	to io.Writer
	a  *App
}

func (f folding) Write(p []byte) (int, error) {
	if _, err := io.WriteString(f.to, terminal.Page(string(p), f.a.width(f.to))); err != nil {
		return 0, err
	}
	return len(p), nil
}
