package app_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// ledger stands in front of a kitchenhub server, knows every access token that it handed out, and calls some of them
// dead when it is asked about them.
type ledger struct {
	mu      sync.Mutex
	number  map[string]int // of each, from 0
	handed  []time.Time
	refusal func(number int) bool

	meets bool          // each issue waits a little for another one
	alone chan struct{} // of the one that waits
	met   map[int]bool  // the tokens of those to which one came
}

// meet reports whether another issue is under way at the same time.
func (l *ledger) meet() bool {
	if !l.meets {
		return false
	}
	l.mu.Lock()
	if l.alone != nil {
		close(l.alone)
		l.alone = nil
		l.mu.Unlock()
		return true
	}
	own := make(chan struct{})
	l.alone = own
	l.mu.Unlock()
	select {
	case <-own:
		return true
	case <-time.After(100 * time.Millisecond):
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.alone != own {
		return true
	}
	l.alone = nil
	return false
}

func (l *ledger) target(t *testing.T, refusal func(number int) bool) string {
	t.Helper()
	s := serve(t, "kitchenhub")
	l.number, l.met, l.refusal = map[string]int{}, map[int]bool{}, refusal
	proxy := proxyTo(t, s.api, "")
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Token string `json:"access_token"`
		}
		if r.URL.Path == "/v2/auth/validate" {
			text, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(text))
			if json.Unmarshal(text, &body) == nil && l.dead(body.Token) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, `{"valid":false,"expires_in":0}`)
				return
			}
		}
		if r.URL.Path != "/v2/auth/token" {
			proxy.ServeHTTP(w, r)
			return
		}
		met := l.meet()
		answer := httptest.NewRecorder()
		proxy.ServeHTTP(answer, r)
		if json.Unmarshal(answer.Body.Bytes(), &body) == nil {
			l.hand(body.Token, met)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}))
	t.Cleanup(front.Close)
	return edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = front.URL; delete(f, "servers") })
}

func (l *ledger) hand(token string, met bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.number[token], l.met[len(l.handed)] = len(l.handed), met
	l.handed = append(l.handed, time.Now())
}

func (l *ledger) dead(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	number, known := l.number[token]
	return known && l.refusal(number)
}

const deadToken = "a live access token does not work"

// Of two servers behind one address one does not know the tokens of the other. What is tried once in a while must not be
// in step with that.
func TestLoadIsInStepWithNothing(t *testing.T) {
	t.Parallel()
	for phase := range 2 {
		var l ledger
		file := l.target(t, func(number int) bool { return number > 60 && number%2 == phase })
		o, _, run := loaded(t, "--target", file, "--scenario", "issue", "--rate", "400", "--duration", "2s")
		o.exits(t, 1)
		shows(t, o, run, deadToken, "KH-VALIDATE-1")
	}
}

// A target that loses a token when another is handed out in the same moment does not keep one session, and one session
// is what it would be taken for if nobody waited.
func TestLoadTellsARaceFromOneSession(t *testing.T) {
	t.Parallel()
	var l ledger
	const window = 100 * time.Millisecond
	file := l.target(t, func(number int) bool {
		return number+1 < len(l.handed) && l.handed[number+1].Sub(l.handed[number]) < window
	})
	o, _, run := loaded(t, append([]string{"--target", file, "--scenario", "issue"}, short...)...)
	o.exits(t, 1)
	shows(t, o, run, deadToken, "KH-VALIDATE-1")
	if strings.Contains(strings.Join(run.Notes, "\n"), "one session") {
		t.Errorf("it is taken for one that keeps one session: %q", run.Notes)
	}
}

// Where two tokens that are handed out one after the other live, and two at once do not, it is a race, too.
func TestLoadTriesTwoTokensAtOnce(t *testing.T) {
	t.Parallel()
	l := ledger{meets: true}
	file := l.target(t, func(number int) bool { return l.met[number] })
	o, _, run := loaded(t, "--target", file, "--scenario", "issue", "--rate", "5", "--duration", "1s", "--connections", "1")
	o.exits(t, 1)
	shows(t, o, run, deadToken, "KH-VALIDATE-1")
}

// How many sessions an account may have no document says, so a target that forgets the oldest is worth a note.
func TestLoadNotesTokensThatDoNotLast(t *testing.T) {
	t.Parallel()
	var l ledger
	file := l.target(t, func(number int) bool { return number < len(l.handed)-100 })
	o, _, run := loaded(t, "--target", file, "--scenario", "issue", "--rate", "200", "--duration", "2s")
	sound(t, o, run, 400)
	if !strings.Contains(strings.Join(run.Notes, "\n"), "of 32 access tokens that were handed out before the attack 32 no longer work after it, though they were to live for another 59m5") {
		t.Errorf("the notes are %q", run.Notes)
	}
}
