package target_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"gonogo/internal/target"
)

// documented finds the examples of a page.
var documented = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```")

// TestTheSchemaAcceptsTargetFiles looks at files as an editor does: as they are written, with their variables.
func TestTheSchemaAcceptsTargetFiles(t *testing.T) {
	files := map[string]string{
		"plain": plainFile, "human": humanFile,
		"words": plainFile + `version: 1
headers: {X-Key: "${KEY}"}
tls: {insecure: "${INSECURE}"}
consent: {mode: "${MODE}"}
absent: ["${ABSENT}"]
expect: {access_token_lifetime: "${LIFE}", refresh_lifetime: 336h}
limits: {max_wait: 0, timeout: "${TIMEOUT}", parallel: "${COUNT}", max_rps: 0.5, burst: "${file:burst}"}
settings: {use: [GET /users/me, "${USE}", {method: POST, path: "${PATH_OF_IT}", body: {name: "a ${unique}"}}], revoke_path: "${LOGOUT}"}
`,
	}
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := 0
	for _, page := range append(pages, "../../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for i, block := range documented.FindAllSubmatch(text, -1) {
			if example := string(block[1]); strings.Contains(example, "base_url:") {
				files[fmt.Sprint(page, " example ", i+1)] = example
				examples++
			}
		}
	}
	if examples < 5 {
		t.Errorf("only %d examples found in the documentation", examples)
	}
	schema := compiled(t)
	for name, text := range files {
		var value any
		if err := yaml.Unmarshal([]byte(text), &value); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
	for _, wrong := range []string{"limits: {burts: 3}", "limits: {parallel: many}", "absent: [first]", "version: 2", "consent: {mode: word}", "settings: {use: [x]}"} {
		var value any
		if err := yaml.Unmarshal([]byte(plainFile+wrong), &value); err != nil || schema.Validate(value) == nil {
			t.Errorf("the schema accepts %s (%v)", wrong, err)
		}
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(target.Schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("target.schema.json", raw); err != nil {
		t.Fatal(err)
	}
	return compiler.MustCompile("target.schema.json")
}

// TestTheSchemaAndTheTypeHaveTheSameKeys goes through both, part by part.
func TestTheSchemaAndTheTypeHaveTheSameKeys(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(target.Schema, &root); err != nil {
		t.Fatal(err)
	}
	definitions := root["$defs"].(map[string]any)
	var compare func(at string, schema map[string]any, kind reflect.Type)
	compare = func(at string, schema map[string]any, kind reflect.Type) {
		if reference, ok := schema["$ref"].(string); ok {
			schema = definitions[strings.TrimPrefix(reference, "#/$defs/")].(map[string]any)
		}
		switch kind.Kind() {
		case reflect.Pointer:
			compare(at, schema, kind.Elem())
		case reflect.Slice:
			if items, ok := schema["items"].(map[string]any); ok && kind.Elem().Kind() == reflect.Struct {
				compare(at, items["then"].(map[string]any), kind.Elem())
			}
		case reflect.Struct:
			properties, _ := schema["properties"].(map[string]any)
			var keys []string
			for i := range kind.NumField() {
				field := kind.Field(i)
				key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
				keys = append(keys, key)
				if below, ok := properties[key].(map[string]any); ok {
					compare(at+"."+key, below, field.Type)
				}
			}
			if at == "file.clock.advance" {
				keys = slices.DeleteFunc(keys, func(key string) bool { return key == "result" }) // its answer is of no use
			}
			slices.Sort(keys)
			if have := slices.Sorted(maps.Keys(properties)); !slices.Equal(have, keys) {
				t.Errorf("%s: the schema has %q, the type %q", at, have, keys)
			}
		}
	}
	compare("file", root, reflect.TypeFor[target.File]())

	words := root["properties"].(map[string]any)["absent"].(map[string]any)["items"].(map[string]any)["anyOf"].([]any)[0].(map[string]any)["enum"]
	if want := fmt.Sprint(target.Needs()); fmt.Sprint(words) != want {
		t.Errorf("absent takes %v, and the needs are %s", words, want)
	}
}

// TestAFileThatAProgramMakes says the same written as YAML and taken as it is.
func TestAFileThatAProgramMakes(t *testing.T) {
	made := target.File{
		Version: 1, Dialect: "kitchenhub", BaseURL: "http://127.0.0.1:8080",
		Credentials: map[string]map[string]string{
			"primary": {"client_id": "hub-one", "client_secret": "0123456"}, "second": {"client_id": "true", "client_secret": "other-secret"},
		},
		Clock:  target.FileClock{Advance: &target.FileCall{URL: "http://127.0.0.1:9090/clock", Body: `{"advance":"${duration}"}`}},
		Limits: target.FileLimits{Timeout: "3s", Parallel: "4"},
	}
	direct, _, err := made.Target("made", nil)
	if err != nil {
		t.Fatal(err)
	}
	read, _, err := target.Parse("made", []byte(made.YAML()), nil)
	if err != nil {
		t.Fatalf("%v of:\n%s", err, made.YAML())
	}
	read.Notes, direct.Notes = nil, nil
	for _, got := range []*target.Target{direct, read} {
		if got.Credentials["primary"].Fields["client_secret"] != "0123456" || got.Limits.Parallel != 4 || got.Clock == nil || !got.Clock.Advance.Takes("duration") {
			t.Errorf("%+v", got)
		}
	}
	made.Credentials["primary"]["client_secret"], made.Limits.Parallel = "${not} a variable", "many"
	_, _, err = made.Target("made", nil)
	if want := `made: limits.parallel "many" is not a whole number; choose 1 to 256`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	made.Limits.Parallel = ""
	if got, _, err := made.Target("made", nil); err != nil || got.Credentials["primary"].Fields["client_secret"] != "${not} a variable" {
		t.Errorf("%v: %+v", err, got)
	}
}
