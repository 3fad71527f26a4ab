package oauth2

import (
	"crypto/sha256"
	"encoding/base64"
	"gonogo/reference/kit"
	"strings"
)

// Quirks of proof keys (RFC 7636).
var proofQuirks = []kit.Declared[*oauth]{
	defect("oauth2-verifier-unchecked", "OA-7636-4.6-VERIFIER", "Any verifier does.", verifies(func(_ codeGrant, verifier string) bool { return verifier != "" })),
	defect("oauth2-verifier-missing", "OA-7636-4.6-VERIFIER", "A verifier is only looked at where one is sent.", verifies(func(_ codeGrant, verifier string) bool { return verifier == "" })),
	defect("oauth2-verifier-any-case", "OA-7636-4.6-VERIFIER", "The challenge is compared without regard to case.", verifies(func(of codeGrant, verifier string) bool { return strings.EqualFold(hashed(verifier), of.challenge) })),
	defect("oauth2-verifier-wrong-code", "OA-7636-4.6-VERIFIER", "A wrong verifier is called an invalid_request.", on(badCode, code("invalid_request"), has("code_verifier"))),
	defect("oauth2-s256-as-plain", "OA-7636-4.2-S256", "The challenge itself does as verifier.", verifies(func(of codeGrant, verifier string) bool { return verifier == of.challenge })),
	defect("oauth2-s256-alphabet", "OA-7636-4.2-S256", "The challenge is compared with the hash in the alphabet of plain base64.", func(o *oauth) {
		o.proves = func(of codeGrant, verifier string) bool {
			sum := sha256.Sum256([]byte(verifier))
			return of.challenge == "" && verifier == "" || of.challenge == base64.RawStdEncoding.EncodeToString(sum[:])
		}
	}),
	defect("oauth2-plain-offered", "OA-7636-4.3-PLAIN", "The verifier may be its own challenge, if plain is asked for.", challenges(map[string]string{"plain": "plain", "S256": "S256"}), on(described, kit.Put("code_challenge_methods_supported", kit.Raw(`["S256","plain"]`)))),
	defect("oauth2-method-missing-plain", "OA-7636-4.3-PLAIN", "A challenge without a method is its verifier.", challenges(map[string]string{"": "plain", "S256": "S256"})),
	defect("oauth2-verifier-short", "OA-7636-4.1-LENGTH", "A verifier of fewer than 43 characters is taken.", func(o *oauth) {
		o.proves = func(of codeGrant, verifier string) bool {
			return of.challenge == "" && verifier == "" || of.challenge != "" && matches(of, verifier)
		}
	}),
	defect("oauth2-method-unknown-taken", "OA-7636-4.4.1-METHOD", "A challenge by a method that there is not is taken for one by S256.", func(o *oauth) {
		usual := o.challenging
		o.challenging = func(w *wish) string {
			if w.challenge != "" && w.method != "" && w.method != "plain" {
				w.method = "S256"
			}
			return usual(w)
		}
	}),
	defect("oauth2-method-unknown-page", "OA-7636-4.4.1-METHOD", "A challenge by a method that there is not brings an error page.", on(misasked, errorPage, func(c *kit.Call) bool {
		return c.Query.Has("code_challenge_method") && c.Query.Get("code_challenge_method") != "S256"
	})),
	defect("oauth2-public-client-refused", "OA-6749-3.2.1-PUBLIC", "The client without a secret is refused at the token endpoint.", func(o *oauth) { o.atToken.secretOnly = true }),
	defect("oauth2-public-refresh-refused", "OA-6749-3.2.1-PUBLIC", "The client without a secret may not refresh.", refuses(refreshed, "unauthorized_client", func(c *kit.Call) bool { return c.Client.Public })),
	defect("oauth2-challenge-missing", "OA-21-4.1.2.1-PUBLIC", "The client without a secret need not send a challenge.", func(o *oauth) {
		usual := o.challenging
		o.challenging = func(w *wish) string {
			if w.challenge == "" {
				return ""
			}
			return usual(w)
		}
	}),
	defect("oauth2-challenge-missing-page", "OA-7636-4.4.1-MISSING", "Where the challenge is missing that a client must send, an error page is shown.", on(misasked, errorPage, unchallenged)),
	defect("oauth2-challenge-missing-code", "OA-7636-4.4.1-MISSING", "Where the challenge is missing that a client must send, the error is unauthorized_client.", func(o *oauth) {
		usual := o.challenging
		o.challenging = func(w *wish) string {
			if w.challenge == "" && w.client.Public {
				return "unauthorized_client"
			}
			return usual(w)
		}
	}),
	liberty("oauth2-challenge-of-everybody", "OA-7636-4.4.1-MISSING", "Every client must send a challenge.", ofEverybody, func(o *oauth) {
		usual := o.challenging
		o.challenging = func(w *wish) string {
			if w.challenge == "" {
				return "invalid_request"
			}
			return usual(w)
		}
	}),
	defect("oauth2-challenge-of-everybody-missing", "OA-7636-4.4.1-MISSING", "Every client must send a challenge, it is said, and one with a secret gets codes without.", ofEverybody),
	defect("oauth2-verifier-without-challenge", "OA-9700-2.1.1-DOWNGRADE", "A verifier is taken for a code that was asked for without a challenge.", func(o *oauth) {
		usual := o.proves
		o.proves = func(of codeGrant, verifier string) bool { return of.challenge == "" || usual(of, verifier) }
	}),
}

// ofEverybody says in the words of a target file that every client must send a challenge.
func ofEverybody(o *oauth) { o.Settings["pkce"] = "required" }

// verifies has more verifiers do than the one of a challenge.
func verifies(also func(of codeGrant, verifier string) bool) func(*oauth) {
	return func(o *oauth) {
		usual := o.proves
		o.proves = func(of codeGrant, verifier string) bool {
			return usual(of, verifier) || of.challenge != "" && also(of, verifier)
		}
	}
}

func hashed(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// challenges has challenges be taken by the methods that are named, each as another.
func challenges(methods map[string]string) func(*oauth) {
	return func(o *oauth) {
		o.challenging = func(w *wish) string {
			if w.challenge == "" && w.method == "" && !w.client.Public {
				return ""
			}
			method, known := methods[w.method]
			if w.method = method; !known || !verifierLike.MatchString(w.challenge) {
				return "invalid_request"
			}
			return ""
		}
	}
}

// unchallenged: an authorization request has no challenge.
func unchallenged(c *kit.Call) bool {
	return c.Query.Get("response_type") == "code" && c.Query.Get("code_challenge") == ""
}
