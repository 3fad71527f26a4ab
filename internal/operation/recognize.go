package operation

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gonogo/specs"
)

// Seen is a request that somebody else made, read as one of the operations.
type Seen struct {
	Op      *Op               // the variant that it comes closest to; nil: the document has nothing at this path
	Values  map[string]string // of inputs, by name, wherever in the request they stand
	Fields  map[string]string // of the acting role's credentials, by name
	Shown   []Shown           // values that stand where tokens do
	Differs []Difference      // in what the request is not as the document has it
}

// Difference is one way in which a request is not as the document has it.
type Difference struct {
	Lacks string // the input that it ought to have and has not; empty: it is something else
	Text  string // for people, without a value of the request
}

// Shown is a value that stands where the document has a token.
type Shown struct {
	Kinds  []string // that may stand there; none: the document has no such operation
	Value  string
	Scheme string     // the security scheme that has it there; empty: an input
	In     specs.Part // of the request; empty: a header
	Place  string     // for people
}

// Recognize reads a request that came to one of the document's servers ("" is the first one).
func (s *Set) Recognize(req *http.Request, body []byte) *Seen {
	var here []*Op
	for _, op := range s.all {
		if op.url.Path == req.URL.Path {
			here = append(here, op)
		}
	}
	given := readParameters(req, body)
	if len(here) == 0 {
		seen := &Seen{Values: map[string]string{}, Fields: map[string]string{}}
		if token, ok := bearer(req.Header.Get("Authorization")); ok {
			seen.Shown = append(seen.Shown, Shown{Value: token, Place: "the Authorization header"})
		}
		return seen
	}
	best := slices.MaxFunc(here, func(a, b *Op) int { return cmp.Compare(a.likeness(req, given), b.likeness(req, given)) })
	return best.seen(req, given, body)
}

// parameters are what a request says, by where it stands.
type parameters struct {
	in     map[specs.Part]map[string]string
	repeat []string // that stand in a query or form more than once
	media  string
}

func readParameters(req *http.Request, body []byte) parameters {
	p := parameters{in: map[specs.Part]map[string]string{specs.InQuery: {}, specs.InForm: {}, specs.InJSON: {}}}
	p.media, _, _ = mime.ParseMediaType(req.Header.Get("Content-Type"))
	take := func(part specs.Part, values url.Values) {
		for name, all := range values {
			p.in[part][name] = all[0]
			if len(all) > 1 {
				p.repeat = append(p.repeat, name)
			}
		}
	}
	take(specs.InQuery, req.URL.Query())
	var object map[string]any
	if len(body) == 0 {
		return p
	}
	if json.Unmarshal(body, &object) == nil {
		for name, value := range object {
			if text, ok := value.(string); ok {
				p.in[specs.InJSON][name] = text
			} else {
				p.in[specs.InJSON][name] = strings.TrimSpace(fmt.Sprint(value))
			}
		}
	} else if form, err := url.ParseQuery(string(body)); err == nil {
		take(specs.InForm, form)
	}
	return p
}

// value is what stands for an input: where it should, or elsewhere.
func (p parameters) value(input specs.Input) (value string, right, there bool) {
	if value, there = p.in[input.In][input.Name]; there {
		return value, true, true
	}
	for _, part := range []specs.Part{specs.InQuery, specs.InForm, specs.InJSON} {
		if value, there = p.in[part][input.Name]; there {
			return value, false, true
		}
	}
	return "", false, false
}

// likeness says how close a request comes to this variant of what is at its path.
func (op *Op) likeness(req *http.Request, given parameters) (points int) {
	if op.Method == req.Method {
		points += 100
	}
	for _, input := range op.Inputs {
		value, _, there := given.value(input)
		switch {
		case input.Fixed != "" && value == input.Fixed:
			points += 10
		case input.Fixed != "" && there:
			points -= 10
		case there:
			points++
		}
	}
	return points
}

