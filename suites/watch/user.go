package watch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"gonogo/internal/chromium"
	"gonogo/internal/client"
	"gonogo/internal/consent"
	"gonogo/internal/lineage"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
)

// user is who is sent off for consent by a page of the client's, and comes back to it.
type user struct {
	browser *chromium.Browser
	errand  consent.Errand // without what is said meanwhile

	vain int // how often in a row the client got no tokens of it

	trips []trip // in order; under stage.mu
}

// trip is one way of the user's, and what was said meanwhile from elsewhere.
type trip struct {
	consent.Trip
	began  time.Time
	forged map[string]bool // codes
}

// longestTrip is how long a user may be on the way, on a machine that has a lot else to do.
const longestTrip = 2 * time.Minute

// ReadPage reads the address of a client's page; nil: it is empty. The error goes on from the name of what is read.
func ReadPage(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	page, err := url.Parse(text)
	if err != nil || page.Scheme != "http" && page.Scheme != "https" || page.Host == "" || page.User != nil {
		return nil, fmt.Errorf("%s: name the client's page with its scheme, such as http://127.0.0.1:3000/login", text)
	}
	return page, nil
}

// userOf is the user of the client's page; nil: there is no page, or nothing to show it in.
func (w *watched) userOf(c Config) (*user, error) {
	if c.Page == nil {
		return nil, nil
	}
	authorize := c.Dialect.ByRole(specs.RoleAuthorize)
	if len(authorize) == 0 {
		return nil, fmt.Errorf("no user is sent off for consent by a client of %s, so there is no page to open", c.Dialect.ID)
	}
	if c.Browser.Missing() != "" {
		return nil, nil
	}
	pages := w.front.URL(authorize[0].Server)
	if pages == nil {
		pages = w.front.URL("")
	}
	knows := w.client(c.Target).Walk(pages, operation.Primary, consent.Approve)
	knows.Home = w.isFront
	return &user{browser: c.Browser, errand: consent.Errand{Request: knows, Page: c.Page, Label: c.PageLabel, Transport: carrier()}}, nil
}

// client is the watch's own of the API behind, for what its user and its operator do.
func (s *stage) client(t *target.Target) *client.Client {
	return &client.Client{Memory: client.NewMemory(s.dialect, t, operation.Compile(s.dialect, t)), Sender: s.connection}
}

// isFront reports an address of the watch's own, as which a browser sees the API.
func (w *watched) isFront(u *url.URL) bool {
	at := w.front.URL("")
	if at.Host == u.Host {
		return true
	}
	return slices.ContainsFunc(w.config.Dialect.Servers, func(s specs.Server) bool {
		at := w.front.URL(s.Name)
		return at != nil && at.Host == u.Host
	})
}

