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
	"testing"
	"time"

	"gonogo/internal/traceparent"
	"gonogo/reports"
)

// process is a call of the tool that goes on beside the test.
type process struct {
	cmd      *exec.Cmd
	out, err *watched
	ended    chan struct{}
}

// place is where a test has something run.
type place struct {
	host string
	in   func(do func() error) error // does something there
	cut  func(t *testing.T)          // nothing comes and goes from then on
}

// here is where the test itself runs.
var here = place{host: "127.0.0.1", in: func(do func() error) error { return do() }}

// listen listens at a port that nobody else has.
func (p place) listen(t *testing.T) (listener net.Listener) {
	t.Helper()
	err := p.in(func() (err error) { listener, err = net.Listen("tcp", p.host+":0"); return err })
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// starts runs the tool with more in its environment, and tells on out.seen or err.seen when it says something.
func (at place) starts(t *testing.T, env []string, when string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(binary(t), args...), out: watch(when), err: watch(when), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.err
	if err := at.in(p.cmd.Start); err != nil {
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
	log        sync.Map      // of the target: how many requests of attacks came, by from where and the first half of their trace's id
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
	return joinedAt(t, here, here, n, args...)
}

// joinedAt has the lead and the target in places of their own.
func joinedAt(t *testing.T, leads, answers place, n int, args ...string) *joint {
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
		parent := r.Request.Header.Get(traceparent.Name)
		if id, _, ok := traceparent.Read(parent); ok && strings.HasSuffix(parent, "-00") { // which those before and after the attack have not
			count, _ := j.log.LoadOrStore([2]string{r.Request.Header.Get("X-Forwarded-For"), id[:16]}, new(atomic.Int64))
			count.(*atomic.Int64).Add(1)
		}
		if strings.HasSuffix(r.Request.URL.Path, "/validate") && seen.Add(1) == 100 { // before the attack there are few
			close(j.begun)
		}
		return nil
	}
	front := &httptest.Server{Listener: answers.listen(t), Config: &http.Server{Handler: proxy}}
	front.Start()
	t.Cleanup(front.Close)
	target := edited(t, s.file("kitchenhub"), func(f fields) {
		f["base_url"] = front.URL
		limit(f, fields{"max_rps": 1000})
		delete(f, "servers")
		for role, credential := range f["credentials"].(fields) {
			name := "SECRET_OF_" + strings.ToUpper(role)
			j.env = append(j.env, fmt.Sprintf("%s=%v", name, credential.(fields)["client_secret"]))
			credential.(fields)["client_secret"] = "${" + name + "}"
		}
	})
	j.lead = leads.starts(t, j.env, " --join-secret-file FILE", slices.Concat([]string{"load", "--target", target, "--allow-remote", "--scenario", "validate", "--rate", "200", "--working-set", "60",
		"--generators", fmt.Sprint(n), "--lead", leads.host + ":0", "--join-secret-file", j.secret, "--report", "json=" + j.report}, args)...)
	j.lead.says(t)
	j.address = leadLine.FindStringSubmatch(j.lead.err.String())[1]
	return j
}

// join starts a generator and waits until it has joined.
func (j *joint) join(t *testing.T, address string, args ...string) *process {
	t.Helper()
	return j.joinFrom(t, here, address, args...)
}

func (j *joint) joinFrom(t *testing.T, at place, address string, args ...string) *process {
	t.Helper()
	p := at.starts(t, j.env, "joined nats://", append([]string{"generate", "nats://" + address, "--join-secret-file", j.secret}, args...)...)
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
	late := slices.ContainsFunc(run.Generators, func(g reports.LoadGenerator) bool { return max(g.Late, g.Within) > 10_000 })
	for _, because := range run.Because {
		if late && strings.Contains(because, " after one another") {
			continue
		}
		of := *run
		of.Because = []string{regexp.MustCompile(`^(shard|generator) \d+: `).ReplaceAllString(because, "")}
		if !busy(&of) {
			why = append(why, because)
		}
	}
	return why
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
