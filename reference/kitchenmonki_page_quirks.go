package reference

import (
	"net/http"
	"net/url"
	"strings"
)

// Defects of the consent pages and of the API, by requirement.
var (
	kmNoCode         = defect("kitchenmonki-authorize-no-code", "KM-AUTHZ-1", "The redirect after the approval has no code.")
	kmCodeInFragment = defect("kitchenmonki-code-in-fragment", "KM-AUTHZ-1", "The code is in the fragment of the redirect.")
	kmNoConsent      = defect("kitchenmonki-authorize-without-consent", "KM-AUTHZ-1", "An authorization request is answered with a code at once, without any page.")

	kmStateDropped   = defect("kitchenmonki-state-dropped", "KM-AUTHZ-3", "The state does not come back.")
	kmStateTwice     = defect("kitchenmonki-state-decoded-twice", "KM-AUTHZ-3", "The state is percent-decoded once too often.")
	kmStateRaw       = defect("kitchenmonki-state-unescaped", "KM-AUTHZ-3", "The state comes back without escaping its reserved characters.")
	kmStatePlus      = defect("kitchenmonki-state-plus", "KM-AUTHZ-3", "A plus sign in the state comes back unescaped, and so as a space.")
	kmStateTruncated = defect("kitchenmonki-state-truncated", "KM-AUTHZ-3", "Only the first 16 characters of the state come back.")
	kmStateMixed     = defect("kitchenmonki-state-of-another-flow", "KM-AUTHZ-3", "The state of the previous flow comes back.")

	kmDenialGrants  = defect("kitchenmonki-denial-grants", "KM-AUTHZ-4", "A denial gets a code.")
	kmDenialBoth    = defect("kitchenmonki-denial-with-code", "KM-AUTHZ-4", "A denial gets the error and a code.")
	kmDenialNoError = defect("kitchenmonki-denial-without-error", "KM-AUTHZ-4", "A denial comes back without an error.")
	kmDenialWrong   = defect("kitchenmonki-denial-wrong-error", "KM-AUTHZ-4", "A denial comes back as server_error.")

	kmPopupItself = defect("kitchenmonki-popup-navigates-itself", "KM-POPUP-1", "With display=popup the popup itself is redirected.")
	kmPopupBoth   = defect("kitchenmonki-popup-navigates-both", "KM-POPUP-1", "With display=popup the opener is sent to the redirect URI with the code, and so is the popup.")
	kmPopupSilent = defect("kitchenmonki-popup-hands-over-nothing", "KM-POPUP-1", "With display=popup the popup closes and the opener gets nothing.")
	kmPopupOrigin = defect("kitchenmonki-popup-message-to-itself", "KM-POPUP-1", "With display=popup the code is in a message for the server's own origin, which no opener of a client gets.")

	kmUseRefused    = defect("kitchenmonki-use-refused", "KM-USE-1", "A live access token in the header is refused at the queue.")
	kmQueueNotJSON  = defect("kitchenmonki-queue-not-json", "KM-USE-1", "The queue is an HTML page.")
	kmQueryRefused  = defect("kitchenmonki-query-token-refused", "KM-USE-2", "A token in the query of a GET is not seen.")
	kmPostRefused   = defect("kitchenmonki-post-token-refused", "KM-USE-2", "A token in the form of a POST is not seen.")
	kmPutRefused    = defect("kitchenmonki-put-token-refused", "KM-USE-2", "A token in the form of a PUT is not seen.")
	kmQueryGarbage  = defect("kitchenmonki-query-garbage-accepted", "KM-USE-3", "Any token in the query is accepted.")
	kmNoToken       = defect("kitchenmonki-no-token-accepted", "KM-USE-3", "The queue answers without any token.")
	kmGarbage       = defect("kitchenmonki-garbage-accepted", "KM-USE-3", "The queue answers to any Bearer token that nobody issued.")
	kmRefreshAtUse  = defect("kitchenmonki-refresh-token-accepted", "KM-USE-3", "A refresh token is accepted as an access token.")
	kmUseBasic      = defect("kitchenmonki-basic-scheme-accepted", "KM-USE-3", "The access token is accepted under the scheme Basic.")
	kmUseBare       = defect("kitchenmonki-bare-token-accepted", "KM-USE-3", "The access token is accepted without a scheme.")
	kmUseSchemeOnly = defect("kitchenmonki-scheme-only-accepted", "KM-USE-3", "The queue answers to the scheme Bearer without a token.")
	kmAccessPrefix  = defect("kitchenmonki-access-prefix", "KM-USE-3", "Only the first 16 characters of an access token are compared.")
	kmGarbageCrash  = defect("kitchenmonki-crash-on-garbage-token", "ANY-5XX", "A Bearer token that nobody issued is answered 500.")
	kmLeaksToken    = defect("kitchenmonki-leaks-token", "ANY-LEAK", "The refusal of a Bearer token at the queue shows the newest live one.")
)

