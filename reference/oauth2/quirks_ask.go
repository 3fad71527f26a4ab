package oauth2

import (
	"net/http"
	"time"

	"gonogo/reference/kit"
)

// Quirks of revocation.
var revokeQuirks = []kit.Declared[*oauth]{
	defect("oauth2-revoked-lives", "OA-7009-2.1-REVOKED", "A revoked token goes on to live.", func(o *oauth) { o.forget = func(*kit.Call, kit.Grant) {} }),
	defect("oauth2-revoke-refused", "OA-7009-2.1-REVOKED", "The revocation of a live token is called an invalid_request, and the token lives on.", func(o *oauth) { o.forget = func(*kit.Call, kit.Grant) {} }, refuses(dropped, "invalid_request")),
	defect("oauth2-revoked-opens", "OA-7009-2.1-REVOKED", "The resource goes on to take a revoked token, which introspection calls inactive.", opensRevoked(always)),
	defect("oauth2-revoked-lingers", "OA-7009-2.1-REVOKED", "The resource takes a revoked token for another five minutes.", opensRevoked(func(since time.Duration) bool { return since < kit.Forgetful })),
	defect("oauth2-revoked-returns", "OA-7009-2.1-REVOKED", "The resource refuses a revoked token for five minutes, and takes it again after them.", opensRevoked(func(since time.Duration) bool { return since >= kit.Forgetful })),
	defect("oauth2-revoke-by-nobody", "OA-7009-2.1-CLIENT", "A request without any client revokes any token.", func(o *oauth) { o.atRevocation.open, o.owner = nobody, ownOrNobodys }),
	defect("oauth2-revoke-secret-unchecked", "OA-7009-2.1-CLIENT", "Any secret of a client revokes its tokens.", func(o *oauth) { o.atRevocation.secrets.Unchecked, o.atRevocation.written.Unchecked = true, true }),
	defect("oauth2-revoke-secret-missing-accepted", "OA-7009-2.1-CLIENT", "The client_id of a client without its secret revokes its tokens.", func(o *oauth) { o.atRevocation.open = unproved }),
	defect("oauth2-revoke-refused-client-revokes", "OA-7009-2.1-CLIENT", "A client that does not prove itself is refused, and the token is revoked.", on(stranger, func(c *kit.Call, a kit.Answer) kit.Answer {
		f, _ := c.Fields.Get("token")
		c.Service.Tokens.Forget(kit.AccessToken, f.Text())
		return a
	}, atRevoke, has("token"))),
	defect("oauth2-revoke-of-others", "OA-7009-2.1-OWNER", "A client can revoke the tokens of others.", func(o *oauth) { o.owner = anybodys }),
	defect("oauth2-revoke-of-others-refused", "OA-7009-2.1-OWNER", "A client that revokes the token of another is refused, and the token is revoked.", on(foreign, func(c *kit.Call, a kit.Answer) kit.Answer {
		c.Service.Tokens.Forget(c.Grant.Kind, c.Token)
		return a
	})),
	defect("oauth2-revoke-hint-hides", "OA-7009-2.1-HINT", "With a hint that is wrong a token is not found, and lives on.", func(o *oauth) { o.toRevoke = hides(o.toRevoke) }),
	defect("oauth2-revoke-hint-unknown-refused", "OA-7009-2.1-HINT", "A hint that the server does not know is refused.", onHint("unsupported_token_type")),
	defect("oauth2-revoke-unknown-400", "OA-7009-2.2-UNKNOWN", "The revocation of a token that nobody knows is an invalid_request.", refuses(unknown, "invalid_request")),
	defect("oauth2-revoke-unknown-404", "OA-7009-2.2-UNKNOWN", "The revocation of a token that nobody knows is answered 404.", on(unknown, status(http.StatusNotFound))),
	defect("oauth2-revoke-unknown-crash", "ANY-5XX", "The revocation of a token that nobody knows is answered 500.", instead(unknown, crash)),
	defect("oauth2-revoke-missing-token-200", "OA-7009-2.2.1-ERROR", "A revocation without a token is answered 200.", instead(noToken, func(*oauth, *kit.Call) kit.Answer { return done() }, atRevoke)),
	defect("oauth2-revoke-missing-token-code", "OA-7009-2.2.1-ERROR", "A revocation without a token is called an invalid_token.", on(noToken, code("invalid_token"), atRevoke)),
	defect("oauth2-revoke-client-code", "OA-7009-2.2.1-ERROR", "A client that does not prove itself is called unauthorized_client by revocation.", on(stranger, code("unauthorized_client"), atRevoke)),
	defect("oauth2-revoke-error-html", "OA-7009-2.2.1-ERROR", "A revocation without a token is answered with a page.", on(noToken, kit.Page("<!DOCTYPE html><title>Error</title>\n"), atRevoke)),
	liberty("oauth2-revoke-foreign-200", "OA-7009-2.1-OWNER", "The revocation of another client's token is answered 200, and the token lives on.", instead(foreign, func(*oauth, *kit.Call) kit.Answer { return done() })),
	liberty("oauth2-revoke-unsupported", "OA-7009-2.1-REVOKED", "Access tokens cannot be revoked: unsupported_token_type.", func(o *oauth) {
		forget := o.forget
		o.forget = func(c *kit.Call, g kit.Grant) {
			if !ofAccess(c) {
				forget(c, g)
			}
		}
	}, refuses(dropped, "unsupported_token_type", ofAccess)),
	liberty("oauth2-revoke-says-so", "OA-7009-2.1-REVOKED", "A revocation is answered with JSON.", instead(dropped, says("revoked")), instead(unknown, says("revoked"))),
}

