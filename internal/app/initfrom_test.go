package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"gonogo/specs"
)

// parcels is an API that no dialect has, in the words of its own document.
const parcels = `openapi: 3.0.3
info:
  title: Parcel Desk
  version: "2"
servers:
  - url: https://api.parcel.example/v1
paths:
  /session:
    post:
      operationId: session  # signs in, and signs in again
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              $ref: '#/components/schemas/SignIn'
      security:
        - client: []
      responses:
        '200':
          description: signed in
          content:
            application/json:
              schema: {type: object, properties: {data: {$ref: '#/components/schemas/Tokens'}}}
  /parcels:
    get:
      operationId: listParcels
      security:
        - token: []
      responses:
        '200': {description: all of them}
components:
  securitySchemes:
    token:
      type: http
      scheme: bearer
    client:
      type: http
      scheme: basic
  schemas:
    SignIn:
      type: object
      required: [grant_type]
      properties:
        grant_type: {type: string}
        refresh_token: {type: string}
    Tokens:
      type: object
      properties:
        access_token: {type: string}
        refresh_token: {type: string}
        expires_in: {type: integer}
`

// TestInitFromADocument: what can be guessed is enough for a document without a problem, and what stood there stays as it is.
func TestInitFromADocument(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mine := filepath.Join(dir, "mine.yaml")
	gonogo(t, "init", "--from", written(t, "parcels.yaml", parcels), "-o", mine).exits(t, 0)
	text, err := os.ReadFile(mine)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range specs.Lint(mine, text) {
		t.Errorf("%s\n%s", problem, text)
	}
	d, err := specs.Parse(mine, text)
	if err != nil {
		t.Fatal(err)
	}
	for role, many := range map[specs.Role]int{specs.RoleIssue: 1, specs.RoleRefresh: 1, specs.RoleUse: 1} {
		if got := len(d.ByRole(role)); got != many {
			t.Errorf("%d operations of role %s", got, role)
		}
	}
	rest := strings.Split(string(text), "\n")
	for _, line := range strings.Split(strings.TrimSpace(parcels), "\n") {
		i := 0
		for i < len(rest) && rest[i] != line {
			i++
		}
		if i == len(rest) {
			t.Fatalf("the line %q has changed:\n%s", line, text)
		}
		rest = rest[i+1:]
	}
	target := filepath.Join(dir, "target.yaml")
	gonogo(t, "init", mine, "-o", target).exits(t, 0)
	env := map[string]string{"BASE_URL": "http://127.0.0.1:1"}
	for _, name := range []string{"PRIMARY_CLIENT_ID", "PRIMARY_CLIENT_SECRET", "SECOND_CLIENT_ID", "SECOND_CLIENT_SECRET"} {
		env[name] = strings.ToLower(name) + "-of-some-length"
	}
	gonogoIn(t.Context(), env, "check", "--target", target, "--plan").exits(t, 0)
}

// TestInitFromAPublishedDocument: a built-in document without what it says to gonogo becomes one again, good for a check of the
// server that the document is of.
func TestInitFromAPublishedDocument(t *testing.T) {
	t.Parallel()
	_, text, err := specs.Open("kitchenhub")
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	if text, err = json.Marshal(without(document)); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mine := filepath.Join(dir, "mine.yaml")
	gonogo(t, "init", "--from", written(t, "openapi.json", string(text)), "-o", mine).exits(t, 0)
	s := serve(t, "kitchenhub")
	file := edited(t, s.file("kitchenhub"), func(f fields) { f["dialect"] = mine })
	gonogo(t, "check", "--target", file, "--quiet").exits(t, 0)
}

// without is a document without what it says to gonogo.
func without(value any) any {
	switch v := value.(type) {
	case map[string]any:
		delete(v, "x-gonogo")
		for key, member := range v {
			v[key] = without(member)
		}
	case []any:
		for i, item := range v {
			v[i] = without(item)
		}
	}
	return value
}

func TestInitFromSomethingElse(t *testing.T) {
	t.Parallel()
	gonogo(t, "init", "--from", "nowhere.yaml").complains(t, "cannot be read")
	gonogo(t, "init", "--from", written(t, "a.yaml", "swagger: '2.0'\n")).complains(t, "is no OpenAPI document of version 3")
	gonogo(t, "init", "--from", written(t, "b.yaml", parcels+"x-gonogo: {}\n")).complains(t, "has x-gonogo already")
	gonogo(t, "init", "--from", written(t, "c.yaml", parcels), "pos").complains(t, "say what to begin with")
	empty := strings.Replace(parcels, "  - url: https://api.parcel.example/v1\n", "  - {}\n", 1)
	gonogo(t, "init", "--from", written(t, "d.yaml", empty)).complains(t, "there is no room in servers/0 for x-gonogo")
}
