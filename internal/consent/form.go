package consent

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"gonogo/internal/exchange"
)

// Form is the driver that reads the page's forms and fills them in, with no browser and without scripts. Each
// walk has its own cookies.
func Form() Driver { return formDriver{} }

type formDriver struct{}

func (formDriver) Decide(ctx context.Context, send Sender, r Request) (Result, error) {
	return decide(send, r, func(w *walk) error {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return err
		}
		f := &fetched{walk: w, jar: jar}
		if err := f.open(ctx, navigation{method: http.MethodGet, to: r.Authorize}); err != nil {
			return err
		}
		return w.take(ctx, f)
	})
}

// fetched is a screen of pages that are fetched and read, and run no scripts.
type fetched struct {
	*walk
	jar     *cookiejar.Jar
	showing *page // nil: the walk is over
}

// look makes the moves that a browser makes by itself, until a page stands still.
func (f *fetched) look(ctx context.Context) (*page, readiness, error) {
	for f.showing != nil {
		nav, moves := f.showing.unasked(f.back)
		if !moves {
			return f.showing, settled, nil
		}
		if err := f.open(ctx, nav); err != nil {
			return nil, over, err
		}
	}
	return nil, over, nil
}

func (f *fetched) act(ctx context.Context, p *page, m *move) error {
	if f.alters {
		p.alter = func(fields [][2]string, to *url.URL) {
			if f.Alter.alter(fields, to) {
				f.res.Altered = true
			}
		}
	}
	nav, err := p.navigate(m)
	if err != nil {
		return err
	}
	return f.open(ctx, nav)
}

// wait has nothing to wait for: a page that is fetched is settled.
func (f *fetched) wait(context.Context) error { return nil }

// open shows what nav leads to.
func (f *fetched) open(ctx context.Context, nav navigation) error {
	from := f.showing
	f.showing = nil
	for {
		if !f.back.fetches(nav.to) {
			var form url.Values
			if nav.method == http.MethodPost {
				form = parameters(encode(nav.fields))
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			f.leaves(nav.to, form)
			return nil
		}
		x, err := f.fetch(ctx, nav, from)
		if err != nil {
			return err
		}
		to, err := f.answered(nav.to, x)
		switch {
		case err != nil:
			return err
		case f.isOver():
			return nil
		case to == nil:
			f.showing = newPage(x, nav.to)
			return nil
		case repeats(x.Status):
			nav.to = to
		default:
			nav = navigation{method: http.MethodGet, to: to}
		}
	}
}

func (f *fetched) fetch(ctx context.Context, nav navigation, from *page) (*exchange.Exchange, error) {
	to := *nav.to
	to.RawQuery = escapeQuery(to.RawQuery)
	header := http.Header{"Accept": {"text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}}
	if nav.contentType != "" {
		header.Set("Content-Type", nav.contentType)
	}
	introduce(header, nav.method, &to, from)
	cookies := http.Request{Header: header}
	for _, cookie := range f.jar.Cookies(secured(&to)) {
		cookies.AddCookie(cookie)
	}
	x, err := f.ask(ctx, f.sender.Send, nav.method, &to, header, nav.body)
	if err == nil {
		f.jar.SetCookies(secured(&to), (&http.Response{Header: x.Header}).Cookies())
	}
	return x, err
}

// introduce says where the request comes from, as browsers do and as servers check against forged forms:
// Referer by the policy strict-origin-when-cross-origin, Origin with every POST.
func introduce(header http.Header, method string, to *url.URL, from *page) {
	if from == nil {
		return
	}
	origin := from.url.Scheme + "://" + from.url.Host
	if from.url.Scheme != "https" || to.Scheme == "https" {
		referer := origin + "/"
		if to.Scheme == from.url.Scheme && hostPort(to) == hostPort(from.url) {
			bare := *from.url
			bare.User, bare.Fragment, bare.RawFragment = nil, "", ""
			referer = bare.String()
		}
		header.Set("Referer", referer)
	}
	if method == http.MethodPost {
		header.Set("Origin", origin)
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
