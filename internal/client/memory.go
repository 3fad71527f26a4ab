package client

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
)

// Memory is what the clients of one run share: everything that they have learned of the target.
type Memory struct {
	Dialect *specs.Dialect
	Target  *target.Target
	Ops     *operation.Set

	mu      sync.RWMutex
	habits  Habits
	seen    map[string]Token         // by value: as each was first seen
	spent   map[string]bool          // single-use values that have been used
	fields  map[string]string        // credential fields that changed during the run, by role/field
	usable  map[string]time.Time     // by value: when a token that may be refused early is sure to work; zero: nothing says
	proven  map[string]bool          // roles whose credentials got tokens
	missing map[*operation.Op]string // operations that nothing can be asked of here, and why

	proofs map[string]*operation.Proof // by code: the proof key of the request for consent that it came of
}

// NewMemory is the memory of a run that has just begun. The operations are aimed at the target.
func NewMemory(dialect *specs.Dialect, t *target.Target, ops *operation.Set) *Memory {
	return &Memory{
		Dialect: dialect, Target: t, Ops: ops,
		seen: map[string]Token{}, spent: map[string]bool{}, fields: map[string]string{}, usable: map[string]time.Time{}, proven: map[string]bool{}, missing: map[*operation.Op]string{},
		proofs: map[string]*operation.Proof{},
	}
}

// Credential is a field of a role as it is now.
func (m *Memory) Credential(role, field string) (value string, given bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if value, changed := m.fields[role+"/"+field]; changed {
		return value, true
	}
	value, given = m.Target.Credentials[role].Fields[field]
	return value, given
}

// Proven reports whether the credentials of a role, the primary one if it is empty, have got tokens in this run.
func (m *Memory) Proven(role string) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.proven[cmp.Or(role, operation.Primary)]
}

// SetField replaces a credential field of a role from now on; what the target file says comes back with the value it had.
func (m *Memory) SetField(role, field, value string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Target.Credentials[role].Fields[field] == value {
		delete(m.fields, role+"/"+field)
		return
	}
	m.fields[role+"/"+field] = value
}

// FirstSight remembers a token when it is seen for the first time, and returns it as it was then.
func (m *Memory) FirstSight(token Token) Token {
	m.mu.Lock()
	defer m.mu.Unlock()
	if known, ok := m.seen[token.Value]; ok {
		return known
	}
	m.seen[token.Value] = token
	return token
}

// Seen is a token as it was when it was seen for the first time.
func (m *Memory) Seen(value string) (Token, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	token, ok := m.seen[value]
	return token, ok
}

// Minted are the tokens seen so far, in the order they were handed out.
func (m *Memory) Minted() []Token {
	m.mu.RLock()
	defer m.mu.RUnlock()
	tokens := make([]Token, 0, len(m.seen))
	for _, token := range m.seen {
		tokens = append(tokens, token)
	}
	slices.SortFunc(tokens, func(a, b Token) int { return a.Received.Compare(b.Received) })
	return tokens
}

// Spend remembers that single-use values have been used.
func (m *Memory) Spend(values ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, value := range values {
		m.spent[value] = true
	}
}

// Live reports whether a value was handed out and, as far as the run knows, not used up.
func (m *Memory) Live(value string) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	_, known := m.seen[value]
	return known && !m.spent[value]
}

// First is the first operation of a role that the target is not known to lack, else the first of all, or nil.
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
	return m.missing[op] == ""
}

func (m *Memory) lacks(op *operation.Op, why string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.missing[op] = why
	m.habits.Lacks = append(m.habits.Lacks, why)
}

// available says why an operation cannot be called that the target lacks. As long as another of its role is there that
// costs only what stands on it; otherwise what the document promises cannot be looked at.
func (m *Memory) available(op *operation.Op) error {
	m.mu.RLock()
	why := m.missing[op]
	m.mu.RUnlock()
	switch {
	case why == "":
		return nil
	case !op.Companion:
		return notGranted("%s", why)
	case m.Has(m.First(op.Role)):
		return notGranted("the target does not take %s as companion pages of the document show it", op.Name())
	}
	return broken("the target takes none of the operations that companion pages of the document show; name its own in settings.use")
}

// Earliest is when a token that this target refuses early is sure to work; zero: nothing says when. ok is false if nothing is to be
// waited for.
func (m *Memory) Earliest(value string) (due time.Time, ok bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	due, ok = m.usable[value]
	return due, ok && m.habits.LateRefresh
}

// dueLater remembers when a grant's tokens that may be refused early are sure to work: when the access token has ended. An answer need
// not say when that is.
func (m *Memory) dueLater(grant *Grant) {
	access, ok := grant.Tokens[Access]
	if !ok {
		return
	}
	var due time.Time
	if access.Lifetime > 0 {
		due = access.Received.Add(access.Lifetime + Leeway)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, token := range grant.Tokens {
		if kind, _ := m.Dialect.Token(name); kind.EarlyRefusable { // two kinds may have one value
			m.usable[token.Value] = due
		}
	}
}
