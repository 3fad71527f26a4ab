// Package consent acts as the human in front of an OAuth 2.0 authorization page: it opens the page, signs in,
// approves or refuses, and stops where the browser would leave for the redirect URI.
//
// It knows pages, forms and people's words; it must never know a dialect, what a code is good for, or whether
// what the target did was right: it says where the walk ended, and the engine judges.
package consent

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"gonogo/internal/exchange"
)

// Sender sends one request and keeps it as evidence. It must not follow redirects and must have no cookie jar
// of its own: what a browser would do between two requests is the driver's business.
type Sender interface {
	Send(ctx context.Context, req *http.Request) (*exchange.Exchange, error)
}

// Loader is a Sender that also fetches what pages are made of, scripts and style sheets: those are no evidence, and
// may be longer than what is.
type Loader interface {
	Load(ctx context.Context, req *http.Request) (*exchange.Exchange, error)
}

// Driver takes one walk through an authorization page.
//
// The Result says how far it came, also beside an error. No redirect and no error means that the walk ended on a
// page of the target's: its own error page, a popup's page, or the page that was only to be looked at. An error
// page dressed with buttons of its own cannot be told from a page that the driver fails to read: that is an
// *Error of kind CannotSee, with no Redirect. An error is an *Error if the driver could not find its way, and a
// *TransportError, with whatever the Sender reported, if an answer did not come.
type Driver interface {
	Decide(ctx context.Context, send Sender, r Request) (Result, error)
}

// Decision is what the human wants.
type Decision int

const (
	Approve Decision = iota // sign in if asked, and approve
	Deny                    // sign in if asked, and refuse
	Open                    // only look at the page: sign in to nothing, decide nothing
)

// String is the word that Command passes to its program.
func (d Decision) String() string { return [...]string{"approve", "deny", "open"}[d] }

// Request is one walk to take.
type Request struct {
	Authorize   *url.URL // the page to open, complete with its query
	RedirectURI string   // where the browser is expected back: the walk stops at the first redirect that goes there; never fetched
	Also        []string // further redirect URIs to stop at, never fetched either
	Username    string
	Password    string
	Decision    Decision
	Hints       Hints

	// Home reports whether the user's credentials may go to a host beside that of Authorize; nil: to no other.
	Home func(*url.URL) bool
	// Popup has a page of the client open the authorization page in a popup window. Only InBrowser can.
	Popup bool
	// Pause is called once, before an approval or a refusal is pressed: the human takes a while. nil does not. Its error ends the walk.
	// Only Form and InBrowser know when that is.
	Pause func(context.Context) error
	// Alter is sent back instead of what a page carries; nil is nothing. Only Form can.
	Alter *Alteration
	// Patience is how long InBrowser waits for a page to stand still, if that is more than it waits anyway.
	Patience time.Duration
}

// Handover is what one window was given by another.
type Handover struct {
	URL    *url.URL   // the redirect URI that the opener was sent to; nil for a message
	Params url.Values // what came with it, by name; what a message says without a name is under ""
}

// Hints say what a driver cannot see on a page by itself. Fields go by their name, id or label, buttons and
// links by the text on them; letter case and surrounding space do not matter. All are optional.
type Hints struct {
	UsernameField string // username_field
	PasswordField string // password_field
	SignInLabel   string // sign_in_label
	ApproveLabel  string // approve_label
	DenyLabel     string // deny_label
}

// named is a hint by its key in the target file.
func (h Hints) named(key string) string {
	return map[string]string{
		"username_field": h.UsernameField, "password_field": h.PasswordField,
		"sign_in_label": h.SignInLabel, "approve_label": h.ApproveLabel, "deny_label": h.DenyLabel,
	}[key]
}

// How parameters came back to the redirect URI.
const (
	InQuery    = "query"
	InFragment = "fragment"
	InFormPost = "form_post"
)

// Result is how a walk went.
type Result struct {
	Redirect *url.URL   // where it came back to, complete, as the target wrote it; nil if it never did
	Matched  string     // which of RedirectURI and Also that is
	Delivery string     // InQuery, InFragment or InFormPost; empty without a Redirect
	Params   url.Values // what came back, whichever way: kinder than Redirect.Query(), which drops values with a semicolon

	// Stray is where the target wanted to send the browser when that was not a redirect URI but on the host of one,
	// or not http(s) at all. It is not fetched, and Redirect is nil.
	Stray *url.URL

	Page   string // the last page in at most 200 characters of plain text, when there was no redirect: for messages to people
	Status int    // of the last answer

	SignedIn bool // a sign-in form was sent and not shown again
	Altered  bool // a page carried what Request.Alter changes
	Decided  bool // an approval or a refusal was pressed. False with a Redirect: the target remembered, and did not ask

	// Handed is what reached the window that opened the popup (Request.Popup), in the order it came. Redirect is then
	// about the popup itself.
	Handed []Handover

	// Sent and received times of the exchange whose answer was the redirect: the code was minted between the two.
	// Drivers that do not see the exchange say when their walk began and ended.
	SentAt, ReceivedAt time.Time
}
