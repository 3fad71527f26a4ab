package operation

import (
	"cmp"
	"net/url"
	"strings"

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

// Account is the name of whoever an issue of tokens with these args is for: the user's where the operation takes a user's
// credentials, else the client's. Empty: the operation issues nothing, or the request is meant to differ from what the document
// describes.
func (op *Op) Account(args Args) string {
	plain := args
	plain.Fields, plain.InBody = nil, false
	if op.Role != specs.RoleIssue || plain.breaks() {
		return ""
	}
	role := args.acting()
	for _, input := range op.Inputs {
		if own, known := op.set.dialect.Credential(input.From.Role); known && (own.Registered || own.Human) {
			role = own.Role
		}
	}
	credential, known := op.set.dialect.Credential(role)
	if !known || len(credential.Fields) == 0 {
		return ""
	}
	name, err := op.credential(role, credential.Fields[0], args)
	if err != nil {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(name)) // targets may take names that differ in no more for one
}

func (a Args) acting() string {
	if a.Role == "" {
		return Primary
	}
	return a.Role
}
