package consent

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"gonogo/internal/chromium"
	"gonogo/internal/exchange"
)

// Errand is a way that begins at a page of a client's: off to the API's pages, and back to where the client goes on. Unlike a walk it
// ends at no redirect URI.
type Errand struct {
	// Request is what the user knows on the API's pages. Authorize is where those are, and is not opened by itself. A redirect URI
	// that is not on this machine leads to the host of Page all the same: the browser sees the client there.
	Request
	Page  *url.URL // of the client's, which sends its users off
	Label string   // the text of what there sends the user off; empty: it is found

	Transport http.RoundTripper // carries what the browser asks for, to wherever it asks
	// Forge is asked, where a window of the API's pages has an opener, what is said meanwhile to that opener by a window from elsewhere:
	// values of JSON. nil, or none: nothing.
	Forge func(asked *url.URL) []string
}

// Asked is a page of the API's that a window asked for.
type Asked struct {
	URL    string // its path and query
	From   string // address and port that the request was sent from
	At     time.Time
	Opener bool // the window can speak to the one that opened it, which is there
}

// Trip is how an errand went.
type Trip struct {
	Result
	Asked []Asked
	Heard bool // what Forge says was said to a page that listens to messages
}

// Run sends the user on the errand, in a browser of its own cookies. The error is as a Driver's.
func (e Errand) Run(ctx context.Context, b *chromium.Browser) (Trip, error) {
	e.Patience = max(e.Patience, leastPatience)
	r := &errand{Errand: e, seen: seenAt(e.Page, e.RedirectURI), windows: map[*chromium.Window]*url.URL{}}
	w, err := newWalk(nil, e.Request)
	if err != nil {
		return Trip{}, err
	}
	w.onSite = r.leave
	r.live = &live{walk: w, answers: map[*chromium.Window]*exchange.Exchange{}}
	err = r.explain(ctx, r.visitAt(ctx, b))
	r.trip.Result = w.result()
	return r.trip, err
}

// seenAt is where the browser sees the client: at its page, or at the redirect URI where that is on no machine of a test's.
func seenAt(page *url.URL, redirect string) *url.URL {
	at, err := parseReference(nil, redirect)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" || at.Hostname() == "localhost" || net.ParseIP(at.Hostname()).IsLoopback() {
		at = page
	}
	seen := *page
	seen.Scheme, seen.Host = at.Scheme, at.Host
	return &seen
}

// errand is one that is being run.
type errand struct {
	*live
	Errand
	seen   *url.URL // the page, as the browser sees it
	posted bool

	// Under walk.mu.
	windows map[*chromium.Window]*url.URL // that were at home, and what they asked for first there
	trip    Trip
	said    []string // by a window from elsewhere
}

var (
	_ chromium.Host = (*errand)(nil)
	_ screen        = (*errand)(nil)
)

func (e *errand) visitAt(ctx context.Context, browser *chromium.Browser) (err error) {
	if e.visit, err = browser.Visit(ctx, e); err != nil {
		return err
	}
	defer e.visit.Close()
	first, err := e.visit.Open(ctx)
	if err != nil {
		return err
	}
	if err := first.Go(ctx, e.seen.String()); err != nil && !e.isOver() {
		return err
	}
	e.limit = time.Now().Add(e.live.Patience)
	if err := e.take(ctx, e); err != nil {
		return err
	}
	return e.rest(ctx)
}

// look waits on the client's pages until nothing more is expected of them: they may send the user off by themselves.
func (e *errand) look(ctx context.Context) (*page, readiness, error) {
	p, is, err := e.live.look(ctx)
	switch {
	case err != nil || is < ready || is == over:
	case !e.isHome(p.url):
		if is == ready {
			is = moving
		}
	case e.Forge != nil && !e.posted && e.window.Opener() != nil:
		e.posted = true
		e.mu.Lock()
		asked := e.windows[e.window]
		e.mu.Unlock()
		return p, moving, e.post(ctx, e.window.Opener(), e.Forge(asked))
	}
	return p, is, err
}

