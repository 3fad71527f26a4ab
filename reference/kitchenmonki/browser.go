package kitchenmonki

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"time"

	"gonogo/reference/kit"
)

// browser is a browser's session: whose it is, once somebody has signed in,
// and the token that its forms must carry.
type browser struct {
	user *kit.KnownUser
	csrf string
}

const (
	browserCookie = "km_session"
	browserLife   = 8 * time.Hour
)

// browserOf is the session of the request's browser, or a new one with the
// cookie to set. The id is empty when there is no room for another.
func (m *monki) browserOf(c *kit.Call) (id string, b browser, set *http.Cookie) {
	if id, b, found := m.knownBrowser(c); found {
		return id, b, nil
	}
	id, set = m.newBrowser(c.Now, nil)
	e, _ := m.browsers.Get(kit.KeyOf(id))
	return id, e.Value, set
}

func (m *monki) knownBrowser(c *kit.Call) (string, browser, bool) {
	cookie, err := c.Cookie(browserCookie)
	if err != nil {
		return "", browser{}, false
	}
	e, found := m.browsers.Get(kit.KeyOf(cookie.Value))
	return cookie.Value, e.Value, found && e.AliveAt(c.Now, 0)
}

// newBrowser starts a session. Lax lets the link of another site bring its
// user here, and keeps forms of another site from being sent as the user. Not
// Secure, because the server speaks plain HTTP.
func (m *monki) newBrowser(now time.Time, who *kit.KnownUser) (string, *http.Cookie) {
	id := kit.RandomToken()
	if m.browsers.Enter(kit.KeyOf(id), browser{who, kit.RandomToken()}, now, now.Add(m.browserLife)) != nil {
		return "", nil
	}
	return id, &http.Cookie{Name: browserCookie, Value: id, Path: "/authorize", HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// visit is a browser at the page of its flow, with the form that the page sent.
type visit struct {
	browser
	flow
	flowID string
	form   url.Values
}

// resume finds the flow that the request's own browser started.
func (m *monki) resume(c *kit.Call, flowID string) (visit, *kit.Answer) {
	id, b, known := m.knownBrowser(c)
	if !known {
		return visit{}, new(m.errorPage(http.StatusForbidden, "This page needs its cookie; allow cookies and start again at the application."))
	}
	e, found := m.flows.Get(kit.KeyOf(flowID))
	if !found || !e.AliveAt(c.Now, 0) || e.Value.owner != kit.KeyOf(id) {
		return visit{}, new(m.expiredPage())
	}
	return visit{browser: b, flow: e.Value, flowID: flowID}, nil
}

// submitted reads a form that one of the pages sent, and only such a form.
func (m *monki) submitted(c *kit.Call) (visit, *kit.Answer) {
	if !kit.IsForm(c.Header.Get("Content-Type")) {
		return visit{}, new(m.errorPage(http.StatusUnsupportedMediaType, "This address takes the form of the consent page."))
	}
	form, fault := formOf(c)
	if fault != "" {
		return visit{}, new(m.errorPage(http.StatusBadRequest, fault))
	}
	at, refusal := m.resume(c, form.Get("flow"))
	if refusal == nil && subtle.ConstantTimeCompare([]byte(form.Get("csrf")), []byte(at.csrf)) != 1 {
		refusal = new(m.errorPage(http.StatusForbidden, "The form did not come from this site's own page."))
	}
	at.form = form
	if refusal == nil {
		var trusted bool
		if at.flow, trusted = m.resent(c.At, at.flow, form); !trusted {
			refusal = new(m.untrustedPage())
		}
	}
	return at, refusal
}

// signedIn is the user whose name and password the form carries.
func (m *monki) signedIn(form url.Values) *kit.KnownUser {
	who := m.Accounts.UserOrNobody(id, form.Get(m.shape.Username))
	if !(kit.SecretCheck{}).User(who, form.Get(m.shape.Password)) {
		return nil
	}
	return who
}

func (m *monki) expiredPage() kit.Answer {
	return m.errorPage(http.StatusBadRequest, "This request has ended or is too old. Start again at the application.")
}
