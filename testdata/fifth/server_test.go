package fifth

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"gonogo/specs"
)

func TestDocumentIsClean(t *testing.T) {
	data, err := os.ReadFile("pantry.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range specs.Lint(DocumentPath, data) {
		t.Errorf("%s", problem)
	}
}

func TestEveryViolationIsOfARequirementInTheDocument(t *testing.T) {
	dialect, err := specs.Load("./pantry.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range Violations {
		if _, ok := dialect.Requirement(v.Requirement); !ok {
			t.Errorf("%s violates %s, which is not there", v.Fault, v.Requirement)
		}
	}
}

func TestTargetIsYAML(t *testing.T) {
	v := arrive(t, Options{})
	var target struct {
		Dialect     string
		BaseURL     string `yaml:"base_url"`
		Credentials map[string]map[string]any
	}
	if err := yaml.Unmarshal([]byte(TargetYAML(v.s, "pantry.yaml")), &target); err != nil {
		t.Fatal(err)
	}
	want(t, "base_url", target.BaseURL, v.s.URL())
	want(t, "secret", target.Credentials["primary"]["client_secret"], any(Primary.Secret))
	want(t, "password", target.Credentials["user"]["password"], any(Keeper.Password))
}

func TestTokens(t *testing.T) {
	v := arrive(t, Options{})
	first := v.signIn(Primary)
	want(t, "sign in", first.status, 201)
	want(t, "cache", first.header.Get("Cache-Control"), "no-store")
	date, err := http.ParseTime(first.header.Get("Date"))
	if err != nil {
		t.Fatal(err)
	}
	const apart = 10 * time.Second // the Date may be some seconds later on a busy machine
	until, err := time.Parse(time.RFC3339, first.body.Token.Refresh.Until)
	if err != nil {
		t.Fatal(err)
	}
	if left := until.Sub(date); (left - 2*time.Hour).Abs() > apart {
		t.Errorf("refresh has %s left", left)
	}
	if left := time.Unix(first.body.Token.Access.Until, 0).Sub(date); (left - 10*time.Minute).Abs() > apart {
		t.Errorf("access has %s left", left)
	}
	for _, header := range []string{"X-Pantry-Token", "Authorization"} {
		value := first.access()
		if header == "Authorization" {
			value = "Bearer " + value
		}
		opened := v.shelves(header, value)
		want(t, header, opened.status, 200)
		want(t, "keeper", opened.body.Keeper.Number, Keeper.Number)
	}
	seen := v.look(Primary, first.access())
	want(t, "active", seen.body.Active, true)
	want(t, "exp", seen.body.Exp, first.body.Token.Access.Until)
	want(t, "active refresh", v.look(Primary, first.refresh()).body.Active, false)
	want(t, "active for a stranger", v.look(Second, first.access()).body.Active, false)

	want(t, "another client refreshes", v.trade(Second, first.refresh()).status, 403)
	second := v.trade(Primary, first.refresh())
	want(t, "refresh", second.status, 201)
	want(t, "new access opens", v.opens(second.access()), true)
	want(t, "replay", v.trade(Primary, first.refresh()).status, 403)
	want(t, "access as refresh", v.trade(Primary, second.access()).status, 403)
}

func TestRefusals(t *testing.T) {
	v := arrive(t, Options{})
	given := v.signIn(Primary)
	for what, got := range map[string]reply{
		"wrong secret":   v.signIn(Client{ID: Primary.ID, Secret: "wrong"}),
		"unknown client": v.signIn(Client{ID: "nobody", Secret: Primary.Secret}),
		"wrong password": v.post("/oauth2/token", Primary, "grant_type", "password", "username", Keeper.Name, "password", "wrong"),
		"no password":    v.post("/oauth2/token", Primary, "grant_type", "password", "username", Keeper.Name),
		"said twice":     v.post("/oauth2/token", Primary, "grant_type", "password", "grant_type", "password"),
		"no grant type":  v.post("/oauth2/token", Primary),
		"other grant":    v.post("/oauth2/token", Primary, "grant_type", "client_credentials"),
		"no token":       v.shelves("", ""),
		"garbage":        v.shelves("Authorization", "Bearer garbage"),
		"refresh token":  v.shelves("X-Pantry-Token", given.refresh()),
		"two words":      v.shelves("Authorization", "Bearer a b"),
		"another scheme": v.shelves("Authorization", "Basic YTpi"),
		"unknown place":  v.send(v.request("GET", "/", nil)),
		"other method":   v.send(v.request("DELETE", "/oauth2/token", nil)),
		"not a form":     v.send(v.request("POST", "/oauth2/token", strings.NewReader("{}"))),
		"too much":       v.send(v.request("POST", "/oauth2/token", bytes.NewReader(make([]byte, maxRequest)))),
	} {
		if got.status < 400 || got.status > 499 || strings.Contains(got.text, Primary.Secret) {
			t.Errorf("%s: %d %s", what, got.status, got.text)
		}
	}
}

