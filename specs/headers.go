package specs

import (
	"encoding/json"

	"github.com/getkin/kin-openapi/openapi3"
)

// HeaderRow is the row that promises a header of a response; empty: it is promised as the rest of the answer is.
func HeaderRow(header *openapi3.Header) string {
	var said struct {
		Requirement string `json:"requirement"`
	}
	text, err := json.Marshal(header.Extensions[extensionKey])
	if err == nil {
		err = json.Unmarshal(text, &said)
	}
	if err != nil {
		return "" // checkExtensions says so
	}
	return said.Requirement
}

// HeaderRows lists the rows that promise headers of the operation's answers, in a fixed order.
func (op *Operation) HeaderRows() []string {
	found := map[string]bool{}
	if op.Doc == nil || op.Doc.Responses == nil {
		return nil
	}
	for _, response := range op.Doc.Responses.Map() {
		if response.Value == nil {
			continue
		}
		for _, header := range response.Value.Headers {
			if header.Value != nil {
				found[HeaderRow(header.Value)] = true
			}
		}
	}
	delete(found, "")
	return sortedNames(found)
}
