package watch

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gonogo/internal/front"
	"gonogo/internal/lineage"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// lone is a stage with one secret, without an API.
func lone() *stage {
	return &stage{
		heard: newHeard(), book: lineage.NewBook(nil, nil), secrets: []secret{newSecret("client_secret", "hush-hush")}, situation: "elsewhere",
		waiters: map[*waiter]bool{}, began: map[string]time.Time{"elsewhere": time.Now()},
	}
}

// callOver is a call of the API over a connection.
func callOver(line, deed string, headers http.Header) *lineage.Event {
	now := time.Now()
	e := &lineage.Event{Exchange: &front.Exchange{From: line, Situation: "elsewhere", Deed: deed, Arrived: now, Done: now, Request: front.Request{URL: &url.URL{Path: "/"}, Header: headers}}}
	e.Seen = &operation.Seen{Shown: []operation.Shown{{}}}
	return e
}

// TestWhoComesLateToTheOtherHost is seen there: the other workers of a client go on meanwhile, over other connections and over the same.
func TestWhoComesLateToTheOtherHost(t *testing.T) {
	s, played := lone(), make(chan error, 1)
	defer s.closeElsewhere()
	s.secrets = append(s.secrets, newSecret("password", "s3cret-word"))
	go func() { played <- s.playElsewhere(t.Context(), &scene{Config: Config{Patience: time.Minute}}) }()
	var deed front.Deed
	for deed.Name == "" && t.Context().Err() == nil {
		pass(t.Context(), time.Millisecond)
		s.mu.Lock()
		do := s.deed
		s.mu.Unlock()
		if do != nil {
			deed = do(callOver("a", "", nil))
		}
	}
	for _, e := range []*lineage.Event{callOver("a", deed.Name, nil), callOver("b", "", nil), callOver("a", "", nil)} {
		s.mu.Lock()
		s.events = append(s.events, e)
		for w := range s.waiters {
			if w.want(e) {
				delete(s.waiters, w)
				w.found <- e
			}
		}
		s.mu.Unlock()
	}
	if err := <-played; err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, deed.Instead.Header.Get("Location")+"?why=hush-hush", strings.NewReader(`{"word":"s3cret-word"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Client-Secret", "hush-hush")
	r.SetBasicAuth("somebody", "s3cret-word")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	found := &sight{}
	if leaks(s, found); len(found.found) != 4 {
		t.Errorf("of four places %d were found there", len(found.found))
	}
}

// TestTheSecretOfALogin belongs where the document has it, and not into what is written into logs beside it.
func TestTheSecretOfALogin(t *testing.T) {
	for header, shown := range map[string]int{"User-Agent": 1, "X-Client": 0} {
		s, found := lone(), &sight{}
		e := callOver("a", "", http.Header{header: {"kitchen/1.0 (hush-hush)"}})
		e.Seen = &operation.Seen{Op: &operation.Op{Operation: &specs.Operation{Inputs: []specs.Input{{Name: "s", From: specs.Source{Field: "client_secret"}}}}}}
		s.search(e)
		if leaks(s, found); len(found.found) != shown {
			t.Errorf("in %s it is held against the client %d times", header, len(found.found))
		}
	}
}

// TestSecretsInHeaders are leaks for everybody where others read them. In another header to the API itself they are what the document says
// of its secret.
func TestSecretsInHeaders(t *testing.T) {
	for name, shown := range map[string]int{"X-Client-Secret": 0, "User-Agent": 1, "Referer": 1} {
		s, found := lone(), &sight{}
		s.search(callOver("a", "", http.Header{name: {"it is hush-hush"}}))
		if len(s.leaks) != 1 {
			t.Errorf("in %s it is found %d times", name, len(s.leaks))
		}
		if leaks(s, found); len(found.found) != shown {
			t.Errorf("in %s it is held against the client %d times", name, len(found.found))
		}
	}
}
