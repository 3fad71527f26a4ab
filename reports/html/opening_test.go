package html_test

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"gonogo/reports"
	form "gonogo/reports/html"
	"gonogo/reports/testdata/samples"
)

// failed is a report of n failed cases with ten exchanges each.
func failed(n int) *reports.Report {
	r := samples.Large(n, reports.Fail)
	for i := range r.Dialects[0].Cases {
		c := &r.Dialects[0].Cases[i]
		for len(c.Exchanges) < 10 {
			c.Exchanges = append(c.Exchanges, c.Exchanges[len(c.Exchanges)%3])
		}
	}
	return r
}

// written is a report as a file.
func written(t testing.TB, r *reports.Report) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "r.html")
	if err := reports.WriteFile(file, func(w io.Writer) error { return form.Write(w, r) }); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestHTMLOpensWithFewElements counts what a browser makes of a page before it shows it, as that is what takes the time.
func TestHTMLOpensWithFewElements(t *testing.T) {
	for o, r := range map[reports.Outcome]*reports.Report{reports.Pass: samples.Large(800, reports.Pass), reports.Fail: failed(800)} {
		p := asHTML(t, r)
		root, err := html.Parse(strings.NewReader(p.text)) // as one with script
		if err != nil {
			t.Fatal(err)
		}
		elements := 0
		for n := range root.Descendants() {
			if n.Type == html.ElementNode {
				elements++
			}
		}
		if elements > 6000 {
			t.Errorf("a page of 800 cases, %s, begins with %d elements", o, elements)
		}
		if i := strings.IndexFunc(p.text, func(r rune) bool { return r > 0x7f }); i >= 0 {
			t.Errorf("there is %.20q, for which a browser reads and keeps the whole page in twice the room", p.text[i:])
		}
	}
}

func TestHTMLHasABodyOnce(t *testing.T) {
	r := failed(40)
	long := r.Dialects[0].Cases[0].Exchanges[0].Response.Body
	for i := range r.Dialects[0].Cases {
		for j := range r.Dialects[0].Cases[i].Exchanges {
			r.Dialects[0].Cases[i].Exchanges[j].Request.Body = `{"short":1}`
		}
	}
	p := asHTML(t, r)
	if n := strings.Count(p.text, long); n != 1 {
		t.Errorf("a body stands on the page %d times", n)
	}
	if n := strings.Count(p.text, "#34;short"); n < 40 {
		t.Errorf("a short body stands on the page %d times, which a link is longer than", n)
	}

	browser := chromium(t)
	tab := opened(t, browser, written(t, r), "")
	shown := evaluated[[]int](t, tab, `(() => { dispatchEvent(new Event("beforeprint")); return [...document.querySelectorAll(".exchange > details > pre")].map(p => p.textContent.length) })()`)
	if len(shown) < 300 || slices.Min(shown) != len(long) {
		t.Errorf("with script %d bodies are shown, the shortest of %d letters", len(shown), slices.Min(shown))
	}
}

// TestHTMLPutsInWhatStandsAside waits for what a page does by itself, and has a search, a link and paper find all before.
func TestHTMLPutsInWhatStandsAside(t *testing.T) {
	browser := chromium(t)
	r := failed(300)
	const id = "kh/flow-19/case-with-a-name-299"
	file := written(t, r)
	const there = `document.querySelectorAll("article.case").length`
	tab := opened(t, browser, file, "")
	if n := evaluated[int](t, tab, `new Promise(done => { const look = () => document.querySelector("noscript") ? setTimeout(look, 20) : done(`+there+`); look() })`, chromedp.EvalAwaitPromise); n != 300 {
		t.Errorf("of 300 cases %d came in", n)
	}
	if order := evaluated[[]string](t, tab, `[...document.querySelectorAll("article.case")].map(c => c.id)`); order[0] != r.Dialects[0].Cases[0].ID || order[299] != id {
		t.Errorf("they stand in the order %s … %s", order[0], order[299])
	}
	// In the tick in which the script has run, nothing has come in by itself yet.
	for what, deed := range map[string]string{
		"a search": `const w = document.querySelector("#find input"); w.value = "name-299"; w.dispatchEvent(new Event("input"))`,
		"paper":    `dispatchEvent(new Event("beforeprint"))`,
		"a link":   `location.hash = ` + fmt.Sprintf("%q", id) + `; dispatchEvent(new Event("hashchange"))`,
	} {
		const hold = `window.requestIdleCallback = () => {}`
		tab := opened(t, browser, file, "", before(hold))
		n := evaluated[[]int](t, tab, `(() => { const few = `+there+`; `+deed+`; return [few, `+there+`] })()`)
		if n[0] >= 300 || n[1] != 300 {
			t.Errorf("%s finds %d cases where %d stood", what, n[1], n[0])
		}
	}
	tab = opened(t, browser, file, id)
	if lit := evaluated[string](t, tab, `document.querySelector(":target")?.id ?? "nothing"`); lit != id {
		t.Errorf("the link leads to %s", lit)
	}
}

