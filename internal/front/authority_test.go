package front_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gonogo/internal/front"
)

// secure puts a front with a certificate of the run before a server.
func secure(t *testing.T, upstream http.Handler, change func(*front.Config)) (*front.Front, *seen, *front.Authority) {
	t.Helper()
	a, err := front.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	f, s := stand(t, upstream, func(c *front.Config) {
		c.TLS = a.Config()
		if change != nil {
			change(c)
		}
	})
	return f, s, a
}

var hello = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })

// TestClientsTrustTheRun: each with nothing but the environment that a command is given.
func TestClientsTrustTheRun(t *testing.T) {
	f, s, a := secure(t, hello, nil)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	fetch := `process.exitCode = 1; fetch(process.argv[1]).then(r => r.text()).then(t => { process.stdout.write(t); process.exitCode = 0 })`
	requests := "import sys, requests\nsys.stdout.write(requests.get(sys.argv[1]).text)"
	urllib := "import sys, urllib.request\nsys.stdout.write(urllib.request.urlopen(sys.argv[1]).read().decode())"
	for name, argv := range map[string][]string{
		"curl": {"curl", "-sS"}, "node": {"node", "-e", fetch}, "requests": {"python3", "-c", requests}, "urllib": {"python3", "-c", urllib},
		"Go": {self, "-test.run=^TestAGoClient$", "-test.v"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(argv[0]); err != nil && os.Getenv("CI") == "true" {
				t.Fatal(err)
			} else if err != nil {
				t.Skip(err)
			}
			if name == "requests" && exec.Command("python3", "-c", "import requests").Run() != nil {
				t.Skip("there is no requests")
			}
			for _, host := range []string{"127.0.0.1", "localhost"} {
				u := *f.URL("")
				u.Host = host + ":" + u.Port()
				cmd := exec.Command(argv[0], append(argv[1:], u.String())...)
				cmd.Env = append(os.Environ(), append(a.Environment(), "GONOGO_TEST_URL="+u.String())...)
				out, err := cmd.CombinedOutput()
				if err != nil || !strings.Contains(string(out), "hello") {
					t.Fatalf("%s: %v\n%s", u.String(), err, out)
				}
				if x := s.next(t); x.Request.URL.String() != u.String()+"/" || !x.Received {
					t.Errorf("%+v", x)
				}
			}
		})
	}
}

// TestAGoClient is what TestClientsTrustTheRun runs.
func TestAGoClient(t *testing.T) {
	at := os.Getenv("GONOGO_TEST_URL")
	if at == "" {
		t.Skip("it is run by TestClientsTrustTheRun")
	}
	response, err := http.Get(at)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(os.Stdout, response.Body)
}

// TestTheRunsFiles: what a command is given names whom it trusted before too, is nobody else's to read, and is gone afterwards.
func TestTheRunsFiles(t *testing.T) {
	before := filepath.Join(t.TempDir(), "before.pem")
	if err := os.WriteFile(before, []byte("whom it trusted before"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("REQUESTS_CA_BUNDLE", before)
	t.Setenv("NODE_EXTRA_CA_CERTS", "")
	a, err := front.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	directory := ""
	for _, set := range a.Environment() {
		name, file, _ := strings.Cut(set, "=")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		directory = filepath.Dir(file)
		switch ours := strings.HasSuffix(string(text), string(a.PEM())); {
		case !ours, name == "NODE_EXTRA_CA_CERTS" && len(text) != len(a.PEM()), name == "REQUESTS_CA_BUNDLE" && !strings.HasPrefix(string(text), "whom it trusted before\n"):
			t.Errorf("%s has\n%s", name, text)
		}
		if strings.Contains(string(text), "PRIVATE") {
			t.Error("a key was written")
		}
	}
	if info, err := os.Stat(directory); err != nil || info.Mode().Perm() != 0o700 {
		t.Error(info.Mode(), err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(directory); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// TestOverTLS: a cut is a reset there too, whatever name a client asks for is in its certificate, and who does not trust the run is told of.
func TestOverTLS(t *testing.T) {
	told := make(chan string, 10)
	f, s, a := secure(t, hello, func(c *front.Config) {
		c.Log = func(line string) { told <- line }
		c.Deed = func(x *front.Exchange) front.Deed { return front.Deed{Name: "lost", Cut: x.Request.URL.Path == "/cut"} }
	})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(a.PEM())
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "stage.example.com"}, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	response, err := client.Get(f.URL("").String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	if x := s.next(t); response.ProtoMajor != 1 || !x.Received || x.Request.URL.Scheme != "https" {
		t.Errorf("%s %+v", response.Proto, x)
	}
	if _, err := client.Get(f.URL("").String() + "/cut"); err == nil || !strings.Contains(err.Error(), "reset by peer") {
		t.Errorf("the client saw %v", err)
	}
	if x := s.next(t); x.Answer != nil || x.Origin == nil {
		t.Errorf("%+v", x)
	}
	if _, err := (&http.Client{Transport: &http.Transport{}}).Get(f.URL("").String()); err == nil {
		t.Error("a client without the run's environment trusts it")
	}
	if line := <-told; !strings.Contains(line, "bad certificate") && !strings.Contains(line, "unknown certificate") {
		t.Error(line)
	}
}
