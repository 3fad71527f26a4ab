package scene

import (
	"net/http"

	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// Registered is the role whose account a run makes for itself, where the document has one.
func (s *Subject) Registered() (specs.Credential, bool) {
	for _, c := range s.Dialect.Credentials {
		if c.Registered {
			return c, true
		}
	}
	return specs.Credential{}, false
}

// NewAccount makes up the fields of an account that nobody has.
func (a *Act) NewAccount() map[string]string {
	role, _ := a.Registered()
	fields := operation.NewAccount(role)
	for _, field := range role.Fields[min(1, len(role.Fields)):] {
		a.Secret(field, fields[field])
	}
	return fields
}

// Register asks for an account to be made.
func (a *Act) Register(account map[string]string, doing string) (*Reply, error) {
	op := a.First(specs.RoleRegister)
	if op == nil {
		return nil, engine.NotApplicable("the document has no operation that makes an account")
	}
	return a.Call(op, operation.Args{Fields: account}, doing)
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

// settleIn makes the run's own account, unless the target file gives one. A refusal of the client that asks is a
// matter of the target file; anything else is for the cases to judge.
func (a *Act) settleIn() error {
	role, ok := a.Registered()
	if !ok || len(a.Target.Credentials[role.Role].Fields) > 0 {
		return nil
	}
	account := a.NewAccount()
	reply, err := a.Register(account, "to have an account for this run")
	if err != nil {
		return unless(err)
	}
	if !reply.Succeeded() {
		a.mu.Lock()
		a.facts.noAccount = reply.Op.Name() + " was answered " + reply.Got()
		a.mu.Unlock()
		if reply.Status == http.StatusUnauthorized || reply.Status == http.StatusForbidden {
			return engine.CouldNotRun("the target makes no account for the primary client: %s was answered %s; check credentials.primary in the target file, or give credentials.%s",
				reply.Op.Name(), reply.Got(), role.Role)
		}
		return nil
	}
	for field, value := range account {
		a.SetField(role.Role, field, value)
	}
	return nil
}

// withoutAccount is why a case stops that needs credentials that are not there.
func (a *Act) withoutAccount(lacking *operation.NoCredential) error {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if why := a.facts.noAccount; why != "" {
		return engine.CouldNotRun("there is no account to act as: %s", why)
	}
	return engine.CouldNotRun("%v", lacking)
}
