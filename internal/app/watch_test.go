package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonogo/reports"
)

// curlClient is a client in shell that knows nothing of a watch but the environment.
const curlClient = "exec sh ../../testdata/clients/curl.sh"

// until are the flags of a watch of a client that is ended when a situation begins, however long it takes to come to it.
func until(t *testing.T, situation, run string) []string {
	t.Helper()
	pid := filepath.Join(t.TempDir(), "pid")
	return []string{"--run", "echo $$ >" + pid + "; " + run, "--hook", `[ "$GONOGO_SITUATION" != ` + situation + ` ] || kill "$(cat ` + pid + `)"`}
}

func TestWatchOfAGoodClient(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "report.json")
	code, stdout, stderr := says(append(until(t, "ended-thrice", curlClient), "watch", "kitchenhub", "--report", "json="+file)...)
	if code != 0 {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	wantLines(t, stdout, "a client of kitchenhub: Kitchenhub Auth API 2")
	if !strings.Contains(stdout, "GO: ") || !strings.Contains(stdout, "Not exercised") {
		t.Errorf("it says no go with what was not reached:\n%s", stdout)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var report reports.Report
	if err := json.Unmarshal(text, &report); err != nil || report.Dialects[0].Subject != reports.SubjectClient {
		t.Errorf("the report is about %q, %v", report.Dialects[0].Subject, err)
	}
	for _, all := range []string{stdout, stderr, string(text)} {
		if strings.Contains(all, "Zq4vTundra8mOrchard2kLantern") {
			t.Error("the client's secret is told")
		}
	}
}

func TestWatchOfAClientThatKeepsItsFirstRefreshToken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	code, stdout, stderr := says(append(until(t, "busy-at-end", "export KEEP_FIRST=1; "+curlClient), "watch", "kitchenhub", "--report", "json="+filepath.Join(dir, "w.json"), "--report", "html="+filepath.Join(dir, "w.html"))...)
	if code != 1 {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	for _, part := range []string{"NO-GO", "KHW-STORE-1", "had replaced", "POST /v2/auth/refresh with ‹refresh a1›", `{"refresh_token":"‹refresh a1›"}`} {
		if !strings.Contains(stdout, part) {
			t.Errorf("it does not say %q:\n%s", part, stdout)
		}
	}
	var report reports.Report
	if text, err := os.ReadFile(filepath.Join(dir, "w.json")); err != nil || json.Unmarshal(text, &report) != nil {
		t.Fatal("there is no report", err)
	}
	named := map[string]bool{}
	accused := ""
	for _, life := range report.Dialects[0].Lives.Tokens {
		if named[life.Name] {
			t.Errorf("two tokens are ‹%s›", life.Name)
		}
		if named[life.Name] = true; life.IsAccused() && accused == "" {
			accused = life.Name
		}
	}
	page, err := os.ReadFile(filepath.Join(dir, "w.html"))
	if err != nil || accused != "refresh a1" || !strings.Contains(string(page), `<a class="mark s2 accused fail" id="kitchenhub.lives.refresh-a1.`) {
		t.Errorf("the page does not ring the token that is used again (%q), %v", accused, err)
	}
}

func TestWatchOfAClientThatNeverCalls(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/report.json"
	code, stdout, _ := says("watch", "kitchenhub", "--run", "exit 0", "--label", "build=abc", "--report", "json="+file)
	if code != 3 || !strings.Contains(stdout, "made no request") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	if r := reportIn(t, file); r.Labels["build"] != "abc" || r.Environment == nil {
		t.Errorf("it says of where it was made %+v", r.Origin)
	}
}

// hasty is a client that puts its secret into a URL once, and ends.
const hasty = `curl -sS -o /dev/null "$GONOGO_BASE_URL/v2/auth/token?secret=$GONOGO_PRIMARY_CLIENT_SECRET"`

// TestAWatchIsWaivedAndChosenAsACheckIs: by the same flags, in the same words.
func TestAWatchIsWaivedAndChosenAsACheckIs(t *testing.T) {
	t.Parallel()
	waiver := func(id, outcome string) string {
		return "- {case: '" + id + "', outcome: " + outcome + ", reason: mended in May, owner: Noor, expires: 2999-12-31}\n"
	}
	const leak = "kitchenhub/client-secret/kept"
	watched := func(more ...string) outcome {
		return gonogo(t, append([]string{"watch", "kitchenhub", "--run", hasty}, more...)...)
	}
	watched().exits(t, 1, "NO-GO: 2 cases failed")
	dir := t.TempDir()
	report := filepath.Join(dir, "r.json")
	known := waiver(leak, "fail") + waiver("kitchenhub/issue/documented-request", "fail")
	o := watched("--case", leak, "--waivers", written(t, "w.yaml", known), "--trace", leak, "--history", dir, "--report", "json="+report)
	if o.code != 0 || !strings.Contains(o.stdout, "trace of "+leak+": waived") || !strings.Contains(o.stdout, "mended in May") {
		t.Errorf("waived: %s", o)
	}
	for _, more := range [][]string{
		{"--waivers", written(t, "w.yaml", waiver("kitchenhub/client-secret/kep", "fail"))},
		{"--waivers", written(t, "w.yaml", waiver(leak, "warn")), "--case", leak},
	} {
		o := watched(more...)
		if o.code != 1 || !strings.Contains(o.stdout, "did you mean "+leak+"?") && !strings.Contains(o.stdout, "is stale") {
			t.Errorf("%q: %s", more, o)
		}
	}
	if o := gonogo(t, "watch", "kitchenhub", "--waivers", written(t, "w.yaml", "- {case: '*'}\n")); o.code != 2 || !strings.Contains(o.stderr, "the waiver has no owner") {
		t.Errorf("%s", o)
	}
	if o := gonogo(t, "watch", "kitchenhub", "--label-filter", "storming"); o.code != 2 || !strings.Contains(o.stderr, `no case matches --label-filter "storming"`) {
		t.Errorf("%s", o)
	}
	if o := gonogo(t, "watch", "kitchenhub", "--trace", "kitchenhub/issue/documented-request"); o.code != 2 || !strings.Contains(o.stderr, "there is no such case; --plan lists them") {
		t.Errorf("%s", o)
	}
	o = gonogo(t, "watch", "kitchenhub", "--plan", "--label-filter", "KHW-SECRET-1 || practice && client-storage")
	if o.code != 0 || !hasLine(o.stdout, `^clients of kitchenhub at http://127.0.0.1:\d+: 2 cases$`) || !hasLine(o.stdout, "^  "+leak+" +KHW-SECRET-1$") {
		t.Errorf("the plan is %s", o)
	}
}

// caller is a client of kitchenmonki that gets a token of its own, calls once, and ends.
const caller = `T=$(curl -sS "$GONOGO_BASE_URL/v2/token/grant?grant_type=client_credentials&client_id=$GONOGO_PRIMARY_CLIENT_ID&client_secret=$GONOGO_PRIMARY_CLIENT_SECRET" |
sed 's/.*"access_token": *"\([^"]*\)".*/\1/'); curl -sS -o /dev/null -H "Authorization: Bearer $T" "$GONOGO_BASE_URL/v2/queue"`

// TestAWatchWithoutChromium says that nobody came to the client's page, and is incomplete where somebody must.
func TestAWatchWithoutChromium(t *testing.T) {
	t.Parallel()
	const lacking = "there is no Chromium here"
	args := []string{"watch", "kitchenmonki", "--page", "http://127.0.0.1:3000/login", "--run", caller}
	for _, c := range []struct {
		env  map[string]string
		more []string
		code int
		says string
	}{
		{nil, nil, 0, "the client's page was not opened, and no user came there: " + lacking},
		{nil, []string{"--require", "browser"}, 3, "browser is required, but " + lacking},
		{map[string]string{"CI": "true"}, nil, 3, "browser is required, but " + lacking},
	} {
		o := gonogoIn(t.Context(), c.env, append(args, c.more...)...)
		if o.exits(t, c.code); !strings.Contains(strings.Join(strings.Fields(o.stdout), " "), c.says) {
			t.Errorf("%v: it does not say %q:\n%s", c.env, c.says, o)
		}
	}
}

func TestWatchUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "name the API whose client is watched"},
		{[]string{"kitchenhub", "pos"}, "watch takes one API"},
		{[]string{"kitchenhob"}, "kitchenhub"},
		{[]string{"kitchenhub", "--patience", "0s"}, "--patience 0s"},
		{[]string{"kitchenhub", "--for", "-1s"}, "--for -1s"},
		{[]string{"kitchenhub", "--level", "good"}, "--level good"},
		{[]string{"kitchenhub", "--run", "exit 0", "--listen", "nowhere"}, "nowhere"},
		{[]string{"kitchenhub", "--target", "missing.yaml"}, "missing.yaml"},
		{[]string{"kitchenmonki", "--page", "localhost:3000/login"}, "--page localhost:3000/login: name the client's page with its scheme"},
		{[]string{"kitchenmonki", "--page-label", "Go"}, "--page-label goes with --page"},
		{[]string{"kitchenhub", "--page", "http://127.0.0.1:3000/login", "--run", "exit 0"}, "no user is sent off for consent by a client of kitchenhub"},
		{[]string{"kitchenhub", "--fake-clock"}, "name it with --run"},
		{[]string{"kitchenhub", "--fake-clock", "--run", "exit 0", "--lifetime", "access=2m"}, "choose one"},
		{[]string{"kitchenmonki", "--require", "browsers"}, "--require browsers: choose from"},
	} {
		code, _, stderr := says(append([]string{"watch"}, c.args...)...)
		if code != 2 || !strings.Contains(stderr, c.says) {
			t.Errorf("watch %q: exit %d, %s", c.args, code, stderr)
		}
	}
}

func TestWatchByHTTPS(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := says(append(until(t, "access-ended", curlClient), "watch", "kitchenhub", "--tls")...)
	if code != 0 || !strings.Contains(stderr, "the API is watched at https://127.0.0.1:") {
		t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
	}
}

// TestAClientWhoseLoginIsRefused made no call, and is told why: what was seen is its login.
func TestAClientWhoseLoginIsRefused(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/report.json"
	wrong := `curl -sS -o /dev/null -H 'Content-Type: application/json' -d '{"client_id":"nobody","client_secret":"wrong"}' "$GONOGO_BASE_URL/v2/auth/token"`
	says("watch", "kitchenhub", "--run", wrong, "--report", "json="+file)
	d := reportIn(t, file).Dialects[0]
	const why = "the client made no call, because it was given no token: of its requests for one 1 came to a refusal, the last with status 401"
	if !slices.ContainsFunc(d.Cases, func(c reports.Case) bool { return slices.Contains(c.Requirements, "KHW-USE-1") && c.Reason == why }) {
		t.Errorf("no case of KHW-USE-1 says so: %+v", d.Cases)
	}
}
