package operation

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"gonogo/specs"
)

// Primary is the role that acts when a request names none.
const Primary = "primary"

// Args say how a request differs from nothing: who acts, which tokens it presents, and what a negative case
// breaks in it. The zero value is the documented request of the primary role without any token.
type Args struct {
	Role   string            // whose credentials; empty: Primary
	Proof  *Proof            // for inputs that take a part of a proof key; nil: they are left out
	Tokens map[string]string // by token kind: for inputs that take one and for the carrier

	Inputs     map[string]any                          // replaces an input's value; any JSON value in a JSON body, text elsewhere
	Omit       map[string]bool                         // leaves an input out
	Twice      map[string]bool                         // writes an input twice
	Again      map[string]string                       // writes an input of a query or form a second time, with this value
	More       map[string]string                       // further parameters of the form, or of the query where there is none
	InBody     bool                                    // presents credentials in the form, under their own names, where a scheme has them in a header
	InHeader   bool                                    // presents credentials as the scheme has them, whatever the target prefers
	Plain      bool                                    // encodes credentials no further than the header takes
	Renamed    map[string]string                       // writes an input of a query or form under another name
	Fields     map[string]string                       // replaces a credential field wherever it stands, header or input
	Credential func(role, field string) (string, bool) // a field of a role as it is now; nil: as the target file has it
	RawBody    *string                                 // replaces the whole body
	Trailing   string                                  // stands after the body
	Media      string                                  // replaces the body's media type
	NoMedia    bool                                    // says nothing of the body's media type
	Method     string                                  // replaces the method
	Query      string                                  // stands after the query as it is, escapes and all
	Header     map[string]string                       // further headers, which no document can forbid
	NoAuth     bool                                    // presents nothing by the security schemes
	RawAuth    *string                                 // replaces the Authorization header
	Spelt      func(path string) string                // writes the operation's path in another way, escapes and all
	Carrier    string                                  // presents the token by this security scheme, by name
	Unique     string                                  // what stands where the body of an operation that is used wants a new text; empty: a new one
	WithoutDoc bool                                    // the request breaks the document on purpose
}

// BuildError says that the harness could not make a request that the document allows: its own fault, or the
// document's, never the target's.
type BuildError struct {
	Op    string
	Cause error
}

func (e *BuildError) Error() string { return fmt.Sprintf("building %s: %v", e.Op, e.Cause) }
func (e *BuildError) Unwrap() error { return e.Cause }

// NoCredential says that a role has no credentials: the target file gives none, or none could be made.
type NoCredential struct{ Role, Field string }

func (e *NoCredential) Error() string {
	return fmt.Sprintf("the target gives no credentials.%s.%s", e.Role, e.Field)
}

// NoToken says that a request needs a token of a kind that the caller has none of.
type NoToken struct{ Kind string }

func (e *NoToken) Error() string { return "it needs a token of kind " + e.Kind }

// Request builds a request. Unless args break it on purpose it is checked against the document first.
// Errors are *BuildError.
func (op *Op) Request(ctx context.Context, args Args) (*http.Request, error) {
	req, err := op.build(ctx, args)
	if err != nil {
		return nil, &BuildError{op.Name(), err}
	}
	return req, nil
}

