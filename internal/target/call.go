package target

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Call is a request to a control or operator API, which need not be the target's own host: the file's
// headers, TLS and proxy are not applied to it.
//
// The exported fields have placeholders unfilled; Request fills them. What is filled in or inserted is escaped
// for where it stands: in the URL, in a string of a JSON body, in a field of a form. Without a Content-Type of
// its own a body that begins with { or [ is sent as JSON, any other as a form.
type Call struct {
	Method  string
	URL     *url.URL
	Headers map[string]string // values are secrets
	Body    string
	Result  Expression // where the answer carries what the call is made for; empty: nowhere

	url, body template
}

// Request makes the request with the placeholders filled.
func (c Call) Request(ctx context.Context, values map[string]string) (*http.Request, error) {
	address, err := c.url.fill(values, escapeURL)
	if err != nil {
		return nil, err
	}
	body, err := c.body.fill(values, escaper(c.contentType()))
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, c.Method, address, strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("a %s call cannot be made: its URL is broken", c.Method)
	}
	for name, value := range c.Headers {
		request.Header.Set(name, value)
	}
	if body != "" && request.Header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", c.contentType())
	}
	return request, nil
}

// Takes reports whether the URL or the body has a placeholder of this name.
func (c Call) Takes(name string) bool {
	has := func(p part) bool { return p.kind == placeholder && p.text == name }
	return slices.ContainsFunc(c.url, has) || slices.ContainsFunc(c.body, has)
}

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

func (c Call) contentType() string {
	if explicit := c.Headers["Content-Type"]; explicit != "" {
		return explicit
	}
	if begin := strings.TrimLeft(c.Body, " \t\r\n"); strings.HasPrefix(begin, "{") || strings.HasPrefix(begin, "[") {
		return jsonType
	}
	return formType
}

// escaper prepares values for a body. Inside a JSON string and in the value of a form field anything but an
// escaped value would change the body's structure; a body that is inserted whole has a structure of its own.
func escaper(contentType string) escape {
	switch {
	case strings.Contains(contentType, "json"):
		return func(before string, _ partKind, value string) string {
			if !insideString(before) {
				return value
			}
			quoted, err := json.Marshal(value)
			if err != nil {
				return "" // cannot be: every string marshals
			}
			return string(quoted[1 : len(quoted)-1])
		}
	case strings.HasPrefix(contentType, formType):
		return escapeForm
	default:
		return nil
	}
}

// insideString reports whether JSON text ends within a string.
func insideString(text string) bool {
	inside := false
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			inside = !inside
		case text[i] == '\\' && inside:
			i++
		}
	}
	return inside
}

func escapeForm(before string, kind partKind, value string) string {
	field := before[strings.LastIndexByte(before, '&')+1:]
	if kind == placeholder || strings.Contains(field, "=") {
		return url.QueryEscape(value)
	}
	return value
}

// escapeURL leaves what is inserted before the query alone: that is the address itself, or its beginning.
func escapeURL(before string, kind partKind, value string) string {
	if _, query, ok := strings.Cut(before, "?"); ok {
		return escapeForm(query, kind, value)
	}
	if kind == placeholder {
		return url.PathEscape(value)
	}
	return value
}

// secrets are values of the call that must not be printed. What a variable put into the URL is one only in
// the query: before it stands the address.
func (c Call) secrets() []string {
	found := slices.Collect(maps.Values(c.Headers))
	found = append(found, passwordOf(c.URL))
	found = append(found, c.body.inserted()...)
	before := ""
	for _, p := range c.url {
		if p.kind == inserted {
			if strings.Contains(before, "?") {
				found = append(found, p.text)
			} else if _, query, ok := strings.Cut(p.text, "?"); ok {
				found = append(found, query)
			}
		}
		before += p.text
	}
	return found
}

func (t template) inserted() []string {
	var found []string
	for _, p := range t {
		if p.kind == inserted {
			found = append(found, p.text)
		}
	}
	return found
}

// durations are the placeholders of a clock's call.
var durations = []string{"duration", "duration_seconds"}

func (r *reader) clock(f FileClock) {
	at := []string{"clock", "advance"}
	before := len(r.problems)
	call := r.call(f.Advance, at...)
	if call == nil || len(r.problems) > before || r.wrong(append(at, "body")) {
		return
	}
	if !slices.ContainsFunc(durations, call.Takes) {
		r.fail(at, "clock.advance does not say by how much", "put ${duration} or ${duration_seconds} into its body or URL")
	}
	r.target.Clock = &Clock{Advance: *call}
}

func (r *reader) operator(f FileOperator) {
	if r.dialect == nil { // without the document nobody knows the placeholders
		return
	}
	r.target.Operator.RotateSecret = r.call(f.RotateSecret, "operator", "rotate_secret")
	r.target.Operator.RestoreSecret = r.call(f.RestoreSecret, "operator", "restore_secret")
}

// credentialFields are the placeholders of operator calls.
func (r *reader) credentialFields() []string {
	var fields []string
	if r.dialect == nil {
		return nil
	}
	for _, role := range r.dialect.Credentials {
		for _, field := range role.Fields {
			if !role.Human && !slices.Contains(fields, field) {
				fields = append(fields, field)
			}
		}
	}
	return fields
}

// call reads a control call; nil when it has no usable address.
func (r *reader) call(f *FileCall, at ...string) *Call {
	if f == nil {
		return nil
	}
	below := func(key string) []string { return slices.Concat(at, []string{key}) }
	c := &Call{Method: strings.ToUpper(cmp.Or(f.Method, http.MethodPost)), Result: f.Result}
	c.Headers = r.headerValues(f.Headers, below("headers")...)
	c.body = r.template(f.Body, below("body")...)
	c.Body = c.body.String()
	c.url = r.template(f.URL, below("url")...)
	c.URL = r.absolute(c.url.render(nil, escapeURL), "http://127.0.0.1:9090/some/path", httpSchemes, below("url")...)
	if c.URL == nil {
		return nil
	}
	return c
}
