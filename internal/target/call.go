package target

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"gonogo/internal/yamlfile"
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

	url, body template // nil in a Call made by hand: then the fields above are sent as they are
}

// Request makes the request with the placeholders filled.
func (c Call) Request(ctx context.Context, values map[string]string) (*http.Request, error) {
	address, body := c.URL.String(), c.Body
	var err error
	if c.url != nil {
		if address, err = c.url.fill(values, escapeURL); err != nil {
			return nil, err
		}
	}
	if c.body != nil {
		if body, err = c.body.fill(values, escaper(c.contentType())); err != nil {
			return nil, err
		}
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

func (r *reader) clock(n *yamlfile.Node) {
	if n == nil {
		return
	}
	found := r.keys(n, "clock", "advance")
	if n.Kind != yamlfile.Mapping {
		return
	}
	if found["advance"] == nil {
		r.fail(n.Line, "clock says nothing", "add advance: {url: …, body: …}, or remove clock for real waits")
		return
	}
	durations, before := []string{"duration", "duration_seconds"}, len(r.problems)
	call := r.call(found["advance"], "clock.advance", durations, false)
	if call == nil || len(r.problems) > before {
		return
	}
	if !call.url.takes(durations) && !call.body.takes(durations) {
		r.fail(found["advance"].Line, "clock.advance does not say by how much", "put ${duration} or ${duration_seconds} into its body or URL")
	}
	r.target.Clock = &Clock{Advance: *call}
}

// takes reports whether the template has one of the placeholders.
func (t template) takes(names []string) bool {
	return slices.ContainsFunc(t, func(p part) bool { return p.kind == placeholder && slices.Contains(names, p.text) })
}

func (r *reader) operator(n *yamlfile.Node) {
	if n == nil || r.dialect == nil { // without the document nobody knows the placeholders
		return
	}
	found := r.keys(n, "operator", "rotate_secret", "restore_secret")
	if n.Kind != yamlfile.Mapping {
		return
	}
	if len(n.Pairs) == 0 {
		r.fail(n.Line, "operator says nothing", "add rotate_secret: {url: …, result: …}, or remove operator")
	}
	fields := r.credentialFields()
	if rotate := found["rotate_secret"]; rotate != nil {
		call := r.call(rotate, "operator.rotate_secret", fields, true)
		if call != nil && call.Result == "" && !slices.ContainsFunc(rotate.Pairs, func(p yamlfile.Pair) bool { return p.Key == "result" }) {
			r.fail(rotate.Line, "operator.rotate_secret does not say where the answer carries the new secret", "add result: "+yamlfile.Quote(exampleExpression))
		}
		r.target.Operator.RotateSecret = call
	}
	if restore := found["restore_secret"]; restore != nil {
		if found["rotate_secret"] == nil {
			r.fail(restore.Line, "operator.restore_secret has nothing to restore", "add rotate_secret")
		}
		r.target.Operator.RestoreSecret = r.call(restore, "operator.restore_secret", fields, true)
	}
}

// credentialFields are the placeholders of operator calls.
func (r *reader) credentialFields() []string {
	var fields []string
	for _, role := range r.dialect.Credentials {
		for _, field := range role.Fields {
			if !role.Human && !slices.Contains(fields, field) {
				fields = append(fields, field)
			}
		}
	}
	return fields
}

const (
	exampleExpression = expressionPrefix + "/name"
	exampleControl    = "http://127.0.0.1:9090/some/path"
)

var methodName = regexp.MustCompile(`^[A-Z]+$`)

func (r *reader) method(n *yamlfile.Node, at string) (string, bool) {
	text, ok := r.text(n, at)
	text = strings.ToUpper(text)
	if ok && !methodName.MatchString(text) {
		r.fail(n.Line, at+" "+yamlfile.Quote(n.Text)+" is not a method", "write it like GET or POST")
		return "", false
	}
	return text, ok
}

// call reads a control call; nil when it has no usable address.
func (r *reader) call(n *yamlfile.Node, at string, allowed []string, result bool) *Call {
	keys := []string{"method", "url", "headers", "body"}
	if result {
		keys = append(keys, "result")
	}
	found := r.keys(n, at, keys...)
	if n.Kind != yamlfile.Mapping {
		return nil
	}
	c := &Call{Method: http.MethodPost}
	if found["method"] != nil {
		c.Method, _ = r.method(found["method"], at+".method")
	}
	if found["headers"] != nil {
		c.Headers = r.headerValues(found["headers"], at+".headers")
	}
	if body := found["body"]; body != nil && r.is(body, at+".body", yamlfile.Scalar) {
		c.body, _ = r.expand(body, at+".body", allowed)
		c.Body = c.body.String()
	}
	if found["result"] != nil {
		c.Result = r.expression(found["result"], at+".result")
	}
	address := found["url"]
	if address == nil {
		r.fail(n.Line, at+" has no url", "say where the control API is, like "+exampleControl)
		return nil
	}
	if !r.is(address, at+".url", yamlfile.Scalar) {
		return nil
	}
	pieces, ok := r.expand(address, at+".url", allowed)
	if !ok {
		return nil
	}
	c.url = pieces
	if c.URL = r.absolute(address, at+".url", pieces.render(nil, escapeURL), exampleControl, "http", "https"); c.URL == nil {
		return nil
	}
	return c
}

func (r *reader) expression(n *yamlfile.Node, at string) Expression {
	text, ok := r.text(n, at)
	if !ok {
		return ""
	}
	expression, ok := ParseExpression(text)
	if !ok {
		r.fail(n.Line, at+" "+yamlfile.Quote(n.Text)+" is not an expression for a value in an answer", "write it like "+yamlfile.Quote(exampleExpression))
	}
	return expression
}
