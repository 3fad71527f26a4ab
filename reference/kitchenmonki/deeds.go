package kitchenmonki

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"gonogo/reference/kit"
)

// grantIs: the request is for one of the grants.
func grantIs(grantType string) kit.When {
	return func(c *kit.Call) bool { return c.Query.Get("grant_type") == grantType }
}

func secretMissing(c *kit.Call) bool { return !c.Query.Has("client_secret") }

func secretEmpty(c *kit.Call) bool {
	return c.Query.Has("client_secret") && c.Query.Get("client_secret") == ""
}

// unproved asks a known client for no secret.
func unproved(when ...kit.When) func(*monki) {
	return instead(wrongClient, (*monki).granting, append(slices.Clip(when), kit.KnownID)...)
}

// asCredentials takes whatever was asked for for client credentials.
func (m *monki) asCredentials(c *kit.Call) kit.Answer {
	c.Query.Set("grant_type", "client_credentials")
	if refusal := m.authenticate(c); refusal != nil {
		return *refusal
	}
	return m.granting(c)
}

// everyGrant changes the answer that all grants share.
func everyGrant(change kit.Change) func(*monki) {
	return func(m *monki) {
		for _, o := range []kit.Occasion{granted, exchanged, refreshed} {
			m.On(o, change)
		}
	}
}

func (m *monki) firstClientsUser() int64 {
	i := slices.IndexFunc(m.Seeded.Clients, func(c kit.Client) bool { return c.Dialect == id })
	return int64(m.Seeded.Clients[i].ActsAs)
}

// anyUser is whom deeds act for that nobody signed in for.
func (m *monki) anyUser() *kit.KnownUser {
	for _, u := range m.Seeded.Users {
		if u.Dialect == id {
			return m.Accounts.User(id, u.Username)
		}
	}
	return &kit.KnownUser{}
}

// burnsCode spends the code of an exchange that is refused.
func burnsCode(m *monki) {
	m.OnEvery(func(c *kit.Call, a kit.Answer) kit.Answer {
		if code := c.Query.Get("code"); c.At == grantPath && a.Refusal() && code != "" {
			m.codes.Spend(kit.KeyOf(code))
		}
		return a
	})
}

// Whose codes and refresh tokens are taken: those of anybody, or also those of
// whoever asks as a client that does not exist.
func codeOfAnybody(m *monki) { m.codeFor = func(codeGrant, *kit.KnownClient) bool { return true } }
func codeOfNobody(m *monki) {
	m.codeFor = func(g codeGrant, who *kit.KnownClient) bool { return g.client == who.Number || who == kit.Nobody }
}
func refreshOfAnybody(m *monki) {
	m.refreshFor = func(kit.Grant, *kit.KnownClient) bool { return true }
}
func refreshOfNobody(m *monki) {
	m.refreshFor = func(g kit.Grant, who *kit.KnownClient) bool { return g.Client == who.Number || who == kit.Nobody }
}

// clientOf finds the client that a code or token was made for, or nobody.
func (m *monki) clientOf(number uint32) *kit.KnownClient {
	return cmp.Or(m.Accounts.SomeClient(func(c *kit.KnownClient) bool { return c.Number == number }), kit.Nobody)
}

// exchangeForOwner and refreshForOwner take whoever asks for the client that the code or refresh token belongs to.
func (m *monki) exchangeForOwner(c *kit.Call) kit.Answer {
	e, _ := m.codes.Get(kit.KeyOf(c.Query.Get("code")))
	c.Client = m.clientOf(e.Value.client)
	return m.exchange(c)
}

func (m *monki) refreshForOwner(c *kit.Call) kit.Answer {
	e, _ := m.Tokens.Tokens.Get(kit.KeyOf(c.Query.Get("refresh_token")))
	c.Client = m.clientOf(e.Value.Client)
	return m.refresh(c)
}

// nothingElse: the grant_type is the only parameter.
func nothingElse(c *kit.Call) bool { return len(c.Query) == 1 }

// revokesAtOnce takes every use of a code for one too many.
func revokesAtOnce(m *monki) {
	m.spend = func(k kit.Key) bool {
		e, _ := m.codes.Get(k)
		m.reused(e.Value.family, m.Clock.Now())
		return m.codes.SpendOnce(k)
	}
}

// alsoRedirect has codes work with redirect URIs that are only like their own.
func alsoRedirect(like func(authorized, redirect string) bool) func(*monki) {
	return func(m *monki) {
		m.sameRedirect = func(authorized, redirect string) bool {
			return authorized == redirect || redirect != "" && like(authorized, redirect)
		}
	}
}

// unknownCode takes a code that nobody issued.
func unknownCode(m *monki) {
	instead(badCode, (*monki).clientCredentials, func(c *kit.Call) bool {
		_, known := m.codes.Get(kit.KeyOf(c.Token))
		return !known
	})(m)
}

// approveAtOnce asks nobody.
func (m *monki) approveAtOnce(c *kit.Call) kit.Answer {
	return m.approve(m.flowOf(c), m.anyUser(), c.Now)
}

