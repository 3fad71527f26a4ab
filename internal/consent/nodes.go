package consent

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// kindOf is a field's type; what browsers do not know is a line of text.
func kindOf(n *html.Node) string {
	kind := strings.ToLower(strings.TrimSpace(attr(n, "type")))
	switch n.Data {
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
	return n.Data
}

func readOptions(c *control, n *html.Node, disabled bool) {
	for o := range n.ChildNodes() {
		if o.Type != html.ElementNode {
			continue
		}
		if o.Data != "option" {
			readOptions(c, o, disabled || has(o, "disabled"))
			continue
		}
		label := textOf(o)
		value, ok := attribute(o, "value")
		if !ok {
			value = label
		}
		c.options = append(c.options, option{value, label, has(o, "selected"), disabled || has(o, "disabled")})
	}
}

// hidden reports what the element itself says; style sheets are not read.
func hidden(n *html.Node) bool {
	if has(n, "hidden") {
		return true
	}
	style := strings.ToLower(strings.Join(strings.Fields(attr(n, "style")), ""))
	return strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")
}

// spoken is what a screen reader would say where there is no text.
func spoken(n *html.Node) string {
	for _, key := range []string{"aria-label", "title", "alt"} {
		if s := squeeze(attr(n, key)); s != "" {
			return s
		}
	}
	return ""
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
		case "script", "style", "template", "select", "textarea":
			return
		case "img":
			s.WriteString(" " + attr(n, "alt") + " ")
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
