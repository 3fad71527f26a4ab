package load

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"

	"gonogo/internal/operation"
	"gonogo/specs"
)

// template is an operation's request with gaps for what changes from one to the next: tokens, and the text that makes
// a body new. It is made from the request that package operation builds, which takes some 20 µs with its check
// against the document; filling the gaps takes 0.1.
type template struct {
	op     *operation.Op
	method string
	uri    pieces // the whole address
	header []field
	body   pieces
}

type field struct {
	name  []byte // in its canonical form
	value pieces
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
)

// fill is what the gaps of one request are filled with.
type fill struct{ access, refresh, unique []byte }

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
func newTemplate(op *operation.Op, headers map[string]string, agent string) (*template, error) {
	marks := map[string]gap{"gonogo" + operation.Unique(): accessGap, "gonogo" + operation.Unique() + "r": refreshGap, "gonogo" + operation.Unique() + "u": uniqueGap}
	args := operation.Args{Tokens: map[string]string{}, WithoutDoc: true} // the marks may not have the form of tokens
	for mark, gap := range marks {
		switch gap {
		case accessGap:
			args.Tokens[access] = mark
		case refreshGap:
			args.Tokens[refresh] = mark
		case uniqueGap:
			args.Unique = mark
		}
	}
	request, err := op.Request(context.Background(), args)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, fmt.Errorf("the body of %s: %w", op.Name(), err)
	}
	t := &template{op: op, method: request.Method, uri: cut(request.URL.String(), marks, escapeQuery)}
	media := request.Header.Get("Content-Type")
	t.body = cut(string(body), marks, bodyEscape(media))
	for name, value := range headers {
		if request.Header.Get(name) == "" {
			request.Header.Set(name, value)
		}
	}
	if request.Header.Get("User-Agent") == "" {
		request.Header.Set("User-Agent", agent)
	}
	for name, values := range request.Header {
		for _, value := range values {
			t.header = append(t.header, field{[]byte(name), cut(value, marks, asIs)})
		}
	}
	slices.SortFunc(t.header, func(a, b field) int { return bytes.Compare(a.name, b.name) })
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
	has := func(p piece) bool { return p.gap == g }
	return slices.ContainsFunc(t.uri, has) || slices.ContainsFunc(t.body, has) ||
		slices.ContainsFunc(t.header, func(f field) bool { return slices.ContainsFunc(f.value, has) })
}

func (p pieces) append(into []byte, f *fill) []byte {
	for i := range p {
		if p[i].gap == nothing {
			into = append(into, p[i].text...)
			continue
		}
		into = p[i].write(into, f.of(p[i].gap))
	}
	return into
}

// write writes the request. scratch is room to work in, and is returned with what it has become.
func (t *template) write(request *fasthttp.Request, f *fill, scratch []byte) []byte {
	request.Header.SetMethod(t.method)
	scratch = t.uri.append(scratch[:0], f)
	request.SetRequestURIBytes(scratch)
	request.URI().DisablePathNormalizing = true // what the document has is what is sent
	for i := range t.header {
		scratch = t.header[i].value.append(scratch[:0], f)
		request.Header.SetCanonical(t.header[i].name, scratch)
	}
	if len(t.body) > 0 {
		scratch = t.body.append(scratch[:0], f)
		request.SetBody(scratch)
	}
	return scratch
}

// plain is the request as evidence: its address, headers and body.
func (t *template) plain(f *fill) (address string, header http.Header, body []byte) {
	header = http.Header{}
	for _, h := range t.header {
		header.Add(string(h.name), string(h.value.append(nil, f)))
	}
	return string(t.uri.append(nil, f)), header, t.body.append(nil, f)
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
