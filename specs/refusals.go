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
	NoCredentials   Break = "no-credentials"  // those of a security scheme are not there, or cannot be read
	WrongToken      Break = "token"           // well-formed, and nobody was given it, or it is of another kind
	MalformedToken  Break = "malformed-token" // text that is no token
	WrongVerifier   Break = "verifier"        // a code with another verifier than that of its challenge (RFC 7636)
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
	Manner      string        // the row that promises how it looks, where another promises that it is one; empty: that one
}

// ErrorAnswer is a row of the document's error table.
type ErrorAnswer struct {
	Name     string
	Status   int                // zero: any
	Schema   *openapi3.Schema   // of the body; nil: nothing is said of it
	Response *openapi3.Response // its headers and body; nil: nothing is said of them
}

type (
	errorExtension struct {
		Status   int    `json:"status"`
		Schema   string `json:"schema"`
		Response string `json:"response"`
	}
	refusalExtension struct {
		Answers     []string `json:"answers"`
		Requirement string   `json:"requirement"`
		Manner      string   `json:"manner"`
	}
)

// errors reads the error table.
func (b *builder) errors() {
	b.table, b.answered = map[string]ErrorAnswer{}, map[string]bool{}
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
		if row.Response != "" {
			if b.doc.Components != nil && b.doc.Components.Responses[row.Response] != nil {
				answer.Response = b.doc.Components.Responses[row.Response].Value
			} else {
				b.fail(b.src.at(extensionKey, "errors", name, "response"), fmt.Sprintf("there is no response %q", row.Response), "add it to components/responses")
			}
		}
		b.table[name] = answer
	}
}

// refusals reads what is said of refusals at a place, of an operation or of all of them; nil if nothing is.
func (b *builder) refusals(at ...string) map[Break]Refusal {
	var all map[Break]Refusal
	for _, broken := range b.src.keys(at...) {
		own := append(slices.Clone(at), broken)
		var said refusalExtension
		b.read(&said, own...)
		refusal := Refusal{Requirement: said.Requirement, Manner: said.Manner}
		for _, name := range said.Answers {
			if answer := b.answer(name, append(own, "answers")...); answer != nil {
				refusal.Answers = append(refusal.Answers, *answer)
			}
		}
		if all == nil {
			all = map[Break]Refusal{}
		}
		all[Break(broken)] = refusal
	}
	return all
}

// answer is a row of the error table; nil without a name.
func (b *builder) answer(name string, at ...string) *ErrorAnswer {
	if name == "" {
		return nil
	}
	answer, ok := b.table[name]
	if !ok {
		b.fail(b.src.at(at...), fmt.Sprintf("the error table has no row %q", name), "add it to errors, or use one of those")
	}
	b.answered[name] = true
	return &answer
}

// checkErrors wants every row of the error table to be the answer to something.
func (b *builder) checkErrors() {
	for _, name := range b.src.keys(extensionKey, "errors") {
		if !b.answered[name] {
			b.warn(b.src.at(extensionKey, "errors", name), fmt.Sprintf("no refusal is answered with the error %q", name), "name it in refusals, or remove it")
		}
	}
}

// Refusal is what the document says of how an operation refuses a request that is broken so: by itself, else of all
// operations. What it does not say of credentials that are not there it may say of such as are not right, and of a code with a wrong verifier
// what it says of one that is wrong itself.
func (d *Dialect) Refusal(op *Operation, why Break) Refusal {
	breaks := []Break{why}
	switch why {
	case NoCredentials:
		breaks = append(breaks, WrongSecret)
	case WrongVerifier:
		breaks = append(breaks, WrongToken)
	}
	for _, said := range []map[Break]Refusal{op.Refusals, d.Refusals} {
		for _, one := range breaks {
			if refusal, ok := said[one]; ok {
				return refusal
			}
		}
	}
	return Refusal{}
}

// Manners lists the rows that promise how refusals look, in a fixed order.
func (d *Dialect) Manners() []string {
	found := map[string]bool{}
	for _, refusal := range d.Refusals {
		found[refusal.Manner] = true
	}
	for _, op := range d.Operations {
		for _, refusal := range op.Refusals {
			found[refusal.Manner] = true
		}
	}
	delete(found, "")
	return sortedNames(found)
}

// breaks lists what something is said of, in a fixed order.
func breaks(said map[Break]Refusal) []Break {
	var all []Break
	for broken := range said {
		all = append(all, broken)
	}
	slices.Sort(all)
	return all
}