// Quirks of what introspection tells.
var tellQuirks = []kit.Declared[*oauth]{
	defect("oauth2-active-text", "OA-7662-2.2-ACTIVE", "active is a string.", on(told, kit.Put("active", kit.Text("true")))),
	defect("oauth2-active-missing", "OA-7662-2.2-ACTIVE", "What introspection tells of a live token has no active.", on(told, kit.Drop("active"))),
	defect("oauth2-live-token-inactive", "OA-7662-2.2-ACTIVE", "Introspection calls every token inactive.", func(o *oauth) {
		o.toTell = func(*kit.Call, string) (e kit.Entry[kit.Grant], live bool) { return e, false }
	}),
	defect("oauth2-introspect-201", "OA-7662-2.2-ACTIVE", "Introspection of a live token is answered 201.", on(told, status(http.StatusCreated))),
	defect("oauth2-tells-exp-in-milliseconds", "OA-7662-2.2-AGREES", "exp is in milliseconds.", on(told, kit.PutFound("exp", func(c *kit.Call) kit.Value { return kit.Number(c.Ends / int64(time.Millisecond)) }))),
	defect("oauth2-tells-exp-as-rest", "OA-7662-2.2-AGREES", "exp is the number of seconds that are left.", on(told, kit.PutFound("exp", func(c *kit.Call) kit.Value { return inSeconds(time.Unix(0, c.Ends).Sub(c.Now)) }))),
	defect("oauth2-tells-exp-late", "OA-7662-2.2-AGREES", "exp is an hour later than the token's end.", on(told, moved("exp", time.Hour))),
	defect("oauth2-tells-exp-of-another-replica", "OA-7662-2.2-AGREES", "Every second time exp is that of a replica for which the token ends five minutes before it does.", on(told, kit.Alternately(moved("exp", -5*time.Minute)))),
	defect("oauth2-tells-exp-text", "OA-7662-2.2-AGREES", "exp is a date in a string.", on(told, kit.PutFound("exp", func(c *kit.Call) kit.Value { return kit.Text(time.Unix(0, c.Ends).UTC().Format(time.RFC3339)) }))),
	defect("oauth2-tells-iat-late", "OA-7662-2.2-AGREES", "iat is two hours after the token was issued.", on(told, moved("iat", 2*time.Hour))),
	defect("oauth2-tells-other-client", "OA-7662-2.2-AGREES", "client_id is that of the client that asks.", on(told, kit.PutFound("client_id", func(c *kit.Call) kit.Value { return kit.Text(c.Client.ID) }))),
	defect("oauth2-tells-other-scope", "OA-7662-2.2-AGREES", "scope is always read and write.", on(told, kit.Put("scope", kit.Text(everyScope)))),
	defect("oauth2-tells-other-type", "OA-7662-2.2-AGREES", "token_type is mac.", on(told, kit.Put("token_type", kit.Text("mac")))),
	defect("oauth2-unknown-token-active", "OA-7662-2.2-INACTIVE", "A token that nobody knows is called active.", on(inactive, kit.Put("active", kit.Truth(true)), kit.Unknown)),
	defect("oauth2-unknown-token-404", "OA-7662-2.2-INACTIVE", "A token that nobody knows is answered 404.", on(inactive, status(http.StatusNotFound))),
	defect("oauth2-unknown-token-400", "OA-7662-2.2-INACTIVE", "A token that nobody knows is an invalid_request.", refuses(inactive, "invalid_request", kit.Unknown)),
	defect("oauth2-unknown-token-401", "OA-7662-2.2-INACTIVE", "A token that nobody knows is an invalid_token.", instead(inactive, func(o *oauth, _ *kit.Call) kit.Answer {
		return o.Challenge(kit.Refused(http.StatusUnauthorized, "invalid_token", "The token is not active."), "invalid_token")
	}, kit.Unknown)),
	defect("oauth2-introspect-malformed-crash", "OA-7662-2.2-INACTIVE", "A form that cannot be decoded is answered 500 by introspection.", on(misread, kit.Crash, atIntrospect)),
	defect("oauth2-inactive-says-why", "OA-7662-2.2-SILENT", "Introspection says why a token is inactive.", on(inactive, kit.Put("reason", kit.Text("unknown or expired")))),
	defect("oauth2-inactive-tells-client", "OA-7662-2.2-SILENT", "Introspection names a client with an inactive token.", on(inactive, kit.PutFound("client_id", func(c *kit.Call) kit.Value { return kit.Text(c.Client.ID) }))),
	defect("oauth2-inactive-tells-owner", "OA-7662-2.2-SILENT", "Introspection says whose a token was that has ended.", func(o *oauth) { o.KeepsExpired = true }, tellsOwner),
	defect("oauth2-expired-token-active", "OA-7662-4-EXPIRED", "Introspection calls an expired token active.", func(o *oauth) { o.KeepsExpired = true },
		tellsDead(func(_ *oauth, e kit.Entry[kit.Grant], now time.Time) bool { return !e.AliveAt(now, 0) })),
	defect("oauth2-expired-token-400", "OA-7662-4-EXPIRED", "Introspection of an expired token is an invalid_request.", func(o *oauth) { o.KeepsExpired = true }, refuses(inactive, "invalid_request", kit.Not(kit.Unknown))),
	defect("oauth2-revoked-token-active", "OA-7662-4-EXPIRED", "Introspection calls a revoked token active.", tellsRevoked),
	liberty("oauth2-tells-active-alone", "OA-7662-2.2-ACTIVE", "Of a live token only active is told.", on(told, kit.Drop("scope", "client_id", "sub", "token_type", "exp", "iat"))),
	liberty("oauth2-tells-more", "OA-7662-2.2-ACTIVE", "Introspection tells an issuer, an audience of two, and members of its own.", on(told, func(c *kit.Call, a kit.Answer) kit.Answer {
		a.Body = append(a.Body, kit.Member{Name: "iss", Value: kit.Text("https://issuer.example.com")}, kit.Member{Name: "aud", Value: kit.Raw(`["https://api.example.com","ledger"]`)},
			kit.Member{Name: "nbf", Value: kit.Number(c.Now.Unix() - 60)}, kit.Member{Name: "tenant", Value: kit.Number(7)})
		return a
	})),
	liberty("oauth2-tells-own-only", "OA-7662-4-EXPIRED", "Introspection calls the tokens of other clients inactive.", func(o *oauth) {
		usual := o.toTell
		o.toTell = func(c *kit.Call, hint string) (kit.Entry[kit.Grant], bool) {
			e, live := usual(c, hint)
			return e, live && own(e.Value, c.Client)
		}
	}),
}

