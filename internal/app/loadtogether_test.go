package app_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gonogo/reports"
)

// process is a call of the tool that goes on beside the test.
type process struct {
	cmd      *exec.Cmd
	out, err *watched
	ended    chan struct{}
}

// starts runs the tool with more in its environment, and tells on out.seen or err.seen when it says something.
func starts(t *testing.T, env []string, when string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(binary(t), args...), out: watch(when), err: watch(when), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.err
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.ended) }()
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); <-p.ended })
	return p
}

// ends waits for a process and returns what a user saw of it.
func (p *process) ends(t *testing.T) outcome {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(40 * time.Second): // far beyond what any of them may take
		t.Fatalf("it does not end:\n%s%s", p.out, p.err)
	}
	return outcome{p.cmd.ProcessState.ExitCode(), p.out.String(), p.err.String()}
}

// says waits until it has said what was waited for.
func (p *process) says(t *testing.T) {
	t.Helper()
	select {
	case <-p.out.seen:
	case <-p.err.seen:
	case <-p.ended:
		t.Fatalf("it ended before it said %q:\n%s%s", p.out.when, p.out, p.err)
	}
}

// joint is a run of a lead and generators that are processes each.
type joint struct {
	secret     string // file
	env        []string
	report     string // file
	tokens     sync.Map
	begun      chan struct{} // the attack goes on
	lead       *process
	address    string
	generators []*process
}

var (
	leadLine = regexp.MustCompile(`gonogo generate nats://(\S+) --join-secret-file FILE`)
	token    = regexp.MustCompile(`"access_token":"([^"]+)"`)
)

