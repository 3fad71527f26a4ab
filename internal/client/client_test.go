package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/internal/traceparent"
	"gonogo/specs"
)

// stall is a server of testdata/stall.yaml that has the habits a test gives it.
type stall struct {
	noAccounts int           // the status that a registration is refused with; zero: it is not
	repeats    bool          // a live token is handed out again
	alone      bool          // a session ends the one before
	late       bool          // no refresh while the access token lives
	noLook     bool          // GET /look is not there
	noTokens   int           // the status that an issue is refused with; zero: it is not
	minutes    int           // that an answer announces; zero: it announces nothing
	ahead      time.Duration // of its clock

	mu    sync.Mutex
	count int
	live  map[string]bool
	heard []string // method and path of every request
	named string   // by the last registration
}

func (s *stall) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = append(s.heard, r.Method+" "+r.URL.Path)
	w.Header().Set("Date", time.Now().Add(s.ahead).UTC().Format(http.TimeFormat))
	var in map[string]string
	_ = json.NewDecoder(r.Body).Decode(&in)
	bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch path := r.URL.Path; {
	case path == "/register" && s.noAccounts != 0:
		w.WriteHeader(s.noAccounts)
	case path == "/register":
		s.named = in["name"]
	case path == "/issue" && (s.noTokens != 0 || s.named != "" && in["name"] != s.named):
		w.WriteHeader(max(s.noTokens, http.StatusUnauthorized))
	case path == "/issue":
		if s.alone {
			clear(s.live)
		}
		s.hand(w, !s.repeats)
	case path == "/refresh" && s.live[in["refresh"]] && !s.late:
		delete(s.live, in["refresh"])
		s.hand(w, true)
	case path == "/look" && s.noLook:
		w.WriteHeader(http.StatusNotFound)
	case (path == "/look" || path == "/see") && s.live[bearer]:
	case path == "/secret":
		_, _ = fmt.Fprint(w, `{"client_id": "stall-two", "client_secret": "Nw4kGranite8pLichen"}`)
	case path == "/advance":
		by, _ := time.ParseDuration(in["by"])
		s.ahead += by
	default:
		w.WriteHeader(http.StatusUnauthorized)
	}
}

