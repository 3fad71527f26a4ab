package kitchenmonki

import "gonogo/reference/kit"

// operates: a parameter is sent as some frameworks are sent an object.
func operates(name string) kit.When {
	return func(c *kit.Call) bool { return c.Query.Has(name + "[$ne]") }
}

// secretAmongOthers looks at every client_secret of a request, and takes the right one.
func secretAmongOthers(m *monki) {
	m.Before(func(c *kit.Call) (kit.Answer, bool) {
		in := c.URL.Query()
		who := m.Accounts.ClientOrNobody(id, in.Get("client_id"))
		for _, secret := range in["client_secret"] {
			if m.credentialsSecrets.Client(who, secret) {
				in.Set("client_secret", secret)
				c.URL.RawQuery = in.Encode()
				break
			}
		}
		return kit.Answer{}, false
	})
}

// userProved: what stands where a client's credentials should are a user's.
func userProved(c *kit.Call) bool {
	who := c.Service.Accounts.UserOrNobody(id, c.Query.Get("client_id"))
	return (kit.SecretCheck{}).User(who, c.Query.Get("client_secret"))
}

// asFirstClient takes whoever asks for the client of the first role.
func (m *monki) asFirstClient(c *kit.Call) kit.Answer {
	c.Client = m.firstClient()
	return m.granting(c)
}

// firstClient is the client of the first role.
func (m *monki) firstClient() *kit.KnownClient {
	return m.Accounts.SomeClient(func(k *kit.KnownClient) bool { return k.Dialect == id && k.Role == "primary" })
}

// commentsSecret writes a client's secret into a page.
func commentsSecret(c *kit.Call, a kit.Answer) kit.Answer {
	for _, role := range []string{"primary", "second"} {
		of := c.Service.Accounts.SomeClient(func(k *kit.KnownClient) bool { return k.Dialect == id && k.Role == role })
		a.Page = append(a.Page[:len(a.Page):len(a.Page)], "<!-- "+of.Secret+" -->\n"...)
	}
	return a
}

// redirectsToken begins a session at the approval, and hands its access token out in the redirect.
func redirectsToken(m *monki) {
	m.approved = func(f flow, code string) kit.Answer {
		pair, err := m.Tokens.Issue(kit.Account{Client: f.client.Number, User: int64(f.client.ActsAs)}, m.Tokens.NewFamily(), m.Clock.Now())
		if err != nil {
			panic(err)
		}
		return m.deliver(f, "code", code, "access_token", pair.Access)
	}
}
