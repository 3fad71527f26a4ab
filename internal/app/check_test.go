package app_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonogo/internal/version"
	"gonogo/reports"
	"gonogo/specs"
)

var dialects = []string{"b2b", "kitchenhub", "kitchenmonki", "oauth2", "pos"}

func TestCheckShowsEveryRowFromBothSides(t *testing.T) {
	t.Parallel()
	o, report := whole(t)
	lines, all := []string{"Not exercised: 3 cases", "    KM-POPUP-1, KM-AUTHZ-3", "  ✓ expiry is graceful                    holds"}, reports.Counts{}
	for _, d := range report.Dialects {
		lines, all = append(lines, d.ID+": "+goes(d.Counts)), all.Plus(d.Counts)
	}
	o.exits(t, 0, append(lines, goes(all))...)
	rows := 0
	for _, d := range report.Dialects {
		seen := map[string]map[reports.Polarity]bool{}
		for _, c := range d.Cases {
			for _, id := range c.Requirements {
				if seen[id] == nil {
					seen[id] = map[reports.Polarity]bool{}
				}
				seen[id][c.Polarity] = seen[id][c.Polarity] || c.Outcome == reports.Pass
			}
		}
		for _, row := range d.Requirements {
			rows++
			if _, exempt := oneSided[d.ID+" "+row.ID]; exempt {
				continue
			}
			wanted := []reports.Polarity{reports.Positive, reports.Negative}
			if strings.HasPrefix(row.ID, "ANY-") { // they look over what all others sent
				wanted = slices.Sorted(maps.Keys(seen[row.ID]))
			}
			for _, side := range wanted {
				if !seen[row.ID][side] {
					t.Errorf("%s %s: no %s case of it ran", d.ID, row.ID, side)
				}
			}
		}
	}
	documented := 0
	for _, id := range specs.Builtin() {
		d, err := specs.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		if judged, err := d.Profiled(""); err != nil {
			t.Fatal(err)
		} else {
			documented += len(judged.Requirements)
		}
	}
	if rows != documented {
		t.Errorf("%d rows: the documents have %d", rows, documented)
	}
}

// goes is the verdict line of a go.
func goes(counts reports.Counts) string {
	line := fmt.Sprintf("GO: %d cases passed", counts.Pass)
	if counts.Warn == 1 {
		line += "; 1 warning"
	}
	if counts.Waived > 0 {
		line += fmt.Sprintf("; %d waived", counts.Waived)
	}
	if counts.NotExercised > 0 {
		line += fmt.Sprintf("; %d not exercised", counts.NotExercised)
	}
	return line
}

// What many of an RFC's rows have in common.
const (
	everyAnswer = "it is looked at in every answer that it is about, and what is not so is found there"
	asksOnly    = "it asks that something be taken, and forbids nothing"
)

