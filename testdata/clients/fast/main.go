// Command fast is a client of kitchenhub whose threads share a session and call as fast as they can: what a watch says of it is what it says
// of a slow one. MODE=slow has it pause after each call, and MODE=logins log in for each.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const threads = 4

var (
	base  = os.Getenv("GONOGO_BASE_URL")
	mode  = os.Getenv("MODE")
	web   = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: threads}}
	calls atomic.Int64
)

func main() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	var s session
	var ended atomic.Bool
	var all sync.WaitGroup
	for range threads {
		all.Go(func() {
			for !ended.Load() {
				s.call()
			}
		})
	}
	<-stop
	ended.Store(true)
	all.Wait()
	fmt.Println("calls:", calls.Load())
}

// session is what all threads share.
type session struct {
	mu              sync.Mutex
	access, refresh string
}

// call uses the API once, and once more with new tokens where those that it had are refused.
func (s *session) call() {
	access := s.newer("")
	if mode == "logins" {
		access = s.newer(access)
	}
	status, wait := use(access)
	if status == http.StatusUnauthorized {
		status, wait = use(s.newer(access))
	}
	switch {
	case mode == "slow":
		wait = max(wait, 50*time.Millisecond)
	case status != http.StatusOK:
		wait = max(wait, 100*time.Millisecond)
	}
	time.Sleep(wait)
}

// newer is an access token that is not the old one.
func (s *session) newer(old string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for tries := 0; s.access == old; tries++ {
		path, body := "/v2/auth/refresh", map[string]string{"refresh_token": s.refresh}
		if s.refresh == "" || mode == "logins" {
			path, body = "/v2/auth/token", map[string]string{"client_id": os.Getenv("GONOGO_PRIMARY_CLIENT_ID"), "client_secret": os.Getenv("GONOGO_PRIMARY_CLIENT_SECRET")}
		}
		status, wait, answer := send(http.MethodPost, path, "", body)
		var given struct {
			Access  string `json:"access_token"`
			Refresh string `json:"refresh_token"`
		}
		switch {
		case status == http.StatusOK && json.Unmarshal(answer, &given) == nil && given.Access != "":
			s.access, s.refresh = given.Access, given.Refresh
		case status/100 == 4 && status != http.StatusTooManyRequests:
			s.refresh = ""
		case tries < 2:
			time.Sleep(max(wait, 200*time.Millisecond))
		default:
			s.refresh = ""
			return ""
		}
	}
	return s.access
}

func use(access string) (status int, wait time.Duration) {
	calls.Add(1)
	status, wait, _ = send(http.MethodGet, "/v2/orders", access, nil)
	return status, wait
}

func send(method, path, access string, body any) (status int, wait time.Duration, answer []byte) {
	var text []byte
	if body != nil {
		text, _ = json.Marshal(body)
	}
	r, err := http.NewRequest(method, base+path, bytes.NewReader(text))
	if err != nil {
		return 0, 0, nil
	}
	r.Header.Set("Content-Type", "application/json")
	if access != "" {
		r.Header.Set("Authorization", "Bearer "+access)
	}
	reply, err := web.Do(r)
	if err != nil {
		return 0, 0, nil
	}
	defer reply.Body.Close()
	if answer, err = io.ReadAll(reply.Body); err != nil {
		return 0, 0, nil
	}
	seconds, _ := strconv.Atoi(reply.Header.Get("Retry-After"))
	return reply.StatusCode, time.Duration(seconds) * time.Second, answer
}
