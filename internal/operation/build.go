package operation

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
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