// oneSided are the rows that this run does not see from both sides, and why.
var oneSided = map[string]string{
	"kitchenmonki KM-POPUP-1":          "needs a browser, and these tests have none; see browser_test.go",
	"kitchenhub ANY-CLIENTBIND":        "no operation names a client beside a token",
	"b2b ANY-CLIENTBIND":               "no operation names a client beside a token",
	"pos ANY-CLIENTBIND":               "no operation names a client beside a token",
	"kitchenmonki KM-AUTHZ-5":          "its other side is KM-AUTHZ-1: the request with all its parameters",
	"kitchenmonki KM-EXPIRE-3":         "its other side is KM-EXPIRE-2: the document promises two weeks, and says nothing of later",
	"kitchenmonki KM-PRACTICE-3":       "its other side is KM-EXPIRE-1: an access token works for its hour",
	"oauth2 OA-6749-5.2-INVALID-GRANT": everyAnswer,
	"oauth2 OA-6749-5.1-ANSWER":        everyAnswer,
	"oauth2 OA-6749-5.1-PRAGMA":        everyAnswer,
	"oauth2 OA-6749-4.4.3-REFRESH":     everyAnswer,
	"oauth2 OA-6749-5.2-CLIENT":        everyAnswer,
	"oauth2 OA-6749-5.2-ERROR":         everyAnswer,
	"oauth2 OA-6749-5.2-GRANT":         everyAnswer,
	"oauth2 OA-6750-3-CHALLENGE":       everyAnswer,
	"oauth2 OA-6750-3.1-SILENT":        everyAnswer,
	"oauth2 OA-6750-3.1-INVALID":       everyAnswer,
	"oauth2 OA-7009-2.2.1-ERROR":       everyAnswer,
	"oauth2 OA-7662-2.3-CLIENT":        everyAnswer,
	"oauth2 OA-7662-2.1-MISSING":       everyAnswer,
	"oauth2 OA-6749-3.2-EMPTY":         asksOnly,
	"oauth2 OA-6749-3.2-UNKNOWN":       asksOnly,
	"oauth2 OA-6749-2.3.1-BASIC":       asksOnly,
	"oauth2 OA-6749-2.3.1-FORM":        asksOnly,
	"oauth2 OA-6750-2.1-CASE":          asksOnly,
	"oauth2 OA-7009-2.2-UNKNOWN":       asksOnly,
	"oauth2 OA-7662-2.2-AGREES":        asksOnly,
	"oauth2 OA-7662-2.1-HINT":          asksOnly,
	"oauth2 OA-8414-3.2-ANSWER":        everyAnswer,
	"oauth2 OA-8414-2-MEMBERS":         everyAnswer,
	"oauth2 OA-8414-3.3-ISSUER":        everyAnswer,
	"oauth2 OA-8414-2-AGREES":          everyAnswer,
	"oauth2 OA-7636-4.4.1-MISSING":     "its other side is OA-7636-4.2-S256: a request with a challenge",
	"oauth2 OA-7636-4.4.1-METHOD":      "its other side is OA-7636-4.2-S256: a method that is known",
	"oauth2 OA-7636-4.3-PLAIN":         "its other side is OA-7636-4.2-S256: a challenge that was hashed",
	"oauth2 OA-7636-4.1-LENGTH":        "its other side is OA-7636-4.6-VERIFIER: a verifier of the length that it should have",
	"oauth2 OA-6749-3.2.1-PUBLIC":      "its other side is OA-6749-3.2.1-CLIENT: a client that has a secret",
	"oauth2 OA-9068-2.1-TYPE":          "the tokens of the reference server are opaque here; with a liberty they are JWTs",
	"oauth2 OA-9068-2.2-CLAIMS":        "the tokens of the reference server are opaque here; with a liberty they are JWTs",
	"oauth2 OA-9068-4-REFUSED":         "the tokens of the reference server are opaque here; with a liberty they are JWTs",
	"oauth2 OA-6749-3.1.2-QUERY":       "another query than the registered one is a matter of RFC 9700",
	"oauth2 OA-6749-4.1.2-SHORT":       "its other side is OA-6749-4.1.2-ONCE: no RFC says how long a code lives at least",
	"oauth2 OA-6749-3.2-REPEATED":      "its other side is OA-6749-4.4-GRANT: the request with each parameter once",
	"oauth2 OA-6749-3.2-METHOD":        "its other side is OA-6749-4.4-GRANT: the request by POST",
	"oauth2 OA-6749-2.3.1-URI":         "its other side is OA-6749-2.3.1-BASIC: the credentials in the header",
	"oauth2 OA-6749-2.3-ONE":           "its other side is OA-6749-2.3.1-BASIC: the header alone",
	"oauth2 OA-6750-2-ONE":             "its other side is OA-6750-2.1-BEARER: the header alone",
	"oauth2 OA-6750-2.3-QUERY":         "its other side is OA-6750-2.1-BEARER: the token in the header",
	"oauth2 OA-6750-3.1-SCOPE":         "its other side is OA-6750-2.1-BEARER: a token whose scope reaches",
	"oauth2 OA-7009-2.1-SIBLINGS":      "its other side is OA-6749-4.1-CODE: the tokens work before",
	"oauth2 OA-7009-2.1-CLIENT":        "its other side is OA-7009-2.1-REVOKED: who proves to be a client revokes",
	"oauth2 OA-7009-2.1-OWNER":         "its other side is OA-7009-2.1-REVOKED: the token of its own",
	"oauth2 OA-7009-2.1-HINT":          "its other side is OA-7009-2.1-REVOKED: no hint",
	"oauth2 OA-7662-2.1-CALLER":        "its other side is OA-7662-2.2-ACTIVE: who proves who he is is told",
	"oauth2 OA-7662-2.2-SILENT":        "its other side is OA-7662-2.2-INACTIVE",
	"oauth2 OA-7662-4-EXPIRED":         "its other side is OA-7662-2.2-ACTIVE: before its end",
}

func TestServedTargetsAreJudgedAsTheEmbeddedOnes(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			s := serve(t, dialect)
			embedded, one := checked(t, dialect)
			apart, other := checked(t, "--target", s.file(dialect))
			embedded.exits(t, 0)
			apart.exits(t, 0, "  at           "+s.api)
			sameVerdicts(t, "embedded and served", one, other)
			again, third := checked(t, "--target", s.file(dialect)) // its clock has moved on meanwhile
			again.exits(t, 0)
			sameVerdicts(t, "first and second run", other, third)
		})
	}
}

