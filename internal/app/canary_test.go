package app_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonogo/reference"
)

// The secrets of the canary runs. They are strange on purpose: every encoding changes them.
const (
	canarySecret   = `Kq7/wren+Hollow=4t&"Sorrel`
	canarySecond   = `Pm2<Otter>Basin%9vThistle`
	canaryName     = "odile.canary@brambleford.test"
	canaryPassword = `Zx5 Lichen+Quarry\3dFjord`
	canaryHeader   = "gw-7Ns/Plover+Cinder=6b"
	canaryControl  = "ctl-4Rj/Heron+Umber=8w"
	canaryBody     = `body-6Wy"Finch/Ochre=2h`
	canaryProxy    = "prx-9Dk_Snipe_Russet_5c"
)

func canarySeeds(t *testing.T) string {
	text, err := json.Marshal(fields{
		"clients": []fields{
			{"dialect": "kitchenhub", "role": "primary", "client_id": "canary-hub", "client_secret": canarySecret},
			{"dialect": "kitchenhub", "role": "second", "client_id": "canary-hub-2", "client_secret": canarySecond},
			{"dialect": "kitchenmonki", "role": "primary", "client_id": "canary-monki", "client_secret": canarySecret, "redirect_uri": "https://www.example.com/cb", "acts_as": 11},
			{"dialect": "kitchenmonki", "role": "second", "client_id": "canary-monki-2", "client_secret": canarySecond, "redirect_uri": "https://second.example.com/cb", "acts_as": 12},
		},
		"users": []fields{{"dialect": "kitchenmonki", "role": "user", "username": canaryName, "password": canaryPassword, "acts_as": 13}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return written(t, "seeds.yaml", string(text))
}

// keyedControl passes control calls on whose header and body carry the right keys, and takes those out.
func keyedControl(t *testing.T, seen *recorder, control string) string {
	t.Helper()
	onward := seen.recording(t, control)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body fields
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body["key"] != canaryBody || r.Header.Get("X-Control") != canaryControl {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		delete(body, "key")
		text, _ := json.Marshal(body)
		response, err := http.Post(onward+r.URL.Path, "application/json", strings.NewReader(string(text)))
		if err != nil {
			http.Error(w, "gone", http.StatusBadGateway)
			return
		}
		w.WriteHeader(response.StatusCode)
		_, _ = w.Write(drained(response.Body))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// canary is a target whose every secret is known to the test.
type canary struct {
	file string
	seen *recorder
	only []string          // cases; all if empty
	env  map[string]string // beside that of the secrets
}

func newCanary(t *testing.T, dialect string, change func(s *served, c fields), serveArgs ...string) canary {
	t.Helper()
	s := serve(t, append([]string{dialect, "--seed-file", canarySeeds(t)}, serveArgs...)...)
	seen := &recorder{sent: map[string]bool{}, values: map[string]bool{
		canarySecret: true, canarySecond: true, canaryName: true, canaryPassword: true,
		canaryHeader: true, canaryControl: true, canaryBody: true, canaryProxy: true,
	}}
	control := keyedControl(t, seen, s.control)
	call := func(path, members string) fields {
		return fields{"url": control + path, "headers": fields{"X-Control": "${CTL_KEY}"}, "body": `{` + members + `,"key":"${CTL_BODY}"}`}
	}
	rotate := call("/__control/rotate-secret", `"client_id":"${client_id}"`)
	rotate["result"] = "$response.body#/client_secret"
	front := seen.recording(t, s.api)
	file := edited(t, s.file(dialect), func(c fields) {
		c["base_url"] = front
		delete(c, "servers")
		c["headers"] = fields{"X-Gateway-Key": "${GW_KEY}"}
		c["clock"] = fields{"advance": call("/__control/clock", `"advance":"${duration}"`)}
		c["operator"] = fields{"rotate_secret": rotate, "restore_secret": call("/__control/rotate-secret", `"client_id":"${client_id}","client_secret":"${client_secret}"`)}
		if change != nil {
			change(s, c)
		}
	})
	return canary{file: file, seen: seen}
}

// written forms of a secret, as a log or a report could show them.
func forms(secret string) []string {
	quoted, _ := json.Marshal(secret)
	inner := string(quoted[1 : len(quoted)-1])
	found := []string{hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))), secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret), inner, strings.ReplaceAll(inner, "/", `\/`), fmt.Sprintf("%q", secret)}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for shift := range 3 {
			encoded := encoding.EncodeToString(append(make([]byte, shift), secret...))
			found = append(found, encoded[(shift*8+5)/6:(shift+len(secret))*8/6])
		}
	}
	return found
}

