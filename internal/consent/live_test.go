package consent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gonogo/internal/chromium"
)

// shared is one Chromium for all tests; TestMain ends it.
var shared = sync.OnceValue(func() *chromium.Browser { return chromium.New(os.LookupEnv) })

func TestMain(m *testing.M) {
	code := m.Run()
	shared().Close()
	os.Exit(code)
}

// seen is how the driver's walk goes in a real browser. In CI there must be one.
func (w *world) seen(r Request) (Result, error) {
	w.t.Helper()
	if why := shared().Missing(); why != "" {
		if in, _ := strconv.ParseBool(os.Getenv("CI")); in {
			w.t.Fatal(why)
		}
		w.t.Skip(why)
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), 60*time.Second)
	defer cancel()
	return InBrowser(shared()).Decide(ctx, w.sends, r)
}

// app is a site that is built by script: its sign-in wakes its button when both fields are typed into, and its
// buttons are no buttons.
const app = `<!doctype html><title>Soup</title><div id=root></div><script src=/app.js></script>`

const appScript = `
const root = document.getElementById('root');
const query = location.search;
async function api(path, data) {
  const answer = await fetch(path + query, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(data)});
  return [answer.ok, await answer.json()];
}
function signIn(complaint) {
  root.innerHTML = '<h1>Sign in</h1><p>' + complaint + '</p><input placeholder="E-mail"><input type=password><button type=button disabled>Log in</button>';
  const [name, password] = root.querySelectorAll('input'), button = root.querySelector('button');
  for (const field of [name, password]) field.addEventListener('input', event => { button.disabled = !(event.isTrusted && name.value && password.value); });
  button.addEventListener('click', () => setTimeout(async () => { // as one that computes something first
    const [ok] = await api('/api/session', {name: name.value, password: password.value});
    ok ? consent() : signIn('That was wrong.');
  }, 300));
}
function consent() {
  root.innerHTML = '<h1>Soup App wants your recipes</h1><div role=button tabindex=0 class=yes>Allow</div><div role=button tabindex=0 class=no>Not now</div>';
  for (const [name, approved] of [['.yes', true], ['.no', false]]) {
    root.querySelector(name).addEventListener('click', async () => {
      if (!confirm('Are you sure?')) return;
      const [, answer] = await api('/api/decision', {approved});
      location.assign(answer.to);
    });
  }
}
setTimeout(() => signIn(''), 200);`

func (w *world) serveApp() {
	w.handle("/auth", func(rw http.ResponseWriter, _ *http.Request) {
		http.SetCookie(rw, &http.Cookie{Name: "flow", Value: "f1", HttpOnly: true})
		page200(rw, app)
	})
	w.handle("/app.js", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(rw, appScript)
	})
	w.handle("/api/session", func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		if body := bodyOf(r); !strings.Contains(body, `"name":"ann@example.test"`) || !strings.Contains(body, `"password":"opensesame"`) {
			rw.WriteHeader(http.StatusForbidden)
		} else {
			http.SetCookie(rw, &http.Cookie{Name: "sid", Value: "s3ss", Path: "/", HttpOnly: true})
		}
		fmt.Fprint(rw, `{}`)
	})
	w.handle("/api/decision", func(rw http.ResponseWriter, r *http.Request) {
		if flow, err := r.Cookie("flow"); err != nil || flow.Value != "f1" || !signedIn(r) {
			http.Error(rw, "who?", http.StatusForbidden)
			return
		}
		fmt.Fprintf(rw, `{"to": %q}`, w.answer(strings.Contains(bodyOf(r), "true")))
	})
}

func bodyOf(r *http.Request) string {
	var s strings.Builder
	buffer := make([]byte, 512)
	for {
		n, err := r.Body.Read(buffer)
		s.Write(buffer[:n])
		if err != nil {
			return s.String()
		}
	}
}

func TestAPageBuiltByScript(t *testing.T) {
	t.Parallel()
	for _, approved := range []bool{true, false} {
		w := newWorld(t)
		w.serveApp()
		d := Approve
		if !approved {
			d = Deny
		}
		if _, err := w.decide(w.request(d)); err == nil || !strings.Contains(err.Error(), "the browser mode runs scripts") {
			t.Errorf("without a browser: %v", err)
		}
		begun := time.Now()
		res, err := w.seen(w.request(d))
		w.wantBack(res, err, approved)
		if !res.SignedIn || !res.Decided || res.SentAt.Before(begun) || res.ReceivedAt.Sub(res.SentAt) > 10*time.Second {
			t.Errorf("it went %+v", res)
		}
	}
}

func TestAPageBuiltByScriptRefusesTheSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serveApp()
	r := w.request(Approve)
	r.Password = "wrong"
	_, err := w.seen(r)
	wantKind(t, err, SignInRefused, "the sign-in was refused", "That was wrong.")
}

func TestPlainPagesInABrowser(t *testing.T) {
	t.Parallel()
	for _, d := range []Decision{Approve, Deny} {
		w := newWorld(t)
		w.show("/auth", `<form method=post action=/in><label>E-mail <input name=u></label><input name=p type=password><button>Sign in</button></form>`)
		w.handle("/in", func(rw http.ResponseWriter, r *http.Request) {
			if !knows(r, "u", "p") {
				t.Errorf("signed in with %v", r.Form)
			}
			http.SetCookie(rw, &http.Cookie{Name: "sid", Value: "s3ss", Path: "/"})
			goTo(rw, http.StatusSeeOther, "/ask")
		})
		w.show("/ask", `<form method=post action=/done><label><input type=checkbox name=terms required> I have read it</label><button name=answer value=yes>Allow</button><button name=answer value=no formnovalidate>Cancel</button></form>`)
		w.handle("/done", func(rw http.ResponseWriter, r *http.Request) {
			if !signedIn(r) {
				t.Error("the session is lost")
			}
			goTo(rw, http.StatusFound, w.answer(r.FormValue("answer") == "yes" && r.FormValue("terms") == "on"))
		})
		res, err := w.seen(w.request(d))
		w.wantBack(res, err, d == Approve)
	}
}

func TestAWindowForTheSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.show("/auth", `<body><h1>Sign in in the other window</h1><script>
addEventListener('message', () => { document.body.innerHTML = '<button onclick="location = \'/done\'">Allow</button>' });
open('/in')</script>`)
	w.show("/in", `<form action=/signed method=post><input name=u><input name=p type=password><button>Log in</button></form>`)
	w.handle("/signed", func(rw http.ResponseWriter, r *http.Request) {
		if knows(r, "u", "p") {
			page200(rw, `<script>opener.postMessage('in', '*'); window.close()</script>`)
		}
	})
	w.handle("/done", func(rw http.ResponseWriter, _ *http.Request) { goTo(rw, http.StatusFound, w.answer(true)) })
	res, err := w.seen(w.request(Approve))
	w.wantBack(res, err, true)
}

func TestAnApplicationsOwnScheme(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]http.HandlerFunc{
		"by redirect": func(rw http.ResponseWriter, _ *http.Request) { goTo(rw, http.StatusFound, "soup.app:/back?code=c0de") },
		"by script": func(rw http.ResponseWriter, _ *http.Request) {
			page200(rw, `<script>location = "soup.app:/back?code=c0de"</script>`)
		},
	} {
		w := newWorld(t)
		w.show("/auth", `<form method=post action=/done><button>Allow</button></form>`)
		w.handle("/done", leave)
		r := w.request(Approve)
		r.RedirectURI = "soup.app:/back"
		res, err := w.seen(r)
		if err != nil || res.Redirect == nil || res.Params.Get("code") != "c0de" || res.Delivery != InQuery {
			t.Errorf("%s: %+v, %v", name, res, err)
		}
	}
}