func TestWhatIsNotHTTPIsRefused(t *testing.T) {
	v := arrive(t, Options{})
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(v.s.URL(), "http://"), root))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte("open sesame\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || line != "HTTP/1.1 400 Bad Request\r\n" {
		t.Errorf("%q %v", line, err)
	}
}

func TestExpiry(t *testing.T) {
	v := arrive(t, Options{})
	given := v.signIn(Primary)
	v.s.Advance(10*time.Minute - 2*time.Second)
	want(t, "just before", v.opens(given.access()), true)
	put, err := http.NewRequestWithContext(t.Context(), "PUT", v.s.ControlURL()+"/clock", strings.NewReader("forward 3"))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "clock", v.send(put).status, 200)
	want(t, "just after", v.opens(given.access()), false)
	want(t, "active", v.look(Primary, given.access()).body.Active, false)
	v.s.Advance(time.Hour + 49*time.Minute)
	next := v.trade(Primary, given.refresh())
	want(t, "refresh before", next.status, 201)
	v.s.Advance(2*time.Hour + time.Second)
	want(t, "refresh after", v.trade(Primary, next.refresh()).status, 403)
}

func TestConsent(t *testing.T) {
	v := arrive(t, Options{})
	const state = "a+b &c=%41#\"<>~"
	back := v.consent(Primary, Primary.ReturnTo, state, "open")
	if back == nil {
		t.Fatal("not sent back")
	}
	want(t, "state", back.Query().Get("state"), state)
	want(t, "own query", back.Query().Get("via"), "pantry")
	first := v.spend(Primary, back.Query().Get("voucher"))
	want(t, "spend", first.status, 201)
	want(t, "keeper", v.shelves("X-Pantry-Token", first.access()).body.Keeper.Number, Keeper.Number)
	want(t, "spend again", v.spend(Primary, back.Query().Get("voucher")).status, 403)
	want(t, "first tokens afterwards", v.opens(first.access()), false)
	want(t, "another client", v.spend(Second, v.voucher()).status, 403)

	late := v.voucher()
	v.s.Advance(time.Minute + time.Second)
	want(t, "late voucher", v.spend(Primary, late).status, 403)

	shut := v.consent(Primary, Primary.ReturnTo, "s", ShutLabel)
	want(t, "error", shut.Query().Get("error"), "access_denied")
	want(t, "voucher", shut.Query().Has("voucher"), false)
	if to := v.consent(Primary, Second.ReturnTo, "s", "open"); to != nil {
		t.Errorf("sent to %s", to)
	}
	if to := v.consent(Client{ID: "nobody"}, Primary.ReturnTo, "s", "open"); to != nil {
		t.Errorf("sent to %s", to)
	}
}

func TestSecretRegeneration(t *testing.T) {
	v := arrive(t, Options{})
	post, err := http.NewRequestWithContext(t.Context(), "POST", v.s.ControlURL()+"/lock", strings.NewReader(`{"client":"`+Primary.ID+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "lock", v.send(post).status, 200)
	want(t, "old", v.signIn(Primary).status, 403)
	secret, _ := v.s.Regenerate(Primary.ID)
	want(t, "new", v.signIn(Client{ID: Primary.ID, Secret: secret}).status, 201)
	want(t, "the other client", v.signIn(Second).status, 201)
}

// winners sends n identical requests at once and counts those that are granted.
func winners(n int, send func() reply) int {
	var all sync.WaitGroup
	statuses := make([]int, n)
	for i := range n {
		all.Go(func() { statuses[i] = send().status })
	}
	all.Wait()
	won := 0
	for _, status := range statuses {
		if status == 201 {
			won++
		}
	}
	return won
}

func TestOneOfManyWins(t *testing.T) {
	v := arrive(t, Options{})
	given, voucher := v.signIn(Primary), v.voucher()
	want(t, "refreshes", winners(16, func() reply { return v.trade(Primary, given.refresh()) }), 1)
	want(t, "exchanges", winners(16, func() reply { return v.spend(Primary, voucher) }), 1)
}

func TestStartRefusesUnknownWords(t *testing.T) {
	for _, options := range []Options{{Faults: []Fault{"x"}}, {Liberties: []Liberty{"x"}}} {
		if s, err := Start(options); err == nil {
			s.Close()
			t.Error("it started")
		}
	}
}

func TestClosedServerDoesNothing(t *testing.T) {
	v := arrive(t, Options{})
	want(t, "open", v.signIn(Primary).status, 201)
	v.s.Close()
	v.s.Close()
	v.s.Advance(time.Hour)
	if _, ok := v.s.Regenerate(Primary.ID); ok {
		t.Error("a closed server changed a lock")
	}
}
