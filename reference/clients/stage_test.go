package clients

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gonogo/reference"
)

// stage is a server, and a control listener that plays situations in front of its clock.
type stage struct {
	t       *testing.T
	api     string // where the document's first server is
	step    string // a little less than an access token lasts
	journal string // the control listener of the server itself
	control *httptest.Server
	env     []string
	mu      sync.Mutex
	present map[string]any
	next    chan struct{} // closed when the situation changes
	heard   chan struct{} // closed when a client knows
	id      string        // of the primary client
}

func newStage(t *testing.T, dialect string) *stage {
	s := &stage{t: t, step: "58m", present: map[string]any{"id": "calls"}, next: make(chan struct{}), heard: make(chan struct{})}
	if dialect == "pantry" {
		s.larder()
	} else {
		s.kitchen(dialect)
	}
	s.control = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() { s.set("end", nil); s.control.Close() })
	s.env = append(s.env, "GONOGO_BASE_URL="+s.api, "GONOGO_CONTROL_URL="+s.control.URL)
	return s
}

// kitchen starts the reference server.
func (s *stage) kitchen(dialect string) {
	server, err := reference.Start(s.t.Context(), reference.Config{Dialects: []string{dialect}, WWW: "127.0.0.1:0"})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(server.Kill)
	s.api, s.journal = server.URL(), server.ControlURL()
	s.env = []string{"GONOGO_SERVER_CONSENT=" + server.WWWURL(), "GONOGO_SERVER_PAGES=" + server.WWWURL()}
	if dialect != "b2b" {
		var made reference.Client
		s.ask("clients", fmt.Sprintf(`{"redirect_uri":%q}`, "http://"+free(s.t)+"/callback"), &made)
		s.id = made.ID
		s.env = append(s.env, "GONOGO_PRIMARY_CLIENT_ID="+made.ID, "GONOGO_PRIMARY_CLIENT_SECRET="+made.Secret, "GONOGO_PRIMARY_REDIRECT_URI="+made.RedirectURI)
	}
	for _, u := range server.Accounts().Users {
		role := "GONOGO_" + strings.ToUpper(u.Role)
		s.env = append(s.env, role+"_USERNAME="+u.Username, role+"_PASSWORD="+u.Password)
	}
}

// free is an address of loopback that nobody listens at.
func free(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (s *stage) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/__control/clock" {
		_ = json.NewEncoder(w).Encode(map[string]any{"now": s.clock("")})
		return
	}
	s.mu.Lock()
	if r.URL.Query().Get("after") == s.present["id"] && s.present["id"] != "end" {
		next := s.next
		s.mu.Unlock()
		select {
		case <-next:
		case <-r.Context().Done():
			return
		}
		s.mu.Lock()
	}
	defer s.mu.Unlock()
	_ = json.NewEncoder(w).Encode(s.present)
	select {
	case <-s.heard:
	default:
		close(s.heard)
	}
}

func (s *stage) set(id string, credentials map[string]any) (heard chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.present, s.heard = map[string]any{"id": id, "credentials": credentials}, make(chan struct{})
	close(s.next)
	s.next = make(chan struct{})
	return s.heard
}

// play announces a situation, and comes back when the client has been told.
func (s *stage) play(id string, credentials map[string]any) {
	s.t.Helper()
	select {
	case <-s.set(id, credentials):
	case <-time.After(time.Minute):
		s.t.Fatalf("nobody asked for the situation %s", id)
	}
}

// ask calls the reference server's control listener.
func (s *stage) ask(path, body string, into any) {
	s.t.Helper()
	method := http.MethodPost
	if body == "" {
		method = http.MethodGet
	}
	r, err := http.NewRequest(method, s.journal+"/__control/"+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	if text, _ := io.ReadAll(response.Body); response.StatusCode > 299 || json.Unmarshal(text, into) != nil {
		s.t.Fatalf("%s: %d %s", path, response.StatusCode, text)
	}
}

// clock answers the time, after a step if there is one.
func (s *stage) clock(step string) time.Time {
	var clock struct{ Now time.Time }
	body := ""
	if step != "" {
		body = fmt.Sprintf(`{"advance":%q}`, step)
	}
	s.ask("clock", body, &clock)
	return clock.Now
}

// entry is a request that the server got.
type entry struct {
	Sequence     int
	Method, Path string
	Status       int
}

// wait reads what the server gets, until enough of it is there.
func (s *stage) wait(since int, what string, enough func([]entry) bool) (seen []entry, last int) {
	s.t.Helper()
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(20 * time.Millisecond) {
		var journal struct {
			Requests []entry
			Last     int
		}
		s.ask(fmt.Sprintf("requests?since=%d", since), "", &journal)
		if enough(journal.Requests) {
			return journal.Requests, journal.Last
		}
	}
	s.t.Fatalf("the client never came to %s", what)
	return nil, 0
}

// start runs a client until the test ends; done answers how it ended.
func (s *stage) start(name string, args ...string) (done func() error) {
	s.t.Helper()
	command := exec.Command(name, args...)
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	command.Env = append(append(os.Environ(), "CLIENTS_TEST=client", "PACE=0.05"), s.env...)
	if err := command.Start(); err != nil {
		s.t.Fatal(err)
	}
	done = sync.OnceValue(func() error {
		_ = command.Process.Signal(syscall.SIGTERM)
		err := command.Wait()
		for _, entry := range s.env {
			if _, value, _ := strings.Cut(entry, "="); strings.Contains(entry, "SECRET") && strings.Contains(said.String(), value) {
				s.t.Errorf("%v says the secret", args)
			}
		}
		return err
	})
	s.t.Cleanup(func() { _ = done() })
	return done
}

// holdUntil puts a proxy in front of the server that, once it is told to, lets no call through before so many are there.
func (s *stage) holdUntil(many int) (on *atomic.Bool) {
	target, err := url.Parse(s.api)
	if err != nil {
		s.t.Fatal(err)
	}
	on = &atomic.Bool{}
	gate, proxy := make(chan struct{}), httputil.NewSingleHostReverseProxy(target)
	var there atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if on.Load() && slices.Contains(usePaths, r.URL.Path) {
			if there.Add(1) == int64(many) {
				close(gate)
			}
			select {
			case <-gate:
			case <-r.Context().Done():
				there.Add(-1)
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	s.t.Cleanup(front.Close)
	s.env = append(s.env, "GONOGO_BASE_URL="+front.URL) // the last one counts
	return on
}