// Liberties of the consent pages and of the API.
var (
	kmOnePage         = liberty("kitchenmonki-one-page", "KM-AUTHZ-1", "Signing in and approving are one form.")
	kmThreeSteps      = liberty("kitchenmonki-three-steps", "KM-AUTHZ-1", "User name, password and approval are three pages.")
	kmFieldNames      = liberty("kitchenmonki-field-names", "KM-AUTHZ-1", "The sign-in fields have other names.")
	kmInputs          = liberty("kitchenmonki-inputs", "KM-AUTHZ-1", "The choice is two input elements, Allow access and Cancel.")
	kmTwoForms        = liberty("kitchenmonki-two-forms", "KM-AUTHZ-1", "Approving and denying are forms of their own.")
	kmRemembers       = liberty("kitchenmonki-remembers-consent", "KM-AUTHZ-1", "A user who is signed in and has approved a client before is redirected at once.")
	kmRedirect302     = liberty("kitchenmonki-redirect-302", "KM-AUTHZ-1", "The redirect has status 302.")
	kmPopupMessage    = liberty("kitchenmonki-popup-message", "KM-POPUP-1", "With display=popup the opener gets the code in a message, as an object.")
	kmPopupMessageURL = liberty("kitchenmonki-popup-message-url", "KM-POPUP-1", "With display=popup the opener gets the whole callback in a message, for any origin.")
	kmPopupStays      = liberty("kitchenmonki-popup-stays-open", "KM-POPUP-1", "With display=popup the popup stays open after it has sent the opener to the redirect URI.")
	kmHeaderWins      = liberty("kitchenmonki-header-wins", "KM-USE-2", "With tokens in several places the header's is used.")
	kmWrites404       = liberty("kitchenmonki-queue-writes-404", "KM-USE-2", "POST and PUT of the queue are answered 404.")
	kmWrites405       = liberty("kitchenmonki-queue-writes-405", "KM-USE-2", "POST and PUT of the queue are answered 405.")
	kmBodyFirst       = liberty("kitchenmonki-body-first", "KM-USE-3", "A POST or PUT of the queue with a body that is no form is answered 422, whatever its token.")
)

func (m *kitchenmonki) consentShape() consentShape {
	s := consentShape{OnePage: m.has(kmOnePage), ThreeSteps: m.has(kmThreeSteps), Inputs: m.has(kmInputs),
		TwoForms: m.has(kmTwoForms), Username: "username", Password: "password"}
	if m.has(kmFieldNames) {
		s.Username, s.Password = "account[email]", "account[passphrase]"
	}
	return s
}

func (m *kitchenmonki) popupShape(callback string) popupShape {
	s := popupShape{Silent: m.has(kmPopupSilent), Itself: m.has(kmPopupBoth), Stays: m.has(kmPopupStays)}
	to, err := url.Parse(callback)
	if err != nil {
		return s
	}
	said := map[string]string{}
	for name := range to.Query() {
		said[name] = to.Query().Get(name)
	}
	switch {
	case m.has(kmPopupMessage):
		s.Message, s.Origin = said, to.Scheme+"://"+to.Host
	case m.has(kmPopupMessageURL):
		s.Message, s.Origin = callback, "*"
	case m.has(kmPopupOrigin):
		s.Message, s.Origin = said, "/"
	}
	return s
}

// untrusted is where the defects of KM-AUTHZ-2 send an error that must stay.
func (m *kitchenmonki) untrusted(f flow) (a answer, instead bool) {
	u, err := url.Parse(f.redirect)
	if err != nil || !u.IsAbs() {
		return answer{}, false
	}
	switch {
	case f.client == nil && m.has(kmRedirectUnknownUser):
		return m.deliver(f, "error", "unauthorized_client"), true
	case f.client != nil && m.has(kmRedirectError):
		return m.deliver(f, "error", "invalid_request"), true
	}
	return answer{}, false
}

