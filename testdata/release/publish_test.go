// Package release shows what of gonogo others get, as they get it: a module under a path of its owner's, and archives that whoever builds
// them finds to be the same. It takes long: make prove-release.
package release

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// clone is this repository's last commit in a folder of its own.
func clone(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "clone")
	must(t, ".", nil, "git", "clone", "--quiet", "--no-hardlinks", root(t), dir)
	return dir
}

func root(t *testing.T) string {
	t.Helper()
	return strings.TrimSpace(must(t, ".", nil, "git", "rev-parse", "--show-toplevel"))
}

// must runs a program that is to end well, in a folder, and returns its output.
func must(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	out, err := try(t, dir, env, args...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func try(t *testing.T, dir string, env []string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestPublishAs gives a copy another path, builds and tests it, and imports it as people will: from a module proxy, without a replace.
func TestPublishAs(t *testing.T) {
	const path, version = "example.com/owner/gonogo", "v0.1.0"
	dir := clone(t)
	for asked, says := range map[string]string{
		"":                            "name the path that people are to import: make publish-as MODULE=example.com/owner/gonogo",
		"gonogo":                      "gonogo is no path that a module can be published under; write one like example.com/owner/gonogo",
		"example.com":                 "example.com is no path that a module can be published under; write one like example.com/owner/gonogo",
		"Example.com/owner/gonogo":    "Example.com/owner/gonogo is no path that a module can be published under; write one like example.com/owner/gonogo",
		"example.com/owner/a b":       "example.com/owner/a b is no path that a module can be published under; write one like example.com/owner/gonogo",
		"example.com/../gonogo":       "example.com/../gonogo is no path that a module can be published under; write one like example.com/owner/gonogo",
		"example.com/gonogo/v1":       "example.com/gonogo/v1 is no path that a module can be published under; write one like example.com/owner/gonogo",
		"https://example.com/gonogo":  "https://example.com/gonogo is an address; a module's path has no scheme: example.com/gonogo",
		"example.com/gonogo@v1.0.0":   "example.com/gonogo@v1.0.0 has a version; that is a tag of the repository",
		"example.com/owner/gonogo'\"": "example.com/owner/gonogo'\" is no path that a module can be published under; write one like example.com/owner/gonogo",
	} {
		out, err := try(t, dir, []string{"MODULE=" + asked}, "make", "publish-as")
		if err == nil || !strings.Contains(out, "publish-as: "+says+"\n") {
			t.Errorf("%q: %v\n%s\nwant %s", asked, err, out, says)
		}
	}
	notes := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(notes, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := try(t, dir, nil, "make", "publish-as", "MODULE="+path); err == nil || !strings.Contains(out, "commit first") {
		t.Errorf("a work tree with changes: %v\n%s", err, out)
	}
	if err := os.Remove(notes); err != nil {
		t.Fatal(err)
	}
	if changed := must(t, dir, nil, "git", "status", "--porcelain"); changed != "" {
		t.Fatalf("a refusal changed\n%s", changed)
	}

	must(t, dir, nil, "make", "publish-as", "MODULE="+path)
	must(t, dir, nil, "git", "-c", "user.name=owner", "-c", "user.email=owner@example.com", "commit", "--quiet", "--all", "--message", "published")
	if found, _ := try(t, dir, nil, "git", "grep", "-nE", `"gonogo/(cmd|internal|load|reference|reports|specs|suites|testdata)[/"]|^module gonogo|gonogo => `, "--", "*.go", "*go.mod", "docs", "README.md", ":!testdata/release"); found != "" {
		for line := range strings.Lines(found) {
			if !strings.Contains(line, path) {
				t.Errorf("the old path is left: %s", line)
			}
		}
	}
	for file, keeps := range map[string]string{"reports/report.go": `"gonogo/report/1"`, "internal/app/loadstage.go": `"gonogo/" + version.Version`, "docs/suites.md": "`go get " + path + "` gets it."} {
		if text, err := os.ReadFile(filepath.Join(dir, file)); err != nil || !strings.Contains(string(text), keeps) {
			t.Errorf("%s: %v, and %s is wanted in it", file, err, keeps)
		}
	}
	must(t, dir, nil, "go", "build", "./...", "./testdata/fifth/")
	must(t, dir, nil, "go", "test", "./internal/spell", "./internal/version", "./internal/target", "./specs/...", "./reports", "./reference/kit")
	must(t, dir, nil, "go", "test", "./suites", "-run", "ImportsGoOneWay|Signatures|HarnessKnows")
	must(t, dir, nil, "go", "test", "./reference", "-run", "OnlyDocuments")
	must(t, dir, nil, "go", "test", "./internal/app", "-run", "VersionAndHelp|LlmsTxt")

	// What others have: a proxy with the module, this machine's with all that it needs, and nothing in their cache.
	env := []string{
		"GOPROXY=" + proxy(t, dir, path, version) + ",file://" + strings.TrimSpace(must(t, ".", nil, "go", "env", "GOMODCACHE")) + "/cache/download",
		"GOMODCACHE=" + filepath.Join(t.TempDir(), "modules"), "GOSUMDB=off", "GOWORK=off", "GOFLAGS=-mod=mod -modcacherw", "GINKGO_NO_COLOR=TRUE",
	}
	importer := filepath.Join(t.TempDir(), "importer")
	if err := os.CopyFS(importer, os.DirFS(filepath.Join(dir, "testdata", "importer"))); err != nil {
		t.Fatal(err)
	}
	must(t, importer, env, "go", "mod", "edit", "-dropreplace", path, "-droprequire", path)
	must(t, importer, env, "go", "get", path+"@"+version)
	out := must(t, importer, env, "go", "test", "-count=1", "./...")
	if mod, err := os.ReadFile(filepath.Join(importer, "go.mod")); err != nil || strings.Contains(string(mod), "replace") || !strings.Contains(string(mod), path+" "+version) {
		t.Errorf("%v, and the go.mod of the importer is\n%s", err, mod)
	}
	t.Logf("the importer's tests: %s", out)

	bin := t.TempDir()
	must(t, bin, append(env, "GOFLAGS=-modcacherw", "GOBIN="+bin), "go", "install", path+"/cmd/gonogo@"+version)
	if says := must(t, bin, nil, filepath.Join(bin, "gonogo"), "version"); !regexp.MustCompile(`^gonogo v0\.1\.0\n$`).MatchString(says) {
		t.Errorf("what go install had says %q", says)
	}
}

// proxy is a module proxy on loopback that has one version of the module in a folder, and its address.
func proxy(t *testing.T, dir, path, version string) string {
	t.Helper()
	var archive bytes.Buffer
	if err := zip.CreateFromDir(&archive, module.Version{Path: path, Version: version}, dir); err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := json.Marshal(map[string]any{"Version": version, "Time": time.Now().UTC()})
	if err != nil {
		t.Fatal(err)
	}
	files := http.NewServeMux()
	for name, data := range map[string][]byte{"@v/list": []byte(version + "\n"), "@v/" + version + ".info": info, "@v/" + version + ".mod": mod, "@v/" + version + ".zip": archive.Bytes(), "@latest": info} {
		files.HandleFunc("GET /"+path+"/"+name, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) })
	}
	server := httptest.NewServer(files)
	t.Cleanup(server.Close)
	return server.URL
}
