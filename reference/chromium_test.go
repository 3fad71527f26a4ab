package reference

import (
	"context"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// tabPatience is how long a step in the browser may take: the slowest, Swagger
// UI's first rendering, was seen to take 2 s on two busy cores.
const tabPatience = 30 * time.Second

// chromium starts a headless Chromium that finds no host but loopback. What it
// tries for itself (updates, autofill) fails that way and is none of the pages';
// what a page asks for elsewhere fails the test, see watch.
func chromium(t *testing.T) context.Context {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		const missing = "there is no Chromium in the PATH (apt-get install chromium), so the pages are not tried in a browser"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
		chromedp.Flag("no-proxy-server", true), // a proxy would find hosts that the rule hides
		chromedp.WindowSize(1200, 900), chromedp.CombinedOutput(io.Discard))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to run as root with it
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	browser, closeBrowser := chromedp.NewContext(allocator)
	t.Cleanup(closeBrowser)
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	return browser
}

// tab is one tab of a browser, with what went on in it.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	requests []string
}

// newTab opens a tab in a browser session of its own. When the test ends, the
// tab must have asked only loopback and complained about nothing.
func newTab(t *testing.T, browser context.Context) *tab {
	t.Helper()
	return attach(t, browser, chromedp.WithNewBrowserContext())
}

func attach(t *testing.T, parent context.Context, how chromedp.ContextOption) *tab {
	t.Helper()
	b := &tab{t: t}
	ctx, closeTab := chromedp.NewContext(parent, how, chromedp.WithListener(b.watch))
	t.Cleanup(closeTab)
	b.ctx = ctx
	b.do() // opens it, under a context that outlives the first step
	return b
}

func (b *tab) watch(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if err == nil && u.Scheme != "data" && u.Scheme != "blob" && !net.ParseIP(u.Hostname()).IsLoopback() {
			b.t.Errorf("the page asks %s", u.Host)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.requests = append(b.requests, e.Request.Method+" "+e.Request.URL)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.t.Errorf("the console says: %s (%s)", e.Entry.Text, e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		b.t.Errorf("a script fails: %s at %s:%d", e.ExceptionDetails.Text, e.ExceptionDetails.URL, e.ExceptionDetails.LineNumber)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			for _, said := range e.Args {
				b.t.Errorf("a script complains: %s%s", said.Value, said.Description)
			}
		}
	}
}

// sent are the requests of the tab so far, a method and a URL each.
func (b *tab) sent() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.requests)
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if len(steps) == 0 {
		if err := chromedp.Do(b.ctx); err != nil {
			b.t.Fatal(err)
		}
	}
	for i, step := range steps {
		ctx, cancel := context.WithTimeout(b.ctx, tabPatience)
		err := chromedp.Do(ctx, step)
		cancel()
		if err != nil {
			b.t.Fatalf("step %d of %d: %v; the page is\n%s", i+1, len(steps), err, b.page())
		}
	}
}

func read[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, tabPatience)
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		b.t.Fatal(err)
	}
	return value
}

// page is what a human sees of the page, for the message of a failed test.
func (b *tab) page() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname + "\n" + document.body.innerText`))
	return text
}

// says waits until the element of that id shows the text.
func says(id, text string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.Search(`//*[@id="` + id + `"][contains(., '` + text + `')]`))
}

// press clicks the button with that label.
func press(label string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(chromedp.Search(`//button[normalize-space(.)="`+label+`"][not(@disabled)]`), chromedp.NodeVisible)
}

// popup is the tab that the steps open.
func (b *tab) popup(steps ...chromedp.Action[chromedp.Void]) *tab {
	b.t.Helper()
	opened := chromedp.WaitNewTarget(b.ctx, func(info *target.Info) bool { return strings.Contains(info.URL, "/authorize") })
	b.do(steps...)
	select {
	case id, ok := <-opened:
		if !ok {
			b.t.Fatal("the tab is gone")
		}
		return attach(b.t, b.ctx, chromedp.WithTargetID(id))
	case <-time.After(tabPatience):
		b.t.Fatalf("no popup opens; the page is\n%s", b.page())
	}
	return nil
}