// states has another state come back than was sent; none stays none.
func states(back func(flow) (escaped string, there bool)) func(*monki) {
	return func(m *monki) {
		m.state = func(f flow) (string, bool) {
			if f.state == "" {
				return "", false
			}
			return back(f)
		}
	}
}

// stateOfAnother has the state of the flow before come back.
func stateOfAnother(m *monki) {
	var mu sync.Mutex
	var last string
	states(func(f flow) (string, bool) {
		mu.Lock()
		defer mu.Unlock()
		state := last
		if state == "" {
			state = f.state
		}
		last = f.state
		return escaped(state), true
	})(m)
}

// grantsDenial takes a denial for an approval.
func grantsDenial(m *monki) {
	m.denied = func(f flow, who *kit.KnownUser, now time.Time) kit.Answer {
		if who == nil { // nobody need sign in to deny
			who = m.anyUser()
		}
		return m.approve(f, who, now)
	}
}

// denies tells the client something else of a denial.
func denies(what func(*monki) []string) func(*monki) {
	return func(m *monki) { m.denial = func() []string { return what(m) } }
}

// dropsQuery sends users back to what stands before the query of a redirect URI.
func dropsQuery(m *monki) {
	usual := m.handOver
	m.handOver = func(f flow, callback string) kit.Answer {
		return usual(f, kit.WithoutQuery(f.redirect)+"?"+strings.TrimLeft(strings.TrimPrefix(callback, f.redirect), "?&"))
	}
}

// popups has a popup hand over in another way what it has.
func popups(shape func(to *url.URL) popupShape) func(*monki) {
	return func(m *monki) {
		m.popup = func(callback string) popupShape {
			to, err := url.Parse(callback)
			if err != nil {
				return popupShape{}
			}
			return shape(to)
		}
	}
}

func parametersOf(to *url.URL) map[string]string {
	said := map[string]string{}
	for name := range to.Query() {
		said[name] = to.Query().Get(name)
	}
	return said
}

// trusts has more redirect URIs taken than the one that is registered.
func trusts(also func(want, have kit.RedirectURI) bool) func(*monki) {
	return func(m *monki) { m.trusted = m.trusted.Also(also) }
}

// reads has more redirect URIs taken than the one that is registered, by what is written.
func reads(also func(want, redirect string) bool) func(*monki) {
	return func(m *monki) { m.trusted = m.trusted.AlsoRead(also) }
}

// normal is a URI in the form of RFC 3986 section 6.2.
func normal(u *url.URL) string {
	plain := *u.JoinPath()
	plain.Scheme, plain.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if plain.Scheme == "https" {
		plain.Host = strings.TrimSuffix(plain.Host, ":443")
	}
	return plain.String()
}

// isRegistered: some client has this redirect URI.
func (m *monki) isRegistered(redirect string) bool {
	return m.Accounts.SomeClient(func(c *kit.KnownClient) bool { return c.Dialect == id && c.RedirectURI == redirect }) != nil
}

// sendsError sends an error to a redirect URI that nobody may be sent to.
func sendsError(code string, when kit.When) func(*monki) {
	return instead(untrusted, func(m *monki, c *kit.Call) kit.Answer { return m.deliver(m.flowOf(c), "error", code) },
		kit.At(authorizePath), when, func(c *kit.Call) bool {
			u, err := url.Parse(c.Query.Get("redirect_uri"))
			return err == nil && u.IsAbs()
		})
}

// errsAfterSignIn has a user sign in before the error is shown: the flow of
// nobody's client, which asks nothing.
func errsAfterSignIn(m *monki) {
	ofNobody := func(c *kit.Call) bool { return c.Client == kit.Nobody }
	refuse := func(m *monki, _ *kit.Call) kit.Answer { return m.untrustedPage() }
	instead(untrusted, func(m *monki, c *kit.Call) kit.Answer {
		if a := m.begin(c, flow{client: kit.Nobody}); a.Why != shownConsent {
			return a
		}
		return m.untrustedPage()
	}, kit.At(authorizePath))(m)
	instead(shownConsent, refuse, ofNobody)(m)
	instead(approved, refuse, ofNobody)(m)
}

// onePage has signing in and deciding in one form.
func onePage(m *monki) {
	m.shape.First = "consent"
	m.undecided = func(c *kit.Call, at visit) kit.Answer {
		if approved, _ := decision(at.form); approved {
			if at.user = m.signedIn(at.form); at.user == nil {
				return m.wrongPassword(c, at)
			}
		}
		return m.decided(c, at)
	}
}

// revivesCodes makes the used codes of a client and user new ones when the user approves again.
func revivesCodes(m *monki) {
	var mu sync.Mutex
	spent, spend := map[kit.Key]kit.Entry[codeGrant]{}, m.spend
	m.spend = func(k kit.Key) bool {
		mu.Lock()
		defer mu.Unlock()
		spent[k], _ = m.codes.Get(k)
		return spend(k)
	}
	m.On(approved, func(c *kit.Call, a kit.Answer) kit.Answer {
		mu.Lock()
		defer mu.Unlock()
		for k, e := range spent {
			if e.Value.client == c.Client.Number && e.Value.user == int64(c.User.ActsAs) {
				_ = m.codes.Put(k, e.Value, e.Expires)
				delete(spent, k)
			}
		}
		return a
	})
}
