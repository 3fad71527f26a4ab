package live_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gonogo/internal/live"
)

// told is an event as a browser reads it.
type told struct{ id, kind, data string }

// listen reads events from a feed until the test has enough.
func listen(t *testing.T, address, since string) (next func() told, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, address+"/__control/events", nil)
	if since != "" {
		r.Header.Set("Last-Event-ID", since)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("%s, %s", answer.Status, got)
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	return func() (e told) {
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "id":
				e.id = value
			case "event":
				e.kind = value
			case "data":
				e.data = value
			case "":
				return e
			}
		}
		return told{kind: "over"}
	}, func() { cancel(); _ = answer.Body.Close() }
}

func serve(t *testing.T) (*live.Feed, *httptest.Server) {
	t.Helper()
	f := live.New("a client of kh")
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return f, s
}

func TestWhoComesAgainHearsWhatWasMissed(t *testing.T) {
	f, s := serve(t)
	f.Exchange(live.Exchange{Number: 1})
	f.Rows([]live.Row{{ID: "old"}})
	next, stop := listen(t, s.URL, "")
	if e := next(); e.kind != "run" {
		t.Fatalf("%+v comes first", e)
	}
	first, rows := next(), next()
	if first.kind != "exchange" || rows.kind != "rows" || !strings.Contains(rows.data, "old") {
		t.Fatalf("%+v, %+v", first, rows)
	}
	stop()
	f.Exchange(live.Exchange{Number: 2})
	f.Rows([]live.Row{{ID: "new"}})
	next, stop = listen(t, s.URL, rows.id)
	defer stop()
	if run, e, r := next(), next(), next(); run.kind != "run" || !strings.Contains(e.data, `"number":2`) || !strings.Contains(r.data, "new") {
		t.Errorf("%+v, %+v, %+v", run, e, r)
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	f, s := serve(t)
	f.Situations([]live.Situation{{ID: "calls"}})
	for i := range 5000 { // nobody reads, and nobody waits
		f.Exchange(live.Exchange{Number: i + 1})
		f.Picture(fmt.Sprint("picture ", i))
	}
	next, stop := listen(t, s.URL, "another-17")
	defer stop()
	count := map[string]int{}
	for e := next(); ; e = next() {
		if count[e.kind]++; e.kind == "picture" {
			break
		}
	}
	if count["exchange"] < 900 || count["exchange"] > 1000 || count["situations"] != 1 || count["picture"] != 1 {
		t.Errorf("%v", count)
	}
}

func TestTheVerdictIsHeardBeforeTheEnd(t *testing.T) {
	f, s := serve(t)
	next, stop := listen(t, s.URL, "")
	defer stop()
	next() // the reader is there
	f.Close(live.Verdict{Verdict: "no-go", Words: "NO-GO"})
	f.Exchange(live.Exchange{Number: 1}) // is too late
	s.CloseClientConnections()
	if e := next(); e.kind != "verdict" || !strings.Contains(e.data, "NO-GO") {
		t.Errorf("%+v", e)
	}
	if e := next(); e.kind != "over" {
		t.Errorf("%+v comes behind it", e)
	}
}

func TestOtherOriginsAreNotTold(t *testing.T) {
	_, s := serve(t)
	for name, c := range map[string]struct {
		header map[string]string
		path   string
		status int
	}{
		"a link":               {map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, "/", 200},
		"its own page":         {map[string]string{"Origin": s.URL, "Sec-Fetch-Site": "same-origin"}, "/", 200},
		"another origin":       {map[string]string{"Origin": "http://evil.example"}, "/__control/events", 403},
		"no origin":            {map[string]string{"Origin": "null"}, "/__control/events", 403},
		"another site's fetch": {map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, "/__control/events", 403},
		"another port's fetch": {map[string]string{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, "/", 403},
		"what there is not":    {nil, "/secrets", 404},
	} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+c.path, nil)
		for key, value := range c.header {
			r.Header.Set(key, value)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		rules := answer.Header.Get("Content-Security-Policy")
		if answer.StatusCode != c.status || !strings.HasPrefix(rules, "default-src 'none'") || strings.Contains(rules, "unsafe") || answer.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %s, under %s", name, answer.Status, rules)
		}
	}
}