func (op *Op) build(ctx context.Context, args Args) (*http.Request, error) {
	query, form, object := url.Values{}, url.Values{}, map[string]any{}
	for _, input := range op.Inputs {
		value, given, err := op.value(input, args)
		if err != nil {
			return nil, err
		}
		if !given {
			continue
		}
		switch input.In {
		case specs.InQuery:
			args.write(query, input.Name, fmt.Sprint(value))
		case specs.InForm:
			args.write(form, input.Name, fmt.Sprint(value))
		case specs.InJSON:
			object[input.Name] = value
		}
	}
	for name, value := range args.More {
		if op.Sends(specs.InForm) {
			form.Set(name, value)
		} else {
			query.Set(name, value)
		}
	}
	header := http.Header{"Accept": {"application/json, */*;q=0.5"}}
	for name, value := range args.Header {
		header.Set(name, value)
	}
	if err := op.present(args, query, form, header); err != nil {
		return nil, err
	}
	body, media, err := op.body(args, form, object)
	if err != nil {
		return nil, err
	}
	if media != "" && !args.NoMedia {
		header.Set("Content-Type", media)
	}
	at := op.URL()
	if args.Spelt != nil {
		if at, err = op.spelt(args.Spelt); err != nil {
			return nil, err
		}
	}
	if encoded := query.Encode(); encoded != "" {
		at.RawQuery = strings.TrimPrefix(at.RawQuery+"&"+encoded, "&")
	}
	if args.Query != "" {
		at.RawQuery = strings.TrimPrefix(at.RawQuery+"&"+args.Query, "&")
	}
	req, err := http.NewRequestWithContext(ctx, cmp.Or(args.Method, op.Method), at.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = header
	if args.breaks() || op.own || op.revoking != nil {
		return req, nil
	}
	return req, op.conforms(req, body)
}

// write puts an input among the parameters of a query or form.
func (a Args) write(parameters url.Values, name, value string) {
	under := cmp.Or(a.Renamed[name], name)
	parameters.Set(under, value)
	if a.Twice[name] {
		parameters.Add(under, value)
	}
	if another, again := a.Again[name]; again {
		parameters.Add(under, another)
	}
}

// breaks reports whether the request is meant to differ from what the document describes.
func (a Args) breaks() bool {
	return a.WithoutDoc || a.NoMedia || a.InBody || len(a.More) > 0 || a.Method+a.Query != "" || len(a.Inputs)+len(a.Twice)+len(a.Again)+len(a.Renamed) > 0 || a.Spelt != nil || len(a.Omit) > 0 || a.RawBody != nil || a.Trailing != "" || a.Media != "" || a.NoAuth || a.RawAuth != nil || len(a.Fields) > 0
}

// value decides what an input carries: what the caller says, what the variant fixes, a token, a credential.
func (op *Op) value(input specs.Input, args Args) (value any, given bool, err error) {
	if args.Omit[input.Name] {
		return nil, false, nil
	}
	if value, replaced := args.Inputs[input.Name]; replaced {
		return value, true, nil
	}
	if input.Fixed != "" {
		return input.Fixed, true, nil
	}
	if part := input.From.Proof; part != "" {
		text := args.Proof.part(part)
		return text, text != "", nil
	}
	if value, wanted := op.set.target.Parameter(op.Operation, input.Name); wanted {
		return value, true, nil
	}
	if !input.Required {
		return nil, false, nil
	}
	if kind := input.From.Token; kind != "" {
		token := args.Tokens[kind]
		for _, other := range input.Also {
			token = cmp.Or(token, args.Tokens[other])
		}
		if token == "" {
			return nil, false, fmt.Errorf("%w for %s", &NoToken{kind}, input.Name)
		}
		return token, true, nil
	}
	text, err := op.credential(input.From.Role, input.From.Field, args)
	return text, true, err
}

func (op *Op) credential(role, field string, args Args) (string, error) {
	if replaced, ok := args.Fields[field]; ok {
		return replaced, nil
	}
	if role == "" {
		role = args.acting()
	}
	if args.Credential != nil {
		if text, ok := args.Credential(role, field); ok {
			return text, nil
		}
	} else if text, ok := op.set.target.Credentials[role].Fields[field]; ok {
		return text, nil
	}
	return "", &NoCredential{role, field}
}

func (a Args) acting() string {
	if a.Role == "" {
		return Primary
	}
	return a.Role
}

// present puts tokens and credentials where the security schemes say.
func (op *Op) present(args Args, query, form url.Values, header http.Header) error {
	if args.RawAuth != nil {
		header.Set("Authorization", *args.RawAuth)
		return nil
	}
	if args.NoAuth || len(op.Auth) == 0 {
		return nil
	}
	auth := op.Auth[0]
	if args.Carrier != "" {
		i := slices.IndexFunc(op.Auth, func(candidate specs.Auth) bool { return candidate.Scheme == args.Carrier })
		if i < 0 { // a check that believes it used another place would show nothing
			return fmt.Errorf("it has no security scheme %s", args.Carrier)
		}
		auth = op.Auth[i]
	}
	if auth.Kind == specs.AuthBasic {
		user, err := op.credential("", auth.Fields[0], args)
		if err != nil {
			return err
		}
		if acts, known := op.set.dialect.Credential(args.acting()); known && !slices.Contains(acts.Fields, auth.Fields[1]) && op.Sends(specs.InForm) {
			form.Set(auth.Fields[0], user) // who has no secret says no more (RFC 6749 section 3.2.1)
			return nil
		}
		password, err := op.credential("", auth.Fields[1], args)
		if err != nil {
			return err
		}
		if args.InBody && op.Sends(specs.InForm) {
			form.Set(auth.Fields[0], user)
			form.Set(auth.Fields[1], password)
			return nil
		}
		if auth.Encoded && !args.Plain {
			user, password = url.QueryEscape(user), url.QueryEscape(password)
		}
		header.Set("Authorization", Basic(user, password))
		return nil
	}
	token := args.Tokens[auth.Carries]
	if token == "" {
		return &NoToken{auth.Carries}
	}
	switch auth.Kind {
	case specs.AuthBearer:
		header.Set("Authorization", "Bearer "+token)
	case specs.AuthQuery:
		query.Set(auth.Name, token)
	case specs.AuthHeader:
		header.Set(auth.Name, token)
	}
	return nil
}

// Basic is the Authorization header of RFC 7617 section 2.
func Basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func (op *Op) body(args Args, form url.Values, object map[string]any) (body []byte, media string, err error) {
	example := op.example(args.Unique)
	if op.revoking != nil {
		example = op.revoking.Fill(map[string]string{"access_token": args.Tokens["access"], "refresh_token": args.Tokens["refresh"]})
	}
	switch {
	case example != nil:
		media = "application/json"
		body, err = encodeJSON(example)
	case op.Sends(specs.InJSON):
		media = "application/json"
		body, err = encodeJSON(object)
		body = doubled(body, object, args.Twice)
	case op.Sends(specs.InForm):
		media = "application/x-www-form-urlencoded"
		body = []byte(form.Encode())
	}
	if args.RawBody != nil {
		body = []byte(*args.RawBody)
	}
	body = append(body, args.Trailing...)
	if args.Media != "" {
		media = args.Media
	}
	return body, media, err
}

// example is the body of an operation that takes one and has no inputs in it; nil for all others.
func (op *Op) example(unique string) any {
	if op.made == nil || op.Sends(specs.InJSON) || op.Sends(specs.InForm) {
		return nil
	}
	return op.made(cmp.Or(unique, Unique()))
}

// Unique is a short text that no other request of this run or another contains.
func Unique() string { return strings.ToLower(rand.Text()[:12]) }

// Sends reports whether any of the operation's inputs stands in a part of the request.
func (op *Op) Sends(part specs.Part) bool {
	return slices.ContainsFunc(op.Inputs, func(input specs.Input) bool { return input.In == part })
}

// doubled is a JSON object in which some of its members stand twice.
func doubled(object []byte, members map[string]any, twice map[string]bool) []byte {
	for name := range twice {
		if value, there := members[name]; there {
			again, err := encodeJSON(map[string]any{name: value})
			if err == nil {
				object = slices.Concat(again[:len(again)-1], []byte{','}, object[1:])
			}
		}
	}
	return object
}

// encodeJSON leaves <, > and & as they are: some servers compare secrets before they decode escapes.
func encodeJSON(object any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(object)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// conforms validates the request against the document, so that a request that the harness itself built
// wrongly is never held against the target.
func (op *Op) conforms(req *http.Request, body []byte) error {
	checked := req.Clone(req.Context())
	checked.Body = http.NoBody
	if len(body) > 0 {
		checked.Body = io.NopCloser(bytes.NewReader(body))
	}
	err := openapi3filter.ValidateRequest(req.Context(), &openapi3filter.RequestValidationInput{
		Request: checked,
		Route:   &routers.Route{Spec: op.set.dialect.Doc, Path: op.Path, PathItem: op.Item, Method: op.Method, Operation: op.Doc},
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true},
	})
	if err != nil {
		// the library's text contains the offending values: name the part, not the value
		text, _, _ := strings.Cut(err.Error(), ":")
		return fmt.Errorf("the request does not match the document (%s); is a value in the target file of the wrong form?", text)
	}
	return nil
}
