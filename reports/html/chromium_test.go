package html_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"gonogo/reports"
	"gonogo/reports/html"
	"gonogo/reports/prose"
	"gonogo/reports/testdata/samples"
)

// tabPatience is far beyond what a step in the browser takes: half a second, and half a minute for axe on a machine that is very busy.
const tabPatience = 2 * time.Minute

// ended closes what shared started.
var ended []func()

func TestMain(m *testing.M) {
	code := m.Run()
	for _, end := range slices.Backward(ended) {
		end()
	}
	os.Exit(code)
}

// shared is one headless Chromium for all tests, which finds no host at all; nil if there is none here.
var shared = sync.OnceValues(func() (context.Context, error) {
	program := os.Getenv("CHROME_BIN")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil && program == "" {
			program = found
		}
	}
	if program == "" {
		return nil, nil
	}
	home, err := os.MkdirTemp("", "gonogo-html")
	if err != nil {
		return nil, err
	}
	ended = append(ended, func() { _ = os.RemoveAll(home) })
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(program), chromedp.UserDataDir(home), chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"), chromedp.Flag("no-proxy-server", true),
		chromedp.WindowSize(1200, 900), chromedp.CombinedOutput(io.Discard))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to run as root with it
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	browser, closeBrowser := chromedp.NewContext(allocator)
	ended = append(ended, stop, closeBrowser)
	return browser, chromedp.Do(browser)
})

// chromium is the shared one. In CI it must be there.
func chromium(t *testing.T) context.Context {
	t.Helper()
	browser, err := shared()
	switch {
	case err != nil:
		t.Fatalf("Chromium does not start: %v", err)
	case browser == nil:
		const missing = "there is no Chromium in the PATH (apt-get install chromium), so the report is not tried in a browser"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	return browser
}

// opened is a report in a tab. Until the test ends the tab may complain of nothing and ask for nothing but the file.
func opened(t *testing.T, browser context.Context, file, fragment string, steps ...chromedp.Action[chromedp.Void]) context.Context {
	t.Helper()
	address := (&url.URL{Scheme: "file", Path: file, Fragment: fragment}).String()
	watch := func(event any) {
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if e.Request.URL != "data:," && !strings.HasPrefix(e.Request.URL, "file://"+file) {
				t.Errorf("the page asks for %s", e.Request.URL)
			}
		case *log.EventEntryAdded:
			t.Errorf("the console says: %s", e.Entry.Text)
		case *runtime.EventExceptionThrown:
			t.Errorf("a script fails: %s", e.ExceptionDetails.Text)
		}
	}
	tab, closeTab := chromedp.NewContext(browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(watch))
	t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil {
		t.Fatal(err)
	}
	do(t, tab, append(steps, chromedp.Navigate(address))...)
	return tab
}

func do(t *testing.T, tab context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, tabPatience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func evaluated[T any](t *testing.T, tab context.Context, expression string, how ...chromedp.EvaluateOption) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, tabPatience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, how...))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// shownAs has pages shown in the light or the dark scheme, on a screen or on paper.
func shownAs(scheme, medium string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return chromedp.Void{}, err
	}
}

var pictures = flag.String("pictures", "", "the folder for a picture of each page; none: none is made")

// picture is what somebody sees who opens a page, as a file: make screenshots.
func picture(t *testing.T, tab context.Context, view string) {
	t.Helper()
	if *pictures == "" {
		return
	}
	ctx, cancel := context.WithTimeout(tab, tabPatience)
	defer cancel()
	data, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(*pictures, strings.ReplaceAll(view, " ", "-")+".png"), data, 0o644)
	}
	if err != nil {
		t.Error(err)
	}
}

// samplePages are pages of each kind.
func samplePages() map[string]func(io.Writer) error {
	pages := map[string]func(io.Writer) error{"trend": func(w io.Writer) error { return html.WriteTrend(w, kept()) }}
	for name, r := range map[string]*reports.Report{
		"check": samples.Report(), "hostile": samples.Hostile(), "clean": samples.Large(150, reports.Pass), "load": samples.Loads(samples.Jointly()), "watched": samples.Watched(),
		"compared": {Comparisons: []reports.Comparison{samples.Compared()}, Verdict: reports.NoGo},
	} {
		pages[name] = func(w io.Writer) error { return html.Write(w, r) }
	}
	return pages
}

func TestHTMLInChromium(t *testing.T) {
	browser := chromium(t)
	for name, write := range samplePages() {
		file := filepath.Join(t.TempDir(), name+".html")
		if err := reports.WriteFile(file, write); err != nil {
			t.Fatal(err)
		}
		grounds := map[string]string{}
		tab := opened(t, browser, file, "")
		for _, as := range []struct {
			width          int64
			colors, medium string
		}{{1280, "light", ""}, {1280, "dark", ""}, {500, "light", ""}, {390, "light", ""}, {390, "dark", ""}, {718, "light", "print"}} { // the last is A4 within its margins
			view := strings.TrimSpace(fmt.Sprintf("%s %d %s %s", name, as.width, as.colors, as.medium))
			t.Run(view, func(t *testing.T) {
				do(t, tab, chromedp.EmulateViewport(as.width, 900), shownAs(as.colors, as.medium), chromedp.Reload())
				picture(t, tab, view)
				seen := evaluated[looked](t, tab, measure)
				if seen.Overflow > 0 {
					t.Errorf("the page is %v px wider than the window", seen.Overflow)
				}
				if len(seen.Pale) > 0 || seen.Texts < 30 {
					t.Errorf("of %d texts, these are hard to read: %q", seen.Texts, seen.Pale)
				}
				if len(seen.Over) > 0 || len(seen.Cut) > 0 {
					t.Errorf("over one another: %q; cut: %q", seen.Over, seen.Cut)
				}
				if seen.Apart > .01 {
					t.Errorf("the names of lives stand beside other lives than theirs: they are drawn larger by %v", seen.Apart)
				}
				if plots := map[string]int{"load": 3, "trend": 3}[name]; len(seen.Plots) != plots {
					t.Errorf("%d plots", len(seen.Plots))
				}
				for _, p := range seen.Plots {
					if p.Width < 300 || p.Width > float64(as.width) || p.Height < 180 || p.Letters < 9 {
						t.Errorf("a plot is %v", p)
					}
				}
				if as.medium == "" {
					grounds[as.colors] = seen.Background
				}
			})
		}
		if grounds["light"] == grounds["dark"] && grounds["dark"] != "" {
			t.Errorf("%s: light and dark are both %s: the style sheet does not hold", name, grounds["light"])
		}
	}
}

