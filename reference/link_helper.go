package reference

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"gonogo/reference/kit"
	"gonogo/reference/kitchenmonki"
)

// The link helper is what the document calls api_helper.php: "a simple file
// that will construct links to make requesting a token easier for testing
// purposes". It is the redirect URI of a client of its own, so that the code
// comes back to it.
//
// The page makes the links in the browser: what is typed into it, the secret
// above all, is not sent anywhere before a link is followed.
const helperDialect = "kitchenmonki"

func (s *Server) helperPage(c *kit.Call) kit.Answer {
	if to := s.registeredHelper(c.Request); to != "" {
		return kit.Answer{Status: http.StatusTemporaryRedirect, Location: to}
	}
	v := struct {
		frame
		Clients   []clientView
		Users     []User
		Authorize string
	}{frame: s.frame("Link helper", helperPath), Authorize: s.addressOf(s.api, c.Request) + "/authorize"}
	if s.www != nil {
		v.Authorize = s.addressOf(s.www, c.Request) + "/authorize"
	}
	seeds := s.dialectView(helperDialect)
	v.Users = seeds.Users
	for _, one := range seeds.Clients {
		if one.Role == kitchenmonki.HelperRole { // the one that the page works best with is chosen first
			v.Clients = append([]clientView{one}, v.Clients...)
		} else {
			v.Clients = append(v.Clients, one)
		}
	}
	return sitePage("helper", sitePolicy, v)
}

// registeredHelper is where the page is registered, when it is asked for under
// another name of loopback: what a browser keeps for one it does not show the
// other, and the code comes back to the registered one. "" is a page that is
// in its place, or in one that the server cannot judge.
func (s *Server) registeredHelper(r *http.Request) string {
	_, loopback := loopbackHost(r)
	here := "http://" + r.Host
	_, port, _ := net.SplitHostPort(r.Host)
	if !loopback || here == s.URL() || !strings.HasSuffix(s.URL(), ":"+port) {
		return ""
	}
	to := url.URL{Path: helperPath, RawQuery: r.URL.RawQuery}
	return s.URL() + to.String()
}

// registerHelper registers the link helper's own page for the client that has
// no other redirect URI: only the running server knows its address.
func registerHelper(a *Accounts, page string) {
	for i, c := range a.Clients {
		if c.Dialect == helperDialect && c.Role == kitchenmonki.HelperRole && c.RedirectURI == "" {
			a.Clients[i].RedirectURI = page
		}
	}
}
