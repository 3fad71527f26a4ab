// Package operation compiles a document's operations: it builds their requests and reads their answers.
//
// It knows documents and targets. It must never know why a request is sent or what verdict its answer earns.
package operation

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"gonogo/internal/target"
	"gonogo/specs"
)

// Set is the operations of one dialect, aimed at one target.
type Set struct {
	dialect *specs.Dialect
	target  *target.Target
	all     []*Op
}

// Op is one operation variant, aimed at a target.
type Op struct {
	*specs.Operation
	set      *Set
	url      *url.URL                // without query, except for one that the target file names
	made     func(unique string) any // the body of an operation that is used, nil for none
	revoking *target.Body            // what the target wants to be told of the session that ends; nil: nothing
	own      bool                    // the target file names it: the document says nothing of its requests
}

// Compile aims a dialect's operations at a target. With a nil target the operations can be listed but build
// nothing.
func Compile(dialect *specs.Dialect, t *target.Target) *Set {
	set := &Set{dialect: dialect, target: t}
	for _, doc := range dialect.Operations {
		if t != nil {
			if _, has := t.Endpoint(doc); !has {
				continue
			}
		}
		op := &Op{Operation: doc, set: set, made: func(unique string) any { return fresh(doc.Body, unique) }}
		if t != nil {
			op.settle(t)
		}
		set.all = append(set.all, op)
	}
	if t != nil && len(t.Endpoints) > 0 {
		set.withoutUnfed()
	}
	if t != nil && len(t.Settings.Use) > 0 {
		set.useInstead(t.Settings.Use)
	}
	return set
}

// withoutUnfed leaves out the operations that take tokens which no operation hands out: what exchanges a code where nobody is asked for
// one, and what refreshes the tokens that came of that.
func (s *Set) withoutUnfed() {
	for before := -1; before != len(s.all); {
		before = len(s.all)
		s.all = slices.DeleteFunc(slices.Clone(s.all), func(op *Op) bool {
			if op.Role != specs.RoleExchange && op.Role != specs.RoleRefresh {
				return false
			}
			return slices.ContainsFunc(s.dialect.Tokens, func(kind specs.TokenKind) bool {
				_, takes := op.TakenBy(kind.Name)
				_, carries := op.Carrier(kind.Name)
				return (takes || carries) && len(s.Sources(kind.Name)) == 0
			})
		})
	}
}

// Sources are the operations that hand out tokens of a kind to who has none of it.
func (s *Set) Sources(name string) []*Op {
	kind, _ := s.dialect.Token(name)
	return slices.DeleteFunc(slices.Clone(s.all), func(op *Op) bool {
		return op.Yields != name && (op.Role != specs.RoleIssue && op.Role != specs.RoleExchange || !op.HandsOut(kind))
	})
}

// server is where the target puts a server that the document names.
func (s *Set) server(name string) *url.URL {
	if u := s.target.Servers[name]; u != nil {
		return u
	}
	return s.target.BaseURL
}

// join appends a documented path to a base that may have a path of its own, escapes and all.
func join(base *url.URL, path string) *url.URL {
	joined := *base
	joined.RawPath = strings.TrimSuffix(base.EscapedPath(), "/") + (&url.URL{Path: path}).EscapedPath()
	joined.Path = strings.TrimSuffix(base.Path, "/") + path
	return &joined
}

// ByRole lists the operations of a role in document order.
func (s *Set) ByRole(role specs.Role) []*Op {
	return slices.DeleteFunc(slices.Clone(s.all), func(op *Op) bool { return op.Role != role })
}

// First is the first operation of a role, or nil.
func (s *Set) First(role specs.Role) *Op {
	if found := s.ByRole(role); len(found) > 0 {
		return found[0]
	}
	return nil
}

// Find is an operation by id or operationId, or nil.
func (s *Set) Find(id string) *Op {
	for _, op := range s.all {
		if op.ID == id || op.Doc != nil && op.Doc.OperationID == id {
			return op
		}
	}
	return nil
}

// All lists the operations in document order.
func (s *Set) All() []*Op { return s.all }

// URL is where the operation lives, without query.
func (op *Op) URL() *url.URL { u := *op.url; return &u }

// spelt is where the operation lives, with its own part of the path written in another way. A path that comes before it, of the base
// URL, stays.
func (op *Op) spelt(spell func(path string) string) (*url.URL, error) {
	at := op.URL()
	own := (&url.URL{Path: op.Path}).EscapedPath()
	before, found := strings.CutSuffix(at.EscapedPath(), own)
	if !found { // the target file names the path
		before, own = "", at.EscapedPath()
	}
	path := before + spell(own)
	plain, err := url.PathUnescape(path)
	at.Path, at.RawPath = plain, path
	return at, err
}

// Name is the operation as people know it: its method and path, with the fixed values that tell variants
// apart.
func (op *Op) Name() string {
	var fixed []string
	for _, input := range op.Inputs {
		if input.Fixed != "" {
			fixed = append(fixed, input.Name+"="+input.Fixed)
		}
	}
	if len(fixed) == 0 {
		return op.Method + " " + op.Path
	}
	return fmt.Sprintf("%s %s (%s)", op.Method, op.Path, strings.Join(fixed, ", "))
}

// TakenBy is the input that a token kind goes into, if the operation takes one.
func (op *Op) TakenBy(kind string) (specs.Input, bool) {
	for _, input := range op.Inputs {
		if input.Takes(kind) {
			return input, true
		}
	}
	return specs.Input{}, false
}

// Carrier is the first security scheme that carries a token kind.
func (op *Op) Carrier(kind string) (specs.Auth, bool) {
	for _, auth := range op.Auth {
		if auth.Carries == kind {
			return auth, true
		}
	}
	return specs.Auth{}, false
}
