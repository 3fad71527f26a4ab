package load

import (
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// call is an operation with what its requests are made from and its answers read by.
type call struct {
	op       *operation.Op
	template *template
	unique   bool // each request has a text of its own

	pick     pick
	tokens   [2]int   // where what was picked has the access and the refresh token; -1: not in these answers
	valid    int      // where it has what a validate answer says; -1: it says nothing
	suspects []int    // where it has members that only an error has
	tells    [][]byte // those members' names as they stand in a body
	bears    [2]bool  // which tokens an answer carries
}

// newCall finds out how an operation's answers are read.
func newCall(d *specs.Dialect, op *operation.Op) *call {
	c := &call{op: op, tokens: [2]int{-1, -1}, valid: -1}
	for i, name := range kindNames {
		if kind, ok := d.Token(name); ok && grants(op) {
			if _, redirected := kind.At.InLocation(); !redirected {
				c.tokens[i] = c.pick.add(kind.At.Steps())
			}
		}
	}
	if op.Says != nil {
		c.valid = c.pick.add(op.Says.Valid.Steps())
	}
	for _, name := range errorMembers(d, op) {
		c.suspects = append(c.suspects, c.pick.add([]string{name}))
		c.tells = append(c.tells, strconv.AppendQuote(nil, name))
	}
	return c
}

// byCode reports whether a call exchanges what a user's consent gave.
func (c *call) byCode() bool { return c != nil && c.op.Role == specs.RoleExchange }

// bears says which tokens a grant has.
func bears(g *client.Grant) [2]bool {
	return [2]bool{g.Value(client.Access) != "", g.Value(client.Refresh) != ""}
}

// errorMembers are the members at the top of a body by which an error is told under any status: the standard's (RFC
// 6749 section 5.2), and those that every error of the document must have and no success of it may.
func errorMembers(d *specs.Dialect, op *operation.Op) []string {
	names := []string{"error"}
	for _, refusal := range d.Refusals {
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
