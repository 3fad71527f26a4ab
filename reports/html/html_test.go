package html_test

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
	"gonogo/reports/prose"
	"gonogo/reports/testdata/samples"
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
	root, err := html.ParseWithOptions(strings.NewReader(b.String()), html.ParseOptionEnableScripting(false)) // which reads all of it
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
	for name, r := range samples.Variety() {
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
				for _, threat := range d.Threats {
					section := words(p.ids[d.ID+".threats"].Parent)
					for _, want := range append([]string{threat.Text, prose.ThreatState(threat.State)}, threat.Rows...) {
						if !strings.Contains(section, want) {
							t.Errorf("%q of %s is not among the threats: %s", want, threat.ID, section)
						}
					}
				}
				for _, of := range d.Document.Coverage {
					section := words(p.ids[d.ID+".text"].Parent)
					heading := of.Heading
					if of.Text != "" {
						heading = of.Text + ", " + of.Heading
					}
					wanted := append([]string{heading}, of.Rows...)
					for _, statement := range of.Unjudged {
						wanted = append(wanted, statement.Text, string(statement.Reason))
					}
					for _, want := range wanted {
						if !strings.Contains(section, want) {
							t.Errorf("%q under %q is not in what became of the text: %s", want, of.Heading, section)
						}
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
	for name, r := range samples.Variety() {
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
				if strings.HasPrefix(a.Key, "on") || strings.Contains(strings.ReplaceAll(a.Val, "url(#", ""), "url(") {
					t.Errorf("%s: <%s> has %s=%q", name, n.Data, a.Key, a.Val)
				}
			}
		}
		for _, name := range []atom.Atom{atom.Iframe, atom.Img, atom.Object, atom.Embed, atom.Base, atom.Form} {
			if n := len(p.all(name)); n > 0 {
				t.Errorf("there are %d %s", n, name)
			}
		}
	}
}

// TestHTMLPolicyKnowsItsOwn looks at what the file itself forbids. That a browser goes by it is looked at in Chromium.
func TestHTMLPolicyKnowsItsOwn(t *testing.T) {
	p := asHTML(t, samples.Report())
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
	scripts := p.all(atom.Script)
	if len(scripts) != 1 {
		t.Fatalf("%d scripts", len(scripts))
	}
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	want := "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(scripts[0].FirstChild.Data) + "; img-src data:; base-uri 'none'; form-action 'none'"
	if policy != want {
		t.Errorf("the policy is %s, and not %s", policy, want)
	}
	if strings.Contains(style, "url(") || strings.Contains(style, "@import") {
		t.Error("the style sheet asks for something")
	}
}

func TestHTMLTakesNothingForMarkup(t *testing.T) {
	p := asHTML(t, samples.Hostile())
	kinds := map[string]int{}
	for n := range p.root.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("there is a comment: %s", n.Data)
		}
		if n.Type == html.ElementNode {
			kinds[n.Data]++
		}
	}
	if kinds["img"] > 0 || kinds["script"] != 1 || kinds["style"] != 1 {
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
	p := asHTML(t, samples.Variety()["one dialect twice"])
	for _, id := range []string{"kh/a/a", "kh-2/a/a", "kh.KH-A-1", "kh-2.KH-A-1"} {
		if p.ids[id] == nil {
			t.Errorf("nothing is %q", id)
		}
	}
}

func TestHTMLNamesWhatLeftNoResult(t *testing.T) {
	r := reports.Unfinished(samples.Report(), "the run has not come to its end")
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

func TestHTMLKeepsItsSize(t *testing.T) {
	if p := asHTML(t, samples.Large(600, reports.Pass)); len(p.text) > 500_000 {
		t.Errorf("a clean run of 600 cases gives %d bytes", len(p.text))
	}
	p := asHTML(t, failed(800))
	if len(p.text) > 5_000_000 {
		t.Errorf("800 failed cases with 8,000 exchanges give %d bytes", len(p.text))
	}
	left := 0
	for i := range 800 {
		shown := words(p.ids[fmt.Sprintf("kh/flow-%d/case-with-a-name-%d", i%20, i)])
		if !strings.Contains(shown, fmt.Sprintf("curl 'http://127.0.0.1:1/%d/1'", i)) {
			t.Errorf("case %d has lost its curl line", i)
		}
		if strings.Contains(shown, "no room for the exchange") {
			left++
		}
	}
	if left == 0 || left == 800 {
		t.Errorf("%d of 800 cases say that their exchange is left out", left)
	}
}

func BenchmarkWriteHTML(b *testing.B) {
	for _, o := range []reports.Outcome{reports.Pass, reports.Fail} {
		b.Run(string(o), func(b *testing.B) {
			r := samples.Large(600, o)
			for b.Loop() {
				if err := form.Write(io.Discard, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestHTMLHeadingsSkipNoLevel(t *testing.T) {
	p := asHTML(t, samples.Two())
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
