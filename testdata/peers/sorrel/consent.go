package sorrel

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// How long a user has to answer an authorization request, and how long a
// sign-in lasts.
const (
	askedLifetime   = 10 * time.Minute
	sessionLifetime = time.Hour
)

const sessionCookie = "monki_session"

// session is one browser; user is nil until somebody signs in.
type session struct {
	user *KitchenMonkiUser
}

// authorizationRequest is a client's request that waits for the user. It
// stays on the server, so that state returns byte for byte, and its random id
// in the pages' forms is the CSRF token: it only works together with the
// cookie of the browser it was made for.
type authorizationRequest struct {
	client      *KitchenMonkiClient
	redirectURI string // "" when left out
	state       string
	popup       bool
	session     *session
}

// authorize receives the user whom a client directed here. As long as client
// and redirect URI are in doubt nothing is sent anywhere (RFC 6749 section
// 4.1.2.1); all other errors go back to the client.
func (m *monki) authorize(ctx *fasthttp.RequestCtx) {
	if !allow(ctx, fasthttp.MethodGet) {
		return
	}
	p := newParams(ctx.QueryArgs())
	client := findMonkiClient(p.get("client_id"))
	if client == nil || p.isRepeated("client_id") {
		failPage(ctx, fasthttp.StatusBadRequest, "The application that sent you here is not registered.")
		return
	}
	redirectURI := p.get("redirect_uri")
	if redirectURI != "" && redirectURI != client.RedirectURI || p.isRepeated("redirect_uri") {
		failPage(ctx, fasthttp.StatusBadRequest, "The address to return to is not the one the application registered.")
		return
	}
	r := &authorizationRequest{
		client:      client,
		redirectURI: redirectURI,
		popup:       p.get("display") == "popup",
	}
	if !p.isRepeated("state") {
		r.state = p.get("state")
	}
	switch responseType := p.get("response_type"); {
	case len(p.repeated) > 0:
		r.refuse(ctx, "invalid_request", "a parameter is given twice")
		return
	case p.get("client_secret") != "":
		// "DO NOT include your client secret": it would sit in histories and logs.
		r.refuse(ctx, "invalid_request", "the client secret does not belong here")
		return
	case responseType == "":
		r.refuse(ctx, "invalid_request", "response_type is missing")
		return
	case responseType != "code":
		r.refuse(ctx, "unsupported_response_type", "response_type must be code")
		return
	}

	now := m.now()
	current, ok := m.sessions.get(hash(string(ctx.Request.Header.Cookie(sessionCookie))), now)
	if !ok {
		current = m.newSession(ctx, nil)
	}
	r.session = current
	id := newToken()
	m.asked.put(hash(id), r, now, askedLifetime)
	r.ask(ctx, fasthttp.StatusOK, id, "")
}

func (m *monki) newSession(ctx *fasthttp.RequestCtx, user *KitchenMonkiUser) *session {
	id, s := newToken(), &session{user: user}
	m.sessions.put(hash(id), s, m.now(), sessionLifetime)
	var c fasthttp.Cookie
	c.SetKey(sessionCookie)
	c.SetValue(id)
	c.SetPath("/authorize")
	c.SetHTTPOnly(true)
	// Not Secure: the document serves this page over plain http.
	c.SetSameSite(fasthttp.CookieSameSiteLaxMode)
	ctx.Response.Header.SetCookie(&c)
	return s
}

// pending finds the authorization request with that id, if it belongs to this
// browser. It answers the request itself on failure.
func (m *monki) pending(ctx *fasthttp.RequestCtx, id string) *authorizationRequest {
	now := m.now()
	r, ok := m.asked.get(hash(id), now)
	s, signed := m.sessions.get(hash(string(ctx.Request.Header.Cookie(sessionCookie))), now)
	if !ok || !signed || r.session != s {
		failPage(ctx, fasthttp.StatusForbidden, "This page has expired. Please go back to the application and start again.")
		return nil
	}
	return r
}

