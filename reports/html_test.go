package reports_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"gonogo/reports"
	form "gonogo/reports/html"
	"gonogo/specs"
)

// webPage is an HTML report, read by another parser.
type webPage struct {
	text string
	root *html.Node
	ids  map[string]*html.Node
}

func asHTML(t testing.TB, r *reports.Report) *webPage {
	t.Helper()
	var b strings.Builder
	if err := form.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	p := &webPage{b.String(), root, map[string]*html.Node{}}
	for n := range root.Descendants() {
		if id := attribute(n, "id"); id != "" {
			if p.ids[id] != nil {
				t.Errorf("two elements are %q", id)
			}
			p.ids[id] = n
		}
	}
	return p
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// all are the elements of a name.
func (p *webPage) all(name atom.Atom) []*html.Node {
	var found []*html.Node
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.DataAtom == name {
			found = append(found, n)
		}
	}
	return found
}

// words are what an element shows, with single spaces.
func words(n *html.Node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestHTMLHasEverythingOfTheReport(t *testing.T) {
	for name, r := range variety() {
		t.Run(name, func(t *testing.T) {
			p := asHTML(t, r)
			if head := words(p.all(atom.H1)[0]); strings.HasPrefix(head, "GO") != (reports.ExitCode(r) == 0) || strings.Contains(strings.ToLower(head), "incomplete") == r.Complete {
				t.Errorf("the head says %q of %s, complete %t", head, r.Verdict, r.Complete)
			}
			top := words(p.all(atom.Header)[0])
			for _, why := range r.IncompleteBecause {
				if !strings.Contains(top, flat(why)) {
					t.Errorf("%q is not among what the head says: %s", why, top)
				}
			}
			if name == "one dialect twice" {
				return // its anchors are looked at below
			}
			for _, d := range r.Dialects {
				for _, row := range d.Requirements {
					shown := words(p.ids[d.ID+"."+row.ID])
					for _, want := range []string{row.ID, string(row.Level), row.Text, row.Where, string(row.Outcome)} {
						if !strings.Contains(shown, flat(want)) {
							t.Errorf("the row of %s does not say %q: %s", row.ID, want, shown)
						}
					}
				}
				for _, c := range d.Cases {
					hasCase(t, p, c)
				}
				for _, item := range d.Checklist {
					if section := words(p.ids[d.ID+".checklist"].Parent); !strings.Contains(section, item.Item) {
						t.Errorf("%q is not in the checklist: %s", item.Item, section)
					}
				}
			}
		})
	}
}

func hasCase(t *testing.T, p *webPage, c reports.Case) {
	t.Helper()
	n := p.ids[c.ID]
	if n == nil {
		t.Errorf("%s has no place on the page", c.ID)
		return
	}
	shown := words(n)
	wanted := []string{c.ID, c.Title}
	for _, f := range c.Findings {
		wanted = append(wanted, f.Sent, f.Wanted, f.Got, f.Where)
		if f.Exchange != nil {
			x := c.Exchanges[*f.Exchange]
			wanted = append(wanted, x.Curl, x.Request.Body, x.Request.URL, fmt.Sprint(x.Response.Status))
		}
	}
	if w := c.Waiver; w != nil {
		wanted = append(wanted, w.Reason, w.Owner, w.Expires)
	}
	for _, want := range wanted {
		if !strings.Contains(shown, flat(want)) {
			t.Errorf("%s does not show %q: %s", c.ID, want, shown)
		}
	}
	if c.Reason != "" && !strings.Contains(words(n.Parent.Parent.Parent), flat(c.Reason)) {
		t.Errorf("%s does not show its reason %q", c.ID, c.Reason)
	}
}

func TestHTMLLinksAreItsOwn(t *testing.T) {
	for name, r := range variety() {
		p := asHTML(t, r)
		for n := range p.root.Descendants() {
			for _, a := range n.Attr {
				switch a.Key {
				case "href":
					if target, ok := strings.CutPrefix(a.Val, "#"); (!ok || p.ids[target] == nil) && a.Val != "data:," {
						t.Errorf("%s: %s leads nowhere", name, a.Val)
					}
				case "src", "srcset", "action", "style", "data", "background", "poster", "ping", "xlink:href":
					t.Errorf("%s: <%s> has %s=%q", name, n.Data, a.Key, a.Val)
				}
				if strings.HasPrefix(a.Key, "on") || strings.Contains(a.Val, "url(") {
					t.Errorf("%s: <%s> has %s=%q", name, n.Data, a.Key, a.Val)
				}
			}
		}
		for _, name := range []atom.Atom{atom.Script, atom.Iframe, atom.Img, atom.Object, atom.Embed, atom.Base, atom.Form} {
			if n := len(p.all(name)); n > 0 {
				t.Errorf("there are %d %s", n, name)
			}
		}
	}
}

// TestHTMLPolicyKnowsItsStyle looks at what the file itself forbids. That a browser goes by it is looked at in Chromium.
func TestHTMLPolicyKnowsItsStyle(t *testing.T) {
	p := asHTML(t, sample())
	policy := ""
	for _, n := range p.all(atom.Meta) {
		if attribute(n, "http-equiv") == "Content-Security-Policy" {
			policy = attribute(n, "content")
		}
	}
	styles := p.all(atom.Style)
	if len(styles) != 1 {
		t.Fatalf("%d style sheets", len(styles))
	}
	style := styles[0].FirstChild.Data
	sum := sha256.Sum256([]byte(style))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; img-src data:; base-uri 'none'; form-action 'none'"
	if policy != want {
		t.Errorf("the policy is %s, and not %s", policy, want)
	}
	if strings.Contains(style, "url(") || strings.Contains(style, "@import") {
		t.Error("the style sheet asks for something")
	}
}

const hostile = `<script>alert(1)</script><img src=x onerror=alert(2)>"'--></style></title></details></pre><!-- ` + "\x1b[31m\u202e{{.}}`"

// hostileReport is a report in which whatever a target, a document or a file can choose tries to be markup.
func hostileReport() *reports.Report {
	r := sample()
	d := r.Dialects[0]
	d.Target.BaseURL, d.Document.Title, d.Notes = "http://h/"+hostile, hostile, []string{hostile}
	d.Requirements[1].Text, d.Requirements[1].Where = hostile, hostile
	d.Checklist[0].Item = hostile
	d.Cases[3].Reason, d.Cases[4].Reason = hostile, hostile
	w := *d.Cases[6].Waiver
	w.Reason, w.Issue, w.Owner = hostile, "javascript:alert(1)", hostile
	d.Cases[6].Waiver = &w
	c := &d.Cases[1]
	c.Title = hostile
	c.Findings[0] = reports.Finding{Sent: hostile, Wanted: hostile, Got: hostile, Where: hostile, Exchange: new(0)}
	c.Exchanges = []reports.Exchange{{
		Curl: hostile, Request: reports.Request{Method: "POST", URL: "javascript:" + hostile, Headers: map[string][]string{"X": {hostile}}, Body: hostile},
		Response: reports.Response{Status: 200, Headers: map[string][]string{hostile: {hostile}}, Body: hostile + strings.Repeat("\n"+hostile, 20)},
	}}
	reports.Decide(r, reports.Policy{})
	return r
}

func TestHTMLTakesNothingForMarkup(t *testing.T) {
	p := asHTML(t, hostileReport())
	kinds := map[string]int{}
	for n := range p.root.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("there is a comment: %s", n.Data)
		}
		if n.Type == html.ElementNode {
			kinds[n.Data]++
		}
	}
	if kinds["script"]+kinds["img"] > 0 || kinds["style"] != 1 {
		t.Errorf("the elements are %v", kinds)
	}
	if strings.ContainsAny(p.text, "\x1b\u202e") {
		t.Error("a control character or a mark of direction got through")
	}
	shown := words(p.ids["kitchenhub/refresh-rotation/old-token-refused"])
	if n := strings.Count(shown, `<script>alert(1)</script><img src=x onerror=alert(2)>"'--></style></title></details></pre><!-- \u001b[31m\u202e{{.}}`); n < 8 {
		t.Errorf("the case shows it %d times: %s", n, shown)
	}
}

