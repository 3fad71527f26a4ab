// Package reports holds what a run found: cases with their evidence, the
// arithmetic that turns them into a verdict and an exit code, waivers, and the
// report in its forms (JSON, JSONL, JUnit, HTML, Markdown, HAR, terminal). The
// words, the rules and the JSON names are those of the outside contract, version
// gonogo/report/1: they may be added to, never renamed. It holds the report of
// gonogo prove, too.
//
// The package must never know how a case was run: no engine, no HTTP, no
// dialect. Nor does it know a secret. Everything that it is handed has been
// redacted by whoever recorded it, and it writes out what it is given; it
// neither searches for secrets nor could recognise one.
package reports
