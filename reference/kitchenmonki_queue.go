package reference

import (
	"net/http"
	"net/url"
	"strconv"
)

// queue stands for "all api calls": "an api call … returns JSON data". The
// answer's form is that of the companion pages, and names the user that the
// token acts for.
func (m *kitchenmonki) queue(c *call) answer {
	if c.Method != http.MethodGet && c.Method != http.MethodHead {
		if refusal := m.queueReadsOnly(); refusal != nil {
			return *refusal
		}
	}
	token, how, refusal := m.presented(c)
	if refusal != nil {
		return *refusal
	}
	user, live := int64(0), false
	if how == carriesToken {
		var g grant
		g, live = m.tokens.use(token, c.now)
		user = g.user
	}
	if live = m.queueQuirks(c, token, how, live, &user); !live {
		return m.unauthorizedQuirks(m.unauthorized(how), how)
	}
	if m.has(kmQueueNotJSON) {
		return answer{status: http.StatusOK, page: []byte("<!DOCTYPE html><title>Queue</title><p>Two recipes are queued.</p>\n")}
	}
	return ok(object{{"success", text("queue")}, {"data", raw(`{"user_id":` + strconv.FormatInt(user, 10) +
		`,"recipes":[{"recipe_id":5107,"title":"Barley stew","servings":4},{"recipe_id":5233,"title":"Pear tart","servings":8}]}`)}})
}

// presented finds the token: "The preferred method to add the access token is
// as an HTTP Authorization header, but it can also be added as a GET, POST, or
// PUT parameter." So: the header, the query of a GET, or the form body of a
// POST or PUT; a query parameter of a POST or PUT is no documented place. The
// document does not say what happens when several places carry a token:
// RFC 6750 2 forbids it, so that is a 400.
func (m *kitchenmonki) presented(c *call) (token string, how carried, refusal *answer) {
	bad := func(why string) (string, carried, *answer) {
		a := refused(http.StatusBadRequest, "invalid_request", why)
		a.challenge = `Bearer realm="` + m.dialect + `", error="invalid_request"`
		return "", carriesMalformed, &a
	}
	query, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil {
		return bad("The query is malformed.")
	}
	if m.has(kmBodyFirst) && c.ContentLength != 0 && !isForm(c.Header.Get("Content-Type")) {
		a := refused(http.StatusUnprocessableEntity, "invalid_request", "The body is no form.")
		return "", carriesMalformed, &a
	}
	form, fault := m.queueForm(c)
	if fault != "" {
		return bad(fault)
	}
	token, how = bearerToken(c.Header)
	parameters := append(query["access_token"], form["access_token"]...)
	switch {
	case len(parameters) == 0:
		return token, how, nil
	case m.has(kmHeaderWins) && how != carriesNone:
		return token, how, nil
	case len(parameters) > 1 || how != carriesNone:
		return bad("The request carries more than one access token (RFC 6750 2).")
	case m.sparesPlace(c.Method), c.Method != http.MethodGet && c.Method != http.MethodHead && len(form["access_token"]) == 0:
		return "", carriesNone, nil
	}
	token = trimmed(parameters[0], m.has(m.common.trims))
	if !isToken68(token) {
		return "", carriesMalformed, nil
	}
	return token, carriesToken, nil
}

// queueForm is the form body of a POST or PUT; any other body is not read.
func (m *kitchenmonki) queueForm(c *call) (url.Values, string) {
	if c.Method != http.MethodPost && c.Method != http.MethodPut {
		return nil, ""
	}
	if !isForm(c.Header.Get("Content-Type")) {
		return nil, ""
	}
	return c.form()
}

// form reads a form body; the string says what is wrong with it.
func (c *call) form() (url.Values, string) {
	body, fault := c.body()
	if fault != "" {
		return nil, string(fault) + "."
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, "The form body is malformed."
	}
	return form, ""
}
