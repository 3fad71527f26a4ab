// Package reports holds what a run found: cases with their evidence, what came of a load, the arithmetic that turns them
// into outcomes, counts, a verdict and an exit code, waivers, and the report as JSON and JSONL. Each other form is a
// package below it: terminal, html, markdown, junit, har.
//
// The words, the rules and the JSON names are those of the format gonogo/report/1 (docs/reports.md): they may be added
// to, never renamed.
//
// The package must never know how a case was run: no engine, no HTTP, no dialect. Nor does it know a secret. Everything
// that it is handed has been redacted by whoever recorded it, and it writes out what it is given; it neither searches for
// secrets nor could recognise one.
package reports