// seen reads a request as one of this operation.
func (op *Op) seen(req *http.Request, given parameters, body []byte) *Seen {
	seen := &Seen{Op: op, Values: map[string]string{}, Fields: map[string]string{}}
	if req.Method != op.Method {
		seen.differ("its method is %s, not %s", req.Method, op.Method)
	}
	for _, name := range given.repeat {
		seen.differ("%s stands in it more than once", name)
	}
	for _, input := range op.Inputs {
		value, right, there := given.value(input)
		switch {
		case !there && input.Required:
			seen.Differs = append(seen.Differs, Difference{input.Name, fmt.Sprintf("%s is missing in its %s", input.Name, input.In)})
		case there && !right:
			seen.differ("%s does not stand in its %s", input.Name, input.In)
		case there && input.Fixed != "" && value != input.Fixed:
			seen.differ("%s is not %s", input.Name, input.Fixed)
		}
		if !there {
			continue
		}
		seen.Values[input.Name] = value
		if kind := input.From.Token; kind != "" {
			seen.Shown = append(seen.Shown, Shown{Kinds: append([]string{kind}, input.Also...), Value: value, In: input.In, Place: fmt.Sprintf("%s of its %s", input.Name, input.In)})
		}
		if field := input.From.Field; field != "" && (input.From.Role == "" || input.From.Role == Primary) {
			seen.Fields[field] = value
		}
	}
	op.shown(req, given, seen)
	switch wanted := op.media(); {
	case wanted != "" && given.media != wanted:
		seen.differ("its Content-Type is %s, not %s", cmp.Or(given.media, "missing"), wanted)
	case len(seen.Differs) == 0 && !op.own && op.revoking == nil:
		checked := req.Clone(context.Background())
		checked.Body = io.NopCloser(bytes.NewReader(body))
		if op.conforms(checked, body) != nil {
			seen.differ("its parameters or body are not as the schema has them")
		}
	}
	return seen
}

// shown reads what stands where the security schemes have something.
func (op *Op) shown(req *http.Request, given parameters, seen *Seen) {
	found, authorization := false, req.Header.Get("Authorization")
	for _, auth := range op.Auth {
		var value, place string
		var in specs.Part
		switch auth.Kind {
		case specs.AuthBasic:
			user, password, ok := req.BasicAuth()
			if ok && auth.Encoded {
				user, password = unescaped(user), unescaped(password)
			}
			if !ok {
				user, password = given.in[specs.InForm][auth.Fields[0]], given.in[specs.InForm][auth.Fields[1]]
			}
			if user != "" {
				seen.Fields[auth.Fields[0]], seen.Fields[auth.Fields[1]], found = user, password, true
			}
			continue
		case specs.AuthBearer:
			value, _ = bearer(authorization)
			place = "the Authorization header"
		case specs.AuthQuery:
			value, place, in = given.in[specs.InQuery][auth.Name], "the parameter "+auth.Name, specs.InQuery
		case specs.AuthHeader:
			value, place = req.Header.Get(auth.Name), "the header "+auth.Name
			if rest, ok := bearer(value); ok { // settings may have it so
				value = rest
			}
		}
		if value != "" {
			seen.Shown, found = append(seen.Shown, Shown{Kinds: []string{auth.Carries}, Value: value, Scheme: auth.Scheme, In: in, Place: place}), true
		}
	}
	if len(op.Auth) > 0 && !found {
		seen.differ("nothing stands where %s %s has it", op.Auth[0].Scheme, "of the document")
	}
}

func (s *Seen) differ(format string, values ...any) {
	s.Differs = append(s.Differs, Difference{Text: fmt.Sprintf(format, values...)})
}

// media is the type of body that the document has; empty: none, or that of an example.
func (op *Op) media() string {
	switch {
	case op.Sends(specs.InJSON):
		return "application/json"
	case op.Sends(specs.InForm):
		return "application/x-www-form-urlencoded"
	}
	return ""
}

// bearer is the token of an Authorization header in the form of RFC 6750 section 2.1, whose scheme's case means nothing (RFC 9110
// section 11.1).
func bearer(header string) (token string, ok bool) {
	scheme, token, found := strings.Cut(header, " ")
	return strings.TrimSpace(token), found && strings.EqualFold(scheme, "Bearer")
}

// unescaped is a text that was form-encoded (RFC 6749 section 2.3.1), or as it is where it was not.
func unescaped(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}