// carrier is a transport for what a browser asks for, redirects and all. What this machine says it believes: the watch's own certificate, and
// one that a client has made for its tests.
func carrier() http.RoundTripper {
	own := &http.Transport{DisableCompression: true, Proxy: http.ProxyFromEnvironment}
	local := &http.Transport{DisableCompression: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // loopback
	return carry(func(r *http.Request) (*http.Response, error) {
		if host := r.URL.Hostname(); host == "localhost" || net.ParseIP(host).IsLoopback() {
			return local.RoundTrip(r)
		}
		return own.RoundTrip(r)
	})
}

type carry func(*http.Request) (*http.Response, error)

func (c carry) RoundTrip(r *http.Request) (*http.Response, error) { return c(r) }

// isUp waits until somebody listens at the client's page; false: nobody does.
func (u *user) isUp(ctx context.Context, within time.Duration) bool {
	page := u.errand.Page
	for limit := time.Now().Add(within); ; pass(ctx, lookAgain) {
		connection, err := net.DialTimeout("tcp", net.JoinHostPort(page.Hostname(), target.Port(page)), time.Second)
		if err == nil {
			_ = connection.Close()
			return true
		}
		if ctx.Err() != nil || time.Now().After(limit) {
			return false
		}
	}
}

// lookAgain is how often somebody looks whether the client listens. No event says so.
const lookAgain = 100 * time.Millisecond

// comes has the user come to the client's page, and says why nothing came of it: a phrase. The error is that the browser cannot go on.
func (s *stage) comes(ctx context.Context, c *scene, forging bool) (why string, err error) {
	u := s.user
	if u == nil || ctx.Err() != nil {
		return "", nil
	}
	if !u.isUp(ctx, max(c.Patience, fair)) {
		return "nobody listens at the client's page " + u.errand.Page.Host, nil
	}
	errand, made := u.errand, trip{began: time.Now(), forged: map[string]bool{}}
	if forging {
		errand.Forge = func(asked *url.URL) []string { return s.forgeries(asked, made.forged) }
	}
	within, cancel := context.WithTimeout(ctx, longestTrip)
	defer cancel()
	made.Trip, err = errand.Run(within, u.browser)
	s.mu.Lock()
	defer s.mu.Unlock()
	u.trips = append(u.trips, made)
	switch {
	case err == nil || ctx.Err() != nil:
		return "", nil
	case errors.Is(err, chromium.ErrLost) || within.Err() != nil:
		return "", err
	}
	return err.Error(), nil
}

// arrives has the user come, and once more where that went wrong: a page may have been in the middle of something else. Why nothing came of
// it goes to the notes.
func (s *stage) arrives(ctx context.Context, c *scene, forging bool) error {
	why, err := s.comes(ctx, c, forging)
	if why != "" && err == nil {
		why, err = s.comes(ctx, c, forging)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if why != "" && s.lost == "" {
		s.lost = s.connection.Redactor.Answer(why)
	}
	return err
}

// attend has the user come where the client has nothing left to go on with, and reports whether it did.
func (s *stage) attend(ctx context.Context, c *scene) bool {
	if s.user == nil || s.user.vain >= mostVain || !s.needsUser() {
		return false
	}
	if err := s.arrives(ctx, c, false); err != nil {
		c.watched.faults = append(c.watched.faults, "the client's page cannot be shown: "+err.Error())
		return false
	}
	if s.user.vain++; !s.needsUser() {
		s.user.vain = 0
	}
	return true
}

// mostVain is how often in a row a user comes of whose coming the client gets no tokens. Nobody tries for ever.
const mostVain = 4

// needsUser reports that the client holds nothing alive that came of a user's consent.
func (s *stage) needsUser() bool {
	return !slices.ContainsFunc(s.book.Tokens(), func(t *lineage.Token) bool {
		return t.Grant == specs.RoleExchange && t.Delivered && t.Replaced == nil && t.Refused == nil && t.Revoked == nil && !s.wasLost(t) &&
			(t.Ends.IsZero() || t.Ends.After(s.now()))
	})
}

// wasLost reports a token that the API has taken and answered, and of whose answer the client never heard.
func (s *stage) wasLost(t *lineage.Token) bool {
	return slices.ContainsFunc(s.during("refresh-lost"), func(e *lineage.Event) bool { return e.Deed == "lost" && slices.Contains(e.Shown, t) })
}

// visited is the request of the user's browser that an exchange was; false: it was somebody else's.
func (s *stage) visited(e *lineage.Event) (trip, consent.Asked, bool) {
	if s.user == nil {
		return trip{}, consent.Asked{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, made := range s.user.trips {
		for _, asked := range made.Asked {
			if asked.From == e.From && !e.Arrived.Before(asked.At) && e.Arrived.Sub(asked.At) < longestTrip && asked.URL == e.Request.URL.RequestURI() {
				return made, asked, true
			}
		}
	}
	return trip{}, consent.Asked{}, false
}

// invited reports a request for tokens that came of a user whom the watch sent: the last request for consent before it was that user's.
func (s *stage) invited(e *lineage.Event) bool {
	if s.user == nil || e.Role() != specs.RoleExchange {
		return false
	}
	for _, asked := range slices.Backward(s.requested()) {
		if asked.Arrived.Before(e.Arrived) {
			_, _, is := s.visited(asked)
			return is
		}
	}
	return false
}
