package scene

import (
	"slices"
	"time"

	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// Names of the token kinds that roles of operations imply. They are the standard's own words (RFC 6749
// section 1.4, 1.5, 1.3.1), and a document's names for its kinds.
const (
	Access  = "access"
	Refresh = "refresh"
)

// Second is the role of another client or account.
const Second = "second"

// Listed is the role of an account with a list of addresses, the harness's own among them.
const Listed = "listed"

// Token is a value the target handed out, with when it did, by the target's clock.
type Token struct {
	Kind     specs.TokenKind
	Value    string
	Role     string    // who acted when it was minted
	Sent     time.Time // of the request whose answer first carried it
	Received time.Time
	Lifetime time.Duration // from then on; zero: nobody says
}

// Grant is what an issuing operation answered: the tokens by kind.
type Grant struct {
	Role   string
	Reply  *Reply
	Tokens map[string]Token
}

// Value is a token's text, empty if the grant has none of the kind.
func (g *Grant) Value(kind string) string { return g.Tokens[kind].Value }

// Held are the grant's tokens as arguments of a request.
func (g *Grant) Held() map[string]string {
	held := map[string]string{}
	for kind, token := range g.Tokens {
		held[kind] = token.Value
	}
	return held
}

// Collect takes the tokens out of an answer.
func (a *Act) Collect(role string, reply *Reply) *Grant {
	sent, received := a.window(reply.Exchange.Sent, reply.Received)
	grant := &Grant{Role: role, Reply: reply, Tokens: map[string]Token{}}
	for _, kind := range a.Dialect.Tokens {
		if value := reply.Tokens[kind.Name]; value != "" {
			grant.Tokens[kind.Name] = a.firstSight(Token{
				Kind: kind, Value: value, Role: role, Sent: sent, Received: received, Lifetime: a.lifetime(kind, reply),
			})
		}
	}
	a.unripe(grant)
	return grant
}

// firstSight remembers a token when it is seen for the first time: a target may hand out a live one again,
// and its life did not begin anew.
func (a *Act) firstSight(token Token) Token {
	a.mu.Lock()
	defer a.mu.Unlock()
	if known, ok := a.seen[token.Value]; ok {
		return known
	}
	a.seen[token.Value] = token
	return token
}

// firstSeen is a token as it was when it was seen for the first time.
func (m *Memory) firstSeen(value string) (Token, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	token, ok := m.seen[value]
	return token, ok
}

// lifetime is how long a token lives: what the target file expects, else the documented number, shortened to
// what the answer announces. A target that hands out cached tokens announces less.
func (a *Act) lifetime(kind specs.TokenKind, reply *Reply) time.Duration {
	lifetime := a.Expected(kind)
	if announced, _, ok := reply.Lifetime(kind); ok && announced > 0 && (lifetime == 0 || announced < lifetime) {
		slack := max(kind.Lifetime.Unit.Step(), 2*time.Second)
		if lifetime == 0 || lifetime-announced > slack { // one unit less is truncation
			return announced
		}
	}
	return lifetime
}

// Expected is a token kind's documented lifetime, or the deviation that the target file declares.
func (s *Subject) Expected(kind specs.TokenKind) time.Duration {
	if s.Target != nil {
		if declared, ok := s.Target.Lifetime(kind.Name); ok {
			return declared
		}
	}
	return kind.Lifetime.Documented
}

// Grant gets tokens for a role in the document's first way: an issuing operation, else the user's consent. A
// grant is what other checks stand on, so failing to get one stops the case instead of failing it.
func (a *Act) Grant(role string) (*Grant, error) {
	if op := a.First(specs.RoleIssue); op != nil {
		return a.issue(op, role)
	}
	return a.GrantByCode(role)
}

func (a *Act) issue(op *operation.Op, role string) (*Grant, error) {
	reply, err := a.Call(op, operation.Args{Role: role}, "to get tokens")
	if err != nil {
		return nil, err
	}
	if !reply.Succeeded() || reply.Tokens[Access] == "" {
		return nil, engine.CouldNotRun("no tokens could be had to check with: %s was answered %s%s", reply.Op.Name(), reply.Got(), suspect(reply, role))
	}
	return a.Collect(role, reply), nil
}

// suspect points at the target file when credentials that nobody has seen work are refused. The primary ones
// have been seen to, by the probe.
func suspect(reply *Reply, role string) string {
	if !reply.Refused() || role == "" || role == operation.Primary {
		return ""
	}
	return "; check credentials." + role + " in the target file"
}

// CanAct makes sure that a role's credentials work where the document has a way to see it: what is refused for a
// wrong secret shows nothing about what the client may do.
func (a *Act) CanAct(role string) error {
	if a.First(specs.RoleIssue) == nil {
		return nil
	}
	_, err := a.Grant(role)
	return err
}

// FreshGrant is a grant whose tokens were minted just now, also from a target that caches them.
func (a *Act) FreshGrant(role string) (*Grant, error) {
	grant, err := a.Grant(role)
	if err != nil || !a.CachesTokens() || a.First(specs.RoleRefresh) == nil {
		return grant, err
	}
	reply, err := a.Refresh(grant)
	if err != nil {
		return nil, err
	}
	if !reply.Succeeded() || reply.Tokens[Access] == "" {
		return nil, engine.CouldNotRun("the target caches tokens, and no fresh ones could be had: %s", reply.Got())
	}
	return a.Collect(role, reply), nil
}

// Refresh spends a grant's refresh token.
func (a *Act) Refresh(grant *Grant) (*Reply, error) {
	return a.RefreshWith(grant.Role, grant.Value(Refresh), "with a live refresh token")
}

// RefreshWith calls the refresh operation with any value.
func (a *Act) RefreshWith(role, value, doing string) (*Reply, error) {
	op := a.First(specs.RoleRefresh)
	if op == nil {
		return nil, engine.NotApplicable("the document has no refresh operation")
	}
	if value == "" {
		return nil, engine.CouldNotRun("the grant carries no refresh token")
	}
	if err := a.Ripen(value); err != nil {
		return nil, err
	}
	reply, err := a.Call(op, operation.Args{Role: role, Tokens: map[string]string{Refresh: value}}, doing)
	if err == nil && reply.Succeeded() {
		a.Spend(value)
	}
	return reply, err
}

// Use calls an operation that a token authorizes.
func (a *Act) Use(op *operation.Op, access, doing string) (*Reply, error) {
	return a.Call(op, operation.Args{Tokens: map[string]string{Access: access}}, doing)
}

// Spend remembers that a single-use value has been used.
func (a *Act) Spend(value string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.spent[value] = true
}

// CachesTokens reports what the probe saw: a second issue hands out the same live token.
func (m *Memory) CachesTokens() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.facts.cachesTokens
}