func TestHTMLOfOneDialectTwice(t *testing.T) {
	p := asHTML(t, variety()["one dialect twice"])
	for _, id := range []string{"kh/a/a", "kh-2/a/a", "kh.KH-A-1", "kh-2.KH-A-1"} {
		if p.ids[id] == nil {
			t.Errorf("nothing is %q", id)
		}
	}
}

func TestHTMLNamesWhatLeftNoResult(t *testing.T) {
	r := reports.Unfinished(sample(), "the run has not come to its end")
	p := asHTML(t, r)
	if head := words(p.all(atom.Header)[0]); !strings.HasPrefix(head, "INCOMPLETE the run has not come to its end") {
		t.Errorf("the head is %s", head)
	}
	// Nothing stands before it.
	if main := p.all(atom.Main)[0]; words(main)[:10] != "INCOMPLETE" {
		t.Errorf("the page begins with %.80s", words(main))
	}
	if n := p.ids["kitchenhub/issue/success"]; n == nil || !strings.Contains(words(n.Parent.Parent.Parent), "no result") {
		t.Errorf("a planned case without result is shown as %s", words(n))
	}
}

// large is a report of n cases that ended in an outcome, with exchanges that have the longest bodies there are.
func large(n int, o reports.Outcome) *reports.Report {
	d := &reports.Dialect{ID: "kh", Target: reports.Target{BaseURL: "http://127.0.0.1:1"}}
	for i := range 40 {
		d.Requirements = append(d.Requirements, reports.Requirement{ID: fmt.Sprintf("KH-A-%d", i), Level: specs.Documented, Text: strings.Repeat("what it says ", 8), Where: "specs/kh.yaml:1"})
	}
	for i := range n {
		c := reports.Case{ID: fmt.Sprintf("kh/flow-%d/case-with-a-name-%d", i%20, i), Title: strings.Repeat("a title of usual length ", 3), Level: specs.Documented, Requirements: []string{fmt.Sprintf("KH-A-%d", i%40)}, Outcome: o}
		for j := range 3 {
			c.Exchanges = append(c.Exchanges, reports.Exchange{Curl: fmt.Sprintf("curl 'http://127.0.0.1:1/%d/%d'", i, j), Request: reports.Request{Method: "GET", URL: "http://127.0.0.1:1/"}, Response: reports.Response{Status: 200, Body: strings.Repeat("b", reports.BodyLimit)}})
		}
		if o == fail {
			c.Findings = []reports.Finding{{Sent: "s", Wanted: "w", Got: "g", Where: "specs/kh.yaml:1", Exchange: new(1)}}
		}
		d.Cases = append(d.Cases, c)
	}
	r := &reports.Report{Started: started, Dialects: []*reports.Dialect{d}}
	reports.Decide(r, reports.Policy{})
	return r
}

