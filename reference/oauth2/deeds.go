package oauth2

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"gonogo/reference/kit"
)

// The words that the quirks of this dialect are declared in.
var (
	defect  = kit.Defect[*oauth]
	liberty = kit.Liberty[*oauth]
	on      = kit.On[*oauth]
	instead = kit.Instead[*oauth]

	atToken      = kit.At(tokenPath)
	atIntrospect = kit.At(introspectPath)
	atRevoke     = kit.At(revokePath)
)

// letIn shows the resource to whoever has no live token in one of these ways.
func letIn(when ...kit.When) func(*oauth) { return instead(kit.Unauthorized, (*oauth).show, when...) }

// secrets changes how secrets are compared, wherever a client shows one to get tokens.
func secrets(change func(*kit.SecretCheck)) func(*oauth) {
	return func(o *oauth) {
		change(&o.atToken.secrets)
		change(&o.atToken.written)
	}
}

// refuses answers 400 with a code on an occasion that is none for a refusal.
func refuses(at kit.Occasion, code string, when ...kit.When) func(*oauth) {
	return instead(at, func(*oauth, *kit.Call) kit.Answer { return bad(code, "The request is refused.") }, when...)
}

// onErrors changes the refusals of the token endpoint.
func onErrors(change kit.Change) func(*oauth) {
	return func(o *oauth) {
		o.OnEvery(func(c *kit.Call, a kit.Answer) kit.Answer {
			if a.Refusal() && a.Status != http.StatusMethodNotAllowed {
				a = change(c, a)
			}
			return a
		}, atToken)
	}
}

// code gives an error another code.
func code(as string) kit.Change { return kit.Put("error", kit.Text(as)) }

// challenged gives a refusal another challenge; "" is none.
func challenged(as string) kit.Change {
	return func(_ *kit.Call, a kit.Answer) kit.Answer {
		a.Challenge = as
		return a
	}
}

// status is another one, with the challenge left as it is.
func status(as int) kit.Change {
	return func(_ *kit.Call, a kit.Answer) kit.Answer {
		a.Status = as
		return a
	}
}

// has: the body has a parameter of this name, whatever its value.
func has(name string) kit.When {
	return func(c *kit.Call) bool { _, there := c.Fields.Get(name); return there }
}

// valueless: the parameter is there, without a value.
func valueless(name string) kit.When {
	return func(c *kit.Call) bool { f, there := c.Fields.Get(name); return there && f.Text() == "" }
}

// strange: the body has a parameter that no RFC has at the token endpoint.
func strange(c *kit.Call) bool {
	return slices.ContainsFunc(c.Fields, func(f kit.Field) bool {
		return !slices.Contains([]string{"grant_type", "scope", "client_id", "client_secret", "refresh_token", "code", "redirect_uri", "code_verifier", "resource", "audience"}, f.Name)
	})
}

// byHeader: the client authenticated by the header, or tried to.
func byHeader(c *kit.Call) bool { return c.How != kit.CarriesNone }

// nobody: the request names no client.
func nobody(c *kit.Call) bool { return !byHeader(c) && !has("client_id")(c) }

// unproved: the client only says who it is.
func unproved(c *kit.Call) bool {
	return !byHeader(c) && has("client_id")(c) && !has("client_secret")(c)
}

// asAnyClient gets the token of a client's own for a request that named none.
func asAnyClient(o *oauth, c *kit.Call) kit.Answer {
	if c.Client == nil || c.Client == kit.Nobody || c.Client.Public {
		c.Client = o.Accounts.SomeClient(func(k *kit.KnownClient) bool { return k.Dialect == id && !k.Public })
	}
	return o.clientCredentials(c)
}

// hides has a wrong hint keep a token from being found.
func hides(usual finder) finder {
	return func(c *kit.Call, hint string) (kit.Entry[kit.Grant], bool) {
		e, live := usual(c, hint)
		kinds := map[string]kit.Kind{"access_token": kit.AccessToken, "refresh_token": kit.RefreshToken}
		kind, told := kinds[hint]
		return e, live && (hint == "" || told && kind == e.Value.Kind)
	}
}

// remembersRevoked keeps when tokens were revoked, for the defects that go on taking them.
func remembersRevoked(o *oauth, still func(since time.Duration) bool) (good func(*kit.Call) bool) {
	var at sync.Map
	usual := o.forget
	o.forget = func(c *kit.Call, g kit.Grant) {
		at.LoadOrStore(c.Token, c.Now)
		usual(c, g)
	}
	return func(c *kit.Call) bool {
		then, was := at.Load(c.Token)
		return was && still(c.Now.Sub(then.(time.Time)))
	}
}

// opensRevoked has the resource go on taking a token for some time after it was revoked.
func opensRevoked(still func(since time.Duration) bool) func(*oauth) {
	return func(o *oauth) { letIn(remembersRevoked(o, still))(o) }
}

func always(time.Duration) bool { return true }

// tellsDead has introspection call a dead token active that was a live one.
func tellsDead(is func(o *oauth, e kit.Entry[kit.Grant], now time.Time) bool) func(*oauth) {
	return func(o *oauth) {
		instead(inactive, func(o *oauth, c *kit.Call) kit.Answer {
			e, _ := o.Tokens.Tokens.Get(kit.KeyOf(c.Token))
			return o.tell(c, e)
		}, func(c *kit.Call) bool {
			e, there := o.Tokens.Tokens.Get(kit.KeyOf(c.Token))
			return there && is(o, e, c.Now)
		})(o)
	}
}

