package consent

import (
	"net/url"
	"testing"
)

func TestAlterations(t *testing.T) {
	a := &Alteration{Was: "https://app.example/cb", Is: "https://other.example/"}
	fields := [][2]string{{"to", "https://app.example/cb"}, {"next", "/authorize?to=https%3A%2F%2Fapp.example%2Fcb&x=1"}, {"csrf", "abc"}}
	to := &url.URL{Path: "/decide", RawQuery: "to=https%3A%2F%2Fapp.example%2Fcb&flow=7"}
	if !a.alter(fields, to) || fields[0][1] != a.Is || fields[1][1] != "/authorize?to=https%3A%2F%2Fother.example%2F&x=1" || fields[2][1] != "abc" || to.RawQuery != "to=https%3A%2F%2Fother.example%2F&flow=7" {
		t.Error(fields, to)
	}
	short := &Alteration{Was: "app", Is: "other"}
	fields, to = [][2]string{{"client", "app"}, {"title", "application"}}, &url.URL{}
	if !short.alter(fields, to) || fields[0][1] != "other" || fields[1][1] != "application" {
		t.Error(fields)
	}
	if (&Alteration{Was: "nowhere", Is: "x"}).alter(fields, to) {
		t.Error("nothing to alter, and it was")
	}
}
