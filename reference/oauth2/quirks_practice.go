package oauth2

import (
	"gonogo/reference/kit"
	"net/http"
	"slices"
	"strings"
)

// Quirks in what RFC 9700 asks for beyond the others.
var practiceQuirks = []kit.Declared[*oauth]{
	defect("oauth2-redirect-307", "OA-9700-4.12-307", "Users are sent back with status 307, and their browsers send what they typed on to the client.", func(o *oauth) { o.status = http.StatusTemporaryRedirect }),
	defect("oauth2-page-framable", "OA-9700-4.16-FRAMES", "The page that asks a user may be shown in anybody's frame.", header(asking, "X-Frame-Options", ""), header(asking, "Content-Security-Policy", "")),
	defect("oauth2-page-frames-allowed", "OA-9700-4.16-FRAMES", "The page that asks a user says that anybody may show it in a frame.", header(asking, "X-Frame-Options", ""), header(asking, "Content-Security-Policy", "frame-ancestors *")),
	defect("oauth2-page-referrer", "OA-9700-4.2.4-REFERRER", "The page that asks a user tells its whole address to every site.", header(asking, "Referrer-Policy", "unsafe-url")),
	liberty("oauth2-page-framing-by-policy", "OA-9700-4.16-FRAMES", "That the page may not be framed is said in the policy alone.", header(asking, "X-Frame-Options", "")),
	liberty("oauth2-page-referrer-same-origin", "OA-9700-4.2.4-REFERRER", "The page tells its address to its own site.", header(asking, "Referrer-Policy", "same-origin")),
	defect("oauth2-redirect-extra-query", "OA-9700-2.1-EXACT", "A redirect URI may carry a query that is not registered.", trusts(func(want, have kit.RedirectURI) bool {
		return want.RawQuery == "" && strings.HasPrefix(have.Text, want.Text+"?") && have.Fragment == ""
	})),
	defect("oauth2-redirect-host-any-case", "OA-9700-2.1-EXACT", "The host of a redirect URI may be written in any case.", trusts(func(want, have kit.RedirectURI) bool {
		return want.SameButHost(have) && strings.EqualFold(want.Host, have.Host) && have.User == nil && have.Fragment == ""
	})),
	defect("oauth2-replay-keeps-family", "OA-9700-4.14-FAMILY", "A refresh token that comes back is refused, and what came of it lives on.", func(o *oauth) { o.RevokeOnReplay = false }),
	defect("oauth2-public-refresh-stays", "OA-9700-4.14-ROTATION", "The client without a secret gets the same refresh token again and again.", func(o *oauth) {
		on(refreshed, func(c *kit.Call, a kit.Answer) kit.Answer {
			_ = o.Tokens.Tokens.Put(kit.KeyOf(c.Token), c.Grant, c.Now.Add(o.RefreshLife).UnixNano())
			return kit.Put("refresh_token", kit.AsSent(c))(c, withoutRefresh(c, a))
		}, func(c *kit.Call) bool { return c.Client.Public })(o)
	}),
	defect("oauth2-implicit-grant", "OA-9700-2.1.2-IMPLICIT", "Who asks for the response type token is sent back with an access token.", implicit),
	defect("oauth2-password-grant", "OA-9700-2.4-PASSWORD", "Tokens are given for a user's name and password.", func(o *oauth) { o.granting["password"] = o.password }),
}

func trusts(also func(want, have kit.RedirectURI) bool) func(*oauth) {
	return func(o *oauth) { o.trusted = o.trusted.Also(also) }
}

// password is RFC 6749 4.3, which RFC 9700 2.4 forbids.
func (o *oauth) password(c *kit.Call) kit.Answer {
	c.User = o.Accounts.UserOrNobody(id, o.parameter(c, "username"))
	if !(kit.SecretCheck{}).User(c.User, o.parameter(c, "password")) {
		return bad("invalid_grant", "That user name or password is wrong.")
	}
	scope, good := o.scope(c)
	if !good {
		return bad("invalid_scope", "There are the scopes "+everyScope+".").As(badScope)
	}
	o.Issue(c, kit.Account{Client: c.Client.Number, User: int64(c.User.Number), Scope: scope})
	return o.answer(c, scope)
}

// implicit is RFC 6749 4.2, which RFC 9700 2.1.2 is against.
func implicit(o *oauth) {
	types(func(name string) string { return map[string]string{"token": "code"}[name] })(o)
	answers, join := o.answers, o.callback
	o.answers = func(w wish, parameters []string) []string {
		if w.kind == "token" && slices.Contains(parameters, "code") {
			now := o.Clock.Now()
			if p, err := o.Tokens.Issue(kit.Account{Client: w.client.Number, Scope: w.scope, Alone: true}, o.Tokens.NewFamily(), now); err == nil {
				parameters = []string{"access_token", p.Access, "token_type", "Bearer", "expires_in", "3600"}
			}
		}
		return answers(w, parameters)
	}
	o.callback = func(uri string, parameters []string) string {
		if slices.Contains(parameters, "access_token") {
			return uri + "#" + strings.TrimLeft(strings.TrimPrefix(join(uri, parameters), uri), "?&")
		}
		return join(uri, parameters)
	}
}
