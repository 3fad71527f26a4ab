package flows

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// jwtProfile: an access token is a JWT that says what RFC 9068 wants it to say, whichever grant it came of, where the target file
// says that the target holds to it. Who reads one takes no other for it.
func jwtProfile(s *scene.Subject, declared specs.Flow) []engine.Case {
	kind, _ := s.Dialect.Token(client.Access)
	p := profiled{kind, specs.Pointer(declared.Params["id_token"]), declared.Params["scope"]}
	group := s.NewGroup(declared.Name, declared.At)
	group.Requests = 4
	group.Works("type", "an access token says in its header that it is one, and is signed", func(t *scene.Trial) {
		p.typed(t, declaredToBe(t).Grant(""))
	}, declared.Params["type"])
	group.Works("claims", "an access token says whom it is of, whom it is for, and until when it is good", func(t *scene.Trial) {
		first := declaredToBe(t).Grant("")
		if p.says(t, first, t.Grant("")); !t.Failed() {
			p.names(t, first)
		}
	}, declared.Requirement)
	group.Requests = 2 + scene.MostForgeries
	group.Never("forged", "an access token that was changed, or signed by somebody else, is refused", func(t *scene.Trial) {
		declaredToBe(t)
		for _, use := range t.Ops.ByRole(specs.RoleUse) {
			for _, f := range scene.Forgeries {
				t.Forge(f, kind.Name, jwtOf(t, t.MintLive(kind.Name)), func(forged, doing string) *client.Reply {
					reply := t.Use(use, forged, doing)
					t.Unauthorized(reply, false)
					return reply
				})
				if t.Failed() {
					return
				}
			}
		}
	}, declared.Params["refused"])
	if s.Ops.First(specs.RoleExchange) == nil || s.Ops.First(specs.RoleIssue) == nil { // else those before came of a code
		return p.sendingNothing(s, group.Cases)
	}
	group.WithConsent()
	group.Works("of-a-code", "so does that of a code, and of each refresh after it", func(t *scene.Trial) {
		grant := declaredToBe(t).GrantByCode("")
		for generation := 0; ; generation++ {
			p.typed(t, grant)
			if p.says(t, grant); t.Failed() || generation == generations || grant.Value(client.Refresh) == "" {
				return
			}
			grant = t.Renewed(grant)
		}
	}, declared.Requirement, declared.Params["type"])
	p.identity(group, declared.Params["refused"])
	return p.sendingNothing(s, group.Cases)
}

// sendingNothing takes the requests out of the plan that a target gets none of, because its access tokens need be no such JWTs.
func (p profiled) sendingNothing(s *scene.Subject, cases []engine.Case) []engine.Case {
	for i := range cases {
		if s.Target != nil && s.Target.Settings.AccessToken != target.TokenRFC9068 {
			cases[i].Requests = 0
		}
	}
	return cases
}

// profiled looks at access tokens as RFC 9068 has them.
type profiled struct {
	kind    specs.TokenKind
	idToken specs.Pointer // where an answer carries an ID token (OpenID Connect Core section 3.1.3.3)
	scope   string        // that asks for one
}

// declaredToBe ends a case at a target whose access tokens need not be what RFC 9068 says.
func declaredToBe(t *scene.Trial) *scene.Trial {
	if t.Target.Settings.AccessToken != target.TokenRFC9068 {
		t.NotApplicable("the target file does not say that access tokens are JWTs as RFC 9068 has them (settings.access_token: %s)", target.TokenRFC9068)
	}
	return t
}

// typed holds a header to section 2.1: media types are compared without case, and "application/" may be left out (RFC 7515
// section 4.1.9).
func (p profiled) typed(t *scene.Trial, grant *client.Grant) {
	token, ok := p.read(t, grant)
	if !ok {
		return
	}
	typ, _ := token.Header["typ"].(string)
	if name := strings.TrimPrefix(strings.ToLower(typ), "application/"); name != "at+jwt" {
		t.FoundWithin(grant.Reply, "a header with the typ at+jwt", fmt.Sprintf("the typ %q", typ))
	}
	if algorithm, _ := token.Header["alg"].(string); strings.EqualFold(algorithm, "none") || token.Signature == "" {
		t.FoundWithin(grant.Reply, "a signed token", "one without a signature")
	}
}

