package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// figures are what the rounds gave for one thing.
type figures []float64

// missing stands for a round that gave nothing, so that the next one is still compared with its own round.
var missing = math.NaN()

// given are the figures without those that are missing.
func (f figures) given() figures { return slices.DeleteFunc(slices.Clone(f), math.IsNaN) }

func (f figures) median() float64 {
	f = f.given()
	if len(f) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(f))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// over divides round by round: both sides of a ratio come from the same minute.
func (f figures) over(base figures) figures {
	var ratios figures
	for i := range min(len(f), len(base)) {
		if base[i] > 0 && !math.IsNaN(f[i]) {
			ratios = append(ratios, f[i]/base[i])
		}
	}
	return ratios
}

// spread prints median (min-max) with some decimals; a dash where nothing was measured.
func (f figures) spread(decimals int) string {
	f = f.given()
	if len(f) == 0 {
		return "-"
	}
	number := func(v float64) string { return grouped(fmt.Sprintf("%.*f", decimals, v)) }
	return fmt.Sprintf("%s (%s-%s)", number(f.median()), number(slices.Min(f)), number(slices.Max(f)))
}

// grouped puts a comma between the thousands.
func grouped(number string) string {
	whole, fraction, _ := strings.Cut(number, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return whole
}

// table is printed as Markdown, ready for docs/performance.md, and readable in a terminal.
type table struct {
	title string
	rows  [][]string // the first one is the head
	notes []string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) note(format string, values ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, values...))
}

func (t *table) print(out io.Writer) error {
	widths := make([]int, len(t.rows[0]))
	for _, row := range t.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n\n", t.title)
	for n, row := range t.rows {
		for i, width := range widths {
			cell := ""
			if i < len(row) {
				cell = row[i]
			}
			fmt.Fprintf(&b, "| %s%s ", cell, strings.Repeat(" ", width-utf8.RuneCountInString(cell)))
		}
		b.WriteString("|\n")
		if n == 0 {
			for _, width := range widths {
				b.WriteString("|" + strings.Repeat("-", width+2))
			}
			b.WriteString("|\n")
		}
	}
	for _, note := range t.notes {
		fmt.Fprintf(&b, "\n%s\n", note)
	}
	_, err := io.WriteString(out, b.String())
	return err
}
