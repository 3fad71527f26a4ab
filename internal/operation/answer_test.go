package operation_test

import (
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/specs"
)

var received = time.Date(2026, 11, 21, 10, 0, 0, 500e6, time.UTC)

// answer is an exchange with an answer.
func answer(status int, body string, headers ...string) *exchange.Exchange {
	x := &exchange.Exchange{Status: status, Body: []byte(body), Header: http.Header{}, Received: received}
	for i := 0; i < len(headers); i += 2 {
		x.Header.Set(headers[i], headers[i+1])
	}
	return x
}

// documented is an operation that answers as the OpenAPI fragment says.
func documented(t *testing.T, responses string) *operation.Op {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(`
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /x:
    get:
      responses:
` + responses))
	if err != nil {
		t.Fatal(err)
	}
	get := doc.Paths.Value("/x").Get
	dialect := &specs.Dialect{Doc: doc, Operations: []*specs.Operation{{ID: "x", Method: "GET", Path: "/x", Doc: get}}}
	return operation.Compile(dialect, nil).Find("x")
}

func shown(mismatches []operation.Mismatch) string {
	var lines []string
	for _, m := range mismatches {
		lines = append(lines, m.At+": "+m.Wanted+" / "+m.Got)
	}
	return strings.Join(lines, "\n")
}

