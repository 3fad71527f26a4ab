package app_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"gonogo/internal/app"
	"gonogo/reference"
	"gonogo/specs"
	"gonogo/suites/catalog"
	clients "gonogo/suites/watch"
)

func TestExplainRequirement(t *testing.T) {
	t.Parallel()
	d, err := specs.Load("kitchenhub")
	if err != nil {
		t.Fatal(err)
	}
	row, _ := d.Requirement("KH-REFRESH-2")
	for _, id := range []string{"KH-REFRESH-2", "kh-refresh-2"} {
		code, stdout, stderr := says("explain", id)
		if code != 0 || stderr != "" {
			t.Errorf("exit %d, %s", code, stderr)
		}
		wantLines(t, stdout,
			"KH-REFRESH-2, a documented requirement of kitchenhub",
			"  "+row.Text,
			"  where: Refresh Access Token, closing note ("+row.At.String()+")",
			"  level: the dialect's document says it; a violation is a no-go",
			"cases that check it",
			"  kitchenhub/refresh-rotation/race",
			"    of refreshes that race with one token, at most one wins",
			"defects that violate it, on purpose, in the reference server",
			"  kitchenhub-refresh-replay",
			"    The old refresh token still works after a refresh.",
			"liberties that lean on it: what a server may do and must not be blamed for",
			"  kitchenhub-revoke-on-replay",
			"run them: gonogo check kitchenhub --verbose --case 'kitchenhub/refresh-rotation/*'",
		)
	}
}

func TestExplainRequirementOfEveryDialect(t *testing.T) {
	t.Parallel()
	code, stdout, _ := says("explain", "ANY-CACHE")
	d, err := specs.Load("b2b")
	if code != 0 || err != nil {
		t.Fatalf("exit %d, %v", code, err)
	}
	row, _ := d.Requirement("ANY-CACHE")
	if d, err = specs.Load("oauth2"); err != nil {
		t.Fatal(err)
	}
	strict, _ := d.Requirement("ANY-CACHE") // the standard itself demands it
	wantLines(t, stdout,
		"ANY-CACHE, a practice requirement of every dialect",
		"  where: any answer with a token ("+row.At.String()+")",
		"  level: good practice that nobody promised; a violation is a warning, and a no-go with --level practice",
		"  in oauth2: a documented requirement, token answers say Cache-Control: no-store (RFC 6749 section 5.1, "+strict.At.String()+")",
		"  threat: a cache on the way keeps an answer with a token, and gives it to others (RFC6819-4.6.6)",
		"  kitchenhub/audit/no-store",
		"  kitchenmonki/audit/no-store",
		"  kitchenhub-cacheable",
		"  kitchenmonki-cacheable",
		"run them: gonogo check --verbose",
	)
}

func TestExplainRequirementOfClients(t *testing.T) {
	t.Parallel()
	d, err := specs.Load("kitchenhub")
	if err != nil {
		t.Fatal(err)
	}
	row, _ := d.ClientRow("KHW-STORE-1")
	code, stdout, stderr := says("explain", "KHW-STORE-1")
	if code != 0 || stderr != "" {
		t.Errorf("exit %d, %s", code, stderr)
	}
	wantLines(t, stdout,
		"KHW-STORE-1, a documented requirement of the clients of kitchenhub",
		"  "+row.Text,
		"  where: Refresh Access Token, closing note ("+row.At.String()+")",
		"  level: the dialect's document says it; a violation is a no-go",
		"what gonogo watch looks for",
		"  after a refresh whose answer arrived whole, no refresh token is sent that is older than the one in it",
		"what a client may do, and must not be blamed for",
		"how to mend a client",
		"watch one: gonogo watch kitchenhub --run ./client.sh",
	)
	_, stdout, _ = says("explain", "ANYW-STORM-1")
	wantLines(t, stdout, "ANYW-STORM-1, a practice requirement of the clients of every dialect", "  put a lock around the refresh, and let whoever waited look at the token again before it refreshes")
	_, stdout, _ = says("explain", "POSW-REFRESH-1")
	wantLines(t, stdout, "  requests: build the request after the document's own example, in the same form of body, and read the answer by its names",
		"  storage: store the new refresh token before the new access token is used, in the one place that every process reads")
	_, stdout, _ = says("explain", "--document", pantryDocument, "PAW-CLOSE-1")
	wantLines(t, stdout, "PAW-CLOSE-1, a documented requirement of the clients of pantry", "watch one: gonogo watch "+pantryDocument+" --run ./client.sh")
	_, stdout, _ = says("explain", "KMW-POPUP-1")
	wantLines(t, stdout, "watch one: gonogo watch kitchenmonki --run ./client.sh --page http://127.0.0.1:3000/login")
	_, stdout, _ = says("explain", "--profile", "oauth2.1", "OAW-6750-5.3-URL")
	wantLines(t, stdout, "OAW-6750-5.3-URL, a documented requirement of the clients of oauth2 under oauth2.1", "  profiles: documented under oauth2.1")
}

