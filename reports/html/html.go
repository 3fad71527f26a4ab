// Package html writes a report as one HTML file for people. It holds no script
// and asks for nothing from anywhere; its own policy (CSP) forbids both, should
// an answer of the target ever find a way in. The package must never know how a
// verdict comes about.
package html

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/words"
)

//go:embed *.html style.css
var files embed.FS

// Write writes a decided report.
func Write(w io.Writer, r *reports.Report) error {
	b := bufio.NewWriter(w)
	if err := templates().ExecuteTemplate(b, "page.html", pageOf(r)); err != nil {
		return err
	}
	return b.Flush()
}

// templates are parsed when they are first wanted: most commands never do.
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"plain": words.Plain, "lines": words.Lines, "ms": words.Millis, "moment": words.Moment, "together": prose.Together, "trace": prose.Trace, "cases": words.Cases, "count": words.Count, "many": words.Many,
		"mark": prose.Mark, "tally": prose.Tally, "headers": headers, "size": size, "runs": prose.Runs,
	}).ParseFS(files, "*.html"))
})

// style is the style sheet, and the policy's word for it.
var style = sync.OnceValues(func() (template.CSS, string) {
	text, err := files.ReadFile("style.css")
	if err != nil {
		panic(err) // it is part of the program
	}
	sum := sha256.Sum256(text)
	return template.CSS(text), "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
})

// page is what the page template shows.
type page struct {
	*reports.Report
	Said      prose.Verdict
	Title     string
	Style     template.CSS
	StyleHash string
	Next      string
	Failed    []link // the first of them
	MoreBad   int    // how many it leaves out
	Sections  []*dialect
	Measured  []*measured
}

// link is a place on the page.
type link struct{ Href, Text, Note string }

// firstFailed is how many failed cases the head of the page names; the sections have all.
const firstFailed = 8

func pageOf(r *reports.Report) *page {
	p := &page{Report: r, Said: prose.OfRun(r), Next: prose.Next(r)}
	p.Style, p.StyleHash = style()
	p.Said.Why = slices.Clone(p.Said.Why)
	var about []string
	room := &room{left: maxEvidence}
	for i, key := range prose.Keys(r) {
		section := dialectOf(r, i, key, room)
		p.Sections = append(p.Sections, section)
		about = append(about, section.Label)
		for _, c := range prose.With(section.Cases, reports.Fail) {
			if len(p.Failed) == firstFailed {
				p.MoreBad++
				continue
			}
			p.Failed = append(p.Failed, link{"#" + section.anchor(c.ID), c.Title, c.ID})
		}
	}
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
