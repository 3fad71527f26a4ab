package reference

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestPOSUse(t *testing.T) { // POS-USE-1, POS-USE-2
	c := posServer(t)
	p := c.posLogIn("ada")
	token := p.text("access_token")
	g := c.posUse(token)
	c.want(g, 201, "display_name", "Red lentils", "name", "lentils", "in_stock_qty", "12")
	if g.text("ingredient_id") == "" || !withMilliseconds.MatchString(g.text("created_at")) || !withMilliseconds.MatchString(g.text("updated_at")) {
		t.Errorf("no ingredient: %s", g.body)
	}
	soup := c.posSend("/dishes", `{"display_name":"Soup","name":"soup","price":9.5,"tags":["a",{"b":null}],"dish_id":"mine"}`, "bearer  "+token)
	c.want(soup, 201, "name", "soup", "price", "9.5", "tags", "[a map[b:<nil>]]")
	if soup.text("dish_id") == "mine" {
		t.Errorf("the client chose the id: %s", soup.body)
	}
	c.want(c.do("POST", "/ingredients", "display_name=Salt&name=salt&in_stock_qty=3", "Authorization", "Bearer "+token,
		"Content-Type", "application/x-www-form-urlencoded"), 201, "in_stock_qty", "3")
	for _, path := range []string{"/ingredients", "/dishes"} {
		body := map[string]string{"/ingredients": posLentils, "/dishes": posSoup}[path]
		for _, bad := range []string{"", "Bearer", "Bearer ", "Bearer garbage", "Bearer " + token + " x", "Basic " + token, token, c.posClient(),
			"Bearer " + p.text("refresh_token"), "Bearer " + changedMiddle(token), "Bearer " + token[:35], "Bearer " + strings.ToUpper(token),
			`Bearer "` + token + `"`, "Token " + token} {
			c.posRefused(c.posSend(path, body, bad), 401, "Bearer")
			c.posRefused(c.posSend(path, `{}`, bad), 401, "Bearer")
		}
		for _, bad := range []string{``, `{`, `[]`, `{}`, `{"display_name":"x","name":"y"}`, `{"display_name":"x","in_stock_qty":1,"price":1}`,
			`{"display_name":"x","name":7,"in_stock_qty":1,"price":1}`, `{"display_name":"x","name":"y","in_stock_qty":-1,"price":-1}`,
			`{"display_name":"x","name":"y","in_stock_qty":"1,","price":"1 2"}`, `{"display_name":"x","name":"y","in_stock_qty":null,"price":{}}`} {
			c.posRefused(c.posSend(path, bad, "Bearer "+token), 400, "")
		}
	}
	twice := c.do("POST", "/dishes", posSoup, "Content-Type", "application/json", "Authorization", "Bearer "+token, "Authorization", "Bearer "+token)
	c.posRefused(twice, 401, "Bearer")
}

func TestPOSRefresh(t *testing.T) { // POS-REFRESH-1, POS-REFRESH-2, POS-ROTATE-1
	c := posServer(t)
	p := c.posLogIn("ada")
	r := c.posRefresh(p.text("refresh_token"))
	c.want(r, 201, "expires_in", "3600", "token_type", "Bearer")
	if r.text("access_token") == p.text("access_token") || r.text("refresh_token") == p.text("refresh_token") {
		t.Errorf("a token is not new: %s", r.body)
	}
	c.want(c.posUse(r.text("access_token")), 201)
	c.want(c.posUse(p.text("access_token")), 201)
	c.posRefused(c.posRefresh(p.text("refresh_token")), 401, "Bearer")
	live := c.posRefresh(r.text("refresh_token"))
	c.want(live, 201)
	send := func(header ...string) got { return c.do("POST", "/auth/refresh-token", "", header...) }
	good := live.text("refresh_token")
	for _, bad := range []string{"Bearer", "Bearer ", "Bearer unknown", "Bearer " + changedMiddle(good), "Bearer " + good[:42],
		"Bearer " + live.text("access_token"), good, "Basic " + good, c.posClient(), `Bearer "` + good + `"`} {
		c.posRefused(send("Authorization", bad), 401, "Bearer")
	}
	c.posRefused(send(), 401, "Bearer")
	c.posRefused(send("Authorization", "Bearer "+good, "Authorization", "Bearer "+good), 401, "Bearer")
	c.posRefused(c.do("POST", "/auth/refresh-token", `{"refresh_token":"`+good+`"}`, "Content-Type", "application/json"), 401, "Bearer")
	// none of these spent it
	c.want(c.do("POST", "/auth/refresh-token", `{"anything":`, "Authorization", "Bearer "+good, "Content-Type", "application/json"), 201)
}

func TestPOSRefreshRace(t *testing.T) { // POS-ROTATE-1
	c := posServer(t)
	for range 10 {
		token := c.posLogIn("ada").text("refresh_token")
		var wins atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if c.posRefresh(token).status == 201 {
					wins.Add(1)
				}
			})
		}
		wg.Wait()
		if wins.Load() != 1 {
			t.Fatalf("%d of 8 racing refreshes won", wins.Load())
		}
	}
}

func TestPOSExpiry(t *testing.T) { // POS-EXPIRE-1
	c := posServer(t)
	p := c.posLogIn("ada")
	late := c.posLogIn("ada")
	c.advance(time.Hour - 10*time.Second)
	c.want(c.posUse(p.text("access_token")), 201)
	c.advance(10 * time.Second)
	c.posRefused(c.posUse(p.text("access_token")), 401, "Bearer")
	r := c.posRefresh(p.text("refresh_token"))
	c.want(r, 201)
	c.want(c.posUse(r.text("access_token")), 201)
	c.advance(30*24*time.Hour - time.Hour)
	c.posRefused(c.posRefresh(late.text("refresh_token")), 401, "Bearer")
}

func TestPOSEarlyRefreshRefused(t *testing.T) {
	c := posServer(t, "pos-refresh-early-refused")
	p := c.posLogIn("ada")
	c.posRefused(c.posRefresh(p.text("refresh_token")), 400, "")
	c.posRefused(c.posRefresh("unknown"), 401, "Bearer")
	c.advance(time.Hour)
	r := c.posRefresh(p.text("refresh_token"))
	c.want(r, 201)
	c.posRefused(c.posRefresh(r.text("refresh_token")), 400, "")
	c.advance(time.Hour)
	c.want(c.posRefresh(r.text("refresh_token")), 201)
}

func TestPOSRefreshSchemes(t *testing.T) {
	for liberty, want := range map[string]struct {
		bearer, bare int
		settings     string
	}{"": {201, 401, "map[]"}, "pos-refresh-bare": {401, 201, "map[refresh_scheme:bare]"}, "pos-refresh-any-scheme": {201, 201, "map[]"}} {
		var liberties []string
		if liberty != "" {
			liberties = []string{liberty}
		}
		c := posServer(t, liberties...)
		send := func(prefix string) got {
			return c.do("POST", "/auth/refresh-token", "", "Authorization", prefix+c.posLogIn("ada").text("refresh_token"))
		}
		c.want(send("Bearer "), want.bearer)
		c.want(send(""), want.bare)
		if settings := fmt.Sprint(c.s.Settings("pos")); settings != want.settings {
			t.Errorf("%s: the settings are %s", liberty, settings)
		}
	}
}
