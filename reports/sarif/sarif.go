// Package sarif writes a report in the Static Analysis Results Interchange Format 2.1.0 (OASIS), JSON that code scanning services and editors
// show at the lines that it is about: requirements are its rules, findings its results. It must never know how a verdict comes about.
//
// The types are its own: go-sarif writes a member for everything that it knows of, and brings a validator along that fetches its schema from
// the web.
package sarif

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/viewer"
	"gonogo/reports/words"
	"gonogo/specs"
)

const schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// maxText is the most that a message may take, in bytes: a target decides how long "got" becomes, and what shows results shows few lines of each.
const maxText = 4 << 10

// Write writes a decided report as one run. A result of level error that is not suppressed is there if and only if the exit code of the run is
// not 0: a service that closes what is not in the newest file must not take for mended what was not looked at.
func Write(w io.Writer, r *reports.Report) error {
	b := builder{report: r, index: map[string]int{}, seen: map[string]int{}, results: []result{}, rules: []rule{}}
	for _, suite := range viewer.Suites(r) {
		for _, t := range suite.Tests {
			b.add(suite, t)
		}
	}
	end := r.Started.Add(time.Duration(r.DurationMS) * time.Millisecond)
	return reports.Indented(w, log{Schema: schema, Version: "2.1.0", Runs: []run{{
		Tool:        tool{driver{Name: "gonogo", Version: r.Tool.Version, Rules: b.rules}},
		Automation:  automation{category(r)},
		Invocations: []invocation{{Successful: r.Complete, ExitCode: reports.ExitCode(r), Start: moment(r.Started), End: moment(end)}},
		Columns:     "unicodeCodePoints",
		Results:     b.results,
		Properties:  map[string]any{"verdict": r.Verdict, "complete": r.Complete},
	}}})
}

// category says of what this is the newest run, so that services keep runs of several dialects apart.
func category(r *reports.Report) string {
	text := "gonogo/"
	for _, d := range r.Dialects {
		text += whose(r, d) + "/"
	}
	return text
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

type builder struct {
	report  *reports.Report
	rules   []rule
	index   map[string]int // of a rule, by its id
	results []result
	seen    map[string]int // how many results have one identity
}

// add adds the results of a test: one for each finding of a case that violates something, else one for what is wrong.
func (b *builder) add(suite viewer.Suite, t viewer.Test) {
	kind, level := t.Kind, "error"
	var waived []suppression
	if t.Case != nil && t.Kind == string(reports.Waived) && t.Case.Waiver != nil {
		kind = string(t.Case.Waiver.Outcome)
		waived = []suppression{{"external", "accepted", words.Plain(prose.Waived(t.Case.Waiver))}}
	}
	switch {
	case kind == string(reports.Warn):
		level = "warning"
	case !t.Red() && waived == nil:
		return
	}
	if violates := kind == string(reports.Fail) || kind == string(reports.Warn); t.Case == nil || !violates || len(t.Case.Findings) == 0 {
		says := cmp.Or(t.Text, t.Message)
		if t.Case != nil {
			says = t.Case.Title + ": " + t.Message + "\n" + prose.Explain(suite.Dialect, t.Case.ID)
		}
		b.result(suite, t, result{RuleIndex: b.ruleOfRun(kind), Level: level, Suppressions: waived}, says, t.Where)
		return
	}
	for _, f := range t.Case.Findings {
		id := f.Requirement
		if id == "" {
			id = prose.Blamed(*t.Case)
		}
		one := result{RuleIndex: b.ruleOfRow(suite.Dialect, id, t.Case.Level), Level: level, Suppressions: waived, Related: b.row(suite.Dialect, id)}
		says := "\nsent " + f.Sent + "\n" + prose.Explain(suite.Dialect, t.Case.ID)
		f.Requirement = "" // the rule names it
		b.result(suite, t, one, t.Case.Title+": "+prose.Finding(f, "")+says, viewer.Where(suite.Dialect, f))
	}
}

// result completes one: what it says, where, and by what it is known again in a later run. Neither what came nor the line is part of that.
func (b *builder) result(suite viewer.Suite, t viewer.Test, r result, says, where string) {
	r.RuleID = b.rules[r.RuleIndex].ID
	r.Message.Text = literal(words.Cut(words.Lines(says), maxText, "text"))
	name := logical{FullName: t.Name, Kind: "member"}
	r.Locations = []location{{Physical: place(b.fileOf(suite.Dialect, where)), Logical: []logical{name}}}
	identity := strings.Join([]string{whose(b.report, suite.Dialect), t.Name, r.RuleID}, "\x00")
	b.seen[identity]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", identity, b.seen[identity]))
	// GitHub knows results again by this name of a fingerprint only, and works out one of its own from the line where it is missing.
	r.Fingerprints = map[string]string{"primaryLocationLineHash": hex.EncodeToString(sum[:8]) + ":1"}
	b.results = append(b.results, r)
}

// whose is a dialect in words that the next run has as well: a port of the loopback may be another then.
func whose(r *reports.Report, d *reports.Dialect) string {
	if d == nil {
		return ""
	}
	text := d.ID
	if d.Subject != "" {
		text += "/" + d.Subject
	}
	for _, other := range r.Dialects {
		if other != d && other.ID == d.ID && other.Subject == d.Subject {
			return text + "/" + d.Target.File
		}
	}
	return text
}

// fileOf is where a result is shown that names no file of the user's: every service wants a place.
func (b *builder) fileOf(d *reports.Dialect, where string) string {
	of := []reports.Target{}
	if d != nil {
		of = append(of, d.Target)
	}
	for _, d := range b.report.Dialects {
		of = append(of, d.Target)
	}
	for _, run := range b.report.Load {
		of = append(of, run.Target)
	}
	for _, t := range of {
		if where == "" {
			where = t.File
		}
	}
	return where
}

// place is nil where there is no file.
func place(where string) *physical {
	file, line := viewer.Place(where)
	if file == "" {
		return nil
	}
	at := url.URL{Path: filepath.ToSlash(filepath.Clean(file))}
	if filepath.IsAbs(file) {
		at = url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(at.Path, "/")}
	}
	return &physical{artifact{at.String()}, region{max(line, 1)}}
}

