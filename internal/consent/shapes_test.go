package consent

import (
	"net/http"
	"strings"
	"testing"
)

// shape is a site; build serves it, and the walk must end with both answers.
type shape struct {
	name     string
	build    func(w *world)
	hints    Hints
	unsigned bool // a refusal needs no sign-in here
}

const loginForm = `<h1>Sign in</h1><form method=post action="/login"><input type=hidden name=csrf value=t1>
<label>E-mail <input name=login></label><label>Password <input type=password name=pw></label>
<a href="/forgot">Forgot password?</a> <button>Sign in</button></form>`

func login(w *world, next string) {
	w.handle("POST /login", func(rw http.ResponseWriter, r *http.Request) {
		if !knows(r, "login", "pw") || r.FormValue("csrf") != "t1" {
			page200(rw, "<p>Wrong user name or password"+loginForm)
			return
		}
		http.SetCookie(rw, &http.Cookie{Name: "sid", Value: "s3ss", Path: "/"})
		goTo(rw, 303, next)
	})
}

func (w *world) verdict(name, yes, no string) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		switch r.FormValue(name) {
		case yes:
			goTo(rw, 302, w.answer(true))
		case no:
			goTo(rw, 302, w.answer(false))
		default:
			pageStatus(rw, 400, "<h1>What?</h1>"+r.Form.Encode())
		}
	}
}

// twoPages signs in at /auth and asks with the given consent page, answered at /decide.
func twoPages(consentPage string, decide func(w *world) http.HandlerFunc) func(w *world) {
	return func(w *world) {
		login(w, "/consent?x=1")
		w.show("GET /auth", loginForm)
		w.handle("GET /consent", func(rw http.ResponseWriter, r *http.Request) {
			if !signedIn(r) {
				pageStatus(rw, 401, "who?")
				return
			}
			page200(rw, strings.ReplaceAll(consentPage, "{cb}", w.cb))
		})
		w.handle("/decide", func(rw http.ResponseWriter, r *http.Request) {
			if !signedIn(r) {
				pageStatus(rw, 401, "who?")
				return
			}
			decide(w)(rw, r)
		})
	}
}

func by(name, yes, no string) func(w *world) http.HandlerFunc {
	return func(w *world) http.HandlerFunc { return w.verdict(name, yes, no) }
}