func TestMismatchesAreWorded(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ schema, body, want string }{
		"fits":              {"{type: object, required: [a], properties: {a: {type: string}}}", `{"a":"x","more":1}`, ""},
		"required":          {"{type: object, required: [a, b]}", `{"c":1}`, "/a: this member / an object with c\n/b: this member / an object with c"},
		"type":              {"{type: object, properties: {a: {type: string}}}", `{"a":5}`, "/a: a value of type string / the number 5"},
		"type of all":       {"{type: object}", `"s3cret"`, ": a value of type object / a string of 6 characters"},
		"null":              {"{type: object, properties: {a: {type: string}}}", `{"a":null}`, "/a: not null / null"},
		"nullable":          {"{type: object, properties: {a: {type: string, nullable: true}}}", `{"a":null}`, ""},
		"minLength":         {"{type: string, minLength: 1}", `""`, ": at least 1 characters / an empty string"},
		"maxLength":         {"{type: string, maxLength: 3}", `"s3cret"`, ": at most 3 characters / a string of 6 characters"},
		"characters":        {"{type: string, maxLength: 3}", `"äöüß"`, ": at most 3 characters / a string of 4 characters"},
		"enum":              {"{type: string, enum: [bearer, mac]}", `"s3cret"`, `: "bearer" or "mac" / a string of 6 characters`},
		"enum, case":        {"{type: string, enum: [mac, Bearer]}", `"bearer"`, `: "mac" or "Bearer" / a string of 6 characters, "Bearer" but for its case`},
		"enum, space":       {"{type: string, enum: [Bearer]}", `"Bearer "`, `: "Bearer" / a string of 7 characters, "Bearer" but for the space around it`},
		"enum, both":        {"{type: string, enum: [Bearer]}", `" BEARER"`, `: "Bearer" / a string of 7 characters, "Bearer" but for its case and the space around it`},
		"enum of another":   {"{enum: [1, Bearer]}", `2`, `: 1 or "Bearer" / the number 2`},
		"pattern":           {"{type: string, pattern: '^[a-f]+$'}", `"s3cret"`, ": text that matches ^[a-f]+$ / a string of 6 characters"},
		"format uuid":       {"{type: string, format: uuid}", `"0b6f3c1e-91d7-4a4e-8f2b"`, ": the format uuid / a string of 23 characters"},
		"format uri":        {"{type: string, format: uri}", `"nowhere"`, ": the format uri / a string of 7 characters"},
		"format small":      {"{type: string, format: date-time}", `"2026-11-22t10:00:00 z"`, ": the format date-time / a string of 21 characters"},
		"format":            {"{type: string, format: date-time}", `"s3cret"`, ": the format date-time / a string of 6 characters"},
		"minimum":           {"{type: integer, minimum: 1}", `0`, ": at least 1 / the number 0"},
		"maximum":           {"{type: number, maximum: 1.5}", `2`, ": at most 1.5 / the number 2"},
		"more than":         {"{type: number, minimum: 1, exclusiveMinimum: true}", `1`, ": more than 1 / the number 1"},
		"less than":         {"{type: number, maximum: 1, exclusiveMaximum: true}", `1`, ": less than 1 / the number 1"},
		"multipleOf":        {"{type: integer, multipleOf: 60}", `90`, ": a multiple of 60 / the number 90"},
		"integer":           {"{type: integer}", `1.5`, ": a value of type integer / the number 1.5"},
		"minItems":          {"{type: array, minItems: 2, items: {}}", `[1]`, ": at least 2 items / an array of 1"},
		"maxItems":          {"{type: array, maxItems: 1, items: {}}", `[1,2]`, ": at most 1 items / an array of 2"},
		"uniqueItems":       {"{type: array, uniqueItems: true, items: {}}", `[1,1]`, ": no item twice / an array of 2"},
		"items":             {"{type: array, items: {type: string}}", `["a",true]`, "/1: a value of type string / true"},
		"minProperties":     {"{type: object, minProperties: 1}", `{}`, ": at least 1 members / an empty object"},
		"maxProperties":     {"{type: object, maxProperties: 1}", `{"a":1,"b":2}`, ": at most 1 members / an object with a, b"},
		"no others":         {"{type: object, additionalProperties: false, properties: {a: {}}}", `{"b":1}`, ": no member that the document does not name / an object with b"},
		"oneOf":             {"{oneOf: [{type: string}, {type: boolean}]}", `1`, ": exactly one of the described alternatives / the number 1"},
		"anyOf":             {"{anyOf: [{type: string}, {type: boolean}]}", `1`, ": at least one of the described alternatives / the number 1"},
		"not":               {"{not: {type: string}}", `"s3cret"`, ": none of the described alternatives / a string of 6 characters"},
		"allOf":             {"{allOf: [{type: object, required: [a]}, {type: object, properties: {b: {type: string}}}]}", `{"b":1}`, "/a: this member / an object with b\n/b: a value of type string / the number 1"},
		"allOf, deeper":     {"{type: object, properties: {d: {allOf: [{type: object, required: [a]}]}}}", `{"d":{}}`, "/d/a: this member / an empty object"},
		"allOf in an array": {"{type: array, items: {type: object, properties: {d: {allOf: [{type: object, required: [a]}]}}}}", `[{"d":{}}]`, "/0/d/a: this member / an empty object"},
		"allOf in allOf":    {"{type: object, properties: {d: {allOf: [{allOf: [{type: object, properties: {a: {type: string}}}]}]}}}", `{"d":{"a":1}}`, "/d/a: a value of type string / the number 1"},
		"everything":        {"{type: object, required: [a], properties: {b: {type: string}, c: {type: array, items: {type: object, required: [d]}}}}", `{"b":1,"c":[{},{"d":1}]}`, "/b: a value of type string / the number 1\n/c/0/d: this member / an empty object\n/a: this member / an object with b, c"},
		"pointer":           {"{type: object, properties: {a/b~c: {type: string}}}", `{"a/b~c":1}`, "/a~1b~0c: a value of type string / the number 1"},
		"many members":      {"{type: array, items: {}}", `{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1}`, ": a value of type array / an object with a, b, c, d, e, f, g, h, …"},
		"not JSON":          {"{type: object}", `<html>s3cret</html>`, ": one JSON value / something that is not JSON"},
		"empty":             {"{type: object}", " \n", ": one JSON value / an empty body"},
		"two values":        {"{type: object}", `{}{}`, ": one JSON value / something after the JSON value"},
		"a member twice":    {"{type: object}", `{"a":{"s3cret":1,"s3cret":2}}`, ": one JSON value / an object that has one member twice"},
		"too deep":          {"{type: array, items: {}}", strings.Repeat("[", 1<<20), ": one JSON value / JSON nested deeper than 10000 levels"},
		"cut JSON":          {"{type: object}", `{"access_token": "s3cr`, ": one JSON value / JSON that breaks off before its end"},
		"byte order mark":   {"{type: object}", "\ufeff{}", ": one JSON value / something that is not JSON"},
		"a huge number":     {"{type: string}", `1e300`, ": a value of type string / the number 1e+300"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := documented(t, "        '200': {description: d, content: {application/json: {schema: "+tc.schema+"}}}\n")
			got := shown(op.Read(answer(200, tc.body)).Mismatches)
			if got != tc.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tc.want)
			}
			if strings.Contains(got, "s3cret") {
				t.Error("a value of the answer is quoted")
			}
		})
	}
}

