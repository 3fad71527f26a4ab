package consent

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Pages beyond these numbers are not for humans. Judging a page takes time by the square of either.
const (
	maxForms    = 100
	maxControls = 2000
)

// reader walks a parsed document once, in order, and fills a page.
type reader struct {
	p      *page
	count  int // of fields, buttons and links
	byID   map[string]*form
	byNode map[*html.Node]*form
	labels map[string]string // label elements by the id they are for
	table  *form             // a form that a table emptied: its fields follow as its siblings
	seen   strings.Builder
}

// around is what the elements above a node say about it.
type around struct {
	form                               *form
	label                              string
	disabled, unseen, cookies, inNoscr bool
}

func read(p *page, source []byte) {
	// Without scripts, as this driver is: what stands in <noscript> is part of the page.
	doc, err := html.ParseWithOptions(bytes.NewReader(source), html.ParseOptionEnableScripting(false))
	if err != nil {
		return
	}
	r := &reader{p: p, byID: map[string]*form{}, byNode: map[*html.Node]*form{}, labels: map[string]string{}}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			r.collect(element{n})
		}
	}
	r.walk(doc, around{})
	p.text = squeeze(r.seen.String())
	if p.live {
		p.enliven()
	}
}

// enliven makes of a page's parts what scripts make of them: every button sends something, fields and buttons that
// stand in no form belong together, and a button may be disabled only until something is filled in.
func (p *page) enliven() {
	around, banner := &form{}, &form{cookies: true}
	p.loose = slices.DeleteFunc(p.loose, func(c *control) bool {
		if c.kind == "link" {
			return false
		}
		if c.form == nil {
			if c.form = around; c.cookies {
				c.form = banner
			}
			c.form.controls = append(c.form.controls, c)
		}
		return true
	})
	for _, f := range []*form{around, banner} {
		if len(f.controls) > 0 {
			p.forms = append(p.forms, f)
		}
	}
	for _, f := range p.forms {
		fillable := slices.ContainsFunc(f.controls, func(c *control) bool { return c.usable() && c.fillable() })
		for _, c := range f.controls {
			if c.kind == "button" {
				c.kind = "submit"
			}
			c.disabled = c.disabled && !(fillable && c.isSubmit())
		}
	}
}

// collect finds what the walk must know beforehand: the base, the forms that fields may name, the labels.
func (r *reader) collect(e element) {
	switch e.node.Data {
	case "template": // for scripts to copy; not part of the page
		for e.node.FirstChild != nil {
			e.node.RemoveChild(e.node.FirstChild)
		}
	case "base":
		if u, err := parseReference(r.p.url, e.attr("href")); err == nil && e.has("href") && r.p.base == r.p.url {
			r.p.base = u
		}
	case "form":
		if len(r.p.forms) == maxForms {
			return
		}
		f := &form{element: e}
		r.byNode[e.node] = f
		r.p.forms = append(r.p.forms, f)
		if id := e.attr("id"); id != "" && r.byID[id] == nil {
			r.byID[id] = f
		}
	case "label":
		if id := e.attr("for"); id != "" && r.labels[id] == "" {
			r.labels[id] = textOf(e.node)
		}
	}
}

// inTable reports an element that a table does not take among its rows.
func inTable(n *html.Node) bool {
	return n.Parent != nil && slices.Contains([]string{"table", "tbody", "thead", "tfoot", "tr"}, n.Parent.Data)
}

func (r *reader) walk(n *html.Node, in around) {
	if n.Type == html.TextNode {
		if !in.unseen && !in.inNoscr {
			r.seen.WriteString(n.Data)
			r.seen.WriteByte(' ')
		}
		return
	}
	if n.Type == html.ElementNode {
		e := element{n}
		in.unseen = in.unseen || e.hidden()
		in.cookies = in.cookies || n.Data != "body" && n.Data != "html" && strings.Contains(strings.ToLower(e.attr("id")+" "+e.attr("class")), "cookie")
		if !r.element(e, &in) {
			return
		}
	}
	for c := range n.ChildNodes() {
		r.walk(c, in)
	}
}

