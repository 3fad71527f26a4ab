package consent

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"gonogo/internal/exchange"
)

const (
	// maxHops is how many redirects in a row are followed; browsers stop at 20.
	maxHops = 20
	// maxPages is how many pages a walk may show. The longest seen have five: user name, password, a question,
	// consent, a page that sends the browser on.
	maxPages = 15
)

// finish ends the walk. w.mu is held.
func (w *walk) finish(err error) {
	if !w.ended {
		w.ended, w.err = true, err
		close(w.over)
	}
}

func (w *walk) isOver() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ended
}

// leaves takes note that a window was sent to a place that nobody fetches; form is what a POST carries there, nil for
// a GET. It reports whether that is where the window came back to the client. w.mu is held.
func (w *walk) leaves(to *url.URL, form url.Values) bool {
	if w.ended || w.res.Redirect != nil && carriesAnswer(w.res.Redirect.RawQuery) {
		return false // a popup that goes on after it has come back
	}
	back := w.back.deliver(&w.res, to, form)
	if !back && w.res.Stray == nil {
		w.res.Stray = to
		w.res.Page = clip("sent on to "+place(to)+", which is no redirect URI and was not fetched", gistLength)
	}
	if !w.Popup {
		w.finish(nil)
	}
	return back
}

// answered takes note of what a window was answered at a place. It returns where that sends the window on, nil for a
// page to show and for a walk that is over.
func (w *walk) answered(at *url.URL, x *exchange.Exchange) (*url.URL, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.res.SentAt, w.res.ReceivedAt, w.res.Status = x.Sent, x.Received, x.Status
	if redirects(x) {
		if w.hops++; w.hops > maxHops {
			return nil, &Error{Kind: Loop, Why: "the redirects do not end", URL: place(at)}
		}
		to, err := parseReference(at, x.Header.Get("Location"))
		if err != nil {
			w.res.Page = clip("a redirect to what is no URL: "+x.Header.Get("Location"), gistLength)
			w.finish(nil)
			return nil, nil
		}
		return to, nil
	}
	w.hops = 0
	if w.shown++; w.shown > maxPages {
		return nil, &Error{Kind: Loop, Why: "the pages do not end", URL: place(at), Page: newPage(x, at).gist()}
	}
	return nil, nil
}

// endOn ends the walk on a page of the target's, with what keeps it from going on.
func (w *walk) endOn(p *page, err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.res.Redirect == nil && w.res.Stray == nil {
		w.res.Page = p.gist()
	}
	if err != nil && w.unanswered != nil {
		return w.unanswered
	}
	return err
}

// ask sends a request of a page's.
func (w *walk) ask(ctx context.Context, send func(context.Context, *http.Request) (*exchange.Exchange, error), method string, to *url.URL, header http.Header, body []byte) (*exchange.Exchange, error) {
	var content io.Reader
	if len(body) > 0 {
		content = bytes.NewReader(body)
	}
	bare := *to
	bare.Fragment, bare.RawFragment = "", ""
	if err := w.leaks(to, header, body); err != nil {
		w.mu.Lock()
		w.finish(err)
		w.mu.Unlock()
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, bare.String(), content)
	if err != nil {
		return nil, &Error{Kind: CannotSee, Why: "no request can be made of it", URL: place(to), Err: err}
	}
	req.Header = header
	if w.language != "" {
		req.Header.Set("Accept-Language", w.language)
	}
	x, err := send(ctx, req)
	switch {
	case err != nil:
	case x == nil:
		err = errors.New("the sender gave neither an answer nor an error")
	case !x.Answered():
		err = x.Err
	default:
		return x, nil
	}
	return nil, &TransportError{Method: method, URL: place(to), Err: err}
}

// redirects reports an answer that sends the browser on.
func redirects(x *exchange.Exchange) bool {
	switch x.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return x.Header.Get("Location") != ""
	}
	return false
}

// repeats reports a redirect after which the same request is sent again; after the others it is a GET, as browsers do
// for 301 and 302 too (RFC 9110 15.4).
func repeats(status int) bool {
	return status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect
}
