// Package html writes a report as one HTML file for people. It holds no script
// but its own, which puts in and finds cases, and asks for nothing from anywhere; its
// own policy (CSP) forbids any other, should an answer of the target ever find a
// way in. The package must never know how a verdict comes about.
package html

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/words"
)

//go:embed *.html style.css find.js
var files embed.FS

// Write writes a decided report.
func Write(w io.Writer, r *reports.Report) error {
	return write(w, "page.html", pageOf(r))
}

func write(w io.Writer, page string, of any) error {
	b := bufio.NewWriter(w)
	if err := templates().ExecuteTemplate(ascii{b}, page, of); err != nil {
		return err
	}
	return b.Flush()
}

// ascii writes other characters as references: of a page that has one, a browser keeps and reads every letter in twice the
// room, and takes a quarter longer to open it. The style sheet and the script have none.
type ascii struct{ to *bufio.Writer }

func (a ascii) Write(text []byte) (int, error) {
	for _, r := range string(text) {
		if r < utf8.RuneSelf {
			a.to.WriteByte(byte(r))
		} else {
			fmt.Fprintf(a.to, "&#%d;", r)
		}
	}
	return len(text), nil // what went wrong, Flush says
}

// templates are parsed when they are first wanted: most commands never do.
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"plain": words.Plain, "lines": words.Lines, "ms": words.Millis, "moment": words.Moment, "together": prose.Together, "trace": prose.Trace, "cases": words.Cases, "count": words.Count, "many": words.Many, "times": words.Times,
		"mark": prose.Mark, "tally": prose.Tally, "headers": headers, "size": size, "runs": prose.Runs, "late": late,
	}).ParseFS(files, "*.html"))
})

// embedded is a file of the program's, and the policy's word for it.
func embedded(name string) (text, hash string) {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is part of the program
	}
	sum := sha256.Sum256(data)
	return string(data), "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// head is what stands before each page.
type head struct {
	Title                 string
	Style                 template.CSS
	Script                template.JS // none on a page without cases
	StyleHash, ScriptHash string
}

// headed is a head with the style sheet, and with the script where there are cases to find.
func headed(cases bool) (h head) {
	style, hash := embedded("style.css")
	h.Style, h.StyleHash = template.CSS(style), hash
	if cases {
		script, hash := embedded("find.js")
		h.Script, h.ScriptHash = template.JS(script), hash
	}
	return h
}

// page is what the page template shows.
type page struct {
	*reports.Report
	head
	Said     prose.Verdict
	Next     string
	Failed   []link // the first of them
	MoreBad  int    // how many it leaves out
	Sections []*dialect
	Measured []*measured
	Outcomes []reports.Outcome // that cases have
}

// link is a place on the page.
type link struct{ Href, Text, Note string }

// firstFailed is how many failed cases the head of the page names; the sections have all.
const firstFailed = 8

func pageOf(r *reports.Report) *page {
	p := &page{Report: r, head: headed(len(r.Dialects) > 0), Said: prose.OfRun(r), Next: prose.Next(r)}
	p.Said.Why = slices.Clone(p.Said.Why)
	var about []string
	room := &room{left: maxEvidence, bodies: map[string]string{}}
	for i, key := range prose.Keys(r) {
		section := dialectOf(r, i, key, room)
		p.Sections = append(p.Sections, section)
		about = append(about, section.Label)
		for _, o := range reports.Outcomes() {
			if len(prose.With(section.Cases, o)) > 0 && !slices.Contains(p.Outcomes, o) {
				p.Outcomes = append(p.Outcomes, o)
			}
		}
		for _, c := range prose.With(section.Cases, reports.Fail) {
			if len(p.Failed) == firstFailed {
				p.MoreBad++
				continue
			}
			p.Failed = append(p.Failed, link{"#" + section.anchor(c.ID), c.Title, c.ID})
		}
	}
	room.bodies = nil // what was measured stands before the cases, mostly on a page without them, which has no script
	for i, c := range r.Capacity {
		search := capacityOf(i, c, r.Load)
		p.Measured = append(p.Measured, search)
		about = append(about, search.Label)
	}
	for i, c := range r.Comparisons {
		compared := comparisonOf(i, c)
		p.Measured = append(p.Measured, compared)
		about = append(about, compared.Label)
	}
	for i, run := range r.Load {
		load := loadOf(i, run, room)
		p.Measured = append(p.Measured, load)
		if run.Step == nil {
			about = append(about, load.Label)
		}
		if load.Said.Words != "GO" && (run.Step == nil || len(r.Capacity) == 0) {
			for _, why := range load.Said.Why {
				p.Said.Why = append(p.Said.Why, load.Label+": "+why)
			}
		}
	}
	p.Title = p.Said.Words
	if len(about) > 0 {
		p.Title += ": " + words.Plain(words.Join(about))
	}
	return p
}

// StartedText is the moment at which the run began.
func (p *page) StartedText() string { return p.Started.Format(words.UTC) }

// ToolText names the build.
func (p *page) ToolText() string {
	return strings.TrimSpace(strings.Join([]string{p.Tool.Name, p.Tool.Version, p.Tool.Commit}, " "))
}

// eager is how many cases of an outcome, or in the list of all, stand on a page as it opens. What is more stands in a
// noscript, which a browser with script takes for text until the script puts it in, and one without reads.
const eager = 10

func late(i int) bool { return i >= eager }