// TestHTMLLinksOpenWhatIsFolded follows a link to a case inside a folded list, as one that was sent to a colleague.
func TestHTMLLinksOpenWhatIsFolded(t *testing.T) {
	browser := chromium(t)
	for n, o := range map[int]reports.Outcome{600: reports.Pass, 100: reports.Fail} { // in a list, and among what has not been drawn yet
		file := filepath.Join(t.TempDir(), "r.html")
		if err := reports.WriteFile(file, func(w io.Writer) error { return html.Write(w, samples.Large(n, o)) }); err != nil {
			t.Fatal(err)
		}
		id := fmt.Sprintf("kh/flow-19/case-with-a-name-%d", n-1)
		tab := opened(t, browser, file, id, chromedp.EmulateViewport(1200, 900))
		if top := evaluated[float64](t, tab, `document.getElementById("`+id+`").getBoundingClientRect().top`); top <= 0 || top > 900 {
			t.Errorf("%s: the case stands at %v, outside the window", o, top)
		}
	}
}

// TestHTMLFindsCases types into the page's own search, and goes by a link to what that hides.
func TestHTMLFindsCases(t *testing.T) {
	browser := chromium(t)
	r := samples.Report()
	file := filepath.Join(t.TempDir(), "r.html")
	if err := reports.WriteFile(file, func(w io.Writer) error { return html.Write(w, r) }); err != nil {
		t.Fatal(err)
	}
	tab := opened(t, browser, file, "", chromedp.EmulateViewport(1200, 900))
	const shown = `[...document.querySelectorAll("details.all tr[data-outcome]:not([hidden])")].length`
	all := evaluated[int](t, tab, shown)
	asked := func(words, outcome string) int {
		return evaluated[int](t, tab, fmt.Sprintf(`(() => { const [w, o] = document.querySelectorAll("#find input, #find select"); w.value = %q; o.value = %q; w.dispatchEvent(new Event("input")); o.dispatchEvent(new Event("change")); return %s })()`, words, outcome, shown))
	}
	fails := 0
	for _, d := range r.Dialects {
		fails += len(prose.With(d.Cases, reports.Fail))
	}
	if n := asked("", string(reports.Fail)); n != fails || fails == 0 || n == all {
		t.Errorf("of %d cases %d failed, and %d are found", all, fails, n)
	}
	if n := asked("OLD-token", ""); n == 0 || n == all {
		t.Errorf("of %d cases %d have the words", all, n)
	}
	if n := asked("nothing has these words", ""); n != 0 {
		t.Errorf("%d cases have what none has", n)
	}
	if open := evaluated[bool](t, tab, `(location.hash = document.querySelector("article.case").id, true)`); !open {
		t.Error("no case to go to")
	}
	visible := `!document.querySelector("article.case").hidden && document.querySelector("#find input").value === ""`
	for until := time.Now().Add(tabPatience); !evaluated[bool](t, tab, visible); {
		if time.Now().After(until) {
			t.Fatal("a link does not lead to what the search hides")
		}
	}
	if n := asked("", ""); n != all {
		t.Errorf("%d of %d are back", n, all)
	}
}

// TestHTMLPassesAxe, which is what people who read with a keyboard or a screen reader hold pages against: nothing serious.
func TestHTMLPassesAxe(t *testing.T) {
	axe, err := os.ReadFile("../../.cache/published/node_modules/axe-core/axe.min.js")
	if err != nil {
		const missing = "axe-core is not there; make published installs it"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	browser := chromium(t)
	pages := samplePages()
	delete(pages, "clean") // has no element that check has not, and many of each
	for name, write := range pages {
		file := filepath.Join(t.TempDir(), name+".html")
		if err := reports.WriteFile(file, write); err != nil {
			t.Fatal(err)
		}
		for colors, rules := range map[string]string{"light": "{}", "dark": `{runOnly: ["color-contrast"]}`} {
			tab := opened(t, browser, file, "", chromedp.EmulateViewport(1280, 900), shownAs(colors, ""))
			evaluated[bool](t, tab, "(() => { dispatchEvent(new Event('beforeprint')); document.querySelectorAll('details').forEach(d => d.open = true); document.querySelectorAll('.case').forEach(c => c.style.contentVisibility = 'visible'); "+string(axe)+"; return true })()")
			found := evaluated[struct {
				Passed int
				Broken []string
			}](t, tab, `axe.run(`+rules+`).then(r => ({Passed: r.passes.length, Broken: r.violations.filter(v => v.impact === "serious" || v.impact === "critical").map(v => v.id + ": " + v.nodes.length + " times, " + v.nodes[0].target)}))`, chromedp.EvalAwaitPromise)
			if len(found.Broken) > 0 || found.Passed < map[string]int{"light": 10, "dark": 1}[colors] {
				t.Errorf("%s, %s: %d rules are kept, and broken are %q", name, colors, found.Passed, found.Broken)
			}
		}
	}
}
