// Command xoauth2 is a client by golang.org/x/oauth2: of kitchenhub, through a transport that turns the library's forms into the document's
// JSON, and of oauth2 with a user's code. The library goes by its own clock, refreshes ten seconds before an end, keeps a
// rotated token in memory only, and does nothing about a 401: what it leaves to its user, it leaves here to the loop below.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

var (
	base         = strings.TrimSuffix(os.Getenv("GONOGO_BASE_URL"), "/")
	id, secret   = os.Getenv("GONOGO_PRIMARY_CLIENT_ID"), os.Getenv("GONOGO_PRIMARY_CLIENT_SECRET")
	redirect     = os.Getenv("GONOGO_PRIMARY_REDIRECT_URI")
	user, passwd = os.Getenv("GONOGO_USER_USERNAME"), os.Getenv("GONOGO_USER_PASSWORD")
)

// kitchenhub turns a grant of RFC 6749 into a request of kitchenhub, and its answer into one that the library reads.
type kitchenhub struct{}

func (kitchenhub) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path != "/token" {
		return http.DefaultTransport.RoundTrip(r)
	}
	form, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	values, bad := url.ParseQuery(string(form))
	if err = errors.Join(err, bad); err != nil {
		return nil, err
	}
	path, fields := "/v2/auth/token", map[string]string{"client_id": values.Get("client_id"), "client_secret": values.Get("client_secret")}
	if values.Get("grant_type") == "refresh_token" {
		path, fields = "/v2/auth/refresh", map[string]string{"refresh_token": values.Get("refresh_token")}
	}
	body, _ := json.Marshal(fields)
	ask, err := http.NewRequestWithContext(r.Context(), http.MethodPost, base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	ask.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultTransport.RoundTrip(ask)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	members := map[string]any{}
	if json.Unmarshal(text, &members) == nil {
		if minutes, ok := members["access_token_expire"].(float64); ok {
			members["expires_in"] = 60 * minutes
		}
		text, _ = json.Marshal(members)
	}
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return answer, err
}

// loginKitchenhub are client credentials, and a refresh token with them.
func loginKitchenhub(ctx context.Context) (*oauth2.Token, error) {
	return (&clientcredentials.Config{ClientID: id, ClientSecret: secret, TokenURL: base + "/token", AuthStyle: oauth2.AuthStyleInParams}).Token(ctx)
}

func config() *oauth2.Config {
	pages := os.Getenv("GONOGO_SERVER_PAGES")
	if pages == "" {
		pages = base
	}
	return &oauth2.Config{ClientID: id, ClientSecret: secret, RedirectURL: redirect, Endpoint: oauth2.Endpoint{AuthURL: pages + "/oauth2/authorize", TokenURL: base + "/token"}}
}

// loginUser asks the user, with a state and a proof key, and exchanges the code.
func loginUser(ctx context.Context) (*oauth2.Token, error) {
	state, verifier := oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	back, err := browse(config().AuthCodeURL(state, oauth2.S256ChallengeOption(verifier)))
	if err != nil {
		return nil, err
	}
	if back.Query().Get("state") != state {
		return nil, errors.New("another state came back")
	}
	return config().Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(verifier))
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// browse is the user's browser on a page that signs in and approves at once.
func browse(link string) (*url.URL, error) {
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar, Timeout: 10 * time.Second, CheckRedirect: stay}
	page, err := browser.Get(link)
	if err != nil {
		return nil, err
	}
	defer page.Body.Close()
	text, err := io.ReadAll(page.Body)
	action := regexp.MustCompile(`<form[^>]* action="([^"]*)"`).FindSubmatch(text)
	if err != nil || action == nil {
		return nil, errors.New("a page without a form")
	}
	form := url.Values{"username": {user}, "password": {passwd}, "decision": {"approve"}}
	for _, field := range hidden.FindAllSubmatch(text, -1) {
		form.Set(string(field[1]), string(field[2]))
	}
	to, err := page.Request.URL.Parse(string(action[1]))
	if err != nil {
		return nil, err
	}
	answer, err := browser.PostForm(to.String(), form)
	if err != nil {
		return nil, err
	}
	answer.Body.Close()
	return answer.Location()
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	login, use, transport := loginUser, "/resource", http.DefaultTransport
	if len(os.Args) > 1 && os.Args[1] == "kitchenhub" {
		login, use, transport = loginKitchenhub, "/v2/orders", kitchenhub{}
	}
	grants := context.WithValue(context.Background(), oauth2.HTTPClient, &http.Client{Transport: transport, Timeout: 10 * time.Second})
	pace, err := strconv.ParseFloat(os.Getenv("PACE"), 64)
	if err != nil {
		pace = 0.2
	}
	var token *oauth2.Token
	for ctx.Err() == nil {
		wait, err := turn(grants, login, base+use, &token)
		if err != nil {
			fmt.Fprintln(os.Stderr, "xoauth2: no luck with a call or a token") // the error's own words may have secrets
			wait = max(wait, time.Second)
		}
		select {
		case <-ctx.Done():
		case <-time.After(max(wait, time.Duration(pace*float64(time.Second)))):
		}
	}
}

// turn is one call. After a 401 the token is called ended, so that the library refreshes it; a refresh that is refused is a
// new login. It answers how long to wait.
func turn(ctx context.Context, login func(context.Context) (*oauth2.Token, error), where string, token **oauth2.Token) (wait time.Duration, err error) {
	for range 2 {
		if *token == nil {
			if *token, err = login(ctx); err != nil {
				return pause(err), err
			}
		}
		fresh, err := config().TokenSource(ctx, *token).Token()
		if refused := new(oauth2.RetrieveError); errors.As(err, &refused) && refused.Response.StatusCode < 402 {
			*token = nil
			continue
		}
		if err != nil {
			return pause(err), err
		}
		*token = fresh
		answer, err := call(where, fresh)
		if err != nil {
			return 0, err
		}
		switch answer.StatusCode {
		case http.StatusForbidden:
			return 10 * time.Second, nil
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			return retryAfter(answer), nil
		case http.StatusUnauthorized:
			fresh.Expiry = time.Unix(1, 0)
		default:
			return 0, nil
		}
	}
	return 10 * time.Second, nil
}

// pause is what a server wants that gives no token now.
func pause(err error) time.Duration {
	if refused := new(oauth2.RetrieveError); errors.As(err, &refused) {
		return retryAfter(refused.Response)
	}
	return 0
}

func retryAfter(answer *http.Response) time.Duration {
	seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
	return time.Duration(seconds) * time.Second
}

// stay follows no redirect: a token is for the host that it was meant for.
var stay = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func call(where string, token *oauth2.Token) (*http.Response, error) {
	r, err := http.NewRequest(http.MethodGet, where, nil)
	if err != nil {
		return nil, err
	}
	token.SetAuthHeader(r)
	answer, err := (&http.Client{Timeout: 10 * time.Second, CheckRedirect: stay}).Do(r)
	if err == nil {
		answer.Body.Close()
	}
	return answer, err
}
