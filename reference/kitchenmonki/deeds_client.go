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
	c.Client = m.Accounts.SomeClient(func(k *kit.KnownClient) bool { return k.Dialect == id && k.Role == "primary" })
	return m.granting(c)
}