// hand answers with tokens. s.mu is held.
func (s *stall) hand(w http.ResponseWriter, fresh bool) {
	if fresh || s.count == 0 {
		s.count++
	}
	body := map[string]any{"access": fmt.Sprintf("access-%06d", s.count), "refresh": fmt.Sprintf("refresh-%06d", s.count)}
	if s.live == nil {
		s.live = map[string]bool{}
	}
	s.live[body["access"].(string)], s.live[body["refresh"].(string)] = true, true
	if s.minutes > 0 {
		body["minutes"] = s.minutes
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

// open is a client of a stall, with more in its target file.
func open(t *testing.T, s *stall, more string) (*client.Client, *client.Connection) {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return openAt(t, server.URL, more)
}

// openAt is a client of whatever is at an address.
func openAt(t *testing.T, address, more string) (*client.Client, *client.Connection) {
	t.Helper()
	file := strings.ReplaceAll("dialect: testdata/stall.yaml\nbase_url: ADDRESS\ncredentials:\n  primary: {client_id: stall, client_secret: Nw4kGranite7pLichen}\n  second: {client_id: other, client_secret: Nw4kGranite9pLichen}\n"+more, "ADDRESS", address)
	aimed, dialect, err := target.Parse("stall-target.yaml", []byte(file), nil)
	if err != nil {
		t.Fatal(err)
	}
	connection, err := client.Open(aimed, traceparent.New(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(connection.Close)
	return &client.Client{Memory: client.NewMemory(dialect, aimed, operation.Compile(dialect, aimed)), Sender: connection, Purpose: "to try with"}, connection
}

const user = "  user: {name: ada, password: Gq7-granite-lichen-k}\n"

func issue(t *testing.T, c *client.Client) *client.Grant {
	t.Helper()
	grant, err := c.Issue(t.Context(), operation.Primary)
	if err != nil {
		t.Fatal(err)
	}
	return grant
}

// unable wants an error that says why nothing could be done, with a text in it.
func unable(t *testing.T, err error, why client.Why, text string) *client.Unable {
	t.Helper()
	u, ok := errors.AsType[*client.Unable](err)
	if !ok || u.Why != why || !strings.Contains(u.Reason, text) {
		t.Fatalf("got %#v, wanted one of kind %d with %q", err, why, text)
	}
	return u
}

func TestATokenIsHadUsedRefreshedAndKeptSecret(t *testing.T) {
	t.Parallel()
	c, connection := open(t, &stall{minutes: 10}, user)
	var heard []string
	c.Heard = func(answer *operation.Answer) { heard = append(heard, answer.Op.ID) }
	grant := issue(t, c)
	use := c.Ops.Find("see")
	if lives, err := c.Lives(t.Context(), use, grant.Value(client.Access)); err != nil || !lives {
		t.Errorf("a new token: %t, %v", lives, err)
	}
	next, err := c.Renew(t.Context(), grant, "")
	if err != nil {
		t.Fatal(err)
	}
	if c.Live(grant.Value(client.Refresh)) || !c.Live(next.Value(client.Refresh)) {
		t.Error("a refresh token that was used counts as live, or the new one does not")
	}
	if _, err := c.Renew(t.Context(), grant, ""); unable(t, err, client.Broken, "the refresh did not succeed: 401 Unauthorized").Answer == nil {
		t.Error("the answer that it follows from is not there")
	}
	if got := strings.Join(heard, " "); got != "issue see refresh refresh" {
		t.Errorf("heard of %s", got)
	}
	for _, token := range c.Minted() {
		if text := connection.Redactor.String("saw " + token.Value); strings.Contains(text, token.Value) {
			t.Errorf("a token is told: %s", text)
		}
	}
	if connection.Sent() != 4 {
		t.Errorf("%d requests were sent", connection.Sent())
	}
}

func TestOneUnitLessIsTruncation(t *testing.T) {
	t.Parallel()
	for minutes, want := range map[int]time.Duration{0: 10 * time.Minute, 10: 10 * time.Minute, 9: 10 * time.Minute, 8: 8 * time.Minute, 11: 10 * time.Minute} {
		c, _ := open(t, &stall{minutes: minutes}, user)
		if got := issue(t, c).Tokens[client.Access].Lifetime; got != want {
			t.Errorf("%d minutes are announced: %s, wanted %s", minutes, got, want)
		}
	}
	c, _ := open(t, &stall{}, user+"expect: {access_lifetime: 5m}\n")
	if got := issue(t, c).Tokens[client.Access].Lifetime; got != 5*time.Minute {
		t.Errorf("the target file declares 5m: %s", got)
	}
}

func TestAnAccountIsMadeOnceAndActedAs(t *testing.T) {
	t.Parallel()
	s := &stall{}
	c, _ := open(t, s, "")
	if err := c.SettleIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	if name, ok := c.Credential("user", "name"); !ok || name != s.named {
		t.Errorf("it acts as %q, and %q was made", name, s.named)
	}
	issue(t, c)

	given, other := &stall{}, ""
	c, _ = open(t, given, user)
	if err := c.SettleIn(t.Context()); err != nil || given.named != other {
		t.Errorf("an account is made although the target file gives one: %v", err)
	}
}

func TestNoAccount(t *testing.T) {
	t.Parallel()
	c, _ := open(t, &stall{noAccounts: http.StatusConflict}, "")
	if err := c.SettleIn(t.Context()); err != nil || c.Habits().NoAccount == "" {
		t.Errorf("a refused account is a habit: %v", err)
	}
	_, err := c.Issue(t.Context(), operation.Primary)
	unable(t, err, client.Broken, "there is no account to act as: POST /register was answered 409 Conflict")

	c, _ = open(t, &stall{noAccounts: http.StatusForbidden}, "")
	unable(t, c.SettleIn(t.Context()), client.Broken, "check credentials.primary in the target file, or give credentials.user")
}

func TestNoTokens(t *testing.T) {
	t.Parallel()
	c, _ := open(t, &stall{noTokens: http.StatusForbidden}, user)
	_, err := c.Issue(t.Context(), "second")
	unable(t, err, client.Broken, "no tokens could be had to try with: POST /issue was answered 403 Forbidden; check credentials.second in the target file")
	_, err = c.Refresh(t.Context(), operation.Primary, "", "")
	unable(t, err, client.Broken, "the grant carries no refresh token")
}

func TestHabitsAreFoundAndToldOnce(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		stall  *stall
		habits func(client.Habits) bool
		note   string
	}{
		"none":           {&stall{}, func(h client.Habits) bool { return !h.TakeTurns() && !h.LateRefresh }, ""},
		"repeats":        {&stall{repeats: true}, func(h client.Habits) bool { return h.RepeatsAccess && h.RepeatsRefresh && h.TakeTurns() }, "hands out a live token again"},
		"one session":    {&stall{alone: true}, func(h client.Habits) bool { return h.OneSession && !h.Repeats() && h.TakeTurns() }, "a second session of an account ends the first"},
		"late":           {&stall{late: true}, func(h client.Habits) bool { return h.LateRefresh }, "refuses a refresh while the access token lives"},
		"lacks":          {&stall{noLook: true}, func(h client.Habits) bool { return len(h.Lacks) == 1 }, "GET /look is not documented, and this target answers 404"},
		"clock is ahead": {&stall{ahead: time.Hour}, func(h client.Habits) bool { return h.Dated && h.Skew > 59*time.Minute }, "the target's clock is off by "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := open(t, tc.stall, user)
			first := issue(t, c)
			c.Skewed(first.Reply)
			if err := c.TryCompanions(t.Context(), first.Value(client.Access)); err != nil {
				t.Fatal(err)
			}
			second, err := c.SecondIssue(t.Context(), first)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.EarlyRefresh(t.Context(), second); err != nil {
				t.Fatal(err)
			}
			if !tc.habits(c.Habits()) {
				t.Errorf("found %+v", c.Habits())
			}
			notes := strings.Join(c.Habits().Notes(), "\n")
			if tc.note == "" && notes != "" || strings.Count(notes, tc.note) != 1 && tc.note != "" {
				t.Errorf("told %q", notes)
			}
		})
	}
}

func TestWhatIsOnlyOnCompanionPagesMayBeMissing(t *testing.T) {
	t.Parallel()
	c, _ := open(t, &stall{noLook: true}, user)
	grant := issue(t, c)
	look := c.Ops.Find("look")
	if c.First(specs.RoleUse) != look {
		t.Fatal("the first operation is another one")
	}
	if err := c.TryCompanions(t.Context(), grant.Value(client.Access)); err != nil {
		t.Fatal(err)
	}
	if c.First(specs.RoleUse) == look {
		t.Error("what is not there is still the first to be used")
	}
	_, err := c.Use(t.Context(), look, grant.Value(client.Access), "")
	unable(t, err, client.NotGranted, "does not take GET /look")
}

func TestATokenThatMayBeRefusedEarlyIsUsableWhenTheAccessTokenHasEnded(t *testing.T) {
	t.Parallel()
	c, _ := open(t, &stall{late: true}, user)
	grant := issue(t, c)
	if _, waits := c.Earliest(grant.Value(client.Refresh)); waits {
		t.Error("there is a wait before anything was found out")
	}
	if err := c.EarlyRefresh(t.Context(), grant); err != nil {
		t.Fatal(err)
	}
	due, waits := c.Earliest(grant.Value(client.Refresh))
	if want := grant.Tokens[client.Access].Received.Add(10*time.Minute + client.Leeway); !waits || !due.Equal(want) {
		t.Errorf("due at %s (%t), wanted %s", due, waits, want)
	}
}

const clock = `clock: {advance: {url: ADDRESS/advance, body: '{"by": "${duration}"}'}}` + "\n"

func TestTheClockIsMovedAndReckonedWith(t *testing.T) {
	t.Parallel()
	s := &stall{}
	c, connection := open(t, s, user+clock)
	first := issue(t, c)
	c.Skewed(first.Reply)
	if err := connection.MoveClock(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	second := issue(t, c)
	if moved := second.Tokens[client.Access].Received.Sub(first.Tokens[client.Access].Received); moved < time.Hour || moved > time.Hour+time.Minute {
		t.Errorf("the target's time went on by %s", moved)
	}
	if second.Reply.DateStands || second.Reply.Ahead != time.Hour {
		t.Errorf("the answer is %s ahead, and its Date stands: %t", second.Reply.Ahead, second.Reply.DateStands)
	}
	if err := c.MovedByOthers(second.Reply); err != nil {
		t.Error(err)
	}
	s.mu.Lock()
	s.ahead += time.Minute
	s.mu.Unlock()
	// Dates count whole seconds, so that the figure may be off by one or two.
	moved := unable(t, c.MovedByOthers(issue(t, c).Reply), client.Broken, "ahead of where this run has moved it")
	figure := regexp.MustCompile(`is (\S+) ahead`).FindStringSubmatch(moved.Reason)
	if figure == nil {
		t.Fatal(moved.Reason)
	}
	if ahead, err := time.ParseDuration(figure[1]); err != nil || (ahead-time.Minute).Abs() > 5*time.Second {
		t.Errorf("%q (%v)", moved.Reason, err)
	}
	s.mu.Lock()
	s.ahead = 0
	s.mu.Unlock()
	if !issue(t, c).Reply.DateStands {
		t.Error("a Date that does not follow the clock control is taken for one that does")
	}
}

func TestASecretIsRotated(t *testing.T) {
	t.Parallel()
	c, connection := open(t, &stall{}, user+"operator: {rotate_secret: {url: ADDRESS/secret, result: '$response.body#/client_secret'}}\n")
	if err := c.RotateSecret(t.Context(), operation.Primary, "client_secret"); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{"client_id": "stall-two", "client_secret": "Nw4kGranite8pLichen"} {
		if got, _ := c.Credential(operation.Primary, field); got != want {
			t.Errorf("%s is %s", field, got)
		}
	}
	if text := connection.Redactor.String("Nw4kGranite8pLichen"); strings.Contains(text, "Granite8") {
		t.Errorf("the new secret is told: %s", text)
	}
	c, _ = open(t, &stall{}, user)
	unable(t, c.RotateSecret(t.Context(), operation.Primary, "client_secret"), client.NotGranted, "no operator.rotate_secret")
}

func TestAnOutsiderWithoutASecondAddress(t *testing.T) {
	t.Parallel()
	c, _ := open(t, &stall{}, user)
	_, err := c.Issue(client.FromOutside(t.Context()), operation.Primary)
	unable(t, err, client.Broken, "there is no second address to send from")
}

func TestATargetThatIsGoneIsToldOfWithItsAddress(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(&stall{})
	c, connection := openAt(t, server.URL, user)
	connection.KnownGood(c.Knock)
	server.Close()
	_, err := c.Issue(t.Context(), operation.Primary)
	if !errors.Is(err, exchange.ErrGone) || !connection.Gone() {
		t.Fatalf("got %v, and it is gone: %t", err, connection.Gone())
	}
	if want := "the target cannot be reached at " + server.URL + ": dial tcp "; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("it says %q, not %q", err, want)
	}
}

// What reads like a name inside a token, and what the document fixes, is shown: evidence without them cannot be read.
func TestWhatIsNoSecretIsShown(t *testing.T) {
	t.Parallel()
	aimed, _, err := target.Parse("target.yaml", []byte(`dialect: oauth2
base_url: http://127.0.0.1:1
credentials:
  primary: {client_id: maggie, client_secret: client_credentials}
  user: {username: lichen, password: authorization_code}
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	connection, err := client.Open(aimed, traceparent.New(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	shown := connection.Redactor.String
	for text, kept := range map[string]bool{
		"eyJlichenxyz.7lichen": true, "hello lichen": false,
		"grant_type=client_credentials": true, "client_secret=client_credentials": false,
		"grant_type=authorization_code": true, "password=authorization_code": false,
	} {
		if got := shown(text); (got == text) != kept {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}
