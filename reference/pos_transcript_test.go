package reference

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

const (
	posPassword = "Marten5VelvetHarbor"
	posLentils  = `{"display_name":"Red lentils","name":"lentils","in_stock_qty":12}`
	posSoup     = `{"display_name":"Lentil soup","name":"soup","price":9.5}`
)

func basic(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
}

// posSend sends a JSON body, with an Authorization header unless that is "".
func (c *tester) posSend(path, body, authorization string) got {
	c.t.Helper()
	header := []string{"Content-Type", "application/json"}
	if authorization != "" {
		header = append(header, "Authorization", authorization)
	}
	return c.do("POST", path, body, header...)
}

func (c *tester) posClient() string {
	c.t.Helper()
	who := c.account("pos", "primary")
	return basic(who.ID, who.Secret)
}

func posUser(name, password string) string {
	return fmt.Sprintf(`{"user_name":%q,"password":%q,"grant_type":"password"}`, name, password)
}

func (c *tester) posCreate(name string) got {
	c.t.Helper()
	return c.posSend("/users", posUser(name, posPassword), c.posClient())
}

func (c *tester) posLogIn(name string) got {
	c.t.Helper()
	return c.posSend("/auth/token", posUser(name, posPassword), c.posClient())
}

func (c *tester) posRefresh(token string) got {
	c.t.Helper()
	return c.do("POST", "/auth/refresh-token", "", "Authorization", "Bearer "+token)
}

func (c *tester) posUse(token string) got {
	c.t.Helper()
	return c.posSend("/ingredients", posLentils, "Bearer "+token)
}

func posTranscript(tr *transcript) {
	tr.secret[posPassword] = "password"
	tr.say(fmt.Sprint("settings: ", tr.s.Settings("pos")))
	posUsers(tr)
	posLogIns(tr)
	posClients(tr)
	for _, path := range []string{"/auth/token", "/users"} {
		tr.oddJSON(tr.note, func(body string) got { return tr.posSend(path, body, tr.posClient()) }, [2]string{"user_name", "password"}, "ada", posPassword, `,"grant_type":"password"`)
	}
	tr.note("long Basic credentials", tr.posSend("/auth/token", "{}", basic("nobody", strings.Repeat("0123456789abcdef", 300))))
	tr.note("spaced token", tr.posUse("a b"))
	tr.bodies(tr.note, "/auth/token", `{"user_name":"a","password":"b"}`, "Authorization", tr.posClient())
	tr.paths(tr.note, "POST", "/ingredients", posLentils)
	tr.headers(tr.posSend("/auth/token", "{}", tr.posClient()))
	tr.coding(func(header ...string) got { return tr.do("POST", "/ingredients", "", header...) })
	posUses(tr)
	posRefreshes(tr)
	posTime(tr)
}

func posUsers(tr *transcript) {
	client := tr.posClient()
	users := func(step, body string) got { return tr.note("users: "+step, tr.posSend("/users", body, client)) }
	tr.note("new user", tr.posCreate("ada"))
	tr.note("another media type", tr.do("POST", "/users", `{}`, "Authorization", client, "Content-Type", "text/plain"))
	tr.note("the same again", tr.posCreate("ada"))
	users("other password", posUser("ada", "Falcon7WinterBasalt"))
	tr.note("and in upper case", tr.posCreate("ADA"))
	tr.note("log in after all that", tr.posLogIn("ada"))
	tr.note("no client", tr.posSend("/users", posUser("bea", posPassword), ""))
	tr.race("users: a race for one name", func(c *tester) got { return c.posSend("/users", posUser("racer", posPassword), client) })
	users("odd name", posUser("bea@example.com", posPassword))
	users("weak password", posUser("bea.weak", "sparrow"))
	users("no grant type", `{"user_name":"bea1","password":"`+posPassword+`"}`)
	users("other grant type", `{"user_name":"bea2","password":"`+posPassword+`","grant_type":"other"}`)
	users("no name", `{"password":"`+posPassword+`","grant_type":"password"}`)
	users("no password", `{"user_name":"bea3","grant_type":"password"}`)
	for i, value := range notToken {
		users("name is "+value, `{"user_name":`+value+`,"password":"`+posPassword+`","grant_type":"password"}`)
		users("password is "+value, fmt.Sprintf(`{"user_name":"cleo%d","password":%s,"grant_type":"password"}`, i, value))
		users("grant type is "+value, fmt.Sprintf(`{"user_name":"dora%d","password":"%s","grant_type":%s}`, i, posPassword, value))
	}
	for _, body := range []string{``, `{"user_name":`, `[]`, `null`, `{"user_name":"ada"} trailing }`} {
		users("body "+body, body)
	}
	form := url.Values{"user_name": {"emil"}, "password": {posPassword}, "grant_type": {"password"}}.Encode()
	for _, path := range []string{"/users", "/auth/token"} {
		tr.note("form at "+path, tr.do("POST", path, form, "Content-Type", "application/x-www-form-urlencoded", "Authorization", client))
	}
}

