package consent

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestDelivery(t *testing.T) {
	for _, c := range []struct {
		name, delivery string
		answer         func(w *world, rw http.ResponseWriter)
	}{
		{"query", InQuery, func(w *world, rw http.ResponseWriter) { goTo(rw, 302, w.answer(true)) }},
		{"fragment", InFragment, func(w *world, rw http.ResponseWriter) { goTo(rw, 302, w.cb+"#code=c0de&state=s%201") }},
		{"form_post", InFormPost, func(w *world, rw http.ResponseWriter) {
			page200(rw, `<body onload="document.forms[0].submit()"><form method=post action="`+w.cb+`"><input type=hidden name=code value=c0de><input type=hidden name=state value="s 1"></form>`)
		}},
		{"form_post with its script elsewhere", InFormPost, func(w *world, rw http.ResponseWriter) {
			page200(rw, `<form method=post action="`+w.cb+`"><input type=hidden name=code value=c0de><input type=hidden name=state value="s 1"><button>Weiter</button></form><script src=go.js></script>`)
		}},
		{"form_post without a script", InFormPost, func(w *world, rw http.ResponseWriter) {
			page200(rw, `<form method=post action="`+w.cb+`"><input type=hidden name=code value=c0de><input type=hidden name=state value="s 1"><button>Continue</button></form>`)
		}},
		{"Refresh header", InQuery, func(w *world, rw http.ResponseWriter) {
			rw.Header().Set("Refresh", "0;url="+w.answer(true))
			page200(rw, "Moment")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.show("GET /auth", twoButtons)
			w.handle("/decide", func(rw http.ResponseWriter, _ *http.Request) { c.answer(w, rw) })
			res, err := w.decide(w.request(Approve))
			w.wantBack(res, err, true)
			if res.Delivery != c.delivery || res.Params.Get("state") != "s 1" {
				t.Errorf("%+v", res)
			}
		})
	}
}

func TestStateComesBackAsWritten(t *testing.T) {
	all := ""
	for c := ' '; c <= '~'; c++ {
		all += string(c)
	}
	for name, written := range map[string]string{
		"escaped":               url.QueryEscape(all),
		"semicolons left as is": strings.ReplaceAll(url.QueryEscape(all), "%3B", ";"),
		"as little as possible": strings.NewReplacer("%", "%25", "&", "%26", "#", "%23", "+", "%2B").Replace(all),
	} {
		w := newWorld(t)
		w.handle("/auth", func(rw http.ResponseWriter, _ *http.Request) {
			goTo(rw, 302, w.cb+"?code=c0de&state="+written+"&z=1")
		})
		res, err := w.decide(w.request(Approve))
		w.wantBack(res, err, true)
		if res.Params.Get("state") != all {
			t.Errorf("%s: %q", name, res.Params.Get("state"))
		}
	}
}

func TestWhatCountsAsBack(t *testing.T) {
	for _, c := range []struct {
		redirect, to string
		also         []string
		want         string // which target; empty: none
	}{
		{"https://App.example/cb", "https://app.EXAMPLE:443/cb?code=1", nil, "https://App.example/cb"},
		{"http://app.example:80/cb", "http://app.example/cb", nil, "http://app.example:80/cb"},
		{"https://app.example", "https://app.example/?code=1", nil, "https://app.example"},
		{"https://app.example/cb", "HTTPS://app.example/x/../cb?code=1", nil, "https://app.example/cb"},
		{"https://app.example/cb", "https://app.example/%63b?code=1", nil, "https://app.example/cb"},
		{"https://app.example/cb", `https:\\app.example\cb?code=1`, nil, "https://app.example/cb"},
		{"https://app.example/cb", " https://app.example/cb?code=1\t", nil, "https://app.example/cb"},
		{"https://app.example/cb", "https://app.example/cb/?code=1", nil, ""},
		{"https://app.example/cb", "https://app.example/CB?code=1", nil, ""},
		{"https://app.example/cb", "http://app.example/cb?code=1", nil, ""},
		{"https://app.example/cb", "https://app.example:8443/cb", nil, ""},
		{"https://app.example/cb", "https://app.example.evil.example/cb", nil, ""},
		{"https://app.example/cb", "https://app.example@evil.example/cb", nil, ""},
		{"https://app.example/cb?a=1", "https://app.example/cb?a=1&code=1", nil, "https://app.example/cb?a=1"},
		{"https://app.example/cb?a=1", "https://app.example/cb?code=1", nil, "https://app.example/cb?a=1"},
		{"https://app.example/cb", "https://app.example/cb?x=evil&code=1", []string{"https://app.example/cb?x=evil"}, "https://app.example/cb?x=evil"},
		{"https://app.example/cb", "https://app.example/cb?code=1", []string{"https://app.example/cb?x=evil"}, "https://app.example/cb"},
		{"com.example.app:/cb", "com.example.app:/cb?code=1", nil, "com.example.app:/cb"},
		{"urn:ietf:wg:oauth:2.0:oob", "urn:ietf:wg:oauth:2.0:oob?code=1", nil, "urn:ietf:wg:oauth:2.0:oob"},
		{"http://[::1]/cb", "http://[::1]:80/cb?code=1", nil, "http://[::1]/cb"},
	} {
		back, err := newReturns(Request{RedirectURI: c.redirect, Also: c.also})
		if err != nil {
			t.Fatal(err)
		}
		u, err := parseReference(nil, c.to)
		if err != nil {
			t.Errorf("%s: %v", c.to, err)
			continue
		}
		if got, ok := back.match(u); got != c.want || ok != (c.want != "") {
			t.Errorf("%s at %s: %q", c.to, c.redirect, got)
		}
	}
}
