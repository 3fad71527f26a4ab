package kitchenmonki

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"gonogo/reference/kit"
)

// flow is one authorization request on its way to a decision. It stays on the
// server: what the browser sends back is only its id, so that neither the
// redirect URI nor the state can be changed on the way.
type flow struct {
	client   *kit.KnownClient
	redirect string
	state    string
	popup    bool
	owner    kit.Key // the browser that started it
	begun    time.Time
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
func (m *monki) authorize(c *kit.Call) kit.Answer {
	m.asking(c)
	in, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil || len(in["client_id"]) > 1 || len(in["redirect_uri"]) > 1 {
		return m.errorPage(http.StatusBadRequest, "The link that brought you here is malformed.")
	}
	c.Query = in
	f := m.flowOf(c)
	if c.Client = f.client; f.client == nil || f.redirect == "" || !m.trusted(f.client.RedirectURI, f.redirect) {
		return m.untrustedPage()
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
	return m.begin(c, f).As(asked)
}

// flowOf is what an authorization request asks for.
func (m *monki) flowOf(c *kit.Call) flow {
	f := flow{client: m.Accounts.Client(id, c.Query.Get("client_id")), redirect: c.Query.Get("redirect_uri"), popup: c.Query.Get("display") == "popup"}
	if len(c.Query["state"]) == 1 {
		f.state = c.Query.Get("state")
	}
	if f.client != nil && f.redirect != "" {
		f.redirect = m.redirectTo(f.client, f.redirect)
	}
	return f
}

func (m *monki) untrustedPage() kit.Answer {
	return m.errorPage(http.StatusBadRequest, "The application that sent you here is not known, or asked to send you on to an address that is not its own.").As(untrusted)
}

// begin remembers the request and shows the first page.
func (m *monki) begin(c *kit.Call, f flow) kit.Answer {
	browserID, b, cookie := m.browserOf(c)
	if browserID == "" {
		return m.errorPage(http.StatusServiceUnavailable, "Too many pages are open; try again later.")
	}
	f.owner, f.begun = kit.KeyOf(browserID), c.Now
	v := visit{browser: b, flow: f, flowID: kit.RandomToken()}
	if m.flows.Enter(kit.KeyOf(v.flowID), f, c.Now, c.Now.Add(m.flowLife)) != nil {
		return m.errorPage(http.StatusServiceUnavailable, "Too many pages are open; try again later.")
	}
	a := m.nextPage(c, v, "")
	a.Cookie = cookie
	return a
}

// nextPage is the page that a flow is at: sign-in first, then the question.
func (m *monki) nextPage(c *kit.Call, at visit, complaint string) kit.Answer {
	c.Client = at.client
	v := view{Flow: at.flowID, CSRF: at.csrf, Client: at.client.ID, Complaint: complaint, Shape: m.shape, Carried: m.carried(at.flow)}
	if at.user == nil {
		return m.page(http.StatusOK, m.shape.First, v)
	}
	if m.remembered(at.client, at.user) {
		if _, mine := m.flows.Take(kit.KeyOf(at.flowID)); !mine {
			return m.expiredPage()
		}
		c.User = at.user
		return m.approve(at.flow, at.user, c.Now)
	}
	v.User = at.user.Username
	return m.page(http.StatusOK, "consent", v).As(shownConsent)
}

// consent: GET /authorize/consent?flow=… shows a flow's page again, after
// sign-in or when the user reloads it.
func (m *monki) consent(c *kit.Call) kit.Answer {
	at, refusal := m.resume(c, c.URL.Query().Get("flow"))
	if refusal != nil {
		return *refusal
	}
	return m.nextPage(c, at, "")
}

// signIn: POST /authorize/sign-in. A user name alone leads to the page again.
func (m *monki) signIn(c *kit.Call) kit.Answer {
	at, refusal := m.submitted(c)
	if refusal != nil {
		return *refusal
	}
	if !at.form.Has(m.shape.Password) {
		return m.page(http.StatusOK, "sign-in", view{Flow: at.flowID, CSRF: at.csrf, Shape: m.shape, Username: at.form.Get(m.shape.Username), Carried: m.carried(at.flow)})
	}
	who := m.signedIn(at.form)
	if who == nil {
		return m.wrongPassword(c, at)
	}
	// A new session, so that nobody can have planted the one that is now
	// signed in; the flow moves over to it.
	browserID, cookie := m.newBrowser(c.Now, who)
	e, mine := m.flows.Take(kit.KeyOf(at.flowID))
	if browserID == "" || !mine {
		return m.expiredPage()
	}
	at.owner = kit.KeyOf(browserID)
	if m.flows.Put(kit.KeyOf(at.flowID), at.flow, e.Expires) != nil {
		return m.expiredPage()
	}
	return kit.Answer{Status: http.StatusSeeOther, Location: consentPath + "?flow=" + at.flowID, Cookie: cookie}
}

func (m *monki) wrongPassword(c *kit.Call, at visit) kit.Answer {
	a := m.nextPage(c, at, "That user name or password is wrong.")
	a.Status = http.StatusForbidden
	return a
}

// decide: POST /authorize/decision.
func (m *monki) decide(c *kit.Call) kit.Answer {
	at, refusal := m.submitted(c)
	if refusal != nil {
		return *refusal
	}
	approved, denied := decision(at.form)
	switch {
	case !approved && !denied:
		return m.errorPage(http.StatusBadRequest, "Neither approved nor denied; go back and choose.")
	case at.user == nil:
		return m.undecided(c, at)
	}
	return m.decided(c, at)
}

// signInFirst refuses the decision of nobody.
func (m *monki) signInFirst(*kit.Call, visit) kit.Answer {
	return m.errorPage(http.StatusForbidden, "Sign in first.")
}

// decided ends a flow as its user wants. The flow is taken, so that one page
// leads to one code however often its button is pressed.
func (m *monki) decided(c *kit.Call, at visit) kit.Answer {
	if _, mine := m.flows.Take(kit.KeyOf(at.flowID)); !mine {
		return m.expiredPage()
	}
	c.Client, c.User = at.client, at.user
	if approved, _ := decision(at.form); approved {
		return m.approve(at.flow, at.user, c.Now)
	}
	return m.denied(at.flow, at.user, c.Now)
}

func (m *monki) deliverDenial(f flow, _ *kit.KnownUser, _ time.Time) kit.Answer {
	return m.deliver(f, m.denial()...)
}

// approve mints the code: "After the user grants access on that page, it will
// redirect the user back to your redirect uri".
func (m *monki) approve(f flow, who *kit.KnownUser, now time.Time) kit.Answer {
	code := m.Mint()
	g := codeGrant{f.client.Number, int64(who.ActsAs), m.Tokens.NewFamily(), f.redirect}
	if m.codes.Enter(kit.KeyOf(code), g, now, m.codeFrom(f, now).Add(m.codeLife)) != nil {
		return m.errorPage(http.StatusServiceUnavailable, "Too many codes are outstanding; try again later.")
	}
	m.minted(f.client, who, kit.KeyOf(code))
	return m.approved(f, code).As(approved)
}

func (m *monki) deliverCode(f flow, code string) kit.Answer { return m.deliver(f, "code", code) }

// deliver sends the browser back to the client with the given parameters.
func (m *monki) deliver(f flow, parameters ...string) kit.Answer {
	return m.handOver(f, m.callback(f, parameters))
}

// back: this window, or with display=popup "the parent opener window instead
// of the current window".
func (m *monki) back(f flow, callback string) kit.Answer {
	if f.popup {
		return m.popupPage(callback)
	}
	return m.redirect(f, callback)
}

// redirect: 303, so that no browser sends the form on to the client (RFC 9700 4.12).
func (m *monki) redirect(_ flow, callback string) kit.Answer {
	return kit.Answer{Status: m.status, Location: callback}
}

// callback adds parameters to the redirect URI, whose own query stays
// (RFC 6749 3.1.2). The state is echoed exactly; a space is %20, which both
// form and percent decoding read as a space.
func (m *monki) callback(f flow, parameters []string) string {
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
	if state, there := m.state(f); there {
		add("state", state)
	}
	return b.String()
}

func escaped(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// querySeparator is what stands between a URI and a parameter added to its query.
func querySeparator(uri string) string {
	switch {
	case !strings.Contains(uri, "?"):
		return "?"
	case strings.HasSuffix(uri, "?"), strings.HasSuffix(uri, "&"):
		return ""
	}
	return "&"
}
