package consent

import (
	"net/http"
	"net/url"
	"strings"

	"gonogo/internal/exchange"
)

// shortestName is from how many letters on a user's name is not taken for a word that stands in an address anyway.
const shortestName = 6

// isHome reports whether a place may be told who the user is.
func (r Request) isHome(u *url.URL) bool {
	if hostPort(u) == hostPort(r.Authorize) {
		return true
	}
	return r.Home != nil && r.Home(u)
}

// abroad says that the user's credentials were to go where nobody said that they may.
func abroad(to *url.URL, does string) *Error {
	return &Error{
		Kind: Abroad, Why: does + " " + to.Host + ", a host that neither the document nor the target file names", URL: place(to),
		Mend: "; if it is the target's, add it to consent.hosts in the target file",
	}
}

// keptHome looks where a move would send what it fills in, before anything is filled in: a page may read its fields.
func (w *walk) keptHome(p *page, m *move) error {
	if m.form == nil || !w.tells(m.fill) {
		return nil
	}
	if !w.isHome(p.url) && p.url.Scheme != "about" {
		return abroad(p.url, "the user's password is asked for by a page of")
	}
	if nav, err := p.navigate(m); err == nil && !w.isHome(nav.to) {
		return abroad(nav.to, "the page sends the user's password to")
	}
	w.mu.Lock()
	w.told = true
	w.mu.Unlock()
	return nil
}

func (w *walk) hasTold() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.told
}

// tells reports whether what is filled in says who the user is.
func (w *walk) tells(fill entries) bool {
	for _, value := range fill {
		if value != "" && (value == w.Password || value == w.Username) {
			return true
		}
	}
	return false
}

// leaks looks into a request that goes to another host: a script, or a redirect that repeats a form, may take the
// password along that was filled in at home.
func (w *walk) leaks(to *url.URL, header http.Header, body []byte) error {
	if !w.hasTold() || w.isHome(to) {
		return nil
	}
	var text strings.Builder
	text.WriteString(to.String() + "\n")
	_ = header.Write(&text)
	text.Write(body)
	finder := exchange.NewRedactor()
	finder.Add("password", w.Password)
	if len(w.Username) >= shortestName {
		finder.Add("username", w.Username)
	}
	if len(finder.Finds(text.String())) == 0 {
		return nil
	}
	return abroad(to, "the page sends the user's name or password to")
}
