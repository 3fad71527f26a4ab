package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// WriteJSON writes a decided report as one indented JSON value, the format
// json.
func WriteJSON(w io.Writer, r *Report) error { return Indented(w, r) }

// Indented writes a value as JSON that people can read, as all reports in JSON are.
func Indented(w io.Writer, v any) error {
	e := encoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// encoder leaves <, > and & alone: a report is no web page, and a curl line
// should read as it is typed.
func encoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}

// Read reads a report in either of the formats json and jsonl. Members that it
// does not know are additions of a later version and are skipped; a word
// outside the closed lists is an error.
func Read(from io.Reader) (*Report, error) {
	data, err := io.ReadAll(from)
	if err != nil {
		return nil, fmt.Errorf("the report cannot be read: %w", err)
	}
	var first struct {
		Type string `json:"type"`
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&first); err == nil && first.Type != "" {
		return readJSONL(bytes.NewReader(data))
	}
	return readJSON(data)
}

func readJSON(data []byte) (*Report, error) {
	r := &Report{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, notAReport(err)
	}
	if r.Schema != SchemaID {
		return nil, wrongSchema(r.Schema)
	}
	if err := r.checkWords(); err != nil {
		return nil, err
	}
	r.tidy()
	return r, nil
}

func notAReport(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("this is no whole JSON value (byte %d: %v); give a report that a run has finished writing, or its jsonl", syntax.Offset, err)
	case errors.As(err, &kind):
		return fmt.Errorf("this is no report: %s cannot hold a JSON %s; give a file that gonogo wrote with --report json=FILE", kind.Field, kind.Value)
	}
	return fmt.Errorf("this is no report: %w", err)
}

func wrongSchema(got string) error {
	return fmt.Errorf("this is no report of the schema %s (schema is %q); give a file that gonogo wrote with --report json=FILE", SchemaID, got)
}

// checkWords refuses words outside the closed lists of the format, of which
// nobody could say what they do to the verdict.
func (r *Report) checkWords() error {
	if !r.Verdict.Valid() {
		return fmt.Errorf("the report's verdict %q is none of go, no-go, incomplete", r.Verdict)
	}
	if i := slices.Index(r.Load, nil); i >= 0 {
		return fmt.Errorf("load run %d of the report is null", i+1)
	}
	for i, d := range r.Dialects {
		if d == nil {
			return fmt.Errorf("dialect %d of the report is null", i+1)
		}
		if !d.Verdict.Valid() {
			return fmt.Errorf("the verdict %q of %s is none of go, no-go, incomplete", d.Verdict, d.ID)
		}
		for _, row := range d.Requirements {
			if !row.Outcome.Valid() || !row.Level.Valid() {
				return fmt.Errorf("requirement %s has the level %q and the outcome %q, which the report format does not know", row.ID, row.Level, row.Outcome)
			}
		}
		for _, t := range d.Threats {
			if !slices.Contains(ThreatStates(), t.State) {
				return fmt.Errorf("threat %s has the state %q, which the report format does not know", t.ID, t.State)
			}
		}
		if err := d.Lives.checkWords(); err != nil {
			return err
		}
		for _, c := range d.Cases {
			if err := c.checkWords(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c Case) checkWords() error {
	if !c.Outcome.Valid() || !c.Level.Valid() {
		return fmt.Errorf("case %s has the level %q and the outcome %q, which the report format does not know", c.ID, c.Level, c.Outcome)
	}
	return nil
}

// marshal is json.Marshal with the encoder's ways.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	err := encoder(&b).Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
