package oauth2

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"gonogo/reference/kit"
)

// errorPage ends an authorization on a page.
func errorPage(c *kit.Call, _ kit.Answer) kit.Answer {
	return (&oauth{Service: c.Service}).errorPage(http.StatusBadRequest, "This request is not possible.")
}

// oddlyAsked: an authorization request has a parameter that no RFC has there.
func oddlyAsked(c *kit.Call) bool {
	for name := range c.Query {
		if !slices.Contains(append([]string{"client_id", "redirect_uri", "resource", "prompt", "nonce"}, authorizeParameters...), name) {
			return true
		}
	}
	return false
}

// misasks sends an error back in place of asking the user.
func misasks(code string, when kit.When) func(*oauth) {
	return instead(asking, func(o *oauth, c *kit.Call) kit.Answer {
		who := o.Accounts.Client(id, c.Query.Get("client_id"))
		return o.deliver(wish{client: who, redirect: who.RedirectURI, state: c.Query.Get("state")}, "error", code)
	}, when)
}

// types has response types be taken for another; "" is none.
func types(as func(name string) string) func(*oauth) {
	return func(o *oauth) {
		usual := o.responseType
		o.responseType = func(name string) string {
			if other := as(name); other != "" {
				name = other
			}
			return usual(name)
		}
	}
}

// returning changes the parameters that users are sent back with.
func returning(change func(parameters []string) []string) func(*oauth) {
	return func(o *oauth) {
		usual := o.callback
		o.callback = func(uri string, parameters []string) string { return usual(uri, change(parameters)) }
	}
}

// without leaves a parameter out.
func without(parameters []string, name string) (kept []string) {
	for i := 0; i+1 < len(parameters); i += 2 {
		if parameters[i] != name {
			kept = append(kept, parameters[i], parameters[i+1])
		}
	}
	return kept
}

// redirects puts together in another way what users are sent to; added begins with a separator.
func redirects(join func(uri, added string) string) func(*oauth) {
	return func(o *oauth) {
		usual := o.callback
		o.callback = func(uri string, parameters []string) string {
			if added, is := strings.CutPrefix(usual(uri, parameters), uri); is && added != "" {
				return join(uri, added)
			}
			return uri
		}
	}
}

// states has another state come back than was sent; "" is none.
func states(back func(w wish, failed bool) string) func(*oauth) {
	return func(o *oauth) {
		usual := o.answers
		o.answers = func(w wish, parameters []string) []string {
			if w.state != "" {
				w.state = back(w, slices.Contains(parameters, "error"))
			}
			return usual(w, parameters)
		}
	}
}

// approveAtOnce asks nobody.
func (o *oauth) approveAtOnce(c *kit.Call) kit.Answer {
	w := wish{client: o.Accounts.Client(id, c.Query.Get("client_id")), redirect: c.Query.Get("redirect_uri"), asked: c.Query.Has("redirect_uri"), state: c.Query.Get("state")}
	if !w.asked {
		w.redirect = w.client.RedirectURI
	}
	_ = o.complete(&w, c.Query) // nobody is asked who asks for too much
	return o.approveForAnybody()(c, w)
}

// lastAskedCounts has the last count of a parameter that stands in an authorization request twice.
func lastAskedCounts(o *oauth) {
	o.asked = func(c *kit.Call) (url.Values, bool) {
		in, ok := asked(c)
		for name, values := range in {
			in[name] = values[len(values)-1:]
		}
		return in, ok
	}
}

// stateOfAnother has the state of the authorization before come back.
func stateOfAnother(o *oauth) {
	var mu sync.Mutex
	var last string
	states(func(w wish, _ bool) string {
		mu.Lock()
		defer mu.Unlock()
		former := last
		if last = w.state; former == "" {
			return last
		}
		return former
	})(o)
}

// denies tells the client something else of a denial.
func denies(what func(*oauth) []string) func(*oauth) {
	return func(o *oauth) {
		o.denied = func(_ *kit.Call, w wish) kit.Answer { return o.deliver(w, what(o)...) }
	}
}

// approveForAnybody takes a denial for an approval, by whoever it is.
func (o *oauth) approveForAnybody() func(*kit.Call, wish) kit.Answer {
	return func(c *kit.Call, w wish) kit.Answer {
		c.User = o.Accounts.UserOrNobody(id, seeds.Users[0].Username)
		return o.approve(c, w)
	}
}

