package reference

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// flow is one authorization request on its way to a decision. It stays on the
// server: what the browser sends back is only its id, so that neither the
// redirect URI nor the state can be changed on the way.
type flow struct {
	client   *client
	redirect string
	state    string
	popup    bool
	untrue   bool // the redirect URI is not the client's: ends on the error page
	owner    key  // the browser that started it
}

// flowLife is how long a consent page can be left open.
const flowLife = 10 * time.Minute

// authorizeParameters are the parameters of an authorization request.
var authorizeParameters = []string{"client_id", "response_type", "redirect_uri", "state", "display"}

// authorize: "Direct the user to the following url. DO NOT include your client
// secret. /authorize?client_id=CLIENTID&response_type=code&redirect_uri=…"
//
// The client and its redirect URI come first (RFC 6749 4.1.2.1): until both are
// known to belong together, nobody is redirected anywhere. The redirect URI
// must be sent, and match character by character.
func (m *kitchenmonki) authorize(c *call) answer {
	in, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil || len(in["client_id"]) > 1 || len(in["redirect_uri"]) > 1 {
		return m.errorPage(http.StatusBadRequest, "The link that brought you here is malformed.")
	}
	f := flow{client: m.accounts.client(m.dialect, in.Get("client_id")), redirect: in.Get("redirect_uri"), popup: in.Get("display") == "popup"}
	if len(in["state"]) == 1 {
		f.state = in.Get("state")
	}
	if f.client != nil && f.redirect != "" && m.has(kmToRegistered) {
		f.redirect = f.client.RedirectURI
	}
	if !m.trusts(f.client, f.redirect) {
		switch a, instead := m.untrusted(f); {
		case instead:
			return a
		case !m.has(kmErrorAfterSignIn):
			return m.untrustedPage()
		}
		f.untrue = true
		return m.begin(c, f)
	}
	for _, name := range authorizeParameters {
		if len(in[name]) > 1 {
			return m.deliver(f, "error", "invalid_request")
		}
	}
	switch in.Get("response_type") {
	case "code":
	case "":
		return m.deliver(f, "error", "invalid_request")
	default:
		return m.deliver(f, "error", "unsupported_response_type")
	}
	return m.begin(c, f)
}

// trusts: the redirect URI is the one that the client registered.
func (m *kitchenmonki) trusts(who *client, redirect string) bool {
	if who == nil || redirect == "" {
		return false
	}
	return redirect == who.RedirectURI && !m.has(kmRedirectRefused) || m.trustsToo(who.RedirectURI, redirect)
}

func (m *kitchenmonki) untrustedPage() answer {
	status := http.StatusBadRequest
	if m.has(kmErrorPage200) {
		status = http.StatusOK
	}
	return m.errorPage(status, "The application that sent you here is not known, or asked to send you on to an address that is not its own.")
}

// begin remembers the request and shows the first page.
func (m *kitchenmonki) begin(c *call, f flow) answer {
	if m.has(kmNoConsent) && !f.untrue {
		return m.approve(f, m.anyUser(), c.now)
	}
	id, b, cookie := m.browserOf(c)
	if id == "" {
		return m.errorPage(http.StatusServiceUnavailable, "Too many pages are open; try again later.")
	}
	if b.user != nil && m.isRemembered(f, b.user) {
		return m.approve(f, b.user, c.now)
	}
	f.owner = keyOf(id)
	flowID := randomToken()
	if m.flows.put(keyOf(flowID), f, c.now.Add(flowLife).UnixNano()) != nil {
		return m.errorPage(http.StatusServiceUnavailable, "Too many pages are open; try again later.")
	}
	a := m.nextPage(f, flowID, b, "")
	a.cookie = cookie
	return a
}

// nextPage is the page that a flow is at: sign-in first, then the question.
func (m *kitchenmonki) nextPage(f flow, flowID string, b browser, complaint string) answer {
	v := view{Flow: flowID, CSRF: b.csrf, Complaint: complaint, Shape: m.shape}
	if f.client != nil {
		v.Client = f.client.ID
	}
	switch {
	case b.user == nil && m.shape.OnePage && !f.untrue:
		return m.page(http.StatusOK, "consent", v)
	case b.user == nil:
		return m.page(http.StatusOK, "sign-in", v)
	case f.untrue:
		return m.untrustedPage()
	}
	v.User = b.user.Username
	return m.page(http.StatusOK, "consent", v)
}

// consent: GET /authorize/consent?flow=… shows a flow's page again, after
// sign-in or when the user reloads it.
func (m *kitchenmonki) consent(c *call) answer {
	flowID := c.URL.Query().Get("flow")
	b, f, refusal := m.resume(c, flowID)
	if refusal != nil {
		return *refusal
	}
	return m.nextPage(f, flowID, b, "")
}