var shapes = []shape{
	{name: "two pages, two buttons", build: twoPages(`<h1>Soup App wants access</h1><form method=post action=decide><button name=d value=allow>Allow</button><button name=d value=deny>Deny</button></form>`, by("d", "allow", "deny"))},
	{name: "refusal first", build: twoPages(`<form method=post action=decide><button name=d value=n>Don’t allow</button><button name=d value=y>Allow access</button></form>`, by("d", "y", "n"))},
	{name: "inputs with CSRF token", build: twoPages(`<form method=post action=/decide><input type=hidden name=d value=""><input type=hidden name=t value=T&amp;1><input type=submit name=no value=Cancel><input type=submit name=allow value=Authorize></form>`,
		func(w *world) http.HandlerFunc {
			return func(rw http.ResponseWriter, r *http.Request) {
				if r.FormValue("t") != "T&1" {
					pageStatus(rw, 403, "forged")
					return
				}
				goTo(rw, 302, w.answer(r.FormValue("allow") != ""))
			}
		})},
	{name: "two forms with method override", build: twoPages(`<form method=post action=/decide><button>Authorize</button></form><form method=post action=/decide><input type=hidden name=_method value=delete><button>Deny</button></form>`,
		func(w *world) http.HandlerFunc {
			return func(rw http.ResponseWriter, r *http.Request) { goTo(rw, 302, w.answer(r.FormValue("_method") == "")) }
		})},
	{name: "denial is a link to the client", build: twoPages(`<form method=post action=/decide><button name=d value=1>Approve</button></form><a href="{cb}?error=access_denied&amp;state=s%201">No, thanks</a>`, by("d", "1", "0"))},
	{name: "both are links", build: twoPages(`<p>Let Soup App in?</p><a class=btn href="/decide?d=1">Yes, continue</a> <a class=btn href="/decide?d=0">No</a> <a href="/terms">Terms you agree to</a>`, by("d", "1", "0"))},
	{name: "radio buttons", build: twoPages(`<form method=post action=/decide><input type=radio name=d value=1 id=a><label for=a>Approve</label><input type=radio name=d value=0 checked> Refuse <br><input type=submit value=Send></form>`, by("d", "1", "0"))},
	{name: "radio buttons for every scope", build: twoPages(`<form method=post action=/decide><input type=radio name=scope.read value=true>Approve<input type=radio name=scope.read value=false checked>Deny<input type=submit name=authorize value=Authorize></form>`, by("scope.read", "true", "false"))},
	{name: "a list", build: twoPages(`<form method=post action=/decide><select name=d><option value="">choose<option value=grant>Grant<option value=refuse>Refuse</select><button>Submit</button></form>`, by("d", "grant", "refuse"))},
	{name: "one checkbox", build: twoPages(`<form method=post action=/decide><label><input type=checkbox name=approve> I allow this</label><button>Save</button></form>`, by("approve", "on", ""))},
	{name: "formaction and formmethod", build: twoPages(`<form action=/nowhere><button formaction="/decide?d=1" formmethod=post>Grant</button><button formaction="/decide?d=0" formmethod=post>Decline</button></form>`, by("d", "1", "0"))},
	{name: "form attribute", build: twoPages(`<form id=f method=post action=/decide><input type=hidden name=x value=1></form><form action=/search><input name=q><button>Go</button></form><button form=f name=d value=1>Accept</button><button form=f name=d value=0>Reject</button>`, by("d", "1", "0"))},
	{name: "form emptied by a table", build: twoPages(`<table><form method=post action=/decide><tr><td><input type=submit name=d value=Allow><td><input type=submit name=d value=Deny></tr></form></table>`, by("d", "Allow", "Deny"))},
	{name: "base href", build: twoPages(`<head><base href="/deep/er/"></head><form method=post action="../../decide"><button name=d value=1>Allow</button><button name=d value=0>Deny</button></form>`, by("d", "1", "0"))},
	{name: "odd action", build: twoPages(`<form method=POST action=" \decide?k=1#top "><button name=d value=1>Allow</button><button name=d value=0>Deny</button></form>`, by("d", "1", "0"))},
	{name: "image buttons", build: twoPages(`<form method=post action=/decide><input type=image name=yes alt=Allow src=a.png><input type=image name=no alt="Do not allow" src=b.png></form>`,
		func(w *world) http.HandlerFunc {
			return func(rw http.ResponseWriter, r *http.Request) { goTo(rw, 302, w.answer(r.FormValue("yes.x") != "")) }
		})},
	{name: "multipart", build: twoPages(`<form method=post action=/decide enctype=multipart/form-data><button name=d value=1>Allow</button><button name=d value=0>Deny</button></form>`, by("d", "1", "0"))},
	{name: "scope boxes stay as they are", build: twoPages(`<form method=post action=/decide><label><input type=checkbox name=scope value=read checked>Allow reading</label><label><input type=checkbox name=scope value=write>Allow writing</label><button name=d value=1>Allow selected</button><button name=d value=0>Deny</button></form>`,
		func(w *world) http.HandlerFunc {
			return func(rw http.ResponseWriter, r *http.Request) {
				r.ParseForm()
				if s := r.Form["scope"]; len(s) != 1 || s[0] != "read" {
					pageStatus(rw, 400, "scopes changed")
					return
				}
				w.verdict("d", "1", "0")(rw, r)
			}
		})},
	{name: "cookie banner in the way", build: twoPages(`<div id=cookie-banner><form action=/cookies><button>Accept all</button><button>Reject all</button></form></div><form method=post action=/decide><button name=d value=1>Yes</button><button name=d value=0>No</button></form>`, by("d", "1", "0"))},
	{name: "labels in another language, values in English", build: twoPages(`<form method=post action=/decide><button name=d value=allow>Zulassen</button><button name=d value=deny>Ablehnen</button></form>`, by("d", "allow", "deny"))},
	{name: "everything in another language, with hints", hints: Hints{SignInLabel: "Einloggen", ApproveLabel: "Jawohl", DenyLabel: "nein danke"},
		build: twoPages(`<form method=post action=/decide><button name=d value=1>Jawohl</button><button name=d value=0>Nein  danke</button><button name=d value=2>Konto wechseln</button></form>`, by("d", "1", "0"))},
	{name: "refresh on the way", build: func(w *world) {
		twoPages(`<form method=post action=/decide><button name=d value=1>Allow</button><button name=d value=0>Deny</button></form>`,
			func(w *world) http.HandlerFunc {
				return func(rw http.ResponseWriter, r *http.Request) {
					page200(rw, `<meta http-equiv="Refresh" content="0; URL='`+w.answer(r.FormValue("d") == "1")+`'">One moment`)
				}
			})(w)
	}},
	{name: "script to the client", build: twoPages(`<form method=post action=/decide><button name=d value=1>Allow</button><button name=d value=0>Deny</button></form>`,
		func(w *world) http.HandlerFunc {
			return func(rw http.ResponseWriter, r *http.Request) {
				page200(rw, `<script>window.location.href = "`+strings.ReplaceAll(w.answer(r.FormValue("d") == "1"), "/", `\/`)+`";</script>`)
			}
		})},
	{name: "a link back to the client", build: twoPages(`<form method=post action=/decide><button name=d value=1>Allow</button><button name=d value=0>Deny</button></form>`,
		func(w *world) http.HandlerFunc {
			return func(rw http.ResponseWriter, r *http.Request) {
				page200(rw, `<p>Thank you.</p><a href="`+strings.ReplaceAll(w.answer(r.FormValue("d") == "1"), "&", "&amp;")+`">Return to the app</a>`)
			}
		})},
	{name: "one page", build: func(w *world) {
		w.show("GET /auth", `<form method=post action="/auth?go=1"><input name=username><input type=password name=password><input type=checkbox name=remember value=1> Remember me <button name=d value=1>Sign in and allow</button><button name=d value=0>Deny</button></form>`)
		w.handle("POST /auth", func(rw http.ResponseWriter, r *http.Request) {
			if r.FormValue("d") == "1" && (!knows(r, "username", "password") || r.FormValue("remember") != "") {
				pageStatus(rw, 401, "no")
				return
			}
			w.verdict("d", "1", "0")(rw, r)
		})
	}, unsigned: true},
	{name: "one page that names neither", build: func(w *world) {
		w.show("GET /auth", `<form method=post action="/auth"><input name=username><input type=password name=password><button>Log in</button><button name=cancel value=1>Cancel</button></form>`)
		w.handle("POST /auth", func(rw http.ResponseWriter, r *http.Request) {
			goTo(rw, 302, w.answer(r.FormValue("cancel") == "" && knows(r, "username", "password")))
		})
	}, unsigned: true},
	{name: "consent first, then sign-in", build: func(w *world) {
		w.show("GET /auth", `<form method=post action=/choice><button name=d value=1>Allow</button><button name=d value=0>Deny</button></form>`)
		w.handle("POST /choice", func(rw http.ResponseWriter, r *http.Request) {
			if r.FormValue("d") == "0" {
				goTo(rw, 302, w.answer(false))
				return
			}
			page200(rw, loginForm)
		})
		w.handle("POST /login", func(rw http.ResponseWriter, r *http.Request) { goTo(rw, 302, w.answer(knows(r, "login", "pw"))) })
	}, unsigned: true},
	{name: "sign-in in steps", build: func(w *world) {
		login(w, "/consent")
		w.show("GET /auth", `<form method=post action=/step1><input type=email name=identifier autocomplete="username webauthn"><button>Next</button></form><form action=/google><button>Sign in with Google</button></form>`)
		w.handle("POST /step1", func(rw http.ResponseWriter, r *http.Request) {
			page200(rw, `<form method=post action=/login><input type=hidden name=csrf value=t1><input name=login readonly value="`+r.FormValue("identifier")+`"><input type=password name=pw><button>Continue</button></form>`)
		})
		w.show("GET /consent", `<form method=post action=/decide><button name=d value=1>Continue</button><button name=d value=0>Cancel</button></form>`)
		w.handle("POST /decide", w.verdict("d", "1", "0"))
	}},
	{name: "Secure cookie on http, scoped to a path", build: func(w *world) {
		w.handle("GET /auth", func(rw http.ResponseWriter, r *http.Request) { goTo(rw, 302, "/area/ask") })
		w.handle("GET /area/ask", func(rw http.ResponseWriter, r *http.Request) {
			http.SetCookie(rw, &http.Cookie{Name: "in", Value: "1", Path: "/area", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
			http.SetCookie(rw, &http.Cookie{Name: "out", Value: "1", Path: "/other"})
			page200(rw, `<form method=post action=/area/do><button name=d value=1>Allow</button><button name=d value=0>Deny</button></form>`)
		})
		w.handle("POST /area/do", func(rw http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Cookie") != "in=1" || r.Header.Get("Origin") != w.site.URL || r.Header.Get("Referer") != w.site.URL+"/area/ask" {
				pageStatus(rw, 403, "cookies: "+r.Header.Get("Cookie"))
				return
			}
			w.verdict("d", "1", "0")(rw, r)
		})
	}, unsigned: true},
	{name: "307 repeats the form, 303 does not", build: func(w *world) {
		w.show("GET /auth", `<form method=post action=/old><button name=d value=1>Allow</button><button name=d value=0>Deny</button></form>`)
		w.handle("/old", func(rw http.ResponseWriter, r *http.Request) { goTo(rw, 307, "new") })
		w.handle("POST /new", func(rw http.ResponseWriter, r *http.Request) { goTo(rw, 303, "/last?d="+r.FormValue("d")) })
		w.handle("GET /last", w.verdict("d", "1", "0"))
	}, unsigned: true},
	{name: "a 307 to the client", build: func(w *world) {
		w.show("GET /auth", `<form method=post action=/do><button name=d value=1>Allow</button><button name=d value=0>Deny</button></form>`)
		w.handle("POST /do", func(rw http.ResponseWriter, r *http.Request) { goTo(rw, 307, w.answer(r.FormValue("d") == "1")) })
	}, unsigned: true},
	{name: "script between, and a question twice", build: func(w *world) {
		w.show("GET /auth", `<body onload="document.forms[0].submit()"><form method=post action=/sso><input type=hidden name=SAMLRequest value=x><noscript><button>Continue</button></noscript></form></body>`)
		w.show("POST /sso", `<form method=post action=/do><button name=d value=1>Allow</button><button name=d value=0>Deny</button></form>`)
		w.handle("POST /do", func(rw http.ResponseWriter, r *http.Request) {
			page200(rw, `<form method=post action=/sure><input type=hidden name=d value=`+r.FormValue("d")+`><button>OK</button></form>`)
		})
		w.handle("POST /sure", w.verdict("d", "1", "0"))
	}, unsigned: true},
}

func TestEveryShapeApprovesAndRefuses(t *testing.T) {
	for _, s := range shapes {
		for _, d := range []Decision{Approve, Deny} {
			t.Run(s.name+"/"+d.String(), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				s.build(w)
				r := w.request(d)
				r.Hints = s.hints
				res, err := w.decide(r)
				if s.name == "one checkbox" && d == Deny && err == nil && res.Redirect != nil {
					w.wantBack(res, err, false)
					return
				}
				w.wantBack(res, err, d == Approve)
				if res.Delivery != InQuery || res.Params.Get("state") != "s 1" {
					t.Errorf("delivery %q, state %q", res.Delivery, res.Params.Get("state"))
				}
				if !s.unsigned && !res.SignedIn {
					t.Errorf("not signed in: %+v", res)
				}
				if !res.Decided && s.name != "one page that names neither" {
					t.Errorf("not decided: %+v", res)
				}
			})
		}
	}
}
