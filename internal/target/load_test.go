package target_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"gonogo/internal/target"
	"gonogo/specs"
)

func TestEveryKeyArrives(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "waivers.yaml", "[]")
	got, dialect, err := load(t, dir, `version: 1                              # optional
dialect: kitchenmonki
base_url: HTTPS://stage.example.com/km/
servers: {consent: https://www.example.com}
headers: {x-gateway-key: "${TOKEN}"}
credentials:
  primary: {client_id: one, client_secret: "${SECRET}", redirect_uri: https://app.example.com/cb, acts_as: 101}
  second:  {client_id: 2, client_secret: other-secret, redirect_uri: https://app.example.com/cb, acts_as: "202"}
  user:    {username: maria, password: 0123, acts_as: u-303}
outsider: {local_address: 127.0.0.2}
consent:  {mode: form, approve_label: "Yes, go on"}
clock:
  advance: {method: post, url: http://127.0.0.1:9090/__control/clock, body: '{"advance":"${duration}"}'}
operator:
  rotate_secret: {url: http://127.0.0.1:9090/rotate, body: '{"client_id":"${client_id}"}', result: '$response.body#/client_secret'}
  restore_secret: {method: PUT, url: 'http://127.0.0.1:9090/clients/${client_id}', body: 'secret=${client_secret}'}
settings:
  acting_user: '$response.body#/user_id'
  revoke_path: /auth/logout
  refresh_scheme: bare
  body: form
  use: [POST /ingredients, {method: post, path: /dishes, body: {name: "soup-${unique}", price: 9, rate: 0.5, tags: [a, ''], on: true, none: null}}]
expect: {access_token_lifetime: 30m, code_lifetime: 20s}
limits: {max_wait: 2m, timeout: 500ms, settle: 80ms, parallel: "${COUNT}", max_rps: 0.5, burst: 2, requests: 100, failed_logins: 0}
waivers: waivers.yaml
`)
	if err != nil {
		t.Fatal(err)
	}
	secret, _ := environment("SECRET")
	check := func(what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %#v, want %#v", what, got, want)
		}
	}
	check("document", dialect.ID, "kitchenmonki")
	check("dialect", got.DialectName, "kitchenmonki")
	check("file", got.File, filepath.Join(dir, "target.yaml"))
	check("base_url", got.BaseURL.String(), "https://stage.example.com/km")
	check("servers.api", got.Servers["api"].String(), "https://stage.example.com/km")
	check("servers.consent", got.Servers["consent"].String(), "https://www.example.com")
	check("headers", got.Headers, map[string]string{"X-Gateway-Key": `to"ken&more`})
	check("primary", got.Credentials["primary"].Fields, map[string]string{"client_id": "one", "client_secret": secret, "redirect_uri": "https://app.example.com/cb"})
	check("second", got.Credentials["second"].Fields["client_id"], "2")
	check("password", got.Credentials["user"].Fields["password"], "0123")
	check("acts_as", []string{got.Credentials["primary"].ActsAs, got.Credentials["second"].ActsAs, got.Credentials["user"].ActsAs}, []string{"101", "202", "u-303"})
	check("outsider", got.Outsider.LocalAddress.String(), "127.0.0.2")
	check("consent", got.Consent, target.Consent{Mode: target.ConsentForm, ApproveLabel: "Yes, go on"})
	check("clock", got.Clock.Advance.Method+" "+got.Clock.Advance.URL.String()+" "+got.Clock.Advance.Body, `POST http://127.0.0.1:9090/__control/clock {"advance":"${duration}"}`)
	check("result", got.Operator.RotateSecret.Result.Pointer(), "/client_secret")
	check("restore", got.Operator.RestoreSecret.Method, "PUT")
	check("acting_user", got.Settings.ActingUser.Pointer(), "/user_id")
	check("settings", []string{got.Settings.RevokePath, got.Settings.RefreshScheme, got.Settings.Body}, []string{"/auth/logout", target.SchemeBare, target.BodyForm})
	check("use", fmt.Sprint(got.Settings.Use[0].Method, got.Settings.Use[0].Path, got.Settings.Use[0].Body), "POST/ingredients<nil>")
	check("use with a body", got.Settings.Use[1].Body.Fill(map[string]string{"unique": "77"}), map[string]any{"name": "soup-77", "price": 9.0, "rate": 0.5, "tags": []any{"a", ""}, "on": true, "none": nil})
	check("expect", got.Expect, map[string]time.Duration{"access": 30 * time.Minute, "code": 20 * time.Second})
	check("limits", got.Limits, target.Limits{MaxWait: 2 * time.Minute, Timeout: 500 * time.Millisecond, Settle: 80 * time.Millisecond, Parallel: 12, MaxRPS: 0.5, Burst: 2, Requests: 100})
	check("waivers", got.Waivers, filepath.Join(dir, "waivers.yaml"))
	check("notes", got.Notes, []string{filepath.Join(dir, "target.yaml") + ":9: credentials.user.username has fewer than 6 bytes, too short to be found and hidden by its value; keep reports of this target to yourselves or use a longer one",
		filepath.Join(dir, "target.yaml") + ":9: credentials.user.password has fewer than 6 bytes, too short to be found and hidden by its value; keep reports of this target to yourselves or use a longer one"})
	if lifetime, ok := got.Lifetime("refresh"); ok {
		t.Errorf("refresh tokens were not declared to live %s", lifetime)
	}
}

