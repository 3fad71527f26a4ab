package fifth

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"testing"
	"time"
)

// visitor is a client of one server.
type visitor struct {
	t *testing.T
	s *Server
	h *http.Client
}

// reply is an answer, read.
type reply struct {
	status int
	header http.Header
	text   string
	body   struct {
		Token struct {
			Access struct {
				Value string
				Until int64
			}
			Refresh struct{ Value, Until string }
		}
		Active bool
		Exp    int64
		Keeper struct{ Number int }
	}
}

func (r reply) access() string  { return r.body.Token.Access.Value }
func (r reply) refresh() string { return r.body.Token.Refresh.Value }

func arrive(t *testing.T, options Options) visitor {
	t.Helper()
	s, err := Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return visitor{t, s, &http.Client{CheckRedirect: stay, Timeout: 30 * time.Second}}
}

func faulty(t *testing.T, f Fault) visitor { return arrive(t, Options{Faults: []Fault{f}}) }

func free(t *testing.T, l Liberty) visitor { return arrive(t, Options{Liberties: []Liberty{l}}) }

func (v visitor) send(r *http.Request) reply {
	v.t.Helper()
	got, err := v.h.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	out := reply{status: got.StatusCode, header: got.Header, text: string(raw)}
	_ = json.Unmarshal(raw, &out.body) // refusals are not JSON
	return out
}

func (v visitor) request(method, path string, body io.Reader) *http.Request {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.s.URL()+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	return r
}

// post sends a form, as a client.
func (v visitor) post(path string, c Client, pairs ...string) reply {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := v.request("POST", path, bytes.NewBufferString(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(c.ID, c.Secret)
	return v.send(r)
}

func (v visitor) signIn(c Client) reply {
	v.t.Helper()
	return v.post("/oauth2/token", c, "grant_type", "password", "username", Keeper.Name, "password", Keeper.Password)
}

func (v visitor) trade(c Client, token string) reply {
	v.t.Helper()
	return v.post("/oauth2/token", c, "grant_type", "refresh_token", "refresh_token", token)
}

func (v visitor) spend(c Client, token string) reply {
	v.t.Helper()
	return v.post("/oauth2/token", c, "grant_type", "authorization_code", "voucher", token, "return_to", c.ReturnTo)
}

func (v visitor) look(c Client, token string) reply {
	v.t.Helper()
	return v.post("/oauth2/look", c, "token", token)
}

func (v visitor) close(c Client, token string) reply {
	v.t.Helper()
	return v.post("/oauth2/close", c, "token", token)
}

func (v visitor) shelves(header, value string) reply {
	v.t.Helper()
	r := v.request("GET", "/shelves", nil)
	if header != "" {
		r.Header.Set(header, value)
	}
	return v.send(r)
}

func (v visitor) opens(token string) bool {
	v.t.Helper()
	return v.shelves("Authorization", "Bearer "+token).status == 200
}

var ticketField = regexp.MustCompile(`name="ticket" value="([^"]+)"`)

// consent walks through the page as a browser does and returns where it is sent in the end; nil if it is not.
func (v visitor) consent(c Client, returnTo, state, answer string) *url.URL {
	v.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		v.t.Fatal(err)
	}
	browser := v
	browser.h = &http.Client{Jar: jar, CheckRedirect: v.h.CheckRedirect, Timeout: v.h.Timeout}
	query := url.Values{"client": {c.ID}, "return_to": {returnTo}, "want": {"voucher"}, "state": {state}}
	shown := browser.send(v.request("GET", "/consent?"+query.Encode(), nil))
	ticket := ticketField.FindStringSubmatch(shown.text)
	if shown.status != 200 || ticket == nil {
		return nil
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, field := range [][2]string{{"ticket", ticket[1]}, {"who", Keeper.Name}, {"secret_word", Keeper.Password}, {"terms", "read"}, {"answer", answer}} {
		if err := form.WriteField(field[0], field[1]); err != nil {
			v.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		v.t.Fatal(err)
	}
	r := v.request("POST", "/consent", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	sent := browser.send(r)
	if sent.status != 303 {
		return nil
	}
	left := browser.send(v.request("GET", sent.header.Get("Location")[len(root):], nil))
	location, err := url.Parse(left.header.Get("Location"))
	if err != nil || left.status != 302 {
		v.t.Fatalf("leaving: %d %v", left.status, err)
	}
	return location
}

func (v visitor) voucher() string {
	v.t.Helper()
	location := v.consent(Primary, Primary.ReturnTo, "s", "open")
	if location == nil {
		v.t.Fatal("no voucher")
	}
	return location.Query().Get("voucher")
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: wanted %v, got %v", what, want, got)
	}
}