func TestParallelAndSeedChangeNoVerdict(t *testing.T) {
	t.Parallel()
	_, one := whole(t)
	o, many := checked(t, "--parallel", "32", "--seed", "7")
	o.exits(t, 0)
	sameVerdicts(t, "--parallel 1 and 32", one, many)
	if one.Seed != 7 || many.Seed != 7 {
		t.Errorf("the seeds are %d and %d", one.Seed, many.Seed)
	}
	zero, report := checked(t, "--seed", "0", "--case", "kitchenhub/issue/documented-request")
	zero.exits(t, 0)
	if report.Seed != 0 {
		t.Errorf("--seed 0 gives seed %d", report.Seed)
	}
}

func TestOneSeedIsOnePlan(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, dialect := range dialects {
		first := gonogo(t, "check", "--plan", "--seed", "3", "--target", s.file(dialect))
		second := gonogo(t, "check", "--plan", "--seed", "3", "--target", s.file(dialect))
		first.exits(t, 0)
		if first != second {
			t.Errorf("two plans of one seed:\n%s\n%s", first, second)
		}
	}
	if n := s.requests(t); n != 0 {
		t.Errorf("--plan sent %d requests", n)
	}
}

func TestCheckSaysWhatItCannotDoBeforeItSends(t *testing.T) {
	t.Parallel()
	s := serve(t)
	target := s.file("kitchenhub")
	report := filepath.Join(t.TempDir(), "r.json")
	for _, c := range []struct {
		sentence string
		args     []string
	}{
		{`--level strict: choose documented, standard or practice`, []string{"--level", "strict"}},
		{`--require phone: choose from time, outsider, consent, browser, second, listed, user, identity, operator, revocation, public`, []string{"--require", "phone"}},
		{`--parallel 0: at least one case runs at once`, []string{"--parallel", "0"}},
		{`--max-wait -1s: a wait cannot be negative`, []string{"--max-wait", "-1s"}},
		{`no case matches ["kitchenhub/nothing/*"]; --plan without --case lists them`, []string{"--case", "kitchenhub/nothing/*"}},
		{`--trace kitchenhub/nothing: there is no such case; --plan lists them`, []string{"--trace", "kitchenhub/nothing"}},
		{`--trace kitchenhub/refresh-rotation/race: that case is not among those chosen`, []string{"--trace", "kitchenhub/refresh-rotation/race", "--case", "*/issue/*"}},
		{`--report report.json: write FORMAT=FILE, such as json=report.json`, []string{"--report", "report.json"}},
		{`--report pdf=r.pdf: this command has no format "pdf"; choose from ctrf, github, har, html, json, jsonl, junit, md, sarif`, []string{"--report", "pdf=r.pdf"}},
		{`--report json=/nowhere/r.json: the directory /nowhere does not exist`, []string{"--report", "json=/nowhere/r.json"}},
		{`--report json=/tmp: /tmp is a directory; name a file in it`, []string{"--report", "json=/tmp"}},
		{`--report json=/proc/r.json: nothing can be written there: no such file or directory`, []string{"--report", "json=/proc/r.json"}},
		{`--report jsonl=/proc/r.json: nothing can be written there: no such file or directory`, []string{"--report", "jsonl=/proc/r.json"}},
		{"--report jsonl=" + report + ": two reports cannot be one file", []string{"--report", "json=" + report, "--report", "jsonl=" + report}},
		{`if any flags in the group [quiet verbose] are set none of the others can be; [quiet verbose] were all set`, []string{"--quiet", "--verbose"}},
		{`unknown flag: --fast`, []string{"--fast"}},
		{target + ` is a target of the dialect kitchenhub, which is not among kitchenmonki`, []string{"kitchenmonki"}},
	} {
		gonogo(t, append([]string{"check", "--target", target}, c.args...)...).refuses(t, c.sentence)
	}
	gonogo(t, "check", "kitchenhub", "kitchenhub").refuses(t, "the dialect kitchenhub is named twice")
	poor := edited(t, target, func(f fields) { limit(f, fields{"requests": 100}) })
	o := gonogo(t, "check", "--plan", "--target", poor)
	if want := "; not exercised: it takes up to 5 more than the 100 requests of limits.requests\n"; o.code != 0 || !strings.Contains(o.stdout, want) {
		t.Errorf("a plan above limits.requests gives %s", o)
	}
	if n := s.requests(t); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestCaseGlobsChooseAndOthersAreLeftAlone(t *testing.T) {
	t.Parallel()
	o, report := checked(t, "--case", "*/refresh-rotation/*", "--case", "kitchenhub/issue/wrong-*")
	o.exits(t, 0)
	var ids []string
	for _, d := range report.Dialects {
		for _, c := range d.Cases {
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	want := []string{"kitchenhub/issue/wrong-client-secret", "kitchenmonki/refresh-rotation/by-code-token-refused"}
	for _, dialect := range dialects {
		for _, name := range []string{"chain", "old-token-after-login", "old-token-refused", "old-token-refused-later", "old-token-stays-dead", "race", "renewed-token-refused"} {
			want = append(want, dialect+"/refresh-rotation/"+name)
		}
	}
	slices.Sort(want)
	if !slices.Equal(ids, want) {
		t.Errorf("chosen are %q", ids)
	}
}

func TestRequireBrowser(t *testing.T) {
	t.Parallel()
	for _, o := range []outcome{
		gonogo(t, "check", "kitchenmonki", "--case", "*/popup/*", "--case", "*/code-use/*", "--require", "browser"),
		gonogoIn(t.Context(), map[string]string{"CI": "true"}, "check", "kitchenmonki", "--case", "*/popup/*", "--case", "*/code-use/*"),
	} {
		o.exits(t, 3, "INCOMPLETE: kitchenmonki: 3 cases could not run")
		if !hasLine(o.stdout, `^  reason       browser is required, but there is no Chromium here `) {
			t.Errorf("it does not say why:\n%s", o)
		}
	}
}

func TestStrict(t *testing.T) {
	t.Parallel()
	gonogo(t, "check", "kitchenmonki", "--case", "*/popup/code*", "--case", "*/issue/*", "--strict").exits(t, 3,
		"INCOMPLETE: kitchenmonki: not exercised, which --strict asks for: KM-POPUP-1")
	gonogo(t, "check", "kitchenhub", "--strict").exits(t, 0)
}

func TestQuietAndVerbose(t *testing.T) {
	t.Parallel()
	quiet, report := checked(t, "kitchenhub", "--quiet")
	if line := goes(report.Dialects[0].Counts); quiet.code != 0 || quiet.stdout != line+"\n" || quiet.stderr != "" {
		t.Errorf("--quiet gives\n%s", quiet)
	}
	verbose := gonogo(t, "check", "kitchenhub", "--verbose", "--case", "*/lifetimes/*")
	verbose.exits(t, 0)
	if !hasLine(verbose.stdout, `^  ✓ pass {12}kitchenhub/lifetimes/issue-access  \d+m?s$`) {
		t.Errorf("--verbose gives\n%s", verbose)
	}
}

func TestTrace(t *testing.T) {
	t.Parallel()
	o := gonogo(t, "check", "kitchenhub", "--case", "*/issue/*", "--trace", "kitchenhub/issue/wrong-client-secret")
	o.exits(t, 0, "trace of kitchenhub/issue/wrong-client-secret: pass", "401", "Content-Type: application/json")
	if !hasLine(o.stdout, `^curl -sS -i -X POST -H 'Accept: .*' -H 'Content-Type: application/json' --data-raw '\{"client_id":"khub-client-juniper","client_secret":"‹.+ [0-9a-f]{6}›"\}' 'http://.*/v2/auth/token'$`) {
		t.Errorf("there is no curl line in\n%s", o)
	}
}

func TestNoColorWithoutATerminal(t *testing.T) {
	t.Parallel()
	for _, env := range []map[string]string{nil, {"NO_COLOR": "1"}, {"TERM": "xterm-256color"}} {
		if o := gonogoIn(t.Context(), env, "check", "kitchenhub", "--case", "*/issue/*"); hasLine(o.stdout, `\x1b`) {
			t.Errorf("%v: there are escapes in\n%s", env, o)
		}
	}
}

func TestVersionAndHelp(t *testing.T) {
	t.Parallel()
	o := gonogo(t, "version")
	o.exits(t, 0)
	if !hasLine(o.stdout, `^gonogo `+version.Version) {
		t.Errorf("version prints %s", o)
	}
	gonogo(t).exits(t, 0, "  gonogo [command]")
	gonogo(t, "chekc").refuses(t, `unknown command "chekc" for "gonogo"; did you mean check?`)
	gonogo(t, "zzz").refuses(t, `unknown command "zzz" for "gonogo"`)
	gonogo(t, "check", "--taget", "x").refuses(t, `unknown flag: --taget; did you mean --target?`)
	gonogo(t, "load", "capacty", "kitchenhub", "--scenario", "issue").refuses(t, `unknown command "capacty" for "gonogo load"; did you mean capacity?`)
	gonogo(t, "load", "--conections=3").refuses(t, `unknown flag: --conections; did you mean --connections?`)
	gonogo(t, "check", "--nothing-like-it").refuses(t, `unknown flag: --nothing-like-it`)
	gonogo(t, "check", "kitchenhup").exits(t, 2)
}
