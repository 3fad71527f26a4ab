package load

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
)

// Names of the token kinds that roles of operations imply: the standard's own words (RFC 6749 sections 1.4, 1.5),
// and documents' names for their kinds.
const (
	access  = "access"
	refresh = "refresh"
)

// script is what a document has for a run: its operations, and how their answers are read.
type script struct {
	dialect *specs.Dialect
	target  *target.Target
	ops     *operation.Set

	issue, refresh, use, validate *errand // nil: the document has none
	live                          *errand // how to find out whether an access token works: validate, or else use
	rotates                       bool    // a refresh token works once, by a promise that counts
}

// errand is an operation with what its answers are read by.
type errand struct {
	op       *operation.Op
	template *template
	scanner  scanner
	tokens   [2]int   // where found has the access and the refresh token; -1: not in these answers
	valid    int      // where found has what a validate answer says; -1: it says nothing
	suspects []int    // where found has members that only an error has
	tells    [][]byte // those members' names as they stand in a body
	bears    [2]bool  // which tokens an answer carries
	unique   bool     // each request has a text of its own
}

// newScript compiles what a scenario needs. Its errors are about the document or the target file.
func newScript(d *specs.Dialect, t *target.Target, gate specs.Level) (*script, error) {
	s := &script{dialect: d, target: t, ops: operation.Compile(d, t)}
	for role, into := range map[specs.Role]**errand{
		specs.RoleIssue: &s.issue, specs.RoleRefresh: &s.refresh, specs.RoleUse: &s.use, specs.RoleValidate: &s.validate,
	} {
		op := s.ops.First(role)
		if op == nil {
			continue
		}
		*into = s.errand(op)
	}
	if s.live = s.validate; s.live == nil {
		s.live = s.use
	}
	if flow := s.flow("rotation"); flow.Name != "" {
		row, _ := d.Requirement(flow.Requirement)
		s.rotates = !row.Level.Weaker(gate)
	}
	return s, nil
}

// errand finds out how an operation's answers are read.
func (s *script) errand(op *operation.Op) *errand {
	e := &errand{op: op, tokens: [2]int{-1, -1}, valid: -1}
	granting := op.Role == specs.RoleIssue || op.Role == specs.RoleRefresh
	for i, name := range []string{access, refresh} {
		if kind, ok := s.dialect.Token(name); ok && granting {
			if _, redirected := kind.At.InLocation(); !redirected {
				e.tokens[i] = e.scanner.add(kind.At.Steps())
			}
		}
	}
	if op.Says != nil {
		e.valid = e.scanner.add(op.Says.Valid.Steps())
	}
	for _, name := range s.errorMembers(op) {
		e.suspects = append(e.suspects, e.scanner.add([]string{name}))
		e.tells = append(e.tells, strconv.AppendQuote(nil, name))
	}
	return e
}

// errorMembers are the members at the top of a body by which an error is told under any status: the standard's (RFC
// 6749 section 5.2), and those that every error of the document must have and no success of it may.
func (s *script) errorMembers(op *operation.Op) []string {
	names := []string{"error"}
	for _, refusal := range s.dialect.Refusals {
		for _, answer := range refusal.Answers {
			for _, name := range required(answer.Schema) {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	if op.Doc == nil || op.Doc.Responses == nil {
		return names
	}
	for status, response := range op.Doc.Responses.Map() {
		if status[0] != '2' || response.Value == nil {
			continue
		}
		for _, content := range response.Value.Content {
			if content.Schema != nil {
				names = slices.DeleteFunc(names, func(name string) bool { return describes(content.Schema.Value, name) })
			}
		}
	}
	return names
}

// required are the members that a schema, or a part of it that always holds, asks for.
func required(schema *openapi3.Schema) []string {
	if schema == nil {
		return nil
	}
	names := slices.Clone(schema.Required)
	for _, part := range schema.AllOf {
		names = append(names, required(part.Value)...)
	}
	return names
}

// describes reports whether a schema speaks of a member.
func describes(schema *openapi3.Schema, name string) bool {
	if schema == nil {
		return false
	}
	if schema.Properties[name] != nil {
		return true
	}
	for _, list := range []openapi3.SchemaRefs{schema.AllOf, schema.AnyOf, schema.OneOf} {
		if slices.ContainsFunc(list, func(part *openapi3.SchemaRef) bool { return describes(part.Value, name) }) {
			return true
		}
	}
	return false
}

// fits reports why a scenario cannot be had from the document and the target; nil if it can.
func (s *script) fits(sc Scenario) error {
	what := fmt.Sprintf("--scenario %s", sc)
	if s.issue == nil {
		return fmt.Errorf("%s: the document has no operation that issues tokens against credentials, so there is nothing to begin with", what)
	}
	for p, e := range map[part]*errand{validatePart: s.live, usePart: s.use, refreshPart: s.refresh} {
		if sc.has(p) && e == nil {
			return fmt.Errorf("%s: the document has no operation for %s", what, partNames[p])
		}
	}
	if sc.Name == stormScenario {
		if s.target.Clock == nil {
			return fmt.Errorf("%s: everybody's token ends in the same second when the target's clock is moved, and the target file has no way to; add clock: {advance: …}", what)
		}
	}
	return nil
}

// errands are those that the document has.
func (s *script) errands() []*errand {
	var all []*errand
	for _, e := range []*errand{s.issue, s.refresh, s.use, s.validate} {
		if e != nil {
			all = append(all, e)
		}
	}
	return all
}

// compile makes the templates, once the credentials are known.
func (s *script) compile(agent string) error {
	for _, e := range s.errands() {
		var err error
		if e.template, err = newTemplate(e.op, s.target.Headers, agent); err != nil {
			return err
		}
		e.unique = e.template.takes(uniqueGap)
	}
	return nil
}

// widest is how many values the answers of any operation are looked through for.
func (s *script) widest() int {
	widest := 0
	for _, e := range s.errands() {
		widest = max(widest, e.scanner.names)
	}
	return widest
}
