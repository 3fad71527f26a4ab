package chromium

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// here is Chromium on this machine. In CI it must be there.
func here(t *testing.T) *Browser {
	t.Helper()
	b := New(os.LookupEnv)
	if why := b.Missing(); why != "" {
		if in, _ := strconv.ParseBool(os.Getenv("CI")); in {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	t.Cleanup(b.Close)
	return b
}

// site answers every request from a map of pages, by path.
type site struct {
	pages map[string]string
	mu    sync.Mutex
	asked []string
	told  chan string
	left  []string
}

func newSite(pages map[string]string) *site { return &site{pages: pages, told: make(chan string, 10)} }

func (s *site) Answer(_ context.Context, r *Request) *Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.Method+" "+r.URL.String()+" "+string(r.Body)+" "+r.Header.Get("Cookie"))
	page, ok := s.pages[r.URL.Path]
	if !ok {
		return nil
	}
	return &Answer{Status: 200, Header: http.Header{"Content-Type": {"text/html"}, "Set-Cookie": {"seen=" + strings.Trim(r.URL.Path, "/")}}, Body: []byte(page)}
}

func (s *site) Leaves(_ *Window, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = append(s.left, to)
}

func (s *site) Told(_ *Window, message string) { s.told <- message }

func (s *site) hears(t *testing.T, want string) {
	t.Helper()
	select {
	case got := <-s.told:
		if got != want {
			t.Errorf("the page says %q, wanted %q", got, want)
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("the page does not say %q", want)
	}
}

func visiting(t *testing.T, b *Browser, s *site) (*Visit, *Window) {
	t.Helper()
	v, err := b.Visit(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	w, err := v.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return v, w
}

const tell = `<script>gonogoTell(document.cookie)</script>`

func TestEachVisitHasCookiesOfItsOwn(t *testing.T) {
	b := here(t)
	for range 2 {
		s := newSite(map[string]string{"/one": `<script>location = "/two"</script>`, "/two": tell})
		_, w := visiting(t, b, s)
		if err := w.Go(t.Context(), "http://stage.example.com/one"); err != nil {
			t.Fatal(err)
		}
		s.hears(t, "seen=two")
		if want := []string{"GET http://stage.example.com/one  ", "GET http://stage.example.com/two  seen=one"}; len(s.asked) < 2 || s.asked[0] != want[0] || s.asked[1] != want[1] {
			t.Errorf("asked for is %q, wanted %q: as written, http included, with the visit's cookies", s.asked, want)
		}
	}
}

func TestNothingLeavesTheMachine(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	reached := make(chan struct{})
	go func() {
		if c, err := listener.Accept(); err == nil {
			_ = c.Close()
			close(reached)
		}
	}()
	s := newSite(map[string]string{"/": `<link rel=preconnect href="http://` + listener.Addr().String() + `"><img src="http://` + listener.Addr().String() + `/i.png">
<script>fetch("http://` + listener.Addr().String() + `/data").catch(() => {
  const socket = new WebSocket("ws://` + listener.Addr().String() + `/socket");
  socket.onerror = socket.onopen = () => gonogoTell("done");
})</script>`})
	_, w := visiting(t, here(t), s)
	if err := w.Go(t.Context(), "http://stage.example.com/"); err != nil {
		t.Fatal(err)
	}
	s.hears(t, "done")
	select {
	case <-reached:
		t.Error("Chromium reached a server by itself")
	default:
	}
}

func TestDialogsAreAnswered(t *testing.T) {
	s := newSite(map[string]string{"/": `<script>alert("a"); const sure = confirm("b"); const name = prompt("c"); gonogoTell(sure + " " + name)</script>`})
	_, w := visiting(t, here(t), s)
	if err := w.Go(t.Context(), "http://stage.example.com/"); err != nil {
		t.Fatal(err)
	}
	s.hears(t, "true null")
}

func TestAnApplicationsOwnSchemeIsSeen(t *testing.T) {
	s := newSite(map[string]string{"/": `<script>location = "soup.app:/back?code=1"; setTimeout(() => gonogoTell("on"), 100)</script>`})
	_, w := visiting(t, here(t), s)
	if err := w.Go(t.Context(), "http://stage.example.com/"); err != nil {
		t.Fatal(err)
	}
	s.hears(t, "on")
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.left) != 1 || s.left[0] != "soup.app:/back?code=1" {
		t.Errorf("seen is %q", s.left)
	}
}

// processes are those whose command line names a folder.
func processes(folder string) int {
	found := 0
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range lines {
		if line, err := os.ReadFile(file); err == nil && bytes.Contains(line, []byte("="+folder)) {
			found++
		}
	}
	return found
}

func TestCloseLeavesNothingBehind(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "gonogo-test-") // short: a socket's path must fit
	if err != nil {
		t.Skip(err)
	}
	defer os.RemoveAll(dir)
	t.Setenv("TMPDIR", dir)
	b := here(t)
	_, w := visiting(t, b, newSite(map[string]string{"/": "x"}))
	if err := w.Go(t.Context(), "http://stage.example.com/"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat("/proc/self/cmdline"); err == nil && processes(dir) == 0 {
		t.Fatal("there is no process to look for")
	}
	b.Close()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind are %v, %v", left, err)
	}
	if n := processes(dir); n > 0 {
		t.Errorf("%d processes run on", n)
	}
	if _, err := b.Visit(t.Context(), newSite(nil)); !errors.Is(err, ErrLost) {
		t.Errorf("a closed browser says %v", err)
	}
}

