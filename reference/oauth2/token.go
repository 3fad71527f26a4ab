package oauth2

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"gonogo/reference/kit"
)

// token: POST /token (RFC 6749 3.2). Who asks counts before what is asked for.
func (o *oauth) token(c *kit.Call) kit.Answer {
	if refusal := o.form(c); refusal != nil {
		return *refusal
	}
	if refusal := o.enter(c, o.atToken); refusal != nil {
		return *refusal
	}
	switch grant, wanted := o.granting[o.parameter(c, "grant_type")], o.parameter(c, "grant_type"); {
	case wanted == "":
		return bad("invalid_request", "The parameter grant_type is missing.").As(noGrantType)
	case grant == nil:
		return bad("unsupported_grant_type", "This server does not know the grant_type.").As(unknownGrantType)
	default:
		return grant(c)
	}
}

// clientCredentials is RFC 6749 4.4, for confidential clients only, and without
// a refresh token (4.4.3).
func (o *oauth) clientCredentials(c *kit.Call) kit.Answer {
	if c.Client.Public {
		return bad("unauthorized_client", "A client without a secret has no tokens of its own.").As(notForThis)
	}
	scope, good := o.scope(c)
	if !good {
		return bad("invalid_scope", "There are the scopes "+everyScope+".").As(badScope)
	}
	o.Issue(c, kit.Account{Client: c.Client.Number, Scope: scope, Alone: o.alone})
	return o.answer(c, scope).As(granted)
}

// answer is a success of the token endpoint (RFC 6749 5.1). The scope is always
// named, so that nobody has to compare.
func (o *oauth) answer(c *kit.Call, scope uint8) kit.Answer {
	body := kit.Object{
		{"access_token", kit.Minted(o.written(c, c.Pair.Access))},
		{"token_type", kit.Text("Bearer")},
		{"expires_in", o.announced(c.Pair.AccessEnds.Sub(c.Now))},
		{"scope", kit.Text(scopeText(scope))},
	}
	if c.Pair.Refresh != "" {
		body = append(body, kit.Member{Name: "refresh_token", Value: kit.Minted(c.Pair.Refresh)})
	}
	return kit.Issued(body)
}

func inSeconds(left time.Duration) kit.Value { return kit.Number(int64(left / time.Second)) }

// The scopes, a bit each.
const (
	reads uint8 = 1 << iota
	writes

	every = reads | writes

	openID uint8 = 1 << 2 // asks who the user is; nobody gets it without a quirk
)

var (
	scopes     = []string{"read", "write", "openid"} // in the order of their bits
	everyScope = scopeText(every)
)

// scope is what a request of the call asks for; who asks for nothing in
// particular gets every scope (RFC 6749 3.3).
func (o *oauth) scope(c *kit.Call) (uint8, bool) {
	asked := o.parameter(c, "scope")
	if asked == "" {
		return every, true
	}
	scope, known := readScope(asked)
	return o.allowed(scope, known)
}

// known: a scope is given as it is asked for, or not at all.
func known(asked uint8, known bool) (uint8, bool) {
	return asked, known && asked != 0 && asked&openID == 0
}

// readScope reads the scopes that there are out of a list (RFC 6749 3.3).
func readScope(text string) (scope uint8, known bool) {
	known = true
	for _, one := range strings.Split(text, " ") {
		i := slices.Index(scopes, one)
		if i < 0 {
			known = false
			continue
		}
		scope |= 1 << i
	}
	return scope, known
}

func scopeText(scope uint8) string {
	var named []string
	for i, name := range scopes {
		if scope&(1<<i) != 0 {
			named = append(named, name)
		}
	}
	return strings.Join(named, " ")
}

// resource: GET /resource, for access tokens that may read (RFC 6750).
func (o *oauth) resource(c *kit.Call) kit.Answer {
	c.Token, c.How = o.presents(c)
	if c.How != kit.CarriesToken {
		return o.Unauthorized(c)
	}
	c.Token = o.read(c.Token, c.Now)
	var live bool
	if c.Grant, live = o.Tokens.Use(c.Token, c.Now); !live {
		return o.Unauthorized(c)
	}
	if c.Grant.Scope&reads == 0 {
		a := o.Challenge(kit.Refused(http.StatusForbidden, "insufficient_scope", "This needs the scope read."), "insufficient_scope")
		a.Challenge += `, scope="read"`
		return a.As(weak)
	}
	return o.show(c)
}

func (o *oauth) show(*kit.Call) kit.Answer {
	return kit.OK(kit.Object{{"resource", kit.Text("A ledger of seedlings.")}, {"rows", kit.Raw(`[{"species":"larch","count":41},{"species":"rowan","count":7}]`)}}).As(shown)
}

// inHeader: Authorization: Bearer (RFC 6750 2.1), the one way that every
// resource has; the others are optional, and this one goes without them.
func inHeader(c *kit.Call) (string, kit.Carried) { return kit.BearerToken(c.Header) }
