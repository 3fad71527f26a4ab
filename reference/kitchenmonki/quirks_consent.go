package kitchenmonki

import (
	"gonogo/reference/kit"
	"net/http"
	"net/url"
	"strings"
)

// Quirks of the consent pages, and of what they send the user back with.
var consentQuirks = []kit.Declared[*monki]{
	defect("kitchenmonki-page-shows-secret", "ANY-LEAK", "The consent page has the secret of a client in a comment.", on(shownConsent, commentsSecret)),
	defect("kitchenmonki-redirect-carries-token", "ANY-LEAK", "The redirect after the approval has an access token beside the code.", redirectsToken),
	liberty("kitchenmonki-redirect-says-more", "KM-AUTHZ-1", "The redirect after the approval says beside the code who issued it, and names the session.", func(m *monki) {
		m.approved = func(f flow, code string) kit.Answer {
			return m.deliver(f, "code", code, "iss", "https://accounts.example.com", "session_state", kit.RandomToken())
		}
	}),
	defect("kitchenmonki-authorize-no-code", "KM-AUTHZ-1", "The redirect after the approval has no code.", func(m *monki) { m.approved = func(f flow, _ string) kit.Answer { return m.deliver(f) } }),
	defect("kitchenmonki-code-in-fragment", "KM-AUTHZ-1", "The code is in the fragment of the redirect.", func(m *monki) { m.separator = func(string) string { return "#" } }),
	defect("kitchenmonki-authorize-without-consent", "KM-AUTHZ-1", "An authorization request is answered with a code at once, without any page.", instead(asked, (*monki).approveAtOnce)),
	defect("kitchenmonki-state-dropped", "KM-AUTHZ-3", "The state does not come back.", states(func(flow) (string, bool) { return "", false })),
	defect("kitchenmonki-state-trimmed", "KM-AUTHZ-3", "The state comes back without the blanks at its ends.", states(func(f flow) (string, bool) { return escaped(strings.TrimSpace(f.state)), true })),
	defect("kitchenmonki-state-decoded-twice", "KM-AUTHZ-3", "The state is percent-decoded once too often.", states(func(f flow) (string, bool) {
		state, err := url.QueryUnescape(f.state)
		if err != nil {
			state = f.state
		}
		return escaped(state), true
	})),
	defect("kitchenmonki-state-unescaped", "KM-AUTHZ-3", "The state comes back without escaping its reserved characters.", states(func(f flow) (string, bool) { return f.state, true })),
	defect("kitchenmonki-state-plus", "KM-AUTHZ-3", "A plus sign in the state comes back unescaped, and so as a space.", states(func(f flow) (string, bool) { return strings.ReplaceAll(escaped(f.state), "%2B", "+"), true })),
	defect("kitchenmonki-state-percent-unescaped", "KM-AUTHZ-3", "A percent sign in the state comes back unescaped.", states(func(f flow) (string, bool) { return strings.ReplaceAll(escaped(f.state), "%25", "%"), true })),
	defect("kitchenmonki-state-markup-refused", "KM-AUTHZ-3", "A request for consent whose state has an angle bracket in it brings an error page.", on(asked, func(*kit.Call, kit.Answer) kit.Answer {
		return kit.Answer{Status: http.StatusForbidden, Page: []byte("<p>Request blocked.</p>")}
	}, func(c *kit.Call) bool { return strings.Contains(c.Query.Get("state"), "<") })),
	defect("kitchenmonki-state-truncated", "KM-AUTHZ-3", "Only the first 16 characters of the state come back.", states(func(f flow) (string, bool) { return escaped(f.state[:min(16, len(f.state))]), true })),
	defect("kitchenmonki-state-of-another-flow", "KM-AUTHZ-3", "The state of the previous flow comes back.", stateOfAnother),
	defect("kitchenmonki-denial-grants", "KM-AUTHZ-4", "A denial gets a code.", grantsDenial),
	defect("kitchenmonki-denial-with-code", "KM-AUTHZ-4", "A denial gets the error and a code.", denies(func(m *monki) []string { return []string{"error", "access_denied", "code", m.Mint()} })),
	defect("kitchenmonki-denial-without-error", "KM-AUTHZ-4", "A denial comes back without an error.", denies(func(*monki) []string { return nil })),
	defect("kitchenmonki-denial-wrong-error", "KM-AUTHZ-4", "A denial comes back as server_error.", denies(func(*monki) []string { return []string{"error", "server_error"} })),
	liberty("kitchenmonki-one-page", "KM-AUTHZ-1", "Signing in and approving are one form.", onePage),
	liberty("kitchenmonki-three-steps", "KM-AUTHZ-1", "User name, password and approval are three pages.", func(m *monki) { m.shape.ThreeSteps = true }),
	liberty("kitchenmonki-field-names", "KM-AUTHZ-1", "The sign-in fields have other names.", func(m *monki) { m.shape.Username, m.shape.Password = "account[email]", "account[passphrase]" }),
	liberty("kitchenmonki-inputs", "KM-AUTHZ-1", "The choice is two input elements, Allow access and Cancel.", func(m *monki) { m.shape.Inputs = true }),
	liberty("kitchenmonki-two-forms", "KM-AUTHZ-1", "Approving and denying are forms of their own.", func(m *monki) { m.shape.TwoForms = true }),
	liberty("kitchenmonki-remembers-consent", "KM-AUTHZ-1", "A user who has approved a client before is redirected as soon as it is known who it is, and not asked again.", remembers),
	liberty("kitchenmonki-one-open-code", "KM-CODE-1", "A user of a client has one code: a new one ends the older that nobody has used.", keepsOneCode(func(p pairing) pairing { return p })),
	liberty("kitchenmonki-one-open-code-anywhere", "KM-CODE-1", "A user has one code, whichever client it is for: a new one ends the older that nobody has used.", keepsOneCode(func(p pairing) pairing { return pairing{user: p.user} })),
	liberty("kitchenmonki-redirect-302", "KM-AUTHZ-1", "The redirect has status 302.", func(m *monki) { m.status = http.StatusFound }),
	defect("kitchenmonki-popup-navigates-itself", "KM-POPUP-1", "With display=popup the popup itself is redirected.", func(m *monki) { m.handOver = m.redirect }),
	defect("kitchenmonki-popup-navigates-both", "KM-POPUP-1", "With display=popup the opener is sent to the redirect URI with the code, and so is the popup.", popups(func(*url.URL) popupShape { return popupShape{Itself: true} })),
	defect("kitchenmonki-popup-hands-over-nothing", "KM-POPUP-1", "With display=popup the popup closes and the opener gets nothing.", popups(func(*url.URL) popupShape { return popupShape{Silent: true} })),
	liberty("kitchenmonki-popup-stays-open", "KM-POPUP-1", "With display=popup the popup stays open after it has sent the opener to the redirect URI.", popups(func(*url.URL) popupShape { return popupShape{Stays: true} })),
	defect("kitchenmonki-popup-message-to-itself", "KM-POPUP-1", "With display=popup the code is in a message for the server's own origin, which no opener of a client gets.", popups(func(to *url.URL) popupShape { return popupShape{Message: parametersOf(to), Origin: "/"} })),
	liberty("kitchenmonki-popup-message", "KM-POPUP-1", "With display=popup the opener gets the code in a message, as an object.", popups(func(to *url.URL) popupShape {
		return popupShape{Message: parametersOf(to), Origin: to.Scheme + "://" + to.Host}
	})),
	liberty("kitchenmonki-popup-message-url", "KM-POPUP-1", "With display=popup the opener gets the whole callback in a message, for any origin.", func(m *monki) {
		m.popup = func(callback string) popupShape { return popupShape{Message: callback, Origin: "*"} }
	}),
}

