package consent

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"time"

	"gonogo/internal/chromium"
	"gonogo/internal/exchange"
)

// Loader is a Sender that also fetches what pages are made of, scripts and style sheets: those are no evidence, and
// may be longer than what is.
type Loader interface {
	Load(ctx context.Context, req *http.Request) (*exchange.Exchange, error)
}

// Answer answers for every host there is. The redirect URI is answered here; what a page shows and what its
// scripts say to its own host is sent as the walk's, the rest only loaded.
func (l *live) Answer(ctx context.Context, r *chromium.Request) *chromium.Answer {
	if r.Window == l.opener && l.opener != nil {
		return l.answerOpener(r)
	}
	if _, back := l.w.b.targets.match(r.URL); back {
		if r.Part != chromium.Page {
			return nil
		}
		return l.arrived(r.Window, r.URL, formOf(r), nil)
	}
	if l.w.b.targets.strays(r.URL, l.w.r.Authorize) {
		if r.Part != chromium.Page {
			return nil
		}
		return l.strayed(r.URL)
	}
	switch r.Part {
	case chromium.Page:
		return l.show(ctx, r)
	case chromium.Finery:
		return nil
	}
	own := r.Part != chromium.Piece && hostPort(r.URL) == hostPort(l.w.r.Authorize)
	x, err := l.request(ctx, r, own)
	if err != nil {
		if own {
			l.mu.Lock()
			l.lastData = err
			l.mu.Unlock()
		}
		return nil
	}
	return &chromium.Answer{Status: x.Status, Header: x.Header, Body: x.Body}
}

// show answers with what the window is to show.
func (l *live) show(ctx context.Context, r *chromium.Request) *chromium.Answer {
	x, err := l.request(ctx, r, true)
	l.mu.Lock()
	if err != nil {
		l.finish(err)
		l.mu.Unlock()
		return nil
	}
	res := l.w.res
	res.SentAt, res.ReceivedAt, res.Status = x.Sent, x.Received, x.Status
	l.answered[r.Window] = x
	if l.hops++; l.hops > maxHops {
		l.finish(&Error{Kind: Loop, Why: "the redirects do not end", URL: place(r.URL)})
	}
	if !follows(x) {
		l.hops = 0
		res.Visited = append(res.Visited, place(r.URL))
		if l.w.b.shown++; l.w.b.shown > maxPages {
			l.finish(&Error{Kind: Loop, Why: "the pages do not end", URL: place(r.URL), Status: x.Status})
		}
		l.mu.Unlock()
		return &chromium.Answer{Status: x.Status, Header: x.Header, Body: x.Body}
	}
	l.mu.Unlock()
	to, err := parseReference(r.URL, x.Header.Get("Location"))
	if err == nil {
		// Looked at here already: an application's own scheme is asked for nowhere.
		if _, back := l.w.b.targets.match(to); back {
			var form url.Values
			if repeats(x.Status) {
				form = formOf(r)
			}
			return l.arrived(r.Window, to, form, x)
		}
		if l.w.b.targets.strays(to, l.w.r.Authorize) {
			return l.strayed(to)
		}
	}
	return &chromium.Answer{Status: x.Status, Header: x.Header}
}

func repeats(status int) bool {
	return status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect
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

// arrived takes note that a window came back to the client; by is the answer that sent it there, nil if a page did.
func (l *live) arrived(window *chromium.Window, at *url.URL, form url.Values, by *exchange.Exchange) *chromium.Answer {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended || l.w.res.Redirect != nil && carriesAnswer(l.w.res.Redirect.RawQuery) {
		return blank() // a popup that goes on after it has come back
	}
	l.w.b.targets.deliver(l.w.res, at, form)
	if by == nil {
		l.minted()
	}
	delete(l.answered, window)
	if !l.w.r.Popup {
		l.finish(nil)
	}
	return blank()
}

// minted sets the times between which a script got what it carries: since the last press, until now. l.mu is held.
func (l *live) minted() {
	l.w.res.SentAt, l.w.res.ReceivedAt = l.began, time.Now()
	if l.began.IsZero() {
		l.w.res.SentAt = l.pressed
	}
}

// strayed takes note that a window was sent to a place that is not fetched and is no redirect URI.
func (l *live) strayed(to *url.URL) *chromium.Answer {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended && l.w.res.Stray == nil {
		l.w.res.Stray = to
		l.w.res.Page = clip("sent on to "+place(to)+", which is no redirect URI and was not fetched", gistLength)
		if !l.w.r.Popup {
			l.finish(nil)
		}
	}
	return blank()
}

// Leaves is told of places that no request shows.
func (l *live) Leaves(window *chromium.Window, to string) {
	at, err := parseReference(nil, to)
	if err != nil {
		return
	}
	switch _, back := l.w.b.targets.match(at); {
	case l.opener != nil && window == l.opener:
		if back {
			l.handed(Handover{URL: at, Params: handedBy(at)})
		}
	case back:
		l.arrived(window, at, nil, nil)
	case at.Scheme != "mailto" && at.Scheme != "tel":
		l.strayed(at)
	}
}

// request sends what the browser asks for, as evidence if it is the walk's own.
func (l *live) request(ctx context.Context, r *chromium.Request, own bool) (*exchange.Exchange, error) {
	to := *r.URL
	to.Fragment, to.RawFragment = "", ""
	req, err := http.NewRequestWithContext(ctx, r.Method, to.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, &Error{Kind: CannotSee, Why: "no request can be made of it", URL: place(&to), Err: err}
	}
	if len(r.Body) == 0 {
		req.Body, req.GetBody = nil, nil
	}
	req.Header = r.Header
	if l.w.b.language != "" {
		req.Header.Set("Accept-Language", l.w.b.language)
	}
	send := l.send.Send
	if loader, ok := l.send.(Loader); ok && !own {
		send = loader.Load
	}
	x, err := send(ctx, req)
	if err == nil && x != nil && !x.Answered() {
		err = x.Err
	}
	if err != nil || x == nil {
		return nil, &TransportError{Method: r.Method, URL: place(&to), Err: err}
	}
	l.mu.Lock()
	if own && l.began.IsZero() {
		l.began = x.Sent
	}
	l.mu.Unlock()
	return x, nil
}
