package fifth

import (
	"bytes"
	"fmt"
	"html"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
)

// visit is a browser that came to give consent.
type visit struct {
	ticket, cookie string
	client         *client
	returnTo       string
	state          *string
	leaveTo        string // once the human has answered
}

// consent answers GET and POST /consent.
func (s *Server) consent(q ask) answer {
	if q.method == http.MethodPost {
		return s.answered(q)
	}
	v := &visit{ticket: randomHex(12), cookie: cookie(q.header), returnTo: q.query.Get("return_to")}
	if v.cookie == "" {
		v.cookie = randomHex(12)
	}
	if q.query.Has("state") {
		state := q.query.Get("state")
		if s.options.has(MangledState) { // decoded once too often
			state = strings.ReplaceAll(state, "+", " ")
		}
		v.state = &state
	}
	known := false
	s.do(func(b *book) {
		v.client = b.clients[q.query.Get("client")]
		known = v.client != nil && (v.client.ReturnTo == v.returnTo || s.options.has(OpenRedirect) && v.returnTo != "")
		if known {
			b.visits[v.ticket] = v
		}
	})
	if !known || q.query.Get("want") != "voucher" {
		return page(http.StatusBadRequest, "<p>We do not know who sent you.</p>")
	}
	return door(http.StatusOK, v.ticket, v.client.ID, "").with("Set-Cookie", "larder="+v.cookie+"; Path="+root+"/consent; HttpOnly; SameSite=Lax")
}

// answered takes the human's name, password and answer, all of which stand in one form.
func (s *Server) answered(q ask) answer {
	form := pageForm(q)
	var reply answer
	s.do(func(b *book) {
		v := b.visits[form.Get("ticket")]
		if v == nil || v.cookie != cookie(q.header) || v.leaveTo != "" {
			reply = page(http.StatusBadRequest, "<p>That visit is over. Go back to where you came from.</p>")
			return
		}
		opens := form.Get("answer") == "open"
		h, ok := b.human(form.Get("who"), form.Get("secret_word"))
		if opens && (!ok || form.Get("terms") != "read") {
			reply = door(http.StatusForbidden, v.ticket, v.client.ID, "<p>That is not how we know you.</p>")
			return
		}
		back := url.Values{}
		if v.state != nil {
			back.Set("state", *v.state)
		}
		if !opens {
			back.Set("error", "access_denied")
		}
		if opens || s.options.has(VoucherOnRefusal) {
			if !opens {
				h = Keeper
			}
			back.Set("voucher", b.voucher(v, h))
		}
		v.leaveTo = join(v.returnTo, back)
		reply = answer{status: http.StatusSeeOther}.with("Location", root+"/consent/leave?ticket="+v.ticket)
	})
	return reply
}

func (b *book) voucher(v *visit, h Human) string {
	for _, older := range b.papers {
		if older.kind == voucher && older.human == h && b.options.takes(OneVoucher) {
			older.until = b.now()
		}
	}
	f := &family{client: v.client, human: h} // until a session begins with it
	return b.write(&paper{kind: voucher, value: "v." + randomHex(16), family: f, human: h, until: b.now().Add(voucherLife), returnTo: v.returnTo}).value
}

// leave sends the browser back, one redirect after the answer.
func (s *Server) leave(q ask) answer {
	reply := page(http.StatusBadRequest, "<p>There is nowhere to go.</p>")
	s.do(func(b *book) {
		v := b.visits[q.query.Get("ticket")]
		if v != nil && v.leaveTo != "" && v.cookie == cookie(q.header) {
			delete(b.visits, v.ticket)
			reply = answer{status: http.StatusFound}.with("Location", v.leaveTo)
		}
	})
	return reply.with("Cache-Control", "no-store")
}

// join adds parameters to a return address and keeps the query it has (RFC 6749 section 3.1.2).
func join(address string, extra url.Values) string {
	if strings.Contains(address, "?") {
		return address + "&" + extra.Encode()
	}
	return address + "?" + extra.Encode()
}

// pageForm reads what the page's form sends: multipart, as it asks for, or urlencoded.
func pageForm(q ask) url.Values {
	kind, parameters, _ := mime.ParseMediaType(q.header.Get("Content-Type"))
	if kind == "multipart/form-data" {
		parts, err := multipart.NewReader(bytes.NewReader(q.body), parameters["boundary"]).ReadForm(maxRequest)
		if err != nil {
			return nil
		}
		return parts.Value
	}
	form, _ := url.ParseQuery(string(q.body))
	return form
}

func cookie(header http.Header) string {
	for _, line := range header["Cookie"] {
		cookies, _ := http.ParseCookie(line)
		for _, c := range cookies {
			if c.Name == "larder" {
				return c.Value
			}
		}
	}
	return ""
}

// Labels of the page's two buttons, for whoever has to find them.
const (
	OpenLabel = "Open my pantry"
	ShutLabel = "Keep it shut"
)

// door is the consent page: a form that only changes the language comes first, then one that signs in and
// answers at once.
func door(status int, ticket, client, notice string) answer {
	return page(status, fmt.Sprintf(`<form action="consent" method="get"><select name="tongue"><option>en</option><option>fi</option></select><input type="submit" value="Change"></form>
%s<p>%s would like to look at your shelves.</p>
<form action="consent" method="post" enctype="multipart/form-data">
<input type="hidden" name="ticket" value="%s">
<label>Who are you? <input type="text" name="who"></label>
<label>And the word? <input type="password" name="secret_word"></label>
<label><input type="checkbox" name="terms" value="read" checked> I have read the label</label>
<label><input type="checkbox" name="remember" value="yes"> Remember me</label>
<button type="submit" name="answer" value="open">%s</button>
<input type="submit" name="answer" value="%s">
</form>`, notice, html.EscapeString(client), ticket, OpenLabel, ShutLabel))
}

func page(status int, body string) answer {
	a := answer{status: status, kind: "text/html; charset=utf-8", body: "<!doctype html>\n<title>Pantry</title>\n" + body + "\n"}
	return a.with("Cache-Control", "no-store")
}