func TestNumbersHaveMoreThanOneForm(t *testing.T) {
	t.Parallel()
	op := documented(t, "        '200': {description: d, content: {application/json: {schema: {type: integer, minimum: 60}}}}\n")
	for body, fits := range map[string]bool{"60": true, "60.0": true, "6e1": true, "0.6E+2": true, "12345678901234567890": true, "60.5": false, `"60"`: false, "59": false, "1e400": false} {
		if got := op.Read(answer(200, body)).Mismatches; (len(got) == 0) != fits {
			t.Errorf("%s: %s", body, shown(got))
		}
	}
}

func TestWhichStatusIsDocumented(t *testing.T) {
	t.Parallel()
	schema := ", content: {application/json: {schema: {type: object, required: [%s]}}}}\n"
	says := func(member string) string { return strings.Replace(schema, "%s", member, 1) }
	op := documented(t, "        '201': {description: d"+says("exact")+"        2XX: {description: d"+says("range")+"        '400': {description: d"+says("refused")+"        '404': {description: d}\n")
	for status, want := range map[int]string{
		201: "/exact: this member / an empty object",
		200: "/range: this member / an empty object",
		400: "/refused: this member / an empty object",
		401: "", 404: "", 418: "", 500: "", 302: "", // a refusal that nobody described is free
	} {
		if got := shown(op.Read(answer(status, "{}")).Mismatches); got != want {
			t.Errorf("%d: %q, want %q", status, got, want)
		}
	}
	for responses, want := range map[string]string{
		"        '201': {description: d}\n": "(201)",
		"        '204': {description: d}\n        '400': {description: d}\n        '201': {description: d}\n": "(201 or 204)",
		"        '400': {description: d}\n": "(it describes none)",
	} {
		if got := shown(documented(t, responses).Read(answer(200, "")).Mismatches); got != ": a success that the document describes "+want+" / status 200" {
			t.Errorf("an undocumented success: %q, want %s", got, want)
		}
	}
	fallback := documented(t, "        default: {description: d"+says("any"))
	if got := shown(fallback.Read(answer(500, "{}")).Mismatches); got != "/any: this member / an empty object" {
		t.Errorf("by default: %q", got)
	}
}

func TestWhichMediaTypeCounts(t *testing.T) {
	t.Parallel()
	both := documented(t, `        '200':
          description: d
          content:
            application/problem+json: {schema: {type: object, required: [title]}}
            application/json; charset=utf-8: {schema: {type: object, required: [token]}}
            text/html: {schema: {type: string}}
`)
	html := documented(t, "        '200': {description: d, content: {text/html: {schema: {type: string}}}}\n")
	for name, tc := range map[string]struct {
		op                 *operation.Op
		claims, body, want string
	}{
		"JSON":           {both, "application/json", "{}", "/token: this member / an empty object"},
		"JSON, charset":  {both, "Application/JSON; charset=UTF-8", "{}", "/token: this member / an empty object"},
		"+json":          {both, "application/problem+json", "{}", "/title: this member / an empty object"},
		"another":        {both, "text/html; charset=utf-8", "<p>", ""},
		"undocumented":   {both, "text/plain", "{}", "/token: this member / an empty object"},
		"none":           {both, "", "{}", "/token: this member / an empty object"},
		"only HTML":      {html, "text/html", "<p>", ""},
		"only HTML, lie": {html, "application/json", "<p>", ""},
	} {
		for range 5 { // a map has no order to rely on
			if got := shown(tc.op.Read(answer(200, tc.body, "Content-Type", tc.claims)).Mismatches); got != tc.want {
				t.Errorf("%s: %q, want %q", name, got, tc.want)
			}
		}
	}
}

