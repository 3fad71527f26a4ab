package clients

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The client runs in processes of its own, as it does for a watch: this test is that program too.
func TestMain(m *testing.M) {
	if os.Getenv("CLIENTS_TEST") == "client" {
		os.Exit(program(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// program runs a client: DIALECT STYLE FAULT STORE.
func program(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	args = append(args, "", "", "")
	_, _, err := Run(ctx, Options{Dialect: args[0], Style: cmp.Or(args[1], "lazy"), Fault: args[2], Store: args[3], Page: "127.0.0.1:0", Pace: 20 * time.Millisecond, Environment: os.LookupEnv})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func self(t *testing.T) string {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// uses counts the calls that were answered well.
func uses(seen []entry) int { return count(seen, usePaths, 2) }

func count(seen []entry, paths []string, class int) (n int) {
	for _, e := range seen {
		if slices.Contains(paths, e.Path) && e.Status/100 == class {
			n++
		}
	}
	return n
}

var (
	usePaths     = []string{"/v2/orders", "/ingredients", "/api/v1/products", "/resource", "/v2/queue", "/shelves"}
	loginPaths   = []string{"/v2/auth/token", "/auth/token", "/auth/login"}
	refreshPaths = []string{"/v2/auth/refresh", "/auth/refresh-token", "/auth/refresh"}
	bothPaths    = []string{"/token", "/v2/token/grant", "/oauth2/token"}
	linkPaths    = []string{"/oauth2/authorize", "/authorize", "/consent"}
)

// Every good client outlives its tokens three times on one login, in every style.
func TestGoodClientsDoTheirWork(t *testing.T) {
	for _, d := range dialects {
		for style := range styles {
			t.Run(d.name+"/"+style, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, d.name)
				done := s.start(self(t), d.name, style)
				var h habits
				styles[style](&h)
				s.outlives(done, len(d.sessions), d.lead > 0 && h.workers+h.processes == 0) // a call of several may be under way while the clock steps
			})
		}
	}
}

// outlives moves the clock to shortly before the end of a token six times: who refreshes before an end does six times, who waits
// for it three times. With before, it must not wait. After each step come so many calls that every session has had its turn.
func (s *stage) outlives(done func() error, sessions int, before bool) {
	s.t.Helper()
	enough := func(seen []entry) bool { return uses(seen) >= 12*sessions-8 }
	all := func([]entry) bool { return true }
	s.wait(0, "its first calls", enough)
	for range 6 {
		s.clock(s.step)
		_, last := s.wait(0, "", all)
		s.wait(last, "calls after a step of the clock", enough)
	}
	if err := done(); err != nil {
		s.t.Errorf("it ends with %v", err)
	}
	seen, _ := s.wait(0, "", all)
	if n := count(seen, usePaths, 4); n > 0 && before {
		s.t.Errorf("%d calls were refused, where the document wants the refresh before", n)
	}
	// Own tokens and a user's, or the client's alone: as many logins, and one grant more for each at every refresh.
	logins, grants, links := count(seen, loginPaths, 2), count(seen, refreshPaths, 2), count(seen, linkPaths, 2)
	if both := count(seen, bothPaths, 2); both > 0 {
		logins, grants = links, both/sessions-1
	}
	if refused := count(seen, slices.Concat(loginPaths, refreshPaths, bothPaths), 4); logins != 1 || grants < 3 || grants > 6 || refused > 0 {
		s.t.Errorf("%d logins, %d refreshes of each session, %d refused", logins, grants, refused)
	}
}

// A broken client works too, as far as one sees from outside: what is wrong with it is for a judge to find.
func TestBrokenClientsCall(t *testing.T) {
	for _, f := range faults {
		dialect := cmp.Or(f.dialect, "kitchenhub") // a fault of every dialect is the engine's
		t.Run(f.row+"/"+dialect+"/"+f.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, dialect)
			s.start(self(t), dialect, "", f.name)
			s.wait(0, "its first calls", func(seen []entry) bool {
				if strings.HasSuffix(f.name, "s-late") {
					s.clock("5s") // or it would wait for half a minute
				}
				return uses(seen) >= 3
			})
		})
	}
}

func TestEachFaultHasANameOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Faults() {
		if name := f.Dialect + " " + f.Name; seen[name] || f.Row == "" || f.Name == "" {
			t.Errorf("%s is no name of its own", f.ID())
		} else {
			seen[name] = true
		}
	}
}

// What only the client can do, it does when the situation comes.
func TestClientsDoWhatASituationAsks(t *testing.T) {
	s := newStage(t, "kitchenhub")
	busy := s.holdUntil(8)
	s.start(self(t), "kitchenhub")
	_, last := s.wait(0, "its first calls", func(seen []entry) bool { return uses(seen) >= 2 })

	busy.Store(true)
	s.play("busy-at-end", nil)
	s.wait(last, "eight calls at once", func(seen []entry) bool { return uses(seen) >= 8 })
	busy.Store(false)

	var made struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	s.ask("rotate-secret", fmt.Sprintf(`{"client_id":%q}`, s.id), &made)
	s.play("new-secret", map[string]any{"primary": map[string]any{"client_id": made.ID, "client_secret": made.Secret}})
	s.play("session-ends", nil)
	s.wait(last, "a login with the new secret", func(seen []entry) bool {
		at := slices.IndexFunc(seen, func(e entry) bool { return count([]entry{e}, loginPaths, 2) == 1 })
		return at >= 0 && uses(seen[at:]) >= 3
	})
}

// A client that is started again goes on with the tokens that it stored.
func TestARestartedClientGoesOn(t *testing.T) {
	s := newStage(t, "kitchenhub")
	store := filepath.Join(t.TempDir(), "tokens.json")
	last := 0
	for range 2 {
		done := s.start(self(t), "kitchenhub", "", "", store)
		_, last = s.wait(last, "calls", func(seen []entry) bool { return uses(seen) >= 3 })
		if err := done(); err != nil {
			t.Fatal(err)
		}
		s.clock("61m")
	}
	if seen, _ := s.wait(0, "anything", func([]entry) bool { return true }); count(seen, loginPaths, 2) != 1 {
		t.Error("it logged in again")
	}
}

// Clients in other hands, as a watch starts them. What they need beside the language, make clients installs.
func TestClientsInOtherHands(t *testing.T) {
	cache, _ := filepath.Abs("../../.cache/clients")
	for _, other := range []struct {
		dialect string
		command []string
		before  bool     // it refreshes before the end
		needs   []string // ends well if what the client needs is there
	}{
		{"kitchenhub", []string{"sh", "../../testdata/clients/curl.sh"}, false, []string{"curl", "--version"}},
		{"b2b", []string{"node", "../../testdata/clients/node/b2b.mjs"}, true, []string{"node", "--version"}},
		{"pos", []string{"python3", "../../testdata/clients/python/pos.py"}, false, []string{"python3", "--version"}},
		{"kitchenhub", []string{"xoauth2", "kitchenhub"}, false, nil},
		{"oauth2", []string{"xoauth2", "oauth2"}, false, nil},
		{"oauth2", []string{"node", filepath.Join(cache, "oauth2.mjs")}, false, []string{"test", "-e", filepath.Join(cache, "node_modules/openid-client")}},
		{"oauth2", []string{"/usr/bin/python3", "../../testdata/clients/python/oauth2.py"}, false, []string{"/usr/bin/python3", "-c", "import authlib, requests"}},
	} {
		t.Run(other.dialect+"/"+strings.Join(other.command, " "), func(t *testing.T) {
			t.Parallel()
			if other.needs != nil && exec.Command(other.needs[0], other.needs[1:]...).Run() != nil {
				t.Skipf("%v is not here: make clients", other.needs)
			}
			if other.command[0] == "xoauth2" {
				other.command[0] = filepath.Join(t.TempDir(), "xoauth2")
				if said, err := exec.Command("go", "build", "-o", other.command[0], "../../testdata/clients/xoauth2").CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, said)
				}
			}
			s := newStage(t, other.dialect)
			s.outlives(s.start(other.command[0], other.command[1:]...), 1, other.before)
		})
	}
}
