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

// lagging passes on to a backend, and does not know what it has handed out until a while later, as a replica does.
func lagging(t *testing.T, backend string, lag time.Duration) string {
	t.Helper()
	proxy := proxyTo(t, backend, "")
	var mu sync.Mutex
	var young []struct {
		token string
		until time.Time
	}
	proxy.ModifyResponse = func(r *http.Response) error {
		body := drained(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		var said map[string]any
		if json.Unmarshal(body, &said) != nil {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		for _, name := range []string{"access_token", "refresh_token"} {
			if token, ok := said[name].(string); ok {
				young = append(young, struct {
					token string
					until time.Time
				}{token, time.Now().Add(lag)})
			}
		}
		return nil
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := drained(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		asked := r.Header.Get("Authorization") + string(body)
		mu.Lock()
		for len(young) > 0 && time.Now().After(young[0].until) {
			young = young[1:]
		}
		unknown := false
		for _, y := range young {
			unknown = unknown || strings.Contains(asked, y.token)
		}
		mu.Unlock()
		if unknown {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"error":"invalid_token"}`)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// Replicas take their time, which a target file can grant, and no more.
func TestLoadGrantsReplicasTheirTime(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	front := lagging(t, s.api, 50*time.Millisecond)
	target := func(settle string) string {
		return edited(t, s.file("kitchenhub"), func(f fields) {
			f["base_url"] = front
			delete(f, "servers")
			limit(f, fields{"settle": settle})
		})
	}
	for _, scenario := range []string{"issue", "refresh", "mix"} {
		t.Run(scenario, func(t *testing.T) {
			args := append([]string{"--target", target("400ms"), "--scenario", scenario}, short...)
			tried := func(of map[string]int64) bool {
				return (scenario == "mix" || of["check"] > 0) && (scenario != "refresh" || of["replay"] > 0)
			}
			o, _, run := loaded(t, args...)
			for again := 0; again < 2 && !tried(parts(run)); again++ { // what settles late on a busy machine is not tried any more
				o, _, run = loaded(t, args...)
			}
			sound(t, o, run, 200)
			if of := parts(run); !tried(of) {
				t.Errorf("nothing was tried beside the load: %v", of)
			}
			if !strings.Contains(strings.Join(run.Notes, " "), "may take 400ms to know what it was told (limits.settle)") {
				t.Errorf("the notes are %q", run.Notes)
			}
		})
	}
	o, _, run := loaded(t, append([]string{"--target", target("0s"), "--scenario", "refresh"}, short...)...)
	if o.code == 0 || !strings.Contains(strings.Join(strings.Fields(o.stdout), " "), "grant it in the target file: limits: {settle: 100ms}") {
		t.Errorf("nothing was granted, and it is %+v in\n%s", run.Violations, o)
	}
}