// element takes note of an element; it reports whether what is inside is worth a walk.
func (r *reader) element(e element, in *around) bool {
	n := e.node
	switch n.Data {
	case "style", "svg", "math", "iframe", "object":
		return false
	case "script":
		if n.FirstChild != nil && !in.inNoscr {
			r.p.scripts = append(r.p.scripts, n.FirstChild.Data)
		} else if e.has("src") {
			r.p.scripts = append(r.p.scripts, "")
		}
		return false
	case "noscript":
		in.inNoscr = true
	case "title":
		if r.p.title == "" {
			r.p.title = textOf(n)
		}
		return false
	case "h1", "h2", "h3":
		if h := textOf(n); h != "" && !in.unseen {
			r.p.headings = append(r.p.headings, h)
		}
	case "body":
		r.p.onload = e.attr("onload")
	case "meta":
		if e.word("http-equiv") == "refresh" && r.p.refresh == nil && !in.inNoscr {
			r.p.refresh = readRefresh(r.p.base, e.attr("content"))
		}
	case "form":
		r.table = nil
		if in.form = r.byNode[n]; in.form == nil {
			break
		}
		in.form.cookies = in.cookies
		if n.FirstChild == nil && inTable(n) {
			r.table = in.form
		}
	case "fieldset":
		in.disabled = in.disabled || e.has("disabled")
	case "label":
		in.label = textOf(n)
	case "a", "area":
		if r.count++; r.count <= maxControls {
			r.link(e, *in)
		}
	case "input", "button", "select", "textarea":
		if r.count++; r.count <= maxControls {
			r.field(e, *in)
		}
		return n.Data == "button"
	}
	return true
}

func (r *reader) link(e element, in around) {
	href := e.attr("href")
	u, err := parseReference(r.p.base, href)
	if err != nil || !e.has("href") || u.Scheme == "javascript" || u.Scheme == "mailto" || u.Scheme == "tel" || strings.HasPrefix(strings.TrimSpace(href), "#") {
		return
	}
	c := newControl(e, around{unseen: in.unseen, cookies: in.cookies})
	c.kind, c.href, c.label, c.disabled = "link", u, textOf(e.node), false
	r.p.loose = append(r.p.loose, c)
}

func newControl(e element, in around) *control {
	return &control{
		element: e, form: in.form, name: e.attr("name"), id: e.attr("id"), value: e.attr("value"), aria: e.spoken(),
		disabled: in.disabled || e.has("disabled"), unseen: in.unseen, cookies: in.cookies, noscript: in.inNoscr,
	}
}

func (r *reader) field(e element, in around) {
	c := newControl(e, in)
	if id, named := e.attribute("form"); named {
		c.form = r.byID[id]
	} else if c.form == nil {
		c.form = r.table
	}
	c.kind = e.fieldKind()
	switch e.node.Data {
	case "button":
		c.label = textOf(e.node)
	case "textarea":
		c.value = rawText(e.node)
	case "select":
		c.options = optionsIn(e.node, c.name)
	}
	switch c.kind {
	case "submit", "image", "button":
		c.label = cmp.Or(c.label, squeeze(c.value))
		if c.label == "" && e.node.Data == "input" && c.kind == "submit" {
			c.label = "Submit" // what browsers write on it
		}
	default:
		c.label = cmp.Or(in.label, r.labels[c.id])
		if c.label == "" && (c.kind == "radio" || c.kind == "checkbox") {
			c.label = textAfter(e.node)
		}
	}
	if c.form == nil && (c.kind == "submit" || c.kind == "image") {
		c.kind = "button"
	}
	if c.form != nil {
		c.form.controls = append(c.form.controls, c)
	}
	if c.kind == "button" || c.form == nil {
		r.p.loose = append(r.p.loose, c)
	}
}
