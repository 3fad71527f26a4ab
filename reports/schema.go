package reports

import (
	_ "embed"
	"slices"
)

//go:embed report.schema.json
var reportSchema []byte

//go:embed line.schema.json
var lineSchema []byte

// Schema returns the JSON Schema (draft 2020-12) of the format json.
func Schema() []byte { return slices.Clone(reportSchema) }

// LineSchema returns the JSON Schema of one line of the format jsonl. It refers
// to the report's schema as report.schema.json beside it.
func LineSchema() []byte { return slices.Clone(lineSchema) }
