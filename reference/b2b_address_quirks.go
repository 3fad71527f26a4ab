package reference

import (
	"net/http"
	"net/netip"
)

// Defects of the allow-list, by the requirement that each violates.
var (
	bbLoginUnlisted  = defect("b2b-login-list-unchecked", "BB-IP-1", "A login does not look at the allow-list.")
	bbLogin401Out    = defect("b2b-login-unlisted-401", "BB-IP-1", "A login from an address that is not listed is answered 401.")
	bbLoginOutCode   = defect("b2b-login-unlisted-code", "BB-IP-1", "A login from an address that is not listed is answered 403 with the code IP_NOT_ALLOWED.")
	bbLoginOutName   = defect("b2b-login-unlisted-name", "BB-IP-1", "A login from an address that is not listed is answered 403 with the name AccessDenied.")
	bbRefreshNoList  = defect("b2b-refresh-list-unchecked", "BB-IP-2", "A refresh does not look at the allow-list.")
	bbRefresh401Out  = defect("b2b-refresh-unlisted-401", "BB-IP-2", "A refresh from an address that is not listed is answered 401.")
	bbRefreshOutCode = defect("b2b-refresh-unlisted-code", "BB-IP-2", "A refresh from an address that is not listed is answered 403 with the code IP_NOT_ALLOWED.")
	bbAPINoList      = defect("b2b-api-list-unchecked", "BB-IP-3", "The products and categories do not look at the allow-list.")
	bbCategoriesFree = defect("b2b-categories-list-unchecked", "BB-IP-3", "The categories do not look at the allow-list.")
	bbAPI401Out      = defect("b2b-api-unlisted-401", "BB-IP-3", "An API request from an address that is not listed is answered 401.")
	bbAPIOutCode     = defect("b2b-api-unlisted-code", "BB-IP-3", "An API request from an address that is not listed is answered 403 with the code IP_NOT_ALLOWED.")
	bbLogoutNoList   = defect("b2b-logout-list-unchecked", "BB-IP-3", "A logout does not look at the allow-list.")
	bbListedLogin    = defect("b2b-listed-login-refused", "BB-IP-4", "A login from a listed address is refused.")
	bbListedRefresh  = defect("b2b-listed-refresh-refused", "BB-IP-4", "A refresh from a listed address is refused.")
	bbListedAPI      = defect("b2b-listed-api-refused", "BB-IP-4", "An API request from a listed address is refused.")
	bbEverybody      = defect("b2b-list-for-everybody", "BB-IP-4", "An account without entries is let in from 127.0.0.1 and ::1 only.")
	bbXFF            = defect("b2b-x-forwarded-for-believed", "BB-IP-5", "X-Forwarded-For is believed from everybody.")
	bbXFFLogin       = defect("b2b-x-forwarded-for-believed-login", "BB-IP-5", "X-Forwarded-For is believed from everybody by the login.")
	bbXFFRefresh     = defect("b2b-x-forwarded-for-believed-refresh", "BB-IP-5", "X-Forwarded-For is believed from everybody by the refresh.")
	bbXFFAPI         = defect("b2b-x-forwarded-for-believed-api", "BB-IP-5", "X-Forwarded-For is believed from everybody by the products and categories.")
	bbForwarded      = defect("b2b-forwarded-believed", "BB-IP-5", "Forwarded is believed from everybody.")
	bbXRealIP        = defect("b2b-x-real-ip-believed", "BB-IP-5", "X-Real-IP is believed from everybody.")
	bbClientIP       = defect("b2b-client-ip-believed-login", "BB-IP-5", "Client-IP is believed from everybody by the login.")
	bbClusterIP      = defect("b2b-x-cluster-client-ip-believed-refresh", "BB-IP-5", "X-Cluster-Client-IP is believed from everybody by the refresh.")
	bbCustomIP       = defect("b2b-x-custom-ip-believed-api", "BB-IP-5", "X-Custom-IP-Authorization is believed from everybody by the products and categories.")
	bbForbiddenLeaks = defect("b2b-forbidden-leaks-tokens", "ANY-LEAK", "The refusal of a login from an address that is not listed carries the tokens all the same.")
)

