package reference

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"gonogo/reference/kitchenmonki"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestInABrowser tries the pages as a human does, one browser for all of it.
func TestInABrowser(t *testing.T) {
	t.Parallel() // it waits more than it works
	browser := chromium(t)

	t.Run("the start page shows the seed accounts", func(t *testing.T) {
		s := start(t, Config{Defects: []string{"kitchenhub-refresh-replay"}})
		b := newTab(t, browser)
		b.do(chromedp.Navigate(s.StartPageURL()))
		page := b.page()
		for _, c := range s.Accounts().Clients {
			for _, want := range []string{c.ID, c.Secret, c.RedirectURI} {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %q", want)
				}
			}
		}
		for _, u := range s.Accounts().Users {
			if !strings.Contains(page, u.Username) || !strings.Contains(page, u.Password) {
				t.Errorf("the page lacks the user %s", u.Username)
			}
		}
		for _, want := range []string{"TEST ONLY", "DEFECT kitchenhub-refresh-replay", s.URL(), s.ControlURL(), "GET /v2/orders"} {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %q", want)
			}
		}
	})

	t.Run("a code, its exchange, a refresh, an API call", func(t *testing.T) {
		var log lockedBuffer
		s := start(t, Config{Log: &log})
		b := newTab(t, browser)
		b.do(chromedp.Navigate(s.URL()+helperPath), press("Ask in this window"))
		b.signIn(s)
		b.do(press("Approve"), says("back", "A code came back. The state is the one that was sent."))
		if at := read(b, chromedp.Location()); at != s.URL()+helperPath {
			t.Errorf("the code stays in the address: %s", at)
		}
		code := read(b, chromedp.Value(chromedp.ID("code")))
		b.do(press("Exchange the code"), says("code-answer", "HTTP 200"))
		first := b.tokens()
		b.do(press("GET /v2/queue"), says("call-answer", `"user_id": 303`))
		b.do(press("Refresh"), says("refresh-answer", "HTTP 200"))
		second := b.tokens()
		if first == second || code == "" || first[0] == "" || first[1] == "" || first[0] == second[0] || first[1] == second[1] {
			t.Errorf("the code %q led to %q and a refresh to %q", code, first, second)
		}
		b.do(press("GET /v2/queue"), says("call-answer", `"user_id": 303`))
		for _, secret := range append(slices.Concat(first[:], second[:]), code, helperClient(t, s).Secret) {
			if strings.Contains(log.String(), secret) {
				t.Errorf("%q is in the log", secret)
			}
		}
		b.keepsSecretFrom(helperClient(t, s).Secret, "/authorize")
	})

	t.Run("a refusal", func(t *testing.T) {
		s := start(t, Config{})
		b := newTab(t, browser)
		b.do(chromedp.Navigate(s.URL()+helperPath), press("Ask in this window"))
		b.signIn(s)
		b.do(press("Deny"), says("back", "No code came back, but the error access_denied. The state is the one that was sent."))
		if code := read(b, chromedp.Value(chromedp.ID("code"))); code != "" {
			t.Errorf("the code %q", code)
		}
	})

	t.Run("a popup sends the code to the window that opened it", func(t *testing.T) {
		for _, cfg := range []Config{{}, {WWW: "127.0.0.1:0"}} {
			s := start(t, cfg)
			b := newTab(t, browser)
			b.do(chromedp.Navigate(s.URL() + helperPath))
			pop := b.popup(press("Ask in a popup"))
			pop.signIn(s)
			pop.do(press("Approve"))
			b.do(says("back", "A code came back. The state is the one that was sent."),
				press("Exchange the code"), says("code-answer", "HTTP 200"))
			b.keepsSecretFrom(helperClient(t, s).Secret, "/authorize")
		}
	})

	t.Run("client credentials, of any client", func(t *testing.T) {
		s := start(t, Config{})
		b := newTab(t, browser)
		b.do(chromedp.Navigate(s.URL()+helperPath), press("Get a token"), says("credentials-answer", "HTTP 200"))
		b.do(press("GET /v2/queue"), says("call-answer", `"user_id": 404`))
		b.do(chromedp.SendKeys(chromedp.ID("client"), "second"), says("elsewhere", "does not come back here"))
		b.do(press("Get a token"), says("credentials-answer", "HTTP 200"), press("GET /v2/queue"), says("call-answer", `"user_id": 202`))
		b.do(chromedp.SendKeys(chromedp.ID("secret"), "x"), says("client", "another one"))
		for _, id := range []string{"authorize-link", "popup-link"} {
			if to := read(b, chromedp.AttributeValue(chromedp.ID(id), "href")); !strings.Contains(to.Value, "client_id=monki-client-cobalt") || strings.Contains(to.Value, "Vf2hRaven7sThistle4cBirch") {
				t.Errorf("%s leads to %s", id, to.Value)
			}
		}
	})

	t.Run("the console makes a call", func(t *testing.T) {
		s := start(t, Config{})
		c := talk(t, s)
		token := c.kmGrant(c.account("kitchenmonki", "primary"), "client_credentials").text("access_token")
		b := newTab(t, browser)
		b.do(chromedp.Navigate(s.URL()+consoleOf("kitchenmonki")),
			chromedp.WaitVisible(chromedp.CSS("#operations-queue-getQueue")),
			chromedp.Click(chromedp.CSS(".auth-wrapper .authorize"), chromedp.NodeVisible),
			chromedp.SendKeys(chromedp.CSS(`input[aria-label="auth-bearer-value"]`), token),
			chromedp.Click(chromedp.CSS(`.auth-container .authorize`), chromedp.NodeVisible),
			chromedp.Click(chromedp.CSS(".auth-container .btn-done"), chromedp.NodeVisible),
			chromedp.Click(chromedp.CSS("#operations-queue-getQueue .opblock-summary-control"), chromedp.NodeVisible),
			opened("queue-getQueue"), execute("queue-getQueue"), chromedp.WaitVisible(chromedp.CSS("#operations-queue-getQueue .live-responses-table")))
		if status := read(b, chromedp.Text(chromedp.CSS(".live-responses-table tbody .response-col_status"), chromedp.NodeVisible)); !strings.HasPrefix(status, "200") {
			t.Errorf("the console shows %s", status)
		}
		if text := read(b, chromedp.Text(chromedp.CSS(".live-responses-table"), chromedp.NodeVisible)); !strings.Contains(text, `"user_id": 101`) {
			t.Errorf("the console shows %s", text)
		}
		b.do(chromedp.SendKeys(chromedp.CSS(".topbar select"), "kitchenhub"), chromedp.WaitVisible(chromedp.CSS("#operations-auth-issueToken")))
	})

	t.Run("the console opens the consent page of another listener", func(t *testing.T) {
		s := start(t, Config{WWW: "127.0.0.1:0"})
		one := helperClient(t, s)
		b := newTab(t, browser)
		b.do(chromedp.Navigate(s.WWWURL()+consoleOf("kitchenmonki")+"#/auth/authorize"), opened("auth-authorize"),
			chromedp.SendKeys(chromedp.CSS(`#operations-auth-authorize [data-param-name=client_id] input`), one.ID),
			chromedp.SendKeys(chromedp.CSS(`#operations-auth-authorize [data-param-name=redirect_uri] input`), one.RedirectURI),
			execute("auth-authorize"),
			chromedp.WaitVisible(chromedp.Search(`//*[contains(@class, "live-responses-table")]//*[contains(., "Sign in to Kitchen Monki")]`)))
	})
}

