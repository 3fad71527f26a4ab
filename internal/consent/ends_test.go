package consent

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const twoButtons = `<form method=post action=/decide><button name=d value=1>Allow</button><button name=d value=0>Deny</button></form>`

func wantKind(t *testing.T, err error, kind Kind, phrases ...string) *Error {
	t.Helper()
	var lost *Error
	if !errors.As(err, &lost) || lost.Kind != kind {
		t.Fatalf("error %v, wanted kind %d", err, kind)
	}
	for _, phrase := range phrases {
		if !strings.Contains(err.Error(), phrase) {
			t.Errorf("error %q does not say %q", err, phrase)
		}
	}
	return lost
}

func TestRememberedSessionComesBackAtOnce(t *testing.T) {
	for _, d := range []Decision{Approve, Open} {
		w := newWorld(t)
		w.handle("GET /auth", func(rw http.ResponseWriter, _ *http.Request) { goTo(rw, 302, w.answer(true)) })
		res, err := w.decide(w.request(d))
		w.wantBack(res, err, true)
		if res.Decided || res.SignedIn || len(w.log) != 1 {
			t.Errorf("%v: %+v", d, res)
		}
	}
}

func TestWrongPasswordStopsAtTheSecondForm(t *testing.T) {
	w := newWorld(t)
	login(w, "/consent")
	w.show("GET /auth", loginForm)
	r := w.request(Approve)
	r.Password = "wrong"
	res, err := w.decide(r)
	wantKind(t, err, SignInRefused, "the sign-in was refused", "/login", "Wrong user name or password")
	if want := []string{"GET /auth", "POST /login"}; !slices.Equal(w.log, want) || res.SignedIn || res.Redirect != nil {
		t.Errorf("log %v, %+v", w.log, res)
	}
}

func TestWrongPasswordOnOnePage(t *testing.T) {
	w := newWorld(t)
	one := `<form method=post action="/auth"><input name=u><input type=password name=p><button name=d value=1>Allow</button><button name=d value=0>Deny</button></form>`
	w.show("/auth", one)
	res, err := w.decide(w.request(Approve))
	wantKind(t, err, SignInRefused)
	if len(w.log) != 2 || res.Decided {
		t.Errorf("log %v, %+v", w.log, res)
	}
}

func TestWrongUserNameInSteps(t *testing.T) {
	w := newWorld(t)
	w.show("/auth", `<p>Unknown account.</p><form method=post><input type=email name=email><button>Next</button></form>`)
	_, err := w.decide(w.request(Approve))
	wantKind(t, err, SignInRefused, "Unknown account.")
}

func TestUnknownPageNamesItsButtonsAndTheHint(t *testing.T) {
	for _, c := range []struct {
		name, page string
		d          Decision
		phrases    []string
	}{
		{"approve", `<title>Rezepte</title><h1>Zugriff</h1><form method=post><button>Ja, gern</button><button>Lieber nicht</button></form>`, Approve, []string{`"Ja, gern" "Lieber nicht"`, "approve_label", "Rezepte | Zugriff", "/auth"}},
		{"deny", `<form method=post><button>Allow</button></form>`, Deny, []string{`"Allow"`, "deny_label"}},
		{"one page, no refusal", `<form method=post><input name=u><input type=password name=p><button>Allow</button></form>`, Deny, []string{"no way to refuse", "deny_label"}},
		{"sign in", `<form method=post><input name=u><input type=password name=p><button name=a>Los</button><button name=b>Weg</button></form>`, Approve, []string{"sign_in_label", `"Los" "Weg"`}},
		{"fields", `<form method=post><input name=a><input name=b><button>Los</button><button>Weg</button></form>`, Approve, []string{"password_field"}},
		{"built by script", `<div id=root></div><noscript>You need scripts for this page, please.</noscript><script src=app.js></script>`, Approve, []string{"built by script", "browser"}},
		{"sent by script", `<form onsubmit="go()"><input name=u><input type=password name=p><button>Sign in</button></form>`, Approve, []string{"by script"}},
		{"basic", "", Approve, []string{"HTTP authentication"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.handle("/auth", func(rw http.ResponseWriter, _ *http.Request) {
				if c.page == "" {
					rw.Header().Set("WWW-Authenticate", "Basic")
					pageStatus(rw, 401, "Unauthorized")
					return
				}
				page200(rw, c.page)
			})
			_, err := w.decide(w.request(c.d))
			wantKind(t, err, CannotSee, c.phrases...)
			if len(w.log) != 1 {
				t.Errorf("something was pressed: %v", w.log)
			}
		})
	}
}

