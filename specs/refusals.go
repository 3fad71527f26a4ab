package specs

import (
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// Break is what is wrong with a request that must be refused.
type Break string

// The ways to break a request that a document can say something of.
const (
	Unauthenticated Break = "unauthenticated" // an operation that a token authorizes, without one that does
	WrongSecret     Break = "credentials"     // credentials that are not right
	WrongToken      Break = "token"           // well-formed, and nobody was given it, or it is of another kind
	MalformedToken  Break = "malformed-token" // text that is no token
	Missing         Break = "missing"         // a required input is not there
	WrongType       Break = "wrong-type"      // an object or an array where a text belongs
	OddValue        Break = "odd-value"       // an empty text, a number or null: some call it wrong, some unknown
	NotJSON         Break = "not-json"        // a body that is not JSON
	NotAnObject     Break = "not-an-object"   // a body that is empty, or JSON and not an object
	Outsider        Break = "outsider"        // from an address that is not on the account's list
)

// Refusal is what the document says of how a broken request is refused.
type Refusal struct {
	Answers     []ErrorAnswer // any of these
	Requirement string        // the row that promises it; empty: the operation's own
}

// ErrorAnswer is a row of the document's error table.
type ErrorAnswer struct {
	Name   string
	Status int
	Schema *openapi3.Schema // of the body; nil: nothing is said of it
}

type (
	errorExtension struct {
		Status int    `json:"status"`
		Schema string `json:"schema"`
	}
	refusalExtension struct {
		Answers     []string `json:"answers"`
		Requirement string   `json:"requirement"`
	}
)

func (b *builder) refusals() {
	b.dialect.Refusals = map[Break]Refusal{}
	table := map[string]ErrorAnswer{}
	for _, name := range b.src.keys(extensionKey, "errors") {
		var row errorExtension
		b.read(&row, extensionKey, "errors", name)
		answer := ErrorAnswer{Name: name, Status: row.Status}
		if row.Schema != "" {
			if b.doc.Components != nil && b.doc.Components.Schemas[row.Schema] != nil {
				answer.Schema = b.doc.Components.Schemas[row.Schema].Value
			} else {
				b.fail(b.src.at(extensionKey, "errors", name, "schema"), fmt.Sprintf("there is no schema %q", row.Schema), "add it to components/schemas")
			}
		}
		table[name] = answer
	}
	used := map[string]bool{}
	for _, broken := range b.src.keys(extensionKey, "refusals") {
		var said refusalExtension
		b.read(&said, extensionKey, "refusals", broken)
		refusal := Refusal{Requirement: said.Requirement}
		for _, name := range said.Answers {
			answer, ok := table[name]
			if !ok {
				b.fail(b.src.at(extensionKey, "refusals", broken, "answers"), fmt.Sprintf("the error table has no row %q", name), "add it to errors, or use one of those")
			}
			used[name] = true
			refusal.Answers = append(refusal.Answers, answer)
		}
		b.dialect.Refusals[Break(broken)] = refusal
	}
	for _, name := range b.src.keys(extensionKey, "errors") {
		if !used[name] {
			b.warn(b.src.at(extensionKey, "errors", name), fmt.Sprintf("no refusal is answered with the error %q", name), "name it in refusals, or remove it")
		}
	}
}

// Breaks lists what the document says something of, in a fixed order.
func (d *Dialect) Breaks() []Break {
	var all []Break
	for broken := range d.Refusals {
		all = append(all, broken)
	}
	slices.Sort(all)
	return all
}
