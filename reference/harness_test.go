package reference

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// start runs a server for one test.
func start(t *testing.T, cfg Config) *Server {
	t.Helper()
	s, err := Start(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	return s
}

// got is an answer as a test looks at it.
type got struct {
	status int
	header http.Header
	body   string
	json   map[string]any
	err    error
	resp   *http.Response
}

func (g got) text(name string) string { s, _ := g.json[name].(string); return s }

// tester talks to one server.
type tester struct {
	t      *testing.T
	s      *Server
	client *http.Client
}

func talk(t *testing.T, s *Server) *tester {
	jar, _ := cookiejar.New(nil)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &tester{t, s, &http.Client{Transport: transport, Jar: jar, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// do sends a request; header is a list of names and values.
func (c *tester) do(method, to, body string, header ...string) got {
	c.t.Helper()
	if strings.HasPrefix(to, "/") {
		to = c.s.URL() + to
	}
	r, err := http.NewRequest(method, to, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	resp, err := c.client.Do(r)
	if err != nil {
		return got{err: err}
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	g := got{status: resp.StatusCode, header: resp.Header, body: string(b), err: err, resp: resp}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	_ = d.Decode(&g.json)
	return g
}

func (c *tester) post(path, body string) got {
	c.t.Helper()
	return c.do("POST", path, body, "Content-Type", "application/json")
}

func (c *tester) control(path, body string) got {
	c.t.Helper()
	return c.do("POST", c.s.ControlURL()+"/__control/"+path, body)
}

func (c *tester) advance(d time.Duration) {
	c.t.Helper()
	if g := c.control("clock", fmt.Sprintf(`{"advance":%q}`, d)); g.status != 200 {
		c.t.Fatalf("advance %s: %d %s", d, g.status, g.body)
	}
}

// account finds a seed client.
func (c *tester) account(dialect, role string) Client {
	for _, one := range c.s.Accounts().Clients {
		if one.Dialect == dialect && one.Role == role {
			return one
		}
	}
	c.t.Fatalf("no %s client of %s", role, dialect)
	return Client{}
}

// kitchenhub

func (c *tester) khIssue() got {
	c.t.Helper()
	a := c.account("kitchenhub", "primary")
	return c.post("/v2/auth/token", fmt.Sprintf(`{"client_id":%q,"client_secret":%q}`, a.ID, a.Secret))
}

func (c *tester) khRefresh(token string) got {
	c.t.Helper()
	return c.post("/v2/auth/refresh", fmt.Sprintf(`{"refresh_token":%q}`, token))
}

func (c *tester) khValidate(token string) got {
	c.t.Helper()
	return c.post("/v2/auth/validate", fmt.Sprintf(`{"access_token":%q}`, token))
}

func (c *tester) orders(authorization ...string) got {
	c.t.Helper()
	var header []string
	for _, a := range authorization {
		header = append(header, "Authorization", a)
	}
	return c.do("GET", "/v2/orders", "", header...)
}

// kitchenmonki

func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

// kmGrant asks for a grant as the given client; the pairs are the rest.
func (c *tester) kmGrant(who Client, grantType string, pairs ...string) got {
	c.t.Helper()
	all := append([]string{"grant_type", grantType, "client_id", who.ID, "client_secret", who.Secret}, pairs...)
	return c.do("GET", "/v2/token/grant?"+query(all...), "")
}

func (c *tester) queue(token string) got {
	c.t.Helper()
	return c.do("GET", "/v2/queue", "", "Authorization", "Bearer "+token)
}

// actingUser is the user that a queue answer names.
func (g got) actingUser() string {
	data, _ := g.json["data"].(map[string]any)
	return fmt.Sprint(data["user_id"])
}

func authorizeURL(who Client, pairs ...string) string {
	return "/authorize?" + query(append([]string{"client_id", who.ID, "response_type", "code", "redirect_uri", who.RedirectURI}, pairs...)...)
}

var (
	formTag   = regexp.MustCompile(`(?s)<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>`)
	inputTag  = regexp.MustCompile(`<(input|button)([^>]*)>([^<]*)`)
	attribute = regexp.MustCompile(`([a-z]+)="([^"]*)"`)
)

// walk goes through the consent pages as a human would: it fills in what is
// asked for and presses approve or deny. It answers the first answer that is
// not one of the site's own forms or redirects.
func (c *tester) walk(start string, approve bool) got {
	c.t.Helper()
	user := c.s.Accounts().Users[0]
	g := c.do("GET", c.www(start), "")
	for range 8 {
		if location := g.header.Get("Location"); location != "" {
			if !strings.HasPrefix(location, "/") {
				return g
			}
			g = c.do("GET", c.www(location), "")
			continue
		}
		action, values, found := fill(g.body, user, approve)
		if !found {
			return g
		}
		g = c.do("POST", c.www(action), values.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	}
	c.t.Fatal("the consent pages do not end")
	return g
}

func (c *tester) www(path string) string { return c.s.WWWURL() + path }

// fill fills in the first form that has the wanted button, or else the first.
func fill(page string, user User, approve bool) (string, url.Values, bool) {
	var action string
	var chosen url.Values
	for _, form := range formTag.FindAllStringSubmatch(page, -1) {
		values, pressed := url.Values{}, false
		for _, tag := range inputTag.FindAllStringSubmatch(form[2], -1) {
			a := map[string]string{}
			for _, pair := range attribute.FindAllStringSubmatch(tag[2], -1) {
				a[pair[1]] = pair[2]
			}
			label := tag[3] + a["value"]
			switch {
			case a["type"] == "text":
				values.Set(a["name"], user.Username)
			case a["type"] == "password":
				values.Set(a["name"], user.Password)
			case a["type"] == "hidden":
				values.Set(a["name"], a["value"])
			case a["type"] == "submit":
				approves := regexp.MustCompile(`(?i)^(approve|allow)`).MatchString(label)
				denies := regexp.MustCompile(`(?i)^(deny|cancel)`).MatchString(label)
				if (approves && approve || denies && !approve || !approves && !denies) && !pressed {
					pressed = true
					if a["name"] != "" {
						values.Set(a["name"], a["value"])
					}
				}
			}
		}
		if chosen == nil || pressed {
			action, chosen = form[1], values
		}
		if pressed {
			break
		}
	}
	return action, chosen, chosen != nil
}

// code gets an authorization code with a fresh browser.
func (c *tester) code(who Client, pairs ...string) string {
	c.t.Helper()
	fresh := talk(c.t, c.s)
	g := fresh.walk(authorizeURL(who, pairs...), true)
	u, err := url.Parse(g.header.Get("Location"))
	if err != nil {
		return ""
	}
	return u.Query().Get("code")
}

// exchange trades a code in.
func (c *tester) exchange(who Client, code string) got {
	c.t.Helper()
	return c.kmGrant(who, "authorization_code", "code", code, "redirect_uri", who.RedirectURI)
}

// manyMembers are n members of a JSON object.
func manyMembers(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`"m%d":%d`, i, i))
	}
	return strings.Join(all, ",")
}
