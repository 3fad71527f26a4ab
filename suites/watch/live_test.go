package watch_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"gonogo/suites/watch"
)

// window is a headless Chromium with a page open. In CI it must be there.
func window(t *testing.T, address string) context.Context {
	t.Helper()
	program := os.Getenv("CHROME_BIN")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil && program == "" {
			program = found
		}
	}
	if program == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no Chromium in the PATH")
		}
		t.Skip("there is no Chromium in the PATH (apt-get install chromium)")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"), chromedp.Flag("no-proxy-server", true), chromedp.CombinedOutput(io.Discard))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to run as root with it
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	if err := chromedp.Do(tab, chromedp.EmulateViewport(390, 900), chromedp.Navigate(address)); err != nil {
		t.Fatal(err)
	}
	return tab
}

// comes waits until a page says that something is so.
func comes(t *testing.T, tab context.Context, what string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, time.Minute)
	defer cancel()
	for {
		is, err := chromedp.Run(ctx, chromedp.Evaluate[bool](what))
		switch {
		case err != nil:
			t.Fatalf("%s: %v", what, err)
		case is:
			return
		}
		select {
		case <-time.After(50 * time.Millisecond): // a page cannot be waited for without asking it
		case <-ctx.Done():
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

// TestAWatchIsSeenWhileItRuns looks at a client that shows its first refresh token again.
func TestAWatchIsSeenWhileItRuns(t *testing.T) {
	t.Parallel()
	r := &recorder{T: t}
	w := watch.Start(r, "kitchenhub")
	tab := window(t, w.Page())
	comes(t, tab, `(window.marker = document.querySelector("#situations .now")) !== null`)
	p := ask(t, w.URL+"/v2/auth/token", w.Credentials("primary"))
	first := p
	for range 2 {
		w.Advance(61 * time.Minute)
		call(t, w.URL+"/v2/orders", p.Access)
		if p = ask(t, w.URL+"/v2/auth/refresh", map[string]string{"refresh_token": first.Refresh}); p.Access == "" {
			p = ask(t, w.URL+"/v2/auth/token", w.Credentials("primary"))
		}
		call(t, w.URL+"/v2/orders", p.Access)
	}
	comes(t, tab, `document.querySelectorAll("#exchanges tr").length >= 7`)
	comes(t, tab, `document.querySelectorAll("#picture a.mark").length > 5`)
	w.Advance(time.Minute) // what has been seen is judged
	comes(t, tab, `[...document.querySelectorAll("#rows li.fail")].some(e => e.textContent.includes("KHW-STORE-1"))`)
	comes(t, tab, `document.querySelector("#picture a.mark.accused.fail title")?.textContent.includes("‹refresh a1› refused") === true`)
	comes(t, tab, `document.documentElement.scrollWidth <= innerWidth && document.getElementById("words").textContent == "WATCHING"`)
	if text := page(t, w.Page()); strings.Contains(text, first.Refresh) || strings.Contains(text, w.Credentials("primary")["client_secret"]) {
		t.Error("the page has a secret")
	}
	if got := r.end(); !strings.Contains(got, "KHW-STORE-1") {
		t.Errorf("the watch fails with %q", got)
	}
	comes(t, tab, `document.getElementById("words").textContent == "NO-GO" && document.querySelector("header.no-go") !== null`)
	comes(t, tab, `window.marker instanceof Element && performance.getEntriesByType("navigation")[0].type == "navigate" && !document.documentElement.innerHTML.includes("`+first.Refresh+`")`)
}

func page(t *testing.T, address string) string {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
