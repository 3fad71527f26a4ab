package scene

import (
	"gonogo/internal/client"
	"gonogo/specs"
)

// Registered is the role whose account a run makes for itself, where the document has one.
func (s *Subject) Registered() (specs.Credential, bool) { return client.Registered(s.Dialect) }

// Register asks for an account to be made.
func (a *Act) Register(account map[string]string, doing string) *client.Reply {
	return must(a.Client.Register(a.ctx, account, doing))
}

// RegisterNew makes an account.
func (a *Act) RegisterNew() map[string]string {
	account := a.NewAccount()
	a.Made(a.Register(account, "to have an account to check with"))
	return account
}

// Made stops the case where an account could not be made.
func (a *Act) Made(reply *client.Reply) {
	if !reply.Succeeded() {
		a.CouldNotRun("no account could be made to check with: %s was answered %s", reply.Op.Name(), reply.Got())
	}
}
