package scene

import (
	"cmp"
	"slices"

	"gonogo/internal/operation"
	"gonogo/suites/engine"
)

// What one case does to an account must not be blamed on what another found there. Whatever may end an account's
// sessions has it alone, after the cases that only use it, and what may lock it comes last of all.

// FailsLogins says that a case presents wrong credentials of some roles, so many times in all.
func FailsLogins(c *engine.Case, times int, roles ...string) {
	c.FailedLogins += times
	alone(c, engine.Last, roles)
	c.Claims = append(c.Claims, engine.Takes("clock")) // which is moved where a target throttles wrong credentials
}

// EndsSessions says that a case does what may end sessions of some roles: a refresh token that comes a second time may
// end all that its account has.
func EndsSessions(c *engine.Case, roles ...string) { alone(c, engine.Exclusive, roles) }

func alone(c *engine.Case, phase engine.Phase, roles []string) {
	if c.Phase < engine.Timeline {
		c.Phase = max(c.Phase, phase)
	}
	for _, role := range roles {
		name := "account:" + cmp.Or(role, operation.Primary)
		c.Claims = slices.DeleteFunc(c.Claims, func(claim engine.Claim) bool { return claim.Name == name })
		c.Claims = append(c.Claims, engine.Takes(name))
	}
}