// Quirks of who may ask introspection, and how.
var askQuirks = []kit.Declared[*oauth]{
	defect("oauth2-introspect-by-nobody", "OA-7662-2.1-CALLER", "Introspection answers whoever asks.", func(o *oauth) { o.atIntrospection.open = kit.Nothing }),
	defect("oauth2-introspect-by-anybody", "OA-7662-2.1-CALLER", "Introspection looks at no credentials.", func(o *oauth) { o.atIntrospection.open = func(*kit.Call) bool { return true } }),
	defect("oauth2-introspect-secret-missing-accepted", "OA-7662-2.1-CALLER", "Introspection answers a client that only says who it is.", func(o *oauth) { o.atIntrospection.open = unproved }),
	defect("oauth2-introspect-secret-unchecked", "OA-7662-2.1-CALLER", "Introspection answers a client whatever its secret is.", func(o *oauth) { o.atIntrospection.secrets.Unchecked, o.atIntrospection.written.Unchecked = true, true }),
	defect("oauth2-introspect-client-400", "OA-7662-2.3-CLIENT", "Introspection answers a wrong secret 400.", on(stranger, kit.Status(http.StatusBadRequest), atIntrospect)),
	defect("oauth2-introspect-client-403", "OA-7662-2.3-CLIENT", "Introspection answers a wrong secret 403.", on(stranger, kit.Status(http.StatusForbidden), atIntrospect)),
	defect("oauth2-introspect-client-inactive", "OA-7662-2.3-CLIENT", "Introspection answers a wrong secret that the token is inactive.", instead(stranger, func(*oauth, *kit.Call) kit.Answer {
		return kit.Issued(kit.Object{{"active", kit.Truth(false)}})
	}, atIntrospect)),
	defect("oauth2-introspect-client-code", "OA-7662-2.3-CLIENT", "Introspection calls a wrong secret unauthorized_client.", on(stranger, code("unauthorized_client"), atIntrospect)),
	defect("oauth2-introspect-hint-hides", "OA-7662-2.1-HINT", "Introspection calls a token inactive whose hint is wrong.", func(o *oauth) { o.toTell = hides(o.toTell) }),
	defect("oauth2-introspect-missing-token-200", "OA-7662-2.1-MISSING", "Introspection without a token is answered that it is inactive.", instead(noToken, func(*oauth, *kit.Call) kit.Answer {
		return kit.Issued(kit.Object{{"active", kit.Truth(false)}})
	}, atIntrospect)),
	defect("oauth2-introspect-missing-token-crash", "OA-7662-2.1-MISSING", "Introspection without a token is answered 500.", on(noToken, kit.Crash, atIntrospect)),
	liberty("oauth2-introspect-missing-token-code", "OA-7662-2.1-MISSING", "Introspection without a token is refused with a code of its own.", on(noToken, code("missing_token"), atIntrospect)),
}

