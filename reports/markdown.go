package reports

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// WriteMarkdown writes a decided report as a short summary for a pull request, the format md: the verdict, numbers,
// what was violated first and how to see it again. It is GitHub's dialect of Markdown, which GitLab and Gitea read too.
func WriteMarkdown(w io.Writer, r *Report) error {
	r = r.clone()
	r.tidy()
	m := &markdown{}
	words, why := r.verdictWords()
	m.line("## %s%s", words, mdText(because(why)))
	m.blank()
	m.about(r)
	m.dialects(r)
	for _, c := range r.Capacity {
		m.capacity(c, r.Load)
	}
	for i, run := range r.Load {
		if r.step(run) == nil || len(run.Violations) > 0 { // the others stand in the table of their search
			m.load(i, run)
		}
	}
	for _, p := range r.WaiverProblems {
		m.line("- Waiver to mend: %s", mdText(p.String()))
	}
	m.blank()
	for _, o := range []Outcome{Fail, Error, Warn} { // a warning must not take the room of a failure
		for i, d := range r.Dialects {
			m.violated(r.label(i), d, o)
		}
	}
	for i, d := range r.Dialects {
		m.idle(r.label(i), d)
	}
	if m.left > 0 {
		m.line("%s more: the html and json reports have everything.", count(m.left, "violated requirement"))
	}
	_, err := io.WriteString(w, strings.TrimRight(m.b.String(), "\n")+"\n")
	return err
}

// GitHub takes 65,536 characters for a comment; whoever posts it may want to say something, too.
const markdownLimit = 50_000

// The longest text of a finding, and the longest curl line, that a summary repeats. A line cut short would send
// something else, so a longer one is left out.
const (
	markdownText = 400
	markdownCurl = 2000
)

type markdown struct {
	b    strings.Builder
	left int // violated requirements for which there was no room
}

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

func (m *markdown) blank() {
	if !strings.HasSuffix(m.b.String(), "\n\n") {
		m.b.WriteByte('\n')
	}
}

func because(why []string) string {
	if len(why) == 0 {
		return ""
	}
	return ": " + strings.Join(why, "; ")
}

// about says what was run, in a line.
func (m *markdown) about(r *Report) {
	parts := []string{strings.TrimSpace(r.Tool.Name + " " + r.Tool.Version), r.Started.Format(utc), "took " + milliseconds(r.DurationMS), fmt.Sprintf("seed %d", r.Seed)}
	if len(r.Dialects) > 0 {
		parts = append(parts, fmt.Sprintf("fails from level %s up", r.Policy.Gate))
	}
	m.line("%s", mdText(join(parts)))
	m.blank()
}

// dialects is the table of counts, with a column for each outcome that occurred.
func (m *markdown) dialects(r *Report) {
	if len(r.Dialects) == 0 {
		return
	}
	var counts Counts
	for _, d := range r.Dialects {
		counts = counts.Plus(d.Counts)
	}
	head, rule := "| dialect | target | verdict | requests |", "|---|---|---|--:|"
	var outcomes []Outcome
	for _, o := range Outcomes() {
		if counts.Of(o) > 0 {
			outcomes = append(outcomes, o)
			head, rule = head+fmt.Sprintf(" %s |", o), rule+"--:|"
		}
	}
	m.line("%s\n%s", head, rule)
	for _, d := range r.Dialects {
		words, _ := d.verdictWords()
		row := fmt.Sprintf("| %s | %s | %s | %d |", mdText(d.ID), mdCell(d.Target.BaseURL), words, d.Requests)
		for _, o := range outcomes {
			row += fmt.Sprintf(" %d |", d.Counts.Of(o))
		}
		m.line("%s", row)
	}
	m.blank()
}

// violated is a block for each requirement that does not hold: what its first finding says, and the line that sends
// the request again.
func (m *markdown) violated(label string, d *Dialect, o Outcome) {
	done := map[string]bool{}
	for _, c := range d.Cases {
		if id := c.about(); c.Outcome == o && !done[id] {
			done[id] = true
			m.block(label, d, c, id)
		}
	}
}

// about is the requirement that a bad case is shown under; a case of none stands for itself.
func (c Case) about() string {
	if len(c.Requirements) == 0 {
		return c.ID
	}
	return c.blamed()
}

