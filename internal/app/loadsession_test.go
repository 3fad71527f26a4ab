package app_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gonogo/reports"
)

// journal is a server's own log: what it was asked, when, with which token, and which tokens it handed out.
type journal struct {
	mu  sync.Mutex
	all []entry
}

type entry struct {
	at                     time.Time
	path, shown            string
	handed, renewable      string
	whole                  bool // it was answered with a success
	login, refresh, logout bool
}

// journaled is a server of b2b that keeps a log, in front of the reference server.
func journaled(t *testing.T, backend string) (*journal, string) {
	t.Helper()
	j, proxy := &journal{}, proxyTo(t, backend, "")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := entry{at: time.Now(), path: r.URL.Path, shown: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")}
		e.login, e.refresh, e.logout = strings.HasSuffix(e.path, "/login"), strings.HasSuffix(e.path, "/refresh"), strings.HasSuffix(e.path, "/logout")
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		var tokens struct {
			Refresh string `json:"refresh_token"`
			Data    struct{ Access_token, Refresh_token string }
		}
		if e.refresh {
			_ = json.Unmarshal(body, &tokens)
			e.shown = tokens.Refresh
		}
		kept := httptest.NewRecorder()
		proxy.ServeHTTP(kept, r)
		if e.whole = kept.Code < 300; e.whole && (e.login || e.refresh) {
			_ = json.Unmarshal(kept.Body.Bytes(), &tokens)
			e.handed, e.renewable = tokens.Data.Access_token, tokens.Data.Refresh_token
		}
		j.mu.Lock()
		j.all = append(j.all, e)
		j.mu.Unlock()
		maps.Copy(w.Header(), kept.Header())
		w.WriteHeader(kept.Code)
		_, _ = w.Write(kept.Body.Bytes())
	}))
	t.Cleanup(s.Close)
	return j, s.URL
}

// lives are what each login was followed by, in the order in which it came.
func (j *journal) lives() (all [][]entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	slices.SortStableFunc(j.all, func(a, b entry) int { return a.at.Compare(b.at) })
	whose := map[string]int{} // by token
	for _, e := range j.all {
		life, known := whose[e.shown]
		switch {
		case e.login:
			life = len(all)
			all = append(all, nil)
		case !known:
			continue
		}
		all[life] = append(all[life], e)
		for _, token := range []string{e.handed, e.renewable} {
			if token != "" {
				whose[token] = life
			}
		}
	}
	return all
}

// TestASessionRunIsWhatItsServerSaw: the order of each session, its periods, and the arrivals, by the server's own log.
func TestASessionRunIsWhatItsServerSaw(t *testing.T) {
	t.Parallel()
	const (
		rate, sessions, refreshes = 200, 1000, 2
		period                    = 300 * time.Millisecond
	)
	s := serve(t, "b2b", "--defect", "b2b-revoke-presented-only") // a logout of one that ends all would leave nobody to log out
	log, front := journaled(t, s.api)
	target := edited(t, s.file("b2b"), func(f fields) { f["base_url"] = front; delete(f, "servers") })
	out := filepath.Join(t.TempDir(), "hits.gob")
	o, _, run := loaded(t, "--target", target, "--scenario", "session", "--rate", "200", "--duration", "5s", "--refreshes", "2", "--period", "300ms",
		"--uses", "1", "--think", "50ms-200ms", "--logout", "100%", "--out", out)
	sound(t, o, run, sessions*(1+2*refreshes+1+1))
	told, late := run.Sessions, busy(run) // a machine that has no time for it leaves requests unsent, and says so
	if told == nil || told.Broken+told.Crowded != 0 || told.Open == 0 && told.Foregone != 0 || told.Begun != told.Whole+told.Open || told.Refreshes != told.Whole*refreshes || told.PerLogin() != refreshes ||
		!slices.Equal(told.Steps, []string{"issue", "use", "refresh", "logout"}) || told.MostAtOnce < rate/2 || !late && told.Whole != sessions {
		t.Fatalf("the sessions are %+v", told)
	}
	seen, apart := int64(0), []float64{}
	for _, life := range log.lives() {
		if !slices.ContainsFunc(life, func(e entry) bool { return e.refresh && e.whole }) {
			continue // what a logout does is tried before the attack, and after it
		}
		var steps []string
		var renewed time.Time
		for _, e := range life {
			switch {
			case !e.whole: // what is tried beside: a used token again, or one whose session was ended
				continue
			case e.refresh && !renewed.IsZero():
				apart = append(apart, float64(e.at.Sub(renewed))/float64(period))
				fallthrough
			case e.refresh:
				renewed = e.at
			}
			steps = append(steps, filepath.Base(e.path))
		}
		if !slices.Contains(steps, "logout") {
			continue // of the preparation
		}
		seen++
		if got := strings.Join(steps, " "); got != "login products refresh products refresh products logout" {
			t.Errorf("a session went %s", got)
		}
	}
	if seen != told.Whole {
		t.Errorf("the server saw %d sessions, and not %d", seen, told.Whole)
	}
	slices.Sort(apart)
	if middle := apart[len(apart)/2]; !late && math.Abs(middle-1) > .01 {
		t.Errorf("the median of periods is %v of what was asked", middle)
	}
	// what they were due by is exact, however late it was
	begun := map[int64]bool{}
	for _, at := range duesOf(t, out, front+"/auth/login") {
		begun[at.UnixNano()] = true
	}
	for _, at := range duesOf(t, out, front+"/auth/refresh") {
		if !begun[at.Add(-period).UnixNano()] && !begun[at.Add(-2*period).UnixNano()] {
			t.Errorf("a refresh was due at %s, which is no period after any login", at)
		}
	}
	gaps := arrivalsOf(t, out, front+"/auth/login")
	if int64(len(gaps)) != told.Begun-1 || slices.Min(gaps) < time.Second/rate-1 || slices.Max(gaps) > time.Second/rate+1 {
		t.Errorf("%d gaps between arrivals go from %s to %s", len(gaps), slices.Min(gaps), slices.Max(gaps))
	}
}

