package consent

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gonogo/internal/exchange"
)

// A browser's entry list, checked against the rules of HTML 4.10.21.4.
func TestDataSet(t *testing.T) {
	p := fakeAnswer(t, "http://as.test/a/b?x=1", `<form action="c" method="post"><fieldset disabled><input name=off value=1></fieldset>
		<input name=text value=" a "><input name=empty><input value=nameless><input type=checkbox name=c1><input type=checkbox name=c2 checked><input type=checkbox name=c3 value=v checked>
		<input type=radio name=r value=1><input type=radio name=r value=2 checked><select name=s><option value=1>one<optgroup><option selected>two </optgroup></select>
		<select name=first><option disabled value=0>zero<option>one</select><select name=m multiple><option selected>a<option>b<option selected>c</select>
		<textarea name=t>
line 1
line 2</textarea><input type=hidden name=h value="&lt;é&gt;"><input type=reset name=z value=z><button type=button name=y value=y>y</button><button name=go value=1>Allow</button><input type=submit name=no value=No></form>`)
	nav, err := p.press(p.forms[0], p.forms[0].submits()[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "text=+a+&empty=&c2=on&c3=v&r=2&s=two&first=one&m=a&m=c&t=line+1%0D%0Aline+2&h=%3C%C3%A9%3E&go=1"
	if string(nav.body) != want || nav.to.String() != "http://as.test/a/c" || nav.contentType != "application/x-www-form-urlencoded" {
		t.Errorf("%s %s\n%s\n%s", nav.method, nav.to, nav.body, want)
	}
}

func TestWhereFormsGo(t *testing.T) {
	for body, want := range map[string]string{
		`<form><input name=a value=1></form>`:                                               "GET http://as.test/a/b?a=1",
		`<form action="?y=2"><input name=a value=1></form>`:                                 "GET http://as.test/a/b?a=1",
		`<form method=POST></form>`:                                                         "POST http://as.test/a/b?x=1",
		`<base href="http://other.test/z/"><form method=post></form>`:                       "POST http://as.test/a/b?x=1",
		`<base href="http://other.test/z/"><base href="/no"><form method=post action=c>`:    "POST http://other.test/z/c",
		`<form method=post action="//other.test">`:                                          "POST http://other.test",
		`<form method=post action="../?q#f">`:                                               "POST http://as.test/?q",
		`<form method=put action="/c">`:                                                     "GET http://as.test/c",
		`<template><form action=/wrong></form></template><form method=dialog action="/c/">`: "GET http://as.test/c/",
	} {
		p := fakeAnswer(t, "http://as.test/a/b?x=1", body)
		nav, err := p.press(p.forms[0], nil, nil)
		if err != nil || strings.TrimSuffix(nav.method+" "+nav.to.String(), "?") != want {
			t.Errorf("%s: %s %s, %v", body, nav.method, nav.to, err)
		}
	}
}

func TestRefreshForms(t *testing.T) {
	base, _ := url.Parse("http://as.test/a/b")
	for content, want := range map[string]string{
		"0;url=c": "http://as.test/a/c", "5; URL='/c?x=1;2'": "http://as.test/c?x=1;2", `0, url = "c"`: "http://as.test/a/c", "0;c": "http://as.test/a/c",
		"1.5;url=http://x.test/": "http://x.test/", "0": "", "": "", "url=c": "", "0;url=": "",
	} {
		got := ""
		if r := readRefresh(base, content); r != nil {
			got = r.to.String()
		}
		if got != want {
			t.Errorf("%q: %q, wanted %q", content, got, want)
		}
	}
}

func TestGist(t *testing.T) {
	for body, want := range map[string]string{
		`<title>Soup</title><h1>Oh  no</h1><p>It broke. Call us.</p><script>x</script><style>y</style>`: "Soup | Oh no | It broke.",
		`<p hidden>secret</p><div style="display: none">no</div>Shown`:                                  "Shown",
		``: "an empty page",
		`<title>` + strings.Repeat("é", 300) + `</title>`: strings.Repeat("é", 199) + "…",
	} {
		if got := fakeAnswer(t, "http://as.test/", body).gist(); got != want {
			t.Errorf("%.40s: %q", body, got)
		}
	}
	u, _ := url.Parse("http://as.test/")
	p := newPage(&exchange.Exchange{Status: 400, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"error": "invalid_request"}`)}, u)
	if p.gist() != `{"error": "invalid_request"}` {
		t.Error(p.gist())
	}
}

func TestOldCharset(t *testing.T) {
	u, _ := url.Parse("http://as.test/")
	p := newPage(&exchange.Exchange{Status: 200, Header: http.Header{"Content-Type": {"text/html; charset=iso-8859-1"}}, Body: []byte("<form><button>G\xe9n\xe9reux</button></form>")}, u)
	if m := p.decision(Approve, Hints{ApproveLabel: "généreux"}, returns{}); m == nil || m.button.label != "Généreux" {
		t.Errorf("%+v", m)
	}
}

func FuzzPage(f *testing.F) {
	f.Add("text/html", loginForm)
	f.Add("text/html", twoButtons+`<a href="?code=1#x">No no no</a><base href="::"><meta http-equiv=refresh content="0;url=\\x">`)
	f.Add("", `<table><form id=a><tr><td><input form=a type=radio name=x value=yes>Allow<input type=radio name=x value=no>Deny<select name=y><option>deny</select><input type=image></form>`)
	f.Add("application/json", `{}`)
	f.Add("text/html; charset=utf-16", "<\x00h\x00")
	f.Add("text/html", `<script>location='\u12'; location.replace("\x2")</script><button onclick="location='`+"\xff"+`'">No</button>`)
	for _, s := range []string{"<a><a>", "<label>", "<form></form><input type=password>", `<body onload="submit()"><form action="%zz">`} {
		f.Add("text/html", strings.Repeat(s, 600))
	}
	at, _ := url.Parse("http://as.test/a/b?x=1")
	r := Request{Authorize: at, RedirectURI: "https://app.test/cb?k=1", Username: "u", Password: "p", Hints: Hints{UsernameField: "a", ApproveLabel: "go on"}}
	back, err := newReturns(r)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, kind, body string) {
		p := newPage(&exchange.Exchange{Status: 200, Header: http.Header{"Content-Type": {kind}, "Refresh": {kind}}, Body: []byte(body)}, at)
		if n := len([]rune(p.gist())); n > gistLength {
			t.Errorf("a gist of %d letters", n)
		}
		p.unasked(back)
		_ = p.fault(CannotSee, "").Error()
		for _, d := range []Decision{Approve, Deny} {
			r.Decision = d
			var m *move
			var so progress
			for range 3 {
				if m, so, _ = (human{Request: r, back: back}).judge(p, so); m == nil {
					continue
				}
				if nav, err := p.navigate(m); err == nil && nav.to == nil {
					t.Error("a step to nowhere")
				}
			}
		}
	})
}

// A page may be any length of anything; judging it stays a matter of a moment.
func TestHostilePagesTakeNoTime(t *testing.T) {
	at, _ := url.Parse("http://as.test/a")
	for _, s := range []string{
		`<form><button name=a value=no>x</button></form>`, `<button form=f name=a>Allow</button>`, `<input form=f type=radio name=r value=allow>no no `, `<a href="?x">No no no</a>`,
		`<label><h1><a href=x>no `, `<select><option>`, `<script>location = 'a'; location='`, `<script>window.window.window.`, "no ", `<meta http-equiv=refresh content="0;">`, `<base href=x>`,
	} {
		body := `<form id=f>` + strings.Repeat(s, (1<<18)/len(s))
		begun := time.Now()
		for _, d := range []Decision{Approve, Deny} {
			p := newPage(&exchange.Exchange{Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(body)}, at)
			p.unasked(returns{authorize: at})
			_, _, _ = human{Request: Request{Decision: d, Username: "u"}, back: returns{authorize: at}}.judge(p, progress{})
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("%s…: %v", s, took)
		} else {
			t.Logf("%s…: %v", s, took)
		}
	}
}
