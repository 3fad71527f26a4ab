package operation

import (
	"crypto/rand"

	"gonogo/specs"
)

// NewAccount makes up the fields of an account that nobody has: a name, and secrets that satisfy the usual rules for
// a password (length, both cases, a digit, a sign).
func NewAccount(role specs.Credential) map[string]string {
	fields := map[string]string{}
	for i, field := range role.Fields {
		if i == 0 {
			fields[field] = "gonogo-" + Unique()
			continue
		}
		fields[field] = "Gq7-" + rand.Text()[:16] + "-k"
	}
	return fields
}