// duesOf are the moments at which requests to an address were due.
func duesOf(t *testing.T, file, url string) (at []time.Time) {
	t.Helper()
	for _, hit := range hits(t, file) {
		if hit.URL == url {
			at = append(at, hit.Timestamp)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	return at
}

// arrivalsOf are the gaps between those moments.
func arrivalsOf(t *testing.T, file, url string) (gaps []time.Duration) {
	t.Helper()
	at := duesOf(t, file, url)
	for i := range at[1:] {
		gaps = append(gaps, at[i+1].Sub(at[i]))
	}
	return gaps
}

// journeys is a session run that is long enough for every thing it tries now and then to be tried.
var journeys = []string{"--scenario", "session", "--rate", "50", "--duration", "1s", "--refreshes", "2", "--period", "200ms", "--think", "20ms-100ms"}

func TestSessionsArriveByChance(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	out := filepath.Join(t.TempDir(), "hits.gob")
	o, _, run := loaded(t, append([]string{"--target", s.file("kitchenhub"), "--arrivals", "poisson", "--seed", "11", "--out", out, "--rate", "200"}, slices.DeleteFunc(slices.Clone(journeys), func(a string) bool { return a == "--rate" || a == "50" })...)...)
	sound(t, o, run, run.Requests)
	if run.Shape != "constant 200/s, at random (Poisson) (sessions)" {
		t.Errorf("the shape is %q", run.Shape)
	}
	gaps := arrivalsOf(t, out, s.api+"/v2/auth/token")
	slices.Sort(gaps)
	n, apart := float64(len(gaps)), 0.
	for i, gap := range gaps {
		apart = max(apart, math.Abs(1-math.Exp(-gap.Seconds()*200)-float64(i)/n))
	}
	if run.Unsent == 0 && int64(len(gaps)) != run.Sessions.Begun-1 || n < 150 || apart > 1.63/math.Sqrt(n) {
		t.Errorf("%v gaps are as far as %v from an exponential distribution; %+v", n, apart, run.Sessions)
	}
}

// A session has what its document has, and the report says so.
func TestSessionsOfEveryDialect(t *testing.T) {
	t.Parallel()
	const none = "a session has no logout: the document has no operation that revokes"
	for dialect, c := range map[string]struct {
		steps []string
		note  string
	}{
		"kitchenhub":   {[]string{"issue", "use", "refresh"}, none},
		"kitchenmonki": {[]string{"issue", "use", "refresh"}, none},
		"pos":          {[]string{"issue", "use", "refresh"}, none},
		"b2b":          {[]string{"issue", "use", "refresh"}, "a session has no logout: it ends every session of the account, and those of this run are all of one (--population 1 has them log out, one after the other)"},
		"oauth2":       {[]string{"issue", "use", "logout"}, "a session has no refresh: the document has none of what a login gives"},
	} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			s := serve(t, dialect)
			files := map[string]string{}
			args := append([]string{"--target", s.file(dialect)}, journeys...)
			for _, form := range []string{"html", "md", "junit", "jsonl"} {
				files[form] = filepath.Join(t.TempDir(), "report."+form)
				args = append(args, "--report", form+"="+files[form])
			}
			o, report, run := loaded(t, args...)
			each := int64(9)
			if slices.Contains(c.steps, "refresh") {
				each = 6 // without the logout
			} else {
				each = 3
			}
			sound(t, o, run, 50*each)
			if told := run.Sessions; told.Begun != 50 || told.Whole != 50 || !slices.Equal(told.Steps, c.steps) || told.Length.P50 < 200_000 || !slices.Contains(run.Notes, c.note) {
				t.Errorf("the sessions are %+v, the notes %q", told, run.Notes)
			}
			sent := parts(run)
			for _, step := range c.steps {
				if sent[step] < 50 {
					t.Errorf("of %s there are %d requests", step, sent[step])
				}
			}
			if sent["logout"] > 0 && sent["check"] == 0 {
				t.Errorf("nobody tried a token after its logout: %v", sent)
			}
			for form, file := range files {
				text := strings.Join(strings.Fields(contents(t, file)), " ")
				says := "50 begun, 50 whole, 0 broken"
				if form == "jsonl" {
					says = `"begun":50,"whole":50,"broken":0`
				}
				if !strings.Contains(text, says) {
					t.Errorf("%s does not say %q", form, says)
				}
			}
			if !strings.Contains(strings.Join(strings.Fields(o.stdout), " "), "sessions 50 begun, 50 whole, 0 broken") || !hasLine(o.stdout, `^  session +\d`) {
				t.Errorf("nobody is told in\n%s", o)
			}
			schema, _ := schemas(t)
			var whole strings.Builder
			if err := reports.WriteJSON(&whole, report); err != nil {
				t.Fatal(err)
			}
			validates(t, schema, "the report of sessions", whole.String())
		})
	}
}

