package target

import (
	"strings"

	"gonogo/internal/yamlfile"
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
	kind    yamlfile.Kind
}

func (b *bodyNode) fill(values map[string]string) any {
	switch {
	case b.kind == yamlfile.Mapping:
		made := make(map[string]any, len(b.members))
		for name, member := range b.members {
			made[name] = member.fill(values)
		}
		return made
	case b.kind == yamlfile.List:
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

func (r *reader) settings(n *yamlfile.Node) {
	if n == nil {
		return
	}
	s := &r.target.Settings
	found := r.keys(n, "settings", "acting_user", "revoke_path", "revoke_body", "refresh_scheme", "body", "use")
	if found["acting_user"] != nil {
		s.ActingUser = r.expression(found["acting_user"], "settings.acting_user")
	}
	if found["revoke_path"] != nil {
		s.RevokePath = r.path(found["revoke_path"], "settings.revoke_path")
	}
	if body := found["revoke_body"]; body != nil {
		if made := r.wholeBody(body, "settings.revoke_body", `{refresh_token: "${refresh_token}"}`, "access_token", "refresh_token"); made != nil {
			s.RevokeBody = &Body{made}
		}
	}
	if found["refresh_scheme"] != nil {
		s.RefreshScheme, _ = r.word(found["refresh_scheme"], "settings.refresh_scheme", SchemeBearer, SchemeBare)
	}
	if found["body"] != nil {
		s.Body, _ = r.word(found["body"], "settings.body", BodyJSON, BodyForm)
	}
	if uses := found["use"]; uses != nil && r.is(uses, "settings.use", yamlfile.List) {
		if len(uses.Items) == 0 {
			r.fail(uses.Line, "settings.use is empty", "name an operation like GET /path, or remove the line")
		}
		for _, item := range uses.Items {
			s.Use = append(s.Use, r.use(item))
		}
	}
}

// path reads a path below the base URL.
func (r *reader) path(n *yamlfile.Node, at string) string {
	text, ok := r.filled(n, at)
	if ok && !validPath(text) {
		r.fail(n.Line, at+" "+yamlfile.Quote(n.Text)+" is not a path below base_url", "write it like /some/path")
		return ""
	}
	return text
}

func validPath(text string) bool {
	return strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") && !strings.ContainsAny(text, "# \t\r\n\\")
}

const useFix = "write it like POST /path, or {method: POST, path: /path, body: {name: value}}"

func (r *reader) use(n *yamlfile.Node) Use {
	const at = "settings.use"
	if n.Kind == yamlfile.Mapping {
		found := r.keys(n, at, "method", "path", "body")
		var u Use
		for _, key := range []string{"method", "path"} {
			if found[key] == nil {
				r.fail(n.Line, at+" has an entry without "+key, useFix)
			}
		}
		if found["method"] != nil {
			u.Method, _ = r.method(found["method"], at+".method")
		}
		if found["path"] != nil {
			u.Path = r.path(found["path"], at+".path")
		}
		if body := found["body"]; body != nil {
			u.body = r.wholeBody(body, at+".body", `{name: "value ${unique}"}`, "unique")
		}
		return u
	}
	text, ok := r.text(n, "an entry of "+at)
	if !ok {
		return Use{}
	}
	words := strings.Fields(text)
	if len(words) != 2 || !methodName.MatchString(words[0]) || !validPath(words[1]) {
		r.fail(n.Line, at+" "+yamlfile.Quote(n.Text)+" is not an operation", useFix)
		return Use{}
	}
	return Use{Method: words[0], Path: words[1]}
}

// Body is a JSON body with placeholders.
type Body struct{ node *bodyNode }

// Fill makes the body as JSON would decode it.
func (b *Body) Fill(values map[string]string) any { return b.node.fill(values) }

// wholeBody reads a body that may have the given placeholders.
func (r *reader) wholeBody(n *yamlfile.Node, at, example string, placeholders ...string) *bodyNode {
	if n.Kind != yamlfile.Mapping && n.Kind != yamlfile.List {
		r.fail(n.Line, at+" is "+n.Kind.String(), "write it as a mapping like "+example)
		return nil
	}
	return r.body(n, at, placeholders)
}

func (r *reader) body(n *yamlfile.Node, at string, placeholders []string) *bodyNode {
	made := &bodyNode{kind: n.Kind}
	switch n.Kind {
	case yamlfile.Mapping:
		made.members = map[string]*bodyNode{}
		for _, p := range r.pairs(n, at) {
			made.members[p.Key] = r.body(p.Value, yamlfile.Join(at, p.Key), placeholders)
		}
	case yamlfile.List:
		for _, item := range n.Items {
			made.items = append(made.items, r.body(item, at, placeholders))
		}
	case yamlfile.Scalar:
		switch v := n.Value.(type) {
		case int64:
			made.value = float64(v)
			return made
		case uint64:
			made.value = float64(v)
			return made
		case float64, bool:
			made.value = v
			return made
		}
		made.text, _ = r.expand(n, at, placeholders)
		if made.text == nil {
			made.text = template{} // the empty string, not null
		}
		r.target.inserted = append(r.target.inserted, made.text.inserted()...)
	}
	return made
}
