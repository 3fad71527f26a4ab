package consent

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"

	"gonogo/internal/exchange"
)

const (
	// maxHops is how many redirects in a row are followed; browsers stop at 20.
	maxHops = 20
	// maxPages is how many pages a walk may show. The longest seen have five: user name, password, a question,
	// consent, a page that sends the browser on.
	maxPages = 15
)

// trail is what a walk leaves: what was asked and answered, and where it ended.
type trail struct {
	ends     returns
	popup    bool // it goes on after it came back: something may still be on its way to the opener
	sender   Sender
	language string

	mu         sync.Mutex // a browser asks for several things side by side
	res        Result
	hops       int   // redirects in a row
	shown      int   // pages
	unanswered error // of a request that a script made: what the page lacks then is no fault of its own
	ended      bool
	err        error         // with ended
	over       chan struct{} // closed with ended
}

// finish ends the walk. t.mu is held.
func (t *trail) finish(err error) {
	if !t.ended {
		t.ended, t.err = true, err
		close(t.over)
	}
}

func (t *trail) isOver() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ended
}

// leaves takes note that a window was sent to a place that nobody fetches; form is what a POST carries there, nil for
// a GET. It reports whether that is where the window came back to the client. t.mu is held.
func (t *trail) leaves(to *url.URL, form url.Values) bool {
	if t.ended || t.res.Redirect != nil && carriesAnswer(t.res.Redirect.RawQuery) {
		return false // a popup that goes on after it has come back
	}
	back := t.ends.deliver(&t.res, to, form)
	if !back && t.res.Stray == nil {
		t.res.Stray = to
		t.res.Page = clip("sent on to "+place(to)+", which is no redirect URI and was not fetched", gistLength)
	}
	if !t.popup {
		t.finish(nil)
	}
	return back
}

// answered takes note of what a window was answered at a place. It returns where that sends the window on, nil for a
// page to show and for a walk that is over.
func (t *trail) answered(at *url.URL, x *exchange.Exchange) (*url.URL, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.res.SentAt, t.res.ReceivedAt, t.res.Status = x.Sent, x.Received, x.Status
	if redirects(x) {
		if t.hops++; t.hops > maxHops {
			return nil, &Error{Kind: Loop, Why: "the redirects do not end", URL: place(at)}
		}
		to, err := parseReference(at, x.Header.Get("Location"))
		if err != nil {
			t.res.Page = clip("a redirect to what is no URL: "+x.Header.Get("Location"), gistLength)
			t.finish(nil)
			return nil, nil
		}
		return to, nil
	}
	t.hops = 0
	t.res.Visited = append(t.res.Visited, place(at))
	if t.shown++; t.shown > maxPages {
		return nil, &Error{Kind: Loop, Why: "the pages do not end", URL: place(at), Status: x.Status, Page: newPage(x, at).gist()}
	}
	return nil, nil
}

// endOn ends the walk on a page of the target's, with what keeps it from going on.
func (t *trail) endOn(p *page, err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.res.Redirect == nil && t.res.Stray == nil {
		t.res.Page = p.gist()
	}
	if err != nil && t.unanswered != nil {
		return t.unanswered
	}
	return err
}

// ask sends a request of a page's.
func (t *trail) ask(ctx context.Context, send func(context.Context, *http.Request) (*exchange.Exchange, error), method string, to *url.URL, header http.Header, body []byte) (*exchange.Exchange, error) {
	var content io.Reader
	if len(body) > 0 {
		content = bytes.NewReader(body)
	}
	bare := *to
	bare.Fragment, bare.RawFragment = "", ""
	req, err := http.NewRequestWithContext(ctx, method, bare.String(), content)
	if err != nil {
		return nil, &Error{Kind: CannotSee, Why: "no request can be made of it", URL: place(to), Err: err}
	}
	req.Header = header
	if t.language != "" {
		req.Header.Set("Accept-Language", t.language)
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
