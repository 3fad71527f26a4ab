package kitchenmonki

import (
	"net/http"
	"net/url"
	"strconv"

	"gonogo/reference/kit"
)

// queue stands for "all api calls": "an api call … returns JSON data".
func (m *monki) queue(c *kit.Call) kit.Answer {
	if refusal := m.presented(c); refusal != nil {
		return *refusal
	}
	return m.answer(c)
}

// answer shows the queue to whoever has a live access token.
func (m *monki) answer(c *kit.Call) kit.Answer {
	if c.How == kit.CarriesToken {
		var live bool
		if c.Grant, live = m.Tokens.Use(c.Token, c.Now); live {
			return show(c)
		}
	}
	return m.Unauthorized(c)
}

// show is in the form of the companion pages, and names the user that the
// token acts for.
func show(c *kit.Call) kit.Answer {
	return kit.OK(kit.Object{{"success", kit.Text("queue")}, {"data", kit.Raw(`{"user_id":` + strconv.FormatInt(c.Grant.User, 10) +
		`,"recipes":[{"recipe_id":5107,"title":"Barley stew","servings":4},{"recipe_id":5233,"title":"Pear tart","servings":8}]}`)}}).As(shown)
}

// presented finds the token: "The preferred method to add the access token is
// as an HTTP Authorization header, but it can also be added as a GET, POST, or
// PUT parameter." So: the header, the query of a GET, or the form body of a
// POST or PUT; a query parameter of a POST or PUT is no documented place. The
// document does not say what happens when several places carry a token:
// RFC 6750 2 forbids it, so that is a 400.
func (m *monki) presented(c *kit.Call) *kit.Answer {
	refuse := func(why string) *kit.Answer {
		return new(m.Challenge(bad("invalid_request", why), "invalid_request"))
	}
	query, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil {
		return refuse("The query is malformed.")
	}
	var form url.Values
	if fault := ""; writes(c) && kit.IsForm(c.Header.Get("Content-Type")) {
		if form, fault = formOf(c); fault != "" {
			return refuse(fault)
		}
	}
	c.Token, c.How = kit.BearerToken(c.Header)
	parameters := append(query["access_token"], form["access_token"]...)
	switch {
	case len(parameters) == 0:
		return nil
	case len(parameters) > 1 || c.How != kit.CarriesNone:
		return new(refuse("The request carries more than one access token (RFC 6750 2).").As(crowded))
	case c.Method != http.MethodGet && c.Method != http.MethodHead && len(form["access_token"]) == 0:
		return nil
	}
	c.Token, c.How = m.Trim(parameters[0]), kit.CarriesToken
	if !kit.IsToken68(c.Token) {
		c.Token, c.How = "", kit.CarriesMalformed
	}
	return nil
}

func writes(c *kit.Call) bool { return c.Method == http.MethodPost || c.Method == http.MethodPut }

// formOf reads a form body; the string says what is wrong with it.
func formOf(c *kit.Call) (url.Values, string) {
	body, fault := c.ReadBody()
	if fault != nil {
		return nil, fault.Said
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, "The form body is malformed."
	}
	return form, ""
}
