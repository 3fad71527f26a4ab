package clients

import (
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// errNobody is why there is no session for a user: nobody has come to the site.
var errNobody = errors.New("no user has signed in")

// site is a client's own, for users who come with a browser: its login page sends them off, and the redirect URI gets them back.
type site struct {
	c *client

	mu       sync.Mutex
	attempts map[string]*attempt // by the cookie of the browser
}

// openSite opens the client's site at an address.
func (c *client) openSite(address string) (stop func(), err error) {
	redirect, err := url.Parse(c.own("REDIRECT_URI"))
	if err != nil {
		return nil, errors.New("the redirect URI is no address")
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	s := &site{c: c, attempts: map[string]*attempt{}}
	pages := http.NewServeMux()
	pages.HandleFunc("GET /login", s.login)
	pages.HandleFunc("POST /code", func(w http.ResponseWriter, r *http.Request) {
		if r.ParseForm() == nil {
			s.back(w, r, r.PostForm)
		}
	})
	if path := redirect.Path; path != "" && path != "/" {
		pages.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { s.back(w, r, r.URL.Query()) })
	} else {
		pages.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { s.back(w, r, r.URL.Query()) })
	}
	server := &http.Server{Handler: pages, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }()
	return func() { _ = server.Close() }, nil
}

// login sends a user off: at once, or in a popup when a button is pressed.
func (s *site) login(w http.ResponseWriter, r *http.Request) {
	a := s.c.newAttempt()
	link, err := s.c.link(a)
	if err != nil {
		http.Error(w, "not now", http.StatusInternalServerError)
		return
	}
	s.mu.Lock()
	s.attempts[a.visitor] = a
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: "visitor", Value: a.visitor, Path: "/", HttpOnly: true})
	if !s.c.popup {
		http.Redirect(w, r, link, http.StatusSeeOther)
		return
	}
	at, _ := url.Parse(link) // it was made of one
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = loginPage.Execute(w, map[string]any{"Link": link, "Origin": at.Scheme + "://" + at.Host, "Any": s.c.anyOrigin, "Windowless": s.c.windowless})
}

// The document says that the code comes to the window that opened the popup, and not how: by a message, or because that is sent to the
// redirect URI.
var loginPage = template.Must(template.New("login").Parse(`<!doctype html>
<html lang="en"><title>Your recipes</title>
<h1>Your recipes</h1>
<button type="button" id="connect">Sign in with your kitchen</button>
<p id="said"></p>
<script>
const link = {{.Link}};
document.getElementById("connect").onclick = () => {
{{- if .Windowless}}
  location = link;
{{- else}}
  window.open(link, "code_popup", "width=500,height=300");
{{- end}}
};
addEventListener("message", async event => {
{{- if not .Any}}
  if (event.origin !== {{.Origin}}) return;
{{- end}}
  const said = event.data;
  const params = new URLSearchParams(typeof said === "string" ? said.slice(said.indexOf("?") + 1) : said);
  if (!params.get("code")) return;
  const answer = await fetch("/code", {method: "POST", body: params});
  document.getElementById("said").textContent = await answer.text();
});
</script>
</html>
`))

// back takes the code of a user who has come back, and has tokens for it.
func (s *site) back(w http.ResponseWriter, r *http.Request, came url.Values) {
	cookie, err := r.Cookie("visitor")
	if err != nil {
		http.Error(w, "nobody was sent off", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	a := s.attempts[cookie.Value]
	s.mu.Unlock()
	if a == nil {
		http.Error(w, "nobody was sent off", http.StatusBadRequest)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := s.c.received(a, came); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := s.c.signIn(a); err != nil {
		http.Error(w, "That did not work. Sign in again.", http.StatusBadGateway)
		return
	}
	fmt.Fprintln(w, "You can go back to the kitchen.")
}

// signIn exchanges the code of a user, and keeps what comes of it.
func (c *client) signIn(a *attempt) error {
	got, err := c.send(c.redeem(c, a))
	if err != nil {
		return err
	}
	p, err := c.read(got)
	if err != nil {
		return err
	}
	defer c.store.lock()()
	return c.store.put("user", p, c.saves(false))
}
