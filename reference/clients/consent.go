package clients

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// attempt is one request for a user's consent, from the link to the code.
type attempt struct {
	state, verifier, visitor string // visitor is the cookie of the browser that was sent off
	code                     string
	mu                       sync.Mutex // of the code, while the client listens
}

// challenge is the verifier's (RFC 7636 4.2).
func (a *attempt) challenge() string {
	sum := sha256.Sum256([]byte(a.verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// consented asks the user, and exchanges the code. A code that is refused is given up, and the user asked once more.
func (c *client) consented() (a answer, err error) {
	if c.site {
		return a, errNobody
	}
	for range 2 {
		try := c.newAttempt()
		if err = c.askUser(try); err != nil {
			err = fmt.Errorf("%w: no code: %w", errRefused, err)
			continue
		}
		if wait := c.dawdles; wait > 0 {
			c.dawdles = 0
			for until := c.now().Add(wait); c.now().Before(until); time.Sleep(100 * time.Millisecond) {
			}
		}
		for range c.exchanges {
			if a, err = c.send(c.redeem(c, try)); err != nil || !errors.Is(a.err(), errRefused) {
				break
			}
		}
		if c.twice && err == nil {
			c.twice = false
			_, _ = c.send(c.redeem(c, try))
		}
		if err != nil || !errors.Is(a.err(), errRefused) {
			return a, err
		}
	}
	return a, err
}

func (c *client) newAttempt() *attempt {
	return &attempt{state: rand.Text(), verifier: cmp.Or(c.verifier, rand.Text()+rand.Text()), visitor: rand.Text()}
}

// askUser plays the client's own user with a browser: from the client's login page through the pages of the server back to
// the redirect URI. There the client listens, if it is on this machine; else the code is read off the address.
func (c *client) askUser(a *attempt) error {
	link, err := c.link(a)
	if err != nil {
		return err
	}
	redirect := c.own("REDIRECT_URI")
	b := newBrowser(redirect, c.value("USER_USERNAME"), c.value("USER_PASSWORD"))
	if at, err := url.Parse(redirect); err == nil && at.Scheme == "http" && net.ParseIP(at.Hostname()).IsLoopback() {
		stop, err := c.listen(at, a, link)
		if err != nil {
			return err
		}
		defer stop()
		b.listens, link = true, at.Scheme+"://"+at.Host+"/login"
	}
	back, err := b.visit(link)
	if err != nil {
		return err
	}
	if !b.listens {
		return c.received(a, back.Query())
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.code == "" {
		return errors.New("the browser came back without one")
	}
	return nil
}

// link is where the user is sent.
func (c *client) link(a *attempt) (string, error) {
	r := c.authorize(c, a)
	for _, edit := range c.edits[opAuthorize] {
		edit(c, &r)
	}
	made, err := r.http()
	if err != nil {
		return "", err
	}
	a.state = made.URL.Query().Get("state")
	return made.URL.String(), nil
}

// received takes the code of a callback that belongs to the attempt.
func (c *client) received(a *attempt, q url.Values) error {
	switch {
	case q.Get("state") != a.state && !c.anyState:
		return errors.New("another state")
	case q.Get("iss") != "" && c.issuer != nil && q.Get("iss") != c.issuer(c):
		return errors.New("another issuer")
	case q.Get(c.codeName()) == "":
		return errors.New("no code in the redirect")
	case a.code != "":
		return errors.New("a code is there already")
	}
	a.code = q.Get(c.codeName())
	return nil
}

func (c *client) codeName() string { return cmp.Or(c.code, "code") }

// listen is the client's own site: its login page sends the browser off, and the redirect URI gets it back.
func (c *client) listen(at *url.URL, a *attempt, link string) (stop func(), err error) {
	l, err := net.Listen("tcp", at.Host)
	if err != nil {
		return nil, err
	}
	site := http.NewServeMux()
	site.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "visitor", Value: a.visitor, Path: "/", HttpOnly: true})
		http.Redirect(w, r, link, http.StatusSeeOther)
	})
	path := at.Path
	if path == "" || path == "/" {
		path = "/{$}"
	}
	site.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		if cookie, err := r.Cookie("visitor"); !c.anyState && (err != nil || cookie.Value != a.visitor) {
			http.Error(w, "nobody was sent off", http.StatusBadRequest)
		} else if err := c.received(a, r.URL.Query()); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		} else {
			fmt.Fprintln(w, "You can go back to the kitchen.")
		}
	})
	server := &http.Server{Handler: site}
	go func() { _ = server.Serve(l) }()
	return func() { _ = server.Close() }, nil
}
