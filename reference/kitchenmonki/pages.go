package kitchenmonki

import (
	"bytes"
	"embed"
	"html/template"
	"net/url"

	"gonogo/reference/kit"
)

//go:embed pages/*.html
var pageFiles embed.FS

var pages = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// consentShape is how the consent pages look and what their fields are called:
// all of it is open, so that liberties change it.
type consentShape struct {
	First      string // the page of who has not signed in
	ThreeSteps bool   // user name and password on pages of their own
	Inputs     bool   // <input type="submit"> instead of <button>
	TwoForms   bool   // approving and denying are forms of their own
	Username   string
	Password   string
}

func decision(form url.Values) (approved, denied bool) {
	return form.Get("decision") == "approve" || form.Has("allow"),
		form.Get("decision") == "deny" || form.Has("cancel")
}

// view is what a page is made from.
type view struct {
	Nonce     string // lets the page's own style and script through its policy
	Flow      string
	CSRF      string
	Client    string
	User      string
	Username  string // the name given on the first of three steps
	Complaint string
	Carried   [][2]string // further hidden fields
	Back      template.URL
	BackText  string
	Shape     consentShape
	Popup     popupShape
}

// popupShape is how a popup hands over what it has; the document only says to whom.
type popupShape struct {
	Message any    // said to the opener, which is otherwise sent to the callback
	Origin  string // for whom the message is
	Silent  bool   // nothing is handed over
	Itself  bool   // the popup goes to the callback too
	Stays   bool   // it is not closed
}

func (m *monki) page(status int, name string, v view) kit.Answer {
	v.Nonce = kit.RandomToken()
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name+".html", v); err != nil {
		panic(err) // answered with 500 by the caller's recover
	}
	// No form-action: browsers apply it to the redirect after a form, and to
	// where the client redirects in turn, which the server cannot know.
	return kit.Answer{Status: status, Page: b.Bytes(), Policy: "default-src 'none'; style-src 'nonce-" + v.Nonce +
		"'; script-src 'nonce-" + v.Nonce + "'; base-uri 'none'; frame-ancestors 'none'"}
}

func (m *monki) errorPage(status int, complaint string) kit.Answer {
	return m.page(status, "error", view{Complaint: complaint})
}

// popupPage hands the callback to the window that opened this one. The URI is
// a registered one, so that its scheme may be an application's own.
func (m *monki) popupPage(callback string) kit.Answer {
	return m.page(200, "popup", view{Back: template.URL(callback), BackText: callback, Popup: m.popup(callback)})
}
