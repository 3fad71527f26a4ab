package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"golang.org/x/net/html"
)

// The tests in the clients_…_test.go files let clients that other people wrote, and the requests that the documents
// print, loose on the reference server. What a document shows works as it is typed; only hosts, credentials and tokens
// are the server's own.

// account is a role's credentials, as the target file that serve wrote has them.
func (s *served) account(t *testing.T, dialect, role string) map[string]string {
	t.Helper()
	var file struct {
		Credentials map[string]map[string]any
	}
	if err := yaml.Unmarshal([]byte(contents(t, s.file(dialect))), &file); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for name, value := range file.Credentials[role] {
		found[name] = fmt.Sprint(value)
	}
	if len(found) == 0 {
		t.Fatalf("%s has no account %s", dialect, role)
	}
	return found
}

// advance moves the server's clock.
func (s *served) advance(t *testing.T, by time.Duration) {
	t.Helper()
	response, err := http.Post(s.control+"/__control/clock", "application/json", strings.NewReader(fmt.Sprintf(`{"advance":%q}`, by)))
	if err != nil {
		t.Fatal(err)
	}
	if text := drained(response.Body); response.StatusCode != http.StatusOK {
		t.Fatalf("the clock answers %s: %s", response.Status, text)
	}
}

// received is what the server has been asked since request number n, as "GET /v2/queue 200".
func (s *served) received(t *testing.T, n int) []string {
	t.Helper()
	response, err := http.Get(fmt.Sprintf("%s/__control/requests?since=%d", s.control, n))
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Requests []struct {
			Method, Path string
			Status       int
		}
	}
	if err := json.Unmarshal(drained(response.Body), &list); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range list.Requests {
		lines = append(lines, fmt.Sprintf("%s %s %d", r.Method, r.Path, r.Status))
	}
	return lines
}

// visit sends what a browser sends, without following redirects. A location is absolute.
type visit func(method, address string, form url.Values) (page, location string)

// visitor is a browser of its own, with its cookies.
func visitor(t *testing.T) visit {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return func(method, address string, form url.Values) (string, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		if method == http.MethodPost {
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		page := string(drained(response.Body))
		location := ""
		if to, err := response.Location(); err == nil {
			location = to.String()
		}
		return page, location
	}
}

// approves signs a user in and approves. It answers the page that has no form any more, or the address outside the
// site that the browser is sent to.
func (v visit) approves(t *testing.T, address string, user map[string]string) (page, callback string) {
	t.Helper()
	site, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	page, location := v(http.MethodGet, address, nil)
	for range 8 {
		if location != "" {
			if !strings.HasPrefix(location, site.Scheme+"://"+site.Host+"/") {
				return page, location
			}
			page, location = v(http.MethodGet, location, nil)
			continue
		}
		action, form := filledIn(t, page, user)
		if form == nil {
			return page, ""
		}
		to, err := site.Parse(action)
		if err != nil {
			t.Fatal(err)
		}
		page, location = v(http.MethodPost, to.String(), form)
	}
	t.Fatalf("the consent pages do not end:\n%s", page)
	return "", ""
}

// code is the authorization code of a callback, which must carry the state.
func codeOf(t *testing.T, callback, redirectURI, state string) string {
	t.Helper()
	to, err := url.Parse(callback)
	if err != nil {
		t.Fatal(err)
	}
	query := to.Query()
	if !strings.HasPrefix(callback, redirectURI+"?") || query.Get("code") == "" || query.Get("state") != state || query.Has("error") {
		t.Fatalf("%s with a code and the state %q is wanted, not %q", redirectURI, state, callback)
	}
	return query.Get("code")
}

// filledIn is the first form of a page with the user's name and password, sent by the first button that does not
// deny. It is nil where a page has no form.
func filledIn(t *testing.T, page string, user map[string]string) (action string, form url.Values) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	pressed := false
	for node := range root.Descendants() {
		a := map[string]string{}
		for _, one := range node.Attr {
			a[one.Key] = one.Val
		}
		switch {
		case node.Data == "form" && form != nil:
			return action, form
		case node.Data == "form":
			action, form = a["action"], url.Values{}
		case form == nil || node.Data != "input" && node.Data != "button":
		case a["type"] == "text":
			form.Set(a["name"], user["username"])
		case a["type"] == "password":
			form.Set(a["name"], user["password"])
		case a["type"] == "submit" && !pressed:
			pressed = true
			if a["name"] != "" {
				form.Set(a["name"], a["value"])
			}
		case a["type"] == "hidden":
			form.Set(a["name"], a["value"])
		}
	}
	return action, form
}

// actingUser is whom an answer of /v2/queue names.
func actingUser(t *testing.T, queue []byte) string {
	t.Helper()
	var answer struct {
		Data struct {
			UserID json.Number `json:"user_id"`
		}
	}
	if err := json.Unmarshal(queue, &answer); err != nil {
		t.Fatalf("%v: %s", err, queue)
	}
	return answer.Data.UserID.String()
}