func TestAChromiumThatDiesIsStartedAgain(t *testing.T) {
	b := here(t)
	v, w := visiting(t, b, newSite(map[string]string{"/": "x"}))
	p, err := b.running()
	if err != nil {
		t.Fatal(err)
	}
	if err := chromedp.FromContext(p.ctx).Browser.Process().Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.ctx.Done()
	if _, err := w.Look(t.Context()); !errors.Is(err, ErrLost) || !v.Lost() {
		t.Errorf("a look at a window of a dead Chromium says %v", err)
	}
	s := newSite(map[string]string{"/": tell})
	_, again := visiting(t, b, s)
	if err := again.Go(t.Context(), "http://stage.example.com/"); err != nil {
		t.Fatal(err)
	}
	s.hears(t, "seen=")
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	program := func(name string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	env := map[string]string{"PATH": dir + ":relative:/nonexistent"}
	look := func() (string, error) {
		return find(func(name string) (string, bool) { value, ok := env[name]; return value, ok })
	}
	if _, err := look(); err == nil || !strings.Contains(err.Error(), "apt-get install chromium") {
		t.Errorf("an empty folder: %v", err)
	}
	chrome := program("google-chrome")
	if path, err := look(); path != chrome || err != nil {
		t.Errorf("%s, %v", path, err)
	}
	debian := program("chromium")
	if path, err := look(); path != debian || err != nil {
		t.Errorf("%s, %v", path, err)
	}
	own := program("my-chrome")
	for _, named := range []string{own, "my-chrome"} {
		env[Variable] = named
		if path, err := look(); path != own || err != nil {
			t.Errorf("%s: %s, %v", named, path, err)
		}
	}
	env[Variable] = filepath.Join(dir, "gone")
	if _, err := look(); err == nil || err.Error() != "CHROME_BIN names "+env[Variable]+", which is no program here (correct it, or unset it to have Chromium looked for)" {
		t.Errorf("a program that is not there: %v", err)
	}
}

func TestAProgramThatIsNoChromium(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chromium")
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho a-secret-on-stderr >&2\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	b := New(func(name string) (string, bool) { return path, name == Variable })
	defer b.Close()
	_, err := b.Visit(t.Context(), newSite(nil))
	if !errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "it does not start; to see why: "+path) || strings.Contains(err.Error(), "a-secret") {
		t.Errorf("it says %v", err)
	}
}

func TestChromiumInheritsNoSecrets(t *testing.T) {
	env := map[string]string{"PATH": "/bin", "HOME": "/root", "HUB_SECRET": "s3cret", "HTTPS_PROXY": "http://u:p@h"}
	got := environment(func(name string) (string, bool) { value, ok := env[name]; return value, ok })
	if strings.Join(got, " ") != "PATH=/bin" {
		t.Errorf("it is given %q", got)
	}
}

func TestMissingSaysWhy(t *testing.T) {
	const install = "there is no Chromium here (install it, on Debian apt-get install chromium, or name its program in CHROME_BIN)"
	if why := New(func(string) (string, bool) { return "", false }).Missing(); why != install {
		t.Error(why)
	}
	if why := (*Browser)(nil).Missing(); why != "this run has been given no browser" {
		t.Error(why)
	}
}