// signIn: POST /authorize/sign-in.
func (m *kitchenmonki) signIn(c *call) answer {
	form, b, f, refusal := m.submitted(c)
	if refusal != nil {
		return *refusal
	}
	flowID := form.Get("flow")
	if m.shape.ThreeSteps && !form.Has(m.shape.Password) {
		return m.page(http.StatusOK, "sign-in", view{Flow: flowID, CSRF: b.csrf, Shape: m.shape, Username: form.Get(m.shape.Username)})
	}
	who := m.signedIn(form)
	if who == nil {
		a := m.nextPage(f, flowID, b, "That user name or password is wrong.")
		a.status = http.StatusForbidden
		return a
	}
	// A new session, so that nobody can have planted the one that is now
	// signed in; the flow moves over to it.
	id, cookie := m.newBrowser(c.now, who)
	e, mine := m.flows.take(keyOf(flowID))
	if id == "" || !mine {
		return m.expiredPage()
	}
	e.value.owner = keyOf(id)
	if m.flows.put(keyOf(flowID), e.value, e.expires) != nil {
		return m.expiredPage()
	}
	return answer{status: http.StatusSeeOther, location: "/authorize/consent?flow=" + flowID, cookie: cookie}
}

// decide: POST /authorize/decision. The flow is taken, so that one page leads
// to one code however often its button is pressed.
func (m *kitchenmonki) decide(c *call) answer {
	form, b, f, refusal := m.submitted(c)
	if refusal != nil {
		return *refusal
	}
	approved, denied := m.shape.decision(form)
	flowID, who := form.Get("flow"), b.user
	if who == nil && m.shape.OnePage && approved {
		if who = m.signedIn(form); who == nil {
			a := m.nextPage(f, flowID, b, "That user name or password is wrong.")
			a.status = http.StatusForbidden
			return a
		}
	}
	switch {
	case f.untrue:
		return m.untrustedPage()
	case !approved && !denied:
		return m.errorPage(http.StatusBadRequest, "Neither approved nor denied; go back and choose.")
	case approved && who == nil, denied && who == nil && !m.shape.OnePage:
		return m.errorPage(http.StatusForbidden, "Sign in first.")
	}
	if _, mine := m.flows.take(keyOf(flowID)); !mine {
		return m.expiredPage()
	}
	if denied && !m.has(kmDenialGrants) {
		// RFC 6749 4.1.2.1
		return m.deliver(f, m.denialQuirks("error", "access_denied")...)
	}
	if who == nil {
		who = m.anyUser()
	}
	m.remember(f, who)
	return m.approve(f, who, c.now)
}

// approve mints the code: "After the user grants access on that page, it will
// redirect the user back to your redirect uri".
func (m *kitchenmonki) approve(f flow, who *user, now time.Time) answer {
	code := m.tokens.mint()
	g := codeGrant{f.client.number, int64(who.ActsAs), m.tokens.newFamily(), f.redirect}
	if m.codes.put(keyOf(code), g, now.Add(m.codeLife()).UnixNano()) != nil {
		return m.errorPage(http.StatusServiceUnavailable, "Too many codes are outstanding; try again later.")
	}
	return m.deliver(f, m.approvalQuirks("code", code)...)
}

// deliver sends the browser back to the client with the given parameters: this
// window, or with display=popup "the parent opener window instead of the
// current window".
func (m *kitchenmonki) deliver(f flow, parameters ...string) answer {
	to := m.callback(f, parameters)
	if f.popup && !m.has(kmPopupItself) {
		return m.popupPage(to)
	}
	// 303, so that no browser sends the form on to the client (RFC 9700 4.12).
	status := http.StatusSeeOther
	if m.has(kmRedirect302) {
		status = http.StatusFound
	}
	return answer{status: status, location: to}
}

// callback adds parameters to the redirect URI, whose own query stays
// (RFC 6749 3.1.2). The state is echoed exactly; a space is %20, which both
// form and percent decoding read as a space.
func (m *kitchenmonki) callback(f flow, parameters []string) string {
	var b strings.Builder
	b.WriteString(f.redirect)
	separator := m.separator(f.redirect)
	add := func(name, escaped string) {
		b.WriteString(separator + name + "=" + escaped)
		separator = "&"
	}
	for i := 0; i+1 < len(parameters); i += 2 {
		add(parameters[i], escaped(parameters[i+1]))
	}
	if state, there := m.stateOf(f); there {
		add("state", state)
	}
	return b.String()
}

func escaped(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// separator is what stands between a URI and a parameter added to its query.
func (m *kitchenmonki) separator(uri string) string {
	switch {
	case m.has(kmCodeInFragment):
		return "#"
	case !strings.Contains(uri, "?"):
		return "?"
	case strings.HasSuffix(uri, "?"), strings.HasSuffix(uri, "&"):
		return ""
	}
	return "&"
}