// joined starts a lead for n generators and a target that it knows only by ${NAME}.
func joined(t *testing.T, n int, args ...string) *joint {
	t.Helper()
	dir := t.TempDir()
	j := &joint{secret: filepath.Join(dir, "join.secret"), report: filepath.Join(dir, "r.json"), begun: make(chan struct{})}
	if err := os.WriteFile(j.secret, []byte("Kp4mVale7xHarbour2zMeadow9qOrchid\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, "kitchenhub")
	proxy, seen := proxyTo(t, s.api, ""), atomic.Int64{}
	proxy.ModifyResponse = func(r *http.Response) error {
		body := drained(r.Body)
		for _, found := range token.FindAllSubmatch(body, -1) {
			j.tokens.Store(string(found[1]), true)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if strings.HasSuffix(r.Request.URL.Path, "/validate") && seen.Add(1) == 100 { // before the attack there are few
			close(j.begun)
		}
		return nil
	}
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	target := edited(t, s.file("kitchenhub"), func(f fields) {
		f["base_url"] = front.URL
		delete(f, "servers")
		for role, credential := range f["credentials"].(fields) {
			name := "SECRET_OF_" + strings.ToUpper(role)
			j.env = append(j.env, fmt.Sprintf("%s=%v", name, credential.(fields)["client_secret"]))
			credential.(fields)["client_secret"] = "${" + name + "}"
		}
	})
	j.lead = starts(t, j.env, " --join-secret-file FILE", slices.Concat([]string{"load", "--target", target, "--scenario", "validate", "--rate", "200", "--working-set", "60",
		"--generators", fmt.Sprint(n), "--lead", "127.0.0.1:0", "--join-secret-file", j.secret, "--report", "json=" + j.report}, args)...)
	j.lead.says(t)
	j.address = leadLine.FindStringSubmatch(j.lead.err.String())[1]
	return j
}

// join starts a generator and waits until it has joined.
func (j *joint) join(t *testing.T, address string) *process {
	t.Helper()
	p := starts(t, j.env, "joined nats://", "generate", "nats://"+address, "--join-secret-file", j.secret)
	j.generators = append(j.generators, p)
	p.says(t)
	return p
}

// attacks waits until the attack goes on.
func (j *joint) attacks(t *testing.T) {
	t.Helper()
	select {
	case <-j.begun:
	case <-j.lead.ended:
		t.Fatalf("it ended before the attack:\n%s%s", j.lead.out, j.lead.err)
	case <-time.After(40 * time.Second):
		t.Fatalf("there is no attack:\n%s%s", j.lead.out, j.lead.err)
	}
}

func (j *joint) run(t *testing.T) *reports.LoadRun {
	t.Helper()
	return reportIn(t, j.report).Load[0]
}

// undone is why a run is incomplete, but for what a busy machine is the cause of in one generator or another.
func undone(run *reports.LoadRun) (why []string) {
	for _, because := range run.Because {
		of := *run
		of.Because = []string{regexp.MustCompile(`^(shard|generator) \d+: `).ReplaceAllString(because, "")}
		if !busy(&of) {
			why = append(why, because)
		}
	}
	return why
}

func TestGeneratorsOfOneMachineAreOneRun(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	file := filepath.Join(t.TempDir(), "r.json")
	o := run(t, binary(t), slices.Concat([]string{"load", "--target", s.file("kitchenhub"), "--scenario", "issue", "--generators", "4", "--report", "json=" + file}, short)...)
	if o.code == 2 {
		t.Fatal(o)
	}
	r := reportIn(t, file).Load[0]
	if why := undone(r); len(why) > 0 || o.code != 0 && len(r.Because) == 0 {
		t.Errorf("it is not a whole run: %q in\n%s", why, o)
	}
	if r.Requests+r.Unsent != 200 || r.Errors > 0 || len(r.Violations) > 0 || r.Connections != 64 {
		t.Errorf("%d requests and %d unsent over %d connections, %d errors, violations %+v in\n%s", r.Requests, r.Unsent, r.Connections, r.Errors, r.Violations, o)
	}
	if len(r.Generators) != 4 || slices.ContainsFunc(r.Generators, func(g reports.LoadGenerator) bool {
		return g.Host == "" || g.Within == 0 || g.Lost != "" || g.Requests > 50
	}) {
		t.Errorf("the generators are %+v", r.Generators)
	}
}

// What goes between lead and generators is recorded: no secret and no token is in it, and a stranger does not get in.
func TestGeneratorsAreSealedAgainstStrangers(t *testing.T) {
	t.Parallel()
	j := joined(t, 2, "--duration", "1s")
	other := written(t, "other.secret", "another secret that is long enough")
	o := run(t, binary(t), "generate", "nats://"+j.address, "--join-secret-file", other)
	o.refuses(t, j.address+": the lead there has another join secret")
	proxy := recording(t, j.address)
	j.join(t, proxy.address)
	j.join(t, j.address)
	for _, g := range j.generators {
		g.ends(t).exits(t, 0)
	}
	o = j.lead.ends(t)
	r := j.run(t)
	if why := undone(r); len(why) > 0 || r.Requests+r.Unsent != 200 || r.Errors > 0 {
		t.Errorf("%d requests, %d errors, %q in\n%s", r.Requests, r.Errors, why, o)
	}
	hidden := []string{contents(t, j.secret)[:12], "client_secret", "kitchenhub", "openapi", "SECRET_OF_", "requests"}
	for _, each := range j.env {
		_, value, _ := strings.Cut(each, "=")
		hidden = append(hidden, value)
	}
	n := len(hidden)
	j.tokens.Range(func(issued, _ any) bool {
		hidden = append(hidden, issued.(string))
		return true
	})
	seen := proxy.seen()
	if len(hidden)-n < 60 || len(seen) < 10_000 {
		t.Fatalf("%d tokens were issued, and %d bytes passed", len(hidden)-n, len(seen))
	}
	for _, text := range hidden {
		if bytes.Contains(seen, []byte(text)) {
			t.Errorf("%q is in what passed", text)
		}
	}
}

// wiretap is a proxy for TCP that keeps all bytes in both directions.
type wiretap struct {
	address string
	mu      sync.Mutex
	bytes   []byte
}

func (r *wiretap) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bytes = append(r.bytes, p...)
	return len(p), nil
}

func (r *wiretap) seen() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.bytes)
}