func ownOrNobodys(g kit.Grant, who *kit.KnownClient) bool { return own(g, who) || who == kit.Nobody }
func anybodys(kit.Grant, *kit.KnownClient) bool           { return true }

func crash(_ *oauth, c *kit.Call) kit.Answer { return kit.Crash(c, kit.Answer{}) }

// says answers 200 with JSON.
func says(what string) func(*oauth, *kit.Call) kit.Answer {
	return func(*oauth, *kit.Call) kit.Answer { return kit.OK(kit.Object{{"result", kit.Text(what)}}) }
}

// onHint refuses a request to revoke whose hint is none of RFC 7009.
func onHint(code string) func(*oauth) {
	return func(o *oauth) {
		odd := func(c *kit.Call) bool {
			hint := o.parameter(c, "token_type_hint")
			return hint != "" && hint != "access_token" && hint != "refresh_token"
		}
		usual := o.forget
		o.forget = func(c *kit.Call, g kit.Grant) {
			if !odd(c) {
				usual(c, g)
			}
		}
		for _, at := range []kit.Occasion{dropped, unknown} {
			refuses(at, code, odd)(o)
		}
	}
}

// ofAccess reports a request about an access token.
func ofAccess(c *kit.Call) bool { return c.Grant.Kind == kit.AccessToken }