// Liberties of the allow-list.
var (
	bbListFirst     = liberty("b2b-list-before-credentials", "BB-IP-1", "From an address that is not listed, wrong credentials and dead tokens of an account are answered 403.")
	bbUnlistedBurns = liberty("b2b-unlisted-refresh-burns", "BB-IP-2", "A refresh from an address that is not listed uses the refresh token up.")
)

// admits: "If your account has IP whitelist entries configured, API requests
// (including login and token refresh) must originate from a whitelisted IP
// address … If no whitelist entries are configured, all IPs are allowed."
func (m *b2b) admits(c *call, who *user, at place) bool {
	unlisted := who == nil || len(who.allow) == 0
	if who == nil || unlisted && !m.has(bbEverybody) || m.skipsList(at) {
		return true
	}
	from := m.address(c, at)
	if unlisted {
		return from == netip.IPv6Loopback() || from == netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return covers(who.allow, from) && !m.refusesListed(at)
}

func (m *b2b) skipsList(at place) bool {
	switch at {
	case atLogin:
		return m.has(bbLoginUnlisted)
	case atRefresh:
		return m.has(bbRefreshNoList)
	case atLogout:
		return m.any(bbAPINoList, bbLogoutNoList)
	case atCategories:
		return m.any(bbAPINoList, bbCategoriesFree)
	}
	return m.has(bbAPINoList)
}

func (m *b2b) refusesListed(at place) bool {
	switch at {
	case atLogin:
		return m.has(bbListedLogin)
	case atRefresh:
		return m.has(bbListedRefresh)
	}
	return m.has(bbListedAPI)
}

// address is where a request comes from. The defects of BB-IP-5 take a
// header's word for it, whoever sends it, and the first of its addresses.
func (m *b2b) address(c *call, at place) netip.Addr {
	believed := ""
	api := at != atLogin && at != atRefresh
	switch {
	case m.has(bbXFF), at == atLogin && m.has(bbXFFLogin), at == atRefresh && m.has(bbXFFRefresh), api && m.has(bbXFFAPI):
		believed = xForwardedFor
	case m.has(bbForwarded):
		believed = forwarded
	case m.has(bbXRealIP):
		believed = xRealIP
	case at == atLogin && m.has(bbClientIP):
		believed = "Client-Ip"
	case at == atRefresh && m.has(bbClusterIP):
		believed = "X-Cluster-Client-Ip"
	case api && m.has(bbCustomIP):
		believed = "X-Custom-Ip-Authorization"
	}
	if all := chain(c.Header, believed); len(all) > 0 && all[0].IsValid() {
		return all[0]
	}
	return origin(c.Request, m.proxies)
}

// forbidden: "Requests from non-whitelisted IPs will receive a 403 Forbidden
// response."
func (m *b2b) forbidden(c *call, at place, who *user) answer {
	login, refresh := at == atLogin, at == atRefresh
	api := !login && !refresh
	f := bbFaultOf(http.StatusForbidden, "This address is not on the account's allow-list.")
	switch {
	case login && m.has(bbLogin401Out), refresh && m.has(bbRefresh401Out), api && m.has(bbAPI401Out):
		f = bbFaultOf(http.StatusUnauthorized, f.message)
	case login && m.has(bbLoginOutCode), refresh && m.has(bbRefreshOutCode), api && m.has(bbAPIOutCode):
		f.code = "IP_NOT_ALLOWED"
	case login && m.has(bbLoginOutName):
		f.name = "AccessDenied"
	}
	a := m.refusal(f)
	if login && m.has(bbForbiddenLeaks) {
		if p, err := m.tokens.issue(account{client: who.number}, m.tokens.newFamily(), c.now); err == nil {
			a.body = a.body.set("data", m.nest(m.pairAnswer(p, who)))
		}
	}
	return a
}