func TestWhatWasCutOrNeverCameIsNotJudged(t *testing.T) {
	t.Parallel()
	op := documented(t, "        default: {description: d, content: {application/json: {schema: {type: object, required: [a]}}}}\n")
	cut := answer(200, `{"items":[]}`)
	cut.Cut = true
	a := op.Read(cut)
	if value, read := a.Value("/items"); len(a.Mismatches) > 0 || read {
		t.Errorf("a body that we cut: %v, %s", value, shown(a.Mismatches))
	}
	silent := answer(0, "")
	silent.Err = http.ErrHandlerTimeout
	if a := op.Read(silent); len(a.Mismatches) > 0 || len(a.Tokens) > 0 {
		t.Errorf("no answer: %s", shown(a.Mismatches))
	}
}

func TestTokensAreRead(t *testing.T) {
	t.Parallel()
	hub := kitchenhub(t)
	a := find(t, hub, "issueToken").Read(answer(200, `{"access_token":"a1","refresh_token":"","access_token_expire":60.0,"refresh_token_expire":1440}`))
	if len(a.Tokens) != 1 || a.Tokens["access"] != "a1" {
		t.Errorf("tokens are %v, want access alone", a.Tokens)
	}
	monki := kitchenmonki(t)
	authorize := find(t, monki, "authorize")
	for location, want := range map[string]string{
		"https://one.example/cb?x=y&code=c%2B1&state=s": "c+1", "https://one.example/cb?error=x": "", "%zz": "", "": "",
	} {
		if got := authorize.Read(answer(302, "", "Location", location)).Tokens["code"]; got != want {
			t.Errorf("Location %q carries %q, want %q", location, got, want)
		}
	}
	if got := authorize.Read(answer(200, "", "Location", "/?code=c")).Tokens["code"]; got != "" {
		t.Errorf("a 200 is no redirect, whatever its Location says; it carries %q", got)
	}
}

