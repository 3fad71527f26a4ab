package app_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// kitchenmonki's grants are GETs with everything in the query, and golang.org/x/oauth2 only ever POSTs a form. What a
// Go developer writes between the two is this transport. docs/reference-server.md shows it, and TestTheGoCodeOfThePageIsThatOfTheTree
// compares.

// grantByGET sends the token requests of golang.org/x/oauth2 as kitchenmonki documents them.
type grantByGET struct{}

func (grantByGET) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost || r.URL.Path != "/v2/token/grant" {
		return http.DefaultTransport.RoundTrip(r)
	}
	form, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return nil, err
	}
	get := r.Clone(r.Context())
	get.Method, get.URL.RawQuery = http.MethodGet, string(form)
	get.Body, get.ContentLength = http.NoBody, 0
	get.Header.Del("Content-Type")
	return http.DefaultTransport.RoundTrip(get)
}

const deadRefreshToken = `oauth2: "invalid_grant" "The refresh token is unknown, used, expired or revoked, or belongs to another client."`

// through is a context in which the library sends everything by a transport.
func through(t *testing.T, transport http.RoundTripper) context.Context {
	return context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: transport, Timeout: 10 * time.Second})
}

// monkiConfig is the library's configuration for a client of kitchenmonki.
func monkiConfig(s *served, client map[string]string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: client["client_id"], ClientSecret: client["client_secret"], RedirectURL: client["redirect_uri"],
		Endpoint: oauth2.Endpoint{AuthURL: s.api + "/authorize", TokenURL: s.api + "/v2/token/grant", AuthStyle: oauth2.AuthStyleInParams},
	}
}

// gets wants a GET to be answered with a status, and answers the body.
func gets(t *testing.T, client *http.Client, address string, status int) []byte {
	t.Helper()
	answer, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	body := drained(answer.Body)
	if answer.StatusCode != status {
		t.Fatalf("GET %s: %d is wanted, not %s: %s", address, status, answer.Status, body)
	}
	return body
}

// refusedWith wants the library's own error for a refused token request.
func refusedWith(t *testing.T, err error, status int, sentence string) {
	t.Helper()
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response.StatusCode != status || refused.Error() != sentence {
		t.Errorf("%d and %s are wanted, not %v", status, sentence, err)
	}
}

func TestOAuth2ClientCredentials(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenmonki")
	api, account := s.api, s.account(t, "kitchenmonki", "primary")
	ctx := through(t, grantByGET{})

	config := clientcredentials.Config{
		ClientID: "monki-client-basalt", ClientSecret: "Xr5dMeadow1bQuartz6tWalnut",
		TokenURL: api + "/v2/token/grant", AuthStyle: oauth2.AuthStyleInParams,
	}
	answer, err := config.Client(ctx).Get(api + "/v2/queue")
	if err != nil {
		t.Fatal(err)
	}
	if body := drained(answer.Body); answer.StatusCode != http.StatusOK || actingUser(t, body) != account["acts_as"] {
		t.Errorf("user %s is wanted, not %s: %s", account["acts_as"], answer.Status, body)
	}

	token, err := config.Token(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(token.Expiry); token.Type() != "Bearer" || token.RefreshToken == "" || token.Extra("scope") != nil ||
		left <= 59*time.Minute || left > time.Hour {
		t.Errorf("the token is of type %s, expires in %s, scope %v", token.Type(), left, token.Extra("scope"))
	}
	config.ClientSecret = "wrong"
	_, err = config.Token(ctx)
	refusedWith(t, err, http.StatusUnauthorized, `oauth2: "invalid_client" "The client is unknown, or its secret is missing or wrong."`)
}

// Left to find out where the credentials go, the library tries a Basic header first, which kitchenmonki does not
// document and this server does not read, and then the parameters.
func TestOAuth2FindsOutWhereTheCredentialsGo(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenmonki")
	account := s.account(t, "kitchenmonki", "primary")
	config := clientcredentials.Config{ClientID: account["client_id"], ClientSecret: account["client_secret"], TokenURL: s.api + "/v2/token/grant"}
	if _, err := config.Token(through(t, grantByGET{})); err != nil {
		t.Fatal(err)
	}
	if got, want := s.received(t, 0), []string{"GET /v2/token/grant 400", "GET /v2/token/grant 200"}; !slices.Equal(got, want) {
		t.Errorf("%q is wanted, not %q", want, got)
	}
}

func TestOAuth2AuthorizationCodeAndRefresh(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenmonki")
	client, user := s.account(t, "kitchenmonki", "primary"), s.account(t, "kitchenmonki", "user")
	config, ctx := monkiConfig(s, client), through(t, grantByGET{})
	queue := s.api + "/v2/queue"

	const state = "from here & back=1"
	_, callback := visitor(t).approves(t, config.AuthCodeURL(state), user)
	code := codeOf(t, callback, client["redirect_uri"], state)
	token, err := config.Exchange(ctx, code)
	if err != nil {
		t.Fatal(err)
	}
	if who := actingUser(t, gets(t, config.Client(ctx, token), queue, http.StatusOK)); who != user["acts_as"] {
		t.Errorf("the token acts for %s, not for %s who granted the code", who, user["acts_as"])
	}
	_, err = config.Exchange(ctx, code)
	refusedWith(t, err, http.StatusBadRequest, `oauth2: "invalid_grant" "The code is unknown, used or expired, or belongs to another client or redirect URI."`)

	// that second exchange revoked what the code had given
	_, callback = visitor(t).approves(t, config.AuthCodeURL(state), user)
	if token, err = config.Exchange(ctx, codeOf(t, callback, client["redirect_uri"], state)); err != nil {
		t.Fatal(err)
	}
	s.advance(t, time.Hour+time.Minute)
	gets(t, config.Client(ctx, token), queue, http.StatusUnauthorized) // the library counts real time, and sees no need to refresh

	expired := *token
	expired.Expiry = time.Now().Add(-time.Minute)
	before := s.requests(t)
	authorized := config.Client(ctx, &expired)
	for range 2 { // one refresh is enough for both
		if who := actingUser(t, gets(t, authorized, queue, http.StatusOK)); who != user["acts_as"] {
			t.Errorf("after the refresh the token acts for %s, not for %s", who, user["acts_as"])
		}
	}
	if got, want := s.received(t, before), []string{"GET /v2/token/grant 200", "GET /v2/queue 200", "GET /v2/queue 200"}; !slices.Equal(got, want) {
		t.Errorf("%q is wanted, not %q", want, got)
	}
	_, err = config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	refusedWith(t, err, http.StatusBadRequest, deadRefreshToken)
}

// The library keeps the refresh token that came with the last refresh, so that one source goes on refreshing.
func TestOAuth2GoesOnRefreshing(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenmonki")
	client, user := s.account(t, "kitchenmonki", "primary"), s.account(t, "kitchenmonki", "user")
	config, ctx := monkiConfig(s, client), through(t, grantByGET{})

	// PKCE and an access_type, as other providers want them, are parameters that kitchenmonki does not know
	verifier := oauth2.GenerateVerifier()
	_, callback := visitor(t).approves(t, config.AuthCodeURL("s", oauth2.AccessTypeOffline, oauth2.S256ChallengeOption(verifier)), user)
	token, err := config.Exchange(ctx, codeOf(t, callback, client["redirect_uri"], "s"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	const longerThanAnyToken = 2 * time.Hour
	source := oauth2.ReuseTokenSourceWithExpiry(nil, config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}), longerThanAnyToken)
	seen := []string{token.AccessToken}
	for range 4 {
		s.advance(t, 13*24*time.Hour) // within the two weeks of the refresh token
		fresh, err := source.Token()
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(seen, fresh.AccessToken) {
			t.Error("a refresh answers an old access token")
		}
		seen = append(seen, fresh.AccessToken)
		// a copy, because a client forgets the early expiry of the token that it is given
		bearer := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: fresh.AccessToken})
		gets(t, oauth2.NewClient(ctx, bearer), s.api+"/v2/queue", http.StatusOK)
	}
	s.advance(t, 15*24*time.Hour)
	_, err = source.Token()
	refusedWith(t, err, http.StatusBadRequest, deadRefreshToken)
}

