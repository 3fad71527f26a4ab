package html_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"gonogo/reports/testdata/samples"
)

// marks are the exchanges that a page draws.
func (p *webPage) marks(class string) (found []*html.Node) {
	for _, a := range p.all(atom.A) {
		classes := " " + attribute(a, "class") + " "
		if strings.Contains(classes, " mark ") && strings.Contains(classes, " "+class+" ") {
			found = append(found, a)
		}
	}
	return found
}

func TestHTMLDrawsATokenThatIsUsedAgain(t *testing.T) {
	p := asHTML(t, samples.Watched())
	accused := p.marks("accused")
	if len(accused) != 1 {
		t.Fatalf("%d exchanges are ringed", len(accused))
	}
	title := words(accused[0])
	for _, part := range []string{"‹refresh a1› refused with 401", "KHW-STORE-1", "exchange 9", "2 h 0 min 5 s by the API's clock", "5.0 s after the watch began"} {
		if !strings.Contains(title, part) {
			t.Errorf("%q does not say %q", title, part)
		}
	}
	finding := p.ids[strings.TrimPrefix(attribute(accused[0], "href"), "#")]
	if finding == nil || !strings.Contains(words(finding), "‹refresh a1›, which ‹refresh a2› had replaced") {
		t.Fatalf("it leads to %q", words(finding))
	}
	back := false
	for n := range finding.Descendants() {
		back = back || attribute(n, "href") == "#"+attribute(accused[0], "id")
	}
	if !back {
		t.Error("the finding does not lead to the line")
	}
	for _, mark := range p.marks("mark") {
		if to := attribute(mark, "href"); p.ids[strings.TrimPrefix(to, "#")] == nil {
			t.Errorf("%s leads nowhere", to)
		}
		if row := p.ids[attribute(mark, "id")+".row"]; row == nil {
			t.Errorf("%s is in no row of the table", attribute(mark, "id"))
		}
	}
	if len(p.marks("mark")) != 12 {
		t.Errorf("%d exchanges are drawn", len(p.marks("mark")))
	}
}

func TestHTMLDrawsManyLivesWithinBounds(t *testing.T) {
	p := asHTML(t, samples.ManyLives(2000, 50))
	if len(p.text) > 3<<20 || len(p.marks("mark")) != 1500 {
		t.Errorf("%d bytes, %d exchanges", len(p.text), len(p.marks("mark")))
	}
	if len(p.marks("accused")) != 1 {
		t.Error("the accused exchange is not there")
	}
	if !strings.Contains(p.text, "1880 tokens are left out") {
		t.Error("it is not said what is left out")
	}
}
