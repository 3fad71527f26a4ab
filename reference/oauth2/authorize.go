package oauth2

import (
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"gonogo/reference/kit"
)

// wish is an authorization request that a user is asked about. It stays on the
// server: what the browser sends back is only its name.
type wish struct {
	client    *kit.KnownClient
	redirect  string
	asked     bool // the redirect URI came with the request
	state     string
	kind      string // the response type
	scope     uint8
	challenge string
	method    string // of the challenge
}

// codeGrant is what an authorization code stands for. Its tokens' family is fixed
// from the start, so that a spent code that turns up again can revoke them even
// while they are being issued.
type codeGrant struct {
	wish
	user   int64
	family uint64
}

const (
	wishLife = 10 * time.Minute
	// codeLife is well below the ten minutes that RFC 6749 4.1.2 has for the most.
	codeLife = time.Minute

	// maxWishes bounds the pages that are open at a time, and maxCodes the codes that are remembered.
	maxWishes = 20_000
	maxCodes  = 1_000_000
)

// authorizeParameters may stand in an authorization request once (RFC 6749 3.1).
var authorizeParameters = []string{"response_type", "state", "scope", "code_challenge", "code_challenge_method"}

// authorize: GET or POST /oauth2/authorize (RFC 6749 3.1). The client and its
// redirect URI come first (4.1.2.1): until both are known to belong together,
// nobody is redirected anywhere. A redirect URI that comes with the request is
// compared with the registered one character by character (RFC 9700 2.1).
func (o *oauth) authorize(c *kit.Call) kit.Answer {
	in, ok := o.asked(c)
	if !ok || len(in["client_id"]) > 1 || len(in["redirect_uri"]) > 1 {
		return o.errorPage(http.StatusBadRequest, "The link that brought you here is malformed.")
	}
	c.Query = in
	w := wish{client: o.Accounts.Client(id, in.Get("client_id")), redirect: in.Get("redirect_uri"), asked: in.Get("redirect_uri") != ""}
	if c.Client = w.client; w.client == nil || w.asked && !o.trusted(w.client.RedirectURI, w.redirect) || w.client.RedirectURI == "" {
		return o.errorPage(http.StatusBadRequest, "The application that sent you here is not known, or asked to send you on to an address that is not its own.").As(untrusted)
	}
	if !w.asked {
		w.redirect = w.client.RedirectURI
	}
	if len(in["state"]) == 1 {
		w.state = in.Get("state")
	}
	for _, name := range authorizeParameters {
		if len(in[name]) > 1 {
			return o.deliver(w, "error", "invalid_request").As(misasked)
		}
	}
	if problem := o.complete(&w, in); problem != "" {
		return o.deliver(w, "error", problem).As(misasked)
	}
	return o.ask(c, w, http.StatusOK, "").As(asking)
}

// asked are the parameters of the query, or of the body of a POST.
func asked(c *kit.Call) (url.Values, bool) {
	raw := c.URL.RawQuery
	if c.Method == http.MethodPost {
		body, fault := c.ReadBody()
		if fault != nil || !kit.IsForm(c.Header.Get("Content-Type")) {
			return nil, false
		}
		raw = string(body)
	}
	in, err := url.ParseQuery(raw)
	return in, err == nil
}

// complete reads what is asked for, or says which error it is.
func (o *oauth) complete(w *wish, in url.Values) (problem string) {
	w.kind = in.Get("response_type")
	if problem = o.responseType(w.kind); problem != "" {
		return problem
	}
	w.scope = every
	if text := in.Get("scope"); text != "" {
		scope, known := readScope(text)
		if w.scope, known = o.allowed(scope, known); !known {
			return "invalid_scope"
		}
	}
	w.challenge, w.method = in.Get("code_challenge"), in.Get("code_challenge_method")
	return o.challenging(w)
}

// onlyCode: of the response types of RFC 6749 3.1.1 there is the one that RFC 9700
// 2.1.2 leaves.
func onlyCode(name string) (problem string) {
	switch name {
	case "code":
		return ""
	case "":
		return "invalid_request"
	}
	return "unsupported_response_type"
}

// challenging holds a code challenge to RFC 7636 4.2 to 4.4: its form, the one method
// that hides the verifier (RFC 9700 2.1.1), which must be named because without a
// name it would be plain, and that a public client has one.
func challenging(w *wish) (problem string) {
	switch {
	case w.challenge == "" && w.method == "" && !w.client.Public:
		return ""
	case w.method != "S256" || !verifierLike.MatchString(w.challenge):
		return "invalid_request"
	}
	return ""
}

// verifierLike is the form of verifiers and challenges (RFC 7636 4.1, 4.2).
var verifierLike = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)

