package reference

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/url"
	"time"
)

// browser is a browser's session: whose it is, once somebody has signed in,
// and the token that its forms must carry.
type browser struct {
	user *user
	csrf string
}

const (
	browserCookie = "km_session"
	browserLife   = 8 * time.Hour
)

// browserOf is the session of the request's browser, or a new one with the
// cookie to set. The id is empty when there is no room for another.
func (m *kitchenmonki) browserOf(c *call) (id string, b browser, set *http.Cookie) {
	if id, b, found := m.knownBrowser(c); found {
		return id, b, nil
	}
	id, set = m.newBrowser(c.now, nil)
	e, _ := m.browsers.get(keyOf(id))
	return id, e.value, set
}

func (m *kitchenmonki) knownBrowser(c *call) (string, browser, bool) {
	cookie, err := c.Cookie(browserCookie)
	if err != nil {
		return "", browser{}, false
	}
	e, found := m.browsers.get(keyOf(cookie.Value))
	return cookie.Value, e.value, found && e.aliveAt(c.now, 0)
}

// newBrowser starts a session. Lax lets the link of another site bring its
// user here, and keeps forms of another site from being sent as the user. Not
// Secure, because the server speaks plain HTTP.
func (m *kitchenmonki) newBrowser(now time.Time, who *user) (string, *http.Cookie) {
	id := randomToken()
	if m.browsers.put(keyOf(id), browser{who, randomToken()}, now.Add(browserLife).UnixNano()) != nil {
		return "", nil
	}
	return id, &http.Cookie{Name: browserCookie, Value: id, Path: "/authorize", HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// resume finds the flow that the request's own browser started.
func (m *kitchenmonki) resume(c *call, flowID string) (browser, flow, *answer) {
	id, b, known := m.knownBrowser(c)
	if !known {
		a := m.errorPage(http.StatusForbidden, "This page needs its cookie; allow cookies and start again at the application.")
		return b, flow{}, &a
	}
	e, found := m.flows.get(keyOf(flowID))
	if !found || !e.aliveAt(c.now, 0) || e.value.owner != keyOf(id) {
		a := m.expiredPage()
		return b, flow{}, &a
	}
	return b, e.value, nil
}

// submitted reads a form that one of the pages sent, and only such a form.
func (m *kitchenmonki) submitted(c *call) (url.Values, browser, flow, *answer) {
	refuse := func(status int, why string) (url.Values, browser, flow, *answer) {
		a := m.errorPage(status, why)
		return nil, browser{}, flow{}, &a
	}
	if !isForm(c.Header.Get("Content-Type")) {
		return refuse(http.StatusUnsupportedMediaType, "This address takes the form of the consent page.")
	}
	form, fault := c.form()
	if fault != "" {
		return refuse(http.StatusBadRequest, fault)
	}
	b, f, refusal := m.resume(c, form.Get("flow"))
	if refusal != nil {
		return nil, b, f, refusal
	}
	if subtle.ConstantTimeCompare([]byte(form.Get("csrf")), []byte(b.csrf)) != 1 {
		return refuse(http.StatusForbidden, "The form did not come from this site's own page.")
	}
	return form, b, f, nil
}

// signedIn is the user whose name and password the form carries.
func (m *kitchenmonki) signedIn(form url.Values) *user {
	who := m.accounts.user(m.dialect, form.Get(m.shape.Username))
	given := sha256.Sum256([]byte(form.Get(m.shape.Password)))
	want := nobody.secretHash
	if who != nil {
		want = who.passwordHash
	}
	if subtle.ConstantTimeCompare(given[:], want[:]) != 1 {
		return nil
	}
	return who
}

func (m *kitchenmonki) expiredPage() answer {
	return m.errorPage(http.StatusBadRequest, "This request has ended or is too old. Start again at the application.")
}