// check runs the canary with every output there is, and searches all of it.
func (c canary) check(t *testing.T, code int, trace string) {
	t.Helper()
	dir := t.TempDir()
	asJSON, asLines, asJUnit := filepath.Join(dir, "r.json"), filepath.Join(dir, "r.jsonl"), filepath.Join(dir, "r.xml")
	env := map[string]string{"GW_KEY": canaryHeader, "CTL_KEY": canaryControl, "CTL_BODY": canaryBody, "PROXY_PASSWORD": canaryProxy}
	maps.Copy(env, c.env)
	args := []string{"check", "--target", c.file, "--verbose", "--trace", trace, "--report", "json=" + asJSON, "--report", "jsonl=" + asLines, "--report", "junit=" + asJUnit}
	forPeople := map[string]string{}
	for _, format := range []string{"html", "md", "har", "ctrf", "github", "sarif"} {
		forPeople[format] = filepath.Join(dir, "r."+format)
		args = append(args, "--report", format+"="+forPeople[format])
	}
	least := 100
	for _, glob := range c.only {
		args, least = append(args, "--case", glob), 5
	}
	o := gonogoIn(t.Context(), env, args...)
	o.exits(t, code)
	if !strings.Contains(o.stdout, "trace of "+trace) {
		t.Fatalf("there is no trace in\n%s", o)
	}
	secrets := c.seen.secrets()
	if code < 3 && len(secrets) < least {
		t.Errorf("only %d secrets were seen", len(secrets))
	}
	said := map[string]string{"stdout": o.stdout, "stderr": o.stderr, "json": contents(t, asJSON), "jsonl": contents(t, asLines), "junit": html.UnescapeString(contents(t, asJUnit))}
	script := gonogoIn(t.Context(), env, "check", c.file, "--reproduce", trace) // whether there is one or not
	said["script"], said["stderr of the script"] = script.stdout, script.stderr
	secrets = c.seen.secrets()
	for format, path := range forPeople {
		said[format] = html.UnescapeString(contents(t, path))
	}
	for name, text := range said {
		for secret, where := range search(unescaped(text), secrets) {
			t.Errorf("%s holds %q: …%s…", name, secret, where)
		}
	}
}

// search finds secrets in a text, in any of their forms, in one pass; it returns where each stands.
func search(text string, secrets []string) map[string]string {
	const prefix = 6
	type needle struct{ form, secret string }
	needles := map[string][]needle{}
	for _, secret := range secrets {
		for _, form := range forms(secret) {
			needles[form[:prefix]] = append(needles[form[:prefix]], needle{form, secret})
		}
	}
	found := map[string]string{}
	for i := 0; i+prefix <= len(text); i++ {
		for _, n := range needles[text[i:i+prefix]] {
			if strings.HasPrefix(text[i:], n.form) {
				found[n.secret] = text[max(0, i-120):min(len(text), i+len(n.form)+40)]
			}
		}
	}
	return found
}

