package specs_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"gonogo/specs"
)

func TestBuiltinDocumentsAreClean(t *testing.T) {
	t.Parallel()
	for _, id := range specs.Builtin() {
		file, data, err := specs.Open(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range specs.Lint(file, data) {
			t.Errorf("%s", problem)
		}
		d, err := specs.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		if d.ID != id || d.File != "specs/"+id+".yaml" {
			t.Errorf("%s calls itself %s, of %s", file, d.ID, d.File)
		}
		lines := strings.Split(string(data), "\n")
		for _, r := range d.Requirements {
			if r.At.File == file && !strings.Contains(lines[r.At.Line-1], r.ID) {
				t.Errorf("%s is not in %s", r.ID, r.At)
			}
		}
	}
}

// A built-in document is read once and then shared: by goroutines, and by Load and Parse.
func TestBuiltinDocumentsAreReadOnce(t *testing.T) {
	t.Parallel()
	file, data, err := specs.Open("kitchenhub")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	dialects := make([]*specs.Dialect, 8)
	for i := range dialects {
		all.Go(func() {
			if i%2 == 0 {
				dialects[i], _ = specs.Load("kitchenhub")
			} else {
				dialects[i], _ = specs.Parse(file, data)
			}
		})
	}
	all.Wait()
	for _, d := range dialects {
		if d == nil || d != dialects[0] {
			t.Error("the document was read twice")
		}
	}
	changed := bytes.Replace(data, []byte("dialect: kitchenhub"), []byte("dialect: another"), 1)
	if d, err := specs.Parse(file, changed); err != nil || d.ID != "another" {
		t.Errorf("another text under the same name gives %v, %v", d, err)
	}
}

func TestUnknownDialectListsTheKnownOnes(t *testing.T) {
	t.Parallel()
	_, err := specs.Load("kitchenhab")
	want := `there is no dialect "kitchenhab": the built-in ones are ` + strings.Join(specs.Builtin(), ", ") + "; a document of your own is named by its path"
	if err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
	_, err = specs.Load("testdata/none.yaml")
	if want := "the document testdata/none.yaml cannot be read: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

func TestExtensionSchemaIsJSONSchema(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(specs.ExtensionSchema))
	if err != nil {
		t.Fatal(err)
	}
	meta, err := jsonschema.NewCompiler().Compile("https://json-schema.org/draft/2020-12/schema")
	if err != nil {
		t.Fatal(err)
	}
	if err := meta.Validate(schema); err != nil {
		t.Errorf("%v", err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("x.json", schema); err != nil {
		t.Fatal(err)
	}
	for name := range schema.(map[string]any)["$defs"].(map[string]any) {
		if _, err := compiler.Compile("x.json#/$defs/" + name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// asJSON is a YAML document as JSON text, indented with tabs.
func asJSON(t *testing.T, text string) []byte {
	t.Helper()
	compact, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, compact, "", "\t"); err != nil {
		t.Fatal(err)
	}
	return indented.Bytes()
}

func TestJSONDocuments(t *testing.T) {
	t.Parallel()
	good := leastDocument(t)
	fromYAML, err := specs.Parse("least.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	data := asJSON(t, good)
	d, err := specs.Parse("least.json", data)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Operations) != len(fromYAML.Operations) || len(d.Requirements) != len(fromYAML.Requirements) || len(d.Flows) != len(fromYAML.Flows) {
		t.Errorf("the JSON document reads differently: %d operations, %d requirements, %d flows", len(d.Operations), len(d.Requirements), len(d.Flows))
	}
	lines := strings.Split(string(data), "\n")
	for _, r := range d.Requirements {
		if r.At.File == "least.json" && !strings.Contains(lines[r.At.Line-1], r.ID) {
			t.Errorf("%s is not in %s", r.ID, r.At)
		}
	}
	_, err = specs.Parse("least.json", bytes.Replace(data, []byte(`"/active"`), []byte(`"/activ"`), 1))
	if err == nil || !strings.HasSuffix(err.Error(), "the success schema of GET /look has no /activ; correct the pointer, or add the property to the schema") {
		t.Errorf("%v", err)
	}
}

func TestOpenAPI31Documents(t *testing.T) {
	t.Parallel()
	text := change(t, leastDocument(t), "openapi: 3.0.3", "openapi: 3.1.0",
		"sub: {type: string}", "sub: {type: [string, 'null']}", "active: {type: boolean}", "active: {const: true}")
	d, err := specs.Parse("least.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	op, _ := d.Operation("validate")
	schema := op.Doc.Responses.Value("200").Value.Content["application/json"].Schema.Value
	for _, c := range []struct {
		body  map[string]any
		valid bool
	}{
		{map[string]any{"active": true, "sub": nil}, true},
		{map[string]any{"active": true, "sub": 7.0}, false},
		{map[string]any{"active": false}, false}, // const is judged as an enum of one
	} {
		if err := schema.VisitJSON(c.body); (err == nil) != c.valid {
			t.Errorf("%v: %v", c.body, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, id := range specs.Builtin() {
		_, data, err := specs.Open(id)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(leastDocument(f)))
	for _, text := range []string{"", "{", "- a", "a: &a\n  b: *a\n", "a: &a {<<: *a}\n", "openapi: 3.2.0\n", "x-gonogo: {}\nopenapi: 3.0.3\n", "? [a]\n: b\n", "a: !!map\n", "<<: 1\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		problems := specs.Lint("fuzz.yaml", data)
		for _, p := range problems {
			if p.Place.Line < 1 || p.Message == "" {
				t.Errorf("a problem without a line or a message: %+v", p)
			}
		}
		if d, err := specs.Parse("fuzz.yaml", data); (d == nil) == (err == nil) {
			t.Errorf("a dialect %v and an error %v", d != nil, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, id := range specs.Builtin() {
		_, data, err := specs.Open(id)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(id, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := specs.Parse("as-a-users.yaml", data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestWeaker(t *testing.T) {
	const documented, standard, practice = specs.Documented, specs.Standard, specs.Practice
	for _, row := range []struct {
		l, gate specs.Level
		want    bool
	}{
		{documented, documented, false}, {standard, documented, true}, {practice, documented, true},
		{documented, standard, false}, {standard, standard, false}, {practice, standard, true},
		{documented, practice, false}, {standard, practice, false}, {practice, practice, false},
		{"documentd", standard, false}, {practice, "standart", false}, {practice, "", false},
	} {
		if got := row.l.Weaker(row.gate); got != row.want {
			t.Errorf("%q weaker than %q: %t", row.l, row.gate, got)
		}
	}
}