// signIn takes the user's name and password. Cookie and request id change
// with it, so nothing known before the sign-in is worth anything after it.
func (m *monki) signIn(ctx *fasthttp.RequestCtx) {
	if !allow(ctx, fasthttp.MethodPost) {
		return
	}
	p := newParams(form(ctx))
	id := p.get("request")
	r := m.pending(ctx, id)
	if r == nil {
		return
	}
	user := &KitchenMonkiPerson
	// Both are compared whatever the first says, to take the same time.
	login, password := same(p.get("username"), user.Login), same(p.get("password"), user.Password)
	if !login || !password || len(p.repeated) > 0 {
		r.ask(ctx, fasthttp.StatusForbidden, id, "Wrong user name or password.")
		return
	}
	m.sessions.drop(hash(string(ctx.Request.Header.Cookie(sessionCookie))))
	m.asked.drop(hash(id))
	r.session = m.newSession(ctx, user)
	id = newToken()
	m.asked.put(hash(id), r, m.now(), askedLifetime)
	seeOther(ctx, "/authorize/consent?request="+id)
}

// consent shows the question and takes the answer.
func (m *monki) consent(ctx *fasthttp.RequestCtx) {
	if !allow(ctx, fasthttp.MethodGet, fasthttp.MethodPost) {
		return
	}
	p := newParams(ctx.QueryArgs())
	if ctx.IsPost() {
		p = newParams(form(ctx))
	}
	id := p.get("request")
	r := m.pending(ctx, id)
	if r == nil {
		return
	}
	switch {
	case ctx.IsGet():
		r.ask(ctx, fasthttp.StatusOK, id, "")
		return
	case r.session.user == nil:
		r.ask(ctx, fasthttp.StatusForbidden, id, "Please sign in first.")
		return
	}
	switch decision := p.get("decision"); {
	case decision == "allow" && len(p.repeated) == 0:
		m.asked.drop(hash(id))
		code, now := newToken(), m.now()
		// Kept for longer than the code is good for: a second use has to be
		// noticed as long as an access token from the first may be alive.
		m.codes.put(hash(code), &monkiCode{
			grant:       &monkiGrant{client: r.client, userID: r.session.user.UserID},
			redirectURI: r.redirectURI,
			expires:     now.Add(monkiCodeLifetime),
		}, now, monkiCodeLifetime+monkiAccessLifetime)
		r.answer(ctx, "code", code)
	case decision == "deny" && len(p.repeated) == 0:
		m.asked.drop(hash(id))
		r.refuse(ctx, "access_denied", "the user did not grant access")
	default:
		r.ask(ctx, fasthttp.StatusBadRequest, id, "Please choose one of the two buttons.")
	}
}

func (r *authorizationRequest) refuse(ctx *fasthttp.RequestCtx, code, description string) {
	r.answer(ctx, "error", code, "error_description", description)
}

// answer sends the user back to the client with the given parameters, and
// state unchanged. In a popup they are "sent to the parent opener window
// instead of the current window": the opener goes to the redirect URI.
func (r *authorizationRequest) answer(ctx *fasthttp.RequestCtx, pairs ...string) {
	if r.state != "" {
		pairs = append(pairs, "state", r.state)
	}
	location, separator := r.client.RedirectURI, "?"
	if strings.Contains(location, "?") {
		separator = "&" // RFC 6749 section 3.1.2: the registered query stays
	}
	for i := 0; i < len(pairs); i += 2 {
		location += separator + pairs[i] + "=" + url.QueryEscape(pairs[i+1])
		separator = "&"
	}
	if r.popup {
		page(ctx, fasthttp.StatusOK, "popup", location)
		return
	}
	seeOther(ctx, location)
}

