package client

import (
	"context"
	"crypto/rand"
	"net/http"

	"gonogo/internal/operation"
	"gonogo/specs"
)

// Registered is the role whose account a run makes for itself, where the document has one.
func Registered(dialect *specs.Dialect) (specs.Credential, bool) {
	for _, c := range dialect.Credentials {
		if c.Registered {
			return c, true
		}
	}
	return specs.Credential{}, false
}

// NewAccount makes up the fields of an account that nobody has: a name, and secrets that satisfy the usual rules for a
// password (length, both cases, a digit, a sign).
func (c *Client) NewAccount() map[string]string {
	role, _ := Registered(c.Dialect)
	fields := map[string]string{}
	for i, field := range role.Fields {
		if i == 0 {
			fields[field] = "gonogo-" + operation.Unique()
			continue
		}
		fields[field] = "Gq7-" + rand.Text()[:16] + "-k"
		c.Secret(field, fields[field])
	}
	return fields
}

// Register asks for an account to be made.
func (c *Client) Register(ctx context.Context, account map[string]string, doing string) (*Reply, error) {
	op := c.First(specs.RoleRegister)
	if op == nil {
		return nil, notPromised("the document has no operation that makes an account")
	}
	return c.Call(ctx, op, operation.Args{Fields: account}, doing)
}

// SettleIn makes the run's own account where the document has users register, unless the target file gives one, and acts
// as it from then on. That it is refused is a habit (NoAccount); a refusal of the client that asks is a matter of the
// target file, and an *Unable.
func (c *Client) SettleIn(ctx context.Context) error {
	role, ok := Registered(c.Dialect)
	if !ok || len(c.Target.Credentials[role.Role].Fields) > 0 {
		return nil
	}
	account := c.NewAccount()
	reply, err := c.Register(ctx, account, "to have an account for this run")
	if err != nil {
		return err
	}
	if !reply.Succeeded() {
		c.learn(func(h *Habits) { h.NoAccount = reply.Op.Name() + " was answered " + reply.Got() })
		if reply.Status == http.StatusUnauthorized || reply.Status == http.StatusForbidden {
			return unlessAnswered(reply, "the target makes no account for the %s client: %s was answered %s; check credentials.%s in the target file, or give credentials.%s",
				operation.Primary, reply.Op.Name(), reply.Got(), operation.Primary, role.Role)
		}
		return nil
	}
	for field, value := range account {
		c.SetField(role.Role, field, value)
	}
	return nil
}