func TestSessionsCatchWhatTheyMeet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ defect, kind, requirement string }{
		{"kitchenhub-refresh-replay", "a refresh token that was used before works", "KH-REFRESH-2"},
		{"kitchenhub-refresh-dead-access", "a live access token does not work", "KH-USE-1"},
		{"kitchenhub-refresh-dead-refresh", "a refresh token that was never used is refused", "KH-REFRESH-1"},
		{"kitchenhub-refresh-same-access", "a token was handed out twice", "KH-REFRESH-1"},
		{"b2b-revoke-nothing", "a revoked access token works", "BB-REVOKE-1"},
		{"b2b-revoke-refused", "a live access token does not work", "BB-REVOKE-1"},
	} {
		t.Run(c.defect, func(t *testing.T) {
			t.Parallel()
			dialect, _, _ := strings.Cut(c.defect, "-")
			s := serve(t, dialect, "--defect", c.defect)
			o, _, run := loaded(t, slices.Concat([]string{"--target", s.file(dialect)}, journeys, gateOf(t, dialect, c.requirement))...)
			o.exits(t, 1)
			shows(t, o, run, c.kind, c.requirement)
		})
	}
}

func TestSessionsPassWhatNoDocumentForbids(t *testing.T) {
	t.Parallel()
	for _, liberty := range []string{"kitchenhub-revoke-on-replay", "kitchenhub-old-access-dies", "pos-refresh-same-refresh", "b2b-no-logout"} {
		t.Run(liberty, func(t *testing.T) {
			t.Parallel()
			dialect, _, _ := strings.Cut(liberty, "-")
			s := serve(t, dialect, "--liberty", liberty)
			o, _, run := loaded(t, append([]string{"--target", s.file(dialect)}, journeys...)...)
			sound(t, o, run, 50*6)
		})
	}
	t.Run("one session", func(t *testing.T) {
		t.Parallel()
		s := serve(t, "kitchenhub", "--liberty", "kitchenhub-single-session")
		o, _, _ := loaded(t, append([]string{"--target", s.file("kitchenhub")}, journeys...)...)
		o.exits(t, 3, "INCOMPLETE: the target keeps one session of an account, so sessions end each other; ask for --population 1")
		_, _, run := loaded(t, "--target", s.file("kitchenhub"), "--scenario", "session", "--rate", "3", "--duration", "1s", "--refreshes", "1", "--period", "60ms", "--think", "20ms", "--population", "1")
		if told := run.Sessions; told.Whole == 0 || told.Whole+told.Crowded != 3 || run.Errors > 0 || len(run.Violations) > 0 {
			t.Errorf("the sessions are %+v, and the violations %+v", told, run.Violations)
		}
	})
	t.Run("a logout that ends all", func(t *testing.T) {
		t.Parallel()
		s := serve(t, "b2b")
		_, _, run := loaded(t, "--target", s.file("b2b"), "--scenario", "session", "--rate", "3", "--duration", "1s", "--refreshes", "1", "--period", "60ms", "--think", "20ms", "--population", "1")
		if told := run.Sessions; told.Whole == 0 || told.Whole+told.Crowded != 3 || run.Errors > 0 || len(run.Violations) > 0 || parts(run)["logout"] != told.Whole {
			t.Errorf("the sessions are %+v, and the violations %+v", told, run.Violations)
		}
	})
}

