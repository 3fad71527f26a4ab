package reports

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
)

//go:embed html
var htmlFiles embed.FS

// WriteHTML writes a decided report as one HTML file for people, the format html. It holds no script and asks for
// nothing from anywhere; its own policy (CSP) forbids both, should an answer of the target ever find a way in.
func WriteHTML(w io.Writer, r *Report) error {
	r = r.clone()
	r.tidy()
	b := bufio.NewWriter(w)
	if err := htmlTemplate().ExecuteTemplate(b, "page.html", htmlPageOf(r)); err != nil {
		return err
	}
	return b.Flush()
}

// htmlTemplate is parsed when it is first wanted: most commands never do.
var htmlTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"plain": plain, "lines": plainText, "ms": milliseconds, "mark": htmlMark, "cases": cases, "count": count,
	}).ParseFS(htmlFiles, "html/*.html"))
})

// htmlStyle is the style sheet, and the policy's word for it.
var htmlStyle = sync.OnceValues(func() (template.CSS, string) {
	text, err := htmlFiles.ReadFile("html/style.css")
	if err != nil {
		panic(err) // it is part of the program
	}
	sum := sha256.Sum256(text)
	return template.CSS(text), "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
})

// htmlMark is an outcome's mark for the eye that scans.
func htmlMark(o Outcome) string {
	mark, _ := look(o)
	return mark
}

// plainText is plain for a text of several lines.
func plainText(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(plain(line), " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// htmlPage is what the page template shows.
type htmlPage struct {
	*Report
	Title      string
	Style      template.CSS
	StyleHash  string
	Words      string
	Because    []string
	Next       string
	Failed     []htmlLink // the first of them
	MoreBad    int        // how many it leaves out
	Sections   []*htmlDialect
	Loads      []*htmlLoad
	Capacities []*htmlCapacity
}

// htmlLink is a place on the page.
type htmlLink struct{ Href, Text, Note string }

// firstFailed is how many failed cases the head of the page names; the sections have all.
const firstFailed = 8

func htmlPageOf(r *Report) *htmlPage {
	p := &htmlPage{Report: r, Next: r.next()}
	p.Style, p.StyleHash = htmlStyle()
	words, because := r.verdictWords()
	p.Words, p.Because = words, slices.Clone(because)
	var about []string
	room := &evidenceRoom{left: maxEvidence}
	seen := map[string]int{}
	for i, d := range r.Dialects {
		section := htmlDialectOf(r, i, anchorKey(seen, d.ID), room)
		p.Sections = append(p.Sections, section)
		about = append(about, section.Label)
		for _, c := range d.Cases {
			if c.Outcome != Fail {
				continue
			}
			if len(p.Failed) == firstFailed {
				p.MoreBad++
				continue
			}
			p.Failed = append(p.Failed, htmlLink{"#" + section.anchor(c.ID), c.Title, c.ID})
		}
	}
	for i, run := range r.Load {
		load := htmlLoadOf(i, run, room)
		if load.Words != "GO" && (load.Step == nil || len(r.Capacity) == 0) {
			for _, why := range load.Reasons {
				p.Because = append(p.Because, load.Label+": "+why)
			}
		}
		p.Loads = append(p.Loads, load)
		if load.Step == nil {
			about = append(about, load.Label)
		}
	}
	for i, c := range r.Capacity {
		capacity := htmlCapacityOf(i, c, r.Load)
		p.Capacities = append(p.Capacities, capacity)
		about = append(about, capacity.Label)
	}
	p.Title = p.Words
	if len(about) > 0 {
		p.Title += ": " + plain(join(about))
	}
	return p
}

// anchorKey is the dialect's part of every anchor: its id, and a number behind it where one id comes twice.
func anchorKey(seen map[string]int, id string) string {
	if seen[id]++; seen[id] > 1 {
		return fmt.Sprintf("%s-%d", id, seen[id])
	}
	return id
}

// utc is how people write a moment.
const utc = "2006-01-02 15:04:05 UTC"

// StartedText is the moment at which the run began.
func (p *htmlPage) StartedText() string { return p.Started.Format(utc) }

// Requests are those of all dialects; what load runs sent stands with them.
func (p *htmlPage) Requests() int {
	n := 0
	for _, d := range p.Dialects {
		n += d.Requests
	}
	return n
}

// ToolText names the build.
func (p *htmlPage) ToolText() string {
	return strings.TrimSpace(strings.Join([]string{p.Tool.Name, p.Tool.Version, p.Tool.Commit}, " "))
}
