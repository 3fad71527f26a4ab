package scene

import (
	"context"
	"slices"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// Second is the role of another client or account.
const Second = "second"

// Public is the role of a client without a secret.
const Public = "public"

// Listed is the role of an account with a list of addresses, the harness's own among them.
const Listed = "listed"

// Grant gets tokens for a role in the document's first way: an issuing operation, else the user's consent. A
// grant is what other checks stand on, so failing to get one stops the case instead of failing it.
func (t *Trial) Grant(role string) *client.Grant {
	if t.First(specs.RoleIssue) != nil {
		grant, err := t.Issue(t.ctx, role)
		return t.granted(grant, err, role, "")
	}
	return t.GrantByCode(role)
}

// ByConsent reports whether tokens of a kind come of a user's consent alone.
func (s *Subject) ByConsent(kind string) bool {
	sources := s.Ops.Sources(kind)
	return len(sources) > 0 && !slices.ContainsFunc(sources, func(op *operation.Op) bool { return op.Role == specs.RoleIssue })
}

// GrantOf gets tokens for a role in the first way that hands out those of a kind.
func (t *Trial) GrantOf(kind, role string) *client.Grant {
	if !t.ByConsent(kind) {
		return t.Grant(role)
	}
	grant := t.GrantByCode(role)
	t.mustHave(kind, grant)
	return grant
}

// mustHave ends the case where a grant has no token of a kind that its answer need not carry.
func (t *Trial) mustHave(kind string, grant *client.Grant) {
	if token, _ := t.Dialect.Token(kind); grant.Value(kind) == "" && !grant.Reply.Op.Promises(token.At) {
		t.NotApplicable("the target hands out no %s token, and need not", kind)
	}
}

// Spendable is the refresh token of a grant. Where the target need not hand out one the case ends without it.
func (t *Trial) Spendable(grant *client.Grant) string {
	t.mustHave(client.Refresh, grant)
	return grant.Value(client.Refresh)
}

// Renewable gets tokens for a role that can be refreshed.
func (t *Trial) Renewable(role string) *client.Grant { return t.GrantOf(client.Refresh, role) }

// CanAct makes sure that a role's credentials work where the document has a way to see it: what is refused for a
// wrong secret shows nothing about what the client may do.
func (t *Trial) CanAct(role string) {
	if t.First(specs.RoleIssue) != nil {
		t.Grant(role)
	}
}

// FreshGrant is a grant whose tokens were minted just now, also from a target that caches them.
func (t *Trial) FreshGrant(role string) *client.Grant { return t.FreshGrantOf(client.Access, role) }

// FreshGrantOf is FreshGrant in the first way that hands out tokens of a kind.
func (t *Trial) FreshGrantOf(kind, role string) *client.Grant {
	grant := t.GrantOf(kind, role)
	if !t.CachesTokens() || t.First(specs.RoleRefresh) == nil || t.ByConsent(client.Refresh) {
		return grant
	}
	reply := t.Refresh(grant)
	if !reply.Succeeded() || reply.Tokens[client.Access] == "" {
		t.CouldNotRun("the target caches tokens, and no fresh ones could be had: %s", reply.Got())
	}
	return t.Collect(role, reply)
}

// Refresh spends a grant's refresh token.
func (t *Trial) Refresh(grant *client.Grant) *client.Reply {
	return t.RefreshWith(grant.Role, grant.Value(client.Refresh), "with a live refresh token")
}

// Renewed are the tokens that a refresh gives for a grant's. Without them the case ends.
func (t *Trial) Renewed(grant *client.Grant) *client.Grant {
	spent := t.Spendable(grant)
	t.AwaitEarliest(spent)
	next, err := t.Renew(t.ctx, grant, "with a live refresh token")
	return t.granted(next, err, grant.Role, spent)
}

// RefreshWith calls the refresh operation with any value.
func (t *Trial) RefreshWith(role, value, doing string) *client.Reply {
	t.AwaitEarliest(value)
	return must(t.Client.Refresh(t.ctx, role, value, doing))
}

// AwaitEarliest waits until a token may be used, at a target that refuses it before: a document can say of a refresh token that
// it is for when the access token has ended.
func (t *Trial) AwaitEarliest(value string) {
	due, waits := t.Earliest(value)
	if waits && due.IsZero() {
		t.NotExercised("the target refuses a refresh token while its access token lives, and its answer does not say how long that is")
	}
	if !waits || !t.Now().Before(due) {
		return
	}
	if t.Case.Phase != engine.Timeline {
		t.NotExercised("the target refuses a refresh token while its access token lives, and this case does not wait")
	}
	t.Wait(due)
}

// Use calls an operation that a token authorizes.
func (t *Trial) Use(op *operation.Op, access, doing string) *client.Reply {
	return must(t.Client.Use(t.ctx, op, access, doing))
}

// Revoke ends the session of a grant.
func (t *Trial) Revoke(op *operation.Op, grant *client.Grant) *client.Reply {
	return must(t.Client.Revoke(t.ctx, op, grant))
}

// CachesTokens reports what the probe saw: a second issue hands out the same live token.
func (t *Trial) CachesTokens() bool { return t.Habits().Repeats() }

// Proofs are the secrets that the roles prove themselves with, now and by the target file: what no answer may
// give away. A name or an address beside them is no secret.
func (t *Trial) Proofs() []string {
	var proofs []string
	for _, credential := range t.Dialect.Credentials {
		if len(credential.Fields) < 2 {
			continue
		}
		field := credential.Fields[1]
		if !t.Target.Proves(credential.Role, field) { // a client without a secret has its redirect URI there
			continue
		}
		for _, value := range []string{t.Target.Credentials[credential.Role].Fields[field], t.Credential(credential.Role, field)} {
			if value != "" && !slices.Contains(proofs, value) {
				proofs = append(proofs, value)
			}
		}
	}
	return proofs
}

// WrongSecret is a value that a role's secret does not have. It stops the case when the user's budget of requests with
// wrong credentials is used up.
func (t *Trial) WrongSecret(role, field string) string {
	t.FailedLogin()
	wrong := Unknown(t.Credential(role, field))
	t.Secret("wrong "+field, wrong)
	return wrong
}

// RotateSecret has the operator make a new secret for a role, and acts with it from now on.
func (t *Trial) RotateSecret(role, field string) {
	t.Stop(t.Client.RotateSecret(t.ctx, role, field))
}

// RestoreSecret puts a role's secret back as the target file has it, where the operator can. It is done even
// after an interrupt: the next run needs it.
func (t *Trial) RestoreSecret(role string) {
	t.Client.RestoreSecret(context.WithoutCancel(t.ctx), role)
}
