package reference

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// posServer has the user ada.
func posServer(t *testing.T, liberties ...string) *tester {
	c := talk(t, start(t, Config{Dialects: []string{"pos"}, Liberties: liberties}))
	c.want(c.posCreate("ada"), 201)
	return c
}

// posRefused holds a refusal to its shape: JSON with an error, no token and no
// secret, and for a 401 the challenge of the scheme that is wanted.
func (c *tester) posRefused(g got, status int, scheme string) {
	c.t.Helper()
	c.want(g, status)
	if g.text("error") == "" || g.json["access_token"] != nil || g.json["refresh_token"] != nil || g.header.Get("Content-Type") != "application/json" {
		c.t.Errorf("not a JSON error: %s %s", g.header.Get("Content-Type"), g.body)
	}
	if challenge := g.header.Get("WWW-Authenticate"); status == 401 && !strings.HasPrefix(challenge, scheme+` realm="pos"`) {
		c.t.Errorf("401 with the challenge %q, want %s", challenge, scheme)
	}
	for _, secret := range []string{posPassword, c.account("pos", "primary").Secret, c.account("pos", "second").Secret} {
		if strings.Contains(g.body, secret) {
			c.t.Errorf("a refusal tells a secret: %s", g.body)
		}
	}
}

var withMilliseconds = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)

func TestPOSCreateUser(t *testing.T) { // POS-USER-1, POS-USER-2
	c := posServer(t)
	g := c.posCreate("grace")
	c.want(g, 201, "user_name", "grace")
	if fmt.Sprint(g.json["user_id"]) == "" || !withMilliseconds.MatchString(g.text("created_at")) {
		t.Errorf("no user resource: %s", g.body)
	}
	if strings.Contains(g.body, posPassword) || strings.Contains(g.body, "password") {
		t.Errorf("the answer speaks of the password: %s", g.body)
	}
	if other := c.posCreate("hedy"); fmt.Sprint(other.json["user_id"]) == fmt.Sprint(g.json["user_id"]) {
		t.Errorf("two users have one id: %s %s", g.body, other.body)
	}
	c.want(c.posLogIn("grace"), 201)

	form := url.Values{"user_name": {"ida löwe"}, "password": {"50% off: a+b&c=ß"}, "grant_type": {"password"}}.Encode()
	header := []string{"Authorization", c.posClient(), "Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}
	c.want(c.do("POST", "/users", form, header...), 201, "user_name", "ida löwe")
	c.want(c.do("POST", "/auth/token", form, header...), 201)
	c.want(c.posSend("/auth/token", `{"user_name":"ida löwe","password":"50% off: a+b\u0026c=\u00df"}`, c.posClient()), 201)

	c.want(c.control("users", `{"username":"joan","password":"`+posPassword+`"}`), 201)
	c.want(c.posLogIn("joan"), 201)
	c.posRefused(c.posCreate("joan"), 409, "")
	c.want(c.control("users", `{"username":"ada"}`), 409)
}

func TestPOSCreateUserRefused(t *testing.T) { // POS-USER-3
	c := posServer(t)
	password := `"password":"` + posPassword + `"`
	for body, status := range map[string]int{
		`{` + password + `,"grant_type":"password"}`:                                         400,
		`{"user_name":"kay","grant_type":"password"}`:                                        400,
		`{"user_name":"kay",` + password + `}`:                                               400,
		`{"user_name":"kay",` + password + `,"grant_type":"client_credentials"}`:             400,
		`{"user_name":"kay",` + password + `,"grant_type":7}`:                                400,
		`{"user_name":"",` + password + `,"grant_type":"password"}`:                          400,
		`{"user_name":7,` + password + `,"grant_type":"password"}`:                           400,
		`{"user_name":{},` + password + `,"grant_type":"password"}`:                          400,
		`{"user_name":"kay","password":null,"grant_type":"password"}`:                        400,
		`{"user_name":"kay","password":"","grant_type":"password"}`:                          400,
		`{"user_name":"kay","password":["` + posPassword + `"],"grant_type":"password"}`:     400,
		`{"user_name":"kay","user_name":"kay",` + password + `,"grant_type":"password"}`:     400,
		`{"user_name":"` + strings.Repeat("k", 257) + `",` + password + `,"grant_type":"p"}`: 400,
		`{"user_name":"kay",` + password + `,"grant_type":"password"`:                        400,
		`{"x":"` + strings.Repeat("x", 70000) + `"}`:                                         413,
		``: 400, `[]`: 400, `null`: 400, `"text"`: 400,
	} {
		c.posRefused(c.posSend("/users", body, c.posClient()), status, "")
	}
	form := func(body string) got {
		return c.do("POST", "/users", body, "Authorization", c.posClient(), "Content-Type", "application/x-www-form-urlencoded")
	}
	for _, body := range []string{"", "%zz", "user_name=kay&user_name=kay&password=x&grant_type=password", "user_name=%ff&password=x&grant_type=password",
		"user_name=kay&grant_type=password", "user_name=kay&password=&grant_type=password", strings.ReplaceAll(manyMembers(101), ",", "&")} {
		c.posRefused(form(body), 400, "")
	}
	c.posRefused(c.do("POST", "/users", posUser("kay", posPassword), "Authorization", c.posClient(), "Content-Type", "text/plain"), 415, "")
	c.posRefused(c.posSend("/users", posUser("kay", posPassword), ""), 401, "Basic")
	c.posRefused(c.posSend("/auth/token", posUser("kay", posPassword), c.posClient()), 400, "")
}

func TestPOSDuplicate(t *testing.T) { // POS-DUP-1
	c := posServer(t)
	c.posRefused(c.posCreate("ada"), 409, "")
	c.posRefused(c.posSend("/users", posUser("ada", "Falcon7WinterBasalt"), c.posClient()), 409, "")
	c.want(c.posLogIn("ada"), 201)
	c.posRefused(c.posSend("/auth/token", posUser("ada", "Falcon7WinterBasalt"), c.posClient()), 400, "")
	for round := range 10 {
		var wins atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if c.posCreate(fmt.Sprint("racer", round)).status == 201 {
					wins.Add(1)
				}
			})
		}
		wg.Wait()
		if wins.Load() != 1 {
			t.Fatalf("%d of 8 got the same user_name", wins.Load())
		}
	}
}

