package oauth2

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"

	"gonogo/reference/kit"
)

// exchange is RFC 6749 4.1.3 with RFC 7636 4.5.
func (o *oauth) exchange(c *kit.Call) kit.Answer {
	if c.Token = o.parameter(c, "code"); c.Token == "" {
		return bad("invalid_request", "The parameter code is missing.").As(noCode)
	}
	meant := func(g codeGrant) bool {
		return o.codeFor(g, c.Client) && o.sameRedirect(g, o.parameter(c, "redirect_uri")) && o.proves(g, o.parameter(c, "code_verifier"))
	}
	g, redeemed := kit.RedeemCode(o.Service, c, o.codes, meant, o.spend, func(g codeGrant) { o.reused(g.family, c.Now) })
	if !redeemed {
		return o.badCode(c)
	}
	o.IssueIn(c, kit.Account{Client: c.Client.Number, User: g.user, Scope: g.scope}, g.family)
	return o.answer(c, g.scope).As(exchanged)
}

func (o *oauth) badCode(*kit.Call) kit.Answer {
	return bad("invalid_grant", "The code is unknown, used or expired, belongs to another client or redirect URI, or is not proved.").As(badCode)
}

func codeOfClient(of codeGrant, who *kit.KnownClient) bool { return of.client.Number == who.Number }

// redirectAsAsked: the redirect URI is that of the authorization request, if it
// came with one (RFC 6749 4.1.3).
func redirectAsAsked(of codeGrant, redirect string) bool {
	return redirect == of.redirect || !of.asked && redirect == ""
}

// proves: the verifier has its form (RFC 7636 4.1) and is that of the challenge
// (4.6), and there is none where there was no challenge (RFC 9700 2.1.1).
func proves(of codeGrant, verifier string) bool {
	if of.challenge == "" || verifier == "" {
		return of.challenge == "" && verifier == ""
	}
	return verifierLike.MatchString(verifier) && matches(of, verifier)
}

func matches(of codeGrant, verifier string) bool {
	made := verifier
	if of.method == "S256" {
		sum := sha256.Sum256([]byte(verifier))
		made = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return subtle.ConstantTimeCompare([]byte(made), []byte(of.challenge)) == 1
}

// beyond: a scope has something in it that was not granted.
func beyond(asked, granted uint8) bool { return asked&^granted != 0 }

// refresh is RFC 6749 6. The scope may be narrower than that of the grant, for the
// new access token; the new refresh token keeps it.
func (o *oauth) refresh(c *kit.Call) kit.Answer {
	if c.Token = o.parameter(c, "refresh_token"); c.Token == "" {
		return bad("invalid_request", "The parameter refresh_token is missing.").As(noToken)
	}
	asked, narrower := o.parameter(c, "scope"), uint8(0)
	if e, live := o.Tokens.Find(kit.RefreshToken, c.Token, c.Now); live && asked != "" && o.refreshFor(e.Value, c.Client) {
		scope, known := readScope(asked)
		if !known || o.beyond(scope, e.Value.Scope) {
			return bad("invalid_scope", "The scope is beyond what was granted.").As(badScope)
		}
		narrower = scope
	}
	old, redeemed := o.Tokens.Redeem(c.Token, c.Now, func(g kit.Grant) bool { return o.refreshFor(g, c.Client) })
	if !redeemed {
		return bad("invalid_grant", "The refresh token is unknown, used, expired or revoked, or belongs to another client.").As(deadRefresh)
	}
	o.Rotate(c, old)
	scope := old.Value.Scope
	if narrower != 0 {
		scope = narrower
		o.Tokens.Rescope(kit.AccessToken, c.Pair.Access, scope)
	}
	return o.answer(c, scope).As(refreshed)
}