// TestNoAdviceThatIsTaken: a hint that is given and fits nothing is not asked for, nor is a browser where there is one.
func TestNoAdviceThatIsTaken(t *testing.T) {
	w := newWorld(t)
	w.show("/auth", `<form method=post><button>Allow</button></form>`)
	r := w.request(Deny)
	r.Hints.DenyLabel = "Lieber nicht"
	_, err := w.decide(r)
	wantKind(t, err, CannotSee, `nothing on it is what consent.deny_label of the target file names ("Lieber nicht")`)
	if strings.Contains(err.Error(), "set consent") {
		t.Error(err)
	}
	for _, live := range []bool{false, true} {
		if said := (&page{live: live}).takesScripts("built by script"); strings.Contains(said, "browser mode") == live {
			t.Errorf("in a browser: %t, said: %s", live, said)
		}
	}
}

func TestNoUserGiven(t *testing.T) {
	w := newWorld(t)
	w.show("/auth", loginForm)
	r := w.request(Approve)
	r.Username, r.Password = "", ""
	_, err := w.decide(r)
	wantKind(t, err, CannotSee, "credentials: user")
}

// An unregistered redirect URI ends on a page of the server's, with any status, at once or after the sign-in.
func TestServersOwnErrorPageIsNoError(t *testing.T) {
	for _, status := range []int{200, 400, 403, 500} {
		for _, after := range []bool{false, true} {
			w := newWorld(t)
			bad := func(rw http.ResponseWriter, _ *http.Request) {
				pageStatus(rw, status, `<title>Oops</title><h1>Invalid redirect_uri</h1><p>Ask the developer. Bye.</p><a href="/">Continue to the home page</a>`)
			}
			if after {
				w.show("GET /auth", loginForm)
				login(w, "/bad")
				w.handle("/bad", bad)
			} else {
				w.handle("/auth", bad)
			}
			r := w.request(Approve)
			r.Also = []string{"https://evil.example/cb"}
			res, err := w.decide(r)
			if err != nil || res.Redirect != nil || res.Page != "Oops | Invalid redirect_uri | Ask the developer." || res.Status != status || res.SignedIn != after {
				t.Errorf("%d, after %v: %+v, %v", status, after, res, err)
			}
		}
	}
}

