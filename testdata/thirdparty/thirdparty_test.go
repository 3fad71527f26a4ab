// Package thirdparty runs servers of OAuth 2.0 that nobody here wrote, as they come, to hold gonogo against them. Their hosts
// are in the folders beside this file: a host configures a server and has no protocol of its own.
package thirdparty

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

// cache is where the servers are installed: make thirdparty fills it, and git ignores it.
var cache, _ = filepath.Abs("../../.cache/thirdparty")

// host is a server, how it is started, and where it gives tokens.
type host struct {
	name    string
	command []string
	dir     string
	env     string
	token   string
	client  [2]string // id and secret
}

var hosts = []host{
	{name: "oidc-provider", command: []string{"node", "server.mjs"}, dir: cache, token: "/token", client: alder},
	{name: "authlib", command: []string{"/usr/bin/python3", "authlib/server.py"}, env: "AUTHLIB_INSECURE_TRANSPORT=1", token: "/token", client: alder},
	{name: "zitadel", command: []string{filepath.Join(cache, "zitadel")}, token: "/oauth/token", client: [2]string{"sid1", "verysecret"}},
	{name: "go-oauth2", command: []string{filepath.Join(cache, "go-oauth2")}, token: "/oauth/token", client: alder},
}

var alder = [2]string{"third-client-alder", "Tz7cMeadow2nQuartz8vHeron"}

// start runs a host on a free port of loopback until the test ends, and answers its address when somebody listens there.
func (h host) start(t *testing.T) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	free.Close()

	ctx, stop := context.WithCancel(context.Background())
	run := exec.CommandContext(ctx, h.command[0], h.command[1:]...)
	run.Dir, run.Env = h.dir, append(os.Environ(), "PORT="+port, "PYTHONDONTWRITEBYTECODE=1", "TMPDIR="+t.TempDir(), h.env)
	var said bytes.Buffer
	run.Stdout, run.Stderr = &said, &said
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- run.Wait() }()
	t.Cleanup(func() {
		stop()
		<-ended
		if t.Failed() {
			t.Logf("%s said:\n%s", h.name, said.String())
		}
	})
	for {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return "http://" + address
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended before it listened: %v", h.name, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// found is a case that did not pass, in a report or in a file of what is expected.
type found struct {
	Case    string `json:"id" yaml:"case"`
	Outcome string `json:"outcome" yaml:"outcome"`

	// Of what is expected: further cases that show the same, and how it ends where nothing shows, because that depends on which of
	// many requests is first; the row and its section, what it is, whose fault, and how that was seen beside the check.
	Cases     []string `json:"-" yaml:"cases"`
	Or        string   `json:"-" yaml:"or"`
	Rule      string   `json:"-" yaml:"rule"`
	Found     string   `json:"-" yaml:"found"`
	Fault     string   `json:"-" yaml:"fault"`
	Confirmed string   `json:"-" yaml:"confirmed"`
}

// expects reads what is expected, an entry for each case.
func expects(t *testing.T, file string) (all []found) {
	t.Helper()
	var entries []found
	text, err := os.ReadFile(file)
	if err == nil {
		err = yaml.UnmarshalWithOptions(text, &entries, yaml.Strict())
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Rule == "" || e.Found == "" || e.Fault == "" || e.Confirmed == "" {
			t.Errorf("%s: %s%v lacks rule, found, fault or confirmed", file, e.Case, e.Cases)
		}
		for _, id := range append(e.Cases, e.Case) {
			if e.Case = id; id != "" {
				all = append(all, e)
			}
		}
	}
	return all
}

// TestFindings: a check of each server finds what its file expects, no less and no more. A case that could not run is a
// finding too: it needs an explanation.
func TestFindings(t *testing.T) {
	for _, h := range hosts {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			at := h.start(t)
			files, _ := filepath.Glob(filepath.Join(h.name, "target*.yaml"))
			for _, file := range files {
				var flags []string
				which := strings.TrimPrefix(filepath.Base(file), "target")
				if which == "-odd.yaml" {
					flags = []string{"--case", "oauth2/client-authentication/form-encoded"}
				}
				h.check(t, at, file, filepath.Join(h.name, "expected"+which), flags...)
			}
			if len(files) == 0 {
				t.Error("it has no target file")
			}
		})
	}
}