// stateOf is the state to send back, escaped, if there is one.
func (m *kitchenmonki) stateOf(f flow) (string, bool) {
	state := f.state
	switch {
	case state == "" || m.has(kmStateDropped):
		return "", false
	case m.has(kmStateTwice):
		if decoded, err := url.QueryUnescape(state); err == nil {
			state = decoded
		}
	case m.has(kmStateRaw):
		return state, true
	case m.has(kmStatePlus):
		return strings.ReplaceAll(escaped(state), "%2B", "+"), true
	case m.has(kmStateTruncated):
		state = state[:min(16, len(state))]
	case m.has(kmStateMixed):
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.lastState != "" {
			state = m.lastState
		}
		m.lastState = f.state
	}
	return escaped(state), true
}

func (m *kitchenmonki) approvalQuirks(parameters ...string) []string {
	if m.has(kmNoCode) {
		return nil
	}
	return parameters
}

func (m *kitchenmonki) denialQuirks(parameters ...string) []string {
	switch {
	case m.has(kmDenialBoth):
		return append(parameters, "code", m.tokens.mint())
	case m.has(kmDenialNoError):
		return nil
	case m.has(kmDenialWrong):
		return []string{"error", "server_error"}
	}
	return parameters
}

// anyUser is whom the defects act for that nobody signed in for.
func (m *kitchenmonki) anyUser() *user {
	for _, u := range m.seeded.Users {
		if u.Dialect == m.dialect {
			return m.accounts.user(m.dialect, u.Username)
		}
	}
	return &user{}
}

func (m *kitchenmonki) remember(f flow, who *user) {
	if m.has(kmRemembers) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.remembered[account{f.client.number, int64(who.ActsAs)}] = true
	}
}

func (m *kitchenmonki) isRemembered(f flow, who *user) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !f.untrue && m.remembered[account{f.client.number, int64(who.ActsAs)}]
}

// queueReadsOnly refuses POST and PUT where a liberty does.
func (m *kitchenmonki) queueReadsOnly() *answer {
	switch {
	case m.has(kmWrites404):
		a := refused(http.StatusNotFound, "not_found", "There is nothing here for this method.")
		return &a
	case m.has(kmWrites405):
		a := refused(http.StatusMethodNotAllowed, "method_not_allowed", "The queue is read only.")
		a.allow = "GET, HEAD, OPTIONS"
		return &a
	}
	return nil
}

// sparesPlace: the defects of KM-USE-2 do not look where a token may be.
func (m *kitchenmonki) sparesPlace(method string) bool {
	return method == http.MethodGet && m.has(kmQueryRefused) ||
		method == http.MethodPost && m.has(kmPostRefused) ||
		method == http.MethodPut && m.has(kmPutRefused)
}

// queueQuirks is what defects let in, or keep out, at the queue.
func (m *kitchenmonki) queueQuirks(c *call, token string, how carried, live bool, user *int64) bool {
	unknown := func() bool {
		_, known := m.tokens.tokens.get(keyOf(token))
		return !known
	}
	inHeader := c.Header["Authorization"] != nil
	switch {
	case m.has(kmUseRefused):
		return live && !inHeader
	case m.has(kmNoToken) && how == carriesNone,
		m.has(kmUseSchemeOnly) && strings.EqualFold(c.Header.Get("Authorization"), "Bearer"),
		m.has(kmGarbage) && how == carriesToken && unknown() && inHeader,
		m.has(kmQueryGarbage) && how != carriesNone && unknown() && !inHeader:
		*user = int64(m.anyUser().ActsAs)
		return true
	case m.has(kmRefreshAtUse) && how == carriesToken && !live:
		e, found := m.tokens.find(refreshToken, token, c.now)
		*user = e.value.user
		return found
	case m.any(kmUseBasic, kmUseBare) && how == carriesOther:
		g, found := m.tokens.use(m.unschemedToken(c.Header), c.now)
		*user = g.user
		return found
	case m.has(kmGarbageCrash) && how == carriesToken && unknown():
		crash("the token is unknown")
	}
	return live
}

// unschemedToken is the token that a defect sees in a header that does not
// have the scheme Bearer.
func (m *kitchenmonki) unschemedToken(h http.Header) string {
	scheme, token, found := strings.Cut(h.Get("Authorization"), " ")
	switch {
	case m.has(kmUseBasic) && strings.EqualFold(scheme, "Basic"):
		return token
	case m.has(kmUseBare) && !found:
		return scheme
	}
	return ""
}

func (m *kitchenmonki) unauthorizedQuirks(a answer, how carried) answer {
	if how == carriesToken && m.has(kmLeaksToken) {
		a.body = a.body.set("session", text(m.tokens.newestPair().access))
	}
	return a
}