// rest lets the windows come to rest that are still there beside the last one.
func (e *errand) rest(ctx context.Context) error {
	since, activity, limit := time.Now(), -1, time.Now().Add(e.live.Patience)
	for {
		busy, sum, others := false, 0, false
		for _, w := range e.visit.Windows() {
			if state := w.State(); !state.Closed {
				busy, sum, others = busy || state.Busy, sum+state.Activity, others || w != e.window
			}
		}
		if busy || sum != activity {
			since, activity = time.Now(), sum
		}
		if !others || time.Since(since) >= endPause || time.Now().After(limit) {
			return nil
		}
		if err := e.wait(ctx); err != nil {
			return err
		}
	}
}

// Answer carries whatever the browser asks for, redirects and all.
func (e *errand) Answer(ctx context.Context, r *chromium.Request) *chromium.Answer {
	switch {
	case r.Part == chromium.Media:
		return nil // not the user's: nobody sees images here, and Chromium asks once more for a popup's page when its window is attached to
	case r.URL.Host == foreign:
		return e.answerElsewhere()
	}
	asked := -1
	if r.Part == chromium.Page && e.isHome(r.URL) {
		e.mu.Lock()
		asked = len(e.trip.Asked)
		e.trip.Asked = append(e.trip.Asked, Asked{URL: r.URL.RequestURI(), At: time.Now(), Opener: r.Window.Opener() != nil})
		if e.windows[r.Window] == nil {
			e.windows[r.Window] = r.URL
		}
		e.mu.Unlock()
	}
	from := ""
	x, err := e.ask(ctx, func(ctx context.Context, req *http.Request) (*exchange.Exchange, error) {
		return e.carry(ctx, req, &from)
	}, r.Method, r.URL, r.Header, r.Body)
	if r.Part == chromium.Page && err == nil {
		_, err = e.answered(r.URL, x)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if asked >= 0 {
		e.trip.Asked[asked].From = from
	}
	if r.Part == chromium.Page {
		if e.answers[r.Window] = x; err != nil {
			e.finish(err)
		}
	}
	if err != nil {
		return nil
	}
	return &chromium.Answer{Status: x.Status, Header: x.Header, Body: x.Body}
}

// mostCarried is how much of an answer is carried, in bytes: more than scripts have.
const mostCarried = 16 << 20

// carry sends a request on, and says from where. What is for the place where the browser sees the client goes to the client.
func (e *errand) carry(ctx context.Context, req *http.Request, from *string) (*exchange.Exchange, error) {
	x := &exchange.Exchange{Sent: time.Now(), Method: req.Method, URL: req.URL.String()}
	if hostPort(req.URL) == hostPort(e.seen) && hostPort(e.seen) != hostPort(e.Page) {
		req.Host = req.URL.Host
		req.Header.Set("X-Forwarded-Host", req.URL.Host) // as what stands before a client in the open says it
		req.Header.Set("X-Forwarded-Proto", req.URL.Scheme)
		req.URL.Scheme, req.URL.Host = e.Page.Scheme, e.Page.Host
	}
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { *from = c.Conn.LocalAddr().String() }})
	answer, err := e.Transport.RoundTrip(req.WithContext(traced))
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if x.Body, err = io.ReadAll(io.LimitReader(answer.Body, mostCarried)); err != nil {
		return nil, errors.New("the answer ended before its end")
	}
	x.Status, x.Header, x.Received = answer.StatusCode, answer.Header, time.Now()
	return x, nil
}

// Leaves is told of an application's own scheme: there the errand is over.
func (e *errand) Leaves(_ *chromium.Window, to string) {
	if at, err := parseReference(nil, to); err == nil && at.Scheme != "mailto" && at.Scheme != "tel" {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.finish(nil)
	}
}
