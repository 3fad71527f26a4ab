package oauth2

import (
	"net/http"
	"time"

	"gonogo/reference/kit"
)

// introspect: POST /introspect (RFC 7662). Every client with a secret may ask
// about every token: a resource server has tokens that are others'.
func (o *oauth) introspect(c *kit.Call) kit.Answer {
	if refusal := o.about(c, o.atIntrospection); refusal != nil {
		return *refusal
	}
	e, live := o.toTell(c, o.parameter(c, "token_type_hint"))
	if !live {
		return kit.Issued(kit.Object{{"active", kit.Truth(false)}}).As(inactive)
	}
	c.Grant = e.Value
	return o.tell(c, e).As(told)
}

// tell is what introspection says of a live token (RFC 7662 2.2).
func (o *oauth) tell(c *kit.Call, e kit.Entry[kit.Grant]) kit.Answer {
	g := e.Value
	client := o.clientOf(g.Client)
	body := kit.Object{
		{"active", kit.Truth(true)},
		{"scope", kit.Text(scopeText(g.Scope))},
		{"client_id", kit.Text(client.ID)},
		{"sub", kit.Text(o.subject(g, client))},
	}
	life := o.RefreshLife
	if g.Kind == kit.AccessToken {
		life = o.AccessLife
		body = append(body, kit.Member{Name: "token_type", Value: kit.Text("Bearer")})
	}
	if e.Expires != kit.Never {
		ends := time.Unix(0, e.Expires)
		c.Ends = e.Expires
		body = append(body, kit.Member{Name: "exp", Value: kit.Number(ends.Unix())}, kit.Member{Name: "iat", Value: kit.Number(ends.Add(-life).Unix())})
	}
	return kit.Issued(body)
}

// subject is whom a token acts for: a user, or the client itself.
func (o *oauth) subject(g kit.Grant, client *kit.KnownClient) string {
	if g.User != 0 {
		return o.Accounts.UserNumbered(uint32(g.User)).Username
	}
	return client.ID
}

// revoke: POST /revoke (RFC 7009). A token that nobody knows is as good as
// revoked (2.2); one of another client is refused (2.1).
func (o *oauth) revoke(c *kit.Call) kit.Answer {
	if refusal := o.about(c, o.atRevocation); refusal != nil {
		return *refusal
	}
	e, live := o.toRevoke(c, o.parameter(c, "token_type_hint"))
	c.Grant = e.Value
	switch {
	case !live:
		return done().As(unknown)
	case !o.owner(c.Grant, c.Client):
		return bad("invalid_grant", "The token belongs to another client.").As(foreign)
	}
	o.forget(c, c.Grant)
	return done().As(dropped)
}

// done is 200 and says nothing, because clients look at nothing else (RFC 7009 2.2).
func done() kit.Answer { return kit.Answer{Status: http.StatusOK, Page: []byte{}} }

// about reads a request about a token: who asks, and about which.
func (o *oauth) about(c *kit.Call, e entrance) *kit.Answer {
	if refusal := o.form(c); refusal != nil {
		return refusal
	}
	if refusal := o.enter(c, e); refusal != nil {
		return refusal
	}
	if c.Token = o.parameter(c, "token"); c.Token == "" {
		return new(bad("invalid_request", "The parameter token is missing.").As(noToken))
	}
	c.Token = o.read(c.Token, c.Now)
	return nil
}

// lookUp finds a live token of any kind. A hint only says where to look first
// (RFC 7009 2.1, RFC 7662 2.1), and looking takes no time here.
func (o *oauth) lookUp(c *kit.Call, _ string) (kit.Entry[kit.Grant], bool) {
	if e, live := o.Tokens.Find(kit.AccessToken, c.Token, c.Now); live {
		return e, true
	}
	return o.Tokens.Find(kit.RefreshToken, c.Token, c.Now)
}

// forgetToken ends an access token, or with a refresh token all that its grant has
// been given (RFC 7009 2.1).
func (o *oauth) forgetToken(c *kit.Call, g kit.Grant) {
	if g.Kind == kit.RefreshToken {
		o.Tokens.Revoke(g.Family, c.Now)
		return
	}
	o.Tokens.Forget(g.Kind, c.Token)
}

func own(g kit.Grant, who *kit.KnownClient) bool { return g.Client == who.Number }

// clientOf is the client that a grant speaks of.
func (o *oauth) clientOf(number uint32) *kit.KnownClient {
	if who := o.Accounts.SomeClient(func(k *kit.KnownClient) bool { return k.Number == number }); who != nil {
		return who
	}
	return kit.Nobody
}
