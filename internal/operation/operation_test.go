package operation_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/testdata/fifth"
)

// aimed compiles the operations of a target file.
func aimed(t *testing.T, file string) *operation.Set {
	t.Helper()
	tg, dialect, err := target.Parse("target.yaml", []byte(file), nil)
	if err != nil {
		t.Fatal(err)
	}
	return operation.Compile(dialect, tg)
}

func kitchenhub(t *testing.T) *operation.Set {
	return aimed(t, `
dialect: kitchenhub
base_url: http://127.0.0.1:1/km/v%2F1/
credentials:
  primary: {client_id: the-id, client_secret: 's3<c>&"r'}
  second: {client_id: other-id, client_secret: other-secret}
`)
}

func kitchenmonki(t *testing.T) *operation.Set {
	return aimed(t, `
dialect: kitchenmonki
base_url: http://127.0.0.1:1/km
servers: {consent: http://127.0.0.1:2/pages}
credentials:
  primary: {client_id: the id, client_secret: a+b&c=d/e%, redirect_uri: 'https://one.example/cb?x=y'}
absent: [second, user, consent]
`)
}

func pantry(t *testing.T) *operation.Set {
	t.Helper()
	server, err := fifth.Start(fifth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	document, err := filepath.Abs(filepath.Join("..", "..", fifth.DocumentPath))
	if err != nil {
		t.Fatal(err)
	}
	return aimed(t, fifth.TargetYAML(server, document))
}

func find(t *testing.T, set *operation.Set, id string) *operation.Op {
	t.Helper()
	op := set.Find(id)
	if op == nil {
		t.Fatalf("no operation %s", id)
	}
	return op
}

// request builds a request and reads it back as a server would.
func request(t *testing.T, op *operation.Op, args operation.Args) (req *http.Request, body string) {
	t.Helper()
	req, err := op.Request(t.Context(), args)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(req.Body)
	if err != nil {
		t.Fatal(err)
	}
	return req, string(all)
}

func TestJSONRequest(t *testing.T) {
	t.Parallel()
	set := kitchenhub(t)
	req, body := request(t, find(t, set, "issueToken"), operation.Args{})
	if req.Method != "POST" || req.URL.String() != "http://127.0.0.1:1/km/v%2F1/v2/auth/token" {
		t.Errorf("it asks %s %s: the prefix of base_url is kept as it is", req.Method, req.URL)
	}
	if want := `{"client_id":"the-id","client_secret":"s3<c>&\"r"}`; body != want {
		t.Errorf("the body is %s, want %s, with nothing escaped that need not be", body, want)
	}
	if req.Header.Get("Content-Type") != "application/json" || !strings.HasPrefix(req.Header.Get("Accept"), "application/json") || req.Header.Get("Authorization") != "" {
		t.Errorf("the headers are %v", req.Header)
	}
	if _, body := request(t, find(t, set, "issueToken"), operation.Args{Role: "second"}); !strings.Contains(body, "other-id") || !strings.Contains(body, "other-secret") {
		t.Errorf("the second role sends %s", body)
	}
	if _, body := request(t, find(t, set, "refreshToken"), operation.Args{Tokens: map[string]string{"refresh": "r1"}}); body != `{"refresh_token":"r1"}` {
		t.Errorf("a refresh sends %s", body)
	}
}

func TestQueryRequest(t *testing.T) {
	t.Parallel()
	set := kitchenmonki(t)
	req, body := request(t, find(t, set, "exchange"), operation.Args{Tokens: map[string]string{"code": "c&1"}})
	query := req.URL.Query()
	for name, want := range map[string]string{
		"grant_type": "authorization_code", "client_id": "the id", "client_secret": "a+b&c=d/e%", "code": "c&1", "redirect_uri": "https://one.example/cb?x=y",
	} {
		if got := query[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s arrives as %q, want %q", name, got, want)
		}
	}
	if len(query) != 5 || req.URL.Path != "/km/v2/token/grant" || body != "" || req.Header.Get("Content-Type") != "" {
		t.Errorf("it asks %s with body %q", req.URL, body)
	}
	if req, _ := request(t, find(t, set, "authorize"), operation.Args{}); req.URL.Host != "127.0.0.1:2" || req.URL.Path != "/pages/authorize" {
		t.Errorf("the page is sought at %s, want the server that the target file names", req.URL)
	}
}

func TestFormRequestWithBasic(t *testing.T) {
	t.Parallel()
	set := pantry(t)
	issue := find(t, set, "issue")
	req, body := request(t, issue, operation.Args{})
	user, password, ok := req.BasicAuth()
	if !ok || user != fifth.Primary.ID || password != fifth.Primary.Secret {
		t.Errorf("Basic says %q %q", user, password)
	}
	if req.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		t.Errorf("the body is called %q", req.Header.Get("Content-Type"))
	}
	req.Body = io.NopCloser(strings.NewReader(body))
	if err := req.ParseForm(); err != nil {
		t.Fatal(err)
	}
	if req.PostForm.Get("grant_type") != "password" || req.PostForm.Get("username") != fifth.Keeper.Name || req.PostForm.Get("password") != fifth.Keeper.Password || len(req.PostForm) != 3 {
		t.Errorf("the form arrives as %v", req.PostForm)
	}

	req, _ = request(t, issue, operation.Args{Fields: map[string]string{"client_secret": "wrong"}})
	if _, password, _ := req.BasicAuth(); password != "wrong" {
		t.Errorf("a replaced field arrives as %q", password)
	}
	if req, _ := request(t, issue, operation.Args{NoAuth: true}); req.Header.Get("Authorization") != "" {
		t.Error("NoAuth presents credentials")
	}
}