// Quirks in which redirect URIs are trusted, and in what becomes of others.
var redirectQuirks = append(kit.Redirects("kitchenmonki", "KM-AUTHZ-2", func(m *monki) *kit.Trusting { return &m.trusted }),
	defect("kitchenmonki-redirect-registered-refused", "KM-AUTHZ-2", "The registered redirect URI is taken for an unregistered one.", func(m *monki) { m.trusted = func(string, string) bool { return false } }),
	defect("kitchenmonki-redirect-host-prefix", "KM-AUTHZ-2", "Any host that begins with the registered one is taken.", trusts(func(want, have kit.RedirectURI) bool {
		return want.SameButHost(have) && strings.HasPrefix(have.Host, want.Host)
	})),
	defect("kitchenmonki-redirect-error-to-unregistered", "KM-AUTHZ-2", "The error of an unregistered redirect URI is sent to that URI at once.", sendsError("invalid_request", kit.KnownID)),
	defect("kitchenmonki-redirect-unknown-client", "KM-AUTHZ-2", "The error of an unknown client is sent to the redirect URI that came with it.", sendsError("unauthorized_client", kit.Not(kit.KnownID))),
	defect("kitchenmonki-redirect-slash", "KM-AUTHZ-2", "A slash at the end of the redirect URI makes no difference.", trusts(func(want, have kit.RedirectURI) bool {
		return strings.TrimSuffix(have.Text, "/") == strings.TrimSuffix(want.Text, "/")
	})),
	defect("kitchenmonki-redirect-fragment", "KM-AUTHZ-2", "A redirect URI may have a fragment.", trusts(func(want, have kit.RedirectURI) bool {
		bare, _, _ := strings.Cut(have.Text, "#")
		return bare == want.Text
	})),
	defect("kitchenmonki-redirect-any-query", "KM-PRACTICE-2", "The query of a redirect URI is not compared.", trusts(func(want, have kit.RedirectURI) bool {
		return kit.WithoutQuery(have.Text) == kit.WithoutQuery(want.Text) && have.Fragment == ""
	})),
	defect("kitchenmonki-redirect-query-dropped", "KM-PRACTICE-2", "Users are sent back without the query of the registered redirect URI.", dropsQuery),
	defect("kitchenmonki-redirect-before-at", "KM-AUTHZ-2", "The registered host, with a port, is seen in whatever begins like it.", reads(func(want, redirect string) bool {
		host, _, _ := strings.Cut(strings.TrimPrefix(want, "https://"), "/")
		return strings.HasPrefix(redirect, "https://"+host+":")
	})),
	defect("kitchenmonki-redirect-after-at", "KM-AUTHZ-2", "The host of a redirect URI is what stands behind the last @ in it, and alone compared.", reads(func(want, redirect string) bool {
		_, host, found := strings.Cut(redirect, `\@`)
		return found && "https://"+host == want
	})),
	defect("kitchenmonki-redirect-backslashes", "KM-AUTHZ-2", "A redirect URI with backslashes is taken for one without a host.", reads(func(_, redirect string) bool { return strings.HasPrefix(redirect, `https:\\`) })),
	defect("kitchenmonki-redirect-without-host", "KM-AUTHZ-2", "A redirect URI of http or https is taken that has no host.", trusts(func(_, have kit.RedirectURI) bool {
		return have.Host == "" && (have.Scheme == "http" || have.Scheme == "https")
	})),
	defect("kitchenmonki-redirect-scheme-relative", "KM-AUTHZ-2", "A redirect URI that begins with a slash is taken.", reads(func(_, redirect string) bool { return strings.HasPrefix(redirect, "/") })),
	defect("kitchenmonki-redirect-foreign-scheme", "KM-AUTHZ-2", "Any redirect URI of another scheme than http and https is taken, as that of an app.", trusts(func(_, have kit.RedirectURI) bool { return have.Scheme != "http" && have.Scheme != "https" })),
	defect("kitchenmonki-redirect-goes-up", "KM-AUTHZ-2", "A redirect URI is taken that goes up again from the registered one.", reads(func(want, redirect string) bool { return strings.HasPrefix(redirect, want+"/..") })),
	liberty("kitchenmonki-redirect-normalized", "KM-AUTHZ-2", "Dot segments, the port of the scheme and the case of the host make no difference to a redirect URI.", trusts(func(want, have kit.RedirectURI) bool { return have.User == nil && normal(have.URL) == normal(want.URL) })),
	liberty("kitchenmonki-redirect-extra-query", "KM-AUTHZ-2", "A redirect URI may carry a query that is not registered.", trusts(func(want, have kit.RedirectURI) bool {
		return want.RawQuery == "" && strings.HasPrefix(have.Text, want.Text+"?") && !strings.Contains(have.Text, "#")
	})),
	liberty("kitchenmonki-redirect-to-registered", "KM-AUTHZ-2", "Who asks a known client's users to be sent elsewhere has them sent to the registered redirect URI.", func(m *monki) { m.redirectTo = func(who *kit.KnownClient, _ string) string { return who.RedirectURI } }),
	liberty("kitchenmonki-error-page-200", "KM-AUTHZ-2", "The error page for an unregistered redirect URI has status 200.", on(untrusted, kit.Status(http.StatusOK))),
	liberty("kitchenmonki-error-after-sign-in", "KM-AUTHZ-2", "The error page for an unregistered redirect URI or unknown client comes after signing in.", errsAfterSignIn),
)
