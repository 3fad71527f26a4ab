package scene

import (
	"gonogo/internal/client"
	"gonogo/specs"
)

// Registered is the role whose account a run makes for itself, where the document has one.
func (s *Subject) Registered() (specs.Credential, bool) { return client.Registered(s.Dialect) }

// Register asks for an account to be made.
func (t *Trial) Register(account map[string]string, doing string) *client.Reply {
	return must(t.Client.Register(t.ctx, account, doing))
}

// RegisterNew makes an account.
func (t *Trial) RegisterNew() map[string]string {
	account := t.NewAccount()
	t.Made(t.Register(account, "to have an account to check with"))
	return account
}

// Made stops the case where an account could not be made.
func (t *Trial) Made(reply *client.Reply) {
	if !reply.Succeeded() {
		t.CouldNotRun("no account could be made to check with: %s was answered %s", reply.Op.Name(), reply.Got())
	}
}