// before has a page run something before its own script.
func before(script string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return chromedp.Void{}, err
	}
}

// TestHTMLIsReadWithoutScript, as by somebody whose mail program or CI shows reports without it.
func TestHTMLIsReadWithoutScript(t *testing.T) {
	browser := chromium(t)
	tab := opened(t, browser, written(t, failed(60)), "", func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
	seen := evaluated[struct{ Cases, Tall, Links int }](t, tab, `(() => { const all = [...document.querySelectorAll("article.case")]; return {Cases: all.length, Tall: all.filter(c => c.checkVisibility() && c.innerText.includes("wanted")).length, Links: document.querySelectorAll("[data-body] a").length} })()`)
	if seen.Cases != 60 || seen.Tall != 60 || seen.Links == 0 {
		t.Errorf("of 60 cases, %+v are seen", seen)
	}
}

// TestHTMLPutsInNoMarkup has the script put in what tries to be markup, in cases that stand aside and bodies that come again.
func TestHTMLPutsInNoMarkup(t *testing.T) {
	browser := chromium(t)
	r := samples.Hostile()
	d := r.Dialects[0]
	const hostile = samples.Markup + "</noscript></template><style>*{display:none}</style>\u2028\x00\xff" + `<img src="https://elsewhere.example/" onerror="document.title='won'"><svg><script>document.title='won'</script>`
	for i := range 40 {
		c := d.Cases[1]
		c.ID = fmt.Sprintf("kitchenhub/again/%d", i)
		x := c.Exchanges[0]
		x.Request.Body, x.Response.Body, x.Request.Headers = hostile, hostile, map[string][]string{hostile: {hostile}}
		c.Exchanges = []reports.Exchange{x, x}
		c.Title = hostile
		d.Cases = append(d.Cases, c)
	}
	reports.Decide(r, reports.Policy{})
	tab := opened(t, browser, written(t, r), "")
	found := evaluated[struct {
		Cases, Bodies, Foreign int
		Title                  string
	}](t, tab, `(() => {
  dispatchEvent(new Event("beforeprint"));
  return {Cases: document.querySelectorAll("article.case.fail").length, Bodies: [...document.querySelectorAll("[data-body]")].filter(b => b.childElementCount === 0 && b.textContent.includes("</noscript></template>")).length,
    Foreign: document.querySelectorAll("img, svg, main script, main style, iframe, template").length, Title: document.title}
})()`)
	if found.Cases != 41 || found.Bodies < 100 || found.Foreign != 0 || strings.Contains(found.Title, "won") {
		t.Errorf("what tries to be markup makes %+v", found)
	}
}

// BenchmarkOpenHTML says what a page of 800 cases takes of the processor: the thread of the page until it stands in the
// window, and until all is there that a search or Ctrl-F may find. 800 that failed have 8,000 exchanges.
func BenchmarkOpenHTML(b *testing.B) {
	browser, err := shared()
	if browser == nil || err != nil {
		b.Skipf("there is no Chromium: %v", err)
	}
	for name, r := range map[string]*reports.Report{"pass": samples.Large(800, reports.Pass), "fail": failed(800)} {
		b.Run(name, func(b *testing.B) {
			address := (&url.URL{Scheme: "file", Path: written(b, r)}).String()
			var open, whole float64
			for b.Loop() {
				o, w := opening(b, browser, address)
				open, whole = open+o, whole+w
			}
			b.ReportMetric(open/float64(b.N), "open-ms/op")
			b.ReportMetric(whole/float64(b.N), "whole-ms/op")
		})
	}
}

// opening is the processor time of a page's thread in milliseconds.
func opening(b *testing.B, browser context.Context, address string) (open, whole float64) {
	tab, closeTab := chromedp.NewContext(browser)
	defer closeTab()
	spent := func(until string) float64 {
		if _, err := chromedp.Run(tab, chromedp.Evaluate[bool](`new Promise(done => `+until+`)`, chromedp.EvalAwaitPromise)); err != nil {
			b.Fatal(err)
		}
		got, err := chromedp.Call(tab, performance.GetMetrics, cdp.Empty{})
		if err != nil {
			b.Fatal(err)
		}
		for _, m := range got.Metrics {
			if m.Name == "TaskDuration" {
				return m.Value * 1000
			}
		}
		b.Fatal("the browser has no TaskDuration")
		return 0
	}
	if err := chromedp.Do(tab); err != nil {
		b.Fatal(err)
	}
	if _, err := chromedp.Call(tab, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks}); err != nil {
		b.Fatal(err)
	}
	if err := chromedp.Do(tab, chromedp.Navigate(address)); err != nil {
		b.Fatal(err)
	}
	open = spent(`requestAnimationFrame(() => requestAnimationFrame(() => done(true)))`)
	whole = spent(`(function look() { document.querySelector("noscript") ? setTimeout(look, 50) : requestIdleCallback(() => done(true)) })()`)
	return open, whole
}
