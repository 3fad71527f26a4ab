package consent

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gonogo/internal/exchange"
)

// TestWhatSendsAUserOff: what on a client's page is pressed, by its label; "": it cannot be told.
func TestWhatSendsAUserOff(t *testing.T) {
	home := func(u *url.URL) bool { return u.Host == "api.example" }
	for _, c := range []struct{ name, page, label, want string }{
		{"the only button", `<button>Los</button>`, "", "Los"},
		{"one that says so", `<a href=/help>Help</a><a href=/start>Log in with Kitchen Monki</a><button>Search</button>`, "", "Log in with Kitchen Monki"},
		{"a link to the API", `<a href=/start>Log in</a><a href="http://api.example/authorize?x">Rezepte</a>`, "", "Rezepte"},
		{"one of two that say so less", `<a href=/c>Connect your kitchen</a><a href=/d>Continue</a>`, "", "Connect your kitchen"},
		{"never the way out", `<a href=/o>Log out</a><a href=/s>Sign up</a><a href=/i>Sign in</a>`, "", "Sign in"},
		{"in the head and in the text", `<a href=/i>Sign in</a><p><a href=/i>Sign in</a></p>`, "", "Sign in"},
		{"named", `<button>Rot</button><button>Blau</button>`, "blau", "Blau"},
		{"two", `<button>Rot</button><button>Blau</button>`, "", ""},
		{"two that say so", `<a href=/a>Sign in with A</a><a href=/b>Sign in with B</a>`, "", ""},
		{"named, and not there", `<button>Rot</button>`, "blau", ""},
		{"a sign-in of its own", `<form method=post><input name=user><input type=password name=p><button>Sign in</button></form>`, "", ""},
		{"beside a sign-in of its own", `<form method=post><input name=user><input type=password name=p><button>Sign in</button></form><a href=/k>Sign in with your kitchen</a>`, "", "Sign in with your kitchen"},
	} {
		at, _ := url.Parse("http://app.example/login")
		p := newPage(&exchange.Exchange{Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(c.page)}, at)
		found, err := p.departure(c.label, home)
		switch {
		case err != nil && c.want != "" || err == nil && found.label != c.want:
			t.Errorf("%s: %v, %v; wanted %q", c.name, found, err, c.want)
		case err != nil && !strings.Contains(err.Error(), "http://app.example/login"):
			t.Errorf("%s: it does not say where: %v", c.name, err)
		}
	}
}

// errandTo is a client on this machine whose redirect URI is on none, and what it was asked for.
func (w *world) errandTo(client http.Handler) (Errand, func() string) {
	if why := shared().Missing(); why != "" {
		if in, _ := strconv.ParseBool(os.Getenv("CI")); in {
			w.t.Fatal(why)
		}
		w.t.Skip(why)
	}
	var mu sync.Mutex
	var asked []string
	app := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body := ""
		if r.ParseForm() == nil {
			body = r.PostForm.Encode()
		}
		mu.Lock()
		asked = append(asked, strings.TrimSpace(fmt.Sprintf("%s %s%s %s", r.Method, r.Host, r.URL.RequestURI(), body)))
		mu.Unlock()
		client.ServeHTTP(rw, r)
	}))
	w.t.Cleanup(app.Close)
	page, _ := url.Parse(app.URL + "/login")
	request := w.request(Approve)
	request.RedirectURI = "https://app.example/cb"
	return Errand{Request: request, Page: page, Transport: transport}, func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(asked, "\n")
	}
}

func TestAnErrandGoesOnThroughTheRedirectURI(t *testing.T) {
	w := newWorld(t)
	w.show("GET /auth", twoButtons)
	w.handle("/decide", func(rw http.ResponseWriter, _ *http.Request) { goTo(rw, 302, "https://app.example/cb?code=c0de") })
	client := http.NewServeMux()
	client.HandleFunc("GET /login", func(rw http.ResponseWriter, r *http.Request) {
		http.SetCookie(rw, &http.Cookie{Name: "visitor", Value: "7", Secure: true})
		page200(rw, `<a href="`+w.site.URL+`/auth">Connect</a>`)
	})
	client.HandleFunc("GET /cb", func(rw http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie("visitor")
		if err != nil || cookie.Value != "7" {
			t.Errorf("the browser comes back without its cookie: %v", err)
		}
		page200(rw, "Welcome back")
	})
	errand, asked := w.errandTo(client)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	trip, err := errand.Run(ctx, shared())
	if want := "GET app.example/login\nGET app.example/cb?code=c0de"; err != nil || asked() != want || !strings.Contains(trip.Page, "Welcome back") {
		t.Errorf("the client was asked for %q, wanted %q; it ends on %q, %v", asked(), want, trip.Page, err)
	}
	if len(trip.Asked) == 0 || trip.Asked[0].URL != "/auth" || trip.Asked[0].Opener || trip.Asked[0].From == "" {
		t.Errorf("of the API's pages it says %+v", trip.Asked)
	}
}

func TestAClientsPageIsNeverToldThePassword(t *testing.T) {
	w := newWorld(t)
	client := http.NewServeMux()
	client.HandleFunc("/", func(rw http.ResponseWriter, _ *http.Request) {
		page200(rw, `<h1>Kitchen Monki</h1><form method=post action=/take><input name=username><input type=password name=password><button>Sign in</button></form>`)
	})
	errand, asked := w.errandTo(client)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := errand.Run(ctx, shared())
	if err == nil || !strings.Contains(err.Error(), "a name and password of its own") || asked() != "GET app.example/login" {
		t.Errorf("the client was asked for %q: %v", asked(), err)
	}
}
