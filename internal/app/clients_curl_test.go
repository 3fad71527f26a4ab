package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// keyboard is a shell in which somebody types curl lines at a server.
type keyboard struct {
	dir string   // where curl finds its settings, and cookies are kept
	put []string // what is replaced in a line, by what
	env []string
}

// curlSettings make curl tell the status and where a redirect leads, beside the answer and not in the line that is
// typed. Without them it would also draw a progress bar and try the machine's proxy.
const curlSettings = `silent
show-error
max-time = 10
noproxy = "*"
write-out = "%{stderr}%{http_code} %{redirect_url}\n"
`

// typing is a keyboard at which pairs of words are replaced: a document's hosts, credentials and tokens.
func typing(t *testing.T, put ...string) *keyboard {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		complaint := "curl is missing, with which the documents' requests are typed; install it, on Debian with apt-get install curl"
		if os.Getenv("CI") == "true" {
			t.Fatal(complaint)
		}
		t.Skip(complaint)
	}
	k := &keyboard{dir: t.TempDir(), put: put}
	k.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + k.dir, "CURL_HOME=" + k.dir}
	if err := os.WriteFile(filepath.Join(k.dir, ".curlrc"), []byte(curlSettings), 0o600); err != nil {
		t.Fatal(err)
	}
	return k
}

// replaces adds a pair.
func (k *keyboard) replaces(what, by string) { k.put = append(k.put, what, by) }

// typed is the answer to a line.
type typed struct {
	line     string
	status   int
	location string
	body     []byte
}

// types runs a line and wants a status.
func (k *keyboard) types(t *testing.T, line string, status int) typed {
	t.Helper()
	a := k.answer(t, line)
	if a.status != status {
		t.Fatalf("%d is wanted, not %d: %s\nfor %s", status, a.status, a.body, line)
	}
	return a
}

func (k *keyboard) answer(t *testing.T, line string) typed {
	t.Helper()
	a := typed{line: line}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "sh", "-c", strings.NewReplacer(k.put...).Replace(line))
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = k.dir, k.env, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s\nfor %s", err, stderr.String(), line)
	}
	status, location, _ := strings.Cut(strings.TrimRight(stderr.String(), "\n"), " ")
	var err error
	if a.status, err = strconv.Atoi(status); err != nil {
		t.Fatalf("curl says %q\nfor %s", stderr.String(), line)
	}
	a.location, a.body = location, stdout.Bytes()
	return a
}

// browses makes curl a browser, with its cookies in a file.
func (k *keyboard) browses(t *testing.T) visit {
	return func(method, address string, form url.Values) (string, string) {
		t.Helper()
		line := "curl -b cookies -c cookies '" + address + "'"
		if method == http.MethodPost {
			line += " -d '" + form.Encode() + "'"
		}
		a := k.answer(t, line)
		return string(a.body), a.location
	}
}

// members are the answer's members, those of a data envelope among them.
func (a typed) members(t *testing.T) map[string]any {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(a.body, &all); err != nil {
		t.Fatalf("%v: %s\nfor %s", err, a.body, a.line)
	}
	if data, ok := all["data"].(map[string]any); ok {
		return data
	}
	return all
}

func (a typed) text(t *testing.T, name string) string {
	t.Helper()
	value, _ := a.members(t)[name].(string)
	if value == "" {
		t.Fatalf("no %s in %s\nfor %s", name, a.body, a.line)
	}
	return value
}

// looksLike compares the answer with a document's sample, in which TOKEN stands for any token and TIME for any
// timestamp; all else must be there as it is in the sample, and nothing more.
func (a typed) looksLike(t *testing.T, sample string) {
	t.Helper()
	var want any
	if err := json.Unmarshal([]byte(sample), &want); err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(a.body, &got); err != nil {
		t.Fatalf("%v: %s\nfor %s", err, a.body, a.line)
	}
	if w, g := fmt.Sprint(want), fmt.Sprint(likeASample("", got)); w != g {
		t.Fatalf("%s is wanted, not %s\nfor %s", w, g, a.line)
	}
}

func likeASample(name string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		for member := range value {
			value[member] = likeASample(member, value[member])
		}
	case string:
		if strings.HasSuffix(name, "_token") && value != "" {
			return "TOKEN"
		}
		if _, err := time.Parse(time.RFC3339, value); err == nil {
			return "TIME"
		}
	}
	return value
}
