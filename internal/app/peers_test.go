package app_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"gonogo/reports"
)

// The peers are servers that other people wrote from the published documents alone, each in another style and on
// another HTTP stack. What they do and no document forbids must pass.

// script is a peer that an interpreter runs.
func script(interpreter, debian, path string) func(t *testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		program, err := exec.LookPath(interpreter)
		if err != nil {
			complaint := fmt.Sprintf("%s is missing, which a peer is written for; install it, on Debian with apt-get install %s", interpreter, debian)
			if os.Getenv("CI") == "true" {
				t.Fatal(complaint)
			}
			t.Skip(complaint)
		}
		cmd := exec.Command(program, filepath.Base(path), "--listen", "127.0.0.1:0")
		cmd.Dir = filepath.Dir(path)
		cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
		return running(t, cmd)
	}
}

var sorrel = sync.OnceValues(func() (string, error) {
	path := filepath.Join(workshop, "sorrel")
	out, err := exec.Command("go", "build", "-C", "../../testdata/peers", "-o", path, "./sorrel/serve").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return path, err
})

// startSorrel runs the peer that is written in Go, in a module of its own.
func startSorrel(t *testing.T) string {
	t.Helper()
	path, err := sorrel()
	if err != nil {
		t.Fatal(err)
	}
	return running(t, exec.Command(path, "--listen", "127.0.0.1:0"))
}

// running starts a peer and returns where it listens. It ends when its standard input does.
func running(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	name := filepath.Base(cmd.Path)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr := &strings.Builder{}
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_, _ = io.Copy(io.Discard, stdout)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, stderr)
		}
		if stderr.Len() > 0 {
			t.Errorf("%s complains:\n%s", name, stderr)
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !ok {
		t.Fatalf("%s says %q, %v\n%s", name, line, err, stderr)
	}
	return address
}

// gauged is one dialect of a peer, and what is known not to pass there: practice that nobody promised, and what
// the dialect or the peer does not have.
type gauged struct {
	name   string
	target string // without base_url and clock
	other  map[string]reports.Outcome
}

var (
	sharedOther = map[string]reports.Outcome{"audit/client-binding": reports.NotApplicable}
	posOther    = map[string]reports.Outcome{"audit/client-binding": reports.NotApplicable, "bystanders/names-second": reports.NotApplicable}
)

// peer is a server of somebody else's.
type peer struct {
	name   string
	start  func(t *testing.T) string
	speaks []gauged
}

var peers = []peer{
	{"quince", script("python3", "python3", "../../testdata/peers/quince/quince.py"), []gauged{
		{"kitchenhub", `dialect: kitchenhub
credentials:
  primary: {client_id: bistro-larkspur, client_secret: Vq7-moth.Cobalt-91xz}
  second: {client_id: diner-hawthorn, client_secret: Yd4-wren.Saffron-28kp}
operator: {rotate_secret: {method: POST, url: BASE/__peer/rotate-secret, body: '{"client_id":"${client_id}"}', result: '$response.body#/client_secret'}}
`, sharedOther},
		{"b2b", `dialect: b2b
credentials:
  primary: {username: juniper-wholesale, password: Tq3-otter.Magenta-57hf}
  listed: {username: rowan-logistics, password: Nb8-finch.Indigo-63vw}
outsider: {local_address: 127.0.0.2}
settings: {revoke_path: /auth/revoke, revoke_body: {token: "${refresh_token}"}}
`, map[string]reports.Outcome{"audit/client-binding": reports.NotApplicable, "revocation/other-sessions-survive": reports.Warn}},
		{"pos with JSON", quincePOS, posOther},
		{"pos with forms", quincePOS + "settings: {body: form}\n", posOther},
	}},
	{"sorrel", startSorrel, []gauged{
		{"kitchenmonki", `dialect: kitchenmonki
credentials:
  primary: {client_id: larder-4471, client_secret: Vx9qTb72LmWz0sHd, redirect_uri: "https://www.example.com/api_helper.php", acts_as: 101}
  second: {client_id: ladle-8830, client_secret: Jr5nYc81GkPf3uXa, redirect_uri: "https://ladle.example.org/back?from=monki", acts_as: 202}
  user: {username: marjoram, password: seven quiet whisks, acts_as: 303}
consent: {mode: form}
settings: {acting_user: '$response.body#/user_id'}
`, map[string]reports.Outcome{
			"bystanders/names-second":                   reports.NotApplicable, // its answers name nobody
			"placement/post-queue-garbage":              reports.NotExercised,  // its POST wants more than a token
			"placement/post-queue-without-token":        reports.NotExercised,
			"placement/post-queue-shut":                 reports.NotExercised,
			"placement/put-queue":                       reports.NotExercised, // its PUT is at /v2/queue/{id}
			"placement/put-queue-garbage":               reports.NotExercised,
			"placement/put-queue-without-token":         reports.NotExercised,
			"placement/put-queue-shut":                  reports.NotExercised,
			"redirect-safety/longer-port":               reports.NotApplicable, // its redirect URI has no port
			"redirect-safety/page-carries-redirect-uri": reports.NotApplicable, // its pages carry a number of their own
			"redirect-safety/page-carries-client":       reports.NotApplicable,
		}},
		{"pos", sorrelPOS, posOther},
		{"pos with forms and bare refresh tokens", sorrelPOS + "settings: {body: form, refresh_scheme: bare, use: [POST /dishes, GET /users/me]}\n", posOther},
	}},
	{"tarragon", script("node", "nodejs", "../../testdata/peers/tarragon/tarragon.mjs"), []gauged{
		{"kitchenmonki", `dialect: kitchenmonki
credentials:
  primary: {client_id: juniper-7731, client_secret: Qv9-brindle.42-HxuMoss, redirect_uri: "https://www.example.com/api_helper.php", acts_as: 101}
  second: {client_id: fennel-2086, client_secret: nW3_osprey-88-ZalGravel, redirect_uri: "https://planner.example.net/monki/return?shelf=7", acts_as: 102}
  user: {username: mira.thyme, password: Umber+Walrus/19 kelp, acts_as: 203}
consent: {mode: form}
settings: {acting_user: '$response.body#/user_id'}
`, map[string]reports.Outcome{
			"bystanders/names-second":             reports.NotApplicable, // its answers name nobody
			"redirect-safety/longer-port":         reports.NotApplicable, // its redirect URI has no port
			"redirect-safety/page-carries-client": reports.NotApplicable, // its page carries no client
		}},
		{"b2b", `dialect: b2b
credentials:
  primary: {username: halyard-supply, password: "tK5!plover-Ingot-63"}
  listed: {username: cobalt-freight, password: "Yd8?sorrel-Anvil-27"}
outsider: {local_address: 127.0.0.2}
settings: {revoke_path: /auth/revoke}
`, map[string]reports.Outcome{"audit/client-binding": reports.NotApplicable, "revocation/other-sessions-survive": reports.Warn}},
	}},
}

