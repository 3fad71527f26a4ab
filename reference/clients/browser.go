package clients

import (
	"bytes"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// browser is the user's: it follows links and redirects, keeps cookies, signs in and approves, without scripts.
type browser struct {
	http               *http.Client
	home               string // the redirect URI, where it ends
	listens            bool   // somebody listens there
	username, password string
}

func newBrowser(home, username, password string) *browser {
	jar, _ := cookiejar.New(nil) // fails never without options
	b := &browser{home: home, username: username, password: password}
	b.http = &http.Client{Jar: jar, Timeout: 10 * time.Second, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		if !b.listens && b.arrived(next.URL) || len(via) > 8 {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	return b
}

// arrived tells whether an address is the redirect URI, whatever its query is.
func (b *browser) arrived(at *url.URL) bool {
	home, _, _ := strings.Cut(b.home, "?")
	return at != nil && at.Scheme+"://"+at.Host+at.Path == home
}

// visit goes from page to page until it is back at the redirect URI, and answers with what it came back with.
func (b *browser) visit(link string) (*url.URL, error) {
	response, err := b.http.Get(link)
	for range 6 {
		if err != nil {
			return nil, errors.New("a page does not answer") // the error's own words may have the address
		}
		if to, err := response.Location(); err == nil && b.arrived(to) {
			response.Body.Close()
			return to, nil
		}
		if b.arrived(response.Request.URL) {
			response.Body.Close()
			return response.Request.URL, nil
		}
		page, parsed := html.Parse(response.Body)
		response.Body.Close()
		if parsed != nil {
			return nil, parsed
		}
		f := theForm(page)
		if f == nil {
			return nil, errors.New("a page without a form")
		}
		action, bad := response.Request.URL.Parse(attribute(f, "action"))
		if bad != nil {
			return nil, bad
		}
		response, err = b.submit(action, f)
	}
	return nil, errors.New("page after page")
}

// submit sends a form as it wants to be sent.
func (b *browser) submit(action *url.URL, form *html.Node) (*http.Response, error) {
	values := b.filled(form)
	if attribute(form, "enctype") != "multipart/form-data" {
		return b.http.PostForm(action.String(), values)
	}
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name := range values {
		if err := parts.WriteField(name, values.Get(name)); err != nil {
			return nil, err
		}
	}
	if err := parts.Close(); err != nil {
		return nil, err
	}
	return b.http.Post(action.String(), parts.FormDataContentType(), &body)
}

// theForm is the first that is posted.
func theForm(n *html.Node) *html.Node {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == "form" && strings.EqualFold(attribute(d, "method"), "post") {
			return d
		}
	}
	return nil
}

// filled fills in name and password, and presses the first button, which is the one that goes on.
func (b *browser) filled(form *html.Node) url.Values {
	values, pressed := url.Values{}, false
	for d := range form.Descendants() {
		name, kind := attribute(d, "name"), attribute(d, "type")
		switch {
		case d.Type != html.ElementNode:
		case d.Data == "button" || d.Data == "input" && kind == "submit":
			if !pressed && name != "" {
				values.Set(name, attribute(d, "value"))
			}
			pressed = true
		case d.Data != "input" || name == "":
		case kind == "password":
			values.Set(name, b.password)
		case kind == "" || kind == "text" || kind == "email":
			values.Set(name, b.username)
		case kind != "checkbox" || checked(d):
			values.Set(name, attribute(d, "value"))
		}
	}
	return values
}

func checked(n *html.Node) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "checked" })
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