// ask shows the page that is due: sign-in first, then the question itself.
func (r *authorizationRequest) ask(ctx *fasthttp.RequestCtx, status int, id, message string) {
	name := "sign-in"
	if r.session.user != nil {
		name = "consent"
	}
	page(ctx, status, name, struct {
		Client  *KitchenMonkiClient
		User    *KitchenMonkiUser
		Request string
		Message string
	}{r.client, r.session.user, id, message})
}

// seeOther redirects with 303, so that a browser never repeats a form with a
// password at the next address. ctx.Redirect is not used: it normalizes the
// address, and redirect URIs and state are none of our business.
func seeOther(ctx *fasthttp.RequestCtx, location string) {
	noStore(ctx)
	ctx.Response.Header.Set(fasthttp.HeaderReferrerPolicy, "no-referrer")
	ctx.Response.Header.Set(fasthttp.HeaderLocation, location)
	ctx.SetStatusCode(fasthttp.StatusSeeOther)
}

func failPage(ctx *fasthttp.RequestCtx, status int, message string) {
	page(ctx, status, "error", message)
}

func page(ctx *fasthttp.RequestCtx, status int, name string, data any) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		panic(err) // the templates are fixed and the data plain
	}
	noStore(ctx)
	h := &ctx.Response.Header
	h.Set(fasthttp.HeaderContentSecurityPolicy, pagePolicy)
	h.Set(fasthttp.HeaderXFrameOptions, "DENY")
	h.Set(fasthttp.HeaderXContentTypeOptions, "nosniff")
	h.Set(fasthttp.HeaderReferrerPolicy, "no-referrer") // URLs hold codes and request ids
	ctx.SetStatusCode(status)
	ctx.SetContentType("text/html; charset=utf-8")
	ctx.SetBody(b.Bytes())
}

// popupScript takes the opener to the redirect URI. A popup that has lost its
// opener goes there itself, rather than leave the user stranded.
const popupScript = `
var target = document.getElementById("continue").href;
if (window.opener && !window.opener.closed) {
	window.opener.location.href = target;
	window.close();
} else {
	window.location.replace(target);
}
`

// pagePolicy forbids framing (clickjacking, RFC 6749 section 10.13) and every
// script but popupScript. It has no form-action: browsers apply that to the
// redirect after the form as well, and would stop it.
var pagePolicy = func() string {
	sum := sha256.Sum256([]byte(popupScript))
	return "default-src 'none'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; frame-ancestors 'none'"
}()

var pages = template.Must(template.New("").Parse(`
{{define "head"}}<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Kitchen Monki</title></head>
<body>
<h1>Kitchen Monki</h1>
{{end}}

{{define "sign-in"}}{{template "head"}}
<p><strong>{{.Client.Name}}</strong> asks to use your Kitchen Monki data. Sign in to decide.</p>
{{with .Message}}<p role="alert">{{.}}</p>{{end}}
<form method="post" action="/authorize/sign-in">
<input type="hidden" name="request" value="{{.Request}}">
<p><label>User name <input type="text" name="username" autocomplete="username" required autofocus></label></p>
<p><label>Password <input type="password" name="password" autocomplete="current-password" required></label></p>
<p><button type="submit">Sign in</button></p>
</form>
</body>
</html>
{{end}}

{{define "consent"}}{{template "head"}}
<p>You are signed in as {{.User.Login}}.</p>
<p>Do you allow <strong>{{.Client.Name}}</strong> to use your Kitchen Monki data?</p>
{{with .Message}}<p role="alert">{{.}}</p>{{end}}
<form method="post" action="/authorize/consent">
<input type="hidden" name="request" value="{{.Request}}">
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button>
</form>
</body>
</html>
{{end}}

{{define "popup"}}{{template "head"}}
<p>You can close this window, or <a id="continue" href="{{.}}">continue here</a>.</p>
<script>` + popupScript + `</script>
</body>
</html>
{{end}}

{{define "error"}}{{template "head"}}
<p role="alert">{{.}}</p>
</body>
</html>
{{end}}
`))
