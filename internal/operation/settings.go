package operation

import (
	"net/url"
	"slices"
	"strings"

	"gonogo/internal/target"
	"gonogo/specs"
)

// settle makes of a documented operation what the target file says of the things that the document leaves to
// each implementation: where it is, and how its inputs and its token stand in the request.
func (op *Op) settle(t *target.Target) {
	path, _ := t.Endpoint(op.Operation)
	if path != op.Path {
		elsewhere := *op.Operation
		elsewhere.Path, op.Operation = path, &elsewhere
	}
	if op.Setting != "" {
		path = t.Settings.RevokePath
	}
	op.url = join(op.set.server(op.Server), path)
	if place := t.Place(op.Operation); place != nil {
		op.url = place
	} else if issuer, err := url.Parse(t.Issuer()); err == nil && op.Role == specs.RoleMetadata && path == op.Path {
		op.url = op.MetadataURL(issuer)
	}
	if op.Role == specs.RoleRevoke {
		op.revoking = t.Settings.RevokeBody
	}
	if t.Settings.Body == "" && t.Settings.RefreshScheme == "" {
		return
	}
	settled := *op.Operation
	settled.Inputs, settled.Auth = slices.Clone(op.Inputs), slices.Clone(op.Auth)
	if in := map[string]specs.Part{target.BodyJSON: specs.InJSON, target.BodyForm: specs.InForm}[t.Settings.Body]; in != "" && op.TakesBodyAs(in) {
		for i, input := range settled.Inputs {
			if input.In != specs.InQuery {
				settled.Inputs[i].In = in
			}
		}
	}
	for i, auth := range settled.Auth {
		if auth.Setting != "" && t.Settings.RefreshScheme == target.SchemeBare {
			settled.Auth[i].Kind, settled.Auth[i].Name = specs.AuthHeader, "Authorization"
		}
	}
	op.Operation = &settled
}

// NamesSession reports a revocation whose body, as the target file has it, says by a token which session ends. Whether
// the target looks at the header as well no document says then.
func (op *Op) NamesSession() bool {
	return op.revoking != nil && (op.revoking.Names("access_token") || op.revoking.Names("refresh_token"))
}

// useInstead replaces the operations that a token is tried on by those that the target file names. One that the
// document has stays as it is, with the file's body if there is one.
func (s *Set) useInstead(named []target.Use) {
	documented := s.ByRole(specs.RoleUse)
	if len(documented) == 0 {
		return
	}
	at := slices.Index(s.all, documented[0])
	s.all = slices.DeleteFunc(s.all, func(op *Op) bool { return op.Role == specs.RoleUse })
	for i, use := range named {
		path, query, _ := strings.Cut(use.Path, "?")
		op := &Op{set: s, own: true}
		if known := slices.IndexFunc(documented, func(op *Op) bool { return op.Method == use.Method && op.Path == use.Path }); known >= 0 {
			op.Operation, op.made, op.own = documented[known].Operation, documented[known].made, use.Body != nil
		} else {
			like := *documented[0].Operation
			like.ID, like.Method, like.Path, like.Companion, like.Also = nameOf(use), use.Method, use.Path, false, nil
			like.Doc = nil
			op.Operation, op.made = &like, func(string) any { return nil }
		}
		if use.Body != nil {
			op.made = func(unique string) any { return use.Body.Fill(map[string]string{"unique": unique}) }
		}
		op.url = join(s.server(op.Server), path)
		op.url.RawQuery = query
		s.all = slices.Insert(s.all, at+i, op)
	}
}

// nameOf is an id for an operation that no document names: its method and the words of its path.
func nameOf(use target.Use) string {
	words := strings.FieldsFunc(strings.ToLower(use.Method+" "+use.Path), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(words, "-")
}

// fresh is an example with a text that no other request has in the place of each ${unique}.
func fresh(example any, unique string) any {
	switch v := example.(type) {
	case string:
		return strings.ReplaceAll(v, "${unique}", unique)
	case map[string]any:
		made := make(map[string]any, len(v))
		for name, member := range v {
			made[name] = fresh(member, unique)
		}
		return made
	case []any:
		made := make([]any, len(v))
		for i, item := range v {
			made[i] = fresh(item, unique)
		}
		return made
	default:
		return v
	}
}