func TestPeersFromTheDocumentsAlone(t *testing.T) {
	t.Parallel()
	for _, peer := range peers {
		t.Run(peer.name, func(t *testing.T) {
			t.Parallel()
			base := peer.start(t)
			for _, g := range peer.speaks { // in turn: they share the peer's one clock
				t.Run(g.name, func(t *testing.T) { g.check(t, base) })
			}
		})
	}
}

// What others wrote holds a load, too, and nothing that it does is blamed.
func TestLoadOfPeers(t *testing.T) {
	t.Parallel()
	for _, peer := range peers {
		t.Run(peer.name, func(t *testing.T) {
			t.Parallel()
			base := peer.start(t)
			for _, g := range peer.speaks {
				for _, scenario := range []string{"mix=issue:1,validate:1,use:1,refresh:1", "storm"} {
					t.Run(g.name+" "+scenario, func(t *testing.T) {
						o, _, run := loaded(t, "--target", g.file(t, base), "--scenario", scenario, "--rate", "100", "--duration", "1s", "--working-set", "20", "--connections", "4")
						sound(t, o, run, 100)
					})
				}
			}
		})
	}
}

const quincePOS = `dialect: pos
credentials:
  primary: {client_id: till-marigold, client_secret: Gx5-heron.Umber-74jr}
  second: {client_id: till-thistle, client_secret: Kf2-stoat.Ochre-39qd}
`

const sorrelPOS = `dialect: pos
credentials:
  primary: {client_id: till-front, client_secret: Nw6eQz39RjBv2oKt}
  second: {client_id: till-cellar, client_secret: Hd8yMu54ScXg7iLp}
`

// file is the target file.
func (g gauged) file(t *testing.T, base string) string {
	text := "base_url: BASE\n" + g.target + `clock: {advance: {method: POST, url: BASE/__peer/clock, body: '{"advance_seconds": ${duration_seconds}}'}}` + "\n"
	return written(t, "target.yaml", strings.ReplaceAll(text, "BASE", base))
}

func (g gauged) check(t *testing.T, base string) {
	report := filepath.Join(t.TempDir(), "report.json")
	out := gonogo(t, "check", "--target", g.file(t, base), "--report", "json="+report, "--quiet")
	if out.code != 0 {
		t.Errorf("%s", out)
	}
	read := reportIn(t, report)
	for _, c := range read.Dialects[0].Cases {
		_, short, _ := strings.Cut(c.ID, "/")
		want, ok := g.other[short]
		switch {
		case ok && c.Outcome != want:
			t.Errorf("%s: %s is wanted, not %s", c.ID, want, c.Outcome)
		case ok || c.Outcome == reports.Pass:
		case slices.Contains(c.Needs, "browser") && c.Outcome == reports.NotExercised:
		default:
			t.Errorf("%s: %s %s %+v", c.ID, c.Outcome, c.Reason, c.Findings)
		}
	}
}