func (p profiled) read(t *scene.Trial, grant *client.Grant) (scene.JWT, bool) {
	token, why := scene.ReadJWT(grant.Value(p.kind.Name))
	if why != "" {
		t.FoundWithin(grant.Reply, "a JWT in the place of the "+p.kind.Noun(), why)
	}
	return token, why == ""
}

// says holds what tokens say to section 2.2, and wants each to have a jti of its own (RFC 7519 section 4.1.7).
func (p profiled) says(t *scene.Trial, grants ...*client.Grant) {
	named := map[string]string{} // tokens by their jti
	for _, grant := range grants {
		token, ok := p.read(t, grant)
		if !ok {
			return
		}
		for _, claim := range []string{"iss", "sub", "client_id", "jti"} {
			if text, is := token.Claims[claim].(string); !is || text == "" {
				t.FoundWithin(grant.Reply, words.A(claim)+" that is a text", written(token.Claims, claim))
			}
		}
		for _, claim := range []string{"exp", "iat"} {
			if _, is := token.Claims[claim].(float64); !is {
				t.FoundWithin(grant.Reply, "an "+claim+" that is a number of seconds", written(token.Claims, claim))
			}
		}
		if audience, err := jwt.MapClaims(token.Claims).GetAudience(); err != nil || len(audience) == 0 || slices.Contains(audience, "") {
			t.FoundWithin(grant.Reply, "an aud that names somebody", written(token.Claims, "aud"))
		}
		if t.Failed() {
			return
		}
		primary, _ := t.Dialect.Credential(operation.Primary)
		if own := t.Credential(operation.Primary, primary.Fields[0]); token.Claims["client_id"] != own {
			t.FoundWithin(grant.Reply, "the client_id of the client that asked", "another")
		}
		if token.Claims["exp"].(float64) < token.Claims["iat"].(float64) {
			t.FoundWithin(grant.Reply, "an exp after the iat", "one before it")
		}
		if _, _, announced := grant.Reply.Lifetime(p.kind); announced {
			expAgrees(t, grant, p.kind, token)
		}
		jti, value := token.Claims["jti"].(string), grant.Value(p.kind.Name)
		if former, taken := named[jti]; taken && former != value {
			t.FoundWithin(grant.Reply, "a jti that no other token has", "that of another token")
		}
		named[jti] = value
	}
}

// names wants the issuer of a token to be the one of the metadata, where there are any, letter by letter: who reads it takes no other
// (section 4).
func (p profiled) names(t *scene.Trial, grant *client.Grant) {
	own, _ := advertised(t, "")
	token, ok := p.read(t, grant)
	if iss := token.Claims["iss"]; ok && own != "" && iss != own {
		t.FoundWithin(grant.Reply, fmt.Sprintf("the iss %q, as the metadata have the issuer", own), fmt.Sprintf("the iss %q", iss))
	}
}

// written says what stands in a claim, by its type.
func written(claims map[string]any, name string) string {
	value, there := claims[name]
	switch text, is := value.(string); {
	case !there:
		return "no " + name
	case is && text == "":
		return "an empty text"
	}
	return fmt.Sprintf("a value of type %T", value)
}

// identity: an ID token has the same issuer and may have the same key, and tells a client who signed in. It opens nothing (RFC 9068
// sections 4 and 5).
func (p profiled) identity(group *scene.Group, row string) {
	parameter := ""
	if flow, declared := group.Dialect.Flow("scope"); declared {
		parameter = flow.Params["parameter"]
	}
	if p.idToken == "" || parameter == "" {
		return
	}
	group.Never("id-token", "an ID token is never taken for an access token", func(t *scene.Trial) {
		declaredToBe(t)
		code, _ := t.AskForCode(scene.Ask{Inputs: map[string]any{parameter: p.scope}, Doing: "with the " + parameter + " " + p.scope}, true)
		if code.Value == "" {
			t.NotApplicable("the target does not know the %s %s", parameter, p.scope)
		}
		reply := t.Exchange("", code.Value, "with a code of the "+parameter+" "+p.scope)
		value, _ := reply.Text(p.idToken)
		if value == "" {
			t.NotApplicable("the target hands out no ID tokens")
		}
		t.Secret("identity", value)
		for _, use := range t.Ops.ByRole(specs.RoleUse) {
			if tried := t.Use(use, value, "with an ID token in place of the access token"); tried.Status != http.StatusNotFound {
				t.Unauthorized(tried, false)
			}
		}
	}, row)
}