func TestAnUnregisteredURIIsRecognisedAndNotFetched(t *testing.T) {
	w := newWorld(t)
	evil := newWorld(t).cb + "/elsewhere"
	w.show("GET /auth", twoButtons)
	w.handle("/decide", func(rw http.ResponseWriter, _ *http.Request) { goTo(rw, 302, evil+"?code=c0de") })
	r := w.request(Approve)
	r.Also = []string{"https://evil.example/cb", evil}
	res, err := w.decide(r)
	if err != nil || res.Matched != evil || res.Params.Get("code") != "c0de" {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestStrayingOntoTheClientsHostIsNotFetched(t *testing.T) {
	for _, to := range []string{"{cb}/?code=c0de", "{cb}er?code=c0de", "other-app://cb?code=c0de", "javascript:alert(1)"} {
		w := newWorld(t)
		to = strings.ReplaceAll(to, "{cb}", w.cb)
		w.show("GET /auth", twoButtons)
		w.handle("/decide", func(rw http.ResponseWriter, _ *http.Request) { goTo(rw, 302, to) })
		res, err := w.decide(w.request(Approve))
		if err != nil || res.Redirect != nil || res.Stray == nil || !strings.Contains(res.Page, "was not fetched") || strings.Contains(res.Page, "c0de") {
			t.Errorf("%s: %+v, %v", to, res, err)
		}
	}
}

// TestASignInElsewhereIsFollowed where somebody said that the user signs in there, and nowhere else.
func TestASignInElsewhereIsFollowed(t *testing.T) {
	w, sso := newWorld(t), newWorld(t)
	w.handle("GET /auth", func(rw http.ResponseWriter, _ *http.Request) { goTo(rw, 302, sso.site.URL+"/in") })
	sso.show("GET /in", loginForm)
	login(sso, w.site.URL+"/ask")
	w.show("GET /ask", twoButtons)
	w.handle("/decide", w.verdict("d", "1", "0"))
	var lost *Error
	if _, err := w.decide(w.request(Approve)); !errors.As(err, &lost) || lost.Kind != Abroad {
		t.Errorf("a password went where nobody said that it may: %v", err)
	}
	r := w.request(Approve)
	r.Home = func(u *url.URL) bool { return "http://"+u.Host == sso.site.URL }
	res, err := w.decide(r)
	w.wantBack(res, err, true)
	if want := []string{"GET /in", "GET /in", "POST /login"}; !slices.Equal(sso.log, want) {
		t.Errorf("log of the sign-in %v", sso.log)
	}
}

func TestOpenDecidesNothing(t *testing.T) {
	w := newWorld(t)
	twoPages(twoButtons, by("d", "1", "0"))(w)
	res, err := w.decide(w.request(Open))
	if err != nil || len(w.log) != 1 || res.Redirect != nil || res.SignedIn || !strings.HasPrefix(res.Page, "Sign in") || res.Status != 200 {
		t.Errorf("open: %v, %+v, %v", w.log, res, err)
	}
}

func TestPopupPageIsNoComingBack(t *testing.T) {
	for _, script := range []string{
		`window.opener.postMessage({code:"c0de"}, "*"); window.close()`,
		`window.opener.location.href = "{cb}?code=c0de"; window.close()`,
		`if (window.opener) { opener.receive("c0de") } else { location.href = "{cb}?code=c0de" }`,
	} {
		w := newWorld(t)
		w.show("GET /auth", twoButtons)
		w.show("/decide", `<h1>You may close this window</h1><a href="`+w.cb+`?code=c0de">or go on</a><script>`+strings.ReplaceAll(script, "{cb}", w.cb)+`</script>`)
		res, err := w.decide(w.request(Approve))
		if err != nil || res.Redirect != nil || !res.Decided || !strings.Contains(res.Page, "You may close this window") {
			t.Errorf("%s: %+v, %v", script, res, err)
		}
	}
}

func TestScriptsThatWaitForAPressAreNotFollowed(t *testing.T) {
	w := newWorld(t)
	w.show("GET /auth", `<script>function no() { location.href = "`+w.cb+`?error=access_denied" }
		document.getElementById("f").addEventListener("x", e => e.target.submit())</script>
		<form id=f method=post action=/decide><input type=hidden name=d value=1><button>Allow</button></form><button onclick="location.href='`+w.cb+`?error=access_denied'">Deny</button>`)
	w.handle("/decide", w.verdict("d", "1", "0"))
	res, err := w.decide(w.request(Approve))
	w.wantBack(res, err, true)
	w.log = nil
	res, err = w.decide(w.request(Deny))
	w.wantBack(res, err, false)
	if len(w.log) != 1 {
		t.Errorf("log %v", w.log)
	}
}

func TestEndlessRedirectsAndPages(t *testing.T) {
	w := newWorld(t)
	w.handle("/auth", func(rw http.ResponseWriter, _ *http.Request) { goTo(rw, 302, "/auth") })
	_, err := w.decide(w.request(Approve))
	wantKind(t, err, Loop, "redirects do not end")

	w = newWorld(t)
	w.show("/auth", `<meta http-equiv=refresh content="0;/auth">`)
	_, err = w.decide(w.request(Approve))
	wantKind(t, err, Loop, "pages do not end")

	w = newWorld(t)
	w.show("/auth", `<form method=post><button>Allow</button></form>`)
	_, err = w.decide(w.request(Approve))
	wantKind(t, err, Loop, "again and again")
}

func TestTransportErrorIsItsOwn(t *testing.T) {
	w := newWorld(t)
	r := w.request(Approve)
	w.site.Close()
	_, err := w.decide(r)
	var broken *TransportError
	var lost *Error
	if !errors.As(err, &broken) || errors.As(err, &lost) || strings.Contains(broken.URL, "client_id") {
		t.Errorf("%T %v", err, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Form().Decide(ctx, w.sends, r); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestARefusalThatWasNeverAskedSaysSo(t *testing.T) {
	w := newWorld(t)
	w.show("GET /auth", loginForm)
	login(w, w.answer(true))
	res, err := w.decide(w.request(Deny))
	w.wantBack(res, err, true)
	if res.Decided || !res.SignedIn {
		t.Errorf("%+v", res)
	}
}
