package scene

import (
	"crypto/rand"

	"gonogo/internal/operation"
)

// Verifier makes the verifier of a proof key (RFC 7636 section 4.1), of any length: what nobody has used, and nobody may see.
func (t *Trial) Verifier(length int) string {
	var text string
	for len(text) < length {
		text += rand.Text()
	}
	t.HideProof(&operation.Proof{Verifier: text[:length]})
	return text[:length]
}