// tellsOwner has introspection say whose a dead token was that it still knows.
func tellsOwner(o *oauth) {
	on(inactive, func(c *kit.Call, a kit.Answer) kit.Answer {
		if e, there := o.Tokens.Tokens.Get(kit.KeyOf(c.Token)); there {
			a.Body = a.Body.Set("client_id", kit.Text(o.clientOf(e.Value.Client).ID))
		}
		return a
	})(o)
}

// tellsRevoked has introspection call what was revoked active.
func tellsRevoked(o *oauth) {
	usual := o.forget
	var kept sync.Map
	o.forget = func(c *kit.Call, g kit.Grant) {
		e, _ := o.Tokens.Tokens.Get(kit.KeyOf(c.Token))
		kept.Store(c.Token, e)
		usual(c, g)
	}
	instead(inactive, func(o *oauth, c *kit.Call) kit.Answer {
		e, _ := kept.Load(c.Token)
		return o.tell(c, e.(kit.Entry[kit.Grant]))
	}, func(c *kit.Call) bool { _, was := kept.Load(c.Token); return was })(o)
}

// moved moves a time of introspection.
func moved(name string, by time.Duration) kit.Change {
	return kit.PutFound(name, func(c *kit.Call) kit.Value {
		ends := time.Unix(0, c.Ends)
		if name == "iat" {
			ends = ends.Add(-c.Service.AccessLife)
		}
		return kit.Number(ends.Add(by).Unix())
	})
}

// inQuery takes the token out of the query as well (RFC 6750 2.3), where answers then must not be kept; both at once
// are refused unless that is so.
func inQuery(both bool) func(*oauth) {
	return func(o *oauth) {
		usual := o.presents
		o.presents = func(c *kit.Call) (string, kit.Carried) {
			token, how := usual(c)
			if asked := c.URL.Query().Get("access_token"); asked != "" && (how == kit.CarriesNone || !both) {
				if how != kit.CarriesNone {
					return "", kit.CarriesMalformed
				}
				return asked, kit.CarriesToken
			}
			return token, how
		}
		on(kit.Unauthorized, func(c *kit.Call, a kit.Answer) kit.Answer {
			return o.Challenge(bad("invalid_request", "A token is shown in one way only."), "invalid_request")
		}, func(c *kit.Call) bool { return c.How == kit.CarriesMalformed && c.URL.Query().Has("access_token") })(o)
		o.OnHeader(func(h http.Header, a kit.Answer) {
			if a.Why == shown {
				h["Cache-Control"] = []string{"private"}
			}
		})
	}
}

// lastCounts has the last count of a parameter that stands in a body twice, or the first.
func lastCounts(o *oauth) {
	usual := o.Read
	o.Read = func(c *kit.Call, body []byte) (kit.Fields, *kit.BodyFault) {
		found, fault := usual(c, body)
		if fault != kit.BodyDuplicate {
			return found, fault
		}
		parts := strings.Split(string(body), "&")
		var kept []string
		for i, part := range parts {
			name, _, _ := strings.Cut(part, "=")
			if !slices.ContainsFunc(parts[i+1:], func(later string) bool { return strings.HasPrefix(later, name+"=") }) {
				kept = append(kept, part)
			}
		}
		return usual(c, []byte(strings.Join(kept, "&")))
	}
}

// byGet has the token endpoint take a request whose parameters stand in the query.
func byGet(o *oauth) {
	o.asks = append(o.asks, http.MethodGet)
	o.Before(func(c *kit.Call) (kit.Answer, bool) {
		if c.Method == http.MethodGet && c.At == tokenPath {
			c.Fields, c.Fault = kit.ReadForm(c.URL.RawQuery)
		}
		return kit.Answer{}, false
	})
}

// takesJSON has JSON bodies taken beside forms.
func takesJSON(o *oauth) {
	form, read := o.Media, o.Read
	o.Media = func(c *kit.Call) *kit.BodyFault {
		if kit.IsJSON(c.Header.Get("Content-Type")) {
			return nil
		}
		return form(c)
	}
	o.Read = func(c *kit.Call, body []byte) (kit.Fields, *kit.BodyFault) {
		if kit.IsJSON(c.Header.Get("Content-Type")) {
			return kit.ReadObject(body)
		}
		return read(c, body)
	}
}

// asText calls an answer's JSON a text.
func asText(_ *kit.Call, a kit.Answer) kit.Answer {
	a.Media = []string{"text/plain; charset=utf-8"}
	return a
}

// asForm writes a token answer as a form, as some servers did before the RFC.
func asForm(c *kit.Call, a kit.Answer) kit.Answer {
	a.Page, a.Media = []byte("access_token="+c.Pair.Access+"&token_type=bearer&expires_in=3600"), []string{"application/x-www-form-urlencoded"}
	return a
}

// header sets a header of the answers of an occasion; "" takes it away.
func header(at kit.Occasion, name, value string) func(*oauth) {
	return func(o *oauth) {
		o.OnHeader(func(h http.Header, a kit.Answer) {
			if a.Why != at {
				return
			}
			if h.Del(name); value != "" {
				h.Set(name, value)
			}
		})
	}
}

// narrows gives less than was asked for, or more.
func narrows(to uint8) func(*oauth) {
	return func(o *oauth) { o.allowed = func(uint8, bool) (uint8, bool) { return to, true } }
}
