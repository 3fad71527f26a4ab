package reports_test

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"gonogo/reports"
	"gonogo/reports/terminal"
	"gonogo/reports/testdata/samples"
)

func schemas(t *testing.T) (report, line *jsonschema.Schema) {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for name, text := range map[string][]byte{"report.schema.json": reports.Schema(), "line.schema.json": reports.LineSchema()} {
		schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("https://gonogo.invalid/schemas/"+name, schema); err != nil {
			t.Fatal(err)
		}
	}
	return c.MustCompile("https://gonogo.invalid/schemas/report.schema.json"), c.MustCompile("https://gonogo.invalid/schemas/line.schema.json")
}

func valid(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestJSONKeepsItsSchemaAndComesBack(t *testing.T) {
	schema, _ := schemas(t)
	for name, r := range samples.Variety() {
		text := asJSON(t, r)
		if err := valid(t, schema, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		back, err := reports.Read(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !reflect.DeepEqual(back, r) {
			t.Errorf("%s came back as\n%s\nfrom\n%s", name, asJSON(t, back), text)
		}
	}
}

func TestJSONHasTheContractsNames(t *testing.T) {
	text := asJSON(t, samples.Report())
	for _, want := range []string{
		`"schema": "gonogo/report/1"`, `"started": "2026-11-21T10:00:00Z"`, `"duration_ms": 3456`, `"complete": false`, `"verdict": "no-go"`,
		`"not-applicable": 0,`, `"could-not-run": 2,`, `"waiver": null`, `"exchange": 0`, `"exchange": null`, `"load": []`, `"base_url": "http://127.0.0.1:8080"`,
		`"curl": "curl -X POST http://127.0.0.1:8080/v2/auth/refresh -d '{\"refresh_token\":\"‹refresh 3f2a›\"}'"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	schema, _ := schemas(t)
	good := asJSON(t, samples.Report())
	for _, row := range [][2]string{
		{`"schema": "gonogo/report/1"`, `"schema": "gonogo/report/2"`},
		{`"verdict": "no-go"`, `"verdict": "nogo"`},
		{`"verdict": "no-go"`, `"verdict": "go"`}, // complete is false
		{`"outcome": "could-not-run"`, `"outcome": "skipped"`},
		{`"level": "practice"`, `"level": "optional"`},
		{`"needs": []`, `"needs": null`},
		{`"needs": []`, `"needs": ["money"]`},
		{`"load": []`, `"load": null`},
		{`"waiver": null`, `"waiver": {}`},
		{`"polarity": "negative"`, `"polarity": "neutral"`},
		{`"error": 0`, `"errors": 0`},
		{`"started": "2026-11-21T10:00:00Z"`, `"started": "yesterday"`},
		{`"outcome": "waived",
          "reason"`, `"outcome": "fail", "reason"`},
	} {
		bad := strings.Replace(good, row[0], row[1], 1)
		if bad == good {
			t.Fatalf("%s is not in the sample", row[0])
		}
		if valid(t, schema, bad) == nil {
			t.Errorf("%s in place of %s is accepted", row[1], row[0])
		}
	}
	if err := valid(t, schema, strings.Replace(good, `"verdict"`, `"addition": {"x": 1}, "verdict"`, 1)); err != nil {
		t.Errorf("an addition is refused: %v", err)
	}
}

func TestBodiesAreCutAndMarked(t *testing.T) {
	r := samples.Report()
	body := r.Dialects[0].Cases[1].Exchanges[0].Response.Body
	if len(body) > reports.BodyLimit || !strings.HasSuffix(body, "… [cut: the whole body has 10000 bytes]") || !strings.HasPrefix(body, "üü") || strings.ContainsRune(body, '\uFFFD') {
		t.Errorf("a body of 10000 bytes became %d: …%s", len(body), body[len(body)-60:])
	}
	reports.Decide(r, r.Policy)
	if again := r.Dialects[0].Cases[1].Exchanges[0].Response.Body; again != body {
		t.Error("it was cut twice")
	}
	whole := samples.Report()
	whole.Dialects[0].Cases[1].Exchanges[0].Response.Body = strings.Repeat("x", reports.BodyLimit)
	reports.Decide(whole, whole.Policy)
	if got := whole.Dialects[0].Cases[1].Exchanges[0].Response.Body; len(got) != reports.BodyLimit || strings.Contains(got, "cut") {
		t.Error("a body of exactly the limit was cut")
	}
}

func TestReadRefuses(t *testing.T) {
	good := asJSON(t, samples.Report())
	for _, row := range []struct{ text, want string }{
		{good[:len(good)/2], "this is no whole JSON value"},
		{"", "this is no whole JSON value"},
		{"null", "this is no report of the schema gonogo/report/1"},
		{`[1]`, "cannot hold a JSON array"},
		{`{"schema":"gonogo/report/2"}`, `this is no report of the schema gonogo/report/1 (schema is "gonogo/report/2")`},
		{good + good, "this is no whole JSON value"},
		{strings.Replace(good, `"verdict": "no-go"`, `"verdict": "ok"`, 1), `the report's verdict "ok" is none of go, no-go, incomplete`},
		{strings.Replace(good, `"outcome": "could-not-run"`, `"outcome": "skipped"`, 1), `requirement KH-SECRET-1 has the level "documented" and the outcome "skipped"`},
		{strings.Replace(good, `"duration_ms": 3456`, `"duration_ms": "long"`, 1), "duration_ms cannot hold a JSON string"},
		{strings.Replace(good, `"dialects": [`, `"dialects": [null,`, 1), "dialect 1 of the report is null"},
	} {
		r, err := reports.Read(strings.NewReader(row.text))
		if err == nil || !strings.Contains(err.Error(), row.want) || r != nil {
			t.Errorf("%.60q: %v, want %s", row.text, err, row.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	var b strings.Builder
	if err := asJSONL(&b, samples.Of(pass, fail)); err != nil {
		f.Fatal(err)
	}
	f.Add(b.String())
	b.Reset()
	if err := reports.WriteJSON(&b, samples.Report()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.String())
	f.Fuzz(func(t *testing.T, text string) {
		r, err := reports.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		if err := (terminal.Options{Verbose: true}).Write(io.Discard, r); err != nil {
			t.Error(err)
		}
	})
}

func TestLoadRunsAreReadAsTheyWereWritten(t *testing.T) {
	read := func(load string) (*reports.Report, error) {
		r := samples.Of(pass)
		reports.Decide(r, reports.Policy{})
		return reports.Read(strings.NewReader(strings.Replace(asJSON(t, r), `"load": []`, `"load": [`+load+`]`, 1)))
	}
	r, err := read(`{"scenario":"issue","verdict":"go","later":{"b":1,"a":["<"]}},{"verdict":"go","complete":false},{}`)
	if err != nil {
		t.Fatal(err)
	}
	reports.Decide(r, r.Policy)
	if want := []string{"load run 2: it is incomplete", "load run 3: it gives no verdict"}; !slices.Equal(r.IncompleteBecause, want) {
		t.Errorf("incomplete because %q, want %q", r.IncompleteBecause, want)
	}
	if text, err := json.Marshal(r.Load[0]); err != nil || !strings.HasSuffix(string(text), `,"later":{"b":1,"a":["\u003c"]}}`) {
		t.Errorf("an addition of a later version became %s, %v", text, err)
	}
	for entry, wanted := range map[string]string{"null": "load run 1 of the report is null", `{"scenario":3}`: "load.scenario cannot hold a JSON number"} {
		if _, err := read(entry); err == nil || !strings.Contains(err.Error(), wanted) {
			t.Errorf("%s is read with %v", entry, err)
		}
	}
}