// SetField replaces a credential field of a role from now on; what the target file says comes back with the
// value it had.
func (m *Memory) SetField(role, field, value string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fields == nil {
		m.fields = map[string]string{}
	}
	if m.Target.Credentials[role].Fields[field] == value {
		delete(m.fields, role+"/"+field)
		return
	}
	m.fields[role+"/"+field] = value
}

// Proofs are the secrets that the roles prove themselves with, now and by the target file: what no answer may
// give away. A name or an address beside them is no secret.
func (m *Memory) Proofs() []string {
	var proofs []string
	for _, credential := range m.Dialect.Credentials {
		if len(credential.Fields) < 2 {
			continue
		}
		field := credential.Fields[1]
		for _, value := range []string{m.Target.Credentials[credential.Role].Fields[field], m.Credential(credential.Role, field)} {
			if value != "" && !slices.Contains(proofs, value) {
				proofs = append(proofs, value)
			}
		}
	}
	return proofs
}

// Credential is a field of a role as it is now.
func (m *Memory) Credential(role, field string) string {
	value, _ := m.credential(role, field)
	return value
}

func (m *Memory) credential(role, field string) (string, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if value, changed := m.fields[role+"/"+field]; changed {
		return value, true
	}
	value, given := m.Target.Credentials[role].Fields[field]
	return value, given
}
