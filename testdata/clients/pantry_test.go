package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"gonogo/testdata/fifth"
)

// larder puts the server of the fifth dialect where the reference server is for the others: behind a front that keeps a
// journal, and a control listener in the words of the reference server's.
func (s *stage) larder() {
	server, err := fifth.Start(fifth.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	target, err := url.Parse(server.URL())
	if err != nil {
		s.t.Fatal(err)
	}
	var mu sync.Mutex
	journal, shift := []entry{}, time.Duration(0)
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: target.Scheme, Host: target.Host})
	proxy.ModifyResponse = func(r *http.Response) error {
		mu.Lock()
		defer mu.Unlock()
		journal = append(journal, entry{len(journal) + 1, r.Request.Method, strings.TrimPrefix(r.Request.URL.Path, target.Path), r.StatusCode})
		return nil
	}
	front := httptest.NewServer(proxy)
	control := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		var step struct{ Advance string }
		_ = json.NewDecoder(r.Body).Decode(&step) // without a body it is a question
		if by, err := time.ParseDuration(step.Advance); err == nil {
			server.Advance(by)
			shift += by
		}
		since, _ := strconv.Atoi(r.URL.Query().Get("since"))
		_ = json.NewEncoder(w).Encode(map[string]any{"now": time.Now().Add(shift), "requests": journal[since:], "last": len(journal)})
	}))
	s.t.Cleanup(func() { front.Close(); control.Close(); server.Close() })
	s.api, s.journal, s.step = front.URL+target.Path, control.URL, "9m40s"
	s.env = []string{"GONOGO_PRIMARY_CLIENT_ID=" + fifth.Primary.ID, "GONOGO_PRIMARY_CLIENT_SECRET=" + fifth.Primary.Secret, "GONOGO_PRIMARY_REDIRECT_URI=" + fifth.Primary.ReturnTo,
		"GONOGO_USER_USERNAME=" + fifth.Keeper.Name, "GONOGO_USER_PASSWORD=" + fifth.Keeper.Password}
}