// Without the adapter no grant gets through: the link for the user and the Bearer header are all that fit.
func TestOAuth2UnadaptedIsToldThatTheMethodIsWrong(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenmonki")
	account := s.account(t, "kitchenmonki", "primary")
	ctx := through(t, http.DefaultTransport)
	for _, style := range []oauth2.AuthStyle{oauth2.AuthStyleAutoDetect, oauth2.AuthStyleInParams, oauth2.AuthStyleInHeader} {
		config := monkiConfig(s, account)
		config.Endpoint.AuthStyle = style
		issue := clientcredentials.Config{ClientID: config.ClientID, ClientSecret: config.ClientSecret, TokenURL: config.Endpoint.TokenURL, AuthStyle: style}
		_, issued := issue.Token(ctx)
		_, exchanged := config.Exchange(ctx, "YT0pRFSc1DW9RdRFN93AlbsDnhpFoz3JHSBSybuoh2k")
		_, refreshed := config.TokenSource(ctx, &oauth2.Token{RefreshToken: "H2fdWAq0ZY4uwuwfSOYigcL_LhBVtYLSfm66ATSwO58"}).Token()
		for _, err := range []error{issued, exchanged, refreshed} {
			refusedWith(t, err, http.StatusMethodNotAllowed, `oauth2: "method_not_allowed" "This path knows other methods."`)
			var refused *oauth2.RetrieveError
			if errors.As(err, &refused) && !strings.Contains(refused.Response.Header.Get("Allow"), "GET") {
				t.Errorf("the answer does not say which method is right: Allow is %q", refused.Response.Header.Get("Allow"))
			}
		}
	}
}

// The adapter must leave everything alone that is no token request.
func TestGrantByGETLeavesOtherRequestsAlone(t *testing.T) {
	t.Parallel()
	var got []string
	api := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = append(got, r.Method+" "+r.URL.RequestURI()+" "+string(drained(r.Body)))
	}))
	t.Cleanup(api.Close)
	client := &http.Client{Transport: grantByGET{}}
	for _, path := range []string{"/v2/queue", "/v2/token/grant"} {
		answer, err := client.Post(api.URL+path, "application/x-www-form-urlencoded", strings.NewReader("a=%26"))
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
	}
	if want := []string{"POST /v2/queue a=%26", "GET /v2/token/grant?a=%26 "}; !slices.Equal(got, want) {
		t.Errorf("%q is wanted, not %q", want, got)
	}
}
