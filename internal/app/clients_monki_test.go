package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// The addresses of kitchenmonki's document, letter by letter. The tokens and the code in them are what the document
// shows; each is replaced by one that the server has issued.
const (
	monkiAPI  = "https://api-stage.kitchenmonki.com"
	monkiSite = "http://stage.kitchenmonki.com"

	monkiIssue     = monkiAPI + "/v2/token/grant?grant_type=client_credentials&client_id=CLIENTID&client_secret=CLIENTSECRET"
	monkiAuthorize = monkiSite + "/authorize?client_id=CLIENTID&response_type=code&redirect_uri=https%3A%2F%2Fwww.example.com%2Fapi_helper.php"
	monkiPopup     = monkiSite + "/authorize?display=popup&client_id=CLIENTID&response_type=code&redirect_uri=https%3A%2F%2Fwww.example.com%2Fapi_helper.php"
	monkiExchange  = monkiAPI + "/v2/token/grant?grant_type=authorization_code&code=" + monkiCode + "&client_id=CLIENTID&client_secret=CLIENTSECRET&redirect_uri=https%3A%2F%2Fwww.example.com%2Fapi_helper.php"
	monkiRefresh   = monkiAPI + "/v2/token/grant?grant_type=refresh_token&client_id=CLIENTID&client_secret=CLIENTSECRET&refresh_token=" + monkiOldToken
	monkiUse       = "GET /v2/queue HTTP/1.0\nHost: https://api-stage.kitchenmonki.com\nAuthorization: Bearer " + monkiToken

	monkiCode     = "YT0pRFSc1DW9RdRFN93AlbsDnhpFoz3JHSBSybuoh2k"
	monkiOldToken = "H2fdWAq0ZY4uwuwfSOYigcL_LhBVtYLSfm66ATSwO58"
	monkiToken    = "iG2QKFT6Ox1BG7IXN6y2xOvxu9kPUSmOqVmv0VM42cc"

	monkiPair        = `{"access_token": "TOKEN", "expires_in": 3600, "token_type": "bearer", "scope": null, "refresh_token": "TOKEN"}`
	monkiRedirectURI = "https://www.example.com/api_helper.php"
)

// monkiTypist replaces hosts and credentials, and the pairs.
func monkiTypist(t *testing.T, s *served, put ...string) *keyboard {
	t.Helper()
	who := s.account(t, "kitchenmonki", "primary")
	if who["redirect_uri"] != monkiRedirectURI {
		t.Fatalf("the client is registered with %s, not with the document's %s", who["redirect_uri"], monkiRedirectURI)
	}
	return typing(t, append(put, monkiAPI, s.api, monkiSite, s.api, "CLIENTID", who["client_id"], "CLIENTSECRET", who["client_secret"])...)
}

// monkiUses sends the document's API call and wants it to act for a user.
func monkiUses(t *testing.T, s *served, token, user string) {
	t.Helper()
	status, body := rawly(t, s.api, strings.Replace(monkiUse, monkiToken, token, 1))
	if status != http.StatusOK || actingUser(t, body) != user {
		t.Errorf("200 and user %s are wanted, not %d: %s", user, status, body)
	}
}

func TestMonkiClientCredentialsAsTheDocumentHasIt(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenmonki")
	k := monkiTypist(t, s)
	pair := k.types(t, "curl '"+monkiIssue+"'", http.StatusOK)
	pair.looksLike(t, monkiPair)
	token := pair.text(t, "access_token")
	monkiUses(t, s, token, "101")

	k = monkiTypist(t, s, "TOKEN", token)
	for _, line := range []string{
		"curl " + monkiAPI + "/v2/queue?access_token=TOKEN",
		"curl " + monkiAPI + "/v2/queue -d access_token=TOKEN",
		"curl -X PUT " + monkiAPI + "/v2/queue -d access_token=TOKEN",
		"curl " + monkiAPI + "/v2/queue -H 'Authorization: Bearer TOKEN'",
		"curl --http1.0 " + monkiAPI + "/v2/queue -H 'Host: " + monkiAPI + "' -H 'Authorization: Bearer TOKEN'",
	} {
		if who := actingUser(t, k.types(t, line, http.StatusOK).body); who != "101" {
			t.Errorf("%s: the token acts for %s", line, who)
		}
	}
}

func TestMonkiAuthorizationCodeAsTheDocumentHasIt(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenmonki")
	user := s.account(t, "kitchenmonki", "user")
	k := monkiTypist(t, s)
	link := strings.NewReplacer(k.put...).Replace(monkiAuthorize)
	_, callback := k.browses(t).approves(t, link, user)
	k = monkiTypist(t, s, monkiCode, codeOf(t, callback, monkiRedirectURI, ""))
	pair := k.types(t, "curl '"+monkiExchange+"'", http.StatusOK)
	pair.looksLike(t, monkiPair)
	monkiUses(t, s, pair.text(t, "access_token"), user["acts_as"])
	late := monkiTypist(t, s)
	_, callback = late.browses(t).approves(t, link, user)
	late.replaces(monkiCode, codeOf(t, callback, monkiRedirectURI, ""))

	s.advance(t, 31*time.Second)
	late.types(t, "curl '"+monkiExchange+"'", http.StatusBadRequest)
	s.advance(t, time.Hour)
	status, _ := rawly(t, s.api, strings.Replace(monkiUse, monkiToken, pair.text(t, "access_token"), 1))
	if status != http.StatusUnauthorized {
		t.Errorf("after an hour the access token is answered with %d", status)
	}
	k = monkiTypist(t, s, monkiOldToken, pair.text(t, "refresh_token"))
	fresh := k.types(t, "curl '"+monkiRefresh+"'", http.StatusOK)
	fresh.looksLike(t, monkiPair)
	monkiUses(t, s, fresh.text(t, "access_token"), user["acts_as"])
	k.types(t, "curl '"+monkiRefresh+"'", http.StatusBadRequest)
}

// What a popup does in a browser is the browser tests' matter; here its link works, and what it has for an opener.
func TestMonkiPopupLinkAsTheDocumentHasIt(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenmonki")
	user := s.account(t, "kitchenmonki", "user")
	k := monkiTypist(t, s)
	page, callback := k.browses(t).approves(t, strings.NewReplacer(k.put...).Replace(monkiPopup), user)
	if callback != "" {
		t.Fatalf("the popup itself is sent to %s", callback)
	}
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for node := range root.Descendants() {
		if node.Data != "a" || len(node.Attr) == 0 {
			continue
		}
		for _, a := range node.Attr {
			if to, err := url.Parse(a.Val); a.Key == "href" && err == nil && to.Query().Has("code") {
				callback = a.Val
			}
		}
	}
	k.replaces(monkiCode, codeOf(t, callback, monkiRedirectURI, ""))
	k.types(t, "curl '"+monkiExchange+"'", http.StatusOK).looksLike(t, monkiPair)
}