// ask shows the one page there is: signing in and deciding are one form, so
// that no session has to be kept.
func (o *oauth) ask(c *kit.Call, w wish, status int, complaint string) kit.Answer {
	name := kit.RandomToken()
	if o.wishes.Enter(kit.KeyOf(name), w, c.Now, c.Now.Add(wishLife)) != nil {
		return o.errorPage(http.StatusServiceUnavailable, "Too many pages are open; try again later.")
	}
	return o.page(status, view{Wish: name, Client: w.client.ID, Scope: strings.Split(scopeText(w.scope), " "), Complaint: complaint})
}

// decide: POST /oauth2/decision, what the page sends. The wish is taken, so that
// one page leads to one code however often its button is pressed.
func (o *oauth) decide(c *kit.Call) kit.Answer {
	form, ok := asked(c)
	if !ok {
		return o.errorPage(http.StatusBadRequest, "This address takes the form of the page before.")
	}
	e, there := o.wishes.Take(kit.KeyOf(form.Get("wish")))
	if !there || !e.AliveAt(c.Now, 0) {
		return o.errorPage(http.StatusBadRequest, "This request has ended or is too old. Start again at the application.")
	}
	w := e.Value
	c.Client = w.client
	switch form.Get("decision") {
	case "approve":
	case "deny":
		return o.denied(c, w)
	default:
		return o.errorPage(http.StatusBadRequest, "Neither approved nor denied; go back and choose.")
	}
	c.User = o.Accounts.UserOrNobody(id, form.Get("username"))
	if !(kit.SecretCheck{}).User(c.User, form.Get("password")) {
		return o.ask(c, w, http.StatusForbidden, "That user name or password is wrong.")
	}
	return o.approve(c, w)
}

// deny sends a denial on (RFC 6749 4.1.2.1).
func (o *oauth) deny(_ *kit.Call, w wish) kit.Answer {
	return o.deliver(w, "error", "access_denied").As(denial)
}

// approve mints the code.
func (o *oauth) approve(c *kit.Call, w wish) kit.Answer {
	text := o.Mint()
	if o.codes.Enter(kit.KeyOf(text), codeGrant{w, int64(c.User.Number), o.Tokens.NewFamily()}, c.Now, c.Now.Add(o.codeLife)) != nil {
		return o.errorPage(http.StatusServiceUnavailable, "Too many codes are outstanding; try again later.")
	}
	return o.deliver(w, "code", text).As(approved)
}

// deliver sends the browser back to the client, with the state as it came (RFC
// 6749 4.1.2) and who sends it (RFC 9207 2): 303, so that no browser sends the
// form on (RFC 9700 4.12).
func (o *oauth) deliver(w wish, parameters ...string) kit.Answer {
	return kit.Answer{Status: o.status, Location: o.callback(w.redirect, o.answers(w, parameters))}
}

func (o *oauth) withStateAndIssuer(w wish, parameters []string) []string {
	if w.state != "" {
		parameters = append(parameters, "state", w.state)
	}
	return append(parameters, "iss", o.API)
}

// callback adds parameters to a redirect URI, whose own query stays (RFC 6749
// 3.1.2). A space is %20, which both form and percent decoding read as a space.
func callback(uri string, parameters []string) string {
	var b strings.Builder
	b.WriteString(uri)
	separator := "?"
	if strings.Contains(uri, "?") {
		separator = "&"
	}
	for i := 0; i+1 < len(parameters); i += 2 {
		b.WriteString(separator + parameters[i] + "=" + strings.ReplaceAll(url.QueryEscape(parameters[i+1]), "+", "%20"))
		separator = "&"
	}
	return b.String()
}

// view is what the page is made from.
type view struct {
	Wish, Client, Complaint string
	Scope                   []string
}

var pages = template.Must(template.New("").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Allow access</title></head><body>
{{if .Wish}}<h1>Allow access</h1>
{{with .Complaint}}<p role="alert">{{.}}</p>
{{end}}<p>The application <strong>{{.Client}}</strong> asks for:{{range .Scope}} <code>{{.}}</code>{{end}}</p>
<form method="post" action="` + decisionPath + `">
<input type="hidden" name="wish" value="{{.Wish}}">
<label>User name <input type="text" name="username" autocomplete="username" required></label>
<label>Password <input type="password" name="password" autocomplete="current-password" required></label>
<button type="submit" name="decision" value="approve">Approve</button>
<button type="submit" name="decision" value="deny" formnovalidate>Deny</button>
</form>
{{else}}<h1>Not possible</h1>
<p role="alert">{{.Complaint}}</p>
{{end}}</body></html>
`))

// page is never shown in a frame (RFC 9700 4.16), and its address goes to nobody (4.2.4). No form-action: browsers apply
// it to the redirect after a form as well.
func (o *oauth) page(status int, v view) kit.Answer {
	var b strings.Builder
	if err := pages.Execute(&b, v); err != nil {
		panic(err) // answered with 500 by the caller's recover
	}
	return kit.Answer{Status: status, Page: []byte(b.String()), Policy: "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"}
}

func (o *oauth) errorPage(status int, complaint string) kit.Answer {
	return o.page(status, view{Complaint: complaint})
}