// aside has a page be shown at an address of its own, once.
func aside(o *oauth) {
	var pages sync.Map
	o.aside = func(c *kit.Call) kit.Answer {
		page, there := pages.LoadAndDelete(c.URL.Query().Get("page"))
		if !there {
			return o.errorPage(http.StatusBadRequest, "This page was shown before. Start again at the application.")
		}
		return page.(kit.Answer)
	}
	on(asking, func(c *kit.Call, a kit.Answer) kit.Answer {
		name := kit.RandomToken()
		pages.Store(name, a)
		return kit.Answer{Status: http.StatusSeeOther, Location: c.Service.Pages + asidePath + "?page=" + name}
	}, kit.At(authorizePath))(o)
}

// withoutRefresh leaves the refresh token out of an answer, and ends it.
func withoutRefresh(c *kit.Call, a kit.Answer) kit.Answer {
	c.Service.Tokens.Forget(kit.RefreshToken, c.Pair.Refresh)
	a.Body = a.Body.Without("refresh_token")
	return a
}

// forgetsNew has the access token that is answered be dead.
func forgetsNew(c *kit.Call, a kit.Answer) kit.Answer {
	c.Service.Tokens.Forget(kit.AccessToken, c.Pair.Access)
	return a
}

// wants: the request is for one of the grants.
func wants(grant string) kit.When {
	return func(c *kit.Call) bool { f, there := c.Fields.Get("grant_type"); return there && f.Text() == grant }
}

// serves goes on with a grant for a client that did not prove itself, if it named itself.
func serves(grant string, step func(*oauth, *kit.Call) kit.Answer) func(*oauth) {
	return instead(stranger, step, atToken, wants(grant), kit.KnownID)
}

// servesNobody goes on with a grant for whoever it belongs to, where no client is named.
func servesNobody(grant string, owner func(o *oauth, c *kit.Call) *kit.KnownClient, step func(*oauth, *kit.Call) kit.Answer) func(*oauth) {
	return instead(stranger, func(o *oauth, c *kit.Call) kit.Answer {
		c.Client = owner(o, c)
		return step(o, c)
	}, atToken, wants(grant), nobody)
}

func ownerOfCode(o *oauth, c *kit.Call) *kit.KnownClient {
	if e, known := o.codes.Get(kit.KeyOf(o.parameter(c, "code"))); known {
		return e.Value.client
	}
	return kit.Nobody
}

func ownerOfRefresh(o *oauth, c *kit.Call) *kit.KnownClient {
	e, _ := o.Tokens.Tokens.Get(kit.KeyOf(o.parameter(c, "refresh_token")))
	return o.clientOf(e.Value.Client)
}

// races has a code be looked up first and spent so much later.
func races(gap time.Duration) func(*oauth) {
	return func(o *oauth) {
		o.spend = func(k kit.Key) bool {
			time.Sleep(gap)
			o.codes.Spend(k)
			return true
		}
	}
}

// codeReturns has a used code be refused for so long, and work again after that.
func codeReturns(after time.Duration) func(*oauth) {
	return func(o *oauth) {
		var used sync.Map
		o.spend = func(k kit.Key) bool {
			now := o.Clock.Now()
			at, was := used.LoadOrStore(k, now)
			return !was || now.Sub(at.(time.Time)) >= after
		}
		o.reused = func(uint64, time.Time) {}
	}
}

// reusedEnds has a code that comes back end only some of its tokens.
func reusedEnds(which func(kit.Grant) bool) func(*oauth) {
	return func(o *oauth) {
		o.reused = func(family uint64, _ time.Time) {
			o.Tokens.Tokens.DropIf(func(g kit.Grant) bool { return g.Family == family && which(g) })
		}
	}
}

// usedCode: the code of a request was used before.
func usedCode(o *oauth) kit.When {
	return func(c *kit.Call) bool { e, known := o.codes.Get(kit.KeyOf(c.Token)); return known && e.Spent }
}

// exchangeNothing gets tokens for no code of anybody's.
func (o *oauth) exchangeNothing(c *kit.Call) kit.Answer {
	o.Issue(c, kit.Account{Client: c.Client.Number, Scope: every})
	return o.answer(c, every).As(exchanged)
}
