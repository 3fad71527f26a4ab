package specs

import (
	"fmt"
	"net/url"
	"strings"
)

// Metadata says what an operation of role metadata tells of its server: where its operations are, and what it can do.
type Metadata struct {
	// Inserted: the operation's path stands before the path of the issuer (RFC 8414 section 3.1); otherwise after it.
	Inserted bool               `json:"inserted"`
	Issuer   Pointer            `json:"issuer"`  // where the server says who it is
	Places   map[string]Pointer `json:"places"`  // operationId → where its address stands
	Grants   Advertised         `json:"grants"`  // which values of a fixed input it takes
	Clients  AdvertisedClients  `json:"clients"` // how clients may prove who they are
	Proofs   Pointer            `json:"proofs"`  // the methods of proof keys (RFC 7636) that it takes
	Scopes   Pointer            `json:"scopes"`  // the scopes that there are
}

// Advertised is a list of what a server can do, in its own words.
type Advertised struct {
	At        Pointer  `json:"at"`
	Input     string   `json:"input"`     // the input whose fixed values these are
	Absent    []string `json:"absent"`    // what the list is taken to be where it is not there
	Elsewhere []string `json:"elsewhere"` // words that are about other operations
}

// AdvertisedClients is a list of ways to present a client's credentials.
type AdvertisedClients struct {
	At     Pointer  `json:"at"`
	Absent []string `json:"absent"`
	Basic  string   `json:"basic"` // the word for HTTP Basic
	Form   string   `json:"form"`  // the word for the form
}

// MetadataURL is where an issuer has its metadata, by the operation that gives them. A slash at the end of the issuer's path
// does not count.
func (op *Operation) MetadataURL(issuer *url.URL) *url.URL {
	at := *issuer
	at.RawQuery, at.Fragment = "", ""
	own := strings.TrimRight(issuer.EscapedPath(), "/")
	path := own + op.Path
	if op.Metadata.Inserted {
		path = op.Path + own
	}
	at.RawPath = path
	at.Path, _ = url.PathUnescape(path)
	return &at
}

// Fixed is what an input is fixed to in a variant; empty: it is not.
func (op *Operation) Fixed(input string) string {
	in, _ := op.Input(input)
	return in.Fixed
}

// checkMetadata wants everything that is read of the metadata to be in the operation's success schema.
func (b *builder) checkMetadata(op *Operation) {
	said := op.Metadata
	switch {
	case op.Role == RoleMetadata && said == nil:
		b.fail(op.At, "a metadata operation must say what its answer tells", "add tells: {issuer: /…, places: {operationId: /…}}")
	case op.Role != RoleMetadata && said != nil:
		b.fail(b.atOp(op, "tells"), "only metadata tell where operations are", "remove it, or say role: metadata")
	}
	if op.Role != RoleMetadata || said == nil {
		return
	}
	pointers := []Pointer{said.Issuer, said.Grants.At, said.Clients.At, said.Proofs, said.Scopes}
	for _, name := range sortedNames(said.Places) {
		pointers = append(pointers, said.Places[name])
		if len(b.dialect.Named(name)) == 0 {
			b.fail(b.atOp(op, "tells", "places", name), fmt.Sprintf("there is no operation %q", name), "use an operationId of an operation with x-gonogo")
		}
	}
	for _, at := range pointers {
		if at != "" && op.answerAt(at) == nil {
			b.fail(b.atOp(op, "tells"), fmt.Sprintf("the success schema of %s %s has no %s", op.Method, op.Path, at), "correct the pointer, or add the property to the schema")
		}
	}
}

// Named lists the operations with an id or an operationId.
func (d *Dialect) Named(name string) []*Operation {
	var found []*Operation
	for _, op := range d.Operations {
		if op.ID == name || op.Doc != nil && op.Doc.OperationID == name {
			found = append(found, op)
		}
	}
	return found
}