func posLogIns(tr *transcript) {
	client := tr.posClient()
	logIn := func(step, body string) got { return tr.note("log in: "+step, tr.posSend("/auth/token", body, client)) }
	first := tr.note("log in", tr.posLogIn("ada"))
	second := tr.note("log in again", tr.posLogIn("ada"))
	tr.note("the first still works", tr.posUse(first.text("access_token")))
	uuid := "no UUID"
	if access := second.text("access_token"); isUUID.MatchString(access) {
		uuid = "upper case " + fmt.Sprint(access != strings.ToLower(access)) + ", version " + access[14:15]
	}
	tr.say("access token: "+uuid, fmt.Sprint("access tokens alike: ", alike(first, second, "access_token")),
		fmt.Sprint("refresh tokens alike: ", alike(first, second, "refresh_token")))
	for _, password := range []string{"wrong", posPassword + "x", strings.ToLower(posPassword), posPassword[:10], " " + posPassword} {
		logIn("password "+password, posUser("ada", password))
	}
	tr.posSend("/users", posUser("flora", "Quail4SummerOnyx"), client)
	logIn("another's password", posUser("ada", "Quail4SummerOnyx"))
	logIn("unknown user", posUser("nobody", posPassword+"y"))
	logIn("no name", `{"password":"`+posPassword+`"}`)
	logIn("no password", `{"user_name":"ada"}`)
	logIn("no grant type", `{"user_name":"ada","password":"`+posPassword+`"}`)
	logIn("other grant type", `{"user_name":"ada","password":"`+posPassword+`","grant_type":"other"}`)
	logIn("grant type is 7", `{"user_name":"ada","password":"`+posPassword+`","grant_type":7}`)
	for _, value := range notToken {
		logIn("name is "+value, `{"user_name":`+value+`,"password":"`+posPassword+`"}`)
		logIn("password is "+value, `{"user_name":"ada","password":`+value+`}`)
	}
	for _, body := range []string{``, `{"user_name":`, `[]`, `null`, `{"user_name":"ada"} trailing }`} {
		logIn("body "+body, body)
	}
}

