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

// Listed is the role of an account with a list of addresses, the harness's own among them.
const Listed = "listed"

// Grant gets tokens for a role in the document's first way: an issuing operation, else the user's consent. A
// grant is what other checks stand on, so failing to get one stops the case instead of failing it.
func (a *Act) Grant(role string) *client.Grant {
	if a.First(specs.RoleIssue) != nil {
		return must(a.Issue(a.ctx, role))
	}
	return a.GrantByCode(role)
}

// CanAct makes sure that a role's credentials work where the document has a way to see it: what is refused for a
// wrong secret shows nothing about what the client may do.
func (a *Act) CanAct(role string) {
	if a.First(specs.RoleIssue) != nil {
		a.Grant(role)
	}
}

// FreshGrant is a grant whose tokens were minted just now, also from a target that caches them.
func (a *Act) FreshGrant(role string) *client.Grant {
	grant := a.Grant(role)
	if !a.CachesTokens() || a.First(specs.RoleRefresh) == nil {
		return grant
	}
	reply := a.Refresh(grant)
	if !reply.Succeeded() || reply.Tokens[client.Access] == "" {
		a.CouldNotRun("the target caches tokens, and no fresh ones could be had: %s", reply.Got())
	}
	return a.Collect(role, reply)
}

// Refresh spends a grant's refresh token.
func (a *Act) Refresh(grant *client.Grant) *client.Reply {
	return a.RefreshWith(grant.Role, grant.Value(client.Refresh), "with a live refresh token")
}

// Renewed are the tokens that a refresh gives for a grant's. Without them the case ends.
func (a *Act) Renewed(grant *client.Grant) *client.Grant {
	a.Ripen(grant.Value(client.Refresh))
	return must(a.Renew(a.ctx, grant, "with a live refresh token"))
}

// RefreshWith calls the refresh operation with any value.
func (a *Act) RefreshWith(role, value, doing string) *client.Reply {
	a.Ripen(value)
	return must(a.Client.Refresh(a.ctx, role, value, doing))
}

// Ripen waits until a token may be used, at a target that refuses it before: a document can say of a refresh token that
// it is for when the access token has ended.
func (a *Act) Ripen(value string) {
	due, waits := a.Earliest(value)
	if !waits || !a.Now().Before(due) {
		return
	}
	if a.Case.Phase != engine.Timeline {
		a.NotExercised("the target refuses a refresh token while its access token lives, and this case does not wait")
	}
	a.Wait(due)
}

// Use calls an operation that a token authorizes.
func (a *Act) Use(op *operation.Op, access, doing string) *client.Reply {
	return must(a.Client.Use(a.ctx, op, access, doing))
}

// Revoke ends the session of a grant.
func (a *Act) Revoke(op *operation.Op, grant *client.Grant) *client.Reply {
	return must(a.Client.Revoke(a.ctx, op, grant))
}

// CachesTokens reports what the probe saw: a second issue hands out the same live token.
func (a *Act) CachesTokens() bool { return a.Habits().Repeats() }

// Proofs are the secrets that the roles prove themselves with, now and by the target file: what no answer may
// give away. A name or an address beside them is no secret.
func (a *Act) Proofs() []string {
	var proofs []string
	for _, credential := range a.Dialect.Credentials {
		if len(credential.Fields) < 2 {
			continue
		}
		field := credential.Fields[1]
		for _, value := range []string{a.Target.Credentials[credential.Role].Fields[field], a.Credential(credential.Role, field)} {
			if value != "" && !slices.Contains(proofs, value) {
				proofs = append(proofs, value)
			}
		}
	}
	return proofs
}

// WrongSecret is a value that a role's secret does not have. It stops the case when the user's budget of requests with
// wrong credentials is used up.
func (a *Act) WrongSecret(role, field string) string {
	a.FailedLogin()
	wrong := Unknown(a.Credential(role, field))
	a.Secret("wrong "+field, wrong)
	return wrong
}

// RotateSecret has the operator make a new secret for a role, and acts with it from now on.
func (a *Act) RotateSecret(role, field string) {
	a.Stop(a.Client.RotateSecret(a.ctx, role, field))
}

// RestoreSecret puts a role's secret back as the target file has it, where the operator can. It is done even
// after an interrupt: the next run needs it.
func (a *Act) RestoreSecret(role string) {
	a.Client.RestoreSecret(context.WithoutCancel(a.ctx), role)
}
