package consent

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"gonogo/internal/chromium"
	"gonogo/internal/exchange"
)

var _ chromium.Host = (*live)(nil)

// Answer answers for every host there is. The redirect URI is answered here; what a page shows and what its
// scripts say to its own host is sent as the walk's, the rest only loaded.
func (l *live) Answer(ctx context.Context, r *chromium.Request) *chromium.Answer {
	switch {
	case r.Window == l.opener && l.opener != nil:
		return l.answerOpener(r)
	case r.Part == chromium.Page:
		return l.show(ctx, r)
	case r.Part == chromium.Media || !l.back.fetches(r.URL):
		return nil
	}
	if r.Part == chromium.Data && !l.isHome(r.URL) && l.hasTold() {
		return nil // a script may have written what was filled in as nobody can read it
	}
	own := r.Part != chromium.Piece && hostPort(r.URL) == hostPort(l.Authorize)
	x, err := l.request(ctx, r, own)
	if err == nil {
		return &chromium.Answer{Status: x.Status, Header: x.Header, Body: x.Body}
	}
	if own {
		l.mu.Lock()
		l.unanswered = err
		l.mu.Unlock()
	}
	return nil
}

// show answers with what the window is to show.
func (l *live) show(ctx context.Context, r *chromium.Request) *chromium.Answer {
	if !l.back.fetches(r.URL) {
		return l.left(r.Window, r.URL, formOf(r), true)
	}
	x, err := l.request(ctx, r, true)
	var to *url.URL
	if err == nil {
		to, err = l.answered(r.URL, x)
	}
	l.mu.Lock()
	if err != nil {
		l.finish(err)
	}
	l.answers[r.Window] = x
	l.mu.Unlock()
	switch {
	case err != nil:
		return nil
	case to != nil && !l.back.fetches(to): // seen here already: an application's own scheme is asked for nowhere
		var form url.Values
		if repeats(x.Status) {
			form = formOf(r)
		}
		return l.left(r.Window, to, form, false)
	}
	return &chromium.Answer{Status: x.Status, Header: x.Header, Body: x.Body}
}

// left takes note that a window was sent to a place that nobody fetches, by a page or by an answer.
func (l *live) left(window *chromium.Window, to *url.URL, form url.Values, byPage bool) *chromium.Answer {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.leaves(to, form) {
		if byPage {
			l.minted()
		}
		delete(l.answers, window)
	}
	return blank()
}

// minted sets the times between which a script got what it carries: since the last press, until now. l.mu is held.
func (l *live) minted() {
	l.res.SentAt, l.res.ReceivedAt = l.began, time.Now()
	if l.began.IsZero() {
		l.res.SentAt = l.pressed
	}
}

// Leaves is told of places that no request shows.
func (l *live) Leaves(window *chromium.Window, to string) {
	at, err := parseReference(nil, to)
	switch {
	case err != nil || at.Scheme == "mailto" || at.Scheme == "tel":
	case window != l.opener || l.opener == nil:
		l.left(window, at, nil, true)
	case l.back.has(at):
		_, params := carried(at, nil)
		l.handed(Handover{URL: at, Params: params})
	}
}

// request sends what the browser asks for, as evidence if it is the walk's own.
func (l *live) request(ctx context.Context, r *chromium.Request, own bool) (*exchange.Exchange, error) {
	send := l.sender.Send
	if loader, ok := l.sender.(Loader); ok && !own {
		send = loader.Load
	}
	x, err := l.ask(ctx, send, r.Method, r.URL, r.Header, r.Body)
	if err == nil && own {
		l.mu.Lock()
		if l.began.IsZero() {
			l.began = x.Sent
		}
		l.mu.Unlock()
	}
	return x, err
}

// formOf is what a form posts with the request, nil for none.
func formOf(r *chromium.Request) url.Values {
	if r.Method != http.MethodPost {
		return nil
	}
	return parameters(string(r.Body))
}

// blank is a page with nothing on it, for places that are never fetched.
func blank() *chromium.Answer {
	return &chromium.Answer{Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Body: []byte("<!doctype html><title></title>")}
}