var isUUID = regexp.MustCompile(`(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// alike says whether two tokens are the same, begin alike or end alike.
func alike(a, b got, name string) string {
	x, y := a.text(name), b.text(name)
	if len(x) < 19 || len(x) != len(y) {
		return "not comparable"
	}
	return fmt.Sprint(x == y, x[:14] == y[:14], x[len(x)-12:] == y[len(y)-12:])
}

func posClients(tr *transcript) {
	one, two := tr.account("pos", "primary"), tr.account("pos", "second")
	try := func(step, authorization string) {
		tr.note("client: "+step, tr.posSend("/auth/token", posUser("ada", posPassword), authorization))
	}
	good := tr.posClient()
	try("none", "")
	try("wrong secret", basic(one.ID, "wrong"))
	try("no secret", basic(one.ID, ""))
	try("longer secret", basic(one.ID, one.Secret+"x"))
	try("spaced secret", basic(one.ID, one.Secret+" "))
	try("other case", basic(one.ID, strings.ToUpper(one.Secret)))
	try("secret of another", basic(one.ID, two.Secret))
	try("unknown", basic("nobody", one.Secret))
	try("other scheme", "Bearer "+strings.TrimPrefix(good, "Basic "))
	try("no colon", "Basic "+base64.StdEncoding.EncodeToString([]byte(one.ID)))
	try("not base64", "Basic ???")
	try("scheme only", "Basic")
	tr.control("clients", `{"client_id":"odd","client_secret":"50%25 of:fjörd"}`)
	try("odd secret", basic("odd", "50%25 of:fjörd"))
	try("odd secret, encoded as a form", basic("odd", url.QueryEscape("50%25 of:fjörd")))
	tr.note("body before client", tr.posSend("/auth/token", `{}`, ""))
}

func posUses(tr *transcript) {
	p := tr.posLogIn("ada")
	access, refresh := p.text("access_token"), p.text("refresh_token")
	for _, kind := range []struct{ path, body string }{{"/ingredients", posLentils}, {"/dishes", posSoup}} {
		use := func(step, authorization string) {
			tr.note(kind.path+": "+step, tr.posSend(kind.path, kind.body, authorization))
		}
		use("live", "Bearer "+access)
		use("live again", "Bearer "+access)
		use("none", "")
		use("garbage", "Bearer garbage")
		use("malformed", "Bearer a b")
		use("scheme only", "Bearer")
		use("basic", "Basic "+access)
		use("bare", access)
		use("other case", "Bearer "+strings.ToUpper(access))
		use("refresh token", "Bearer "+refresh)
		use("near miss", "Bearer "+changedMiddle(access))
		use("client", tr.posClient())
		tr.note(kind.path+": bad body, no token", tr.posSend(kind.path, `{}`, ""))
		tr.note(kind.path+": bad body", tr.posSend(kind.path, `{}`, "Bearer "+access))
	}
}

func posRefreshes(tr *transcript) {
	send := func(step string, header ...string) got {
		return tr.note("refresh: "+step, tr.do("POST", "/auth/refresh-token", "", header...))
	}
	p := tr.posLogIn("ada")
	access, refresh := p.text("access_token"), p.text("refresh_token")
	send("none")
	send("scheme only", "Authorization", "Bearer")
	send("garbage", "Authorization", "Bearer garbage")
	send("near miss", "Authorization", "Bearer "+changedMiddle(refresh))
	send("two headers", "Authorization", "Bearer "+refresh, "Authorization", "Bearer "+refresh)
	send("client", "Authorization", tr.posClient())
	send("bare", "Authorization", tr.posLogIn("ada").text("refresh_token"))
	send("access token", "Authorization", "Bearer "+tr.posLogIn("ada").text("access_token"))

	r := tr.note("refresh", tr.posRefresh(refresh))
	tr.say(fmt.Sprint("the same access, refresh: ", r.text("access_token") == access, r.text("refresh_token") == refresh))
	tr.note("old access after refresh", tr.posUse(access))
	tr.note("new access works", tr.posUse(r.text("access_token")))
	tr.note("log in after refresh", tr.posLogIn("ada"))
	old := r.text("refresh_token")
	r = tr.note("refresh again", tr.posRefresh(old))
	tr.note("replay", tr.posRefresh(old))
	tr.note("after the replay", tr.posUse(r.text("access_token")))
	raced := tr.posLogIn("ada").text("refresh_token")
	tr.race("race", func(c *tester) got { return c.posRefresh(raced) })
	tr.note("replay after the race", tr.posRefresh(raced))
}

func posTime(tr *transcript) {
	p := tr.posLogIn("ada")
	access, refresh := p.text("access_token"), p.text("refresh_token")
	tr.advance(20 * time.Minute)
	tr.note("use after 20 minutes", tr.posUse(access))
	tr.note("log in after 20 minutes", tr.posLogIn("ada"))
	tr.advance(20 * time.Minute)
	tr.note("use after 40 minutes", tr.posUse(access))
	tr.advance(20*time.Minute + 30*time.Second)
	tr.note("use after an hour", tr.posUse(access))
	tr.advance(2 * time.Minute)
	tr.note("use after an hour and some", tr.posUse(access))
	p = tr.note("refresh after an hour", tr.posRefresh(refresh))
	tr.advance(20 * 24 * time.Hour)
	p = tr.note("refresh after 20 days", tr.posRefresh(p.text("refresh_token")))
	tr.advance(20 * 24 * time.Hour)
	p = tr.note("refresh after 20 more", tr.posRefresh(p.text("refresh_token")))
	tr.advance(31 * 24 * time.Hour)
	tr.note("refresh after 31 days", tr.posRefresh(p.text("refresh_token")))

	tr.lives(holder{
		wrong: func() got { return tr.posSend("/auth/token", posUser("ada", "wrong"), tr.posClient()) },
		issue: func(string) got { return tr.posLogIn("ada") }, use: tr.posUse, refresh: tr.posRefresh,
		note: tr.note, access: tokenNamed("access_token"), next: tokenNamed("refresh_token"),
	})
	tr.note("late user", tr.posCreate("gina"))
	tr.note("late user logs in", tr.posLogIn("gina"))
	tr.advance(2 * time.Minute)
	tr.note("and later", tr.posLogIn("gina"))
}
