package operation

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"gonogo/internal/exchange"
	"gonogo/specs"
)

// headers holds what an answer says in its headers against a response. A header that comes more than once keeps its promise
// with any of its values, and a list of them with any of its members: WWW-Authenticate names a scheme after the other, and
// which one is looked at is the client's choice (RFC 9110 section 11.6.1).
func headers(response *openapi3.Response, x *exchange.Exchange) []Mismatch {
	var differs []Mismatch
	for _, name := range slices.Sorted(maps.Keys(response.Headers)) {
		header := response.Headers[name].Value
		if header == nil || strings.EqualFold(name, "Content-Type") && specs.OwnRow(header.Extensions) == "" { // which OpenAPI says by content
			continue
		}
		found := Mismatch{Header: name}
		values := x.Header.Values(name)
		switch {
		case len(values) == 0 && header.Required:
			found.Wanted, found.Got = "there", "no such header"
		case len(values) == 0 || header.Schema == nil || slices.ContainsFunc(values, func(value string) bool { return keeps(header.Schema.Value, value) }):
			continue
		default:
			found.Wanted, found.Got = worded(header), "another value"
			if len(values) > 1 {
				found.Got = strconv.Itoa(len(values)) + " other values"
			}
		}
		found.Requirement = specs.OwnRow(header.Extensions)
		differs = append(differs, found)
	}
	return differs
}

// worded says what a header should be, in the document's own words where it has some.
func worded(header *openapi3.Header) string {
	if header.Description != "" {
		return header.Description
	}
	if schema := header.Schema.Value; schema.Pattern != "" {
		return "text that matches " + schema.Pattern
	}
	return "what the document describes"
}

// keeps reports whether a header's value is what a schema wants: as text, or as the number that it is written as.
func keeps(schema *openapi3.Schema, value string) bool {
	var read any = strings.TrimSpace(value)
	if number, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil && !maybeText(schema) {
		read = number
	}
	return schema.VisitJSON(read, openapi3.VisitAsResponse(), uuids, uris, dateTimes) == nil
}

func maybeText(schema *openapi3.Schema) bool {
	return schema.Type == nil || len(*schema.Type) == 0 || schema.Type.Includes(openapi3.TypeString)
}
