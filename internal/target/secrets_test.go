package target_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"gonogo/internal/target"
)

func TestSecrets(t *testing.T) {
	got := good(t, with(humanFile, `headers: {X-Gateway-Key: gateway-key, X-Short: abc}
proxy: http://gate:proxy-password@proxy.example.com
outsider: {proxy: http://out:outer-password@elsewhere.example.com}
clock: {advance: {url: 'http://h/x?key=${TOKEN}', headers: {X-Control: control-key}, body: '${duration}'}}
operator: {rotate_secret: {url: 'http://ops:ops-password@h/${NO_WAY}', body: 'k=${HUB}', result: '$response.body#/s'}}
settings: {use: [{method: POST, path: /x, body: {a: "${SECRET}", b: harmless}}]}`))
	secret, _ := environment("SECRET")
	want := []string{secret, "outer-password", "proxy-password", "first-secret", "her-password", "ops-password", "other-secret", "control-key", "gateway-key", "kitchenhub", `to"ken&more`}
	slices.Sort(want)
	list := got.Secrets()
	if !slices.IsSortedFunc(list, func(a, b string) int { return len(b) - len(a) }) {
		t.Errorf("not the longest first: %q", list)
	}
	if slices.Sort(list); !reflect.DeepEqual(list, want) {
		t.Errorf("got  %q\nwant %q", list, want)
	}
	if names := got.Names(); !reflect.DeepEqual(names, []string{"maria@example.com"}) {
		t.Errorf("names: %q", names)
	}
	if fixed := got.Fixed(); !slices.Contains(fixed, "grant_type=client_credentials") || !slices.Contains(fixed, "client_secret=") {
		t.Errorf("fixed: %q", fixed)
	}
}

// A field that the document shows in the address line of a browser is nobody's secret.
func TestFieldsInPublicURLs(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "mine.yaml", document(t, "kitchenmonki", "client_id", "app_key"))
	got, _, err := load(t, dir, strings.NewReplacer("client_id", "app_key", "dialect: kitchenmonki", "dialect: mine.yaml").Replace(humanFile))
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(got.Secrets(), "monki-one") {
		t.Errorf("%q", got.Secrets())
	}
}

func TestPasswordsOfTheEnvironmentsProxy(t *testing.T) {
	env := func(value string) func(string) (string, bool) {
		return func(name string) (string, bool) { return value, name == "https_proxy" }
	}
	got, _, err := target.Parse("t.yaml", []byte(humanFile), env("http://me:env-password@proxy:1"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(got.Secrets(), "env-password") {
		t.Errorf("%q", got.Secrets())
	}
}