func TestExplainRequirementThatStandsInSeveralPlaces(t *testing.T) {
	t.Parallel()
	code, stdout, _ := says("explain", "OA-6749-3.2.1-CLIENT")
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	wantLines(t, stdout, "  also: RFC 6749 section 3.2.1; RFC 6749 section 10.2", "  level: the dialect's document says it; a violation is a no-go")
}

func TestExplainCase(t *testing.T) {
	t.Parallel()
	code, stdout, _ := says("explain", "kitchenmonki/code-binding/OTHER-client")
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	d, err := specs.Load("kitchenmonki")
	if err != nil {
		t.Fatal(err)
	}
	row, _ := d.Requirement("KM-CODE-4")
	wantLines(t, stdout,
		"kitchenmonki/code-binding/other-client, a case of Kitchen Monki, Authentication",
		"  a code is never good for another client",
		"  runs side by side with others",
		"checks",
		"  KM-CODE-4 (standard)",
		"    "+row.Text,
		"  ANY-CLIENTBIND (standard)",
		"needs",
		"  consent    a way to approve the consent page (consent)",
		"  user       a human's login (credentials.user)",
		"  second     a second client or account (credentials.second)",
		"run it: gonogo check kitchenmonki --case kitchenmonki/code-binding/other-client --trace kitchenmonki/code-binding/other-client",
	)
	_, stdout, _ = says("explain", "kitchenhub/secret-regeneration/old-secret-works")
	wantLines(t, stdout,
		"  runs when the ordinary cases are done, because it takes something from everybody",
		"  has the account of primary, the secret of primary to itself",
		"  operator   control over the server (operator)",
	)
	_, stdout, _ = says("explain", "kitchenhub/access-expiry/alive-for-use")
	wantLines(t, stdout, "  runs on the timeline, once for all waits together")
}

func TestExplainDefectAndLiberty(t *testing.T) {
	t.Parallel()
	_, stdout, _ := says("explain", "kitchenhub-refresh-replay")
	wantLines(t, stdout,
		"kitchenhub-refresh-replay, a defect of the reference server's kitchenhub",
		"  The old refresh token still works after a refresh.",
		"  must be caught by a case of KH-REFRESH-2",
		"try it:   gonogo serve kitchenhub --defect kitchenhub-refresh-replay",
		"prove it: gonogo prove kitchenhub --defect kitchenhub-refresh-replay --verbose",
	)
	_, stdout, _ = says("explain", "Kitchenhub-Leeway")
	wantLines(t, stdout,
		"kitchenhub-leeway, a liberty of the reference server's kitchenhub",
		"  must pass every case",
		"try it:   gonogo serve kitchenhub --liberty kitchenhub-leeway",
		"prove it: gonogo prove kitchenhub --liberty kitchenhub-leeway --verbose",
	)
}

