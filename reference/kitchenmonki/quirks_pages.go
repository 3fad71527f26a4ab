package kitchenmonki

import (
	"net/url"

	"gonogo/reference/kit"
)

// Quirks of what pages carry of a request for consent.
var pageQuirks = []kit.Declared[*monki]{
	defect("kitchenmonki-page-carries-redirect", "KM-AUTHZ-2", "The consent page carries the redirect URI, and the user is sent to whichever comes back with the approval.", carries, believes(decisionPath, redirectResent)),
	defect("kitchenmonki-page-carries-redirect-host", "KM-AUTHZ-2", "The consent page carries the redirect URI, and of the one that comes back with the approval only the host is looked at.", carries, believes(decisionPath, func(m *monki, f flow, form url.Values) (flow, bool) {
		is, _ := redirectResent(m, f, form)
		was, err := url.Parse(f.redirect)
		now, bad := url.Parse(is.redirect)
		return is, err == nil && bad == nil && was.Host == now.Host
	})),
	defect("kitchenmonki-sign-in-carries-redirect", "KM-AUTHZ-2", "The sign-in page carries the redirect URI, and the user is sent to whichever comes back with the password.", carries, believes(signInPath, redirectResent)),
	defect("kitchenmonki-page-carries-client", "KM-AUTHZ-2", "The consent page carries the client, and the code is for whichever comes back with the approval.", carries, believes(decisionPath, func(m *monki, f flow, form url.Values) (flow, bool) {
		f.client = m.Accounts.Client(id, form.Get("client_id"))
		return f, f.client != nil
	})),
	liberty("kitchenmonki-page-carries-all", "KM-AUTHZ-2", "The pages carry the client and the redirect URI, and who sends others back gets an error page.", carries, func(m *monki) {
		m.resent = func(_ string, f flow, form url.Values) (flow, bool) {
			return f, form.Get("client_id") == f.client.ID && form.Get("redirect_uri") == f.redirect
		}
	}),
	liberty("kitchenmonki-page-carries-for-show", "KM-AUTHZ-2", "The pages carry the client and the redirect URI, and nobody looks at what comes back.", carries),
}

// carries has the pages carry what the request said.
func carries(m *monki) {
	m.carried = func(f flow) [][2]string { return [][2]string{{"client_id", f.client.ID}, {"redirect_uri", f.redirect}} }
}

// believes takes what a form says at a place for what the request said.
func believes(place string, what func(*monki, flow, url.Values) (flow, bool)) func(*monki) {
	return func(m *monki) {
		m.resent = func(at string, f flow, form url.Values) (flow, bool) {
			if at != place {
				return f, true
			}
			return what(m, f, form)
		}
	}
}

func redirectResent(_ *monki, f flow, form url.Values) (flow, bool) {
	f.redirect = form.Get("redirect_uri")
	return f, true
}
