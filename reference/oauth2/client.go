package oauth2

import (
	"net/http"
	"net/url"

	"gonogo/reference/kit"
)

// entrance is how clients authenticate at an endpoint: by HTTP Basic, or with
// client_id and client_secret in the body (RFC 6749 2.3.1), or, where that is
// enough, with the client_id of a public client.
type entrance struct {
	secrets     kit.SecretCheck // of the header …
	written     kit.SecretCheck // … and of the body
	credentials func(http.Header) (id, secret string, how kit.Carried)
	decode      func(string) string // an id or secret of the header
	inBody      bool                // the body is a way
	secretOnly  bool                // a public client is not let in
	open        kit.When            // whom it lets in whatever they send; nil is nobody
	either      bool                // two ways in one request are one too many for nobody
	inQuery     bool                // the query is another body
}

// enter finds the client of a call, or answers its refusal.
func (o *oauth) enter(c *kit.Call, e entrance) *kit.Answer {
	name, secret, how := e.credentials(c.Header)
	c.How = how
	names, inBody := o.parameter(c, "client_id"), o.parameter(c, "client_secret")
	if e.inQuery && names == "" {
		names, inBody = c.URL.Query().Get("client_id"), c.URL.Query().Get("client_secret")
	}
	if e.open != nil && e.open(c) {
		c.Client = o.Accounts.ClientOrNobody(id, names)
		return nil
	}
	switch {
	case how == kit.CarriesToken:
		name, secret = o.Trim(e.decode(name)), o.Trim(e.decode(secret))
		if !e.either && (inBody != "" || names != "" && names != name) {
			return new(bad("invalid_request", "A client authenticates in one way only.").As(bothWays))
		}
	case how == kit.CarriesNone && (e.inBody || inBody == ""): // a client without a secret has no other way to say who it is (RFC 6749 3.2.1)
		name, secret = names, inBody
	default:
		name, secret = "", ""
	}
	check := e.secrets
	if how == kit.CarriesNone {
		check = e.written
	}
	c.Client = o.Accounts.ClientOrNobody(id, name)
	switch {
	case c.Client.Public && secret == "" && !e.secretOnly, !c.Client.Public && check.Client(c.Client, secret):
		return nil
	}
	return new(o.stranger(c))
}

// stranger refuses a client that is none, or did not prove it (RFC 6749 5.2).
// A 401 always has its challenge (RFC 9110 11.6.1). The refusal does not say
// whether the client or its secret was wrong.
func (o *oauth) stranger(*kit.Call) kit.Answer {
	a := kit.Refused(http.StatusUnauthorized, "invalid_client", "The client is unknown, or did not prove who it is.")
	a.Challenge = basicChallenge
	return a.As(stranger)
}

const basicChallenge = `Basic realm="` + id + `", charset="UTF-8"`

// formDecoded: client id and secret are encoded as in a form before they are
// put together for Basic (RFC 6749 2.3.1).
func formDecoded(s string) string {
	if decoded, err := url.QueryUnescape(s); err == nil {
		return decoded
	}
	return s
}
