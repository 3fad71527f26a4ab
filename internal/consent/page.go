package consent

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"

	"gonogo/internal/chromium"
	"gonogo/internal/exchange"
)

// page is what one answer shows to a human, and what can be done there.
type page struct {
	url    *url.URL
	base   *url.URL // what references resolve against
	status int
	header http.Header

	live   bool // a browser shows it, and runs its scripts
	active bool // it has scripts to run

	alter func(fields [][2]string, to *url.URL) // what is sent back; nil: as the page has it

	isHTML   bool
	title    string
	headings []string
	text     string // visible text
	onload   string // the body's
	scripts  []string
	refresh  *refresh
	forms    []*form
	loose    []*control // links, and buttons outside forms
}

// refresh is a meta refresh or a Refresh header.
type refresh struct {
	after float64 // seconds
	to    *url.URL
}

type form struct {
	element
	controls []*control // in tree order, submit buttons included
	cookies  bool       // belongs to a cookie banner
}

// control is anything one can fill in or press: a field, a button, a link.
type control struct {
	element
	form    *form
	kind    string // an input's type, or textarea, select, option, button (presses nothing by itself), link
	name    string
	id      string
	value   string
	label   string     // what a human reads on or beside it
	aria    string     // what a human hears
	href    *url.URL   // of a link
	options []*control // of a select, those that can be chosen

	disabled, unseen, cookies, noscript bool // by itself or by what it stands in
}

// newPage reads an answer. It never fails: what is not HTML, or breaks the parser, is a page with nothing to press.
func newPage(x *exchange.Exchange, at *url.URL) *page {
	p := pageOf(x, at)
	kind, _, err := mime.ParseMediaType(p.header.Get("Content-Type"))
	if err != nil || kind == "" {
		kind, _, _ = mime.ParseMediaType(http.DetectContentType(x.Body))
	}
	p.isHTML = kind == "text/html" || kind == "application/xhtml+xml"
	if p.isHTML {
		read(p, decode(x.Body, p.header.Get("Content-Type")))
	} else if strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "json") || strings.HasSuffix(kind, "xml") {
		p.text = squeeze(strings.ToValidUTF8(string(x.Body), "\uFFFD"))
	}
	return p
}

// newLivePage reads what a browser shows: the answer, if it is known, gives the status, its scripts the rest.
func newLivePage(look chromium.Look, at *url.URL, x *exchange.Exchange) *page {
	if x == nil {
		x = &exchange.Exchange{Status: http.StatusOK}
	}
	p := pageOf(x, at)
	p.isHTML, p.live, p.active = true, true, look.Scripted
	read(p, []byte(look.HTML))
	return p
}

func pageOf(x *exchange.Exchange, at *url.URL) *page {
	p := &page{url: at, base: at, status: x.Status, header: x.Header}
	if x.Header == nil {
		p.header = http.Header{}
	}
	if value := p.header.Get("Refresh"); value != "" {
		p.refresh = readRefresh(p.base, value)
	}
	return p
}

// decode is the body in UTF-8. Labels in an old charset matter for hints.
func decode(body []byte, contentType string) []byte {
	if utf8.Valid(body) {
		return body
	}
	r, err := charset.NewReader(bytes.NewReader(body), contentType)
	if err != nil {
		return body
	}
	decoded, err := io.ReadAll(r)
	if err != nil {
		return body
	}
	return decoded
}

// submits are the form's buttons that send it.
func (f *form) submits() []*control {
	var out []*control
	for _, c := range f.controls {
		if c.isSubmit() && !c.disabled && !c.unseen {
			out = append(out, c)
		}
	}
	return out
}

func (c *control) isSubmit() bool { return c.form != nil && (c.kind == "submit" || c.kind == "image") }

// presses reports a button.
func (c *control) presses() bool { return c.isSubmit() || c.kind == "button" }

// fillable reports a field that a hint may name.
func (c *control) fillable() bool { return !c.presses() && c.kind != "hidden" }

// asButton reports a link that looks like a button.
func (c *control) asButton() bool {
	class := c.word("class")
	return c.kind == "link" && (c.attr("role") == "button" || strings.Contains(class, "btn") || strings.Contains(class, "button"))
}

// isText reports a field for a line of text.
func (c *control) isText() bool {
	switch c.kind {
	case "text", "email", "tel", "url", "number":
		return true
	}
	return false
}

// usable reports a field that a human can see and change.
func (c *control) usable() bool { return !c.disabled && !c.unseen }

// pressable are all things a human could press, in the order of the page: form buttons first, then the rest.
func (p *page) pressable() []*control {
	var out []*control
	for _, f := range p.forms {
		if !f.cookies {
			out = append(out, f.submits()...)
		}
	}
	for _, c := range p.loose {
		if c.usable() && !c.cookies && (c.href != nil || c.kind == "button") {
			out = append(out, c)
		}
	}
	return out
}

// scripted reports whether a script may change what this page does.
func (p *page) scripted() bool { return p.active || len(p.scripts) > 0 || p.onload != "" }

func (p *page) scriptsSay(word string) bool {
	return strings.Contains(p.onload, word) || slices.ContainsFunc(p.scripts, func(s string) bool { return strings.Contains(s, word) })
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }
