package consent

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"gonogo/internal/chromium"
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
	r.collect(doc, false)
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
func (r *reader) collect(n *html.Node, based bool) bool {
	if n.Type == html.ElementNode {
		switch n.Data {
		case "template":
			return based
		case "base":
			if href, ok := attribute(n, "href"); ok && !based {
				if u, err := parseReference(r.p.url, href); err == nil {
					r.p.base, based = u, true
				}
			}
		case "form":
			if len(r.p.forms) == maxForms {
				break
			}
			f := &form{
				id: attr(n, "id"), name: attr(n, "name"), action: strings.TrimSpace(attr(n, "action")), hasAction: has(n, "action"),
				method: strings.ToLower(strings.TrimSpace(attr(n, "method"))), enctype: strings.ToLower(strings.TrimSpace(attr(n, "enctype"))),
				onsubmit: attr(n, "onsubmit"), bareTable: n.FirstChild == nil && inTable(n),
			}
			r.byNode[n] = f
			r.p.forms = append(r.p.forms, f)
			if _, taken := r.byID[f.id]; f.id != "" && !taken {
				r.byID[f.id] = f
			}
		case "label":
			if id := attr(n, "for"); id != "" && r.labels[id] == "" {
				r.labels[id] = textOf(n)
			}
		}
	}
	for c := range n.ChildNodes() {
		based = r.collect(c, based)
	}
	return based
}

func inTable(n *html.Node) bool {
	if n.Parent == nil {
		return false
	}
	switch n.Parent.Data {
	case "table", "tbody", "thead", "tfoot", "tr":
		return true
	}
	return false
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
		in.unseen = in.unseen || hidden(n)
		in.cookies = in.cookies || n.Data != "body" && n.Data != "html" && strings.Contains(strings.ToLower(attr(n, "id")+" "+attr(n, "class")), "cookie")
		if !r.element(n, &in) {
			return
		}
	}
	for c := range n.ChildNodes() {
		r.walk(c, in)
	}
}

// element takes note of n; it reports whether what is inside is worth a walk.
func (r *reader) element(n *html.Node, in *around) bool {
	switch n.Data {
	case "template", "style", "svg", "math", "iframe", "object":
		return false
	case "script":
		if n.FirstChild != nil && !in.inNoscr {
			r.p.scripts = append(r.p.scripts, n.FirstChild.Data)
		} else if has(n, "src") {
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
		r.p.onload = attr(n, "onload")
	case "meta":
		if strings.EqualFold(strings.TrimSpace(attr(n, "http-equiv")), "refresh") && r.p.refresh == nil && !in.inNoscr {
			r.p.refresh = readRefresh(r.p.base, attr(n, "content"))
		}
	case "form":
		r.table = nil
		if in.form = r.byNode[n]; in.form == nil {
			break
		}
		in.form.cookies = in.cookies
		if in.form.bareTable {
			r.table = in.form
		}
	case "fieldset":
		in.disabled = in.disabled || has(n, "disabled")
	case "label":
		in.label = textOf(n)
	case "a", "area":
		if r.count++; r.count <= maxControls {
			r.link(n, *in)
		}
	case "input", "button", "select", "textarea":
		if r.count++; r.count <= maxControls {
			r.field(n, *in)
		}
		return n.Data == "button"
	}
	return true
}

func (r *reader) link(n *html.Node, in around) {
	href, ok := attribute(n, "href")
	if !ok {
		return
	}
	u, err := parseReference(r.p.base, href)
	if err != nil || u.Scheme == "javascript" || u.Scheme == "mailto" || u.Scheme == "tel" || strings.HasPrefix(strings.TrimSpace(href), "#") {
		return
	}
	class := strings.ToLower(attr(n, "class"))
	r.p.loose = append(r.p.loose, &control{
		kind: "link", href: u, id: attr(n, "id"), name: attr(n, "name"), label: textOf(n), aria: spoken(n), onclick: attr(n, "onclick"),
		mark: attr(n, chromium.Mark), unseen: in.unseen, cookies: in.cookies, asButton: attr(n, "role") == "button" || strings.Contains(class, "btn") || strings.Contains(class, "button"),
	})
}

func (r *reader) field(n *html.Node, in around) {
	c := &control{
		form: in.form, name: attr(n, "name"), id: attr(n, "id"), aria: spoken(n), hint: attr(n, "placeholder"), fills: strings.ToLower(attr(n, "autocomplete")),
		onclick: attr(n, "onclick"), action: strings.TrimSpace(attr(n, "formaction")), hasAction: has(n, "formaction"),
		method: strings.ToLower(strings.TrimSpace(attr(n, "formmethod"))), enctype: strings.ToLower(strings.TrimSpace(attr(n, "formenctype"))),
		checked: has(n, "checked"), disabled: in.disabled || has(n, "disabled"), readonly: has(n, "readonly"), required: has(n, "required"), multiple: has(n, "multiple"),
		unseen: in.unseen, cookies: in.cookies, noscript: in.inNoscr, mark: attr(n, chromium.Mark),
	}
	c.value, c.hasVal = attribute(n, "value")
	if id, named := attribute(n, "form"); named {
		c.form = r.byID[id]
	} else if c.form == nil {
		c.form = r.table
	}
	c.kind = kindOf(n)
	switch n.Data {
	case "button":
		c.label = textOf(n)
	case "textarea":
		c.value = rawText(n)
	case "select":
		readOptions(c, n, false)
	}
	switch c.kind {
	case "submit", "image", "button":
		if c.label == "" {
			c.label = squeeze(c.value)
		}
		if c.label == "" && n.Data == "input" && c.kind == "submit" {
			c.label = "Submit" // what browsers write on it
		}
	default:
		c.label = in.label
		if c.label == "" && c.id != "" {
			c.label = r.labels[c.id]
		}
		if c.label == "" && (c.kind == "radio" || c.kind == "checkbox") {
			c.label = textAfter(n)
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