func TestCarriers(t *testing.T) {
	t.Parallel()
	held := map[string]string{"access": "a/1"}
	hub, monki, door := kitchenhub(t), kitchenmonki(t), pantry(t)
	raw := "Token a/1"
	for name, tc := range map[string]struct {
		op   *operation.Op
		args operation.Args
		in   func(*http.Request) string
		want string
	}{
		"bearer":             {hub.First(specs.RoleUse), operation.Args{Tokens: held}, authorization, "Bearer a/1"},
		"preferred is first": {monki.First(specs.RoleUse), operation.Args{Tokens: held}, authorization, "Bearer a/1"},
		"query":              {monki.First(specs.RoleUse), operation.Args{Tokens: held, Carrier: "query"}, func(r *http.Request) string { return r.URL.RawQuery + authorization(r) }, "access_token=a%2F1"},
		"header":             {door.First(specs.RoleUse), operation.Args{Tokens: held, Carrier: "header"}, func(r *http.Request) string { return r.Header.Get("X-Pantry-Token") + authorization(r) }, "a/1"},
		"none":               {door.First(specs.RoleUse), operation.Args{NoAuth: true}, authorization, ""},
		"raw":                {door.First(specs.RoleUse), operation.Args{RawAuth: &raw}, authorization, raw},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, _ := request(t, tc.op, tc.args)
			if got := tc.in(req); got != tc.want {
				t.Errorf("the token is presented as %q, want %q", got, tc.want)
			}
		})
	}
}

func authorization(r *http.Request) string { return r.Header.Get("Authorization") }

func TestNegativeCasesBreakWhatTheySay(t *testing.T) {
	t.Parallel()
	set := kitchenhub(t)
	op, malformed := find(t, set, "issueToken"), `{"`
	for name, tc := range map[string]struct {
		args        operation.Args
		body, media string
	}{
		"null":      {operation.Args{Inputs: map[string]any{"client_secret": nil}}, `{"client_id":"the-id","client_secret":null}`, "application/json"},
		"object":    {operation.Args{Inputs: map[string]any{"client_id": map[string]any{"a": 1}, "client_secret": ""}}, `{"client_id":{"a":1},"client_secret":""}`, "application/json"},
		"missing":   {operation.Args{Omit: map[string]bool{"client_id": true}, Fields: map[string]string{"client_secret": "x"}}, `{"client_secret":"x"}`, "application/json"},
		"malformed": {operation.Args{RawBody: &malformed}, malformed, "application/json"},
		"media":     {operation.Args{Media: "text/plain"}, `{"client_id":"the-id","client_secret":"s3<c>&\"r"}`, "text/plain"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, body := request(t, op, tc.args)
			if body != tc.body || req.Header.Get("Content-Type") != tc.media {
				t.Errorf("it sends %s as %s, want %s as %s", body, req.Header.Get("Content-Type"), tc.body, tc.media)
			}
		})
	}
}