func TestAnotherPlaceOfTheClientIsNotFetchedByABrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	elsewhere := strings.TrimSuffix(w.cb, "/cb") + "/evil"
	w.show("/auth", `<form method=post action=/done><button>Allow</button></form>`)
	w.show("/done", `<img src="`+w.cb+`?code=image"><script>fetch("`+w.cb+`?code=fetched").catch(() => { location = "`+elsewhere+`?code=c0de" })</script>`)
	res, err := w.seen(w.request(Approve))
	if err != nil || res.Redirect != nil || res.Stray == nil || res.Stray.Path != "/evil" {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestAnErrorPageStandsStill(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handle("/auth", func(rw http.ResponseWriter, _ *http.Request) {
		pageStatus(rw, 400, `<title>No</title><script>document.write("<p>This address is not registered.</p>")</script>`)
	})
	res, err := w.seen(w.request(Approve))
	if err != nil || res.Redirect != nil || res.Stray != nil || res.Status != 400 || !strings.Contains(res.Page, "not registered") {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestAPageThatKeepsTheBrowserBusySaysNothingOfTheTarget(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.show("/auth", `<form method=post action=/done><button>Allow</button></form><script>setTimeout(() => { for (;;) ; }, 0)</script>`)
	_, err := w.seen(w.request(Approve))
	wantKind(t, err, Helper, "keeps the browser busy")
}

func TestASiteThatDoesNotAnswerABrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handle("/auth", func(rw http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(rw).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	})
	_, err := w.seen(w.request(Approve))
	var silent *TransportError
	if !errors.As(err, &silent) || silent.URL != w.site.URL+"/auth" {
		t.Errorf("it says %v", err)
	}
}

func TestHandover(t *testing.T) {
	t.Parallel()
	const code = "c0de-of-the-popup"
	for _, c := range []struct {
		name, page string
		handed     string // what reached the opener, in order
		itself     bool   // the popup came back itself, with the code
	}{
		{"sent there", `<script>opener.location = "{cb}?code={code}&state=s"; window.close()</script>`, "to {cb}: code={code}&state=s", false},
		{"replaced, and stays open", `<script>opener.location.replace("{cb}?code={code}")</script>`, "to {cb}: code={code}", false},
		{"after a while", `<script>setTimeout(() => { opener.location.href = "{cb}?code={code}"; window.close() }, 700)</script>`, "to {cb}: code={code}", false},
		{"told an object", `<script>opener.postMessage({code: "{code}", state: "s"}, "{origin}"); window.close()</script>`, "told: code={code}&state=s", false},
		{"told a deep object", `<script>opener.postMessage({type: "oauth", answer: {code: "{code}"}}, "*")</script>`, "told: code={code}&type=oauth", false},
		{"told an address", `<script>opener.postMessage("{cb}?code={code}", "*"); window.close()</script>`, "told: ={cb}?code={code}&code={code}", false},
		{"told JSON", `<script>opener.postMessage(JSON.stringify({code: "{code}"}), "*"); window.close()</script>`, "told: code={code}", false},
		{"told the code", `<script>opener.postMessage("{code}", "*"); window.close()</script>`, "told: ={code}", false},
		{"told twice", `<script>opener.postMessage("ready", "*"); opener.postMessage({code: "{code}"}, "*"); window.close()</script>`, "told: =ready; told: code={code}", false},
		{"with a dialog", `<script>alert("Done"); opener.location = "{cb}?code={code}"; window.close()</script>`, "to {cb}: code={code}", false},
		{"told for another origin", `<script>opener.postMessage({code: "{code}"}, location.origin); window.close()</script>`, "", false},
		{"sent elsewhere", `<script>opener.location = "{origin}/other?code={code}"; window.close()</script>`, "", false},
		{"nothing", `<script>window.close()</script>`, "", false},
		{"a link that nobody presses", `<a href="{cb}?code={code}">Continue</a>`, "", false},
		{"itself", `<script>location = "{cb}?code={code}"</script>`, "", true},
		{"both", `<script>opener.location = "{cb}?code={code}"; location = "{cb}?code={code}"</script>`, "to {cb}: code={code}", true},
		{"itself, and then tells", `<script>opener.postMessage({code: "{code}"}, "*"); location = "{cb}?code={code}"</script>`, "told: code={code}", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			filled := strings.NewReplacer("{cb}", w.cb, "{code}", code, "{origin}", strings.TrimSuffix(w.cb, "/cb"))
			w.show("/auth", `<form method=post action=/done><button>Allow</button></form>`)
			w.show("/done", filled.Replace(c.page))
			r := w.request(Approve)
			r.Popup = true
			res, err := w.seen(r)
			if err != nil || !res.Decided {
				t.Fatalf("%+v, %v", res, err)
			}
			var handed []string
			for _, h := range res.Handed {
				how := "told: "
				if h.URL != nil {
					how = "to " + w.cb + ": "
				}
				text, _ := url.QueryUnescape(h.Params.Encode())
				handed = append(handed, how+text)
			}
			if got := strings.Join(handed, "; "); got != filled.Replace(c.handed) {
				t.Errorf("the opener got %q, wanted %q", got, filled.Replace(c.handed))
			}
			if itself := res.Redirect != nil && res.Params.Get("code") == code; itself != c.itself {
				t.Errorf("the popup itself came back: %t", itself)
			}
		})
	}
}