// opened waits until an operation is open in the console and Swagger UI has
// read it: it shows fields and button a moment earlier, and draws them again.
func opened(operation string) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(chromedp.WaitVisible(chromedp.CSS("#operations-"+operation+" .execute")),
		chromedp.WaitNotPresent(chromedp.CSS("#operations-"+operation+" .opblock-loading-animation")))
}

// execute presses the button of an operation with the keyboard, because an
// opening panel moves it away from under the mouse.
func execute(operation string) chromedp.Action[chromedp.Void] {
	return chromedp.SendKeys(chromedp.CSS("#operations-"+operation+" .execute"), kb.Enter)
}

// signIn fills in the consent site's first page and waits for its question.
func (b *tab) signIn(s *Server) {
	b.t.Helper()
	at := slices.IndexFunc(s.Accounts().Users, func(u User) bool { return u.Dialect == helperDialect })
	user := s.Accounts().Users[at]
	b.do(chromedp.SendKeys(chromedp.ID("u"), user.Username), chromedp.SendKeys(chromedp.ID("p"), user.Password),
		press("Sign in"), chromedp.WaitVisible(chromedp.Search(`//button[.="Approve"]`)))
}

// tokens are the access and the refresh token that the link helper has.
func (b *tab) tokens() [2]string {
	b.t.Helper()
	return [2]string{read(b, chromedp.Value(chromedp.ID("access"))), read(b, chromedp.Value(chromedp.ID("refresh")))}
}

// keepsSecretFrom: no request of the tab to a path carried the secret, and
// there was such a request.
func (b *tab) keepsSecretFrom(secret, path string) {
	b.t.Helper()
	asked := regexp.MustCompile(`^[A-Z]+ http://[^/]*` + regexp.QuoteMeta(path))
	for _, one := range b.sent() {
		if asked.MatchString(one) && strings.Contains(one, secret) {
			b.t.Errorf("the secret goes to %s", path)
		}
	}
}

func helperClient(t *testing.T, s *Server) Client {
	t.Helper()
	return talk(t, s).account(helperDialect, kitchenmonki.HelperRole)
}
