package reference

import (
	"net/url"
	"strings"
)

// Defects in how redirect URIs are compared, by requirement: at the consent page, and at the exchange of a code.
var (
	kmRedirectRefused     = defect("kitchenmonki-redirect-registered-refused", "KM-AUTHZ-2", "The registered redirect URI is taken for an unregistered one.")
	kmRedirectPrefix      = defect("kitchenmonki-redirect-prefix", "KM-AUTHZ-2", "Any redirect URI that begins with the registered one is taken.")
	kmRedirectHostSuffix  = defect("kitchenmonki-redirect-host-suffix", "KM-AUTHZ-2", "Any host that ends like the registered domain is taken.")
	kmRedirectHostPrefix  = defect("kitchenmonki-redirect-host-prefix", "KM-AUTHZ-2", "Any host that begins with the registered one is taken.")
	kmRedirectAnyPath     = defect("kitchenmonki-redirect-any-path", "KM-AUTHZ-2", "Any path on the registered host is taken.")
	kmRedirectAnyScheme   = defect("kitchenmonki-redirect-any-scheme", "KM-AUTHZ-2", "The registered URI is taken under any scheme.")
	kmRedirectUnchecked   = defect("kitchenmonki-redirect-unchecked", "KM-AUTHZ-2", "Any redirect URI is taken for a known client, and gets the code after the approval.")
	kmRedirectError       = defect("kitchenmonki-redirect-error-to-unregistered", "KM-AUTHZ-2", "The error of an unregistered redirect URI is sent to that URI at once.")
	kmRedirectUnknownUser = defect("kitchenmonki-redirect-unknown-client", "KM-AUTHZ-2", "The error of an unknown client is sent to the redirect URI that came with it.")
	kmRedirectOthers      = defect("kitchenmonki-redirect-of-another-client", "KM-AUTHZ-2", "A redirect URI that any client registered is taken.")
	kmRedirectAnyPort     = defect("kitchenmonki-redirect-any-port", "KM-AUTHZ-2", "Any port of the registered host is taken.")
	kmRedirectSlash       = defect("kitchenmonki-redirect-slash", "KM-AUTHZ-2", "A slash at the end of the redirect URI makes no difference.")
	kmRedirectAnyCase     = defect("kitchenmonki-redirect-any-case", "KM-AUTHZ-2", "Redirect URIs are compared without regard to case.")
	kmRedirectFragment    = defect("kitchenmonki-redirect-fragment", "KM-AUTHZ-2", "A redirect URI may have a fragment.")
	kmRedirectAnyQuery    = defect("kitchenmonki-redirect-any-query", "KM-PRACTICE-2", "The query of a redirect URI is not compared.")

	kmCodeRedirectStart = defect("kitchenmonki-code-redirect-longer", "KM-CODE-4", "A code works with a redirect_uri that begins with its own.")
	kmCodeRedirectShort = defect("kitchenmonki-code-redirect-shorter", "KM-CODE-4", "A code works with the beginning of its redirect_uri.")
	kmCodeRedirectCase  = defect("kitchenmonki-code-redirect-any-case", "KM-CODE-4", "A code works with its redirect_uri in any case.")
	kmCodeRedirectQuery = defect("kitchenmonki-code-redirect-any-query", "KM-CODE-4", "A code works with any query in its redirect_uri.")
)

// Liberties in what becomes of a redirect URI that is not the client's.
var (
	kmErrorPage200     = liberty("kitchenmonki-error-page-200", "KM-AUTHZ-2", "The error page for an unregistered redirect URI has status 200.")
	kmErrorAfterSignIn = liberty("kitchenmonki-error-after-sign-in", "KM-AUTHZ-2", "The error page for an unregistered redirect URI or unknown client comes after signing in.")
	kmExtraQuery       = liberty("kitchenmonki-redirect-extra-query", "KM-AUTHZ-2", "A redirect URI may carry a query that is not registered.")
	kmToRegistered     = liberty("kitchenmonki-redirect-to-registered", "KM-AUTHZ-2", "Who asks a known client's users to be sent elsewhere has them sent to the registered redirect URI.")
)

// trustsToo is how the defects of KM-AUTHZ-2 compare redirect URIs.
func (m *kitchenmonki) trustsToo(registered, redirect string) bool {
	have, err := url.Parse(redirect)
	if err != nil || !have.IsAbs() {
		return false
	}
	want, err := url.Parse(registered)
	if err != nil {
		return false
	}
	sameButHost := have.Scheme == want.Scheme && have.Path == want.Path && have.RawQuery == want.RawQuery
	switch {
	case m.has(kmRedirectUnchecked):
		return true
	case m.has(kmRedirectPrefix):
		return strings.HasPrefix(redirect, registered)
	case m.has(kmRedirectHostSuffix):
		labels := strings.Split(want.Host, ".")
		return sameButHost && strings.HasSuffix(have.Host, strings.Join(labels[max(0, len(labels)-2):], "."))
	case m.has(kmRedirectHostPrefix):
		return sameButHost && strings.HasPrefix(have.Host, want.Host)
	case m.has(kmRedirectAnyPath):
		return have.Scheme == want.Scheme && have.Host == want.Host
	case m.has(kmRedirectOthers):
		return m.isRegistered(redirect)
	case m.has(kmRedirectAnyPort):
		have.Host = have.Hostname()
		return have.String() == registered
	case m.has(kmRedirectSlash):
		return strings.TrimSuffix(redirect, "/") == strings.TrimSuffix(registered, "/")
	case m.has(kmRedirectAnyCase):
		return strings.EqualFold(redirect, registered)
	case m.has(kmRedirectFragment):
		bare, _, _ := strings.Cut(redirect, "#")
		return bare == registered
	case m.has(kmRedirectAnyQuery):
		bare, _, _ := strings.Cut(redirect, "?")
		own, _, _ := strings.Cut(registered, "?")
		return bare == own && have.Fragment == ""
	case m.has(kmRedirectAnyScheme):
		return strings.TrimPrefix(redirect, have.Scheme) == strings.TrimPrefix(registered, want.Scheme)
	case m.has(kmExtraQuery):
		return want.RawQuery == "" && strings.HasPrefix(redirect, registered+"?") && !strings.Contains(redirect, "#")
	}
	return false
}

// isRegistered: some client has this redirect URI.
func (m *kitchenmonki) isRegistered(redirect string) bool {
	for at, c := range m.accounts.now.Load().clients {
		if at.dialect == m.dialect && c.RedirectURI == redirect {
			return true
		}
	}
	return false
}

// sparesRedirect: the defects of KM-CODE-4 compare the redirect URI with that of
// the authorization carelessly, or not at all.
func (m *kitchenmonki) sparesRedirect(authorized, redirect string) bool {
	switch {
	case redirect == "":
		return m.has(kmCodeNoRedirect)
	case m.has(kmCodeRedirectStart):
		return strings.HasPrefix(redirect, authorized)
	case m.has(kmCodeRedirectShort):
		return strings.HasPrefix(authorized, redirect)
	case m.has(kmCodeRedirectCase):
		return strings.EqualFold(redirect, authorized)
	case m.has(kmCodeRedirectQuery):
		bare, _, _ := strings.Cut(redirect, "?")
		return bare == authorized
	}
	return m.has(kmCodeOtherRedirect)
}