func recording(t *testing.T, to string) *wiretap {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	r := &wiretap{address: listener.Addr().String()}
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				_ = near.Close()
				continue
			}
			pass := func(to, from net.Conn) {
				_, _ = io.Copy(io.MultiWriter(to, r), from)
				_, _ = to.Close(), from.Close()
			}
			go pass(near, far)
			go pass(far, near)
		}
	}()
	return r
}

// A generator that is lost makes the run incomplete, and what the others measured is kept.
func TestAGeneratorIsLost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		signal os.Signal
		says   string
		least  int64 // requests, of 600
	}{
		{"killed", syscall.SIGKILL, " was lost: its connection broke off", 400},
		{"stopped", syscall.SIGSTOP, " was lost: nothing was heard of it for 5s", 400},
		{"interrupted", syscall.SIGINT, " was interrupted", 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			j := joined(t, 3, "--duration", "3s")
			for range 3 {
				j.join(t, j.address)
			}
			j.attacks(t)
			victim := j.generators[1]
			_ = victim.cmd.Process.Signal(c.signal)
			o := j.lead.ends(t)
			o.exits(t, 3)
			r := j.run(t)
			if why := undone(r); !slices.ContainsFunc(why, func(why string) bool {
				return strings.HasPrefix(why, "generator ") && strings.Contains(why, fmt.Sprintf("process %d)", victim.cmd.Process.Pid)) && strings.Contains(why, c.says)
			}) {
				t.Errorf("it is incomplete because of %q in\n%s", why, o)
			}
			if sent := r.Requests + r.Unsent; sent < c.least || r.Errors > 0 || r.Latency.P50 == 0 {
				t.Errorf("%d requests and %d errors are what the others measured, in\n%s", sent, r.Errors, o)
			}
			for i, g := range j.generators {
				if i != 1 {
					g.ends(t).exits(t, 0)
				}
			}
		})
	}
}

func TestCtrlCAtTheLeadEndsAll(t *testing.T) {
	t.Parallel()
	j := joined(t, 2, "--duration", "10m")
	j.join(t, j.address)
	j.join(t, j.address)
	j.attacks(t)
	_ = j.lead.cmd.Process.Signal(os.Interrupt)
	j.lead.ends(t).exits(t, 3)
	if report := reportIn(t, j.report); report.Interrupted == "" || report.Load[0].Requests < 50 || report.Load[0].Errors > 0 {
		t.Errorf("interrupted %q, %d requests, %d errors", report.Interrupted, report.Load[0].Requests, report.Load[0].Errors)
	}
	for _, g := range j.generators {
		g.ends(t).exits(t, 0)
	}
}

func TestGeneratorsOfAKilledLeadEnd(t *testing.T) {
	t.Parallel()
	j := joined(t, 2, "--duration", "10m")
	j.join(t, j.address)
	j.join(t, j.address)
	j.attacks(t)
	_ = j.lead.cmd.Process.Kill()
	for _, g := range j.generators {
		if o := g.ends(t); o.code != 3 || !strings.HasSuffix(o.stderr, "gonogo: the connection to the lead is gone\n") {
			t.Errorf("it ends by %s", o)
		}
	}
}

func TestAGeneratorWithoutTheTargetsSecrets(t *testing.T) {
	t.Parallel()
	j := joined(t, 1)
	o := run(t, binary(t), "generate", "nats://"+j.address, "--join-secret-file", j.secret)
	const says = "takes its value from the environment variable SECRET_OF_PRIMARY, which is not set"
	if o.code != 2 || !strings.Contains(o.stderr, says) {
		t.Errorf("the generator ends by %s", o)
	}
	if o := j.lead.ends(t); o.code != 2 || !strings.Contains(o.stderr, "cannot do what it was asked for: ") || !strings.Contains(o.stderr, says) {
		t.Errorf("the lead ends by %s", o)
	}
}