// check runs gonogo against a host, and compares.
func (h host) check(t *testing.T, at, targetFile, expectedFile string, flags ...string) {
	t.Helper()
	expected := expects(t, expectedFile)
	report := filepath.Join(t.TempDir(), "report.json")
	check := exec.Command(filepath.Join(cache, "gonogo"), append([]string{"check", "--quiet", "--target", targetFile, "--report", "json=" + report}, flags...)...)
	check.Env = append(os.Environ(), "BASE_URL="+at)
	said, _ := check.CombinedOutput() // that it is no go stands in the report
	var got struct {
		Dialects []struct{ Cases []found }
	}
	text, err := os.ReadFile(report)
	if err == nil {
		err = json.Unmarshal(text, &got)
	}
	if err != nil || len(got.Dialects) != 1 || len(got.Dialects[0].Cases) == 0 {
		t.Fatalf("no report (%v):\n%s", err, said)
	}
	for _, c := range got.Dialects[0].Cases {
		i := slices.IndexFunc(expected, func(e found) bool { return e.Case == c.Case })
		switch fine := slices.Contains([]string{"pass", "not-applicable", "not-exercised"}, c.Outcome); {
		case i < 0 && !fine:
			t.Errorf("%s ends in %s, which nobody expects", c.Case, c.Outcome)
		case i >= 0 && expected[i].Outcome != c.Outcome && (expected[i].Or == "" || expected[i].Or != c.Outcome):
			t.Errorf("%s ends in %s, and ought to in %s: %s", c.Case, c.Outcome, expected[i].Outcome, expected[i].Found)
		}
		if i >= 0 {
			expected = slices.Delete(expected, i, i+1)
		}
	}
	for _, e := range expected {
		t.Errorf("%s: there is no case %s", expectedFile, e.Case)
	}
	if t.Failed() {
		t.Logf("the check said:\n%s", said)
	}
}

// TestHostsGiveTokens: each server runs here and gives a client its own token, so that what a check finds later is the server's.
func TestHostsGiveTokens(t *testing.T) {
	for _, h := range hosts {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			r, _ := http.NewRequest("POST", h.start(t)+h.token, strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.SetBasicAuth(h.client[0], h.client[1])
			a, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer a.Body.Close()
			var said struct {
				Token string `json:"access_token"`
			}
			if err := json.NewDecoder(a.Body).Decode(&said); a.StatusCode != http.StatusOK || err != nil || said.Token == "" {
				t.Errorf("%s: no token in its answer (%v)", a.Status, err)
			}
		})
	}
}

// TestAnIssuerByItsAddress: one command and no file. What a file would say stands in the metadata.
func TestAnIssuerByItsAddress(t *testing.T) {
	for _, c := range []struct {
		host   host
		at     string // the issuer, below the server's address
		client [2]string
		flags  []string
		says   string // where the metadata are
		more   []string
		fails  bool
	}{
		{hosts[0], "", alder, []string{"--profile", "oauth2.1"}, "/.well-known/oauth-authorization-server", []string{"more: --second-id and --second-secret", "GO: "}, false},
		{hosts[2], "/", hosts[2].client, nil, "/.well-known/openid-configuration", []string{"NO-GO"}, true}, // OpenID's metadata alone, of an issuer with a slash
		{hosts[2], "/", [2]string{"web", alder[1]}, nil, "/.well-known/openid-configuration", []string{"endpoints: {client-credentials: none}", "INCOMPLETE"}, true},
	} {
		t.Run(c.host.name+" "+c.client[0], func(t *testing.T) {
			t.Parallel()
			at := c.host.start(t)
			check := exec.Command(filepath.Join(cache, "gonogo"), append([]string{"check", at + c.at, "--client-id", c.client[0], "--client-secret", "${CLIENT_SECRET}"}, c.flags...)...)
			check.Env = append(os.Environ(), "CLIENT_SECRET="+c.client[1], "COLUMNS=1000")
			said, err := check.CombinedOutput()
			if (err != nil) != c.fails {
				t.Fatalf("%v:\n%s", err, said)
			}
			for _, want := range append(c.more, at+c.at+" says at "+at+c.says+" where it is", "OA-8414-3.3-ISSUER") {
				if !strings.Contains(string(said), want) {
					t.Errorf("it does not say %q:\n%s", want, said)
				}
			}
			if strings.Contains(string(said), c.client[1]) {
				t.Error("it says the secret")
			}
		})
	}
}
