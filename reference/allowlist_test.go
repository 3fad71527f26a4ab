package reference

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAllowList(t *testing.T) { // BB-IP-1 to -5
	c := b2bServer(t)
	out := outsider(t, c.s)
	listed, free := c.user("listed"), c.user("primary")

	p := c.bbLogin(listed)
	access := p.data("access_token")
	c.want(p, 200)
	c.want(c.products(access), 200)
	out.forbidden403(out.bbLogin(listed))
	out.forbidden403(out.products(access))
	out.forbidden403(out.categories(access))
	out.forbidden403(out.bbLogout(access))
	out.forbidden403(out.bbRefresh(p.data("refresh_token")))
	c.want(c.bbRefresh(p.data("refresh_token")), 200) // which a refusal does not spend

	// Who is not known is not told that there is a list.
	wrong := listed
	wrong.Password = "wrong"
	out.unauthorized401(out.bbLogin(wrong))
	out.unauthorized401(out.products("garbage"))
	out.unauthorized401(out.bbRefresh(p.data("refresh_token")))
	out.invalid400(out.post("/auth/login", `{}`))

	q := out.bbLogin(free)
	out.want(q, 200)
	out.want(out.products(q.data("access_token")), 200)
	out.want(out.bbRefresh(q.data("refresh_token")), 200)

	for name, value := range map[string]string{"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1", "X-Real-IP": "127.0.0.1"} {
		out.forbidden403(out.bbLogin(listed, name, value))
		out.forbidden403(out.products(access, name, value))
		out.forbidden403(out.bbRefresh(c.bbLogin(listed).data("refresh_token"), name, value))
		c.want(c.products(access, name, "203.0.113.9"), 200)
	}
}

func TestAllowListBehindAProxy(t *testing.T) {
	s := start(t, Config{Dialects: []string{"b2b"}, TrustedProxies: []string{"127.0.0.10"}})
	c, proxied := talk(t, s), outsider(t, s)
	listed := c.user("listed")
	c.want(c.bbLogin(listed), 200)
	proxied.forbidden403(proxied.bbLogin(listed))
	proxied.want(proxied.bbLogin(listed, "X-Forwarded-For", "203.0.113.9, 127.0.0.1"), 200)
	proxied.want(proxied.bbLogin(listed, "Forwarded", `for="[::1]:4711"`), 200)
	proxied.forbidden403(proxied.bbLogin(listed, "X-Forwarded-For", "127.0.0.1, 203.0.113.9"))
	c.want(c.bbLogin(listed, "X-Forwarded-For", "203.0.113.9"), 200) // who is no proxy speaks for itself
}

func TestAllowListOfNewAccounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seeds.yaml")
	write := func(allow string) Config {
		yaml := "users:\n  - {dialect: b2b, role: listed, username: ours, password: Dm2vHeather, acts_as: 7, allow: [" + allow + "]}\n"
		if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		return Config{Dialects: []string{"b2b"}, SeedFile: path}
	}
	s := start(t, write(`"127.0.0.10/31"`))
	c, out := talk(t, s), outsider(t, s)
	c.forbidden403(c.bbLogin(c.user("listed")))
	out.want(out.bbLogin(c.user("listed")), 200)
	const wrong = `user "ours" of b2b: allow: "nowhere" is neither an address nor a CIDR`
	if _, err := Start(context.Background(), write("127.0.0.1, nowhere")); err == nil || !strings.Contains(err.Error(), wrong) {
		t.Errorf("%v, not %s", err, wrong)
	}

	made := c.control("users", `{"username":"new","allow":["::ffff:127.0.0.1"]}`)
	c.want(made, 201, "allow", "[::ffff:127.0.0.1]")
	who := User{Username: "new", Password: made.text("password")}
	g := c.bbLogin(who)
	c.want(g, 200)
	if data, _ := g.json["data"].(map[string]any); fmt.Sprint(data["client_id"]) != fmt.Sprint(made.json["acts_as"]) {
		t.Errorf("client_id is not %v: %s", made.json["acts_as"], g.body)
	}
	out.forbidden403(out.bbLogin(who))
	c.want(c.control("users", `{"allow":["nowhere"]}`), 409)
}