func TestBuildErrorsNameThePartAndNoSecret(t *testing.T) {
	t.Parallel()
	const secret = "not-a-uri s3cret"
	monki := aimed(t, `
dialect: kitchenmonki
base_url: http://127.0.0.1:1
credentials:
  primary: {client_id: the-id, client_secret: s3cret, redirect_uri: 'https://one.example/cb'}
absent: [second, user, consent]
`)
	hub := kitchenhub(t)
	for name, tc := range map[string]struct {
		op   *operation.Op
		args operation.Args
		want string
	}{
		"no token for an input":     {find(t, monki, "exchange"), operation.Args{}, "building GET /v2/token/grant (grant_type=authorization_code): it needs a token of kind code for code"},
		"no token for the carrier":  {hub.First(specs.RoleUse), operation.Args{}, "building GET /v2/orders: it needs a token of kind access"},
		"no such role":              {find(t, hub, "issueToken"), operation.Args{Role: "third"}, "building POST /v2/auth/token: the target gives no credentials.third.client_id"},
		"no such carrier":           {hub.First(specs.RoleUse), operation.Args{Tokens: map[string]string{"access": secret}, Carrier: "cookie"}, "building GET /v2/orders: it has no security scheme cookie"},
		"an empty token":            {find(t, hub, "refreshToken"), operation.Args{Tokens: map[string]string{"refresh": ""}}, "building POST /v2/auth/refresh: it needs a token of kind refresh for refresh_token"},
		"a value that JSON has not": {find(t, hub, "issueToken"), operation.Args{Inputs: map[string]any{"client_id": func() {}}}, "building POST /v2/auth/token: json: unsupported type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tc.op.Request(t.Context(), tc.args)
			var broken *operation.BuildError
			if !errors.As(err, &broken) || !strings.HasPrefix(err.Error(), tc.want) {
				t.Fatalf("got %v, want a BuildError %s", err, tc.want)
			}
			for _, leak := range []string{secret, "s3cret", `s3<c>`} {
				if strings.Contains(err.Error(), leak) {
					t.Errorf("%q tells a secret", err)
				}
			}
		})
	}
}

func TestOperationsAreFound(t *testing.T) {
	t.Parallel()
	set := kitchenmonki(t)
	refresh := find(t, set, "refresh")
	if set.First(specs.RoleRefresh) != refresh || !slices.Contains(set.ByRole(specs.RoleRefresh), refresh) || !slices.Contains(set.All(), refresh) {
		t.Error("refresh is not found everywhere")
	}
	if set.Find("nothing") != nil || set.First("nothing") != nil {
		t.Error("something is found that is not there")
	}
	if input, ok := refresh.TakenBy("refresh"); !ok || input.Name != "refresh_token" {
		t.Errorf("a refresh token goes into %q, %t", input.Name, ok)
	}
	if _, ok := refresh.TakenBy("access"); ok {
		t.Error("an access token goes nowhere here")
	}
	use := set.First(specs.RoleUse)
	if auth, ok := use.Carrier("access"); !ok || auth.Scheme != "bearer" {
		t.Errorf("access is carried by %q, %t", auth.Scheme, ok)
	}
	if listed := operation.Compile(&specs.Dialect{Operations: []*specs.Operation{use.Operation}}, nil).All(); len(listed) != 1 || listed[0].Name() != "GET /v2/queue" {
		t.Errorf("without a target operations cannot be listed: %v", listed)
	}
}

func TestAValueOfTheWrongFormIsNotQuoted(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(`
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /x:
    post:
      parameters: [{name: key, in: query, required: true, schema: {type: string, pattern: '^[0-9]+$'}}]
      requestBody: {content: {application/json: {schema: {type: object, properties: {secret: {type: string, pattern: '^[0-9]+$'}}}}}}
      responses: {}
`))
	if err != nil {
		t.Fatal(err)
	}
	for broken, good := range map[string]string{"key": "secret", "secret": "key"} {
		dialect := &specs.Dialect{Doc: doc, Operations: []*specs.Operation{{
			ID: "x", Method: "POST", Path: "/x", Item: doc.Paths.Value("/x"), Doc: doc.Paths.Value("/x").Post, Inputs: []specs.Input{
				{Name: "key", In: specs.InQuery, Required: true, From: specs.Source{Field: "key"}},
				{Name: "secret", In: specs.InJSON, Required: true, From: specs.Source{Field: "secret"}},
			},
		}}}
		tg := &target.Target{BaseURL: &url.URL{Scheme: "http", Host: "h"}, Credentials: map[string]target.Credential{
			"primary": {Fields: map[string]string{broken: "s3cret", good: "123"}},
		}}
		_, err := operation.Compile(dialect, tg).Find("x").Request(t.Context(), operation.Args{})
		if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "is a value in the target file of the wrong form?") {
			t.Errorf("a broken %s: %v", broken, err)
		}
	}
}

// TestAnEndpointOfTheTarget is called where the target file says, and one that the target does not have is none of its operations.
func TestAnEndpointOfTheTarget(t *testing.T) {
	set := aimed(t, `
dialect: kitchenhub
base_url: http://127.0.0.1:1/km
endpoints: {issueToken: /oauth/token, validateToken: none}
credentials:
  primary: {client_id: the-id, client_secret: the-secret}
  second: {client_id: other-id, client_secret: other-secret}
`)
	if at := set.First(specs.RoleIssue); at.URL().String() != "http://127.0.0.1:1/km/oauth/token" || at.Name() != "POST /oauth/token" {
		t.Errorf("%s is at %s", at.Name(), at.URL())
	}
	if at := set.First(specs.RoleValidate); at != nil {
		t.Errorf("%s is an operation", at.Name())
	}
}
