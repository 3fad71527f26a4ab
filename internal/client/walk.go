package client

import (
	"net/url"

	"gonogo/internal/consent"
	"gonogo/specs"
)

// Walk is what a human knows in front of the page that an address of the authorize operation leads to, who decides about
// the client of a role.
func (c *Client) Walk(authorize *url.URL, role string, decision consent.Decision) consent.Request {
	value := func(role, field string) string {
		value, _ := c.Credential(role, field)
		return value
	}
	own := c.Target.Consent
	walk := consent.Request{
		Authorize: authorize, Decision: decision, Home: c.Target.Serves, Patience: c.Target.Limits.Timeout,
		Hints: consent.Hints{
			UsernameField: own.UsernameField, PasswordField: own.PasswordField,
			SignInLabel: own.SignInLabel, ApproveLabel: own.ApproveLabel, DenyLabel: own.DenyLabel,
		},
	}
	if input, ok := c.First(specs.RoleAuthorize).RedirectInput(); ok {
		walk.RedirectURI = value(role, input.From.Field)
	}
	if human := c.Dialect.Human(); len(human.Fields) >= 2 {
		walk.Username, walk.Password = value(human.Role, human.Fields[0]), value(human.Role, human.Fields[1])
	}
	return walk
}
