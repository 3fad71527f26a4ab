package clients

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"time"
)

var pos = dialect{
	name: "pos", sessions: []string{"admin"},
	login: func(c *client, _ string) (answer, error) {
		if err := c.registered(); err != nil {
			return answer{}, err
		}
		r := newRequest(opLogin, http.MethodPost, "/auth/token", map[string]any{"user_name": c.account.name, "password": c.account.password})
		r.basic(c.own("CLIENT_ID"), c.own("CLIENT_SECRET"))
		return c.send(r)
	},
	refresh: func(_ *client, p pair) request {
		r := newRequest(opRefresh, http.MethodPost, "/auth/refresh-token", nil)
		r.bearer(p.Refresh)
		return r
	},
	use: func(*client) request {
		name := rand.Text()
		return newRequest(opUse, http.MethodPost, "/ingredients", map[string]any{"display_name": "Ingredient " + name, "name": "ingredient-" + name, "in_stock_qty": 12})
	},
	members: []string{"access_token", "expires_in", "refresh_token", "token_type"},
	life:    "expires_in", unit: time.Second,
}

// account is the one that a client of pos has made for its admin.
type account struct{ name, password string }

// registered makes the account, once.
func (c *client) registered() error {
	c.registers.Lock()
	defer c.registers.Unlock()
	if c.account.name != "" {
		return nil
	}
	made := account{"admin-" + rand.Text(), rand.Text()}
	r := newRequest(opRegister, http.MethodPost, "/users", map[string]any{"user_name": made.name, "password": made.password, "grant_type": "password"})
	r.basic(c.own("CLIENT_ID"), c.own("CLIENT_SECRET"))
	a, err := c.send(r)
	if err == nil {
		err = a.err()
	}
	if err != nil {
		return fmt.Errorf("the account: %w", err)
	}
	c.account = made
	return nil
}