func TestRemaining(t *testing.T) {
	t.Parallel()
	const date = "Sat, 21 Nov 2026 09:00:00 GMT" // the target's clock is an hour behind
	dated := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		value   any
		unit    specs.Unit
		want    time.Duration
		written string
		ok      bool
	}{
		"seconds":         {90.0, specs.Seconds, 90 * time.Second, "90", true},
		"fraction":        {0.5, specs.Minutes, 30 * time.Second, "0.5", true},
		"minutes":         {60.0, specs.Minutes, time.Hour, "60", true},
		"zero":            {0.0, specs.Minutes, 0, "0", true},
		"negative":        {-2.0, specs.Minutes, -2 * time.Minute, "-2", true},
		"overflow":        {1e18, specs.Seconds, 0, "1000000000000000000", false},
		"underflow":       {-1e18, specs.Seconds, 0, "-1000000000000000000", false},
		"epoch":           {float64(dated.Add(time.Hour).Unix()), specs.Epoch, time.Hour, "1795255200", true},
		"epoch, fraction": {float64(dated.Unix()) + 0.5, specs.Epoch, 500 * time.Millisecond, "1795251600.5", true},
		"epoch, past":     {0.0, specs.Epoch, time.Unix(0, 0).Sub(dated), "0", true},
		"milliseconds":    {1795255200000.0, specs.Epoch, 0, "1795255200000", false},
		"epoch, huge":     {math.MaxFloat64, specs.Epoch, 0, "", false},
		"RFC 3339":        {"2026-11-21T12:00:00.000+02:00", specs.RFC3339, time.Hour, "2026-11-21T12:00:00.000+02:00", true},
		"small letters":   {"2026-11-21t10:00:00z", specs.RFC3339, time.Hour, "2026-11-21t10:00:00z", true},
		"no zone":         {"2026-11-21T10:00:00", specs.RFC3339, 0, "2026-11-21T10:00:00", false},
		"number as text":  {"90", specs.Seconds, 0, "90", false},
		"text as number":  {90.0, specs.RFC3339, 0, "90", false},
		"null":            {nil, specs.Seconds, 0, "null", false},
		"object":          {map[string]any{"token": "s3cret"}, specs.Seconds, 0, "an object with token", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &operation.Answer{Exchange: answer(200, "", "Date", date)}
			remaining, written, ok := a.Remaining(tc.value, tc.unit)
			if remaining != tc.want || ok != tc.ok || tc.written != "" && written != tc.written {
				t.Errorf("got %s, %q, %t; want %s, %q, %t", remaining, written, ok, tc.want, tc.written, tc.ok)
			}
		})
	}
	undated := &operation.Answer{Exchange: answer(200, "")}
	if remaining, _, ok := undated.Remaining(float64(received.Add(time.Minute).Unix()), specs.Epoch); !ok || remaining != 59500*time.Millisecond {
		t.Errorf("without a Date a moment is counted from when the answer came: %s, %t", remaining, ok)
	}
}

func TestLifetime(t *testing.T) {
	t.Parallel()
	hub := find(t, kitchenhub(t), "issueToken")
	access := specs.TokenKind{Name: "access", Lifetime: specs.Lifetime{Announced: "/access_token_expire", Unit: specs.Minutes}}
	for body, want := range map[string]time.Duration{
		`{"access_token_expire":60}`: time.Hour, `{"access_token_expire":6e1}`: time.Hour, `{"access_token_expire":"60"}`: -1, `{}`: -1, `[]`: -1, `x`: -1,
	} {
		remaining, _, ok := hub.Read(answer(200, body)).Lifetime(access)
		if ok != (want >= 0) || ok && remaining != want {
			t.Errorf("%s announces %s, %t", body, remaining, ok)
		}
	}
	if _, _, ok := hub.Read(answer(200, `{}`)).Lifetime(specs.TokenKind{Name: "code"}); ok {
		t.Error("a kind that is announced nowhere has no announced lifetime")
	}
	implicit := specs.TokenKind{Name: "access", Lifetime: specs.Lifetime{Announced: "location?expires_in", Unit: specs.Seconds}}
	a := &operation.Answer{Exchange: answer(302, "", "Location", "https://one.example/cb?expires_in=3600")}
	if remaining, _, ok := a.Lifetime(implicit); !ok || remaining != time.Hour {
		t.Errorf("a number in a Location: %s, %t", remaining, ok)
	}
}

// TestTokensOfAnAnswerAreFound also where nothing else of it is read, and however their names are written.
func TestTokensOfAnAnswerAreFound(t *testing.T) {
	t.Parallel()
	dialect, err := specs.Load("kitchenhub")
	if err != nil {
		t.Fatal(err)
	}
	op := operation.Compile(dialect, nil).ByRole(specs.RoleUse)[0]
	for body, want := range map[string]string{
		`{"access_token":"abc"}`:          "abc",
		`{"acc\u0065ss_token":"abc"}`:     "abc",
		`{"of":{"access_token":"abc"}}`:   "",
		`[{"id":1}]`:                      "",
		`{"access_token":"abc"} and more`: "",
	} {
		x := answer(http.StatusOK, body, "Content-Type", "application/json")
		if got := op.Handed(x).Tokens["access"]; got != want || op.Read(x).Tokens["access"] != want {
			t.Errorf("%s: %q is found", body, got)
		}
	}
}
