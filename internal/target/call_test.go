package target_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"gonogo/internal/target"
)

// sent shows a request as the server sees it.
func sent(t *testing.T, call target.Call, values map[string]string) string {
	t.Helper()
	var seen string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen = r.Method + " " + r.RequestURI + " [" + r.Header.Get("Content-Type") + "] [" + r.Header.Get("X-Key") + "] " + string(body)
	}))
	defer server.Close()
	request, err := call.Request(context.Background(), values)
	if err != nil {
		t.Fatal(err)
	}
	request.URL.Host = server.Listener.Addr().String()
	answer, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return seen
}

func TestCalls(t *testing.T) {
	values := map[string]string{"client_id": `a "b"&c=d/é`, "client_secret": "${client_id}\n"}
	for _, c := range []struct{ name, call, want string }{
		{"JSON", `{url: http://h/rotate, body: '{"id":"${client_id}","s":"${client_secret}"}'}`, `POST /rotate [application/json] [] {"id":"a \"b\"\u0026c=d/é","s":"${client_id}\n"}`},
		{"a form", `{method: PUT, url: http://h/rotate, body: 'id=${client_id}&s=${client_secret}'}`, `PUT /rotate [application/x-www-form-urlencoded] [] id=a+%22b%22%26c%3Dd%2F%C3%A9&s=%24%7Bclient_id%7D%0A`},
		{"the URL", `{method: GET, url: 'http://h/${client_id}?id=${client_id}'}`, `GET /a%20%22b%22&c=d%2F%C3%A9?id=a+%22b%22%26c%3Dd%2F%C3%A9 [] [] `},
		{"headers", `{url: http://h/x, headers: {Content-Type: text/plain, x-key: "${TOKEN}"}, body: '${client_id}'}`, `POST /x [text/plain] [to"ken&more] a "b"&c=d/é`},
		{"an inserted value in JSON", `{url: http://h/x, body: '{"t":"${TOKEN}","n":${COUNT}}'}`, `POST /x [application/json] [] {"t":"to\"ken\u0026more","n":12}`},
		{"an inserted value in the query", `{url: 'http://h/x?t=${TOKEN}', body: 'a=${TOKEN}'}`, `POST /x?t=to%22ken%26more [application/x-www-form-urlencoded] [] a=to%22ken%26more`},
		{"an inserted body", `{url: http://h/x, body: '${TOKEN}'}`, `POST /x [application/x-www-form-urlencoded] [] to"ken&more`},
		{"no body", `{url: http://h/x}`, `POST /x [] [] `},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := good(t, with(plainFile, "operator: {rotate_secret: {url: http://h, result: '$response.body#/x'}, restore_secret: "+c.call+"}"))
			if seen := sent(t, *got.Operator.RestoreSecret, values); seen != c.want {
				t.Errorf("sent %s\nwant %s", seen, c.want)
			}
		})
	}
}

func TestACallWithoutAValue(t *testing.T) {
	got := good(t, with(plainFile, "clock: {advance: {url: http://h, body: '${duration_seconds}'}}"))
	_, err := got.Clock.Advance.Request(context.Background(), map[string]string{"duration": "1s"})
	if err == nil || err.Error() != "there is no value for the placeholder ${duration_seconds}" {
		t.Error(err)
	}
}

func TestExpressions(t *testing.T) {
	for _, c := range []struct {
		expression, body, want string
		found                  bool
	}{
		{"$response.body#/user_id", `{"user_id": 101}`, "101", true},
		{"$response.body#/user_id", `{"user_id": "101"}`, "101", true},
		{"$response.body#/user_id", `{"user_id": 101.0}`, "101", true},
		{"$response.body#/user_id", `{"user_id": 1.01e2}`, "101", true},
		{"$response.body#/user_id", `{"user_id": 12345678901234567890}`, "12345678901234567890", true},
		{"$response.body#/user_id", `{"user_id": 1.5}`, "1.5", true},
		{"$response.body#/a~1b/m~0n/1/id", `{"a/b": {"m~n": [0, {"id": "x"}]}}`, "x", true},
		{"$response.body#/user_id", `{"user_id": null}`, "", false},
		{"$response.body#/user_id", `{"user_id": {"id": 1}}`, "", false},
		{"$response.body#/user_id/x", `{"user_id": 1}`, "", false},
		{"$response.body#/1", `[1]`, "", false},
		{"$response.body#/-1", `[1]`, "", false},
		{"$response.body#/user_id", `not JSON`, "", false},
	} {
		expression := good(t, with(plainFile, "settings: {acting_user: '"+c.expression+"'}")).Settings.ActingUser
		if got, found := expression.Text([]byte(c.body)); got != c.want || found != c.found {
			t.Errorf("%s of %s is %q, %v", c.expression, c.body, got, found)
		}
	}
}
