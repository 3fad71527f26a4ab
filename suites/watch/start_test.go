package watch_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"gonogo/reports"
	"gonogo/suites/watch"
)

// recorder is a test that a watch fails.
type recorder struct {
	*testing.T
	ends   []func()
	failed []string
	logged []string
}

func (r *recorder) Cleanup(f func()) { r.ends = append(r.ends, f) }
func (r *recorder) Errorf(format string, args ...any) {
	r.failed = append(r.failed, fmt.Sprintf(format, args...))
}

func (r *recorder) Logf(format string, args ...any) {
	r.logged = append(r.logged, fmt.Sprintf(format, args...))
}

func (r *recorder) end() string {
	for i := len(r.ends) - 1; i >= 0; i-- {
		r.ends[i]()
	}
	return strings.Join(r.failed, "\n")
}

// pair are the tokens of a client of a few lines.
type pair struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
}

func ask(t *testing.T, address string, body any) (p pair) {
	t.Helper()
	text, _ := json.Marshal(body)
	answer, err := http.Post(address, "application/json", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	_ = json.NewDecoder(answer.Body).Decode(&p)
	return p
}

func call(t *testing.T, address, token string) int {
	t.Helper()
	req, _ := http.NewRequest(http.MethodGet, address, nil)
	req.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body) // or the next call would come over another connection
	_ = answer.Body.Close()
	return answer.StatusCode
}

// begun is a watched client of kitchenhub that has its first tokens.
func begun(t *testing.T) (*recorder, *watch.Watch, pair) {
	t.Helper()
	r := &recorder{T: t}
	w := watch.Start(r, "kitchenhub")
	return r, w, ask(t, w.URL+"/v2/auth/token", w.Credentials("primary"))
}

func renew(t *testing.T, w *watch.Watch, p pair) pair {
	t.Helper()
	return ask(t, w.URL+"/v2/auth/refresh", map[string]string{"refresh_token": p.Refresh})
}

func TestAWatchInATest(t *testing.T) {
	for keeps, wanted := range map[bool]string{false: "", true: "KHW-STORE-1"} {
		t.Run(fmt.Sprint(keeps), func(t *testing.T) {
			t.Parallel()
			r, w, p := begun(t)
			first := p.Refresh
			for range 3 {
				w.Advance(61 * time.Minute)
				if status := call(t, w.URL+"/v2/orders", p.Access); status != http.StatusUnauthorized {
					t.Fatalf("after an hour a call is answered %d", status)
				}
				if keeps {
					p.Refresh = first
				}
				if p = renew(t, w, p); p.Access == "" {
					p = ask(t, w.URL+"/v2/auth/token", w.Credentials("primary"))
				}
				call(t, w.URL+"/v2/orders", p.Access)
			}
			if got := r.end(); wanted == "" && got != "" || !strings.Contains(got, wanted) {
				t.Errorf("it fails with %q, and not with %q", got, wanted)
			}
		})
	}
}

// TestARefusedTokenInOtherHands: workers of one client may share a connection, and send a token that was refused to another of them a moment
// ago. Who goes on for longer than that has no such excuse.
func TestARefusedTokenInOtherHands(t *testing.T) {
	for _, pause := range []time.Duration{0, 500 * time.Millisecond} {
		t.Run(pause.String(), func(t *testing.T) {
			t.Parallel()
			r, w, p := begun(t)
			call(t, w.URL+"/v2/orders", p.Access)
			w.Advance(61 * time.Minute)
			for range 4 {
				call(t, w.URL+"/v2/orders", p.Access)
				time.Sleep(pause)
			}
			p = renew(t, w, p)
			call(t, w.URL+"/v2/orders", p.Access)
			if failed := r.end(); failed != "" {
				t.Errorf("it fails with %q", failed)
			}
			warned := strings.Contains(strings.Join(r.logged, "\n"), "warning: ANYW-CACHE-1")
			if warned != (pause > 0) {
				t.Errorf("that it is warned of ANYW-CACHE-1 is %t", warned)
			}
		})
	}
}

// TestAnAccessTokenThatIsSentOn although a newer one was received. Workers that have copies of their own send an old one, too, but each once,
// and then what another had received.
func TestAnAccessTokenThatIsSentOn(t *testing.T) {
	for _, copies := range []bool{false, true} {
		t.Run(fmt.Sprint(copies), func(t *testing.T) {
			t.Parallel()
			r, w, p := begun(t)
			old := p.Access
			call(t, w.URL+"/v2/orders", old)
			w.Advance(61 * time.Minute)
			for i := range 9 {
				if call(t, w.URL+"/v2/orders", old); i == 0 || !copies {
					p = renew(t, w, p)
				}
				if copies {
					call(t, w.URL+"/v2/orders", p.Access)
				}
				time.Sleep(300 * time.Millisecond)
			}
			_ = r.end()
			warned := strings.Contains(strings.Join(r.logged, "\n"), "warning: ANYW-CACHE-1")
			if named := strings.Contains(strings.Join(r.logged, "\n"), "‹access a1›, which ‹access a2› had replaced"); warned == copies || named == copies {
				t.Errorf("that it is warned of ANYW-CACHE-1 is %t, and that it hears of both tokens %t: %q, %q", warned, named, r.failed, r.logged)
			}
		})
	}
}

// TestAClientThatGoesByItsOwnClock meets its tokens' ends where those are announced to come soon.
func TestAClientThatGoesByItsOwnClock(t *testing.T) {
	t.Parallel()
	r := watchedAs(t, "b2b", "env -u GONOGO_CONTROL_URL", "--style eager", func(c *watch.Config) {
		c.Lifetimes, c.For = map[string]time.Duration{"access": 4 * time.Second}, 20*time.Second
	})
	if row := r.Dialects[0].Requirement("BBW-REFRESH-1"); row == nil || row.Outcome != reports.Pass || len(wrong(r)) > 0 {
		t.Errorf("it is %s, with %+v, and for %v%s", r.Verdict, row, wrong(r), findings(r))
	}
}

func TestLifetimesThatCannotBe(t *testing.T) {
	for kind, life := range map[string]time.Duration{"voucher": time.Minute, "access": 90 * time.Second} {
		if err := tryWatch(t, "kitchenhub", map[string]time.Duration{kind: life}); err == nil || !strings.Contains(err.Error(), "--lifetime "+kind) {
			t.Errorf("%s of %s: %v", kind, life, err)
		}
	}
}
