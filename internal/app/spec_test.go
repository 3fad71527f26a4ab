package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonogo/internal/app"
	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/flows"
)

// says runs the tool and returns what a user sees.
func says(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	none := func(string) (string, bool) { return "", false }
	code = app.Run(context.Background(), args, none, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// refusal wants exit code 2 and one sentence on standard error.
func refusal(t *testing.T, sentence string, args ...string) {
	t.Helper()
	code, stdout, stderr := says(args...)
	if code != 2 || stdout != "" || stderr != "gonogo: "+sentence+"\n" {
		t.Errorf("gonogo %s exits %d and prints %s%s, want exit 2 and\n%s", strings.Join(args, " "), code, stdout, stderr, sentence)
	}
}

// wantLines wants whole lines, in this order.
func wantLines(t *testing.T, text string, lines ...string) {
	t.Helper()
	rest := strings.Split(text, "\n")
	for _, line := range lines {
		at := slices.Index(rest, line)
		if at < 0 {
			t.Errorf("there is no line, or none in this place:\n%s\nin\n%s", line, text)
			return
		}
		rest = rest[at+1:]
	}
}

// brokenSpec is a built-in document with something replaced, in a file of its own.
func brokenSpec(t *testing.T, dialect, old, replacement string) string {
	t.Helper()
	_, data, err := specs.Open(dialect)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(data, []byte(old)) {
		t.Fatalf("%s has no %q", dialect, old)
	}
	file := filepath.Join(t.TempDir(), dialect+".yaml")
	if err := os.WriteFile(file, bytes.ReplaceAll(data, []byte(old), []byte(replacement)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// lineOf is where a text stands in a file, first.
func lineOf(t *testing.T, file, text string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte(text))
	if at < 0 {
		t.Fatalf("%s has no %q", file, text)
	}
	return fmt.Sprintf("%s:%d", file, 1+bytes.Count(data[:at], []byte("\n")))
}

func TestSpecList(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := says("spec", "list")
	if code != 0 || stderr != "" {
		t.Errorf("exit %d, %s", code, stderr)
	}
	lines := strings.Split(stdout, "\n")
	for i, id := range specs.Builtin() {
		if words := strings.Fields(lines[i+1]); words[0] != id {
			t.Errorf("line %d is of %s, want %s", i+1, words[0], id)
		}
	}
	d, err := specs.Load("b2b")
	if err != nil {
		t.Fatal(err)
	}
	common := 0
	for _, r := range d.Requirements {
		if strings.HasPrefix(r.ID, "ANY-") {
			common++
		}
	}
	for _, want := range []string{
		`DIALECT TITLE VERSION OPERATIONS REQUIREMENTS`,
		`kitchenhub Kitchenhub Auth API 2 4 15 (11 documented, 3 standard, 1 practice)`,
		`kitchenmonki Kitchen Monki, Authentication 2 7 28 (14 documented, 10 standard, 4 practice)`,
		fmt.Sprintf("Every dialect has %d requirements more (ANY-…). gonogo spec show DIALECT says what they are.", common),
	} {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.Join(strings.Fields(line), " ") == want }) {
			t.Errorf("there is no line %q in\n%s", want, stdout)
		}
	}
	refusal(t, `unknown command "more" for "gonogo spec list"`, "spec", "list", "more")
	refusal(t, `unknown command "lost" for "gonogo spec"; did you mean list?`, "spec", "lost")
	refusal(t, `unknown command "nothing" for "gonogo spec"`, "spec", "nothing")
}

// Of a server nothing is said that a document asks of clients: not by a plan, nor by a report, however strict.
func TestClientRowsAreNoServers(t *testing.T) {
	t.Parallel()
	for _, id := range append(specs.Builtin(), pantryDocument) {
		d, err := specs.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		if len(d.ClientRows) == 0 {
			t.Errorf("%s asks nothing of clients", id)
		}
		for _, c := range catalog.Plan(d).Cases {
			for _, row := range c.Requirements {
				if _, client := d.ClientRow(row); client {
					t.Errorf("%s checks %s, which binds clients", c.ID, row)
				}
			}
		}
	}
	report := filepath.Join(t.TempDir(), "report.json")
	if code, stdout, stderr := says("check", "kitchenhub", "--case", "kitchenhub/use/*", "--strict", "--report", "json="+report); code != 0 && code != 3 {
		t.Fatalf("exit %d, %s%s", code, stdout, stderr)
	}
	text := contents(t, report)
	if strings.Contains(text, `"KHW-`) || strings.Contains(text, `"ANYW-`) || !strings.Contains(text, `"KH-USE-1"`) {
		t.Errorf("the report of a server has rows of clients, or none of its own:\n%.2000s", text)
	}
}

func TestSpecShow(t *testing.T) {
	t.Parallel()
	code, stdout, _ := says("spec", "show", "kitchenhub")
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	wantLines(t, stdout,
		"kitchenhub: Kitchenhub Auth API, version 2",
		"credentials",
		"  primary  client_id, client_secret",
		"servers",
		"  api  https://api.trykitchenhub.com",
		"tokens",
		"  access   at /access_token, lives 1h, announced at /access_token_expire in minutes",
		"  refresh  at /refresh_token, lives 24h, announced at /refresh_token_expire in minutes, works once",
		"operations",
		"              client_id in the JSON body, client_id of the client",
		"              success KH-ISSUE-1, refusals KH-ISSUE-3",
		"              refresh_token in the JSON body, a token of kind refresh",
		"              says at /valid whether the token lives, and at /expires_in until when, in minutes",
		"              a token of kind access in the Authorization header as Bearer",
		"flows",
		"  rotation             KH-REFRESH-2",
		"  expiry               KH-EXPIRE-1 (in_use KH-EXPIRE-1; token access; also_dead KH-ISSUE-2, KH-VALIDATE-2)",
		"requirements",
		"  ANY-SCHEMA      documented  every dialect  every answer matches the document (any answer)",
	)
	code, stdout, _ = says("spec", "show", "../../testdata/fifth/pantry.yaml")
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	wantLines(t, stdout,
		"  user     username, password; signs in on pages; an answer may name its user (acts_as)",
		"  refresh  at /token/refresh/value, lives 2h, announced at /token/refresh/until as an RFC 3339 timestamp, works once",
		"               client_id and client_secret in the Authorization header as Basic",
		"               grant_type in the form, always password",
		"               password in the form, password of user",
		"               return_to in the form, redirect_uri of the client",
		"               state in the query, only where a flow says so",
		"               redirects with a voucher",
		"               a token of kind access in the header X-Pantry-Token",
	)
}

func TestSpecShowYAMLIsTheDocument(t *testing.T) {
	t.Parallel()
	for _, id := range specs.Builtin() {
		code, stdout, _ := says("spec", "show", "--yaml", id)
		_, data, err := specs.Open(id)
		if err != nil || code != 0 || stdout != string(data) {
			t.Errorf("%s: exit %d, %v", id, code, err)
		}
	}
}

func TestSpecShowRefuses(t *testing.T) {
	t.Parallel()
	known := strings.Join(specs.Builtin(), ", ")
	refusal(t, "gonogo spec show takes one argument, not 0: name a dialect ("+known+") or the path of a document", "spec", "show")
	refusal(t, `there is no dialect "kitchenhab": the built-in ones are `+known+"; a document of your own is named by its path", "spec", "show", "kitchenhab")
	refusal(t, "the document ./none.yaml cannot be read: no such file or directory", "spec", "show", "./none.yaml")
	file := brokenSpec(t, "kitchenhub", "says: {valid: /valid,", "says: {valid: /live,")
	refusal(t, file+" cannot be used:\n"+lineOf(t, file, "says:")+": the success schema of POST /v2/auth/validate has no /live; correct the pointer, or add the property to the schema", "spec", "show", file)
}

func TestSpecLint(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := says("spec", "lint")
	if code != 0 || stderr != "" || strings.Count(stdout, "\n") != len(specs.Builtin()) {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	for _, id := range specs.Builtin() {
		d, err := specs.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		wantLines(t, stdout, fmt.Sprintf("specs/%s.yaml: clean, good for %d cases", id, len(catalog.Plan(d).Cases)))
	}
}

func TestSpecLintOfDocumentsWithProblems(t *testing.T) {
	t.Parallel()
	broken := brokenSpec(t, "kitchenhub", "success: KH-USE-1, refused: KH-USE-2", "success: KH-USE-1, refused: KH-USE-3")
	code, stdout, stderr := says("spec", "lint", broken, "kitchenmonki")
	if code != 2 || stderr != "" {
		t.Errorf("exit %d, %s", code, stderr)
	}
	wantLines(t, stdout,
		lineOf(t, broken, "id: KH-USE-2")+": warning: nothing checks KH-USE-2; name it as success or refused of an operation, or in a flow",
		lineOf(t, broken, "refused: KH-USE-3")+": there is no requirement KH-USE-3; add it to x-gonogo/requirements, or use one of those",
		broken+": 1 problem, 1 warning",
	)
	if !strings.Contains(stdout, "specs/kitchenmonki.yaml: clean, ") {
		t.Errorf("the second document is not looked at:\n%s", stdout)
	}

	// warnings alone are no reason to stop
	warned := brokenSpec(t, "kitchenhub", "    - {flow: uniqueness, requirement: KH-ISSUE-4}\n", "")
	code, stdout, _ = says("spec", "lint", warned)
	if want := lineOf(t, warned, "id: KH-ISSUE-4") + ": warning: nothing checks KH-ISSUE-4; name it as success or refused of an operation, or in a flow\n" + warned + ": 0 problems, 1 warning\n"; code != 0 || stdout != want {
		t.Errorf("exit %d\n%s", code, stdout)
	}

	code, stdout, stderr = says("spec", "lint", "kitchenhab", broken, "./none.yaml")
	if code != 2 || !strings.Contains(stdout, ": 1 problem, 1 warning") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	wantLines(t, stderr, "the document ./none.yaml cannot be read: no such file or directory")
	if !strings.HasPrefix(stderr, `gonogo: there is no dialect "kitchenhab": the built-in ones are `) {
		t.Errorf("%s", stderr)
	}
}

// What only the plan shows: rows that are named and that no case came of, and cases with the same id.
func TestSpecLintLooksAtThePlan(t *testing.T) {
	t.Parallel()
	idle := brokenSpec(t, "kitchenmonki", "x-gonogo: {role: placement}", "x-gonogo: {role: placement, success: KM-IDLE-1}")
	data, err := os.ReadFile(idle)
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Replace(data, []byte("  requirements:\n"), []byte("  requirements:\n    - {id: KM-IDLE-1, level: practice, where: Using a popup, text: nothing}\n"), 1)
	if err := os.WriteFile(idle, data, 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, _ := says("spec", "lint", idle)
	if want := lineOf(t, idle, "KM-IDLE-1") + ": warning: no case checks KM-IDLE-1, though the document names it; name it where a case comes of it: a success or refused of an operation that cases are made of, or a flow\n" + idle + ": 0 problems, 1 warning\n"; code != 0 || stdout != want {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	twice := brokenSpec(t, "kitchenmonki", "operationId: putQueue", "operationId: post_queue")
	data, err = os.ReadFile(twice)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(twice, bytes.ReplaceAll(data, []byte("form: [postQueue, putQueue]"), []byte("form: [postQueue, post_queue]")), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, _ = says("spec", "lint", twice)
	if code != 2 || !strings.Contains(stdout, ": two cases would have the id kitchenmonki/placement/post-queue; rename the operation or the variant that it comes from\n") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

// The extension's schema lists the flows, and so does the library: a document can declare what can be checked,
// and nothing else.
func TestTheSchemaListsTheFlowsOfTheLibrary(t *testing.T) {
	t.Parallel()
	var schema struct {
		Defs map[string]struct {
			Properties struct {
				Flow struct {
					Enum  []string `json:"enum"`
					Const string   `json:"const"`
				} `json:"flow"`
			} `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(specs.ExtensionSchema, &schema); err != nil {
		t.Fatal(err)
	}
	var listed []string
	for name, def := range schema.Defs {
		if !strings.HasSuffix(name, "Flow") {
			continue
		}
		listed = append(listed, def.Properties.Flow.Enum...)
		if def.Properties.Flow.Const != "" {
			listed = append(listed, def.Properties.Flow.Const)
		}
	}
	slices.Sort(listed)
	if library := slices.Sorted(slices.Values(flows.Names())); !slices.Equal(listed, library) {
		t.Errorf("the schema lists %v, the library has %v", listed, library)
	}
}

// A built-in document is shared by everything that runs: a run must not change it.
func TestSpecsAreNotChangedByARun(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"kitchenhub", "kitchenmonki"} {
		d, err := specs.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		picture := func() string {
			text, err := json.Marshal(d.Doc)
			if err != nil {
				t.Fatal(err)
			}
			model := *d
			model.Doc, model.Operations = nil, nil
			for _, op := range d.Operations {
				text = fmt.Appendf(text, "\n%s %s %+v %+v %v", op.ID, op.Path, op.Inputs, op.Auth, op.Takes)
			}
			return fmt.Sprintf("%s\n%+v", text, model)
		}
		before := picture()
		if code, stdout, stderr := says("check", id, "--case", "*/refresh/*", "--case", "*/use/*", "--quiet"); code != 0 {
			t.Errorf("exit %d\n%s%s", code, stdout, stderr)
		}
		if picture() != before {
			t.Errorf("the run changed the document of %s", id)
		}
	}
}
