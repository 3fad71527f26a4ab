package kit

import (
	"net/url"
	"strings"
)

// Trusting says whether users may be sent to a redirect URI, by the one that is registered.
type Trusting func(registered, redirect string) bool

// RedirectURI is a redirect URI as text and taken apart.
type RedirectURI struct {
	*url.URL
	Text string
}

// SameButHost: all that is written before the fragment is the same, but for the host.
func (u RedirectURI) SameButHost(o RedirectURI) bool {
	return u.Scheme == o.Scheme && u.Path == o.Path && u.RawQuery == o.RawQuery
}

// Also trusts more absolute redirect URIs.
func (usual Trusting) Also(also func(want, have RedirectURI) bool) Trusting {
	return func(registered, redirect string) bool {
		if usual(registered, redirect) {
			return true
		}
		have, err := url.Parse(redirect)
		if err != nil || !have.IsAbs() {
			return false
		}
		want, err := url.Parse(registered)
		return err == nil && also(RedirectURI{want, registered}, RedirectURI{have, redirect})
	}
}

// AlsoRead trusts more redirect URIs, by what is written.
func (usual Trusting) AlsoRead(also func(want, redirect string) bool) Trusting {
	return func(registered, redirect string) bool {
		return usual(registered, redirect) || also(registered, redirect)
	}
}

// WithoutQuery is what stands before the query of a URI.
func WithoutQuery(uri string) string {
	bare, _, _ := strings.Cut(uri, "?")
	return bare
}

// Redirects are the defects in how a redirect URI is compared with the one that is registered. trusted is where a
// server has that.
func Redirects[D Served](dialect, row string, trusted func(D) *Trusting) (all []Declared[D]) {
	defect := func(id, text string, change func(D, Trusting) Trusting) {
		all = append(all, Defect(dialect+"-redirect-"+id, row, text, func(d D) {
			at := trusted(d)
			*at = change(d, *at)
		}))
	}
	parsed := func(id, text string, also func(want, have RedirectURI) bool) {
		defect(id, text, func(_ D, usual Trusting) Trusting { return usual.Also(also) })
	}
	parsed("prefix", "Any redirect URI that begins with the registered one is taken.", func(want, have RedirectURI) bool { return strings.HasPrefix(have.Text, want.Text) })
	parsed("host-suffix", "Any host that ends like the registered domain is taken.", func(want, have RedirectURI) bool {
		labels := strings.Split(want.Host, ".")
		return want.SameButHost(have) && strings.HasSuffix(have.Host, strings.Join(labels[max(0, len(labels)-2):], "."))
	})
	parsed("any-path", "Any path on the registered host is taken.", func(want, have RedirectURI) bool { return have.Scheme == want.Scheme && have.Host == want.Host })
	parsed("any-scheme", "The registered URI is taken under any scheme.", func(want, have RedirectURI) bool {
		return strings.TrimPrefix(have.Text, have.Scheme) == strings.TrimPrefix(want.Text, want.Scheme)
	})
	parsed("unchecked", "Any redirect URI is taken for a known client, and gets the code after the approval.", func(_, _ RedirectURI) bool { return true })
	parsed("any-port", "Any port of the registered host is taken.", func(want, have RedirectURI) bool {
		portless := *have.URL
		portless.Host = have.Hostname()
		return portless.String() == want.Text
	})
	parsed("any-case", "Redirect URIs are compared without regard to case.", func(want, have RedirectURI) bool { return strings.EqualFold(have.Text, want.Text) })
	defect("of-another-client", "A redirect URI that any client registered is taken.", func(d D, usual Trusting) Trusting {
		s := d.Base()
		return usual.Also(func(_, have RedirectURI) bool {
			return s.Accounts.SomeClient(func(c *KnownClient) bool { return c.Dialect == dialect && c.RedirectURI == have.Text }) != nil
		})
	})
	defect("contains", "A redirect URI is taken that has the registered one in it.", func(_ D, usual Trusting) Trusting {
		return usual.AlsoRead(func(want, redirect string) bool {
			return strings.Contains(redirect, strings.TrimPrefix(want, "https://"))
		})
	})
	return all
}
