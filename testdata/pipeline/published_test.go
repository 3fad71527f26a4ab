// Package pipeline holds what meets the pipelines of others, report forms, the action and the recipes of docs/pipeline.md, against what those
// others have published, and plays it as they would. make test installs what it needs (make published); in CI what is missing is a failure.
package pipeline

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"gonogo/reports"
	"gonogo/reports/ctrf"
	"gonogo/reports/sarif"
	"gonogo/reports/testdata/samples"
)

// root is the checkout.
const root = "../.."

// missing leaves a test out; in CI nobody would read that.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing; make published installs it", what)
	}
	t.Skipf("%s is missing; make published installs it", what)
}

// published is a file of a package that somebody else has published.
func published(t *testing.T, path string) string {
	t.Helper()
	file, err := filepath.Abs(filepath.Join(root, ".cache/published/node_modules", path))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err != nil {
		missing(t, path)
	}
	return file
}

// program is a program of the system's.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, name)
	}
	return path
}

// sarifSchema is that of OASIS, as Microsoft's test helper brings it along.
const sarifSchema = "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"

func compiled(t *testing.T, path string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile(published(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// holds says what is wrong with a JSON text; nil: nothing.
func holds(t *testing.T, schema *jsonschema.Schema, text string) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

// TestFormsKeepTheirPublishedSchemas: SARIF's of OASIS, CTRF's of its authors, for reports of every shape and hostile ones.
func TestFormsKeepTheirPublishedSchemas(t *testing.T) {
	for form, each := range map[string]struct {
		schema string
		write  func(io.Writer, *reports.Report) error
	}{
		"ctrf":  {"ctrf/dist/ctrf-schema-0.0.json", ctrf.Write},
		"sarif": {sarifSchema, sarif.Write},
	} {
		t.Run(form, func(t *testing.T) {
			schema := compiled(t, each.schema)
			all := samples.Variety()
			all["hostile"], all["own"] = samples.Hostile(), samples.Report()
			all["own"].Dialects[0].Document.File, all["own"].Dialects[0].Target.File = "specs/kitchenhub.yaml", "ci/a stage%.yaml"
			for name, r := range all {
				var b bytes.Buffer
				if err := each.write(&b, r); err != nil {
					t.Fatal(err)
				}
				if err := holds(t, schema, b.String()); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			if schema.Validate(map[string]any{"version": 1}) == nil {
				t.Error("the schema takes anything")
			}
		})
	}
}
