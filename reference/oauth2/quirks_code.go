package oauth2

import (
	"net/http"
	"strings"
	"time"

	"gonogo/reference/kit"
)

// Quirks of codes.
var codeQuirks = []kit.Declared[*oauth]{
	defect("oauth2-code-replay", "OA-6749-4.1.2-ONCE", "A code works as often as one likes.", func(o *oauth) { o.spend = func(kit.Key) bool { return true } }),
	defect("oauth2-code-race", "OA-6749-4.1.2-ONCE", "A code is looked up first and spent 40 ms later: racing exchanges all win, a later replay is refused.", races(kit.RaceGap)),
	defect("oauth2-code-race-narrow", "OA-6749-4.1.2-ONCE", "A code is looked up first and spent 1 ms later.", races(kit.NarrowGap)),
	defect("oauth2-code-returns", "OA-6749-4.1.2-ONCE", "A used code is refused for ten seconds and works again after them.", codeReturns(10*time.Second)),
	defect("oauth2-code-used-unused", "OA-6749-4.1.2-ONCE", "A code counts as used once it was handed out.", func(o *oauth) { o.spend = func(kit.Key) bool { return false } }),
	defect("oauth2-code-first-use-is-reuse", "OA-6749-4.1.2-REPLAY", "The first use of a code counts as its reuse: the tokens that it gets are revoked as they are made.", func(o *oauth) {
		o.spend = func(k kit.Key) bool {
			e, _ := o.codes.Get(k)
			o.reused(e.Value.family, o.Clock.Now())
			return o.codes.SpendOnce(k)
		}
	}),
	defect("oauth2-code-replay-ends-nothing", "OA-6749-4.1.2-REPLAY", "A code that comes back is refused, and its tokens live on.", reusedEnds(func(kit.Grant) bool { return false })),
	defect("oauth2-code-replay-ends-refresh", "OA-6749-4.1.2-REPLAY", "A code that comes back ends its refresh token, and the access token lives on.", reusedEnds(func(g kit.Grant) bool { return g.Kind == kit.RefreshToken })),
	defect("oauth2-code-replay-ends-access", "OA-6749-4.1.2-REPLAY", "A code that comes back ends its access token, and the refresh token lives on.", reusedEnds(func(g kit.Grant) bool { return g.Kind == kit.AccessToken })),
	defect("oauth2-code-lives-a-day", "OA-6749-4.1.2-SHORT", "A code lives for a day.", lasting(24*time.Hour)),
	defect("oauth2-code-lives-15-minutes", "OA-6749-4.1.2-SHORT", "A code lives for 15 minutes.", lasting(15*time.Minute)),
	liberty("oauth2-code-lives-30-seconds", "OA-6749-4.1.2-SHORT", "A code lives for 30 seconds.", lasting(30*time.Second)),
	liberty("oauth2-code-lives-ten-minutes", "OA-6749-4.1.2-SHORT", "A code lives for ten minutes.", lasting(10*time.Minute)),

	defect("oauth2-code-own-client-refused", "OA-6749-4.1.3-CLIENT", "A code is taken for one of another client, whoever sends it.", func(o *oauth) { o.codeFor = func(codeGrant, *kit.KnownClient) bool { return false } }),
	defect("oauth2-code-any-client", "OA-6749-4.1.3-CLIENT", "A code works for every client.", func(o *oauth) { o.codeFor = func(codeGrant, *kit.KnownClient) bool { return true } }),
	defect("oauth2-code-public-client", "OA-6749-4.1.3-CLIENT", "The client without a secret can use every client's codes.", func(o *oauth) {
		o.codeFor = func(of codeGrant, who *kit.KnownClient) bool { return codeOfClient(of, who) || who.Public }
	}),
	defect("oauth2-code-redirect-unchecked", "OA-6749-4.1.3-REDIRECT", "An exchange may name any redirect URI, or none.", alsoRedirect(func(string, string) bool { return true })),
	defect("oauth2-code-redirect-other", "OA-6749-4.1.3-REDIRECT", "An exchange may name any redirect URI.", alsoRedirect(func(_, redirect string) bool { return redirect != "" })),
	defect("oauth2-code-redirect-missing", "OA-6749-4.1.3-REDIRECT", "An exchange need not name the redirect URI that the authorization request named.", alsoRedirect(func(_, redirect string) bool { return redirect == "" })),
	defect("oauth2-code-redirect-longer", "OA-6749-4.1.3-REDIRECT", "An exchange may name a redirect URI that begins like the authorization request's.", alsoRedirect(func(asked, redirect string) bool { return strings.HasPrefix(redirect, asked) })),
	defect("oauth2-code-secret-unchecked", "OA-6749-3.2.1-CLIENT", "For a code any secret of the client does, or none.", serves("authorization_code", (*oauth).exchange)),
	defect("oauth2-code-client-missing", "OA-6749-3.2.1-CLIENT", "A code is enough: no client need say who it is.", servesNobody("authorization_code", ownerOfCode, (*oauth).exchange)),

	defect("oauth2-code-unknown-accepted", "OA-6749-4.1.3-VALID", "A code that nobody was given gets tokens.", func(o *oauth) {
		instead(badCode, (*oauth).exchangeNothing, func(c *kit.Call) bool { _, known := o.codes.Get(kit.KeyOf(c.Token)); return !known })(o)
	}),
	defect("oauth2-code-missing-accepted", "OA-6749-4.1.3-VALID", "An exchange without a code gets tokens, whoever asks.", instead(noCode, (*oauth).exchangeNothing),
		instead(stranger, func(o *oauth, c *kit.Call) kit.Answer {
			c.Client = o.Accounts.Client(id, seeds.Clients[0].ID)
			return o.exchangeNothing(c)
		}, atToken, wants("authorization_code"), nobody)),
	defect("oauth2-code-unknown-invalid-request", "OA-6749-5.2-INVALID-GRANT", "A code that is none is called an invalid_request.", on(badCode, code("invalid_request"))),
	defect("oauth2-code-unknown-401", "OA-6749-5.2-INVALID-GRANT", "A code that is none is answered 401.", on(badCode, status(http.StatusUnauthorized))),
	defect("oauth2-code-of-another-invalid-client", "OA-6749-5.2-INVALID-GRANT", "A code of another client is called an invalid_client.", func(o *oauth) {
		on(badCode, code("invalid_client"), func(c *kit.Call) bool {
			e, known := o.codes.Get(kit.KeyOf(c.Token))
			return known && !codeOfClient(e.Value, c.Client)
		})(o)
	}),
	defect("oauth2-code-used-crash", "ANY-5XX", "A used code is answered 500.", func(o *oauth) { on(badCode, kit.Crash, usedCode(o))(o) }),
}

// lasting has codes live for so long.
func lasting(life time.Duration) func(*oauth) { return func(o *oauth) { o.codeLife = life } }

// alsoRedirect has an exchange name more than the redirect URI that was asked for.
func alsoRedirect(also func(asked, redirect string) bool) func(*oauth) {
	return func(o *oauth) {
		usual := o.sameRedirect
		o.sameRedirect = func(of codeGrant, redirect string) bool { return usual(of, redirect) || also(of.redirect, redirect) }
	}
}
