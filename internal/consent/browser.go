package consent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"gonogo/internal/exchange"
)

const (
	// maxHops is how many redirects in a row are followed; browsers stop at 20.
	maxHops = 20
	// maxPages is how many pages a walk may show. The longest seen have five: user name, password, a question,
	// consent, a page that sends the browser on.
	maxPages = 15
)

// browser is one human's browser for one walk: cookies, the page it shows, and where it must not go.
type browser struct {
	send      Sender
	jar       *cookiejar.Jar
	targets   targets
	authorize *url.URL
	language  string
	res       *Result
	shown     int
}

// open shows what nav leads to. It returns nil without an error when the walk is over: res says where it went.
func (b *browser) open(ctx context.Context, nav navigation, from *page) (*page, error) {
	referer := from
	for range maxHops + 1 {
		var delivered url.Values
		if nav.method == "POST" {
			delivered = values(nav.fields)
		}
		if b.targets.deliver(b.res, nav.to, delivered) {
			return nil, nil
		}
		if b.targets.strays(nav.to, b.authorize) {
			b.res.Stray = nav.to
			b.res.Page = clip("sent on to "+place(nav.to)+", which is no redirect URI and was not fetched", gistLength)
			return nil, nil
		}
		x, err := b.fetch(ctx, nav, referer)
		if err != nil {
			return nil, err
		}
		b.res.SentAt, b.res.ReceivedAt, b.res.Status = x.Sent, x.Received, x.Status
		if !follows(x) {
			p := newPage(x, nav.to)
			b.res.Visited = append(b.res.Visited, place(nav.to))
			b.res.Page = p.gist()
			if b.shown++; b.shown > maxPages {
				return nil, &Error{Kind: Loop, Why: "the pages do not end", URL: place(nav.to), Status: x.Status, Page: b.res.Page}
			}
			return p, nil
		}
		to, err := parseReference(nav.to, x.Header.Get("Location"))
		if err != nil {
			b.res.Page = clip("a redirect to what is no URL: "+x.Header.Get("Location"), gistLength)
			return nil, nil
		}
		nav = nav.redirected(x.Status, to)
	}
	return nil, &Error{Kind: Loop, Why: "the redirects do not end", URL: place(nav.to)}
}

func follows(x *exchange.Exchange) bool {
	switch x.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return x.Header.Get("Location") != ""
	}
	return false
}

// redirected is the request that follows a redirect: 307 and 308 repeat it, the others make it a GET, as browsers
// do for 301 and 302 too (RFC 9110 15.4).
func (n navigation) redirected(status int, to *url.URL) navigation {
	if status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect {
		n.to = to
		return n
	}
	return navigation{method: http.MethodGet, to: to}
}

func (b *browser) fetch(ctx context.Context, nav navigation, from *page) (*exchange.Exchange, error) {
	to := *nav.to
	to.Fragment, to.RawFragment, to.RawQuery = "", "", escapeQuery(to.RawQuery)
	req, err := http.NewRequestWithContext(ctx, nav.method, to.String(), bytes.NewReader(nav.body))
	if err != nil {
		return nil, &Error{Kind: CannotSee, Why: "no request can be made of it", URL: place(&to), Err: err}
	}
	if nav.method == http.MethodGet {
		req.Body, req.GetBody, req.ContentLength = nil, nil, 0
	}
	req.Header.Set("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
	if b.language != "" {
		req.Header.Set("Accept-Language", b.language)
	}
	if nav.contentType != "" {
		req.Header.Set("Content-Type", nav.contentType)
	}
	b.introduce(req, from)
	for _, cookie := range b.jar.Cookies(secured(&to)) {
		req.AddCookie(cookie)
	}
	x, err := b.send.Send(ctx, req)
	if err == nil && x != nil && !x.Answered() {
		err = x.Err
	}
	if err == nil && x == nil {
		err = errors.New("the sender gave neither an answer nor an error")
	}
	if err != nil {
		return nil, &TransportError{Method: nav.method, URL: place(&to), Err: err}
	}
	answer := http.Response{Header: x.Header}
	b.jar.SetCookies(secured(&to), answer.Cookies())
	return x, nil
}

// introduce says where the request comes from, as browsers do and as servers check against forged forms:
// Referer by the policy strict-origin-when-cross-origin, Origin with every POST.
func (b *browser) introduce(req *http.Request, from *page) {
	if from == nil {
		return
	}
	origin := from.url.Scheme + "://" + from.url.Host
	if from.url.Scheme != "https" || req.URL.Scheme == "https" {
		if sameOrigin := req.URL.Scheme == from.url.Scheme && hostPort(req.URL) == hostPort(from.url); sameOrigin {
			bare := *from.url
			bare.User, bare.Fragment, bare.RawFragment = nil, "", ""
			req.Header.Set("Referer", bare.String())
		} else {
			req.Header.Set("Referer", origin+"/")
		}
	}
	if req.Method == http.MethodPost {
		req.Header.Set("Origin", origin)
	}
}

// secured is the URL under which the jar keeps cookies. A test server on plain http often marks its session
// cookie Secure, and browsers keep such a cookie on loopback; so does this jar, on every host.
func secured(u *url.URL) *url.URL {
	s := *u
	s.Scheme = "https"
	return &s
}

// escapeQuery escapes what a request line cannot carry and leaves everything else as the page wrote it.
func escapeQuery(raw string) string {
	var s strings.Builder
	for _, c := range []byte(raw) {
		if c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' {
			fmt.Fprintf(&s, "%%%02X", c)
		} else {
			s.WriteByte(c)
		}
	}
	return s.String()
}