func TestExplainKnowsEveryID(t *testing.T) {
	t.Parallel()
	said, err := app.Explanations()
	if err != nil {
		t.Fatal(err)
	}
	knows := func(id string) {
		if !strings.HasPrefix(said[id], id+", a ") {
			t.Errorf("%s: %q", id, said[id])
		}
	}
	for _, q := range append(reference.Defects(), reference.Liberties()...) {
		knows(q.ID)
		knows(q.Requirement)
	}
	for _, s := range clients.Situations() {
		knows(s.ID)
	}
	for _, dialect := range specs.Builtin() {
		d, err := specs.Load(dialect)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range slices.Concat(d.Requirements, d.ClientRows) {
			knows(r.ID)
		}
		for _, c := range clients.Plan(d).Cases {
			knows(c.ID)
			if text := said[c.ID]; !strings.Contains(text, "what gonogo watch looks for\n") || !strings.Contains(text, "must not be blamed for\n") || !strings.Contains(text, "how to mend a client\n") {
				t.Errorf("%s: %s", c.ID, text)
			}
		}
		for i, c := range catalog.Plan(d).Cases {
			knows(c.ID)
			if i > 0 {
				continue
			}
			if code, stdout, stderr := says("explain", c.ID); code != 0 || stdout != said[c.ID] {
				t.Errorf("%s: exit %d, %s%s", c.ID, code, stdout, stderr)
			}
		}
	}
}

func TestExplainAsJSON(t *testing.T) {
	t.Parallel()
	for id, want := range map[string][]string{
		"KH-REFRESH-2":                           {`"kind": "requirement"`, `"actor": "server"`, `"level": "documented"`, `"id": "kitchenhub/refresh-rotation/race"`, `"id": "kitchenhub-refresh-replay"`, `"id": "RFC9700-4.14"`},
		"ANY-CACHE":                              {`"pos"`, `"id": "kitchenhub/audit/no-store"`, `"id": "kitchenmonki/audit/no-store"`, `"id": "kitchenmonki-cacheable"`},
		"KHW-STORE-1":                            {`"kind": "requirement"`, `"actor": "client"`, `"flow": "storage"`, `"looks_for": "`, `"allowed": "`, `"mend": "`},
		"kitchenmonki/code-binding/other-client": {`"kind": "case"`, `"requirements": [`, `"KM-CODE-4"`, `"consent"`},
		"kitchenhub-refresh-replay":              {`"kind": "defect"`, `"dialects": [`, `"KH-REFRESH-2"`},
	} {
		code, stdout, stderr := says("explain", "--json", id)
		if code != 0 || stderr != "" || !json.Valid([]byte(stdout)) || !strings.HasPrefix(stdout, "{\n  \"id\": \""+id+"\"") {
			t.Errorf("%s: exit %d, %s%s", id, code, stdout, stderr)
		}
		for _, text := range want {
			if !strings.Contains(stdout, text) {
				t.Errorf("%s: there is no %s in\n%s", id, text, stdout)
			}
		}
	}
}

func TestExplainNamesTheNearest(t *testing.T) {
	t.Parallel()
	refusal(t, `there is no requirement, case, situation, defect or liberty "KH-REFRSH-2"; the nearest are KH-REFRESH-2, KH-REFRESH-1, KH-REFRESH-3`, "explain", "KH-REFRSH-2")
	refusal(t, `there is no requirement, case, situation, defect or liberty "kitchenhub/client-storage/newst"; the nearest are kitchenhub/client-storage/newest, kitchenhub/client-storage/restart, kitchenmonki/client-storage/newest`, "explain", "kitchenhub/client-storage/newst")
	refusal(t, `there is no requirement, case, situation, defect or liberty "refresh-lots"; the nearest are refresh-lost, refresh-dead, BB-REFRESH-1`, "explain", "refresh-lots")
	refusal(t, `"kitchenhub" is a dialect: gonogo spec show kitchenhub`, "explain", "kitchenhub")
	refusal(t, "gonogo explain takes one argument, not 0: name a requirement, a case, a defect or a liberty", "explain")
	code, _, stderr := says("explain", "old-token-refused")
	if code != 2 || !strings.Contains(stderr, "/refresh-rotation/old-token-refused, ") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}
