package load

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/traceparent"
	"gonogo/internal/wire"
	"gonogo/specs"
)

// template is an operation's request with gaps for what changes from one to the next: tokens, and the text that makes
// a body new. It is made from the request that package operation builds, which takes some 20 µs with its check
// against the document; filling the gaps takes 0.1.
type template struct {
	op     *operation.Op
	fixed  wire.Request // what no gap is in
	target pieces       // path and query
	fields pieces       // header lines
	body   pieces
}

// pieces are a text with gaps.
type pieces []piece

// piece is literal text, or a gap.
type piece struct {
	text  []byte
	gap   gap
	write func(into, value []byte) []byte
}

// gap is what belongs into a template.
type gap uint8

const (
	nothing gap = iota
	accessGap
	refreshGap
	uniqueGap
	traceGap
)

// fill is what the gaps of one request are filled with.
type fill struct{ access, refresh, unique, trace []byte }

func (f *fill) of(g gap) []byte {
	switch g {
	case accessGap:
		return f.access
	case refreshGap:
		return f.refresh
	default:
		return f.unique
	}
}

// newTemplate makes the template of an operation. Marks stand in for what changes and are then looked for in the
// finished request; they need no escape anywhere.
func newTemplate(op *operation.Op, headers map[string]string, agent string, traced bool, credential func(role, field string) (string, bool)) (*template, error) {
	a, r, u, p := "gonogo"+operation.Unique(), "gonogo"+operation.Unique()+"r", "gonogo"+operation.Unique()+"u", "gonogo"+operation.Unique()+"p"
	marks := map[string]gap{a: accessGap, r: refreshGap, u: uniqueGap, p: traceGap}
	request, err := op.Request(context.Background(), operation.Args{
		Tokens: map[string]string{client.Access: a, client.Refresh: r}, Unique: u, Credential: credential, WithoutDoc: true, // the marks may not have the form of tokens
	})
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, fmt.Errorf("the body of %s: %w", op.Name(), err)
	}
	t := &template{op: op, target: cut(request.URL.RequestURI(), marks, escapeQuery)}
	t.fixed = wire.Request{Method: request.Method, Scheme: request.URL.Scheme, Host: request.URL.Host}
	media := request.Header.Get("Content-Type")
	t.body = cut(string(body), marks, bodyEscape(media))
	for name, value := range headers {
		if request.Header.Get(name) == "" {
			request.Header.Set(name, value)
		}
	}
	if traced && request.Header.Get(traceparent.Name) == "" {
		request.Header.Set(traceparent.Name, p)
	}
	if request.Header.Get("User-Agent") == "" {
		request.Header.Set("User-Agent", agent)
	}
	t.fixed.Named = request.Header.Get("Host")
	request.Header.Del("Host")
	var lines wire.Request
	for _, name := range slices.Sorted(maps.Keys(request.Header)) {
		for _, value := range request.Header[name] {
			lines.Add(name, []byte(value))
		}
	}
	t.fields = cut(string(lines.Fields), marks, wire.AppendValue)
	return t, nil
}

// cut takes the marks out of a text.
func cut(text string, marks map[string]gap, write func(into, value []byte) []byte) pieces {
	var out pieces
	for text != "" {
		at, found := len(text), ""
		for mark := range marks {
			if i := strings.Index(text, mark); i >= 0 && i < at {
				at, found = i, mark
			}
		}
		if at > 0 {
			out = append(out, piece{text: []byte(text[:at])})
		}
		if found != "" {
			out = append(out, piece{gap: marks[found], write: write})
		}
		text = text[at+len(found):]
	}
	return out
}

// takes reports whether the template has a gap for something.
func (t *template) takes(g gap) bool {
	return slices.ContainsFunc(slices.Concat(t.target, t.fields, t.body), func(p piece) bool { return p.gap == g })
}

func (p pieces) append(into []byte, f *fill) []byte {
	for i := range p {
		switch p[i].gap {
		case nothing:
			into = append(into, p[i].text...)
		case traceGap: // digits, which need no escape
			into = append(into, f.trace...)
		default:
			into = p[i].write(into, f.of(p[i].gap))
		}
	}
	return into
}

// write writes the request.
func (t *template) write(request *wire.Request, f *fill) {
	into := *request
	*request = t.fixed
	request.Target = t.target.append(into.Target, f)
	request.Fields = t.fields.append(into.Fields, f)
	request.Body = t.body.append(into.Body, f)
}

// plain is the request as evidence: its address, headers and body.
func (t *template) plain(f *fill) (address string, header http.Header, body []byte) {
	var request wire.Request
	t.write(&request, f)
	return plain(&request)
}

// plain is a request as others have it. Its body is in the request's memory.
func plain(request *wire.Request) (address string, header http.Header, body []byte) {
	header = http.Header{}
	for name, value := range request.All {
		header.Add(string(name), string(value))
	}
	if request.Named != "" {
		header.Set("Host", request.Named)
	}
	return request.Scheme + "://" + request.Host + string(request.Target), header, request.Body
}

// bodyEscape is how a value is written into a body of a media type.
func bodyEscape(media string) func(into, value []byte) []byte {
	switch {
	case strings.Contains(media, string(specs.InJSON)):
		return escapeJSON
	case strings.Contains(media, "form-urlencoded"):
		return escapeQuery
	}
	return asIs
}

func asIs(into, value []byte) []byte { return append(into, value...) }

func escapeJSON(into, value []byte) []byte {
	for _, c := range value {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			var out bytes.Buffer
			encoder := json.NewEncoder(&out)
			encoder.SetEscapeHTML(false)
			_ = encoder.Encode(string(value)) // a string always has a JSON form
			return append(into, bytes.TrimSuffix(bytes.TrimPrefix(bytes.TrimSpace(out.Bytes()), []byte(`"`)), []byte(`"`))...)
		}
	}
	return append(into, value...)
}

func escapeQuery(into, value []byte) []byte {
	for _, c := range value {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.', c == '~':
		default:
			return append(into, url.QueryEscape(string(value))...)
		}
	}
	return append(into, value...)
}

// unique writes the n-th text that no other request of this run contains.
func unique(into []byte, prefix string, n uint64) []byte {
	return strconv.AppendUint(append(into, prefix...), n, 36)
}
