package target

import (
	"slices"
	"strconv"
	"strings"
)

// Settings is what a document leaves to each implementation. All are optional; those of other dialects are
// accepted and mean nothing.
type Settings struct {
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

	// Use names the operations that a token is tried on, instead of all that the document has for it: such
	// as this vendor serves, without harm. Those that create something need a body with a fresh name, unless
	// the document's example will do.
	Use []Use
}

// The words of Settings.
const (
	SchemeBearer = "Bearer"
	SchemeBare   = "bare"
	BodyJSON     = "json"
	BodyForm     = "form"
)

// Use is an operation that a token authorizes: "POST /path", or {method, path, body}.
type Use struct {
	Method string
	Path   string // after the base URL, with its query, if any

	body *bodyNode
}

// HasBody reports whether the file gives a body. Without one the documented operation's own serves.
func (u Use) HasBody() bool { return u.body != nil }

// Body makes the body as JSON would decode it, with unique in the place of each ${unique}; nil without one.
func (u Use) Body(unique string) any {
	if u.body == nil {
		return nil
	}
	return u.body.fill(map[string]string{"unique": unique})
}

// bodyNode is a value with templates at its leaves.
type bodyNode struct {
	members map[string]*bodyNode
	items   []*bodyNode
	text    template
	value   any // what is none of the three: a number, a bool, null
}

func (b *bodyNode) fill(values map[string]string) any {
	switch {
	case b.members != nil:
		made := make(map[string]any, len(b.members))
		for name, member := range b.members {
			made[name] = member.fill(values)
		}
		return made
	case b.items != nil:
		made := make([]any, len(b.items))
		for i, item := range b.items {
			made[i] = item.fill(values)
		}
		return made
	case b.text != nil:
		text, err := b.text.fill(values, nil)
		if err != nil {
			return b.text.String() // cannot be: only known placeholders are read
		}
		return text
	default:
		return b.value
	}
}

// Body is a JSON body with placeholders.
type Body struct{ node *bodyNode }

// Fill makes the body as JSON would decode it.
func (b *Body) Fill(values map[string]string) any { return b.node.fill(values) }

func (r *reader) settings(f FileSettings) {
	s := &r.target.Settings
	s.ActingUser, s.RevokePath, s.RefreshScheme, s.Body = f.ActingUser, f.RevokePath, f.RefreshScheme, f.Body
	if f.RevokeBody != nil {
		s.RevokeBody = &Body{r.body(f.RevokeBody, "settings", "revoke_body")}
	}
	for i, use := range f.Use {
		u := Use{Method: strings.ToUpper(use.Method), Path: use.Path}
		if use.Body != nil {
			u.body = r.body(use.Body, "settings", "use", strconv.Itoa(i), "body")
		}
		s.Use = append(s.Use, u)
	}
}

// body takes the texts of a body apart.
func (r *reader) body(value any, path ...string) *bodyNode {
	made := &bodyNode{}
	switch v := value.(type) {
	case map[string]any:
		made.members = map[string]*bodyNode{}
		for key, member := range v {
			made.members[key] = r.body(member, slices.Concat(path, []string{key})...)
		}
	case []any:
		made.items = []*bodyNode{}
		for i, item := range v {
			made.items = append(made.items, r.body(item, slices.Concat(path, []string{strconv.Itoa(i)})...))
		}
	case string:
		made.text = r.template(v, path...)
		r.target.inserted = append(r.target.inserted, made.text.inserted()...)
	default:
		made.value = v
	}
	return made
}