// unescaped adds to a text what it reads like once a JSON reader has taken its escapes away.
func unescaped(text string) string {
	return text + "\n" + strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">", `\"`, `"`, `\\`, `\`, `\/`, "/").Replace(text)
}

func TestNoSecretIsEverPrinted(t *testing.T) {
	t.Parallel()
	nobody := closedPort(t)
	for _, c := range []struct {
		name, dialect, trace string
		code                 int
		serve                []string
		change               func(*served, fields)
	}{
		{"clean", "kitchenhub", "kitchenhub/secret-regeneration/new-secret-works", 0, nil, nil},
		{"clean", "kitchenmonki", "kitchenmonki/exchange/documented-request", 0, nil, nil},
		{"leaks secret", "kitchenhub", "kitchenhub/issue/wrong-client-secret", 1, []string{"--defect", "kitchenhub-leaks-secret"}, nil},
		{"leaks token", "kitchenhub", "kitchenhub/audit/leak", 1, []string{"--defect", "kitchenhub-leaks-token"}, nil},
		{"leaks secret", "kitchenmonki", "kitchenmonki/audit/leak", 1, []string{"--defect", "kitchenmonki-leaks-secret"}, nil},
		{"leaks token", "kitchenmonki", "kitchenmonki/audit/leak", 1, []string{"--defect", "kitchenmonki-leaks-token"}, nil},
		{"redirect unchecked", "kitchenmonki", "kitchenmonki/redirect-safety/other-host", 1, []string{"--defect", "kitchenmonki-redirect-unchecked"}, nil},
		{"code without consent", "kitchenmonki", "kitchenmonki/authorize/code-without-approval", 1, []string{"--defect", "kitchenmonki-authorize-without-consent"}, nil},
		{"denial with code", "kitchenmonki", "kitchenmonki/refusal/code-on-refusal", 1, []string{"--defect", "kitchenmonki-denial-with-code"}, nil},
		{"new secret dead", "kitchenhub", "kitchenhub/secret-regeneration/new-secret-works", 1, []string{"--defect", "kitchenhub-new-secret-dead"}, nil},
		{"new id", "kitchenhub", "kitchenhub/secret-regeneration/new-secret-works", 0, []string{"--liberty", "kitchenhub-secret-changes-id"}, nil},
		{"dead proxy", "kitchenhub", "kitchenhub/issue/documented-request", 3, nil, func(_ *served, f fields) {
			f["proxy"] = "http://canary:${PROXY_PASSWORD}@" + nobody
		}},
		{"wrong proxy", "kitchenmonki", "kitchenmonki/issue/documented-request", 3, nil, func(s *served, f fields) {
			f["base_url"], f["proxy"] = "https://stage.example.invalid", "http://canary:${PROXY_PASSWORD}@"+strings.TrimPrefix(s.api, "http://")
		}},
		{"TLS failure", "kitchenhub", "kitchenhub/issue/documented-request", 3, nil, func(s *served, f fields) {
			f["base_url"] = strings.Replace(s.api, "http:", "https:", 1)
		}},
		{"killed", "kitchenmonki", "kitchenmonki/issue/documented-request", 3, nil, func(_ *served, f fields) {
			f["base_url"] = dyingFront(t, f["base_url"].(string), 120).url
		}},
		{"dead control", "kitchenhub", "kitchenhub/secret-regeneration/new-secret-works", 3, nil, func(_ *served, f fields) {
			for _, call := range []any{f["clock"].(fields)["advance"], f["operator"].(fields)["rotate_secret"]} {
				call.(fields)["url"] = "http://" + nobody + "/control?key=${CTL_KEY}"
			}
		}},
		{"wrong user", "kitchenmonki", "kitchenmonki/exchange/documented-request", 3, nil, func(_ *served, f fields) {
			f["credentials"].(fields)["user"].(fields)["password"] = canarySecond
		}},
		{"wrong secret", "kitchenhub", "kitchenhub/issue/documented-request", 3, nil, func(_ *served, f fields) {
			f["credentials"].(fields)["primary"].(fields)["client_secret"] = canaryPassword
		}},
	} {
		t.Run(c.dialect+" "+c.name, func(t *testing.T) {
			t.Parallel()
			newCanary(t, c.dialect, c.change, c.serve...).check(t, c.code, c.trace)
		})
	}
}

// TestAWatchTellsNoSecret: neither of a client that says and leaks whatever it has, nor with --verbose, in any form of report.
func TestAWatchTellsNoSecret(t *testing.T) {
	t.Parallel()
	c := newCanary(t, "kitchenhub", nil)
	dir := t.TempDir()
	var args []string
	for _, format := range []string{"json", "jsonl", "junit", "html", "md", "har", "ctrf", "github", "sarif"} {
		args = append(args, "--report", format+"="+filepath.Join(dir, "r."+format))
	}
	const loud = `echo "secret $GONOGO_PRIMARY_CLIENT_SECRET"; env | grep CLIENT
for i in 1 2; do
  curl -sS -X POST -H 'Content-Type: application/json' -d "$(printf '%s' "$BODY")" "$GONOGO_BASE_URL/v2/auth/token" >$OUT
  cat $OUT
  token=$(sed 's/.*"access_token" *: *"\([^"]*\)".*/\1/' $OUT)
  curl -sS -H "Authorization: Bearer $token" "$GONOGO_BASE_URL/v2/orders?t=$token"
  echo "used $token" >&2
done
echo "last $token"; exit 4`
	body, err := json.Marshal(fields{"client_id": "canary-hub", "client_secret": canarySecret})
	if err != nil {
		t.Fatal(err)
	}
	run := "OUT=" + filepath.Join(dir, "answer") + "; BODY=$(cat " + written(t, "body.json", string(body)) + ")\n" + loud
	env := map[string]string{"GW_KEY": canaryHeader, "CTL_KEY": canaryControl, "CTL_BODY": canaryBody}
	o := gonogoIn(t.Context(), env, append([]string{"watch", c.file, "--verbose", "--run", run, "--hook", "env | grep GONOGO"}, args...)...)
	if o.code != 3 || !strings.Contains(o.stdout, "before the watch had let a token end, the command ended by itself, with exit code 4") ||
		!strings.Contains(o.stderr, "used ‹access") || !strings.Contains(o.stderr, "last ‹access") {
		t.Errorf("a loud client: %s", o)
	}
	if err := os.Remove(filepath.Join(dir, "answer")); err != nil {
		t.Fatal(err)
	}
	secrets := c.seen.secrets()
	if len(secrets) < 5 {
		t.Errorf("only %d secrets were seen", len(secrets))
	}
	said := map[string]string{"stdout": o.stdout, "stderr": o.stderr}
	for i := 1; i < len(args); i += 2 {
		format, path, _ := strings.Cut(args[i], "=")
		said[format] = html.UnescapeString(contents(t, path))
	}
	for name, text := range said {
		for secret, where := range search(unescaped(text), secrets) {
			t.Errorf("%s holds %q: …%s…", name, secret, where)
		}
	}
}

// TestProveTellsNoSecret of the servers that it starts. What a false alarm would tell is looked at where it is put into words,
// for there is none here.
func TestProveTellsNoSecret(t *testing.T) {
	t.Parallel()
	server, err := reference.Start(t.Context(), reference.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var secrets []string
	for _, c := range server.Accounts().Clients {
		secrets = append(secrets, c.Secret)
	}
	for _, u := range server.Accounts().Users {
		secrets = append(secrets, u.Password)
	}
	server.Kill()
	secrets = slices.DeleteFunc(secrets, func(secret string) bool { return len(secret) < 8 })
	dir := t.TempDir()
	asJSON, asJUnit := filepath.Join(dir, "p.json"), filepath.Join(dir, "p.xml")
	args := []string{"prove", "--verbose", "--report", "json=" + asJSON, "--report", "junit=" + asJUnit, "--liberty", "kitchenhub-errors-text"}
	for _, defect := range []string{"kitchenhub-leaks-secret", "kitchenmonki-page-shows-secret", "b2b-leaks-password", "pos-leaks-secret", "oauth2-leaks-secret"} {
		args = append(args, "--defect", defect)
	}
	o := gonogo(t, args...)
	o.exits(t, 0)
	for name, text := range map[string]string{"stdout": o.stdout, "stderr": o.stderr, "json": contents(t, asJSON), "junit": html.UnescapeString(contents(t, asJUnit))} {
		for secret, where := range search(unescaped(text), secrets) {
			t.Errorf("%s holds %q: …%s…", name, secret, where)
		}
	}
	if len(secrets) < 10 {
		t.Errorf("only %d secrets are known", len(secrets))
	}
}

// TestTheCanarySings makes sure that the search finds what it searches for.
func TestTheCanarySings(t *testing.T) {
	t.Parallel()
	texts := []string{
		"x" + canarySecret + "y", url.Values{"s": {canarySecret}}.Encode(),
		base64.StdEncoding.EncodeToString([]byte("client:" + canarySecret)), base64.URLEncoding.EncodeToString([]byte("abcd" + canarySecret + "z")), base64.StdEncoding.EncodeToString([]byte(canarySecret)),
	}
	if quoted, err := json.Marshal(canarySecret); err == nil {
		texts = append(texts, string(quoted))
	}
	for _, text := range texts {
		if len(search(unescaped(text), []string{canarySecret})) == 0 {
			t.Errorf("the secret is not found in %s", text)
		}
	}
	if found := search(contents(t, written(t, "r", "no secret here, and khub-client-juniper")), []string{canarySecret, canaryName}); len(found) > 0 {
		t.Errorf("found are %v", found)
	}
}
