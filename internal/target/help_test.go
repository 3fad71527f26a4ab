package target_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonogo/internal/target"
	"gonogo/specs"
)

// Two targets with nothing wrong in them, to break one thing at a time.
const (
	plainFile = `dialect: kitchenhub
base_url: http://127.0.0.1:8080
credentials:
  primary: {client_id: hub-one, client_secret: first-secret}
  second: {client_id: hub-two, client_secret: other-secret}
`
	humanFile = `dialect: kitchenmonki
base_url: https://stage.example.com/km
servers: {consent: https://www.example.com}
credentials:
  primary: {client_id: monki-one, client_secret: first-secret, redirect_uri: https://app.example.com/cb, acts_as: 101}
  second: {client_id: monki-two, client_secret: other-secret, redirect_uri: https://app.example.com/cb2, acts_as: "202"}
  user: {username: maria@example.com, password: her-password, acts_as: 303}
`
)

// environment is the variables that tests have.
func environment(name string) (string, bool) {
	value, ok := map[string]string{
		"SECRET": "s3cret \"quoted\": value\n- second ${duration} line",
		"TOKEN":  `to"ken&more`,
		"EMPTY":  "",
		"COUNT":  "12",
		"HUB":    "kitchenhub",
		"NO_WAY": "no-such-thing",
	}[name]
	return value, ok
}

// write puts a file next to the target file.
func write(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// load writes a target file and loads it, as a user does.
func load(t *testing.T, dir, text string) (*target.Target, *specs.Dialect, error) {
	t.Helper()
	return target.Load(write(t, dir, "target.yaml", text), environment)
}

// good loads a file that must be right.
func good(t *testing.T, text string) *target.Target {
	t.Helper()
	loaded, _, err := load(t, t.TempDir(), text)
	if err != nil {
		t.Fatalf("this target is fine:\n%s\nbut:\n%v", text, err)
	}
	return loaded
}

// complaints loads a file that is wrong and returns what is printed, without the folder.
func complaints(t *testing.T, dir, text string) string {
	t.Helper()
	loaded, dialect, err := load(t, dir, text)
	if err == nil {
		t.Fatalf("no complaint about:\n%s", text)
	}
	if loaded != nil || dialect != nil {
		t.Error("a target came with the error")
	}
	var all target.Errors
	if !errors.As(err, &all) {
		t.Errorf("the error is a %T", err)
	}
	return strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
}

// with appends lines to a file without faults, or replaces one of its pieces: with(f, "old", "new").
func with(text string, change ...string) string {
	if len(change) == 1 {
		return text + change[0] + "\n"
	}
	if !strings.Contains(text, change[0]) {
		panic("the file has no " + change[0])
	}
	return strings.Replace(text, change[0], change[1], 1)
}