func TestPOSPasswordsAreKeptAsHashes(t *testing.T) {
	c := posServer(t)
	if who := c.s.host.Accounts.User("pos", "ada"); who.Password != "" || who.PasswordHash == [32]byte{} {
		t.Errorf("kept of a password: %q", who.Password)
	}
}

func TestPOSLogIn(t *testing.T) { // POS-TOKEN-1, POS-TOKEN-4, ANY-CACHE
	c := posServer(t)
	g := c.posLogIn("ada")
	c.want(g, 201, "expires_in", "3600", "token_type", "Bearer")
	if access := g.text("access_token"); !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(access) {
		t.Errorf("the access token %s is no version 4 UUID", access)
	}
	if len(g.text("refresh_token")) != 43 || g.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v %s", g.header, g.body)
	}
	again := c.posSend("/auth/token", `{"user_name":"ada","password":"`+posPassword+`","grant_type":"password"}`, strings.Replace(c.posClient(), "Basic", "basic ", 1))
	c.want(again, 201)
	if again.text("access_token") == g.text("access_token") || again.text("refresh_token") == g.text("refresh_token") {
		t.Error("the second login repeats a token")
	}
	c.want(c.posUse(g.text("access_token")), 201)
}

func TestPOSClient(t *testing.T) { // POS-TOKEN-2
	c := posServer(t)
	one, two := c.account("pos", "primary"), c.account("pos", "second")
	logIn := func(authorization string) got {
		return c.posSend("/auth/token", posUser("ada", posPassword), authorization)
	}
	c.want(logIn(basic(two.ID, two.Secret)), 201)
	for _, bad := range []string{"", "Basic", "Basic ", "Basic ???", basic(one.ID, ""), basic("", one.Secret), basic("", ""), basic(one.ID, "wrong"),
		basic(one.ID, one.Secret+"x"), basic(one.ID, one.Secret[:12]), basic(one.ID, strings.ToLower(one.Secret)), basic(one.ID, two.Secret),
		basic("nobody", one.Secret), basic(one.ID+" ", one.Secret), basic(one.ID, one.Secret+":"), "Bearer " + strings.TrimPrefix(c.posClient(), "Basic "),
		"Basic " + one.ID + ":" + one.Secret, "Basic " + base64.StdEncoding.EncodeToString([]byte(one.ID)), c.posClient() + "x"} {
		c.posRefused(logIn(bad), 401, "Basic")
	}
	twice := c.do("POST", "/auth/token", posUser("ada", posPassword), "Content-Type", "application/json",
		"Authorization", c.posClient(), "Authorization", c.posClient())
	c.posRefused(twice, 401, "Basic")

	// RFC 7617 2: the id ends at the first colon, and nothing is decoded
	// after base64; 2.1: UTF-8.
	for i, secret := range []string{"with:colons::in it:", "50%25 off%", "a+b c", "grüße", " "} {
		id := fmt.Sprint("odd client ", i)
		c.want(c.control("clients", fmt.Sprintf(`{"client_id":%q,"client_secret":%q}`, id, secret)), 201)
		c.want(logIn(basic(id, secret)), 201)
		c.posRefused(logIn(basic(id, secret+"x")), 401, "Basic")
	}
	rotated := c.control("rotate-secret", `{"client_id":"`+one.ID+`"}`).text("client_secret")
	c.posRefused(logIn(basic(one.ID, one.Secret)), 401, "Basic")
	c.want(logIn(basic(one.ID, rotated)), 201)
}