func TestLittleIsNeeded(t *testing.T) {
	got := good(t, with(plainFile, "  second: {client_id: hub-two, client_secret: other-secret}\n", "absent: [second]\n"))
	if got.Limits != target.DefaultLimits() || got.Consent.Mode != target.ConsentNone || len(got.Notes) != 0 {
		t.Errorf("defaults: %+v %+v %q", got.Limits, got.Consent, got.Notes)
	}
}

func TestJSONWorks(t *testing.T) {
	got := good(t, `{
	"dialect": "kitchenhub", "base_url": "http://[::1]:8080",
	"credentials": {
		"primary": {"client_id": "hub-one", "client_secret": "a\"b\u00e9c\ndef"}
	},
	"absent": ["second"], "limits": {"max_wait": "0s"}
}`)
	if secret := got.Credentials["primary"].Fields["client_secret"]; secret != "a\"béc\ndef" {
		t.Errorf("the secret is %q", secret)
	}
	if got.Limits.MaxWait != 0 || !got.Loopback() {
		t.Errorf("%+v, loopback %v", got.Limits, got.Loopback())
	}
}

func TestMissingFile(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(dir, "none.yaml"): `the target file {} does not exist; name a target file, or let "gonogo serve --targets DIR" write one`,
		dir:                             `the target file {} cannot be read (is a directory); name a target file, or let "gonogo serve --targets DIR" write one`,
	} {
		_, _, err := target.Load(path, environment)
		if err == nil || err.Error() != strings.ReplaceAll(want, "{}", path) {
			t.Errorf("for %s: %v", path, err)
		}
	}
}

func TestParseNeedsNoFileAndNoEnvironment(t *testing.T) {
	got, _, err := target.Parse("embedded", []byte(plainFile), nil)
	if err != nil || got.File != "embedded" {
		t.Fatalf("%v %v", got, err)
	}
	_, _, err = target.Parse("embedded", []byte(with(plainFile, "first-secret", "'${SECRET}'")), nil)
	if want := "embedded:4: credentials.primary.client_secret takes its value from the environment variable SECRET, which is not set; set SECRET, or write the value here"; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

// document is a built-in document under another id.
func document(t *testing.T, id string, changes ...string) string {
	t.Helper()
	_, data, err := specs.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(changes...).Replace(string(data))
}

func TestADocumentIsFoundNextToTheTargetFile(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "mine.yaml", document(t, "kitchenhub", "dialect: kitchenhub", "dialect: mine"))
	for _, name := range []string{"mine.yaml", "./mine.yaml", filepath.Join(dir, "mine.yaml"), "../" + filepath.Base(dir) + "/mine.yaml"} {
		got, dialect, err := load(t, dir, with(plainFile, "dialect: kitchenhub", "dialect: "+name))
		if err != nil {
			t.Fatal(err)
		}
		if dialect.ID != "mine" || got.DialectName != filepath.Join(dir, "mine.yaml") {
			t.Errorf("%s gave %s from %s", name, dialect.ID, got.DialectName)
		}
	}
	t.Chdir(dir)
	if err := os.Rename("mine.yaml", "mine"); err != nil {
		t.Fatal(err)
	}
	got, _, err := target.Load("target.yaml", environment)
	if err == nil || got != nil {
		t.Error("mine.yaml is gone")
	}
	got, _, err = target.Parse("target.yaml", []byte(with(plainFile, "dialect: kitchenhub", "dialect: ./mine")), nil)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := specs.Load(got.DialectName); err != nil || d.ID != "mine" {
		t.Errorf("DialectName %s cannot be loaded again: %v", got.DialectName, err)
	}
}

func TestProblemsOfTheDocumentFollowThoseOfTheTarget(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "no-such-thing.yaml", document(t, "kitchenhub", "level: documented", "level: solemn"))
	lines := strings.Split(complaints(t, dir, with(plainFile, "dialect: kitchenhub", "dialect: ${NO_WAY}.yaml\nlimits: {burst: 0}")), "\n")
	if len(lines) < 2 || lines[0] != `target.yaml:2: limits.burst "0" is out of range; choose 2 to 1000` {
		t.Errorf("%q", lines)
	}
	for _, line := range lines[1:] {
		if !strings.HasPrefix(line, "${NO_WAY}.yaml:") { // as the target file names it
			t.Errorf("%s", line)
		}
	}
}

func TestServersThatTheFileDoesNotPlace(t *testing.T) {
	got := good(t, with(humanFile, "servers: {consent: https://www.example.com}\n", ""))
	if got.Servers["consent"].String() != "https://stage.example.com/km" {
		t.Errorf("consent is at %s", got.Servers["consent"])
	}
	if want := "target.yaml:2: the server consent is taken to be at base_url too; if it is elsewhere, say servers: {consent: https://…}"; len(got.Notes) != 1 || !strings.HasSuffix(got.Notes[0], want) {
		t.Errorf("%q", got.Notes)
	}
}

func TestPrintingATargetShowsNoSecret(t *testing.T) {
	got := good(t, humanFile)
	for _, printed := range []string{fmt.Sprintf("%v %+v %#v %s", got, got, got, got), fmt.Sprintf("%v %+v %#v", got.Credentials, got.Credentials, got.Credentials["user"])} {
		for _, secret := range got.Secrets() {
			if strings.Contains(printed, secret) {
				t.Errorf("%s shows %s", printed, secret)
			}
		}
	}
	if got.String() != "kitchenmonki at https://stage.example.com/km" {
		t.Error(got)
	}
}
