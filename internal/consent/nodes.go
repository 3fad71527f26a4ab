package consent

import (
	"cmp"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// element is a node of the page; one without a node has no attributes.
type element struct{ node *html.Node }

func (e element) attribute(key string) (value string, has bool) {
	if e.node == nil {
		return "", false
	}
	for _, a := range e.node.Attr {
		if a.Namespace == "" && a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func (e element) attr(key string) string {
	value, _ := e.attribute(key)
	return value
}

// word is an attribute in which space and case mean nothing.
func (e element) word(key string) string { return strings.ToLower(strings.TrimSpace(e.attr(key))) }

func (e element) has(key string) bool {
	_, has := e.attribute(key)
	return has
}

// fieldKind is a field's type; what browsers do not know is a line of text.
func (e element) fieldKind() string {
	kind := e.word("type")
	switch e.node.Data {
	case "button":
		if kind != "button" && kind != "reset" {
			return "submit"
		}
		return "button"
	case "input":
		switch kind {
		case "hidden", "password", "email", "tel", "url", "number", "search", "checkbox", "radio", "submit", "image", "file", "date", "time", "month", "week", "range", "color", "datetime-local":
			return kind
		case "button", "reset":
			return "button"
		}
		return "text"
	}
	return e.node.Data
}

// optionsIn are the options of a select that can be chosen.
func optionsIn(n *html.Node, name string) (options []*control) {
	for child := range n.ChildNodes() {
		o := element{child}
		switch {
		case child.Type != html.ElementNode || o.has("disabled"):
		case child.Data != "option":
			options = append(options, optionsIn(child, name)...)
		default:
			c := &control{element: o, kind: "option", name: name, label: textOf(child)}
			if c.value = c.label; o.has("value") {
				c.value = o.attr("value")
			}
			options = append(options, c)
		}
	}
	return options
}

// hidden reports what the element itself says; style sheets are not read.
func (e element) hidden() bool {
	style := strings.ToLower(strings.Join(strings.Fields(e.attr("style")), ""))
	return e.has("hidden") || strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")
}

// spoken is what a screen reader would say where there is no text.
func (e element) spoken() string {
	return cmp.Or(squeeze(e.attr("aria-label")), squeeze(e.attr("title")), squeeze(e.attr("alt")))
}

func textOf(n *html.Node) string {
	var s strings.Builder
	gather(&s, n)
	return squeeze(s.String())
}

func gather(s *strings.Builder, n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		s.WriteString(n.Data)
		return
	case n.Type == html.ElementNode:
		switch n.Data {
		case "script", "style", "select", "textarea":
			return
		case "img":
			s.WriteString(" " + element{n}.attr("alt") + " ")
		}
	}
	for c := range n.ChildNodes() {
		gather(s, c)
	}
	if n.Type == html.ElementNode {
		switch n.Data {
		case "b", "i", "em", "strong", "span", "u", "small": // these can stand inside a word
		default:
			s.WriteByte(' ')
		}
	}
}

func rawText(n *html.Node) string {
	var s strings.Builder
	for c := range n.ChildNodes() {
		if c.Type == html.TextNode {
			s.WriteString(c.Data)
		}
	}
	return s.String()
}

// textAfter is the text that follows a radio button or checkbox without a label, up to the next field.
func textAfter(n *html.Node) string {
	var s strings.Builder
	for sib := n.NextSibling; sib != nil; sib = sib.NextSibling {
		if sib.Type == html.ElementNode {
			switch sib.Data {
			case "input", "button", "select", "textarea", "br", "p", "div", "li", "label":
				return squeeze(s.String())
			}
		}
		gather(&s, sib)
	}
	return squeeze(s.String())
}

// A refresh is written `5; url='next'`, with liberties.
var refreshForm = regexp.MustCompile(`(?is)^\s*([0-9]*\.?[0-9]*)\s*[;,\s]\s*(?:url\s*=\s*)?(?:"([^"]*)"?|'([^']*)'?|(\S.*?))\s*$`)

// readRefresh returns nil for one that only reloads the page.
func readRefresh(base *url.URL, content string) *refresh {
	m := refreshForm.FindStringSubmatch(content)
	if m == nil {
		return nil
	}
	after, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		after = 0
	}
	ref := m[2] + m[3] + m[4]
	to, err := parseReference(base, ref)
	if err != nil || ref == "" || strings.EqualFold(ref, "url=") {
		return nil
	}
	return &refresh{after, to}
}
