package scene

import (
	"fmt"
	"net/http"

	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// An operation of which the document only speaks may be elsewhere at a target, or want another body. Then it is
// no measure of anything, and the target file can name others.

// look tries such operations with a live token, once, before any case relies on them. What refuses the token
// itself is for the cases to judge.
func (a *Act) look(access string) ([]string, error) {
	var notes []string
	for _, op := range a.Ops.ByRole(specs.RoleUse) {
		if !op.Companion {
			continue
		}
		reply, err := a.Use(op, access, "to see whether the target has it")
		if err != nil {
			if err = unless(err); err != nil {
				return notes, err
			}
			continue
		}
		if reply.Refused() && reply.Status != http.StatusUnauthorized && reply.Status != http.StatusForbidden {
			a.lacks(op)
			notes = append(notes, fmt.Sprintf("%s is not documented, and this target answers %d to a live token there; settings.use of the target file can name other protected operations", op.Name(), reply.Status))
		}
	}
	return notes, nil
}

// First is the first operation of a role that the target is not known to lack, or nil.
func (m *Memory) First(role specs.Role) *operation.Op {
	for _, op := range m.Ops.ByRole(role) {
		if m.Has(op) {
			return op
		}
	}
	return m.Ops.First(role)
}

// Has reports whether the target is not known to lack an operation.
func (m *Memory) Has(op *operation.Op) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return !m.missing[op]
}

func (m *Memory) lacks(op *operation.Op) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.missing[op] = true
}

// available stops a case that stands on an operation that the target lacks. As long as another of its role is
// there that costs only this case; otherwise what the document promises cannot be looked at.
func (a *Act) available(op *operation.Op) error {
	if a.Has(op) {
		return nil
	}
	if a.Has(a.First(op.Role)) {
		return engine.NotExercised("the target does not take %s as companion pages of the document show it", op.Name())
	}
	return engine.CouldNotRun("the target takes none of the operations that companion pages of the document show; name its own in settings.use")
}
