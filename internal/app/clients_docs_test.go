package app_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

const serverPage = "../../docs/reference-server.md"

// blocks are the fenced blocks of a page in a language.
func blocks(t *testing.T, page, language string) []string {
	t.Helper()
	var found []string
	for _, m := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(contents(t, page), -1) {
		if m[1] == language {
			found = append(found, m[2])
		}
	}
	return found
}

// curlLines are the lines of a page that begin with curl, with what continues them.
func curlLines(t *testing.T, page string) []string {
	t.Helper()
	var found []string
	for _, block := range blocks(t, page, "sh") {
		for line := range strings.SplitSeq(strings.ReplaceAll(block, "\\\n", "\\\x00"), "\n") {
			if strings.HasPrefix(line, "curl ") {
				found = append(found, strings.ReplaceAll(line, "\x00", "\n"))
			}
		}
	}
	return found
}

// Every curl line of the reference server's page is run in its order, as somebody would who follows it.
func TestTheCurlLinesOfThePageWork(t *testing.T) {
	t.Parallel()
	s := serve(t)
	k := typing(t, "http://127.0.0.1:8080", s.api, "http://127.0.0.1:8081", s.control)
	plain := k.env
	spoken := map[string]bool{}
	for _, line := range curlLines(t, serverPage) {
		a := k.answer(t, line)
		if a.status != http.StatusOK && a.status != http.StatusCreated {
			t.Errorf("%d: %s\nfor %s", a.status, a.body, line)
		}
		var tokens struct {
			pair
			Data pair
		}
		if json.Unmarshal(a.body, &tokens) == nil && tokens.Access+tokens.Data.Access != "" {
			k.env = append(plain[:len(plain):len(plain)],
				"ACCESS_TOKEN="+tokens.Access+tokens.Data.Access, "REFRESH_TOKEN="+tokens.Refresh+tokens.Data.Refresh)
		}
	}
	for _, request := range s.received(t, 0) {
		for path, dialect := range map[string]string{"/v2/auth/": "kitchenhub", "/v2/token/": "kitchenmonki", "/auth/login": "b2b", "/users": "pos"} {
			if strings.Contains(request, " "+path) {
				spoken[dialect] = true
			}
		}
	}
	if len(spoken) != 4 {
		t.Errorf("the page has curl lines for %v only", spoken)
	}
}

// pair are the tokens of an answer.
type pair struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
}

// The Go code of the page is that of the tests, which run it, or of the server it speaks of.
func TestTheGoCodeOfThePageIsThatOfTheTree(t *testing.T) {
	t.Parallel()
	code := blocks(t, serverPage, "go")
	if len(code) == 0 {
		t.Fatal("the page shows no Go code")
	}
	indent := regexp.MustCompile(`(?m)^\t+`)
	tree := indent.ReplaceAllString(contents(t, "clients_oauth2_test.go")+contents(t, "../../reference/kitchenhub/quirks.go")+contents(t, "../../reference/reftest/client_test.go"), "")
	for _, block := range code {
		if !strings.Contains(tree, "\n"+indent.ReplaceAllString(block, "")) {
			t.Errorf("neither clients_oauth2_test.go nor kitchenhub/quirks.go nor reftest/client_test.go has, word for word,\n%s", block)
		}
	}
}