func TestHTMLKeepsItsSize(t *testing.T) {
	if p := asHTML(t, large(600, pass)); len(p.text) > 500_000 {
		t.Errorf("a clean run of 600 cases gives %d bytes", len(p.text))
	}
	p := asHTML(t, large(600, fail))
	if len(p.text) > 4_000_000 {
		t.Errorf("600 failed cases give %d bytes", len(p.text))
	}
	left := 0
	for i := range 600 {
		shown := words(p.ids[fmt.Sprintf("kh/flow-%d/case-with-a-name-%d", i%20, i)])
		if !strings.Contains(shown, fmt.Sprintf("curl 'http://127.0.0.1:1/%d/1'", i)) {
			t.Errorf("case %d has lost its curl line", i)
		}
		if strings.Contains(shown, "no room for the exchange") {
			left++
		}
	}
	if left == 0 || left == 600 {
		t.Errorf("%d of 600 cases say that their exchange is left out", left)
	}
}

func BenchmarkWriteHTML(b *testing.B) {
	for _, o := range []reports.Outcome{pass, fail} {
		b.Run(string(o), func(b *testing.B) {
			r := large(600, o)
			for b.Loop() {
				if err := form.Write(io.Discard, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestHTMLHeadingsSkipNoLevel(t *testing.T) {
	p := asHTML(t, two())
	last := 0
	for n := range p.root.Descendants() {
		levels := []atom.Atom{atom.H1, atom.H2, atom.H3, atom.H4, atom.H5}
		if level := slices.Index(levels, n.DataAtom) + 1; n.Type == html.ElementNode && level > 0 {
			if level > last+1 {
				t.Errorf("%q has level %d behind %d", words(n), level, last)
			}
			last = level
		}
	}
}
