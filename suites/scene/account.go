package scene

import (
	"gonogo/internal/client"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// Registered is the role whose account a run makes for itself, where the document has one.
func (s *Subject) Registered() (specs.Credential, bool) { return client.Registered(s.Dialect) }

// Register asks for an account to be made.
func (a *Act) Register(account map[string]string, doing string) (*client.Reply, error) {
	return a.Client.Register(a.ctx, account, doing)
}

// RegisterNew makes an account. Failing to get one stops the case.
func (a *Act) RegisterNew() (map[string]string, error) {
	account := a.NewAccount()
	reply, err := a.Register(account, "to have an account to check with")
	if err != nil {
		return nil, err
	}
	if !reply.Succeeded() {
		return nil, engine.CouldNotRun("no account could be made to check with: %s was answered %s", reply.Op.Name(), reply.Got())
	}
	return account, nil
}
