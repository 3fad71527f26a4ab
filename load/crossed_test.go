package load

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gonogo/internal/wire"
	"gonogo/reports"
	"gonogo/specs"
)

// answered is what a target has said to a request, and whose that was.
type answered struct {
	agent, asked string
	status       int
	said         string
}

// proxied is a target behind a proxy, which passes on one request at a time and may say something else.
func proxied(t *testing.T, of *Target, say func(a *answered)) *Target {
	t.Helper()
	var mu sync.Mutex
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked, _ := io.ReadAll(r.Body)
		out, _ := http.NewRequestWithContext(r.Context(), r.Method, of.file.BaseURL.Scheme+"://"+of.file.BaseURL.Host+r.RequestURI, bytes.NewReader(asked))
		out.Header = r.Header.Clone()
		out.Header.Del("Accept-Encoding")
		reply, err := http.DefaultTransport.RoundTrip(out)
		if err != nil {
			return // the target is gone with the test
		}
		defer func() { _ = reply.Body.Close() }()
		said, _ := io.ReadAll(reply.Body)
		a := &answered{r.UserAgent(), string(asked), reply.StatusCode, string(said)}
		say(a)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.said)
	}))
	t.Cleanup(front.Close)
	return kitchenhub(t, front.URL)
}

// A token that two generators are handed is found, although neither of them sees it twice, and shown with the answer of the second.
func TestATokenThatTwoGeneratorsAreHanded(t *testing.T) {
	first, issued, stolen := "", 0, 0
	target := proxied(t, served(t, nil, nil), func(a *answered) {
		switch {
		case !strings.Contains(a.said, "access_token"):
		case a.agent == "one" && first == "":
			first = a.said
		case a.agent == "two" && first != "":
			if issued++; issued == 20 {
				stolen++
				a.said = first
			}
		}
	})
	c := Config{Target: target, Scenario: "issue", Rate: 200, Duration: 500 * time.Millisecond, Connections: 2, WorkingSet: 2, Pick: uniform, Level: specs.Practice}
	runs := against(t, c, 2, nil, func(i int, c *Config) { c.Agent = []string{"one", "two"}[i] })
	if stolen != 1 || len(runs[0].Violations) > 0 {
		t.Fatalf("%d tokens were handed out twice, of %d; the first generator says %+v", stolen, issued, runs[0])
	}
	whole, err := Merge(runs)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]reports.LoadViolation{}
	for _, v := range whole.Violations {
		kinds[v.Kind] = v
	}
	v, ok := kinds[violationWords[repeated]]
	if !ok || v.Count != 2 || whole.Verdict != reports.NoGo { // an access and a refresh token
		t.Fatalf("%s, because %q, with %+v", whole.Verdict, whole.Because, whole.Violations)
	}
	if v.Finding.Got != "one that generator 1 was handed before" || v.Requirement != "KH-ISSUE-4" || v.Exchange == nil || v.Exchange.Response.Status != 200 || v.Exchange.Request.Method != "POST" {
		t.Errorf("%+v, %+v", v.Finding, v.Exchange)
	}
	if shown := fmt.Sprintf("%+v", v.Exchange); strings.Contains(shown, strings.Split(first, `"`)[3]) {
		t.Error("the evidence shows a token")
	}
}

// A server that hands out pairs twice, whoever got them, is found by generators together as it is by one.
func TestGeneratorsFindWhatIsHandedOutTwice(t *testing.T) {
	c := Config{
		Target: served(t, []string{"kitchenhub-issue-repeats-pair"}, nil), Scenario: "issue", Rate: 100, Duration: 200 * time.Millisecond, Connections: 1, WorkingSet: 2, Pick: uniform,
		Level: specs.Practice, Agent: "test",
	}
	whole, err := Merge(against(t, c, 2, nil, nil))
	if err != nil || whole.Verdict != reports.NoGo || len(whole.Violations) == 0 || whole.Violations[0].Kind != violationWords[repeated] {
		t.Fatalf("%v, %+v", err, whole)
	}
}