// row is the line of the user's own document that has the requirement.
func (b *builder) row(d *reports.Dialect, id string) []location {
	row := d.Requirement(id)
	if d.Document.File == "" || row == nil {
		return nil
	}
	if file, line := viewer.Place(row.Where); line > 0 && filepath.Clean(file) == filepath.Clean(d.Document.File) {
		return []location{{Physical: place(row.Where), Message: &message{literal("the requirement " + id)}}}
	}
	return nil
}

// ruleOfRow is a requirement as a rule; of one that the run did not select, only its id and the case's level are known.
func (b *builder) ruleOfRow(d *reports.Dialect, id string, level specs.Level) int {
	text := "the requirement " + id
	if row := d.Requirement(id); row != nil {
		text, level = row.Text, row.Level
	}
	severity := "error"
	if level == specs.Practice && b.report.Policy.Gate != specs.Practice {
		severity = "warning"
	}
	return b.rule(id, text, prose.Row(d, id)+"\n"+prose.Explain(d, id), severity, string(level), d.ID)
}

// rulesOfRun are what a run must hold to, beside the requirements.
var rulesOfRun = map[string]string{
	string(reports.CouldNotRun):  "every case that is to run can run",
	string(reports.Error):        "no case ends in a fault of gonogo",
	string(reports.NotExercised): "what the target promises is looked at",
	string(reports.Fail):         "what is asked of a run is kept",
	"no-result":                  "every planned case leaves a result",
	"incomplete":                 "a run comes to its end, and says all that it was asked for",
}

func (b *builder) ruleOfRun(kind string) int {
	text, known := rulesOfRun[kind]
	if !known {
		text = "a waiver says what is true: its last day is not over, it matches cases of its own, and they end as it says"
	}
	return b.rule("gonogo-"+kind, text, text, "error", "gonogo")
}

func (b *builder) rule(id, text, help, level string, tags ...string) int {
	if i, known := b.index[id]; known {
		return i
	}
	b.index[id] = len(b.rules)
	b.rules = append(b.rules, rule{
		ID: words.Plain(id), Short: message{literal(words.Short(text, 300))}, Full: message{literal(words.Cut(words.Plain(text), maxText, "text"))},
		Help: message{literal(words.Cut(words.Lines(help), maxText, "text"))}, Config: configuration{level}, Properties: properties{tags},
	})
	return len(b.rules) - 1
}

// In a message {0} would be filled in, and [text](target) be a link (§3.11.5, §3.11.6): what is foreign is neither.
var (
	placeholder = regexp.MustCompile(`\{(\d+)\}`)
	link        = regexp.MustCompile(`\[([^\[\]]*)\]\(`)
)

func literal(text string) string {
	return link.ReplaceAllString(placeholder.ReplaceAllString(text, "{{$1}}"), `\[$1\](`)
}
