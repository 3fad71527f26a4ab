package consent

import (
	"bytes"
	"cmp"
	"mime/multipart"
	"net/url"
	"strings"
)

// navigation is a request that pressing something leads to.
type navigation struct {
	method      string
	to          *url.URL
	contentType string
	body        []byte
	fields      [][2]string // what a form sends, in order
}

// entries overrides what a human would fill in, by control; a radio button or checkbox takes "on" and "off".
type entries map[*control]string

const (
	ticked   = "on"
	unticked = "off"
)

// press is what the browser does when the button is pressed, or Enter, if button is nil.
func (p *page) press(f *form, button *control, fill entries) (navigation, error) {
	action, method, enctype := f.attr("action"), f.word("method"), f.word("enctype")
	if button != nil {
		if own, has := button.attribute("formaction"); has {
			action = own
		}
		method, enctype = cmp.Or(button.word("formmethod"), method), cmp.Or(button.word("formenctype"), enctype)
	}
	// An empty action is the page itself, not its base (HTML 4.10.21.3).
	to := *p.url
	if action = strings.TrimSpace(action); action != "" {
		u, err := parseReference(p.base, action)
		if err != nil {
			return navigation{}, p.fault(CannotSee, "a form's action is no URL: "+action)
		}
		to = *u
	}
	to.Fragment, to.RawFragment = "", ""
	nav := navigation{method: "GET", to: &to, fields: f.dataSet(button, fill)}
	if p.alter != nil {
		p.alter(nav.fields, &to)
	}
	if method != "post" {
		to.RawQuery = encode(nav.fields)
		return nav, nil
	}
	nav.method = "POST"
	switch enctype {
	case "multipart/form-data":
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		for _, pair := range nav.fields {
			_ = w.WriteField(pair[0], pair[1]) // a bytes.Buffer does not fail
		}
		_ = w.Close()
		nav.contentType, nav.body = w.FormDataContentType(), body.Bytes()
	case "text/plain":
		var body strings.Builder
		for _, pair := range nav.fields {
			body.WriteString(pair[0] + "=" + pair[1] + "\r\n")
		}
		nav.contentType, nav.body = enctype, []byte(body.String())
	default:
		nav.contentType, nav.body = "application/x-www-form-urlencoded", []byte(encode(nav.fields))
	}
	return nav, nil
}

// dataSet is the form's entry list (HTML 4.10.21.4), in tree order.
func (f *form) dataSet(button *control, fill entries) [][2]string {
	var out [][2]string
	add := func(name, value string) { out = append(out, [2]string{name, value}) }
	for _, c := range f.controls {
		if c.disabled {
			continue
		}
		switch c.kind {
		case "submit":
			if c == button && c.name != "" {
				add(c.name, c.value)
			}
			continue
		case "image":
			if c == button {
				prefix := c.name
				if prefix != "" {
					prefix += "."
				}
				add(prefix+"x", "1")
				add(prefix+"y", "1")
			}
			continue
		case "button":
			continue
		}
		if c.name == "" {
			continue
		}
		given, filled := fill[c]
		switch c.kind {
		case "checkbox", "radio":
			if c.has("checked") && !filled || filled && given == ticked {
				value := c.value
				if !c.has("value") {
					value = ticked
				}
				add(c.name, value)
			}
		case "select":
			for _, value := range c.selected() {
				if filled {
					value = given
				}
				add(c.name, value)
				if filled {
					break
				}
			}
		case "file":
			add(c.name, "")
		case "textarea":
			add(c.name, lineEnds.Replace(strings.TrimPrefix(c.value, "\n")))
		default:
			if filled {
				add(c.name, given)
			} else {
				add(c.name, c.value)
			}
		}
	}
	return out
}

// selected are the values a select sends as it stands.
func (c *control) selected() (values []string) {
	for _, o := range c.options {
		if o.has("selected") {
			values = append(values, o.value)
		}
	}
	switch {
	case c.has("multiple"):
		return values
	case len(values) > 0:
		return values[len(values)-1:]
	case len(c.options) > 0:
		return []string{c.options[0].value}
	}
	return nil
}

// lineEnds writes line ends the way forms send them.
var lineEnds = strings.NewReplacer("\r\n", "\r\n", "\r", "\r\n", "\n", "\r\n")

func encode(fields [][2]string) string {
	pairs := make([]string, len(fields))
	for i, pair := range fields {
		pairs[i] = url.QueryEscape(pair[0]) + "=" + url.QueryEscape(pair[1])
	}
	return strings.Join(pairs, "&")
}