// A session that finds no room is told of, and the run is not what was asked for.
func TestSessionsThatFindNoRoom(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	o, _, run := loaded(t, append([]string{"--target", s.file("kitchenhub"), "--population", "10"}, journeys...)...)
	told := run.Sessions
	if told.Crowded < 10 || told.Begun+told.Crowded != 50 || told.MostAtOnce != 10 || told.Whole != told.Begun || run.Requests != 6*told.Begun {
		t.Errorf("the sessions are %+v of %d requests", told, run.Requests)
	}
	o.exits(t, 3)
	if !strings.Contains(strings.Join(run.Because, "; "), " of 50 sessions did not begin, because as many were under way as may be (--population 10)") {
		t.Errorf("it is incomplete because of %q", run.Because)
	}
}

// Where sessions break is told, and what they would have sent is not forgotten.
func TestSessionsThatBreak(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	front := spoiling(t, s.api, "/v2/auth/refresh", 10, http.StatusServiceUnavailable, `{}`)
	target := edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = front; delete(f, "servers") })
	o, _, run := loaded(t, append([]string{"--target", target}, journeys...)...)
	told := run.Sessions
	if len(run.Violations) > 0 || run.Errors == 0 || told.Broken > run.Errors || told.Broken < run.Errors-2 || // what is tried beside may meet the 503, too
		told.Whole+told.Broken != 50 || len(told.BrokeAt) != 1 || told.BrokeAt[0] != (reports.LoadCount{What: "refresh", Count: told.Broken}) {
		t.Errorf("%d errors, the sessions are %+v, the violations %+v", run.Errors, told, run.Violations)
	}
	if told.Foregone == 0 || run.Requests+told.Foregone != 50*6 {
		t.Errorf("%d requests were sent, and %d not", run.Requests, told.Foregone)
	}
	o.exits(t, 1)
	if !strings.Contains(strings.Join(strings.Fields(o.stdout), " "), "broken (at refresh ×") {
		t.Errorf("nobody is told in\n%s", o)
	}
}

func TestCtrlCEndsSessions(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "r.json")
	o := interrupt(t, " left, ", "load", "kitchenhub", "--scenario", "session", "--rate", "50", "--duration", "10m", "--period", "30s", "--report", "json="+file)
	o.exits(t, 3)
	run := reportIn(t, file).Load[0]
	if told := run.Sessions; told == nil || told.Open == 0 || told.Begun != told.Open+told.Whole+told.Broken || run.DurationMS > 60_000 || run.Complete {
		t.Errorf("the sessions are %+v of %d ms", told, run.DurationMS)
	}
}

func TestSessionsThatCannotBeHad(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	file := s.file("kitchenhub")
	for says, args := range map[string][]string{
		"--population belongs to --scenario session, and this is --scenario issue":                                                {"--scenario", "issue", "--population", "5"},
		"--logout 101%: choose from 0% to 100%; no more than all sessions can log out":                                            {"--scenario", "session", "--logout", "101%"},
		"--think -1s: a think time cannot be negative; write it like 500ms, or 200ms-2s for one by chance":                        {"--scenario", "session", "--think", "-1s"},
		"--population 0: choose from 1 to 1000000":                                                                                {"--scenario", "session", "--population", "0"},
		"--period 1h0m0s: an access token lives for 1h0m0s, and a session that does not refresh uses it for 1h0m0s; ask for less": {"--scenario", "session", "--period", "1h", "--refreshes", "0"},
		"--rate 0: sessions begin at a rate; ask for one above 0":                                                                 {"--scenario", "session", "--rate", "0"},
	} {
		{
			gonogo(t, append([]string{"load", "--target", file}, args...)...).refuses(t, says)
		}
	}
	journeys := edited(t, file, func(f fields) { f["expect"] = fields{"access_token_lifetime": "20s"} })
	gonogo(t, "load", "--target", journeys, "--scenario", "session", "--period", "20s").refuses(t, "--period 20s: an access token lives for 20s, and a session refreshes only after 20s; ask for less")
	if n := s.requests(t); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