// comparing are n generators that compare what they are handed, and do nothing else.
func comparing(t testing.TB, n int) (all []*crossed) {
	t.Helper()
	r, _ := ready(t, "issue")
	for i, share := range InProcess(n, nil) {
		own := *r
		own.group = &group{Share: share, account: true, come: map[string]bool{}}
		own.ledger = newLedger(r.offer, r.ledger.redactor)
		own.account = newAccount(own.ledger, newSeen(1000), r.teller, r.account.connection)
		if err := own.keyed(t.Context(), 10_000); err != nil {
			t.Fatalf("generator %d: %v", i+1, err)
		}
		t.Cleanup(own.account.crossed.end)
		all = append(all, own.account.crossed)
	}
	return all
}

// Whoever keeps a fingerprint, each repeat is told to the one that was handed the token later, once.
func TestEveryRepeatAmongGeneratorsIsTold(t *testing.T) {
	const n, tokens = 5, 2000
	all := comparing(t, n)
	prints := newSeen(1)
	prints.key(bytes.Repeat([]byte{7}, 16))
	by := all[0].calls[0]
	for i := range n * tokens {
		all[i%n].hand(prints.fingerprint(0, fmt.Append(nil, "token-", i)), 0, by)
	}
	for i := range 100 {
		all[(i+1)%n].hand(prints.fingerprint(0, fmt.Append(nil, "token-", i*7)), 0, by)
	}
	whys := make([]string, n)
	var under sync.WaitGroup
	for i, c := range all {
		under.Go(func() { whys[i] = c.finish(t.Context(), time.Second) })
	}
	under.Wait()
	sum := int64(0)
	for i, c := range all {
		for _, v := range c.ledger.warnings() { // it is good practice that they are new
			sum += v.Count
		}
		if whys[i] != "" {
			t.Errorf("generator %d: %s", i+1, whys[i])
		}
	}
	if sum < 98 || sum > 100 {
		t.Errorf("%d of 100 repeats were told", sum)
	}
}

// A generator that goes away keeps the others neither waiting nor silent, and what nobody takes does not fill the memory.
func TestWhoDoesNotCompareIsNamed(t *testing.T) {
	all := comparing(t, 2)
	all[1].end()
	<-all[1].gone
	prints := newSeen(1)
	for i := range 2*mostBatch/handedSize + 1000 {
		all[1].hand(prints.fingerprint(0, fmt.Append(nil, i)), 0, all[1].calls[0])
	}
	for i := range all[1].out {
		if got := len(all[1].out[i].batch); got > mostBatch {
			t.Errorf("%d bytes wait for a keeper", got)
		}
	}
	if all[1].lost.Load() < 100 {
		t.Errorf("%d are known to be lost", all[1].lost.Load())
	}
	if why := all[0].finish(t.Context(), -lateness); !strings.Contains(why, "nothing was heard of generator 2 at the end") {
		t.Errorf("the one that is left says %q", why)
	}
}

// BenchmarkShared is what handing in the tokens of an answer costs beside judging it.
func BenchmarkShared(b *testing.B) {
	for _, n := range []int{1, 4} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r, supply := ready(b, "issue")
			if n > 1 {
				c := comparing(b, n)[0]
				supply.crossed = c
				supply.seen = newSeen(mostSets * setSize)
				supply.seen.key(bytes.Repeat([]byte{7}, 16))
				supply.crossed.calls = r.offer.calls()
			}
			w := newWorker(supply, r.ledger, "test", 0)
			var request wire.Request
			body := []byte(`{"access_token":"Wm3bA1x_9fPp-7QqLr2Vt5Yz8Cc4Dd6Ee0Ff1Gg3Hh5","refresh_token":"Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2Rr1Qq0Pp9Oo8Nn7Mm6","access_token_expire":60,"refresh_token_expire":1440}`)
			answer := wire.Answer{Status: 200, Body: body}
			var made atomic.Uint32
			b.ReportAllocs()
			for b.Loop() {
				request.Reset()
				if _, ok := w.Fill(&request); !ok {
					b.Fatal("nothing to send")
				}
				copy(body[17:], fmt.Appendf(nil, "%08x", made.Add(1)))
				copy(body[17+44+19:], fmt.Appendf(nil, "%08x", made.Add(1)))
				w.Judge(&answer, nil, time.Now())
				w.Settle()
			}
		})
	}
}