func TestPOSLogInRefused(t *testing.T) { // POS-TOKEN-3
	c := posServer(t)
	c.posSend("/users", posUser("bea", "Quail4SummerOnyx"), c.posClient())
	for body, status := range map[string]int{
		posUser("ada", "wrong"):                                                  400,
		posUser("ada", posPassword+"x"):                                          400,
		posUser("ada", posPassword[:10]):                                         400,
		posUser("ada", strings.ToLower(posPassword)):                             400,
		posUser("ada", "Quail4SummerOnyx"):                                       400,
		posUser("ADA", posPassword):                                              400,
		posUser("nobody", posPassword):                                           400,
		`{"password":"` + posPassword + `"}`:                                     400,
		`{"user_name":"ada"}`:                                                    400,
		`{"user_name":"ada","password":""}`:                                      400,
		`{"user_name":"ada","password":null}`:                                    400,
		`{"user_name":"ada","password":7}`:                                       400,
		`{"user_name":["ada"],"password":"` + posPassword + `"}`:                 400,
		strings.Replace(posUser("ada", posPassword), "t_t", "", 1) + "}":         400,
		`{"user_name":"ada","password":"` + posPassword + `","grant_type":"x"}`:  400,
		`{"user_name":"ada","password":"` + posPassword + `","grant_type":null}`: 400,
		``: 400, `{`: 400, `[]`: 400, `7`: 400,
	} {
		c.posRefused(c.posSend("/auth/token", body, c.posClient()), status, "")
	}
	wrong, unknown := c.posSend("/auth/token", posUser("ada", "wrong"), c.posClient()), c.posSend("/auth/token", posUser("nobody", "wrong"), c.posClient())
	if wrong.body != unknown.body {
		t.Errorf("a wrong password and an unknown user are told apart: %s %s", wrong.body, unknown.body)
	}
}

func TestPOSMethods(t *testing.T) {
	c := posServer(t)
	for _, path := range []string{"/users", "/auth/token", "/auth/refresh-token", "/ingredients", "/dishes"} {
		for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE"} {
			if g := c.do(method, path, ""); g.status != http.StatusMethodNotAllowed || g.header.Get("Allow") != "POST, OPTIONS" {
				t.Errorf("%s %s: %d, Allow %q", method, path, g.status, g.header.Get("Allow"))
			}
		}
	}
}

func TestPOSFormOnly(t *testing.T) {
	c := talk(t, start(t, Config{Dialects: []string{"pos"}, Liberties: []string{"pos-form-only"}}))
	if told := c.s.Settings("pos")["body"]; told != "form" {
		t.Errorf("body is %q among the settings", told)
	}
	c.posRefused(c.posCreate("ada"), 415, "")
	form := url.Values{"user_name": {"ada"}, "password": {posPassword}, "grant_type": {"password"}}.Encode()
	for _, path := range []string{"/users", "/auth/token"} {
		c.want(c.do("POST", path, form, "Authorization", c.posClient(), "Content-Type", "application/x-www-form-urlencoded"), 201)
	}
}

func TestPOSManyLibertiesAtOnce(t *testing.T) {
	var ids []string
	for _, q := range Liberties() {
		if q.Dialect == "pos" {
			ids = append(ids, q.ID)
		}
	}
	var log lockedBuffer
	tell(t, "pos", Config{Liberties: ids, Log: &log}, nil)
	if strings.Contains(log.String(), "panic") {
		t.Error(log.String())
	}
}