func (m *markdown) block(label string, d *Dialect, c Case, id string) {
	var b markdown
	text := c.Title
	if row := d.requirement(id); row != nil {
		text = fmt.Sprintf("(%s): %s", row.Level, row.Text)
	}
	same := 0
	for _, other := range d.Cases {
		if other.Outcome == c.Outcome && other.ID != c.ID && other.about() == id {
			same++
		}
	}
	b.line("<details><summary>%s %s: <b>%s</b> %s</summary>", htmlMark(c.Outcome), c.Outcome, mdHTML(id), mdHTML(short(text, markdownText)))
	b.blank()
	var said []string
	say := func(name, text string) {
		if text != "" {
			said = append(said, fmt.Sprintf("%-7s %s", name, short(text, markdownText)))
		}
	}
	say("dialect", label)
	say("case", c.ID)
	say("reason", c.Reason)
	curl := ""
	if len(c.Findings) > 0 {
		f := c.Findings[0]
		at := slices.IndexFunc(c.Findings, func(f Finding) bool { return f.Requirement == id })
		if at >= 0 {
			f = c.Findings[at]
		}
		say("sent", f.Sent)
		say("wanted", f.Wanted)
		say("got", f.Got)
		say("where", f.Where)
		curl = plain(c.curl(f))
	}
	b.fenced("", strings.Join(said, "\n"))
	switch {
	case utf8.RuneCountInString(curl) > markdownCurl:
		b.line("The curl line is too long for a summary; the html and json reports have it.")
	case curl != "":
		b.fenced("sh", curl)
	}
	if same > 0 {
		b.line("And %s.", cases(same)+" more of this requirement")
	}
	b.line("</details>")
	b.blank()
	if m.b.Len()+b.b.Len() > markdownLimit {
		m.left++
		return
	}
	m.b.WriteString(b.b.String())
}

// idle says what did not run, and why.
func (m *markdown) idle(label string, d *Dialect) {
	type reason struct {
		word, text string
		n          int
	}
	var reasons []reason
	add := func(word, text string) {
		text = cmp.Or(text, "no reason was recorded")
		at := slices.IndexFunc(reasons, func(r reason) bool { return r.word == word && r.text == text })
		if at < 0 {
			reasons, at = append(reasons, reason{word: word, text: text}), len(reasons)
		}
		reasons[at].n++
	}
	for range d.withoutResult() {
		add("no result", "planned, and left no result")
	}
	for _, o := range []Outcome{CouldNotRun, NotExercised} {
		for _, c := range d.Cases {
			if c.Outcome == o {
				add(string(o), c.Reason)
			}
		}
	}
	const most = 8
	for i, r := range reasons {
		if i == most {
			m.line("- %s: %d more reasons", mdText(label), len(reasons)-most)
			break
		}
		m.line("- %s: %s **%s**: %s", mdText(label), cases(r.n), r.word, mdText(short(r.text, markdownText)))
	}
	m.blank()
}

// fenced is a block in which Markdown means nothing: its fence is longer than any in the text.
func (m *markdown) fenced(language, text string) {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	m.line("%s%s\n%s\n%s", fence, language, text, fence)
}

// mdText is a text in which Markdown and HTML mean nothing, on one line. An @ does not call anybody, because behind it
// stands a word joiner that nobody sees; escapes do not keep GitHub from that.
func mdText(text string) string {
	var b strings.Builder
	for _, r := range plain(text) {
		switch r {
		case '&':
			b.WriteString("&amp;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '\\', '`', '*', '_', '{', '}', '[', ']', '|', '#', '~', '!', '$':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '@':
			b.WriteString("@\u2060")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// mdHTML is mdText inside HTML, where Markdown means nothing anyway.
func mdHTML(text string) string {
	return strings.ReplaceAll(html.EscapeString(plain(text)), "@", "@\u2060")
}

// mdCell is a text as code in a cell of a table, where a bar would end it.
func mdCell(text string) string {
	if text == "" {
		return ""
	}
	ticks := "`"
	for strings.Contains(text, ticks) {
		ticks += "`"
	}
	text = strings.ReplaceAll(plain(text), "|", `\|`)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return ticks + text + ticks
}
