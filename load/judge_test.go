package load

import (
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/target"
	"gonogo/internal/wire"
	"gonogo/load/attack"
	"gonogo/reference"
	"gonogo/specs"
)

// ready is a run against a reference server that has everything but its attack behind it, and what the attack draws from.
func ready(tb testing.TB, scenario string) (*run, *supply) {
	tb.Helper()
	server, err := reference.Start(tb.Context(), reference.Config{Dialects: []string{"kitchenhub"}})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(server.Kill)
	asked, err := Config{
		Target: kitchenhub(tb, server.URL()), Scenario: scenario, Rate: MostRate, Duration: time.Minute, Connections: 4, WorkingSet: 100, Pick: uniform,
		Level: specs.Standard, Agent: "test",
	}.read()
	if err != nil {
		tb.Fatal(err)
	}
	r, err := open(asked, mostSets*setSize)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(r.account.connection.Close)
	supply, err := r.prepare(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return r, supply
}

// kitchenhub is a server of that dialect as a target.
func kitchenhub(tb testing.TB, at string) *Target {
	tb.Helper()
	text := fmt.Sprintf(`{dialect: kitchenhub, base_url: "%s", credentials: {primary: {client_id: khub-client-juniper, client_secret: Zq4vTundra8mOrchard2kLantern}}, absent: [second]}`, at)
	t, d, err := target.Parse("target.yaml", []byte(text), nil)
	if err != nil {
		tb.Fatal(err)
	}
	return &Target{file: t, dialect: d}
}

// one is a worker of a ready run.
func one(tb testing.TB, scenario string) *worker {
	tb.Helper()
	r, supply := ready(tb, scenario)
	return newWorker(supply, r.ledger, "test", 0)
}

// BenchmarkJudge is what filling a request and judging its answer cost together.
func BenchmarkJudge(b *testing.B) {
	log.SetOutput(io.Discard)
	for _, scenario := range []string{"issue", "validate", "use", "refresh"} {
		b.Run(scenario, func(b *testing.B) {
			w := one(b, scenario)
			var request wire.Request
			var answer wire.Answer
			body := []byte(`{"valid":true,"expires_in":59}`)
			if scenario == "issue" || scenario == "refresh" {
				body = []byte(`{"access_token":"Wm3bA1x_9fPp-7QqLr2Vt5Yz8Cc4Dd6Ee0Ff1Gg3Hh5","refresh_token":"Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2Rr1Qq0Pp9Oo8Nn7Mm6","access_token_expire":60,"refresh_token_expire":1440}`)
			}
			valid := []byte(`{"valid":true,"expires_in":59}`)
			sent := time.Now()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				request.Reset()
				answer.Reset()
				part, ok := w.Fill(&request)
				if !ok {
					b.Fatal("there was no token")
				}
				now := body
				answer.Status = http.StatusOK
				if string(request.Target) == "/v2/auth/validate" {
					now = valid
				} else if part == 0 && (scenario == "issue" || scenario == "refresh") {
					for j := range 8 { // tokens that nobody has seen
						body[17+j], body[79+j] = 'a'+byte(i>>(4*j)&15), 'a'+byte(i>>(4*j)&15)
					}
				} else if scenario == "refresh" { // what is presented again is refused
					answer.Status = http.StatusUnauthorized
				}
				answer.Body = now
				if verdict := max(w.Judge(&answer, nil, sent), w.Settle()); verdict != attack.Good {
					b.Fatalf("verdict %d: %+v", verdict, w.ledger.violations())
				}
			}
		})
	}
}

func TestExamplesOfErrors(t *testing.T) {
	w := one(t, "issue")
	answered := func(status int, body string) {
		var request wire.Request
		if _, ok := w.Fill(&request); !ok {
			t.Fatal("there was no token")
		}
		if verdict := w.Judge(&wire.Answer{Status: status, Body: []byte(body)}, nil, time.Now()); verdict != attack.Bad {
			t.Fatalf("%d is %v", status, verdict)
		}
	}
	w.ledger.begin(time.Hour)
	answered(503, "in the warm-up")
	if got := w.ledger.errors(); len(got) > 0 {
		t.Errorf("what is in none of the numbers is shown: %+v", got)
	}
	w.ledger.begin(0)
	answered(503, "first")
	answered(503, "second")
	answered(429, "slow down")
	for status := range 20 {
		answered(530+status, "one more")
	}
	got := w.ledger.errors()
	if len(got) != mostExamples || got[0].Answer != "429 Too Many Requests" || got[1].Answer != "503 Service Unavailable" || got[1].Exchange.Response.Body != "first" || got[1].Request != "issue" {
		t.Errorf("the examples are %+v", got)
	}
}

func TestWorkingSetIsDrawnFromEvenlyOrNot(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, zipf := range []bool{false, true} {
		d := newDraw(random, 100, zipf)
		var often [100]int
		for range 100_000 {
			often[d.next()]++
		}
		most, first := 0, 0
		for i, n := range often {
			most = max(most, n)
			if i < 10 {
				first += n
			}
		}
		if !zipf && (most > 1300 || first > 11_500) || zipf && (first < 50_000 || often[0] < 15_000) {
			t.Errorf("zipf %t: one token was drawn %d times, the first ten %d times", zipf, most, first)
		}
	}
}

