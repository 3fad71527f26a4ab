package target

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"gonogo/internal/spell"
	"gonogo/specs"
)

// Settings is what a document leaves to each implementation. All are optional; those of other dialects are
// accepted and mean nothing.
type Settings struct {
	// Issuer is who the target says it is in its metadata, letter by letter: base_url, where the file does not say.
	Issuer string

	// ActingUser is where an API answer names the user it acts for, compared with acts_as. Without it cases
	// about identity are not exercised.
	ActingUser Expression

	// RevokePath is where tokens are revoked, for documents that speak of revocation and name no path.
	RevokePath string

	// RevokeBody is what is sent there, for targets that want more than the access token in the header.
	RevokeBody *Body

	// RefreshScheme is how a refresh token stands in the Authorization header, for documents that do not
	// say: after the word Bearer, or bare. Empty: as the document models it.
	RefreshScheme string

	// Body is the media type of request bodies, for documents that do not say: json or form. Empty: as the
	// document models it.
	Body string

	// PKCE says what the target does with proof keys (RFC 7636), for documents that have them: none, supported, public
	// (required of clients without a secret) or required. Empty: nobody says. They are shown to it then, which does no harm to one that knows none, and not judged.
	PKCE string

	// AccessToken says what access tokens are, for documents that do not say: rfc9068, JWTs as RFC 9068 has them. Empty:
	// texts that mean something to the target alone.
	AccessToken string

	// Use names the operations that a token is tried on, instead of all that the document has for it: such
	// as this vendor serves, without harm. Those that create something need a body with a fresh name, unless
	// the document's example will do.
	Use []Use

	// Parameters are values, by operation and name, of inputs that the document leaves to each implementation, such
	// as a scope that a server wants named. They are sent where a case has no reason to send another.
	Parameters map[string]map[string]string
}

// The words of Settings.
const (
	SchemeBearer = "Bearer"
	SchemeBare   = "bare"
	BodyJSON     = "json"
	BodyForm     = "form"

	PKCENone      = "none"
	PKCESupported = "supported"
	PKCEPublic    = "public"
	PKCERequired  = "required"

	TokenRFC9068 = "rfc9068"
)

// Use is an operation that a token authorizes: "POST /path", or {method, path, body}.
type Use struct {
	Method string
	Path   string // after the base URL, with its query, if any
	Body   *Body  // takes ${unique}; nil: the documented operation's own serves
}

// Body is a JSON body whose texts can have placeholders.
type Body struct{ value any } // as JSON is decoded, with a template for each text

// Fill makes the body as JSON would decode it.
func (b *Body) Fill(values map[string]string) any { return filled(b.value, values) }

// Names reports whether the body has the value of a placeholder in it.
func (b *Body) Names(wanted string) bool { return names(b.value, wanted) }

func names(value any, wanted string) bool {
	switch v := value.(type) {
	case map[string]any:
		for _, member := range v {
			if names(member, wanted) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return names(item, wanted) })
	case template:
		return slices.ContainsFunc(v, func(p part) bool { return p.kind == placeholder && p.text == wanted })
	}
	return false
}

func filled(value any, values map[string]string) any {
	switch v := value.(type) {
	case map[string]any:
		made := make(map[string]any, len(v))
		for name, member := range v {
			made[name] = filled(member, values)
		}
		return made
	case []any:
		made := make([]any, len(v))
		for i, item := range v {
			made[i] = filled(item, values)
		}
		return made
	case template:
		return v.render(values, nil)
	default:
		return v
	}
}

func (r *reader) settings(f FileSettings) {
	s := &r.target.Settings
	s.Issuer = f.Issuer
	if u := r.absolute(f.Issuer, "https://login.example.com", httpSchemes, "settings", "issuer"); u != nil && (u.User != nil || strings.ContainsAny(f.Issuer, "?#")) {
		r.fail([]string{"settings", "issuer"}, "settings.issuer has a query, a fragment or a user, which no issuer has", "write it as the target's metadata have it")
	}
	s.ActingUser, s.RevokePath, s.RefreshScheme, s.Body = f.ActingUser, f.RevokePath, f.RefreshScheme, f.Body
	s.PKCE, s.AccessToken = f.PKCE, f.AccessToken
	if f.RevokeBody != nil {
		s.RevokeBody = &Body{r.templates(f.RevokeBody, "settings", "revoke_body")}
	}
	r.parameters(f.Parameters)
	for i, use := range f.Use {
		u := Use{Method: strings.ToUpper(use.Method), Path: use.Path}
		if use.Body != nil {
			u.Body = &Body{r.templates(use.Body, "settings", "use", strconv.Itoa(i), "body")}
		}
		s.Use = append(s.Use, u)
	}
}

// parameters reads which inputs the target wants to be given what the document does not fix.
func (r *reader) parameters(written map[string]map[string]string) {
	if r.dialect == nil || len(written) == 0 {
		return
	}
	inputs := map[string][]string{}
	for _, op := range r.dialect.Operations {
		for _, name := range endpointOf(op) {
			inputs[name] = append(inputs[name], openInputs(op, inputs[name])...)
		}
	}
	for _, operation := range slices.Sorted(maps.Keys(written)) {
		at := []string{"settings", "parameters", operation}
		known, there := inputs[operation]
		if !there {
			r.fail(at, named(at)+" is no operation of this dialect", spell.Hint(operation, slices.Sorted(maps.Keys(inputs)), "its operations are "))
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(written[operation])) {
			if !slices.Contains(known, name) {
				at := append(slices.Clip(at), name)
				r.fail(at, named(at)+" is nothing that the operation takes", spell.Hint(name, known, "it takes "))
			}
		}
	}
	r.target.Settings.Parameters = written
}

// openInputs are the inputs of an operation that the document neither fixes nor takes from anywhere, but for those known.
func openInputs(op *specs.Operation, known []string) (names []string) {
	for _, input := range op.Inputs {
		if input.Fixed == "" && input.From == (specs.Source{}) && !slices.Contains(known, input.Name) {
			names = append(names, input.Name)
		}
	}
	return names
}

// Parameter is what the target wants in an input of an operation; there is false where it wants nothing in particular.
func (t *Target) Parameter(op *specs.Operation, input string) (value string, there bool) {
	for _, name := range endpointOf(op) {
		if value, there = t.Settings.Parameters[name][input]; there {
			return value, true
		}
	}
	return "", false
}

// templates takes the texts of a body apart, in their places.
func (r *reader) templates(value any, path ...string) any {
	switch v := value.(type) {
	case map[string]any:
		for key, member := range v {
			v[key] = r.templates(member, slices.Concat(path, []string{key})...)
		}
	case []any:
		for i, item := range v {
			v[i] = r.templates(item, slices.Concat(path, []string{strconv.Itoa(i)})...)
		}
	case string:
		text := r.template(v, path...)
		r.target.inserted = append(r.target.inserted, text.inserted()...)
		return text
	}
	return value
}
