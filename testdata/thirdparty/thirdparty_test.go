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
	"strings"
	"testing"
	"time"
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