func setOf(tokens ...*liveToken) *workingSet {
	s := &workingSet{places: make([]atomic.Pointer[liveToken], len(tokens))}
	for i, token := range tokens {
		s.places[i].Store(token)
	}
	return s
}

func TestATokenThatReplicasMayNotKnowIsNotPresented(t *testing.T) {
	now := time.Now()
	s := setOf(&liveToken{access: []byte("new"), ready: now.Add(time.Second)}, &liveToken{access: []byte("known"), ready: now})
	for i := range 2 {
		if got := s.at(i, now); got == nil || string(got.access) != "known" {
			t.Errorf("from place %d on it is %v", i, got)
		}
	}
}

func TestATokenThatIsAboutToEndIsNotPresented(t *testing.T) {
	now := time.Now()
	s := setOf(&liveToken{access: []byte("ended"), ends: now.Add(-time.Minute)}, &liveToken{access: []byte("ending"), ends: now.Add(margin / 2)},
		&liveToken{access: []byte("lives"), ends: now.Add(time.Hour)}, &liveToken{access: []byte("for ever")})
	for i, want := range []string{"lives", "lives", "lives", "for ever"} {
		if got := s.at(i, now); got == nil || string(got.access) != want {
			t.Errorf("from place %d on it is %v, not %s", i, got, want)
		}
	}
	if got := setOf(&liveToken{access: []byte("ended"), ends: now}).at(0, now); got != nil {
		t.Errorf("of a set that has ended it is %s", got.access)
	}
}

// TestARefusalAfterALostAnswerAccusesNobody: the answer that was lost may have been the success.
func TestARefusalAfterALostAnswerAccusesNobody(t *testing.T) {
	r, supply := ready(t, "refresh")
	r.offer.rotates = false // no token is presented twice on purpose
	for _, c := range []struct {
		name   string
		before func(w *worker)
		want   attack.Verdict
	}{
		{"certain", func(*worker) {}, attack.Violation},
		{"sent twice", func(w *worker) { w.Doubt() }, attack.Bad},
		{"a lost answer before", func(w *worker) { w.under().family.doubtful = true }, attack.Bad},
	} {
		w := newWorker(supply, r.ledger, "test", 0)
		var request wire.Request
		if _, ok := w.Fill(&request); !ok {
			t.Fatal("there was no token")
		}
		c.before(w)
		var answer wire.Answer
		answer.Status = http.StatusUnauthorized
		if got := w.Judge(&answer, nil, time.Now()); got != c.want {
			t.Errorf("%s: the verdict is %d, not %d", c.name, got, c.want)
		}
		if w.user.(*users).family != nil {
			t.Errorf("%s: a family whose token was refused goes on", c.name)
		}
	}
}

// A success that says that a token is not valid is told by what it says, and not by its status.
func TestATokenThatIsDeniedBeforeTheAttack(t *testing.T) {
	r, _ := ready(t, "issue")
	op := r.offer.live.op
	x := &exchange.Exchange{Method: op.Method, URL: op.URL().String(), Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"valid":false}`)}
	r.account.dead("with a live access token", &client.Reply{Answer: op.Read(x)})
	found := r.ledger.violations()
	if len(found) != 1 || found[0].Finding.Wanted != "/valid true" || found[0].Finding.Got != "200 OK, /valid not true" {
		t.Errorf("it is told as %+v", found)
	}
}

// TestARepeatIsShownAsItWas: a token is looked up when the next request has been filled and its family goes on, and the
// finding has the exchange that handed it out.
func TestARepeatIsShownAsItWas(t *testing.T) {
	w := one(t, "refresh")
	w.offer.rotates = false // no token is presented twice on purpose
	fill := func() string {
		var request wire.Request
		if _, ok := w.Fill(&request); !ok {
			t.Fatal("there was no token")
		}
		return string(w.under().fill.refresh)
	}
	judge := func(access, refresh string) {
		defer func() { w.user.(*users).untried = nil }() // no access token is tried between
		body := fmt.Appendf(nil, `{"access_token":%q,"refresh_token":%q,"access_token_expire":60,"refresh_token_expire":1440}`, access, refresh)
		if verdict := w.Judge(&wire.Answer{Status: http.StatusOK, Body: body}, nil, time.Now()); verdict != attack.Good {
			t.Fatalf("before it is looked up it is %d: %+v", verdict, w.ledger.violations())
		}
	}
	fill()
	judge("once", "first")
	if w.Settle() != attack.Good {
		t.Fatal("a new token is a repeat")
	}
	presented := fill()
	judge("once", "second")
	fill()
	if w.Settle() != attack.Violation || w.Settle() != attack.Good {
		t.Fatal("a repeat is none, or is counted twice")
	}
	if presented != "first" {
		t.Fatalf("it went on with %q", presented)
	}
	shown := w.exchange(&w.hits[1-w.turn])
	if found := w.ledger.violations(); len(found) != 1 || found[0].Count != 1 || found[0].Finding.Got != "one that was handed out before" {
		t.Errorf("it is told as %+v", found)
	}
	if !strings.Contains(string(shown.RequestBody), `"first"`) || !strings.Contains(string(shown.Body), `"second"`) {
		t.Errorf("shown is %s, answered %s", shown.RequestBody, shown.Body)
	}
}
